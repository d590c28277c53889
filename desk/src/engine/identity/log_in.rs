//! Log-in: by NetID password, by the campus directory, by somebody else's word
//! (`log_in/vouched.rs`). What fails costs the same whoever it was tried for. Tests:
//! `passwords/tests.rs`, `desk/tests/desk/login.rs`, `directory/log_in.rs`.

mod vouched;

use crate::engine::audit::entry::own_entry;
use crate::engine::desk::Desk;
use crate::engine::identity::binding::record_login;
use crate::engine::identity::browser::Browser;
use crate::engine::identity::directory::{Asking, Directory, DirectoryError, ExternalIdentity};
use crate::engine::origin::Origin;
use crate::engine::passwords::device::Devices;
use crate::engine::passwords::hasher::{Checked, Lane};
use crate::engine::passwords::normal::with_blank_named;
use crate::engine::passwords::throttle::{Looked, Try};
use crate::engine::secret::{Cookie, Secret, random_form_key};
use crate::engine::sessions::visitor::Visitor;
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::passwords::only_by_netid_password;
use crate::store::rows::User;
use crate::store::sessions::{NewSession, begin};
use crate::{Actor, AuditAction, Moment, NetId, ProviderSubject, Refusal, Role, Source};

/// How somebody came to be logged in by somebody else's word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginContext {
    /// When they last proved who they are; none: not known, and the log-in counts as an old one.
    pub proved_at: Option<Moment>,
    /// The OpenID provider, as it calls itself.
    pub issuer: Option<String>,
    /// What the OpenID provider calls them.
    pub issuer_subject: Option<String>,
    /// What it calls its own session with them.
    pub issuer_session: Option<String>,
}

/// Somebody who has logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Their session's.
    pub cookie: Cookie,
    /// Whose session it is.
    pub netid: NetId,
    /// The accounts that this browser has logged in to by now.
    pub devices: Devices,
}

impl LoginContext {
    /// What the provider calls them, if it is one.
    fn called(&self) -> Option<ProviderSubject> {
        ProviderSubject::of(self.issuer.clone(), self.issuer_subject.clone())
    }
}

/// How often a log-in is looked at again whose person was changed while their password was hashed.
const MAX_TRIES: u32 = 5;

/// Who says that a password is right.
#[derive(PartialEq)]
enum Proof {
    /// The desk's own store; what was found there.
    BuiltIn(Checked),
    /// The directory, and what it says of the person.
    Directory(ExternalIdentity),
}

impl Desk {
    /// Logs a person in with their NetID password, from a browser that nobody knows:
    /// [`Desk::log_in_from`].
    ///
    /// # Errors
    /// As [`Desk::log_in_from`].
    pub async fn log_in(
        &self,
        netid: &str,
        password: &Secret,
        origin: &Origin,
    ) -> Result<(Cookie, NetId), Refusal> {
        let logged_in = self.log_in_from(&Browser::default(), netid, password, origin).await?;
        Ok((logged_in.cookie, logged_in.netid))
    }

    /// Logs a person in with their NetID password and makes a session. Where a directory is
    /// configured, it is asked about everybody who has no password in the desk's own store, and
    /// what it says of them is taken over.
    ///
    /// A browser that has logged in as them before is delayed by its own wrong passwords alone; any
    /// other by those of its network. No number of either closes a log-in.
    ///
    /// # Errors
    /// [`Refusal::LoginIncorrect`] alike for wrong, unknown and disabled, after the same work
    /// ([`Refusal::LoginIncorrectSpace`] by what was typed alone);
    /// [`Refusal::TooManyAttempts`], [`Refusal::DirectoryUnavailable`], [`Refusal::Unavailable`];
    /// where the directory says that the password is right, [`Refusal::NetIdReserved`],
    /// [`Refusal::AccountNotLinked`] and, of the last administrator's NetID,
    /// [`Refusal::AnotherPerson`].
    pub async fn log_in_from(
        &self,
        browser: &Browser,
        netid: &str,
        password: &Secret,
        origin: &Origin,
    ) -> Result<LoggedIn, Refusal> {
        let tried = self.try_to_log_in(browser, netid, password, origin).await;
        tried.map_err(|refusal| with_blank_named(refusal, password))
    }

    async fn try_to_log_in(
        &self,
        browser: &Browser,
        netid: &str,
        password: &Secret,
        origin: &Origin,
    ) -> Result<LoggedIn, Refusal> {
        let Ok(netid) = NetId::parse(netid) else {
            // No NetID at all: the same work as for a wrong password, and nothing of what was typed
            // is kept.
            self.inner.hasher.verify_in(Lane::Stranger(origin.address), None, password).await?;
            self.ask_about_nobody(false).await?;
            return Err(Refusal::LoginIncorrect);
        };
        for _ in 0..MAX_TRIES {
            match self.log_in_once(browser, &netid, password, origin).await {
                // Another password, or the same one hashed anew by another log-in at this moment:
                // looked at once more.
                Err(Refusal::ChangedMeanwhile) => {}
                other => return other,
            }
        }
        Err(Refusal::ChangedMeanwhile)
    }

    async fn log_in_once(
        &self,
        browser: &Browser,
        netid: &NetId,
        password: &Secret,
        origin: &Origin,
    ) -> Result<LoggedIn, Refusal> {
        let user = self.inner.store.user(netid).await?;
        let epoch = user.as_ref().map_or(0, |user| user.device_epoch);
        let from = self.tried_from(browser, netid, epoch, origin).await?;
        let by_device = from.is_device();
        let check = async {
            let proof = match self.prove(netid, user.as_ref(), password, by_device, origin).await? {
                Looked::Right(proof) => proof,
                other => return Ok(other),
            };
            // Of somebody whom the directory vouches for that has been asked already.
            let is_wanted = !matches!(proof, Proof::BuiltIn(_))
                || user.as_ref().is_none_or(|user| user.may_log_in(None));
            Ok(if is_wanted { Looked::Right(proof) } else { Looked::Wrong })
        };
        let own = self.inner.directory.is_none()
            || user.as_ref().is_some_and(|user| user.netid_hash.is_some());
        let turns = &self.inner.turns;
        let tried = Try {
            turns: match (by_device, own) {
                (true, _) => &turns.devices,
                (false, true) => &turns.strangers,
                // Those who wait for the directory do not hold up those who do not.
                (false, false) => &turns.directory,
            },
            netid,
            known: user.is_some(),
            from,
            // Who it is, is what is to be proved.
            actor: Actor::Nobody,
            action: AuditAction::LogIn,
            wrong: Refusal::LoginIncorrect,
            origin,
        };
        let proved = self.guarded(&tried, check).await;
        if own && self.inner.directory.is_some() && proved == Err(Refusal::LoginIncorrect) {
            // As long as anybody's takes, after it was counted, and whatever the directory says.
            let _ = self.take_directory_try(netid, by_device).await;
            let _ = self.ask_about_nobody(by_device).await;
        }
        let login_context = LoginContext { proved_at: Some(self.now()), ..LoginContext::default() };
        let before = browser.visitor.as_ref();
        let cookie = match (proved?, &self.inner.directory) {
            (Proof::Directory(who), Some(directory)) => {
                self.may_come_in(netid, user.as_ref(), directory.source(), &login_context, origin)?;
                let claimed = Some((user.as_ref(), &who, directory.source()));
                self.let_in(netid, Change::default(), claimed, &login_context, before, origin)
                    .await?
            }
            (Proof::BuiltIn(checked), _) => {
                let still =
                    self.only_by_this_password(user.as_ref(), password, checked, origin).await?;
                self.let_in(netid, still, None, &login_context, before, origin).await?
            }
            // Nobody but a directory gives such a proof.
            (Proof::Directory(_), None) => return Err(Refusal::LoginIncorrect),
        };
        let devices = browser.devices.with(self.sources_key().await?, netid, epoch, self.now());
        Ok(LoggedIn { cookie, netid: netid.clone(), devices })
    }

    /// The condition that the NetID password that was looked at is still the person's when their
    /// session begins; it is hashed anew in the same change where that is due.
    async fn only_by_this_password(
        &self,
        user: Option<&User>,
        password: &Secret,
        checked: Checked,
        origin: &Origin,
    ) -> Result<Change, Refusal> {
        let Some((user, old)) = user.and_then(|user| Some((user, user.netid_hash.as_deref()?)))
        else {
            return Err(Refusal::LoginIncorrect);
        };
        let netid = &user.person.netid;
        if checked != Checked::Outdated {
            return Ok(only_by_netid_password(netid, old, old.to_owned()));
        }
        let new = self.inner.hasher.hash(password).await?;
        let entry =
            own_entry(netid, AuditAction::PasswordRehash, origin).detailed("NetID password");
        Ok(only_by_netid_password(netid, old, new).audited(entry))
    }

    /// Whether the password is right, and by whose word. Wrong, unknown and not asked cost the
    /// same: one hashing, and where there is a directory one question to it.
    async fn prove(
        &self,
        netid: &NetId,
        user: Option<&User>,
        password: &Secret,
        by_device: bool,
        origin: &Origin,
    ) -> Result<Looked<Proof>, Refusal> {
        let hash = user.and_then(|user| user.netid_hash.as_deref());
        let lane = if by_device { Lane::Known } else { Lane::Stranger(origin.address) };
        let checked = self.inner.hasher.verify_in(lane, hash, password).await?;
        if checked.is_right() {
            return Ok(Looked::Right(Proof::BuiltIn(checked)));
        }
        match &self.inner.directory {
            // Theirs is another password: the directory is not told what was typed for it.
            Some(directory) if hash.is_none() => {
                let wanted = user.is_none_or(|user| user.may_log_in(Some(directory.source())));
                self.ask_directory(directory.as_ref(), netid, password, wanted, by_device).await
            }
            _ => Ok(Looked::Wrong),
        }
    }

    /// Asks the directory, where it may hear one more wrong password of that person.
    async fn ask_directory(
        &self,
        directory: &dyn Directory,
        netid: &NetId,
        password: &Secret,
        wanted: bool,
        by_device: bool,
    ) -> Result<Looked<Proof>, Refusal> {
        if !self.take_directory_try(netid, by_device).await? {
            self.ask_about_nobody(by_device).await?;
            return Ok(Looked::NotTried);
        }
        let answer = directory.check(netid, password, Asking { wanted, known: by_device }).await;
        self.inner.counts.directory_answered(&answer);
        match answer {
            Ok(Some(who)) => {
                self.directory_heard_right(netid).await?;
                Ok(Looked::Right(Proof::Directory(who)))
            }
            Ok(None) => Ok(Looked::Wrong),
            Err(error) => {
                // What it may have counted, it has counted.
                if !matches!(error, DirectoryError::Unanswered(_)) {
                    self.directory_heard_nothing(netid, by_device).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Takes the time of a question about somebody unknown.
    async fn ask_about_nobody(&self, known: bool) -> Result<(), Refusal> {
        if let Some(directory) = &self.inner.directory {
            let nobody = NetId::parse(&format!("nobody-{}", &random_form_key()[..12]))?;
            let password = Secret::new("nobody’s".to_owned());
            directory.check(&nobody, &password, Asking { wanted: true, known }).await?;
        }
        Ok(())
    }

    /// Refuses a log-in, and writes it down; whoever goes on trying is counted.
    fn refuse_log_in<T>(
        &self,
        netid: &NetId,
        refusal: Refusal,
        origin: &Origin,
    ) -> Result<T, Refusal> {
        let entry = own_entry(netid, AuditAction::LogIn, origin).refused(refusal.code());
        self.inner.unwaited.note(entry, &self.inner.store, self.now());
        Err(refusal)
    }

    /// While the disk is nearly full those log in who take rights away from others, and nobody
    /// else.
    async fn with_room_for(&self, netid: &NetId, change: Change) -> Result<Change, Refusal> {
        if !self.is_nearly_full() {
            return Ok(change);
        }
        let user = self.inner.store.user(netid).await?;
        if user.is_some_and(|user| user.person.role >= Role::HelpDesk) {
            Ok(change.even_if_nearly_full())
        } else {
            Ok(change)
        }
    }

    /// Makes a session, and what `claimed` of the person has to change, in one transaction with
    /// `premised`. The session that the browser had `before` ends, and the oldest of those that are
    /// one too many.
    async fn let_in(
        &self,
        netid: &NetId,
        premised: Change,
        claimed: Option<(Option<&User>, &ExternalIdentity, Source)>,
        login_context: &LoginContext,
        before: Option<&Visitor>,
        origin: &Origin,
    ) -> Result<Cookie, Refusal> {
        let (cookie, now) = (Cookie::random(), self.now());
        let entry = own_entry(netid, AuditAction::LogIn, origin)
            .detailed(claimed.map_or("", |(_, _, source)| source.code()));
        let session = begin(NewSession {
            id: cookie.id(),
            netid,
            now,
            address: entry.address.clone(),
            agent: entry.agent.clone(),
            proved_at: login_context.proved_at,
            issuer_subject: login_context.issuer_subject.clone(),
            issuer_session: login_context.issuer_session.clone(),
        });
        let (known, who, source) = claimed
            .map_or((None, None, None), |(known, who, source)| (known, Some(who), Some(source)));
        let id = who.and_then(|who| who.id.as_deref());
        let recorded =
            record_login(netid, known, source, login_context.called().as_ref(), id, (now, origin));
        let ended = self.makes_room(netid, before, origin).await?;
        let change = premised.with(ended).with(session).with(recorded).audited(entry);
        let change = self.with_room_for(netid, change).await?;
        match self.commit_log_in(netid, claimed, change, origin).await {
            // Disabled meanwhile.
            Err(StoreError::Condition(Condition::Disabled)) => Err(Refusal::LoginIncorrect),
            // They have the NetID of the last one, who keeps it.
            Err(StoreError::Condition(Condition::LastAdministrator)) => Err(Refusal::AnotherPerson),
            other => Ok(other.map(|()| cookie)?),
        }
    }
}
