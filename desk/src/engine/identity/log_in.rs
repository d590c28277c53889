//! Log-in: by NetID password, by the campus directory, by single sign-on.

use crate::engine::audit::entry::own_entry;
use crate::engine::desk::Desk;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::origin::Origin;
use crate::engine::secret::{Cookie, Secret, random_form_key};
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::rows::User;
use crate::store::vars::vars;
use crate::{AuditAction, Denied, Moment, NetId, Refusal, Source};

/// How much of what is no NetID is told in the log.
const NETID_SAID: usize = 64;

/// How somebody came to be logged in by somebody else's word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginContext {
    /// When they last proved who they are; none: not known, and the log-in counts as an old one.
    pub proved_at: Option<Moment>,
    /// What the OpenID provider calls them.
    pub issuer_subject: Option<String>,
    /// What it calls its own session with them.
    pub issuer_session: Option<String>,
}

/// Who says that a password is right.
#[derive(PartialEq)]
enum Proof {
    /// The desk's own store.
    BuiltIn,
    /// The directory, and what it says of the person.
    Directory(ExternalIdentity),
}

impl Desk {
    /// Logs a person in with their NetID password and makes a session. Where a directory is configured, it is asked about
    /// everybody who has no password in the desk's own store, and what it says of them is taken over.
    ///
    /// # Errors
    /// [`Refusal::LoginIncorrect`] alike for wrong, unknown and disabled, after the same work;
    /// [`Refusal::TooManyAttempts`], [`Refusal::AccountClosed`], [`Refusal::DirectoryUnavailable`], [`Refusal::Unavailable`].
    pub async fn log_in(&self, netid: &str, password: &Secret, origin: &Origin) -> Result<(Cookie, NetId), Refusal> {
        let netid = NetId::parse(netid).ok();
        let user = match &netid {
            Some(netid) => self.inner.store.user(netid).await?,
            None => None,
        };
        let Some(netid) = netid else {
            // No NetID at all: the same work as for a wrong password, and nothing of what was typed is kept.
            self.prove(None, None, password).await?;
            return Err(Refusal::LoginIncorrect);
        };
        let check = async {
            let proof = self.prove(Some(&netid), user.as_ref(), password).await?;
            // Of somebody whom the directory vouches for that has been asked already.
            let wanted = |proof: &Proof| *proof != Proof::BuiltIn || user.as_ref().is_none_or(|user| user.may_log_in(None));
            Ok(proof.filter(wanted))
        };
        // Those who wait for the directory do not hold up those who do not.
        let own = self.inner.directory.is_none() || user.as_ref().is_some_and(|user| user.netid_hash.is_some());
        let turns = if own { &self.inner.turns } else { &self.inner.directory_turns };
        let proved = self.guarded(turns, &netid, user.is_some(), AuditAction::LogIn, origin, Refusal::LoginIncorrect, check).await;
        if own && proved == Err(Refusal::LoginIncorrect) {
            // As long as anybody's takes, after it was counted, and whatever the directory says.
            let _ = self.ask_about_nobody().await;
        }
        let proof = proved?;
        let arrival = LoginContext { proved_at: Some(self.now()), ..LoginContext::default() };
        let cookie = match (proof, &self.inner.directory) {
            (Proof::Directory(who), Some(directory)) => {
                self.let_in(&netid, Some((user.as_ref(), &who, directory.source())), &arrival, origin).await?
            }
            _ => self.let_in(&netid, None, &arrival, origin).await?,
        };
        Ok((cookie, netid))
    }

    /// Whether the password is right, and by whose word. Wrong, unknown and no NetID at all cost the same: one hashing, and
    /// where there is a directory one question to it.
    async fn prove(&self, netid: Option<&NetId>, user: Option<&User>, password: &Secret) -> Result<Option<Proof>, Refusal> {
        let hash = user.and_then(|user| user.netid_hash.as_deref());
        if self.inner.hasher.verify(hash, password).await? {
            return Ok(Some(Proof::BuiltIn));
        }
        let Some(directory) = &self.inner.directory else { return Ok(None) };
        match netid {
            // Theirs is another password: the directory is not told what was typed for it.
            Some(_) if hash.is_some() => Ok(None),
            Some(netid) => {
                let wanted = user.is_none_or(|user| user.may_log_in(Some(directory.source())));
                Ok(directory.check(netid, password, wanted).await?.map(Proof::Directory))
            }
            None => self.ask_about_nobody().await.map(|()| None),
        }
    }

    /// Takes the time of a question about somebody unknown.
    async fn ask_about_nobody(&self) -> Result<(), Refusal> {
        if let Some(directory) = &self.inner.directory {
            let nobody = NetId::parse(&format!("nobody-{}", &random_form_key()[..12]))?;
            directory.check(&nobody, &Secret::new("nobody’s".to_owned()), true).await?;
        }
        Ok(())
    }

    /// Logs in a person whom `source` (`proxy`, `oidc`) vouches for, and takes over what it says of them: somebody new is made,
    /// of somebody known only what differs is changed. All of it in one transaction, each change with its audit row.
    ///
    /// Whoever is vouched for has no NetID password here: one from the built-in directory is forgotten.
    ///
    /// # Errors
    /// [`Refusal::SignOnRefused`] where it vouches for what is no NetID, [`Denied::ActorDisabled`], [`Refusal::Unavailable`].
    pub async fn log_in_vouched(
        &self,
        who: &ExternalIdentity,
        source: Source,
        arrival: &LoginContext,
        origin: &Origin,
    ) -> Result<(Cookie, NetId), Refusal> {
        let netid = NetId::parse(&who.netid).map_err(|_| {
            let said: String = who.netid.chars().take(NETID_SAID).collect();
            tracing::warn!(%source, ?said, "vouches for what is no NetID");
            Refusal::SignOnRefused
        })?;
        let known = self.inner.store.user(&netid).await?;
        if known.as_ref().is_some_and(|user| !user.may_log_in(Some(source))) {
            let entry = own_entry(&netid, AuditAction::LogIn, origin).refused(Denied::ActorDisabled.code());
            self.inner.store.commit(Change::default().audited(entry), self.now()).await?;
            return Err(Denied::ActorDisabled.into());
        }
        let cookie = self.let_in(&netid, Some((known.as_ref(), who, source)), arrival, origin).await?;
        Ok((cookie, netid))
    }

    /// Makes a session, and what `said` of the person has to change, in one transaction.
    async fn let_in(
        &self,
        netid: &NetId,
        said: Option<(Option<&User>, &ExternalIdentity, Source)>,
        arrival: &LoginContext,
        origin: &Origin,
    ) -> Result<Cookie, Refusal> {
        let (cookie, now) = (Cookie::random(), self.now());
        let entry = own_entry(netid, AuditAction::LogIn, origin).detailed(said.map_or("", |(_, _, source)| source.code()));
        let session = Change::new(
            "IF (SELECT VALUE disabled FROM ONLY type::record('user', $netid)) != false { THROW 'disabled' };
             CREATE type::record('session', $id) CONTENT { user: $netid, created: $now, last_seen: $now, address: $address,
                agent: $agent, proved_at: $proved, issuer_subject: $issuer_subject, issuer_session: $issuer_session }",
            vars! {
                "id" => cookie.id().to_string(), "netid" => netid.as_str().to_owned(), "now" => now.0,
                "address" => entry.address.clone(), "agent" => entry.agent.clone(), "proved" => arrival.proved_at.map(|at| at.0),
                "issuer_subject" => arrival.issuer_subject.clone(), "issuer_session" => arrival.issuer_session.clone(),
            },
        );
        match self.commit_log_in(netid, said, session.audited(entry), origin).await {
            // Disabled meanwhile.
            Err(StoreError::Condition(Condition::Disabled)) => Err(Refusal::LoginIncorrect),
            other => Ok(other.map(|()| cookie)?),
        }
    }
}
