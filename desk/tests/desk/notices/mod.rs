//! What people are told, as whoever sends it gets it: each once, to whom it is for, while there is
//! something to be told.

mod administrators;
mod beginning;
mod brought;
mod expiry;
mod kinds;
mod old_strings;
mod own;
mod queue;

use desk::{Channel, Desk, Notice, NoticeKind, NoticeSettings, Settings};

use super::support::{World, world_with};

pub(super) const DAY: i64 = 24 * 3600;

/// Mails are sent, and nothing else.
pub(super) fn by_mail(settings: &mut Settings) {
    settings.notices = NoticeSettings { mail: true, ..NoticeSettings::default() };
}

/// A desk that sends mails, and tells of what comes from now on.
pub(super) async fn mailing() -> World {
    mailing_with(|_| {}).await
}

/// The same with other settings of its notices.
pub(super) async fn mailing_with(adjust: impl FnOnce(&mut NoticeSettings)) -> World {
    let world = world_with(|settings| {
        by_mail(settings);
        adjust(&mut settings.notices);
    })
    .await;
    world.make_notices().await.unwrap();
    world
}

/// What is to be mailed now; each is sent.
pub(super) async fn mails(desk: &Desk) -> Vec<Notice> {
    desk.make_notices().await.unwrap();
    let mut all = Vec::new();
    loop {
        let due = desk.notices_due(Channel::Mail, 7).await.unwrap();
        if due.is_empty() {
            return all;
        }
        for notice in due {
            desk.notice_sent(&notice, Channel::Mail).await.unwrap();
            all.push(notice);
        }
    }
}

/// The same of tokens that end soon, as it is each hour.
pub(super) async fn hourly_mails(desk: &Desk) -> Vec<Notice> {
    desk.make_notices_of_ending_tokens().await.unwrap();
    mails(desk).await
}

/// Whom they are for, and what they are about.
pub(super) fn kinds_of(notices: &[Notice]) -> Vec<(&str, NoticeKind)> {
    let mut kinds: Vec<_> =
        notices.iter().map(|notice| (notice.netid.as_str(), notice.kind)).collect();
    kinds.sort_unstable();
    kinds
}
