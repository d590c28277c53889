//! What is to be sent now, and what became of it. Whoever sends takes some up for five minutes;
//! what is not heard of by then is taken up again, by whichever node: so each comes once, or once
//! more where a node was gone between sending and noting it, and is never lost. Whether somebody is
//! still to be told is looked at here, a moment before. Tests: `desk/tests/desk/notices/queue.rs`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::engine::desk::Desk;
use crate::engine::log_limiter::LogLimiter;
use crate::engine::notices::choice_words;
use crate::engine::notices::contents::Contents;
use crate::engine::notices::expiry::is_unused;
use crate::engine::notices::making::Maker;
use crate::engine::notices::more::more_of;
use crate::engine::notices::old_strings::words;
use crate::engine::notices::recipient::Recipient;
use crate::moment::MAX_CLOCK_SKEW;
use crate::store::notices::{ClaimedNotice, Claiming, NoticeState};
use crate::{
    Actor, Channel, Moment, NetId, Notice, NoticeId, NoticeKind, NoticeToken, NoticesWaiting,
    Refusal, TokenId, TokenView,
};

/// For how long whoever takes a notice up has it, in seconds.
const LEASE: i64 = 5 * 60;

/// How long it waits for the next try, in minutes; after those an hour each time.
const BACK_OFF: [i64; 4] = [1, 5, 15, 60];

/// So many tries an hour apart: three days.
const HOURLY_TRIES: usize = 72;

/// Nobody is told of what happened more than so many days ago: longer than what is made late is
/// tried. It waited while no node ran, or the store is an older copy of itself.
const MAX_AGE_DAYS: i64 = 7;

/// No notice is due later than in so many seconds but by a clock that was wrong: an hour, and the
/// hour that is gathered.
const LATEST: i64 = 3 * 3600 + MAX_CLOCK_SKEW;

/// The most characters of why it could not be sent.
const MAX_WHY: usize = 200;

/// A line a second of those that cannot be delivered.
static UNDELIVERABLE: LogLimiter = LogLimiter::new(1);

/// What a notice tells, as it is now.
#[derive(Default)]
struct Content {
    token: Option<TokenView>,
    days_left: Option<i64>,
    detail: String,
    /// The detail is a sentence of the desk's own.
    own_words: bool,
}

/// What becomes of a notice that was taken up.
enum Next {
    Send(Box<Notice>),
    End(NoticeState, &'static str),
    /// Its time has not come: it is made again when it has.
    Forget,
}

/// Nobody is to be told of it any more.
const fn dropped(why: &'static str) -> Next {
    Next::End(NoticeState::Dropped, why)
}

impl Desk {
    /// Takes up to so many notices up that are to be sent by this channel now, for five minutes:
    /// whoever sends them says what became of each ([`Desk::notice_sent`],
    /// [`Desk::notice_failed`]). None: there are none.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: what was taken up comes again.
    pub async fn notices_due(
        &self,
        channel: Channel,
        limit: usize,
    ) -> Result<Vec<Notice>, Refusal> {
        if !self.settings().notices.sends_by(channel) {
            return Ok(Vec::new());
        }
        let store = &self.inner.store;
        loop {
            let now = self.now();
            let claiming =
                Claiming { now, lease: now.plus_seconds(LEASE), ahead: now.plus_seconds(LATEST) };
            let claimed = store.claim_notices(channel.code(), limit.max(1), claiming).await?;
            if claimed.is_empty() {
                return Ok(Vec::new());
            }
            let (mut people, mut due) = (HashMap::new(), Vec::new());
            for row in claimed {
                let id = row.key();
                match self.looked_at(row, channel, &mut people, now).await? {
                    Next::Send(notice) => due.push(*notice),
                    Next::End(state, why) => {
                        store.end_notice(&id, state, Some(why)).await?;
                        if state == NoticeState::Undeliverable
                            && let Some(left_out) = UNDELIVERABLE.may_speak()
                        {
                            tracing::warn!(notice = id, left_out, "not delivered: {why}");
                        }
                    }
                    Next::Forget => store.forget_notice(&id).await?,
                }
            }
            // Of those that nobody is to be told of any more, the next ones follow.
            if !due.is_empty() {
                return Ok(due);
            }
        }
    }

    /// It was sent.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: it comes once more.
    pub async fn notice_sent(&self, notice: &Notice, _channel: Channel) -> Result<(), Refusal> {
        let store = &self.inner.store;
        Ok(store.end_notice(notice.id.as_str(), NoticeState::Sent, None).await?)
    }

    /// It could not be sent, and why, in words that hold nothing secret: it comes again after a
    /// minute, 5, 15 and 60, then each hour for three days; or never, where no try can be better
    /// (`for_good`).
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: it comes again after five minutes.
    pub async fn notice_failed(
        &self,
        notice: &Notice,
        channel: Channel,
        why: &str,
        for_good: bool,
    ) -> Result<(), Refusal> {
        let store = &self.inner.store;
        let why: String = why.chars().take(MAX_WHY).collect();
        match next_try(notice.tries).filter(|_| !for_good) {
            Some(minutes) => {
                let due = self.now().plus_seconds(minutes * 60);
                store.put_off_notice(notice.id.as_str(), notice.tries, due, &why).await?;
            }
            None => {
                store.end_notice(notice.id.as_str(), NoticeState::GivenUp, Some(&why)).await?;
                tracing::error!(
                    notice = notice.id.as_str(),
                    kind = notice.kind.code(),
                    channel = channel.code(),
                    netid = notice.netid,
                    tries = notice.tries + 1,
                    why,
                    "a notice could not be delivered, and is given up",
                );
            }
        }
        Ok(())
    }

    /// How the queue is.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn notices_waiting(&self) -> Result<NoticesWaiting, Refusal> {
        let counts = self.inner.store.notice_counts().await?;
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        Ok(NoticesWaiting {
            waiting: number(counts.waiting),
            oldest: counts.oldest.map(Moment),
            given_up: number(counts.given_up),
        })
    }

    /// Makes notices of what is new in the audit, as happens by itself each second, and forgets
    /// what waits for a channel that is off.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn make_notices(&self) -> Result<(), Refusal> {
        let maker = Maker::new(self.inner.store.clone(), self.settings().clone());
        maker.forget_what_is_off().await?;
        maker.make().await
    }

    /// Makes those of tokens that end soon, as happens by itself each hour.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn make_notices_of_ending_tokens(&self) -> Result<(), Refusal> {
        let maker = Maker::new(self.inner.store.clone(), self.settings().clone());
        maker.look_for_ending().await
    }

    /// Whether somebody is still to be told, and what.
    async fn looked_at(
        &self,
        row: ClaimedNotice,
        channel: Channel,
        people: &mut HashMap<String, Option<Recipient>>,
        now: Moment,
    ) -> Result<Next, Refusal> {
        let kind = NoticeKind::parse(&row.kind);
        let Some(kind) = kind.filter(|kind| self.settings().notices.tells_of(*kind)) else {
            return Ok(dropped("this kind is switched off"));
        };
        if Moment(row.at).plus_days(MAX_AGE_DAYS) < now {
            return Ok(dropped("it happened too long ago"));
        }
        if let Entry::Vacant(place) = people.entry(row.netid.clone()) {
            let recipient = self.recipient(&row.netid).await?;
            place.insert(recipient);
        }
        let Some(Some(recipient)) = people.get(&row.netid) else {
            return Ok(dropped("there is no such person"));
        };
        if let Some((state, why)) = recipient.why_not(kind, Moment(row.at), channel, now) {
            return Ok(Next::End(state, why));
        }
        let user = &recipient.user;
        let content = match self.content(kind, &row, &user.person.netid, now).await? {
            Ok(content) => content,
            Err(next) => return Ok(next),
        };
        let by = self.title(&row.actor, &row.netid).await?;
        let by_code = if by.is_empty() { String::new() } else { row.actor.clone() };
        let parts = Contents::of(kind, &row, &content.detail);
        let name = if user.name.is_empty() { &row.netid } else { &user.name };
        Ok(Next::Send(Box::new(Notice {
            id: NoticeId::of(row.key()),
            kind,
            name: name.clone(),
            email: user.email.clone(),
            at: Moment(row.at),
            token: content.token.map(|token| NoticeToken {
                id: token.id,
                description: token.description,
                expires: token.expires,
                from_rt: token.from_rt,
            }),
            by,
            by_code,
            initial: parts.initial,
            days_left: content.days_left,
            network: parts.network,
            note: parts.note,
            detail: parts.detail,
            own_words: content.own_words,
            quoted: row.quoted.unwrap_or_default(),
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            netid: row.netid,
            address: row.address,
        })))
    }

    /// What there is to be told of it, or what becomes of it instead.
    async fn content(
        &self,
        kind: NoticeKind,
        row: &ClaimedNotice,
        owner: &NetId,
        now: Moment,
    ) -> Result<Result<Content, Next>, Refusal> {
        if row.gathers {
            let detail = self.summary(kind, row).await?;
            return Ok(Ok(Content { detail, own_words: true, ..Content::default() }));
        }
        if kind == NoticeKind::NoticesChanged {
            let detail = choice_words::words(&row.detail);
            return Ok(Ok(Content { detail, own_words: true, ..Content::default() }));
        }
        if kind == NoticeKind::OldStringsEnd {
            return self.old_strings_content(row, owner, now).await;
        }
        let token = self.token_of(row, owner, now).await?;
        let mut left = None;
        if matches!(kind, NoticeKind::TokenExpires | NoticeKind::TokenIdle) {
            let Some(token) = token.as_ref().filter(|token| token.is_live(now)) else {
                return Ok(Err(dropped("the token does not work any more")));
            };
            let longest = now.plus_days(self.settings().notices.longest_days());
            let Some(expires) = token.expires.filter(|expires| *expires <= longest) else {
                return Ok(Err(Next::Forget));
            };
            if kind == NoticeKind::TokenIdle && !is_unused(token, now) {
                return Ok(Err(dropped("the token is in use")));
            }
            left = Some(expires.days_left(now));
        }
        let detail = row.detail.clone();
        Ok(Ok(Content { token, days_left: left, detail, own_words: false }))
    }

    /// The same of tokens that end with their strings: of all of them that are left.
    async fn old_strings_content(
        &self,
        row: &ClaimedNotice,
        owner: &NetId,
        now: Moment,
    ) -> Result<Result<Content, Next>, Refusal> {
        let Some((mut tokens, end)) = self.ending_with_strings(owner, &row.detail, now).await?
        else {
            return Ok(Err(Next::Forget));
        };
        let detail = words(&tokens, end);
        let token = match tokens.len() {
            0 => return Ok(Err(dropped("none of their tokens ends with its string any more"))),
            1 => tokens.pop(),
            _ => None,
        };
        let days_left = Some(end.days_left(now));
        Ok(Ok(Content { token, days_left, detail, own_words: true }))
    }

    async fn recipient(&self, netid: &str) -> Result<Option<Recipient>, Refusal> {
        let Ok(netid) = NetId::parse(netid) else { return Ok(None) };
        let Some(user) = self.inner.store.user(&netid).await? else { return Ok(None) };
        let choice = self.inner.store.notice_choice(&netid).await?;
        let muted_at = choice.muted_at.map(Moment);
        Ok(Some(Recipient { user, off: choice.off, muted_at }))
    }

    /// The token that a notice is about, where it is still theirs.
    async fn token_of(
        &self,
        row: &ClaimedNotice,
        owner: &NetId,
        now: Moment,
    ) -> Result<Option<TokenView>, Refusal> {
        let Some(id) = &row.token_id else { return Ok(None) };
        let token = self.inner.store.token(&TokenId::of(id.clone())).await?;
        let token = token.filter(|token| token.owner == owner.as_str());
        let strings_end = self.settings().rt_strings_end;
        Ok(token.map(|token| token.ending(strings_end).view(now)))
    }

    /// Who did it, as the person reads it whom it is for.
    async fn title(&self, actor: &str, netid: &str) -> Result<String, Refusal> {
        let other = match Actor::from(actor.to_owned()) {
            Actor::Nobody | Actor::Desk => return Ok(String::new()),
            Actor::Person(other) if other.as_str() == netid => return Ok("you".to_owned()),
            Actor::Person(other) => other,
            actor => return Ok(actor.words()),
        };
        let user = self.inner.store.user(&other).await?;
        let name = user.map(|user| user.name).filter(|name| !name.is_empty());
        Ok(name.unwrap_or_else(|| other.to_string()))
    }

    /// What one says that tells of several.
    async fn summary(&self, kind: NoticeKind, row: &ClaimedNotice) -> Result<String, Refusal> {
        let count = self.inner.store.gathered_notices(&row.key()).await?;
        let since = Moment(row.at).exact();
        let more = more_of(kind, row.about.as_deref().unwrap_or_default());
        Ok(format!("{more}: {count} since {since}."))
    }
}

/// In how many minutes one is tried again that has failed so often before; none: not again.
fn next_try(failed_before: u32) -> Option<i64> {
    let failed = usize::try_from(failed_before).unwrap_or(usize::MAX);
    let hourly = (failed < BACK_OFF.len() + HOURLY_TRIES).then_some(60);
    BACK_OFF.get(failed).copied().or(hourly)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_for_three_days_and_no_longer() {
        let waits: Vec<i64> = (0..).map_while(next_try).collect();
        assert_eq!(waits[..6], [1, 5, 15, 60, 60, 60]);
        assert_eq!(waits.len(), 4 + 72);
        assert!(waits.iter().sum::<i64>() >= 3 * 24 * 60, "three days");
        assert_eq!(next_try(u32::MAX), None);
    }
}
