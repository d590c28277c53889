//! Log-in by NetID password: refused alike whatever is wrong, slowed down, and the account closed after a hundred wrong passwords.

use desk::{NetId, Outcome, Refusal, right};

use super::support::{origin, secret, world};

#[tokio::test]
async fn the_right_netid_password_logs_in() {
    let world = world().await;
    let (cookie, netid) = world.log_in(" SAM ", &secret("sam-netid-password"), &origin()).await.unwrap();
    assert_eq!(netid, NetId::parse("sam").unwrap());
    let me = world.look(&cookie).await.unwrap().me();
    assert_eq!((me.netid.as_str(), me.name.as_str()), ("sam", "Sam Sample"));
    assert_eq!(world.last_audit("sam").await.0, "log-in");
}

#[tokio::test]
async fn wrong_unknown_disabled_and_unreadable_are_refused_alike() {
    let world = world().await;
    for (netid, password) in [
        ("sam", "wrong"),
        ("nobody", "sam-netid-password"),
        ("dave", "dave-netid-password"),
        ("sam; --", "x"),
        ("", ""),
        ("sam", "sam-local-password"),
    ] {
        let refused = world.log_in(netid, &secret(password), &origin()).await.unwrap_err();
        assert_eq!(refused, Refusal::LoginIncorrect, "{netid}");
    }
}

#[tokio::test]
async fn what_is_typed_as_a_netid_is_not_written_down_unless_it_is_one() {
    let world = world().await;
    world.log_in("my-secret-password", &secret("x"), &origin()).await.unwrap_err();
    let rows = world.console().audit(&Default::default()).await.unwrap().rows;
    assert!(rows.iter().any(|row| row.outcome == Outcome::Refused && row.detail == "unknown NetID"));
    assert!(!format!("{rows:?}").contains("my-secret-password"));
}

#[tokio::test]
async fn wrong_passwords_in_a_row_are_delayed_and_a_right_one_clears_them() {
    let world = world().await;
    for _ in 0..3 {
        assert_eq!(world.log_in("sam", &secret("wrong"), &origin()).await.unwrap_err(), Refusal::LoginIncorrect);
    }
    let right = secret("sam-netid-password");
    assert_eq!(world.log_in("sam", &right, &origin()).await.unwrap_err(), Refusal::TooManyAttempts { seconds: 1 });
    // Nobody else waits, and an unknown NetID is delayed like a known one.
    assert!(world.log_in("tia", &secret("tia-netid-password"), &origin()).await.is_ok());
    for _ in 0..3 {
        world.log_in("nobody", &secret("wrong"), &origin()).await.unwrap_err();
    }
    assert_eq!(world.log_in("nobody", &secret("wrong"), &origin()).await.unwrap_err(), Refusal::TooManyAttempts { seconds: 1 });
    world.clock.advance(1);
    assert!(world.log_in("sam", &right, &origin()).await.is_ok());
    for _ in 0..2 {
        assert_eq!(world.log_in("sam", &secret("wrong"), &origin()).await.unwrap_err(), Refusal::LoginIncorrect);
    }
}

#[tokio::test]
async fn a_hundred_wrong_passwords_close_an_account_until_an_administrator_opens_it() {
    let world = world().await;
    for _ in 0..100 {
        assert_eq!(world.log_in("sam", &secret("wrong"), &origin()).await.unwrap_err(), Refusal::LoginIncorrect);
        world.clock.advance(10);
    }
    let right = secret("sam-netid-password");
    assert_eq!(world.log_in("sam", &right, &origin()).await.unwrap_err(), Refusal::AccountClosed);
    world.clock.advance(86_400 * 40);
    assert_eq!(world.log_in("sam", &right, &origin()).await.unwrap_err(), Refusal::AccountClosed);
    let permit = world.permit::<right::SetDisabled>("ada", Some("sam")).await.unwrap();
    world.open_account(&permit).await.unwrap();
    assert!(world.log_in("sam", &right, &origin()).await.is_ok());
}

#[tokio::test]
async fn many_guesses_at_once_are_counted_one_by_one() {
    let world = world().await;
    let guess = || world.desk.clone();
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let desk = guess();
            tokio::spawn(async move { desk.log_in("sam", &secret("wrong"), &origin()).await.unwrap_err() })
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        looked_at += usize::from(guess.await.unwrap() == Refusal::LoginIncorrect);
    }
    assert_eq!(looked_at, 3, "the rest had to wait");
}
