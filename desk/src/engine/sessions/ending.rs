//! How sessions end: by their owner, the Help Desk, or the provider that logged them in. Each ends
//! under every id that it has had. Tests: `desk/tests/desk/{sessions,confirmation}.rs`,
//! `directory/`.

use std::collections::BTreeMap;

use crate::engine::audit::entry::{entry, own_entry};
use crate::engine::counted::counted;
use crate::engine::desk::Desk;
use crate::engine::doors::{SourceDoor, source};
use crate::engine::origin::Origin;
use crate::engine::sessions::visitor::Visitor;
use crate::store::change::Change;
use crate::store::rows::SessionRecord;
use crate::store::sessions;
use crate::{Actor, AuditAction, NetId, Refusal, SessionId, Source};

impl Desk {
    /// Ends the visitor's session, also where another tab has given it a new id meanwhile.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn log_out(&self, visitor: &Visitor, origin: &Origin) -> Result<(), Refusal> {
        let entry = own_entry(visitor.netid(), AuditAction::LogOut, origin);
        let end = sessions::end(visitor.netid(), &visitor.family());
        Ok(self.inner.store.commit(end.audited(entry), self.now()).await?)
    }

    /// Ends one of the visitor's sessions, this one too.
    ///
    /// # Errors
    /// [`Refusal::SessionUnknown`] where it is not theirs, [`Refusal::SentAlready`],
    /// [`Refusal::Unavailable`].
    pub async fn end_own_session(
        &self,
        visitor: &Visitor,
        id: &str,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        let id = SessionId::parse(id)?;
        let live = self.live_sessions(visitor.netid()).await?;
        let session =
            live.iter().find(|session| session.id() == id).ok_or(Refusal::SessionUnknown)?;
        let entry = own_entry(visitor.netid(), AuditAction::SessionEnd, origin);
        let end = visitor.once().with(sessions::end(visitor.netid(), &session.family()));
        Ok(self.inner.store.commit(end.audited(entry), self.now()).await?)
    }

    /// Ends every session of the visitor but this one; answers how many.
    ///
    /// # Errors
    /// [`Refusal::SessionEnded`], [`Refusal::ChangedMeanwhile`], [`Refusal::SentAlready`],
    /// [`Refusal::Unavailable`].
    pub async fn end_other_own_sessions(
        &self,
        visitor: &Visitor,
        origin: &Origin,
    ) -> Result<u32, Refusal> {
        self.end_sessions(
            visitor.netid(),
            Some(&visitor.family()),
            visitor.premised(self.now()),
            visitor.netid().into(),
            origin,
        )
        .await
    }

    /// What ends with a log-in: the session that the browser had `before`, whosever it is, and the
    /// oldest of the person's where they have as many as they may. Of log-ins at one moment some
    /// may be one too many: the next one ends them.
    pub(crate) async fn makes_room(
        &self,
        netid: &NetId,
        before: Option<&Visitor>,
        origin: &Origin,
    ) -> Result<Change, Refusal> {
        let mut change = Change::default();
        if let Some(before) = before {
            let entry = own_entry(before.netid(), AuditAction::LogOut, origin)
                .detailed("another log-in in the same browser");
            change = change.with(sessions::end(before.netid(), &before.family())).audited(entry);
        }
        // The latest first.
        let live = self.live_sessions(netid).await?;
        let goes = |session: &&SessionRecord| {
            before.is_none_or(|before| before.family() != session.family())
        };
        let most = usize::try_from(self.settings().sessions_per_user)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        let too_many: Vec<SessionId> =
            live.iter().filter(goes).skip(most).map(SessionRecord::family).collect();
        if too_many.is_empty() {
            return Ok(change);
        }
        let words = format!(
            "{}, the oldest of more than {}",
            counted(too_many.len(), "session"),
            self.settings().sessions_per_user
        );
        let entry = own_entry(netid, AuditAction::SessionEnd, origin).detailed(words);
        Ok(too_many
            .iter()
            .fold(change, |change, family| change.with(sessions::end(netid, family)))
            .audited(entry))
    }

    /// Ends every session of a person, but for the family `but`; answers how many.
    pub(crate) async fn end_sessions(
        &self,
        netid: &NetId,
        but: Option<&SessionId>,
        premised: Change,
        actor: Actor,
        origin: &Origin,
    ) -> Result<u32, Refusal> {
        let ended = self
            .live_sessions(netid)
            .await?
            .iter()
            .filter(|session| but != Some(&session.family()))
            .count();
        let entry = entry(actor, netid.as_str(), AuditAction::SessionEnd, origin)
            .detailed(counted(ended, "session"));
        self.inner
            .store
            .commit(premised.with(sessions::end_all(netid, but)).audited(entry), self.now())
            .await?;
        Ok(u32::try_from(ended).unwrap_or(u32::MAX))
    }
}

impl SourceDoor<source::OpenId> {
    /// Ends the sessions that an OpenID provider has logged in and now logs out: those of its own
    /// `session` where it names one, and those of `subject` for which it never named one, else all
    /// of `subject`'s. Where it names both, nobody else's. Answers how many.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn end_issuers_sessions(
        &self,
        subject: Option<&str>,
        session: Option<&str>,
        origin: &Origin,
    ) -> Result<u32, Refusal> {
        let store = &self.inner.store;
        let mut rows = match session {
            Some(session) => store.sessions_of_issuer_session(session).await?,
            None => Vec::new(),
        };
        if let Some(subject) = subject {
            rows.retain(|row| row.issuer_subject.as_deref() == Some(subject));
            let theirs = store.sessions_of_issuer_subject(subject).await?;
            // Where the provider names its session, others of the same person go on; those that it
            // never named do not.
            let meant = |row: &SessionRecord| session.is_none() || row.issuer_session.is_none();
            rows.extend(theirs.into_iter().filter(meant));
        }
        let mut by_owner: BTreeMap<NetId, Vec<SessionId>> = BTreeMap::new();
        for row in &rows {
            let families = by_owner.entry(NetId::parse(&row.user)?).or_default();
            if !families.contains(&row.family()) {
                families.push(row.family());
            }
        }
        if by_owner.is_empty() {
            return Ok(0);
        }
        let (mut change, mut count) = (Change::default(), 0);
        for (owner, families) in &by_owner {
            count += families.len();
            change = families
                .iter()
                .fold(change, |change, family| change.with(sessions::end(owner, family)));
            let entry =
                entry(Actor::Source(Source::Oidc), owner.as_str(), AuditAction::SessionEnd, origin);
            change = change.audited(entry.detailed(counted(families.len(), "session")));
        }
        store.commit(change, self.now()).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}
