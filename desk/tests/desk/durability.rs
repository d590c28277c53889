//! What is so after the store was closed and opened again, and what a store says that cannot be
//! opened.

use desk::{Desk, OpenError, Refusal, Settings, Verdict, right};

use super::support::{get, origin, reopen, secret, world};

#[tokio::test]
async fn what_was_done_is_still_so_after_opening_again() {
    let world = world().await;
    if world.settings.store.starts_with("mem") {
        return; // Memory forgets at closing.
    }
    let (token, _) = world.token("tia", "kept").await;
    let (gone, view) = world.token("tia", "revoked").await;
    let permit = world.permit::<desk::right::ManageOwnTokens>("tia", None).await.unwrap();
    world.revoke_token(&permit, view.id.as_str()).await.unwrap();
    let (settings, folder) = (world.settings.clone(), world.folder);
    drop(world.desk);
    let desk = reopen(settings).await;
    assert!(matches!(desk.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    assert_eq!(desk.verify(gone.expose(), None, &get()).await, Verdict::Refused("revoked"));
    assert!(desk.console().verify_audit().await.unwrap().faults.is_empty());
    drop(folder);
}

#[tokio::test]
async fn a_store_in_use_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        store: format!("rocksdb://{}", folder.path().join("store").display()),
        ..Settings::default()
    };
    let _first = Desk::open(settings.clone()).await.unwrap();
    let second = Desk::open(settings).await;
    assert!(matches!(second, Err(OpenError::InUse(_))), "{second:?}");
}

#[tokio::test]
async fn what_is_no_store_is_refused_with_what_to_write() {
    for store in ["", "data", "rocksdb://", "file://x", "http://127.0.0.1:8000"] {
        let opened = Desk::open(Settings { store: store.to_owned(), ..Settings::default() }).await;
        assert!(matches!(opened, Err(OpenError::NotAStore(_))), "{store}: {opened:?}");
    }
    let surrealkv =
        Desk::open(Settings { store: "surrealkv://data".to_owned(), ..Settings::default() }).await;
    assert!(matches!(surrealkv, Err(OpenError::SurrealKv)));
    let unreachable =
        Desk::open(Settings { store: "ws://127.0.0.1:1".to_owned(), ..Settings::default() }).await;
    assert!(matches!(unreachable, Err(OpenError::Unreachable { .. })), "{unreachable:?}");
}

#[tokio::test]
async fn a_desk_that_was_closed_gives_no_half_answers() {
    let world = world().await;
    world.close().await;
    assert_eq!(
        world.log_in("tia", &secret("tia-netid-password"), &origin()).await.unwrap_err(),
        Refusal::Unavailable
    );
    let beside = world.console().permit::<right::SetRole>("sam").await;
    assert_eq!(beside.unwrap_err(), Refusal::Unavailable, "not that there is no such person");
}
