//! From where on anybody is told: from the store's own beginning, or from when it is opened with
//! somebody to tell, and of nothing that was there before.

use desk::{Clock, Desk, NoticeKind, NoticeSettings, Settings};
use testkit::by_hand::token_with;

use super::super::support::{StoreFolder, reopen, world_with};
use super::{DAY, by_mail, hourly_mails, kinds_of, mails};

#[tokio::test]
async fn what_happens_in_a_new_store_before_the_first_look_is_told() {
    let world = world_with(by_mail).await;
    world.token("tia", "made at once").await;
    assert_eq!(kinds_of(&mails(&world).await), [("tia", NoticeKind::TokenMade)]);
}

/// Opens a store again and again, with mail or without.
async fn opened(folder: &StoreFolder, clock: &Clock, mail: bool) -> Desk {
    reopen(Settings {
        store: format!("rocksdb://{}", folder.path().join("store").display()),
        demo: true,
        hash_memory_kib: 64,
        hash_passes: 1,
        clock: clock.clone(),
        notices: NoticeSettings { mail, ..NoticeSettings::default() },
        ..Settings::default()
    })
    .await
}

/// Somebody makes a token there, whose id this is.
async fn made(desk: &Desk, description: &str) -> String {
    token_with(desk, "tia", description, |_| {}).await.1.id.to_string()
}

/// Of which tokens it is told there that they were made.
async fn news_of(desk: &Desk) -> Vec<String> {
    let notices = mails(desk).await;
    notices.iter().map(|notice| notice.token.as_ref().unwrap().id.to_string()).collect()
}

#[tokio::test]
async fn what_was_there_before_anybody_was_told_is_not_and_what_comes_at_once_is() {
    let folder = StoreFolder::from(tempfile::tempdir().unwrap());
    let clock = Clock::standing();
    let off = opened(&folder, &clock, false).await;
    off.console().load_demo().await.unwrap();
    made(&off, "from before").await;
    off.close().await;
    drop(off);
    // The first time that anybody is told.
    let on = opened(&folder, &clock, true).await;
    let first = made(&on, "made at once").await;
    assert_eq!(news_of(&on).await, [first]);
    assert_eq!(hourly_mails(&on).await, []);
    on.close().await;
    drop(on);
    // And after days in which nobody was.
    clock.advance(4 * DAY);
    let off = opened(&folder, &clock, false).await;
    made(&off, "meanwhile").await;
    off.close().await;
    drop(off);
    let on = opened(&folder, &clock, true).await;
    let second = made(&on, "made at once again").await;
    assert_eq!(news_of(&on).await, [second]);
    on.close().await;
}
