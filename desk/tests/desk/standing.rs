//! Whether a local password is closed, and whom its owner is told to ask: by role, and whether
//! there is anybody.

use desk::{
    Denied, Helper, ImportUser, NetId, PasswordChange, Refusal, Role, Standing, Visitor, right,
};

use super::support::{World, origin, privileged, role, secret, world};

/// Closes a local password by guessing.
async fn closes(world: &World, netid: &str) -> Visitor {
    let visitor = world.person(netid).await;
    for _ in 0..100 {
        world.clock.advance(10);
        let guess = secret("a guess of a thief");
        world
            .authorise::<right::ManageOwnTokens>(&visitor, None, Some(&guess), &origin())
            .await
            .unwrap_err();
    }
    world.person(netid).await
}

async fn makes(world: &World, netid: &str, to: Role, from: Role) {
    let permit = world.console().permit::<right::SetRole>(netid).await.unwrap();
    world.change_account(&role(&permit, from, to)).await.unwrap();
}

async fn tries(world: &World, visitor: &Visitor, password: &str) -> Refusal {
    let password = Some(secret(password)).filter(|password| !password.is_empty());
    world
        .authorise::<right::ManageOwnTokens>(visitor, None, password.as_ref(), &origin())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn whose_is_closed_is_told_whom_to_ask_before_typing_and_after() {
    let world = world().await;
    for (netid, ask) in [
        ("tia", Helper::HelpDesk),
        ("rae", Helper::HelpDesk),
        ("helen", Helper::Administrator),
        ("ada", Helper::Operator),
    ] {
        let open = world.standing(&world.person(netid).await).await.unwrap();
        assert!(!open.closed, "{netid}");
        let visitor = closes(&world, netid).await;
        assert_eq!(
            world.standing(&visitor).await.unwrap(),
            Standing { closed: true, ask },
            "{netid}"
        );
        // Where no password helps, none is asked for.
        let closed = Refusal::AccountClosed(ask);
        for typed in ["", "a guess of a thief"] {
            assert_eq!(tries(&world, &visitor, typed).await, closed, "{netid}");
            let change = PasswordChange { current: secret(typed), ..PasswordChange::default() };
            assert_eq!(
                world.change_own_password(&visitor, &change, &origin()).await.map(|_| ()),
                Err(closed.clone()),
                "{netid}"
            );
        }
    }
}

#[tokio::test]
async fn an_administrator_asks_another_who_can_or_else_whoever_runs_the_server() {
    let world = world().await;
    // Without a local password of her own nobody opens or sets another's.
    makes(&world, "sam", Role::Admin, Role::Staff).await;
    let ada = closes(&world, "ada").await;
    let ask = async || world.standing(&ada).await.unwrap().ask;
    assert_eq!(ask().await, Helper::Operator);
    let sam = world.person("sam").await;
    let without = |ask| Refusal::NotAllowed(Denied::FirstPasswordBySomeoneElse(ask));
    assert_eq!(
        world.standing(&sam).await.unwrap(),
        Standing { closed: false, ask: Helper::AnotherAdministrator }
    );
    assert_eq!(tries(&world, &sam, "").await, without(Helper::AnotherAdministrator));
    // One with a local password of her own can, as long as she may have it.
    makes(&world, "tia", Role::Admin, Role::Staff).await;
    assert_eq!(ask().await, Helper::AnotherAdministrator);
    let permit = world.console().permit::<right::SetPrivileged>("tia").await.unwrap();
    world.change_account(&privileged(&permit, false)).await.unwrap();
    assert_eq!(ask().await, Helper::Operator);
    makes(&world, "ada", Role::Staff, Role::Admin).await;
    assert_eq!(tries(&world, &sam, "").await, without(Helper::Operator));
}

#[tokio::test]
async fn whoever_finds_people_sees_whose_is_closed() {
    let world = world().await;
    closes(&world, "tia").await;
    for netid in ["rae", "helen"] {
        let permit = world.permit::<right::FindUsers>(netid, None).await.unwrap();
        for (query, closed) in [("tia", true), ("sam", false)] {
            let rows = world.find_users(&permit, query).await.unwrap();
            assert_eq!(
                rows.iter().map(|row| row.closed).collect::<Vec<_>>(),
                [closed],
                "{netid} {query}"
            );
        }
    }
    let listed = world.console().list_users("", 100).await.unwrap();
    assert_eq!(
        listed.iter().filter(|row| row.closed).map(|row| row.netid.as_str()).collect::<Vec<_>>(),
        ["tia"]
    );
}

#[tokio::test]
async fn who_has_no_password_here_logs_in_by_the_campus_alone_and_a_guarded_account_not_by_that() {
    let world = world().await;
    let user = |netid: &str, role: Role| ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: Some("Somebody New".to_owned()),
        email: None,
        role: Some(role),
        privileged: Some(true),
        disabled: None,
        password: None,
    };
    let new = [user("nora", Role::Staff), user("hugo", Role::HelpDesk)];
    world.console().import_users(&new).await.unwrap();
    for (netid, alone, vouched) in
        [("sam", true, true), ("helen", true, true), ("nora", false, true), ("hugo", false, false)]
    {
        let permit = world.console().permit::<right::FindUsers>(netid).await.unwrap();
        let can = [false, true].map(|vouched| world.can_log_in(&permit, vouched));
        assert_eq!(can, [alone, vouched], "{netid}");
    }
}
