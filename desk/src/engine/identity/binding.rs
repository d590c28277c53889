//! Whether the campus log-in may open an account. A NetID is a name that is given away again; what
//! an OpenID provider calls a person (`iss` and `sub`) is not, so it is bound to the account at the
//! first log-in, and another one there is another person. And an account of the desk's own with a
//! role above staff is opened by no campus log-in before an operator has said so
//! (`latchkey user link`): whoever gets the name there would be an administrator here. Tests:
//! `desk/tests/desk/directory/binding.rs`, and by HTTP
//! `server/tests/server/people/{sign_on,vouched.rs}`.

use crate::engine::audit::entry::entry;
use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::store::as_read::only_as_read;
use crate::store::change::Change;
use crate::store::identity;
use crate::store::rows::User;
use crate::{Actor, AuditAction, NetId, ProviderSubject, Refusal, Source};

/// As much of what a provider calls somebody as the audit keeps, in characters.
const MAX_SUBJECT_SHOWN: usize = 120;

/// Whether `source`, which calls them so, may open this account. Pure.
///
/// # Errors
/// [`Refusal::AccountNotLinked`], [`Refusal::AnotherPerson`].
pub(crate) fn may_open(
    user: &User,
    source: Source,
    called: Option<&ProviderSubject>,
) -> Result<(), Refusal> {
    if user.is_guarded() {
        return Err(Refusal::AccountNotLinked);
    }
    match &user.subject {
        // Who does not say who it is there is nobody.
        Some(bound) if source == Source::Oidc && called != Some(bound) => {
            Err(Refusal::AnotherPerson)
        }
        _ => Ok(()),
    }
}

/// What a log-in writes of who the person is, after their row is as their source says; and where
/// that is new, its audit row.
pub(crate) fn record_login(
    netid: &NetId,
    known: Option<&User>,
    source: Option<Source>,
    called: Option<&ProviderSubject>,
    directory_id: Option<&str>,
    (now, origin): (crate::Moment, &Origin),
) -> Change {
    let change = identity::note_login(netid, called, directory_id, now);
    match (called, source) {
        (Some(called), Some(source)) if known.is_none_or(|user| user.subject.is_none()) => change
            .audited(
                entry(Actor::Source(source), netid.as_str(), AuditAction::UserLink, origin)
                    .detailed(described(called)),
            ),
        _ => change,
    }
}

fn described(called: &ProviderSubject) -> String {
    format!("sub {called}").chars().filter(|c| !c.is_control()).take(MAX_SUBJECT_SHOWN).collect()
}

impl Desk {
    /// Lets the campus log-in take over the subject's account as it is, with its role, in place of
    /// whom it has been bound to: by the identity that a provider calls so alone, or by whoever
    /// comes first.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn link_account(
        &self,
        permit: &Permit<right::SetRole>,
        called: Option<&ProviderSubject>,
    ) -> Result<(), Refusal> {
        self.write_link(permit, called, false).await.map(drop)
    }

    /// As [`Self::link_account`], and a NetID password of the desk's own ends with it, so that the
    /// campus's counts from then on. Else it ends when a provider or a proxy first vouches for its
    /// owner; a directory is not asked about whoever has one, and so never takes over. Answers
    /// whether there was one.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn hand_over_account(
        &self,
        permit: &Permit<right::SetRole>,
        called: Option<&ProviderSubject>,
    ) -> Result<bool, Refusal> {
        self.write_link(permit, called, true).await
    }

    async fn write_link(
        &self,
        permit: &Permit<right::SetRole>,
        called: Option<&ProviderSubject>,
        ends_password: bool,
    ) -> Result<bool, Refusal> {
        let user = permit.subject().ok_or(Refusal::UserUnknown)?;
        let netid = &user.person.netid;
        let mut words =
            called.map_or_else(|| "the campus log-in may take it over".to_owned(), described);
        let mut link = only_as_read(netid, Some(user)).with(identity::link(netid, called));
        let ends = ends_password && user.netid_hash.is_some();
        if ends {
            words.push_str("; its own NetID password ends");
            link = link.with(identity::end_netid_password(netid));
        }
        let entry = permit.entry(AuditAction::UserLink).detailed(words);
        let change = permit.premised(link).audited(entry);
        self.inner.store.commit(change, self.now()).await?;
        Ok(ends)
    }

    /// Lets go of whom the subject's account is bound to: whoever logs in next by that NetID is. An
    /// account of the desk's own is no longer the campus log-in's to take over. Answers whether
    /// there was anything to let go of; where there was not, nothing has happened, and nothing is
    /// written down.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn unlink_account(&self, permit: &Permit<right::SetRole>) -> Result<bool, Refusal> {
        let user = permit.subject().ok_or(Refusal::UserUnknown)?;
        let any = user.linked || user.subject.is_some() || user.directory_id.is_some();
        let netid = &user.person.netid;
        let as_read = only_as_read(netid, Some(user));
        let change = permit.premised(if any {
            let unlink = identity::unlink(netid).audited(permit.entry(AuditAction::UserUnlink));
            as_read.with(unlink)
        } else {
            as_read
        });
        self.inner.store.commit(change, self.now()).await?;
        Ok(any)
    }
}
