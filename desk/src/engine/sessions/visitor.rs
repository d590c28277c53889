//! Sessions: who is logged in, and for how long. How a session gets a new id: [`super::renewal`];
//! how it ends: [`super::ending`]. Tests: `desk/tests/desk/{sessions,confirmation}.rs`.

use std::sync::Arc;

use crate::engine::authz::under_way::FormTurn;
use crate::engine::desk::Desk;
use crate::engine::log_limiter::LogLimiter;
use crate::engine::origin::Origin;
use crate::engine::secret::Cookie;
use crate::rules::{self, Person};
use crate::store::change::Change;
use crate::store::rows::{SessionRecord, User};
use crate::{Denied, Me, Moment, NetId, Refusal, Role, SessionId, SessionView, Source};

/// A session is noted as seen at most this often, in seconds: reading a page should not write.
const SEEN_EVERY: i64 = 60;

/// A line a second while the store cannot be written.
static UNNOTED: LogLimiter = LogLimiter::new(1);

/// A person who is logged in: proof that the desk looked at their session in this request.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub(crate) user: User,
    pub(crate) session: SessionRecord,
    /// What they came by: it yields the key of what waits sealed for them.
    pub(super) cookie: Cookie,
    now: Moment,
    /// How long a confirmation lasts.
    confirm_seconds: i64,
    may_set_first_password: bool,
    first_password_when_fresh: bool,
    /// The form that they send with this request.
    form: Option<Arc<FormTurn>>,
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

    /// The same person with the rights that they have in this request alone.
    pub(crate) fn with_rights(mut self, role: Role, privileged: bool) -> Self {
        (self.user.person.role, self.user.person.privileged) = (role, privileged);
        self
    }

    /// As who sends this form ([`Desk::sender`]).
    pub(crate) fn sending(mut self, form: FormTurn) -> Self {
        self.form = Some(Arc::new(form));
        self
    }

    /// The same person under the session's new id, still sending what they send.
    #[must_use]
    pub fn still_sending(mut self, before: &Self) -> Self {
        self.form.clone_from(&before.form);
        self
    }

    /// What stands before whatever they do with this request: their form was not done before.
    pub(crate) fn once(&self) -> Change {
        self.form.as_ref().map_or_else(Change::default, |turn| turn.form().once(self.now))
    }

    /// The same, and the session goes on and the rules see in them what they saw.
    pub(crate) fn premised(&self, now: Moment) -> Change {
        self.once().only_in_session(&self.session_id(), now).only_if_unchanged(&self.user.version())
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

    /// Whether a proxy's word has logged them in, as far as it is known: they are its own, or have
    /// no other way in and no provider has let them in. Whom LDAP has too may have typed their
    /// password.
    #[must_use]
    pub fn came_by_proxy(&self) -> bool {
        match self.user.source {
            Source::Proxy => true,
            Source::BuiltIn | Source::Ldap => false,
            Source::Oidc | Source::Scim | Source::Desk | Source::None => {
                !self.by_provider() && self.user.netid_hash.is_none()
            }
        }
    }

    /// Whether an OpenID provider has logged them in.
    #[must_use]
    pub fn by_provider(&self) -> bool {
        self.session.issuer_subject.is_some()
    }

    pub(crate) fn session_id(&self) -> SessionId {
        self.session.id()
    }

    /// The id under which their session began: what it is counted by, however often it gets a new
    /// one.
    #[must_use]
    pub fn family(&self) -> SessionId {
        self.session.family()
    }

    /// A replaced session confirms nothing, nor does a password that is no longer the person's, nor
    /// one that was typed at a moment that is still to come.
    pub(crate) fn confirmed_until(&self) -> Option<Moment> {
        let session = &self.session;
        let stands =
            session.replaced_until.is_none() && session.confirmed_rev == Some(self.user.rev);
        let goes_on = |until: &Moment| {
            self.now < *until && until.plus_seconds(-self.confirm_seconds).can_have_been(self.now)
        };
        session.confirmed_until.map(Moment).filter(|until| stands && goes_on(until))
    }
}

impl Desk {
    /// Who the cookie's session belongs to.
    ///
    /// # Errors
    /// [`Refusal::SessionEnded`] where it is unknown, too old, unused for too long, or its user
    /// disabled; [`Refusal::Unavailable`].
    pub async fn visitor(&self, cookie: &Cookie, _origin: &Origin) -> Result<Visitor, Refusal> {
        let visitor = self.glance(cookie).await?;
        if Moment(visitor.session.last_seen).seconds_until(visitor.now) >= SEEN_EVERY {
            // Where it cannot be noted (the disk is full), the page is shown all the same: the
            // session ends the sooner for it.
            if let Err(error) = self.inner.store.note_seen(&cookie.id(), visitor.now).await
                && let Some(left_out) = UNNOTED.may_speak()
            {
                tracing::warn!(%error, left_out, "that a session was seen could not be noted");
            }
        }
        Ok(visitor)
    }

    /// As [`Desk::visitor`], without noting that the session was seen: a page that merely stays
    /// open and watches must not keep an idle session going.
    ///
    /// # Errors
    /// As [`Desk::visitor`].
    pub async fn glance(&self, cookie: &Cookie) -> Result<Visitor, Refusal> {
        let store = &self.inner.store;
        let session = store
            .session(&cookie.id())
            .await?
            .filter(|session| self.goes_on(session))
            .ok_or(Refusal::SessionEnded)?;
        let netid = NetId::parse(&session.user).map_err(|_| Refusal::SessionEnded)?;
        let user = store
            .user(&netid)
            .await?
            .filter(|user| !user.person.disabled)
            .ok_or(Refusal::SessionEnded)?;
        let now = self.now();
        let first = rules::check_first_password(
            &user.person,
            self.settings().policy(),
            session.proved_at.map(Moment),
            now,
        );
        let first_password_when_fresh = first == Err(Denied::LoginNotFresh);
        Ok(Visitor {
            user,
            session,
            cookie: cookie.clone(),
            now,
            confirm_seconds: i64::from(self.settings().confirm_seconds),
            may_set_first_password: first.is_ok(),
            first_password_when_fresh,
            form: None,
        })
    }

    /// Whether a session goes on. None does that began, or was seen, when it cannot have been yet.
    fn goes_on(&self, session: &SessionRecord) -> bool {
        let (now, settings) = (self.now(), self.settings());
        let lasts = |since: i64, seconds: i64| {
            let since = Moment(since);
            since.can_have_been(now) && now < since.plus_seconds(seconds)
        };
        let is_still = |until: i64| now < Moment(until) && Moment(until).can_have_been(now);
        lasts(session.last_seen, i64::from(settings.session_idle_minutes) * 60)
            && lasts(session.created, i64::from(settings.session_hours) * 3600)
            && session.replaced_until.is_none_or(is_still)
    }

    /// Where the visitor is logged in, the latest log-in first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn own_sessions(&self, visitor: &Visitor) -> Result<Vec<SessionView>, Refusal> {
        self.sessions_of(visitor.netid(), Some(&visitor.family())).await
    }

    /// Where a person is logged in; `this`: the family of the session that looks.
    pub(crate) async fn sessions_of(
        &self,
        netid: &NetId,
        this: Option<&SessionId>,
    ) -> Result<Vec<SessionView>, Refusal> {
        Ok(self.live_sessions(netid).await?.into_iter().map(|row| view(row, this)).collect())
    }

    /// A person's sessions that go on, each under its present id.
    pub(super) async fn live_sessions(&self, netid: &NetId) -> Result<Vec<SessionRecord>, Refusal> {
        let mut rows = self.inner.store.sessions_of(netid).await?;
        rows.retain(|row| row.replaced_until.is_none() && self.goes_on(row));
        Ok(rows)
    }
}

fn view(row: SessionRecord, this: Option<&SessionId>) -> SessionView {
    SessionView {
        this: this == Some(&row.family()),
        id: row.id(),
        created: Moment(row.created),
        last_seen: Moment(row.last_seen),
        address: row.address,
        agent: row.agent,
    }
}
