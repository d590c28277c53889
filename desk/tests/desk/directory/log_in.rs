//! Logging in by a directory's word.

use std::sync::Arc;

use desk::{
    DirectoryError, ExternalIdentity, GroupRules, LeaverLimit, LoginContext, Refusal, Role, Source,
};

use super::{List, log_in, page, person, rows, sync, world, world_with};
use crate::support::{empty_world, origin, secret};

#[tokio::test]
async fn somebody_new_is_made_at_their_first_log_in() {
    let (world, _) =
        world_with(GroupRules { help_desk: vec!["Desk".to_owned()], ..GroupRules::default() })
            .await;
    log_in(&world, "nora").await.unwrap();
    let nora = page(&world, "nora").await;
    assert_eq!(
        (nora.user.name.as_str(), nora.user.role, nora.source),
        ("nora of the campus", Role::HelpDesk, Source::Ldap)
    );
    assert_eq!(
        rows(&world, "nora").await,
        ["nora log-in done ldap", "(ldap) user.create done help_desk"]
    );
    log_in(&world, "nora").await.unwrap();
    assert_eq!(
        rows(&world, "nora").await.len(),
        3,
        "nothing differs, nothing is written but the log-in"
    );
}

#[tokio::test]
async fn the_directory_is_asked_about_nobody_who_has_a_password_here() {
    let (world, list) = world().await;
    world.log_in("ada", &secret("ada-netid-password"), &origin()).await.unwrap();
    assert!(list.lookups.lock().unwrap().is_empty());
    // A wrong one costs as much as anybody's; the directory hears another name.
    let refused = world.log_in("ada", &secret("wrong"), &origin()).await.unwrap_err();
    assert_eq!(refused, Refusal::LoginIncorrect);
    let lookups = list.lookups.lock().unwrap().clone();
    assert!(lookups.len() == 1 && lookups[0].starts_with("nobody-"), "{lookups:?}");
}

#[tokio::test]
async fn a_directory_that_is_away_says_so_and_counts_as_no_wrong_password() {
    let (world, list) = world().await;
    log_in(&world, "pia").await.unwrap();
    list.fail(Some(DirectoryError::Unavailable("a test".to_owned())));
    for _ in 0..5 {
        assert_eq!(log_in(&world, "pia").await, Err(Refusal::DirectoryUnavailable));
    }
    list.fail(Some(DirectoryError::Unclear("a test".to_owned())));
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::SignOnRefused));
    list.fail(None);
    log_in(&world, "pia").await.unwrap();
}

#[tokio::test]
async fn wrong_passwords_of_the_desks_own_accounts_are_counted_while_the_directory_is_away() {
    let (world, list) = world().await;
    list.fail(Some(DirectoryError::Unavailable("a test".to_owned())));
    for _ in 0..3 {
        let refused = world.log_in("ada", &secret("wrong"), &origin()).await.unwrap_err();
        assert_eq!(refused, Refusal::LoginIncorrect);
    }
    let refused = world.log_in("ada", &secret("ada-netid-password"), &origin()).await.unwrap_err();
    assert_eq!(refused, Refusal::TooManyAttempts { seconds: 1 });
    // The first of a minute has its row; the others are one more when the minute is over.
    assert_eq!(
        rows(&world, "ada").await.iter().filter(|row| row.contains("log-in refused")).count(),
        1
    );
}

#[tokio::test]
async fn logging_in_by_another_door_does_not_take_anybody_out_of_the_directory() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    world
        .log_in_vouched(&person("pia", &[]), Source::Oidc, &LoginContext::default(), &origin())
        .await
        .unwrap();
    assert_eq!(page(&world, "pia").await.source, Source::Ldap);
    // Nor is what the directory says overwritten, to be written back by the next synchronisation.
    let other = ExternalIdentity {
        email: Some("somebody.else@example.edu".to_owned()),
        ..person("pia", &[])
    };
    world.log_in_vouched(&other, Source::Oidc, &LoginContext::default(), &origin()).await.unwrap();
    assert_eq!(page(&world, "pia").await.user.email, "pia@example.edu");
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().unchanged, 3);
    // Of whom nothing is heard any longer from the identity system, single sign-on is believed.
    let quin = desk::NetId::parse("quin").unwrap();
    let push = desk::Push {
        name: None,
        name_parts: None,
        email: Some("quin@example.edu".to_owned()),
        external_id: None,
        active: Some(true),
    };
    world.source(desk::source::Scim).push_new(&quin, &push, &origin()).await.unwrap();
    let other = ExternalIdentity {
        email: Some("quin.sample@example.edu".to_owned()),
        ..person("quin", &[])
    };
    world.log_in_vouched(&other, Source::Oidc, &LoginContext::default(), &origin()).await.unwrap();
    assert_eq!(page(&world, "quin").await.user.email, "quin.sample@example.edu");
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().departed, 1);
}

#[tokio::test]
async fn an_openid_provider_ends_the_sessions_that_it_began() {
    let (world, _) = world().await;
    let login_context = |session: &str| LoginContext {
        proved_at: None,
        issuer: Some("https://id.example.edu".to_owned()),
        issuer_subject: Some("subject-of-pia".to_owned()),
        issuer_session: Some(session.to_owned()),
    };
    let who = person("pia", &[]);
    let (one, _) =
        world.log_in_vouched(&who, Source::Oidc, &login_context("s1"), &origin()).await.unwrap();
    let (two, _) =
        world.log_in_vouched(&who, Source::Oidc, &login_context("s2"), &origin()).await.unwrap();
    let by_password = world.cookie("tia").await;
    // The session is named, and the person is another.
    assert_eq!(
        world
            .source(desk::source::OpenId)
            .end_issuers_sessions(Some("subject-of-otto"), Some("s1"), &origin())
            .await,
        Ok(0)
    );
    assert!(world.look(&one).await.is_ok() && world.look(&two).await.is_ok());
    assert_eq!(
        world
            .source(desk::source::OpenId)
            .end_issuers_sessions(Some("subject-of-pia"), Some("s1"), &origin())
            .await,
        Ok(1)
    );
    assert!(world.look(&one).await.is_err() && world.look(&two).await.is_ok());
    assert_eq!(
        world
            .source(desk::source::OpenId)
            .end_issuers_sessions(Some("somebody-else"), None, &origin())
            .await,
        Ok(0)
    );
    assert_eq!(
        world.source(desk::source::OpenId).end_issuers_sessions(None, None, &origin()).await,
        Ok(0)
    );
    assert_eq!(
        world
            .source(desk::source::OpenId)
            .end_issuers_sessions(Some("subject-of-pia"), None, &origin())
            .await,
        Ok(1)
    );
    assert!(world.look(&two).await.is_err() && world.look(&by_password).await.is_ok());
    assert!(rows(&world, "pia").await.contains(&"(oidc) session.end done 1 session".to_owned()));
}

#[tokio::test]
async fn a_first_password_takes_a_log_in_that_is_known_to_be_fresh() {
    let list = Arc::new(List::default());
    let world =
        empty_world(Some(list), |settings| settings.first_password_self_service = true).await;
    let login_context = |proved_at| LoginContext { proved_at, ..LoginContext::default() };
    let me = async |proved_at| {
        let (cookie, _) = world
            .log_in_vouched(&person("pia", &[]), Source::Oidc, &login_context(proved_at), &origin())
            .await
            .unwrap();
        world.look(&cookie).await.unwrap().me()
    };
    assert!(me(Some(world.now())).await.may_set_first_password);
    for old in [None, Some(world.now().plus_seconds(-300))] {
        let me = me(old).await;
        assert!(!me.may_set_first_password && me.first_password_when_fresh, "{old:?}");
    }
}
