//! Sessions: how long they last, what confirms them, and who ends whose.

use desk::{Browser, Refusal, right};

use super::support::{disabled, origin, secret, world, world_with};

#[tokio::test]
async fn an_unused_session_ends_after_half_an_hour_and_a_used_one_goes_on() {
    let world = world().await;
    let cookie = world.cookie("sam").await;
    for _ in 0..4 {
        world.clock.advance(29 * 60);
        world.look(&cookie).await.unwrap();
    }
    world.clock.advance(30 * 60);
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
}

#[tokio::test]
async fn no_session_lasts_longer_than_eight_hours() {
    let world = world().await;
    let cookie = world.cookie("sam").await;
    for _ in 0..16 {
        world.clock.advance(29 * 60);
        world.look(&cookie).await.unwrap();
    }
    world.clock.advance(20 * 60);
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
}

#[tokio::test]
async fn log_out_ends_it() {
    let world = world().await;
    let cookie = world.cookie("sam").await;
    let sam = world.look(&cookie).await.unwrap();
    world.log_out(&sam, &origin()).await.unwrap();
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
    assert_eq!(world.last_audit("sam").await.0, "log-out");
}

#[tokio::test]
async fn a_correct_local_password_confirms_for_five_minutes_under_a_new_id() {
    let world = world().await;
    let old = world.cookie("tia").await;
    let tia = world.look(&old).await.unwrap();
    assert_eq!(
        world.authorise::<right::ManageOwnTokens>(&tia, None, None, &origin()).await.unwrap_err(),
        Refusal::OwnPasswordMissing
    );
    let permit = world.confirm(&tia, "tia-local-password").await.unwrap();
    let new = permit.cookie().unwrap().clone();
    let confirmed = world.look(&new).await.unwrap();
    assert!(confirmed.me().confirmed_until.is_some());
    assert!(
        world
            .authorise::<right::ManageOwnTokens>(&confirmed, None, None, &origin())
            .await
            .unwrap()
            .cookie()
            .is_none()
    );
    // The old id confirms nothing, and is gone in a moment.
    let replaced = world.look(&old).await.unwrap();
    assert_eq!(
        world
            .authorise::<right::ManageOwnTokens>(&replaced, None, None, &origin())
            .await
            .unwrap_err(),
        Refusal::OwnPasswordMissing
    );
    world.clock.advance(10);
    assert_eq!(world.look(&old).await.unwrap_err(), Refusal::SessionEnded);
    world.clock.advance(300);
    let later = world.look(&new).await.unwrap();
    assert_eq!(
        world.authorise::<right::ManageOwnTokens>(&later, None, None, &origin()).await.unwrap_err(),
        Refusal::OwnPasswordMissing
    );
}

#[tokio::test]
async fn zero_confirm_seconds_ask_every_time() {
    let world = world_with(|settings| settings.confirm_seconds = 0).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let tia = world.look(permit.cookie().unwrap()).await.unwrap();
    assert_eq!(
        world.authorise::<right::ManageOwnTokens>(&tia, None, None, &origin()).await.unwrap_err(),
        Refusal::OwnPasswordMissing
    );
}

#[tokio::test]
async fn a_wrong_local_password_confirms_nothing_and_is_counted() {
    let world = world().await;
    let tia = world.person("tia").await;
    for _ in 0..3 {
        let refused = world.confirm(&tia, "tia-netid-password").await.unwrap_err();
        assert_eq!(refused, Refusal::OwnPasswordIncorrect);
    }
    assert_eq!(
        world.last_audit("tia").await,
        ("password.check".into(), "refused".into(), "password-incorrect".into())
    );
    let refused = world.confirm(&tia, "tia-local-password").await.unwrap_err();
    assert_eq!(refused, Refusal::TooManyAttempts { seconds: 1 });
}

#[tokio::test]
async fn one_ends_ones_own_sessions_and_no_one_elses() {
    let world = world().await;
    let (here, there) = (world.cookie("tia").await, world.cookie("tia").await);
    let sams = world.cookie("sam").await;
    let tia = world.look(&here).await.unwrap();
    let sessions = world.own_sessions(&tia).await.unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|session| session.this).count(), 1);
    let sam = world.look(&sams).await.unwrap();
    let sams_id = world.own_sessions(&sam).await.unwrap()[0].id.clone();
    assert_eq!(
        world.end_own_session(&tia, sams_id.as_str(), &origin()).await.unwrap_err(),
        Refusal::SessionUnknown
    );
    assert_eq!(world.end_other_own_sessions(&tia, &origin()).await.unwrap(), 1);
    assert_eq!(world.look(&there).await.unwrap_err(), Refusal::SessionEnded);
    world.look(&here).await.unwrap();
    world.look(&sams).await.unwrap();
    let this = world.own_sessions(&tia).await.unwrap()[0].id.clone();
    world.end_own_session(&tia, this.as_str(), &origin()).await.unwrap();
    assert_eq!(world.look(&here).await.unwrap_err(), Refusal::SessionEnded);
}

#[tokio::test]
async fn disabling_a_person_ends_their_sessions() {
    let world = world().await;
    let cookie = world.cookie("tia").await;
    let permit = world.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
    world.change_account(&disabled(&permit, true)).await.unwrap();
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
    // Coming back does not bring the session back.
    let permit = world.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
    world.change_account(&disabled(&permit, false)).await.unwrap();
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
}

#[tokio::test]
async fn the_help_desk_ends_anothers_sessions_and_a_rep_does_not() {
    let world = world().await;
    let cookie = world.cookie("tia").await;
    assert!(matches!(
        world.permit::<right::EndSessionsOf>("rae", Some("tia")).await,
        Err(Refusal::NotAllowed(_))
    ));
    world.look(&cookie).await.unwrap();
    let permit = world.permit::<right::EndSessionsOf>("helen", Some("tia")).await.unwrap();
    assert_eq!(world.end_sessions_of(&permit).await.unwrap(), 1);
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
}

#[tokio::test]
async fn a_log_in_ends_the_session_that_the_browser_had() {
    let world = world().await;
    let (old, elsewhere) = (world.cookie("sam").await, world.cookie("sam").await);
    let browser = Browser { visitor: Some(world.look(&old).await.unwrap()), ..Browser::default() };
    let tia =
        world.log_in_from(&browser, "tia", &secret("tia-netid-password"), &origin()).await.unwrap();
    assert_eq!(world.look(&old).await.unwrap_err(), Refusal::SessionEnded);
    let row =
        ("log-out".to_owned(), "done".to_owned(), "another log-in in the same browser".to_owned());
    assert_eq!(world.last_audit("sam").await, row);
    // A log-in that is refused ends nothing, and nothing elsewhere ends.
    let browser =
        Browser { visitor: Some(world.look(&tia.cookie).await.unwrap()), ..Browser::default() };
    world.log_in_from(&browser, "sam", &secret("wrong"), &origin()).await.unwrap_err();
    world.look(&tia.cookie).await.unwrap();
    world.look(&elsewhere).await.unwrap();
}

#[tokio::test]
async fn a_person_has_so_many_sessions_and_the_oldest_ends_first() {
    let world = world_with(|settings| settings.sessions_per_user = 3).await;
    let mut cookies = Vec::new();
    for _ in 0..5 {
        world.clock.advance(1);
        cookies.push(world.cookie("sam").await);
    }
    let mut live = Vec::new();
    for cookie in &cookies {
        live.push(world.look(cookie).await.is_ok());
    }
    assert_eq!(live, [false, false, true, true, true]);
    let query = desk::AuditQuery {
        subject: "sam".to_owned(),
        action: "session.end".to_owned(),
        ..Default::default()
    };
    let rows = world.console().audit(&query).await.unwrap().rows;
    assert_eq!(
        rows.iter().map(|row| row.detail.as_str()).collect::<Vec<_>>(),
        ["1 session, the oldest of more than 3"; 2]
    );
    // Whoever logs in anew in the same browser ends that one instead.
    let browser =
        Browser { visitor: Some(world.look(&cookies[4]).await.unwrap()), ..Browser::default() };
    world.log_in_from(&browser, "sam", &secret("sam-netid-password"), &origin()).await.unwrap();
    world.look(&cookies[2]).await.unwrap();
}

#[tokio::test]
async fn a_session_that_ended_while_the_password_was_looked_at_is_said_to_have_ended() {
    let world = world().await;
    let tia = world.person("tia").await;
    world.log_out(&tia, &origin()).await.unwrap();
    let own = secret("tia-local-password");
    let refused = world
        .authorise::<right::ManageOwnTokens>(&tia, None, Some(&own), &origin())
        .await
        .unwrap_err();
    assert_eq!(refused, Refusal::SessionEnded);
}
