//! Makes notices by itself: from each row of the audit as it is written, by one node at a time, and
//! hourly of tokens that end soon. Whatever is read twice is made once, by its key. Tests:
//! `desk/tests/desk/notices/`.

use std::time::{Duration, Instant};

use crate::engine::audit::streaming::AuditStream;
use crate::engine::log_limiter::LogLimiter;
use crate::engine::notices::beginning::{MAX_AGE_DAYS, audit_of};
use crate::engine::notices::expiry::{Ending, ending};
use crate::engine::notices::from_audit::{
    NamedToken, address_of, for_administrators, is_about_tokens, is_import, kind_of, named_token,
};
use crate::engine::notices::happening::Happening;
use crate::engine::notices::more::about;
use crate::engine::settings::Settings;
use crate::store::handle::Store;
use crate::store::notices::{MaxMails, NewNotice};
use crate::store::rows::{TokenRecord, key};
use crate::store::token_list::EndsPlace;
use crate::{Actor, AuditRow, Channel, Moment, NetId, NoticeKind, Refusal, TokenView};

/// How often it is looked whether there is something new.
const EVERY: Duration = Duration::from_secs(1);

/// The same while the store does not answer, at most.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// How often tokens are looked through for those that end soon.
const LOOK_EVERY: Duration = Duration::from_hours(1);

/// Rows of the audit that are read at once.
const ROWS: usize = 500;

/// Notices that one transaction writes, give or take one row's.
const BATCH: usize = 100;

/// So many mails of one kind has a person of a day, and an administrator of one kind about one
/// person, so that nobody hides what others do, or what else they do themselves; what is more comes
/// in one an hour. And so many has an administrator in an hour of whatever happens to whomever,
/// beside which leaks still come, and what happens to another administrator.
const MAX_MAILS: MaxMails = MaxMails { of_kind: 20, of_hour: 60 };

/// Administrators who are told, of very many.
const MAX_ADMINISTRATORS: u32 = 100;

/// Tokens that one question reads.
const TOKENS: i64 = 1000;

/// How far apart the ends of tokens are that one question looks for.
const STEP_SECONDS: i64 = 6 * 3600;

/// Of somebody's tokens that ended so many are looked through.
const ENDED_TOKENS: u32 = 200;

/// A line a second while the store does not answer.
static NOT_MADE: LogLimiter = LogLimiter::new(1);

/// Makes notices.
#[derive(Debug)]
pub(crate) struct Maker {
    pub(super) store: Store,
    pub(super) settings: Settings,
    stream: AuditStream,
}

/// Makes notices until the desk is gone.
pub(crate) async fn make_regularly(store: Store, settings: Settings) {
    let maker = Maker::new(store.clone(), settings);
    let (mut wait, mut looked, mut is_started) = (EVERY, None::<Instant>, false);
    loop {
        // A command that opens the store for a moment makes none.
        tokio::time::sleep(wait).await;
        // What room is left is for what takes rights away.
        if store.is_nearly_full() || store.is_failing() {
            continue;
        }
        let work = async {
            if !is_started {
                maker.forget_what_is_off().await?;
                is_started = true;
            }
            maker.make().await?;
            if looked.is_none_or(|looked| looked.elapsed() >= LOOK_EVERY) {
                maker.look_for_ending().await?;
                looked = Some(Instant::now());
            }
            Ok::<(), Refusal>(())
        };
        wait = match work.await {
            Ok(()) => EVERY,
            Err(error) => {
                if let Some(left_out) = NOT_MADE.may_speak() {
                    tracing::warn!(%error, left_out, "notices could not be made; trying again");
                }
                (wait * 2).min(MAX_WAIT)
            }
        };
    }
}

impl Maker {
    pub(crate) fn new(store: Store, settings: Settings) -> Self {
        let stream = audit_of(&store, &settings);
        Self { store, settings, stream }
    }

    /// Forgets what waits for a channel that is off.
    pub(crate) async fn forget_what_is_off(&self) -> Result<(), Refusal> {
        for channel in Channel::ALL {
            if !self.settings.notices.sends_by(channel) {
                while self.store.forget_waiting_notices(channel.code()).await? {}
            }
        }
        Ok(())
    }

    /// Makes those of what is new in the audit, where it is this node's turn.
    pub(crate) async fn make(&self) -> Result<(), Refusal> {
        if !self.settings.notices.is_on() {
            return Ok(());
        }
        loop {
            let part = self.stream.next(ROWS).await?;
            if !part.moves() {
                return Ok(());
            }
            let mut new = Vec::new();
            for row in &part.rows {
                new.extend(self.of_row(row).await?);
                if new.len() >= BATCH {
                    self.add(std::mem::take(&mut new)).await?;
                }
            }
            self.add(new).await?;
            // Read again where this is not noted, and made once all the same.
            self.stream.sent(&part).await?;
        }
    }

    async fn add(&self, new: Vec<NewNotice>) -> Result<(), Refusal> {
        if new.is_empty() {
            return Ok(());
        }
        Ok(self.store.add_notices(new, MAX_MAILS).await?)
    }

    /// Adds some, so many in a transaction.
    pub(super) async fn add_all(&self, new: &[NewNotice]) -> Result<(), Refusal> {
        for batch in new.chunks(BATCH) {
            self.add(batch.to_vec()).await?;
        }
        Ok(())
    }

    /// What a row of the audit tells whom.
    async fn of_row(&self, row: &AuditRow) -> Result<Vec<NewNotice>, Refusal> {
        if is_import(row) {
            return self.of_brought(row).await;
        }
        let now = self.settings.clock.now();
        let (Some(kind), Ok(netid)) = (kind_of(row), NetId::parse(&row.subject)) else {
            return Ok(Vec::new());
        };
        if row.at.plus_days(MAX_AGE_DAYS) < now {
            return Ok(Vec::new());
        }
        if kind == NoticeKind::AccountClosed {
            // Somebody else may have the NetID by now, or they are let in again.
            let user = self.store.user(&netid).await?;
            if !user.is_some_and(|user| user.person.disabled) {
                return Ok(Vec::new());
            }
        }
        let settings = &self.settings.notices;
        let mut happening = Happening {
            event: row.id.clone(),
            netid: netid.to_string(),
            at: row.at.0,
            actor: row.actor.code(),
            address: address_of(row).to_owned(),
            ..Happening::default()
        };
        let mut new = Vec::new();
        if kind == NoticeKind::NoticesChanged {
            row.detail.clone_into(&mut happening.detail);
        }
        if settings.tells_of(kind) {
            self.name_token(row, kind, &netid, &mut happening).await?;
            new.extend(happening.by_each_channel(kind, settings, now));
        }
        if settings.administrators.contains(&kind) && settings.mail {
            let text = for_administrators(kind, row);
            let administrators = self.store.some_administrators(MAX_ADMINISTRATORS).await?;
            let is_of_one = administrators.contains(&row.subject);
            for administrator in administrators {
                if administrator == row.subject {
                    continue;
                }
                let happening = Happening {
                    event: row.id.clone(),
                    netid: administrator,
                    at: row.at.0,
                    actor: row.actor.code(),
                    address: address_of(row).to_owned(),
                    network: text.network.clone(),
                    detail: text.detail.clone(),
                    quoted: text.quoted.clone(),
                    about: about(kind, &row.subject),
                    is_urgent: is_of_one || kind == NoticeKind::TokenLeaked,
                    ..Happening::default()
                };
                new.push(happening.notice(NoticeKind::ForAdministrators, Channel::Mail, now));
            }
        }
        Ok(new)
    }

    /// Which token a row is about, and what is said of it.
    async fn name_token(
        &self,
        row: &AuditRow,
        kind: NoticeKind,
        owner: &NetId,
        happening: &mut Happening,
    ) -> Result<(), Refusal> {
        if !is_about_tokens(kind) {
            // Whether it is an initial one.
            if kind == NoticeKind::PasswordSet {
                row.detail.clone_into(&mut happening.detail);
            }
            return Ok(());
        }
        let named = named_token(&row.detail);
        let token = match named.id {
            Some(id) => {
                let token = self.store.token_beginning(id).await?;
                token.filter(|token| token.owner == owner.as_str())
            }
            None => self.token_called(row, kind, owner, named).await?,
        };
        let is_found = token.is_some();
        happening.token_id = token.map(|token| key(&token.id));
        match kind {
            NoticeKind::TokenNewNetwork => {
                named.rest.clone_into(&mut happening.network);
                named.description.clone_into(&mut happening.detail);
            }
            NoticeKind::TokenLeaked => {
                let words = if is_found { named.rest } else { row.detail.as_str() };
                words.clone_into(&mut happening.detail);
            }
            _ => named.description.clone_into(&mut happening.detail),
        }
        if is_found && kind != NoticeKind::TokenLeaked {
            // Its own row says what it is for.
            happening.detail.clear();
        }
        Ok(())
    }

    /// The token of a person that is for this: of several the newest of those that the row can be
    /// about.
    async fn token_called(
        &self,
        row: &AuditRow,
        kind: NoticeKind,
        owner: &NetId,
        named: NamedToken<'_>,
    ) -> Result<Option<TokenRecord>, Refusal> {
        let since = row.at.plus_days(-1);
        let mut tokens = self.store.tokens_of(owner, row.at, since, ENDED_TOKENS).await?;
        tokens.retain(|token| token.description == named.description);
        let is_over = kind == NoticeKind::TokenLeaked;
        Ok(tokens
            .into_iter()
            .max_by_key(|token| (token.revoked_at.is_some() == is_over, token.created)))
    }

    /// Makes those of tokens that end soon: of all whose end has come nearer than a threshold since
    /// this was last looked for, found by when they end. The first time, and where days were
    /// missed, of all that end so soon.
    pub(crate) async fn look_for_ending(&self) -> Result<(), Refusal> {
        let now = self.settings.clock.now();
        let days = &self.settings.notices.expiry_days;
        if self.settings.notices.is_on() {
            // A moment that cannot have been was noted by a clock that was wrong.
            let last = self.store.notices_scanned().await?.filter(|last| last.can_have_been(now));
            for threshold in days {
                let to = now.plus_days(*threshold);
                let mut from = last.map_or(now, |last| last.plus_days(*threshold)).max(now);
                while from < to {
                    let next = from.plus_seconds(STEP_SECONDS).min(to);
                    self.look_between(from, next, now).await?;
                    from = next;
                }
            }
            self.look_for_old_strings(now).await?;
            self.store.note_notices_scanned(now).await?;
        }
        Ok(())
    }

    async fn look_between(&self, from: Moment, to: Moment, now: Moment) -> Result<(), Refusal> {
        let mut place = Some(EndsPlace::after(from));
        while let Some(at) = place {
            let (tokens, next) = self.store.tokens_ending(at, to, TOKENS).await?;
            let mut new = Vec::new();
            for token in tokens {
                let owner = token.owner.clone();
                new.extend(self.of_token(&owner, &token.view(now), now));
            }
            self.add_all(&new).await?;
            place = next;
        }
        Ok(())
    }

    /// What the owner of a token is told that ends soon.
    pub(super) fn of_token(&self, owner: &str, token: &TokenView, now: Moment) -> Vec<NewNotice> {
        let settings = &self.settings.notices;
        let Some(expires) = token.expires else { return Vec::new() };
        // Its string ends before it, which is told of all such together.
        if token.from_rt && self.settings.rt_strings_end.is_some_and(|end| end <= expires) {
            return Vec::new();
        }
        let (kind, event) = match ending(token, &settings.expiry_days, now) {
            None => return Vec::new(),
            Some(Ending::Unused) => (NoticeKind::TokenIdle, format!("unused {}", token.id)),
            // Where its end is put off, it comes near again.
            Some(Ending::Within(days)) => {
                let event = format!("ends {} {} {days}", token.id, expires.0);
                (NoticeKind::TokenExpires, event)
            }
        };
        if !settings.tells_of(kind) {
            return Vec::new();
        }
        let happening = Happening {
            event,
            netid: owner.to_owned(),
            at: now.0,
            token_id: Some(token.id.to_string()),
            actor: Actor::Desk.code(),
            ..Happening::default()
        };
        happening.by_each_channel(kind, settings, now).collect()
    }
}
