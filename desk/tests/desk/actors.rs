//! Who is named in the audit: whoever has proved who they are; for what the operator does or tries,
//! the operator; nobody where somebody only says who they are.

use desk::{Actor, AuditQuery, AuditRow, LocalState, NetId, PasswordChange, Refusal, right};

use super::support::{World, origin, secret, world};

const NEW: &str = "seven otters cross the weir";

async fn found(world: &World, query: AuditQuery) -> Vec<AuditRow> {
    world.console().audit(&query).await.unwrap().rows
}

async fn by(world: &World, actor: &str) -> Vec<AuditRow> {
    found(world, AuditQuery { actor: actor.to_owned(), ..AuditQuery::default() }).await
}

fn person(netid: &str) -> Actor {
    Actor::Person(NetId::parse(netid).unwrap())
}

/// Tries to make a token with a wrong local password.
async fn guess(world: &World, netid: &str) -> Refusal {
    let visitor = world.person(netid).await;
    let wrong = secret("a wrong local password");
    world
        .authorise::<right::ManageOwnTokens>(&visitor, None, Some(&wrong), &origin())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_wrong_local_password_in_a_session_is_by_whose_session_it_is() {
    let world = world().await;
    assert_eq!(guess(&world, "tia").await, Refusal::OwnPasswordIncorrect);
    let rae = world.person("rae").await;
    let change = PasswordChange {
        current: secret("a wrong local password"),
        new: secret(NEW),
        retype: secret(NEW),
    };
    assert_eq!(
        world.change_own_password(&rae, &change, &origin()).await.unwrap_err(),
        Refusal::CurrentPasswordIncorrect
    );
    let helen = world.person("helen").await;
    let wrong = secret("a wrong local password");
    let tried = world
        .authorise::<right::SetLocalPassword>(&helen, Some("sam"), Some(&wrong), &origin())
        .await;
    assert_eq!(tried.unwrap_err(), Refusal::OwnPasswordIncorrect);
    for netid in ["tia", "rae", "helen"] {
        let rows = by(&world, netid).await;
        let row = rows.iter().find(|row| row.action.code() == "password.check").unwrap();
        assert_eq!(
            (&row.actor, row.subject.as_str(), row.outcome.code()),
            (&person(netid), netid, "refused")
        );
        assert_eq!(
            (row.address.as_str(), row.agent.as_str()),
            ("192.0.2.7", "a test's browser"),
            "{netid}"
        );
    }
}

#[tokio::test]
async fn whoever_closes_a_local_password_in_their_session_is_named() {
    let world = world().await;
    while !matches!(guess(&world, "tia").await, Refusal::AccountClosed(_)) {
        world.clock.advance(10);
    }
    let rows = by(&world, "tia").await;
    let closed = rows.iter().find(|row| row.action.code() == "password.closed").unwrap();
    assert_eq!((&closed.actor, closed.subject.as_str()), (&person("tia"), "tia"));
}

#[tokio::test]
async fn a_wrong_netid_password_is_nobodys() {
    let world = world().await;
    for netid in ["tia", "nobody-here"] {
        assert!(world.log_in(netid, &secret("wrong"), &origin()).await.is_err());
    }
    let query = AuditQuery { outcome: "refused".to_owned(), ..AuditQuery::default() };
    let rows = found(&world, query).await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.actor == Actor::Nobody), "{rows:?}");
}

#[tokio::test]
async fn in_somebodys_name_the_operator_is_named_until_the_password_is_right() {
    let world = world().await;
    let last = async || found(&world, AuditQuery::default()).await.remove(0);
    let with = async |who: &str, password: &str| {
        let tried = world
            .console()
            .permit_as::<right::SetRole>(who, &secret(password), Some("sam"), &origin())
            .await;
        tried.unwrap_err()
    };
    assert_eq!(with("helen", "wrong").await, Refusal::OwnPasswordIncorrect);
    let row = last().await;
    assert_eq!(
        (row.actor, row.subject.as_str(), row.action.code()),
        (Actor::Console, "helen", "password.check")
    );
    assert!(matches!(with("helen", "helen-local-password").await, Refusal::NotAllowed(_)));
    let row = last().await;
    assert_eq!(
        (row.actor, row.subject.as_str(), row.action.code()),
        (person("helen"), "sam", "user.role")
    );
    // Who has no local password proves nothing by one.
    assert!(matches!(with("sam", "anything").await, Refusal::NotAllowed(_)));
    assert_eq!(last().await.actor, Actor::Console);
}

#[tokio::test]
async fn an_own_local_password_that_the_operator_sets_is_told_as_one() {
    let world = world().await;
    for (netid, code) in [("sam", "password.first"), ("tia", "password.change")] {
        let permit = world.console().permit::<right::SetLocalPassword>(netid).await.unwrap();
        world
            .console()
            .set_local_password(&permit, &secret(NEW), &secret(NEW), true)
            .await
            .unwrap();
        assert_eq!(world.person(netid).await.me().local.state, LocalState::Own);
        let rows = by(&world, "(console)").await;
        let row = &rows[0];
        assert_eq!(
            (row.action.code(), row.subject.as_str(), row.detail.as_str()),
            (code, netid, "as their own, at the console")
        );
    }
    let permit = world.console().permit::<right::SetLocalPassword>("rae").await.unwrap();
    world.console().set_local_password(&permit, &secret(NEW), &secret(NEW), false).await.unwrap();
    let row = by(&world, "(console)").await.remove(0);
    assert_eq!(
        (row.action.code(), row.subject.as_str(), row.detail.as_str()),
        ("password.set", "rae", "")
    );
}
