//! A clock that was far ahead for some seconds, at the start of a machine before it is set: nothing
//! outlives it that would have ended, and nothing is lost that would have stayed.

use std::time::Duration;

use desk::{
    AuditAction, AuditQuery, Cookie, Expires, KeepDays, PasswordChange, Refusal, Verdict, right,
};

use super::support::{World, get, new_token, origin, secret, world, world_with};

const DAY: i64 = 24 * 3600;

/// How often something was done, by the audit.
async fn times(world: &World, action: AuditAction) -> usize {
    let query = AuditQuery { action: action.code().to_owned(), ..AuditQuery::default() };
    world.console().audit(&query).await.unwrap().rows.len()
}

#[tokio::test]
async fn it_takes_no_token_and_no_row_of_the_audit() {
    let keep = KeepDays::new(30).unwrap();
    let world = world_with(|settings| settings.audit_keep = Some(keep)).await;
    let year = Expires::At(world.now().plus_days(365));
    let (token, _) = world.token_with("tia", "for a year", |new| new.expires = year).await;
    world.clock.advance(500 * DAY);
    for ran in [0, 10, 3600] {
        let report = world.clean_up(Duration::from_secs(ran)).await.unwrap();
        assert!(report.chains.is_empty() && report.faults.is_empty(), "{report:?}");
    }
    world.clock.advance(-500 * DAY);
    assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    assert_eq!(world.clean_up(Duration::from_hours(1)).await.unwrap().chains, []);
    // The same time that has really passed takes both, if not at once.
    world.clock.advance(500 * DAY);
    let days = |days: u64| Duration::from_secs(days * 24 * 3600);
    assert_eq!(world.clean_up(days(1)).await.unwrap().chains, []);
    assert_eq!(times(&world, AuditAction::TokenCleanup).await, 0);
    assert!(!world.clean_up(days(100)).await.unwrap().chains.is_empty());
    assert_eq!(times(&world, AuditAction::TokenCleanup).await, 1);
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

/// A token made in this session, without a password.
async fn makes_a_token(world: &World, cookie: &Cookie) -> Result<(), Refusal> {
    let visitor = world.look(cookie).await?;
    let permit = world.authorise::<right::ManageOwnTokens>(&visitor, None, None, &origin()).await?;
    world.create_token(&permit, new_token("without a password")).await.map(drop)
}

#[tokio::test]
async fn no_token_that_it_made_works_and_each_can_be_revoked() {
    let world = world().await;
    world.clock.advance(400 * DAY);
    let month = Expires::At(world.now().plus_days(30));
    let (token, _) = world.token_with("tia", "for a month", |new| new.expires = month).await;
    let (unending, _) = world.token("tia", "for ever").await;
    let works = async |token: &desk::PlainToken| {
        matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_))
    };
    assert!(works(&token).await && works(&unending).await);
    world.clock.advance(-3600);
    assert!(works(&token).await, "another node's clock may be an hour behind");
    world.clock.advance(3600 - 400 * DAY);
    let shown = world.own_tokens(&world.person("tia").await).await.unwrap();
    for (token, description) in [(&token, "for a month"), (&unending, "for ever")] {
        assert!(!works(token).await, "{description}");
        let view = shown.iter().find(|view| view.description == description).unwrap();
        assert!(view.is_ahead(world.now()), "{description}");
        assert!(view.is_live(world.now()), "not over: it would work when its time comes");
    }
    // What was made since does.
    let (now, view) = world.token("tia", "of now").await;
    assert!(works(&now).await && !view.is_ahead(world.now()));
    // All of them go at once: what is counted is what is revoked.
    let all = shown.iter().filter(|view| view.is_live(world.now())).count() + 1;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert_eq!(world.revoke_all_tokens(&permit).await, Ok(u32::try_from(all).unwrap()));
    world.clock.advance(400 * DAY);
    for token in [&token, &unending, &now] {
        assert!(!works(token).await, "when its time has come neither");
    }
}

#[tokio::test]
async fn no_session_and_no_confirmation_outlives_it() {
    let world = world().await;
    world.clock.advance(400 * DAY);
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let cookie = permit.cookie().unwrap().clone();
    makes_a_token(&world, &cookie).await.unwrap();
    world.clock.advance(-3600);
    makes_a_token(&world, &cookie).await.expect("another node's clock may be an hour behind");
    for back in [-1, -370 * DAY, -29 * DAY] {
        world.clock.advance(back);
        assert_eq!(makes_a_token(&world, &cookie).await, Err(Refusal::SessionEnded), "{back}");
    }
    let tia = world.person("tia").await;
    assert_eq!(world.own_sessions(&tia).await.unwrap().len(), 1, "nor is it listed");
    // It is cleaned up, and does not come back when its time does.
    world.clean_up(Duration::ZERO).await.unwrap();
    world.clock.advance(399 * DAY + 3601);
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
}

#[tokio::test]
async fn a_session_that_goes_on_for_years_is_not_confirmed_by_it_under_either_id() {
    let world = world_with(|settings| {
        (settings.session_hours, settings.session_idle_minutes) = (24 * 1000, 60 * 24 * 1000);
    })
    .await;
    let old = world.cookie("tia").await;
    world.clock.advance(400 * DAY);
    let (tia, own) = (world.look(&old).await.unwrap(), secret("tia-local-password"));
    let permit =
        world.authorise::<right::ManageOwnTokens>(&tia, None, Some(&own), &origin()).await.unwrap();
    let new = permit.cookie().unwrap();
    makes_a_token(&world, new).await.unwrap();
    world.clock.advance(-400 * DAY);
    for cookie in [&old, new] {
        assert_eq!(makes_a_token(&world, cookie).await, Err(Refusal::SessionEnded));
    }
}

#[tokio::test]
async fn an_initial_password_that_was_set_by_it_has_lapsed() {
    let world = world().await;
    world.clock.advance(400 * DAY);
    world.give_initial("tia", "marble-otter-canyon-drift").await;
    world.clock.advance(-400 * DAY);
    let tia = world.person("tia").await;
    let new = secret("wandering otter parade");
    let change = PasswordChange {
        current: secret("marble-otter-canyon-drift"),
        new: new.clone(),
        retype: new,
    };
    let refused = world.change_own_password(&tia, &change, &origin()).await.unwrap_err();
    assert!(matches!(refused, Refusal::InitialLapsed(_)), "{refused:?}");
}

#[tokio::test]
async fn wrong_passwords_of_then_keep_nobody_out_now() {
    let world = world().await;
    let log_in = async |password: &str| world.log_in("tia", &secret(password), &origin()).await;
    world.clock.advance(400 * DAY);
    for _ in 0..30 {
        world.clock.advance(5);
        assert_eq!(log_in("wrong").await.unwrap_err(), Refusal::LoginIncorrect);
    }
    world.clock.advance(-400 * DAY);
    log_in("tia-netid-password").await.unwrap();
    // They are counted all the same, from now on.
    assert_eq!(log_in("wrong").await.unwrap_err(), Refusal::LoginIncorrect);
    let waits = log_in("tia-netid-password").await.unwrap_err();
    assert_eq!(waits, Refusal::TooManyAttempts { seconds: 5 });
}

#[tokio::test]
async fn a_use_of_then_does_not_hide_those_of_now() {
    let world = world().await;
    let (token, _) = world.token("tia", "used").await;
    let uses = async || {
        assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
        world.write_noted().await;
        let tokens = world.own_tokens(&world.person("tia").await).await.unwrap();
        let token = tokens.iter().find(|token| token.description == "used").unwrap();
        let used = token.used.clone().unwrap().at;
        (used == world.now(), token.days.counts().to_vec())
    };
    let last_days = |days: &[u32]| [vec![0; 30 - days.len()], days.to_vec()].concat();
    assert_eq!(uses().await, (true, last_days(&[1])));
    world.clock.advance(2 * DAY);
    assert_eq!(uses().await, (true, last_days(&[1, 0, 1])));
    world.clock.advance(5 * DAY);
    assert_eq!(uses().await, (true, last_days(&[1, 0, 1, 0, 0, 0, 0, 1])));
    // Of the days that were kept meanwhile nothing is lost.
    world.clock.advance(-5 * DAY);
    assert_eq!(uses().await, (true, last_days(&[1, 0, 2])));
    world.clock.advance(400 * DAY);
    assert_eq!(uses().await, (true, last_days(&[1])));
    world.clock.advance(-400 * DAY);
    assert_eq!(uses().await, (true, last_days(&[1])));
}
