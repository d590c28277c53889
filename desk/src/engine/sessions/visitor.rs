//! Sessions: who is logged in, from when to when, and how a session ends.

use std::collections::BTreeMap;

use surrealdb::types::RecordId;

use crate::engine::audit::entry::{entry, own_entry};
use crate::engine::counted::counted;
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::secret::Cookie;
use crate::rules::{self, Person};
use crate::store::change::Change;
use crate::store::rows::{SessionRecord, User, key};
use crate::store::sessions;
use crate::store::vars::vars;
use crate::{Actor, AuditAction, Denied, Me, Moment, NetId, Refusal, SessionId, SessionView, Source};

/// A session is noted as seen at most this often, in seconds: reading a page should not write.
const SEEN_EVERY: i64 = 60;

/// How long the old id of a session goes on after it was replaced, in seconds: requests under way still end well, and a
/// stolen old cookie is soon worth nothing.
const REPLACED_GRACE: i64 = 10;

/// A person who is logged in: proof that the desk looked at their session in this request.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub(crate) user: User,
    pub(crate) session: SessionRecord,
    now: Moment,
    may_set_first_password: bool,
    first_password_when_fresh: bool,
}

impl Visitor {
    /// All that pages show of the person and the session.
    #[must_use]
    pub fn me(&self) -> Me {
        Me {
            netid: self.netid().to_string(),
            name: self.user.name.clone(),
            email: self.user.email.clone(),
            role: self.user.person.role,
            privileged: self.user.person.privileged,
            source: self.user.source,
            local: self.user.local.clone(),
            confirmed_until: self.confirmed_until(),
            may_set_first_password: self.may_set_first_password,
            first_password_when_fresh: self.first_password_when_fresh,
            by_provider: self.by_provider(),
        }
    }

    /// The person as the rules see them.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.user.person
    }

    /// Their NetID.
    #[must_use]
    pub fn netid(&self) -> &NetId {
        &self.user.person.netid
    }

    /// Whether an OpenID provider has logged them in.
    #[must_use]
    pub fn by_provider(&self) -> bool {
        self.session.issuer_subject.is_some()
    }

    pub(crate) fn session_id(&self) -> SessionId {
        SessionId::of(key(&self.session.id))
    }

    /// A replaced session confirms nothing, nor does a password that is no longer the person's.
    pub(crate) fn confirmed_until(&self) -> Option<Moment> {
        let session = &self.session;
        let stands = session.replaced_until.is_none() && session.confirmed_rev == Some(self.user.rev);
        session.confirmed_until.map(Moment).filter(|until| self.now < *until && stands)
    }
}

impl Desk {
    /// Who the cookie's session belongs to.
    ///
    /// # Errors
    /// [`Refusal::SessionEnded`] where it is unknown, too old, unused for too long, or its user disabled;
    /// [`Refusal::Unavailable`].
    pub async fn visitor(&self, cookie: &Cookie, _origin: &Origin) -> Result<Visitor, Refusal> {
        let visitor = self.glance(cookie).await?;
        if Moment(visitor.session.last_seen).seconds_until(visitor.now) >= SEEN_EVERY {
            let seen = "UPDATE type::record('session', $id) SET last_seen = $now";
            self.inner.store.note(seen, vars! { "id" => cookie.id().to_string(), "now" => visitor.now.0 }).await?;
        }
        Ok(visitor)
    }

    /// As [`Desk::visitor`], without noting that the session was seen: a page that merely stays open and watches must
    /// not keep an idle session going.
    ///
    /// # Errors
    /// As [`Desk::visitor`].
    pub async fn glance(&self, cookie: &Cookie) -> Result<Visitor, Refusal> {
        let store = &self.inner.store;
        let session: Option<SessionRecord> = store.row("SELECT * FROM type::record('session', $id)", vars! { "id" => cookie.id().to_string() }).await?;
        let session = session.filter(|session| self.goes_on(session)).ok_or(Refusal::SessionEnded)?;
        let netid = NetId::parse(&session.user).map_err(|_| Refusal::SessionEnded)?;
        let user = store.user(&netid).await?.filter(|user| !user.person.disabled).ok_or(Refusal::SessionEnded)?;
        let now = self.now();
        let first = rules::check_first_password(&user.person, self.settings().policy(), session.proved_at.map(Moment), now);
        let first_password_when_fresh = first == Err(Denied::LoginNotFresh);
        Ok(Visitor { user, session, now, may_set_first_password: first.is_ok(), first_password_when_fresh })
    }

    fn goes_on(&self, session: &SessionRecord) -> bool {
        let (now, settings) = (self.now(), self.settings());
        let idle = Moment(session.last_seen).plus_seconds(i64::from(settings.session_idle_minutes) * 60);
        let end = Moment(session.created).plus_seconds(i64::from(settings.session_hours) * 3600);
        now < idle && now < end && session.replaced_until.is_none_or(|until| now < Moment(until))
    }

    /// Gives the visitor's session a new id, confirmed for as long as the operator says. The old id goes on for a moment.
    pub(crate) fn renewed(&self, visitor: &Visitor) -> (Cookie, Change) {
        let cookie = Cookie::random();
        let now = self.now();
        let change = Change::new(
            "LET $old = (SELECT * FROM ONLY type::record('session', $old_id));
             IF !$old { THROW 'session-ended' };
             CREATE type::record('session', $new_id) CONTENT {
                user: $old.user, created: $old.created, last_seen: $renewed, address: $old.address, agent: $old.agent,
                confirmed_until: $confirmed, confirmed_rev: (SELECT VALUE rev ?? 0 FROM ONLY type::record('user', $old.user)), proved_at: $old.proved_at, issuer_subject: $old.issuer_subject, issuer_session: $old.issuer_session };
             UPDATE type::record('session', $old_id) SET replaced_until = $replaced, confirmed_until = NONE",
            vars! {
                "old_id" => visitor.session_id().to_string(), "new_id" => cookie.id().to_string(), "renewed" => now.0,
                "confirmed" => now.plus_seconds(i64::from(self.settings().confirm_seconds)).0,
                "replaced" => now.plus_seconds(REPLACED_GRACE).0,
            },
        );
        (cookie, change)
    }

    /// Ends the visitor's session.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn log_out(&self, visitor: &Visitor, origin: &Origin) -> Result<(), Refusal> {
        let delete = Change::new("DELETE type::record('session', $id)", vars! { "id" => visitor.session_id().to_string() });
        let entry = own_entry(visitor.netid(), AuditAction::LogOut, origin);
        Ok(self.inner.store.commit(delete.audited(entry), self.now()).await?)
    }

    /// Where the visitor is logged in, the latest log-in first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn own_sessions(&self, visitor: &Visitor) -> Result<Vec<SessionView>, Refusal> {
        self.sessions_of(visitor.netid(), Some(&visitor.session_id())).await
    }

    pub(crate) async fn sessions_of(&self, netid: &NetId, this: Option<&SessionId>) -> Result<Vec<SessionView>, Refusal> {
        let sql = "SELECT * FROM session WHERE user = $user ORDER BY created DESC";
        let rows: Vec<SessionRecord> = self.inner.store.rows(sql, vars! { "user" => netid.as_str().to_owned() }).await?;
        let live = rows.into_iter().filter(|row| row.replaced_until.is_none() && self.goes_on(row));
        Ok(live.map(|row| view(row, this)).collect())
    }

    /// Ends one of the visitor's sessions, this one too.
    ///
    /// # Errors
    /// [`Refusal::SessionUnknown`] where it is not theirs, [`Refusal::Unavailable`].
    pub async fn end_own_session(&self, visitor: &Visitor, id: &str, origin: &Origin) -> Result<(), Refusal> {
        let id = SessionId::parse(id)?;
        if !self.own_sessions(visitor).await?.iter().any(|session| session.id == id) {
            return Err(Refusal::SessionUnknown);
        }
        let delete = Change::new("DELETE type::record('session', $id)", vars! { "id" => id.to_string() });
        let entry = own_entry(visitor.netid(), AuditAction::SessionEnd, origin);
        Ok(self.inner.store.commit(delete.audited(entry), self.now()).await?)
    }

    /// Ends the sessions that an OpenID provider has logged in and now logs out: those of its own `session` where it names
    /// one, and those of `subject` for which it never named one, else all of `subject`'s. Answers how many.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn end_issuers_sessions(&self, subject: Option<&str>, session: Option<&str>, origin: &Origin) -> Result<u32, Refusal> {
        let sql = "SELECT * FROM session WHERE issuer_session = $word";
        let mut rows: Vec<SessionRecord> = match session {
            Some(session) => self.inner.store.rows(sql, vars! { "word" => session.to_owned() }).await?,
            None => Vec::new(),
        };
        if let Some(subject) = subject {
            let sql = "SELECT * FROM session WHERE issuer_subject = $word";
            let theirs: Vec<SessionRecord> = self.inner.store.rows(sql, vars! { "word" => subject.to_owned() }).await?;
            // Where the provider names its session, others of the same person go on; those that it never named do not.
            let meant = |row: &SessionRecord| session.is_none() || row.issuer_session.is_none();
            rows.extend(theirs.into_iter().filter(meant));
        }
        rows.sort_by_key(|row| key(&row.id));
        rows.dedup_by_key(|row| key(&row.id));
        if rows.is_empty() {
            return Ok(0);
        }
        let mut by_owner: BTreeMap<&str, usize> = BTreeMap::new();
        rows.iter().for_each(|row| *by_owner.entry(row.user.as_str()).or_default() += 1);
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id.clone()).collect();
        let delete = Change::new("FOR $ended IN $sessions { DELETE $ended }", vars! { "sessions" => ids });
        let delete = by_owner.iter().fold(delete, |delete, (owner, ended)| {
            let entry = entry(Actor::Source(Source::Oidc), owner, AuditAction::SessionEnd, origin);
            delete.audited(entry.detailed(counted(*ended, "session")))
        });
        self.inner.store.commit(delete, self.now()).await?;
        Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }

    /// Ends every session of the visitor but this one; answers how many.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn end_other_own_sessions(&self, visitor: &Visitor, origin: &Origin) -> Result<u32, Refusal> {
        let change = Change::default().only_if_unchanged(&visitor.user.version());
        self.end_sessions(visitor.netid(), Some(&visitor.session_id()), change, visitor.netid().into(), origin).await
    }

    pub(crate) async fn end_sessions(&self, netid: &NetId, but: Option<&SessionId>, premised: Change, actor: Actor, origin: &Origin) -> Result<u32, Refusal> {
        let ended = self.sessions_of(netid, None).await?.iter().filter(|session| but != Some(&session.id)).count();
        let entry = entry(actor, netid.as_str(), AuditAction::SessionEnd, origin).detailed(counted(ended, "session"));
        self.inner.store.commit(premised.with(sessions::end_all(netid, but)).audited(entry), self.now()).await?;
        Ok(u32::try_from(ended).unwrap_or(u32::MAX))
    }
}

fn view(row: SessionRecord, this: Option<&SessionId>) -> SessionView {
    let id = SessionId::of(key(&row.id));
    SessionView {
        this: this == Some(&id),
        id,
        created: Moment(row.created),
        last_seen: Moment(row.last_seen),
        address: row.address,
        agent: row.agent,
    }
}
