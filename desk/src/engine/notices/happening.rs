//! What somebody is to be told, and the notices that tell it: one for each channel, each with a key
//! that is the same however often it is made. Tests: `desk/tests/desk/notices/`.

use crate::engine::notices::settings::NoticeSettings;
use crate::engine::secret::sha256_hex;
use crate::store::notices::{NewNotice, NoticeRow};
use crate::{Channel, Moment, NoticeKind};

const HOUR_MS: i64 = 3600 * 1000;

/// The mail that gathers what is too much goes so long after its hour, in milliseconds.
const AFTER_HOUR_MS: i64 = 60 * 1000;

/// What somebody is to be told, by whichever channel.
#[derive(Debug, Default)]
pub(super) struct Happening {
    /// What it tells: the same each time that it is made.
    pub(super) event: String,
    pub(super) netid: String,
    pub(super) at: i64,
    pub(super) token_id: Option<String>,
    /// Who did it, as the audit has it.
    pub(super) actor: String,
    pub(super) address: String,
    pub(super) network: String,
    pub(super) detail: String,
    /// What somebody else wrote of it.
    pub(super) quoted: String,
    /// To administrators: what happened to whom. So many of each come on a day.
    pub(super) about: String,
    /// It comes however many others do in its hour.
    pub(super) is_urgent: bool,
}

impl Happening {
    /// Its notices, by each channel that is on.
    pub(super) fn by_each_channel(
        &self,
        kind: NoticeKind,
        settings: &NoticeSettings,
        now: Moment,
    ) -> impl Iterator<Item = NewNotice> {
        Channel::ALL
            .into_iter()
            .filter(move |channel| settings.sends_by(*channel))
            .map(move |channel| self.notice(kind, channel, now))
    }

    /// Its notice by one channel. The id follows from the event, the kind, the person and the
    /// channel.
    pub(super) fn notice(&self, kind: NoticeKind, channel: Channel, now: Moment) -> NewNotice {
        let hour = now.0.div_euclid(HOUR_MS);
        let is_for_administrators = kind == NoticeKind::ForAdministrators;
        let (kind, channel) = (kind.code(), channel.code());
        let Self { event, netid, about, .. } = self;
        let of_hour =
            |what: &str| sha256_hex(format!("hour {hour} {what} {netid} {channel}").as_bytes());
        NewNotice {
            id: sha256_hex(format!("{event} {kind} {netid} {channel}").as_bytes()),
            row: NoticeRow {
                channel: channel.to_owned(),
                kind: kind.to_owned(),
                netid: netid.clone(),
                at: self.at,
                made: now.0,
                made_on: now.days(),
                state: "waiting".to_owned(),
                due: now.0,
                tries: 0,
                token_id: self.token_id.clone(),
                actor: self.actor.clone(),
                address: self.address.clone(),
                network: self.network.clone(),
                detail: self.detail.clone(),
                quoted: self.quoted.clone(),
                about: self.about.clone(),
                summary: is_for_administrators.then(|| of_hour("counted")),
                gathers: false,
            },
            summary: sha256_hex(format!("hour {hour} {kind} {netid} {channel} {about}").as_bytes()),
            summary_due: (hour + 1) * HOUR_MS + AFTER_HOUR_MS,
            whole: of_hour("all"),
            may_wait: is_for_administrators && !self.is_urgent,
        }
    }
}
