//! What looking at a password of Request Tracker's finds, and costs.

use std::sync::atomic::Ordering;

use super::hasher::{Checked, Hasher};
use super::imported::kept;
use crate::engine::secret::Secret;

/// MD5 and bcrypt of one password, as Request Tracker has them.
const STORED: [&str; 2] = [
    "9e027b265c557633e962b5f715634a47",
    "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeXp00Xij15gWQWq2vxyHUjKIlLE1SgwS",
];
const PASSWORD: &str = "Grünkohl mit Pinkel 23";

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn hasher() -> Hasher {
    Hasher::new(64, 1, 1, 1).expect("parameters")
}

#[tokio::test]
async fn the_right_one_is_to_be_hashed_anew_and_no_other_is_right() {
    let hasher = hasher();
    for stored in STORED {
        let hash = kept(&secret(stored));
        let look = async |password: &str| hasher.verify_local(Some(&hash), &secret(password)).await;
        assert_eq!(look(PASSWORD).await, Ok(Checked::Outdated), "{stored}");
        // However the keyboard spells it.
        assert_eq!(look("Gru\u{308}nkohl mit\u{a0}Pinkel 23").await, Ok(Checked::Outdated));
        for wrong in ["", "grünkohl mit pinkel 23", stored, hash.as_str()] {
            assert_eq!(look(wrong).await, Ok(Checked::Wrong), "{wrong}");
        }
        assert_eq!(look(&"x".repeat(257)).await, Ok(Checked::Wrong), "too long");
    }
}

#[tokio::test]
async fn no_log_in_looks_at_such_a_hash() {
    let hasher = hasher();
    for stored in STORED {
        for hash in [kept(&secret(stored)), stored.to_owned()] {
            assert_eq!(hasher.verify(Some(&hash), &secret(PASSWORD)).await, Ok(Checked::Wrong));
        }
    }
}

#[tokio::test]
async fn its_own_hash_is_computed_where_no_log_in_waits() {
    let hasher = hasher();
    let hash = kept(&secret(STORED[1]));
    let busy = hasher.imported.held().await;
    let right = secret(PASSWORD);
    let mut looking = Box::pin(hasher.verify_local(Some(&hash), &right));
    assert!(futures::poll!(looking.as_mut()).is_pending());
    assert_eq!((hasher.imported.there(), hasher.known.there()), (1, 0));
    drop(busy);
    assert_eq!(looking.await, Ok(Checked::Outdated));
}

#[tokio::test]
async fn it_costs_what_every_other_look_costs_besides() {
    let hasher = hasher();
    for (hash, password) in
        [(kept(&secret(STORED[0])), "Gruenkohl"), (kept(&secret("nonsense")), "Gruenkohl")]
    {
        let before = hasher.spent.load(Ordering::Acquire);
        hasher.verify_local(Some(&hash), &secret(password)).await.expect("looked at");
        assert_eq!(hasher.spent.load(Ordering::Acquire) - before, 64, "{hash}");
    }
}
