//! Who leaves, and who comes back.

use std::sync::Arc;

use desk::{
    Denied, Desk, Expires, ExternalIdentity, GroupRules, LeaverLimit, LoginContext, NetId,
    NewToken, Refusal, Role, Settings, Source, right,
};
use futures::StreamExt as _;

use super::{
    List, Set, active, administer, log_in, own_permit, page, person, rows, sync, token, works,
    world, world_with,
};
use crate::support::{empty_world, new_token, origin, secret};

#[tokio::test]
async fn whoever_left_is_out_and_nothing_comes_back_but_themselves() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let token = token(&world, "pia").await;
    let (session, _) = world.log_in("pia", &secret("pia's password"), &origin()).await.unwrap();
    assert!(works(&world, &token).await);
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().departed, 1);
    assert!(!works(&world, &token).await);
    assert_eq!(world.look(&session).await.unwrap_err(), Refusal::SessionEnded);
    assert_eq!(
        rows(&world, "pia").await[0],
        "(ldap) user.left done disabled, staff again, tokens revoked, sessions ended"
    );
    assert!(page(&world, "pia").await.departed_at.is_some());
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect));

    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().returned, 1);
    log_in(&world, "pia").await.unwrap();
    let pia = page(&world, "pia").await;
    assert_eq!((pia.user.disabled, pia.departed_at, pia.local.set_at), (false, None, None));
    assert!(!works(&world, &token).await, "what was revoked stays so");

    let permit = world.console().permit::<right::SetDisabled>("pia").await.unwrap();
    assert_eq!(world.restore_tokens(&permit).await, Ok(1));
    assert!(works(&world, &token).await, "unless an administrator says otherwise");
    assert_eq!(world.restore_tokens(&permit).await, Ok(0));
}

/// However many somebody made and ended, to make their own departure take long.
#[tokio::test]
async fn what_ended_long_before_is_left_alone_when_its_owner_leaves() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let permit = own_permit(&world, "pia").await;
    for (description, days) in [("ended", 1), ("ended lately", 3), ("works", 90)] {
        let expires = Expires::At(world.now().plus_days(days));
        let new = NewToken { expires, ..new_token(description) };
        world.create_token(&permit, new).await.unwrap();
    }
    world.clock.advance(3 * 86_400 + 3600);
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().departed, 1);
    let tokens = page(&world, "pia").await.tokens.unwrap();
    let mut revoked: Vec<(&str, bool)> =
        tokens.iter().map(|token| (token.description.as_str(), token.revoked.is_some())).collect();
    revoked.sort_unstable();
    assert_eq!(revoked, [("ended", false), ("ended lately", true), ("works", true)]);
}

#[tokio::test]
async fn tokens_are_not_restored_for_who_may_have_none() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let old = token(&world, "pia").await;
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    let permit = world.console().permit::<right::SetDisabled>("pia").await.unwrap();
    assert_eq!(world.restore_tokens(&permit).await, Err(Denied::SubjectDisabled.into()));
    administer(&world, "pia", Set::Disabled(false)).await;
    administer(&world, "pia", Set::Privileged(false)).await;
    let permit = world.console().permit::<right::SetDisabled>("pia").await.unwrap();
    assert_eq!(world.restore_tokens(&permit).await, Err(Denied::SubjectNotPrivileged.into()));
    assert!(!works(&world, &old).await);
}

#[tokio::test]
async fn only_who_says_that_somebody_left_can_have_them_back() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let pia = NetId::parse("pia").unwrap();
    world.source(desk::source::Scim).push(&pia, &active(false), &origin()).await.unwrap();
    // The directory still has them, and single sign-on too.
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect));
    let vouched = world
        .log_in_vouched(&person("pia", &[]), Source::Oidc, &LoginContext::default(), &origin())
        .await;
    assert_eq!(vouched.unwrap_err(), Denied::ActorDisabled.into());
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().returned, 0);
    assert!(page(&world, "pia").await.user.disabled);
    world.source(desk::source::Scim).push(&pia, &active(true), &origin()).await.unwrap();
    log_in(&world, "pia").await.unwrap();
    // And the other way about.
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().departed, 1);
    world.source(desk::source::Scim).push(&pia, &active(true), &origin()).await.unwrap();
    assert!(
        world
            .log_in_vouched(&person("pia", &[]), Source::Oidc, &LoginContext::default(), &origin())
            .await
            .is_err()
    );
    // Both say so, and one of them takes it back: the other's word holds.
    world.source(desk::source::Scim).push(&pia, &active(false), &origin()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect));
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert!(page(&world, "pia").await.user.disabled);
    world.source(desk::source::Scim).push(&pia, &active(true), &origin()).await.unwrap();
    assert!(!page(&world, "pia").await.user.disabled);
}

#[tokio::test]
async fn whoever_leaves_is_nobody_in_particular_and_whom_an_administrator_keeps_is_kept() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    administer(&world, "pia", Set::Role(Role::Admin)).await;
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!(
        page(&world, "pia").await.user.role,
        Role::Staff,
        "the next one of that NetID is not an administrator"
    );
    administer(&world, "pia", Set::Disabled(false)).await;
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().departed, 0);
    assert!(!page(&world, "pia").await.user.disabled);
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_not_done_where_no_group_is_said_at_all() {
    let (world, list) =
        world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    log_in(&world, "nora").await.unwrap();
    let token = token(&world, "nora").await;
    list.set(&[person("nora", &[])]);
    log_in(&world, "nora").await.unwrap();
    assert!(!works(&world, &token).await && !page(&world, "nora").await.user.privileged);
    list.set(&[person("nora", &["desk"])]);
    log_in(&world, "nora").await.unwrap();
    assert!(works(&world, &token).await, "it was an outage");
    for groups in [&[][..], &["others"]] {
        list.set(&[person("nora", groups)]);
        log_in(&world, "nora").await.unwrap();
    }
    list.set(&[person("nora", &["desk"])]);
    log_in(&world, "nora").await.unwrap();
    assert!(!works(&world, &token).await, "it was a decision, whatever was said before it");
}

#[tokio::test]
async fn what_a_log_in_has_spared_is_the_synchronisations_to_take_and_its_guards_to_keep() {
    let (world, list) =
        world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    let everybody = |groups: &[&str]| ["nora", "otto", "pia"].map(|netid| person(netid, groups));
    list.set(&everybody(&["desk"]));
    sync(&world, LeaverLimit::default()).await.unwrap();
    let token = token(&world, "nora").await;
    // An outage of the groups: a log-in during it, then a synchronisation.
    list.set(&everybody(&[]));
    log_in(&world, "nora").await.unwrap();
    assert!(!works(&world, &token).await);
    for most in [LeaverLimit::default(), LeaverLimit::People(3)] {
        assert!(sync(&world, most).await.is_err(), "everybody would lose their tokens");
    }
    list.set(&everybody(&["desk"]));
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert!(works(&world, &token).await, "nothing was revoked");
    // Of nora alone it is believed.
    list.set(&[person("nora", &[]), person("otto", &["desk"]), person("pia", &["desk"])]);
    log_in(&world, "nora").await.unwrap();
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().deprived, 1);
    assert_eq!(rows(&world, "nora").await[0], "(ldap) user.privileged done no: tokens revoked");
    list.set(&everybody(&["desk"]));
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert!(!works(&world, &token).await);
}

#[tokio::test]
async fn where_a_synchronisation_looks_into_it_a_log_in_revokes_nothing() {
    let list = Arc::new(List::default());
    list.set(&[
        person("nora", &["desk", "others"]),
        person("otto", &["desk"]),
        person("pia", &["desk"]),
    ]);
    let world = empty_world(Some(list.clone()), |settings| {
        settings.groups =
            GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() };
        settings.directory_synchronises = true;
    })
    .await;
    world.console().load_demo().await.unwrap();
    sync(&world, LeaverLimit::default()).await.unwrap();
    let token = token(&world, "nora").await;
    // The group was renamed: synchronising would say so.
    list.set(&[person("nora", &["others"])]);
    log_in(&world, "nora").await.unwrap();
    assert!(!works(&world, &token).await, "refused all the same");
    assert_eq!(
        rows(&world, "nora").await[1],
        "(ldap) user.privileged done no: tokens refused, sessions ended"
    );
    list.set(&[person("nora", &["desk", "others"])]);
    log_in(&world, "nora").await.unwrap();
    assert!(works(&world, &token).await);
}

#[tokio::test]
async fn whom_an_administrator_has_disabled_leaves_as_others_do_and_comes_back_disabled() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let token = token(&world, "pia").await;
    administer(&world, "pia", Set::Role(Role::Rep)).await;
    administer(&world, "pia", Set::Disabled(true)).await;
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(
        sync(&world, LeaverLimit::People(0)).await.unwrap().departed,
        1,
        "nobody loses what they have not"
    );
    let written = rows(&world, "pia").await;
    assert_eq!(
        written[0],
        "(ldap) user.left done disabled, staff again, tokens revoked, sessions ended"
    );
    assert_eq!(sync(&world, LeaverLimit::People(0)).await.unwrap().departed, 0);
    assert_eq!(rows(&world, "pia").await, written, "once");
    let pia = page(&world, "pia").await;
    assert_eq!(
        (pia.departed, pia.departed_at),
        (true, None),
        "who enables them now is told whom they keep"
    );

    // Somebody of that NetID comes: the administrator's word stands until an administrator says
    // otherwise.
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().returned, 1);
    assert_eq!(
        rows(&world, "pia").await[0],
        "(ldap) user.returned done still disabled by an administrator"
    );
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect));
    administer(&world, "pia", Set::Disabled(false)).await;
    log_in(&world, "pia").await.unwrap();
    let pia = page(&world, "pia").await;
    assert_eq!((pia.user.role, pia.local.set_at, pia.source), (Role::Staff, None, Source::Ldap));
    assert!(!works(&world, &token).await, "the next one of that NetID finds nothing");
}

#[tokio::test]
async fn whoever_left_by_one_word_leaves_by_the_next_one_too() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let pia = NetId::parse("pia").unwrap();
    world.source(desk::source::Scim).push(&pia, &active(false), &origin()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().departed, 1);
    world.source(desk::source::Scim).push(&pia, &active(true), &origin()).await.unwrap();
    let vouched = world
        .log_in_vouched(&person("pia", &[]), Source::Oidc, &LoginContext::default(), &origin())
        .await;
    assert_eq!(
        vouched.unwrap_err(),
        Denied::ActorDisabled.into(),
        "the directory has them no longer"
    );
}

#[tokio::test]
async fn a_token_made_while_its_owner_is_leaving_is_not_made() {
    let (world, _) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let permit = own_permit(&world, "pia").await;
    let (old, _) = world.create_token(&permit, new_token("early")).await.unwrap();
    let restoring = world.console().permit::<right::SetDisabled>("pia").await.unwrap();
    let pia = NetId::parse("pia").unwrap();
    world.source(desk::source::Scim).push(&pia, &active(false), &origin()).await.unwrap();
    // Both were allowed before.
    let made = world.create_token(&permit, new_token("late")).await;
    assert_eq!(made.map(|_| ()).unwrap_err(), Refusal::SessionEnded);
    assert_eq!(world.restore_tokens(&restoring).await, Err(Refusal::ChangedMeanwhile));
    world.source(desk::source::Scim).push(&pia, &active(true), &origin()).await.unwrap();
    assert!(!works(&world, old.expose()).await);
}

#[tokio::test]
async fn whoever_comes_with_a_leavers_netid_has_neither_name_nor_address_of_theirs() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&[
        person("nora", &[]),
        person("otto", &[]),
        ExternalIdentity { name: None, email: None, ..person("pia", &[]) },
    ]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().returned, 1);
    let pia = page(&world, "pia").await.user;
    assert_eq!((pia.name.as_str(), pia.email.as_str()), ("", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_on_one_node_as_its_owner_leaves_on_another_does_not_outlive_that() {
    let (here, _) = world().await;
    // Only a SurrealDB server has several nodes.
    if !here.settings.store.starts_with("ws") {
        return;
    }
    let there =
        Desk::open(Settings { node: "there".to_owned(), ..here.settings.clone() }).await.unwrap();
    let otto = NetId::parse("otto").unwrap();
    sync(&here, LeaverLimit::default()).await.unwrap();
    for round in 0..30 {
        // Leaving ended the session of the round before.
        let permit = own_permit(&here, "otto").await;
        let mut many: futures::stream::FuturesUnordered<_> = (0..4)
            .map(|n| {
                let (there, permit) = (there.clone(), permit.clone());
                tokio::spawn(async move {
                    there.create_token(&permit, new_token(&format!("{round}, {n}"))).await
                })
            })
            .collect();
        // So many are made before; the others race.
        for _ in 0..round % 4 {
            many.next().await.unwrap().unwrap().unwrap();
        }
        here.source(desk::source::Scim).push(&otto, &active(false), &origin()).await.unwrap();
        while let Some(outcome) = many.next().await {
            if let Err(refusal) = outcome.unwrap() {
                assert_eq!(refusal, Refusal::SessionEnded);
            }
        }
        let kept: Vec<_> = page(&here, "otto")
            .await
            .tokens
            .into_iter()
            .flatten()
            .filter(|token| token.revoked.is_none())
            .collect();
        assert!(kept.is_empty(), "round {round}: {kept:?}");
        here.source(desk::source::Scim).push(&otto, &active(true), &origin()).await.unwrap();
    }
}
