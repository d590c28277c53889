//! Local passwords that came from Request Tracker: right by their old hash once, and hashed by
//! argon2id from then on, in the transaction of what they were given for. One that nobody may
//! choose here becomes an initial one at that: good to choose another, for as long as those are.
//! They are local passwords and nothing else: no log-in looks at such a hash. Tests:
//! `passwords/imported_tests.rs`, `desk/tests/desk/request_tracker/passwords.rs`.

use tracing::Instrument as _;

use crate::engine::audit::entry::own_entry;
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::passwords::hasher::{Checked, Hasher};
use crate::engine::passwords::local::{INITIAL_DAYS, judgement};
use crate::engine::passwords::normal::{is_too_long, spellings};
use crate::engine::request_tracker::hashes;
use crate::engine::secret::Secret;
use crate::engine::spans;
use crate::store::change::Change;
use crate::store::password_hash::PasswordHash;
use crate::store::passwords::{NewLocalPassword, set_local};
use crate::store::rows::User;
use crate::{AuditAction, Denied, LocalPassword, Refusal};

/// How a hash of Request Tracker's begins among those of local passwords.
const PREFIX: &str = "rt:";

/// Who has set such a password, as people read it.
pub(crate) const SET_BY: &str = LocalPassword::REQUEST_TRACKER;

/// What Request Tracker keeps of a password, as it is kept here.
pub(crate) fn kept(stored: &Secret) -> String {
    format!("{PREFIX}{}", stored.expose())
}

impl Hasher {
    /// As [`Hasher::verify`], of a local password: one of Request Tracker's is looked at by its
    /// form, costs what others do besides, and is to be hashed anew where it is right.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn verify_local(
        &self,
        hash: Option<&str>,
        password: &Secret,
    ) -> Result<Checked, Refusal> {
        let Some(stored) = hash.and_then(|hash| hash.strip_prefix(PREFIX)) else {
            return self.verify(hash, password).await;
        };
        if is_too_long(password) {
            return Ok(Checked::Wrong);
        }
        let (hasher, stored, spellings) =
            (self.clone(), Secret::new(stored.to_owned()), spellings(password));
        let work = move || {
            let mut checked = Checked::Wrong;
            for spelling in &spellings {
                if hashes::is_of_password(stored.expose(), spelling.expose()) {
                    checked = Checked::Outdated;
                }
                hasher.spend_price();
            }
            checked
        };
        self.known.run(work).instrument(spans::password_check()).await
    }
}

impl Desk {
    /// Makes an initial password of one that was right, came from Request Tracker as `old`, and is
    /// too weak to be chosen here; any other stays as it is.
    ///
    /// # Errors
    /// [`Denied::OnlyInitial`] where it has become one; [`Refusal::ChangedMeanwhile`],
    /// [`Refusal::TooManyAttempts`], [`Refusal::Unavailable`].
    pub(super) async fn refuse_weak_import(
        &self,
        user: &User,
        old: &str,
        password: &Secret,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        if !old.starts_with(PREFIX) {
            return Ok(());
        }
        let judged = self.inner.judging.for_change(judgement(user, password)).await?;
        if judged.refused.is_none() {
            return Ok(());
        }
        let (netid, now) = (&user.person.netid, self.now());
        let lapses_at = now.plus_days(INITIAL_DAYS);
        let initial = NewLocalPassword {
            hash: PasswordHash::new(self.inner.hasher.hash(password).await?),
            initial: true,
            set_at: now,
            set_by: SET_BY.to_owned(),
            lapses_at: Some(lapses_at),
        };
        let entry = own_entry(netid, AuditAction::PasswordSet, origin)
            .detailed("the one from Request Tracker is too weak: good to choose another");
        let change = Change::default()
            .only_if_unchanged(&user.version())
            .with(set_local(netid, initial))
            .audited(entry);
        self.inner.store.commit(change, now).await?;
        Err(Denied::OnlyInitial.into())
    }
}
