//! Browsers that have logged in to an account before: a source of their own.

use desk::{Browser, Desk, Devices, LoggedIn, Origin, Refusal, right};

use super::support::{disabled, origin, secret, world};

/// From where strangers guess, and from where people come too.
fn elsewhere() -> Origin {
    Origin { address: [203, 0, 113, 9].into(), ..origin() }
}

fn with(devices: &Devices) -> Browser {
    Browser { devices: devices.clone(), visitor: None }
}

async fn log_in(
    desk: &Desk,
    devices: &Devices,
    netid: &str,
    password: &str,
) -> Result<LoggedIn, Refusal> {
    desk.log_in_from(&with(devices), netid, &secret(password), &elsewhere()).await
}

const TIA: &str = "tia-netid-password";

#[tokio::test]
async fn strangers_in_the_same_network_hold_up_no_browser_that_is_known() {
    let world = world().await;
    let known = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap().devices;
    for _ in 0..100 {
        log_in(&world, &Devices::default(), "tia", "wrong").await.unwrap_err();
        world.clock.advance(10);
    }
    log_in(&world, &Devices::default(), "tia", "wrong").await.unwrap_err();
    assert_eq!(
        log_in(&world, &Devices::default(), "tia", TIA).await.map(|_| ()),
        Err(Refusal::TooManyAttempts { seconds: 10 })
    );
    let again = log_in(&world, &known, "tia", TIA).await.unwrap().devices;
    // The other way round: what is typed wrong there delays nobody else, and nobody is told apart
    // by it.
    for _ in 0..3 {
        assert_eq!(
            log_in(&world, &again, "tia", "wrong").await.map(|_| ()),
            Err(Refusal::LoginIncorrect)
        );
    }
    world.log_in("tia", &secret(TIA), &origin()).await.unwrap();
}

#[tokio::test]
async fn no_browser_is_known_by_a_password_that_an_operator_has_ended() {
    let world = world().await;
    let known = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap().devices;
    for _ in 0..101 {
        log_in(&world, &Devices::default(), "tia", "wrong").await.unwrap_err();
        world.clock.advance(10);
    }
    log_in(&world, &Devices::default(), "tia", "wrong").await.unwrap_err();
    let by_known = async || log_in(&world, &known, "tia", "wrong").await.map(|_| ());
    assert_eq!(by_known().await, Err(Refusal::LoginIncorrect), "as long as it counts");
    let permit = world.console().permit::<right::SetRole>("tia").await.unwrap();
    world.hand_over_account(&permit, None).await.unwrap();
    let refused = by_known().await;
    assert!(matches!(refused, Err(Refusal::TooManyAttempts { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_browser_has_its_own_delays_and_is_then_as_good_as_any_other() {
    let world = world().await;
    let known = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap().devices;
    let mut looked_at = 0;
    for _ in 0..20 {
        let refused = log_in(&world, &known, "tia", "wrong").await.unwrap_err();
        looked_at += usize::from(refused == Refusal::LoginIncorrect);
    }
    assert_eq!(looked_at, 6, "three as the browser, three as its network");
    // Whoever has copied the mark holds nobody up by that.
    let owner = Origin { address: [198, 51, 100, 4].into(), ..origin() };
    world.log_in_from(&with(&known), "tia", &secret(TIA), &owner).await.unwrap();
}

#[tokio::test]
async fn a_mark_is_of_one_account_and_nobody_elses() {
    let world = world().await;
    let tias = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap().devices;
    for _ in 0..3 {
        log_in(&world, &tias, "ada", "wrong").await.unwrap_err();
    }
    // As a stranger there, in the network from which all of that came.
    assert_eq!(
        log_in(&world, &tias, "ada", "ada-netid-password").await.map(|_| ()),
        Err(Refusal::TooManyAttempts { seconds: 1 })
    );
    log_in(&world, &tias, "tia", TIA).await.unwrap();
    // One browser, two people.
    let both = log_in(&world, &tias, "sam", "sam-netid-password").await.unwrap().devices;
    for netid in ["sam", "tia"] {
        for _ in 0..4 {
            let _ = log_in(&world, &Devices::default(), netid, "wrong").await;
        }
        log_in(&world, &both, netid, &format!("{netid}-netid-password")).await.unwrap();
    }
}

#[tokio::test]
async fn a_mark_logs_nobody_in_and_opens_nothing_that_is_disabled() {
    let world = world().await;
    let known = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap().devices;
    assert_eq!(log_in(&world, &known, "tia", "").await.map(|_| ()), Err(Refusal::LoginIncorrect));
    let permit = world.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
    world.change_account(&disabled(&permit, true)).await.unwrap();
    assert_eq!(log_in(&world, &known, "tia", TIA).await.map(|_| ()), Err(Refusal::LoginIncorrect));
}

/// What ends every session ends the marks too: whoever has one by then is a stranger.
#[tokio::test]
async fn marks_end_with_all_sessions_and_the_browser_that_asked_for_it_stays_known() {
    let world = world().await;
    let thief = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap().devices;
    let here = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap();
    let visitor = world.look(&here.cookie).await.unwrap();
    world.end_other_own_sessions(&visitor, &origin()).await.unwrap();
    let still = world.still_known(&visitor, &here.devices).await.unwrap();
    for _ in 0..3 {
        let refused = log_in(&world, &Devices::default(), "tia", "wrong").await.unwrap_err();
        assert_eq!(refused, Refusal::LoginIncorrect);
    }
    let held = Err(Refusal::TooManyAttempts { seconds: 1 });
    assert_eq!(log_in(&world, &thief, "tia", TIA).await.map(|_| ()), held);
    assert_eq!(log_in(&world, &here.devices, "tia", TIA).await.map(|_| ()), held);
    log_in(&world, &still, "tia", TIA).await.unwrap();
    // By the Help Desk: all of them.
    let permit = world.permit::<right::EndSessionsOf>("helen", Some("tia")).await.unwrap();
    world.end_sessions_of(&permit).await.unwrap();
    assert_eq!(log_in(&world, &still, "tia", TIA).await.map(|_| ()), held);
}

#[tokio::test]
async fn marks_end_with_another_netid_password() {
    let world = world().await;
    let known = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap().devices;
    let user = desk::ImportUser {
        netid: desk::NetId::parse("tia").unwrap(),
        name: None,
        email: None,
        role: None,
        privileged: None,
        disabled: None,
        password: Some(secret("another netid password")),
    };
    world.console().import_users(&[user]).await.unwrap();
    for _ in 0..3 {
        log_in(&world, &Devices::default(), "tia", "wrong").await.unwrap_err();
    }
    let refused = log_in(&world, &known, "tia", "another netid password").await.map(|_| ());
    assert_eq!(refused, Err(Refusal::TooManyAttempts { seconds: 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_known_to_every_node() {
    let world = world().await;
    let there = world.beside().await;
    let known = log_in(&world, &Devices::default(), "tia", TIA).await.unwrap().devices;
    for _ in 0..3 {
        log_in(&there, &Devices::default(), "tia", "wrong").await.unwrap_err();
    }
    log_in(&there, &known, "tia", TIA).await.unwrap();
}
