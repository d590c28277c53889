//! Log-in by NetID password: refused alike whatever is wrong. Wrong ones: `guessing.rs`,
//! `devices.rs`.

use desk::{NetId, Outcome, Refusal};

use super::support::{origin, secret, world};

#[tokio::test]
async fn the_right_netid_password_logs_in() {
    let world = world().await;
    let (cookie, netid) =
        world.log_in(" SAM ", &secret("sam-netid-password"), &origin()).await.unwrap();
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
    let rows = world.console().audit(&desk::AuditQuery::default()).await.unwrap().rows;
    assert!(
        rows.iter().any(|row| row.outcome == Outcome::Refused && row.detail == "unknown NetID")
    );
    assert!(!format!("{rows:?}").contains("my-secret-password"));
}
