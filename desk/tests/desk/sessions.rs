//! Sessions: how long they last, what confirms them, and who ends whose.

use desk::{Refusal, right};

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
    assert_eq!(world.authorise::<right::ManageOwnTokens>(&tia, None, None, &origin()).await.unwrap_err(), Refusal::OwnPasswordMissing);
    let permit = world.authorise::<right::ManageOwnTokens>(&tia, None, Some(&secret("tia-local-password")), &origin()).await.unwrap();
    let new = permit.cookie().unwrap().clone();
    let confirmed = world.look(&new).await.unwrap();
    assert!(confirmed.me().confirmed_until.is_some());
    assert!(world.authorise::<right::ManageOwnTokens>(&confirmed, None, None, &origin()).await.unwrap().cookie().is_none());
    // The old id confirms nothing, and is gone in a moment.
    let replaced = world.look(&old).await.unwrap();
    assert_eq!(world.authorise::<right::ManageOwnTokens>(&replaced, None, None, &origin()).await.unwrap_err(), Refusal::OwnPasswordMissing);
    world.clock.advance(10);
    assert_eq!(world.look(&old).await.unwrap_err(), Refusal::SessionEnded);
    world.clock.advance(300);
    let later = world.look(&new).await.unwrap();
    assert_eq!(world.authorise::<right::ManageOwnTokens>(&later, None, None, &origin()).await.unwrap_err(), Refusal::OwnPasswordMissing);
}

#[tokio::test]
async fn zero_confirm_seconds_ask_every_time() {
    let world = world_with(|settings| settings.confirm_seconds = 0).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let tia = world.look(permit.cookie().unwrap()).await.unwrap();
    assert_eq!(world.authorise::<right::ManageOwnTokens>(&tia, None, None, &origin()).await.unwrap_err(), Refusal::OwnPasswordMissing);
}

#[tokio::test]
async fn a_wrong_local_password_confirms_nothing_and_is_counted() {
    let world = world().await;
    let tia = world.person("tia").await;
    for _ in 0..3 {
        let refused =
            world.authorise::<right::ManageOwnTokens>(&tia, None, Some(&secret("tia-netid-password")), &origin()).await.unwrap_err();
        assert_eq!(refused, Refusal::OwnPasswordIncorrect);
    }
    assert_eq!(world.last_audit("tia").await, ("password.check".into(), "refused".into(), "password-incorrect".into()));
    let refused = world.authorise::<right::ManageOwnTokens>(&tia, None, Some(&secret("tia-local-password")), &origin()).await.unwrap_err();
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
    assert_eq!(world.end_own_session(&tia, sams_id.as_str(), &origin()).await.unwrap_err(), Refusal::SessionUnknown);
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
    assert!(matches!(world.permit::<right::EndSessionsOf>("rae", Some("tia")).await, Err(Refusal::NotAllowed(_))));
    world.look(&cookie).await.unwrap();
    let permit = world.permit::<right::EndSessionsOf>("helen", Some("tia")).await.unwrap();
    assert_eq!(world.end_sessions_of(&permit).await.unwrap(), 1);
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
}

#[tokio::test]
async fn who_knows_the_netid_password_guesses_the_local_one_no_faster() {
    let world = world().await;
    let guess = async || {
        let tia = world.person("tia").await;
        world.authorise::<right::ManageOwnTokens>(&tia, None, Some(&secret("a guess of a thief")), &origin()).await.unwrap_err()
    };
    for _ in 0..3 {
        assert_eq!(guess().await, Refusal::OwnPasswordIncorrect);
    }
    // Each guess came with a log-in by the right NetID password.
    assert_eq!(guess().await, Refusal::TooManyAttempts { seconds: 1 });
    world.clock.advance(1);
    assert_eq!(guess().await, Refusal::OwnPasswordIncorrect);
    world.clock.advance(1);
    // The right one of its own kind clears it.
    world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    for _ in 0..3 {
        assert_eq!(guess().await, Refusal::OwnPasswordIncorrect);
    }
}
