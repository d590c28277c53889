//! What strangers type here never locks anybody in the campus directory.

use desk::{Browser, Devices, DirectoryError, GroupRules, Refusal};

use super::{List, log_in, rows, world, world_with};
use crate::support::{World, origin, secret};

/// How often the directory heard this NetID.
fn heard(list: &List, netid: &str) -> usize {
    list.lookups.lock().unwrap().iter().filter(|lookups| *lookups == netid).count()
}

/// Tries a wrong password from a network of its own.
async fn wrong_from(world: &World, netid: &str, network: u8) -> Refusal {
    let origin = desk::Origin { address: [203, 0, 113, network].into(), ..origin() };
    world.log_in(netid, &secret("wrong"), &origin).await.unwrap_err()
}

async fn from_device(world: &World, devices: &Devices, password: &str) -> Result<(), Refusal> {
    let browser = Browser { devices: devices.clone(), visitor: None };
    world.log_in_from(&browser, "pia", &secret(password), &origin()).await.map(|_| ())
}

async fn known(world: &World) -> Devices {
    let logged_in =
        world.log_in_from(&Browser::default(), "pia", &secret("pia's password"), &origin()).await;
    logged_in.unwrap().devices
}

#[tokio::test]
async fn the_directory_hears_so_many_wrong_passwords_of_a_person_and_no_more() {
    let (world, list) = world().await;
    log_in(&world, "pia").await.unwrap();
    let before = heard(&list, "pia");
    for network in 0..40 {
        assert_eq!(
            wrong_from(&world, "pia", network).await,
            Refusal::LoginIncorrect,
            "in the same words"
        );
    }
    assert_eq!(heard(&list, "pia") - before, 4);
    assert!(rows(&world, "pia").await[0].ends_with("log-in refused directory-not-asked"));
    // Each question that it did not hear was asked about nobody.
    let lookups = list.lookups.lock().unwrap().len();
    assert_eq!(lookups, before + 40);
}

#[tokio::test]
async fn a_browser_that_is_known_has_an_allowance_of_its_own() {
    let (world, list) = world().await;
    let devices = known(&world).await;
    for network in 0..40 {
        wrong_from(&world, "pia", network).await;
    }
    let before = heard(&list, "pia");
    for _ in 0..2 {
        assert_eq!(from_device(&world, &devices, "wrong").await, Err(Refusal::LoginIncorrect));
    }
    from_device(&world, &devices, "pia's password").await.unwrap();
    assert_eq!(heard(&list, "pia") - before, 3);
}

#[tokio::test]
async fn a_copied_mark_is_no_way_around_it() {
    let (world, list) = world().await;
    let devices = known(&world).await;
    let before = heard(&list, "pia");
    for _ in 0..60 {
        let _ = from_device(&world, &devices, "wrong").await;
        world.clock.advance(10);
    }
    assert!(heard(&list, "pia") - before <= 8, "four as the browser, four as its network");
}

/// As a directory counts that begins anew after a quarter of an hour without a wrong one, and locks
/// at ten.
#[tokio::test]
async fn however_long_somebody_guesses_the_directory_never_counts_to_its_lock() {
    let (world, list) = world().await;
    let devices = known(&world).await;
    let (mut counted, mut last, mut heard_before, mut most) =
        (0_usize, 0_i64, heard(&list, "pia"), 0);
    for minute in 0..600_i64 {
        wrong_from(&world, "pia", u8::try_from(minute % 250).unwrap()).await;
        let _ = from_device(&world, &devices, "wrong").await;
        let now = heard(&list, "pia");
        if now > heard_before {
            counted = if minute - last >= 15 { 0 } else { counted } + (now - heard_before);
            (last, heard_before) = (minute, now);
        }
        most = most.max(counted);
        world.clock.advance(60);
    }
    assert!((4..10).contains(&most), "{most}");
}

#[tokio::test]
async fn the_right_one_and_a_directory_that_was_away_leave_the_allowance_whole() {
    let (world, list) = world().await;
    for network in 0..3 {
        wrong_from(&world, "pia", network).await;
    }
    log_in(&world, "pia").await.unwrap();
    list.fail(Some(DirectoryError::Unavailable("a test".to_owned())));
    for network in 10..30 {
        assert_eq!(wrong_from(&world, "pia", network).await, Refusal::DirectoryUnavailable);
    }
    list.fail(None);
    let before = heard(&list, "pia");
    for network in 0..9 {
        wrong_from(&world, "pia", network).await;
    }
    assert_eq!(heard(&list, "pia") - before, 4);
}

#[tokio::test]
async fn what_it_was_told_and_has_not_answered_counts() {
    let (world, list) = world().await;
    log_in(&world, "pia").await.unwrap();
    let before = heard(&list, "pia");
    list.fail(Some(DirectoryError::Unanswered("a test".to_owned())));
    for network in 0..40 {
        let _ = wrong_from(&world, "pia", network).await;
    }
    assert_eq!(heard(&list, "pia") - before, 4);
    list.fail(None);
    assert_eq!(wrong_from(&world, "pia", 99).await, Refusal::LoginIncorrect, "it is not asked");
    assert_eq!(heard(&list, "pia") - before, 4);
}

#[tokio::test]
async fn it_is_told_for_whom_strangers_are_not_to_hold_it_up() {
    let (world, list) = world().await;
    let devices = known(&world).await;
    let last = || *list.known.lock().unwrap().last().unwrap();
    assert!(!last(), "the first time nobody knows the browser");
    from_device(&world, &devices, "pia's password").await.unwrap();
    assert!(last());
    wrong_from(&world, "pia", 1).await;
    assert!(!last());
    for _ in 0..4 {
        let _ = from_device(&world, &devices, "wrong").await;
        world.clock.advance(60);
    }
    let _ = from_device(&world, &devices, "wrong").await;
    assert_eq!(list.lookups.lock().unwrap().last().unwrap().split('-').next(), Some("nobody"));
    assert!(last(), "about nobody, as fast as about them");
}

#[tokio::test]
async fn it_is_quiet_for_a_quarter_of_an_hour_and_hears_again() {
    let (world, list) = world_with(GroupRules::default()).await;
    for network in 0..9 {
        wrong_from(&world, "pia", network).await;
    }
    world.clock.advance(15 * 60 - 1);
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect), "not asked");
    world.clock.advance(1);
    log_in(&world, "pia").await.unwrap();
    assert_eq!(heard(&list, "pia"), 5);
}

#[tokio::test]
async fn what_a_clock_counted_that_was_ahead_keeps_nobody_out() {
    let (world, list) = world().await;
    log_in(&world, "pia").await.unwrap();
    world.clock.advance(400 * 86_400);
    for network in 0..40 {
        wrong_from(&world, "pia", network).await;
    }
    world.clock.advance(-400 * 86_400);
    let before = heard(&list, "pia");
    log_in(&world, "pia").await.unwrap();
    assert_eq!(heard(&list, "pia") - before, 1);
    // Within the quiet time it is as before, whichever of two clocks is ahead.
    for network in 0..40 {
        wrong_from(&world, "pia", network).await;
    }
    world.clock.advance(-14 * 60);
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect));
}
