//! What a person chooses of their notices, and the private address of their calendar, which tells
//! when their tokens end. The address's secret is shown once; the store knows its hash. Tests:
//! `desk/tests/desk/notices/own.rs`.

use crate::engine::audit::entry::own_entry;
use crate::engine::desk::Desk;
use crate::engine::notices::choice_words::recorded;
use crate::engine::origin::Origin;
use crate::engine::secret::{Cookie, Secret, sha256_hex};
use crate::engine::sessions::visitor::Visitor;
use crate::store::notice_choice;
use crate::store::rows::User;
use crate::{
    AuditAction, CalendarEntry, Moment, NetId, NoticeChoice, NoticeKind, OwnNotices, Refusal,
};

impl Desk {
    /// The visitor's notices.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn notice_settings(&self, visitor: &Visitor) -> Result<OwnNotices, Refusal> {
        let choice = self.inner.store.notice_choice(visitor.netid()).await?;
        let is_wanted = |kind: NoticeKind| choice.off.iter().all(|code| code != kind.code());
        Ok(OwnNotices {
            mail: self.settings().notices.mail,
            email: visitor.user.email.clone(),
            optional: self.optional_kinds().map(|kind| (kind, is_wanted(kind))).collect(),
            always: self.kinds().filter(|kind| self.comes_to_people(*kind)).collect(),
            calendar: choice
                .calendar_made
                .map(Moment)
                .filter(|made| !is_of_another(&visitor.user, *made, self.now())),
        })
    }

    /// The kinds that are told here.
    fn kinds(&self) -> impl Iterator<Item = NoticeKind> {
        let settings = &self.settings().notices;
        NoticeKind::ALL.iter().copied().filter(|kind| settings.tells_of(*kind))
    }

    /// Whether it comes to people here whatever they choose.
    fn comes_to_people(&self, kind: NoticeKind) -> bool {
        let old_strings_end = self.settings().rt_strings_end;
        match kind {
            NoticeKind::ForAdministrators => false,
            NoticeKind::OldStringsEnd => old_strings_end.is_some_and(|end| self.now() < end),
            kind => !kind.is_optional(),
        }
    }

    /// Those of them that are a choice.
    fn optional_kinds(&self) -> impl Iterator<Item = NoticeKind> {
        self.kinds().filter(|kind| kind.is_optional())
    }

    /// Sets which of the optional notices the visitor wants by mail. What tells that somebody else
    /// may act as them comes for some days more ([`NoticeKind::is_muted_later`]), and a mail that
    /// is no choice tells what was switched off: whoever has stolen a session would do that first.
    /// Of those that the operator has switched off it stays what it was.
    ///
    /// # Errors
    /// [`Refusal::SessionEnded`], [`Refusal::ChangedMeanwhile`], [`Refusal::SentAlready`],
    /// [`Refusal::Unavailable`].
    pub async fn set_notice_settings(
        &self,
        visitor: &Visitor,
        choice: &NoticeChoice,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        let before = self.inner.store.notice_choice(visitor.netid()).await?;
        let offered: Vec<NoticeKind> = self.optional_kinds().collect();
        let is_offered = |code: &str| offered.iter().any(|kind| kind.code() == code);
        let unseen = before.off.iter().filter(|code| !is_offered(code)).cloned();
        let unwanted = offered.iter().filter(|kind| !choice.wanted.contains(kind));
        let off: Vec<String> = unwanted.map(|kind| kind.code().to_owned()).chain(unseen).collect();
        let entry = own_entry(visitor.netid(), AuditAction::NoticesSet, origin);
        let entry = entry.detailed(recorded(&off));
        let now = self.now();
        let is_muted_later =
            |code: &str| NoticeKind::parse(code).is_some_and(NoticeKind::is_muted_later);
        let is_muted_now =
            off.iter().any(|code| is_muted_later(code) && !before.off.contains(code));
        let muted_at = if is_muted_now { Some(now) } else { before.muted_at.map(Moment) };
        let choose = notice_choice::choose(visitor.netid(), off, muted_at);
        let change = visitor.premised(now).with(choose);
        Ok(self.inner.store.commit(change.audited(entry), now).await?)
    }

    /// Gives the visitor's calendar a private address, in the place of the one that it had, which
    /// ends. Answers its secret: it is nowhere else.
    ///
    /// # Errors
    /// As [`Desk::set_notice_settings`].
    pub async fn new_calendar_address(
        &self,
        visitor: &Visitor,
        origin: &Origin,
    ) -> Result<Secret, Refusal> {
        // 256 random bits in hex, as a cookie has.
        let secret = Secret::new(Cookie::random().expose().to_owned());
        let entry = own_entry(visitor.netid(), AuditAction::CalendarSet, origin);
        let now = self.now();
        let id = calendar_id(secret.expose());
        let change =
            visitor.premised(now).with(notice_choice::set_calendar(visitor.netid(), id, now));
        self.inner.store.commit(change.audited(entry), now).await?;
        Ok(secret)
    }

    /// Ends the private address of the visitor's calendar; answers whether there was one.
    ///
    /// # Errors
    /// As [`Desk::set_notice_settings`].
    pub async fn end_calendar_address(
        &self,
        visitor: &Visitor,
        origin: &Origin,
    ) -> Result<bool, Refusal> {
        if self.inner.store.notice_choice(visitor.netid()).await?.calendar.is_none() {
            return Ok(false);
        }
        let entry = own_entry(visitor.netid(), AuditAction::CalendarEnd, origin);
        let now = self.now();
        let change = visitor.premised(now).with(notice_choice::end_calendar(visitor.netid()));
        self.inner.store.commit(change.audited(entry), now).await?;
        Ok(true)
    }

    /// When the tokens end of whoever's calendar has the address with this secret, the next first;
    /// none: it is nobody's, or of somebody whose account is closed, or who had the NetID before.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn calendar(&self, secret: &str) -> Result<Option<Vec<CalendarEntry>>, Refusal> {
        // What cannot be one costs the store nothing.
        if Cookie::parse(secret).is_none() {
            return Ok(None);
        }
        let store = &self.inner.store;
        let Some(calendar) = store.calendar(&calendar_id(secret)).await? else { return Ok(None) };
        let Ok(netid) = NetId::parse(&calendar.netid) else { return Ok(None) };
        let Some(user) = store.user(&netid).await? else { return Ok(None) };
        let now = self.now();
        if user.person.disabled || is_of_another(&user, Moment(calendar.made), now) {
            return Ok(None);
        }
        if !user.person.privileged {
            return Ok(Some(Vec::new())); // None of their tokens works.
        }
        let tokens = store.live_tokens_of(std::slice::from_ref(&calendar.netid), now).await?;
        let mut entries: Vec<CalendarEntry> = tokens
            .into_iter()
            .filter_map(|token| {
                let token = token.ending(self.settings().rt_strings_end).view(now);
                let expires = token.expires.filter(|_| token.is_live(now))?;
                let id = token.id.short().to_owned();
                Some(CalendarEntry { id, description: token.description, expires })
            })
            .collect();
        entries.sort_by(|one, other| (one.expires, &one.id).cmp(&(other.expires, &other.id)));
        Ok(Some(entries))
    }
}

/// The key of an address with this secret.
fn calendar_id(secret: &str) -> String {
    sha256_hex(format!("calendar {secret}").as_bytes())
}

/// Whether somebody else had the NetID when this was made, or may have had: they have left since. A
/// departure that cannot have been yet was written by a clock that was wrong, and says nothing.
pub(super) fn is_of_another(user: &User, made: Moment, now: Moment) -> bool {
    user.former.as_ref().is_some_and(|former| former.at >= made && former.at.can_have_been(now))
}
