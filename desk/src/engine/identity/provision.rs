//! Writing what was decided of people ([`super::decision`]): one transaction for all of them, with
//! its audit rows. Tests: `desk/tests/desk/directory/`.

use crate::engine::accounts::words::terms;
use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::identity::assertion::Assertion;
use crate::engine::identity::decision::{DirectoryUse, ProvisionRules, decide};
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::person_change::{PersonChange, Presence};
use crate::engine::origin::Origin;
use crate::store::as_read::{Seen, only_all_as_read, only_as_read};
use crate::store::change::{AuditEntry, Change};
use crate::store::error::{Condition, StoreError};
use crate::store::provision::{self, PersonRow};
use crate::store::rows::User;
use crate::{Actor, AuditAction, Moment, NameParts, NetId, Refusal, Source};

/// How often somebody is looked at again who was changed by somebody else at the same moment.
pub(crate) const MAX_TRIES: u32 = 10;

/// What became of whoever left, in the audit.
const DEPARTED: &str = "disabled, staff again, tokens revoked, sessions ended";

/// What has to be written so that people are as one source says.
#[derive(Debug)]
pub(crate) struct Provision {
    by: Source,
    /// Who they all were when it was decided.
    seen: Vec<Seen>,
    /// Those who leave first, since their NetID is another person's by now.
    replaced: Vec<NetId>,
    rows: Vec<PersonRow>,
    entries: Vec<AuditEntry>,
}

impl Provision {
    /// Nothing yet, by this source's word.
    pub(crate) fn by(source: Source) -> Self {
        Self {
            by: source,
            seen: Vec::new(),
            replaced: Vec::new(),
            rows: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// One person too, where something differs.
    pub(crate) fn with(mut self, change: &PersonChange, origin: &Origin) -> Self {
        let notes = change.notes();
        if !notes.is_empty() {
            let by = self.by;
            let note = |(action, detail): (AuditAction, String)| {
                entry(Actor::Source(by), change.netid.as_str(), action, origin).detailed(detail)
            };
            self.entries.extend(notes.into_iter().map(note));
            self.seen.push(Seen::new(&change.netid, change.as_read.as_deref().cloned()));
            self.replaced.extend(change.replaces().map(|_| change.netid.clone()));
            self.rows.push(row(change, by));
        }
        self
    }

    /// All of it, only if each of them is as they were when it was decided; none where nothing
    /// differs.
    pub(crate) fn change(self, now: Moment) -> Option<Change> {
        let Self { by, seen, replaced, rows, entries } = self;
        // Whoever had the NetID leaves, and who has it now comes by it.
        let left = replaced.iter().fold(only_all_as_read(seen), |change, netid| {
            change.with(provision::depart(std::slice::from_ref(netid), by, now))
        });
        (!rows.is_empty()).then(|| {
            entries.into_iter().fold(left.with(provision::write(rows, by, now)), Change::audited)
        })
    }
}

/// What has to be written for people whom `source` no longer has, and its audit rows; after the
/// condition that they are as they were when that was decided.
pub(crate) fn departure(netids: &[NetId], source: Source, now: Moment, origin: &Origin) -> Change {
    netids.iter().fold(provision::depart(netids, source, now), |change, netid| {
        change.audited(
            entry(Actor::Source(source), netid.as_str(), AuditAction::UserLeft, origin)
                .detailed(DEPARTED),
        )
    })
}

/// Says in the log that a NetID is another person's by now.
pub(crate) fn tell_of_another(netid: &NetId) {
    tracing::warn!(
        %netid,
        "the directory has another person by this NetID: another entry, name and address. Whoever \
            had it has left: tokens revoked, sessions ended, the local password gone. If it is the \
            same person after all, `latchkey token restore {netid} --same-person`",
    );
}

fn row(change: &PersonChange, by: Source) -> PersonRow {
    let step = change.privilege.step;
    let name_parts = change.profile.name_parts.as_deref();
    let part = |of: fn(&NameParts) -> &String| name_parts.map(of).cloned();
    PersonRow {
        netid: change.netid.as_str().to_owned(),
        terms: terms(&change.profile.name, &change.profile.email),
        name: change.profile.name.clone(),
        email: change.profile.email.clone(),
        given_name: part(|parts| &parts.given),
        family_name: part(|parts| &parts.family),
        formatted_name: part(|parts| &parts.formatted),
        name_of_parts: name_parts.map(|parts| parts.are_shown),
        role: change.role.given.map(|role| role.word().to_owned()),
        privileged: change.privilege.given,
        privileged_if_new: change.privilege.if_new,
        source: change.profile.source.code().to_owned(),
        external_id: change.profile.external_id.clone(),
        pushed_groups: change.groups.as_ref().map(|groups| groups.to.clone()),
        directory_id: change.profile.directory_id.clone(),
        returns_to: matches!(change.presence, Presence::Returned(_) | Presence::Replaced { .. })
            .then(|| by.code().to_owned()),
        ends_sessions: step.ends_sessions(),
        revokes_tokens: step.revokes_tokens(),
        revocation_pending: step.leaves_revocation_pending().then_some(true),
    }
}

impl Desk {
    /// What is configured, as far as it decides what becomes of people.
    pub(crate) fn provision_rules(&self) -> ProvisionRules<'_> {
        let settings = self.settings();
        let directory = match &self.inner.directory {
            None => DirectoryUse::None,
            Some(_) if settings.directory_synchronises => DirectoryUse::Synchronised,
            Some(_) => DirectoryUse::AtLogIn,
        };
        ProvisionRules {
            groups: &settings.groups,
            directory,
            is_pushed_to: settings.is_pushed_to,
            reserved: &settings.reserved_netids,
        }
    }

    /// Commits a log-in, and in the same transaction what `vouched` has to change of the person:
    /// what was known of them, what is said now, and by whom; only if they are still as they were
    /// known, by which they may come in. The last enabled administrator keeps the role, whatever
    /// the groups say: somebody must be there who can give it to another.
    pub(crate) async fn commit_log_in(
        &self,
        netid: &NetId,
        vouched: Option<(Option<&User>, &ExternalIdentity, Source)>,
        log_in: Change,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let Some((known, who, source)) = vouched else {
            return self.inner.store.commit(log_in, now).await;
        };
        let change =
            decide(netid, known, &Assertion::present(who, source), &self.provision_rules());
        let all = |change: &PersonChange| {
            let person = Provision::by(source).with(change, origin).change(now);
            person.unwrap_or_else(|| only_as_read(netid, known)).with(log_in.clone())
        };
        match self.inner.store.commit(all(&change), now).await {
            Ok(()) if change.replaces().is_some() => {
                tell_of_another(netid);
                Ok(())
            }
            // Nobody else takes over what the last one has.
            Err(StoreError::Condition(Condition::LastAdministrator))
                if change.replaces().is_some() =>
            {
                tracing::warn!(
                    %netid, %source,
                    "another person has the NetID of the last enabled administrator: not let in",
                );
                let refused =
                    entry(Actor::Source(source), netid.as_str(), AuditAction::LogIn, origin)
                        .refused(Refusal::AnotherPerson.code());
                self.inner.store.commit(Change::default().audited(refused), now).await?;
                Err(StoreError::Condition(Condition::LastAdministrator))
            }
            Err(StoreError::Condition(Condition::LastAdministrator)) => {
                tracing::warn!(
                    %netid, %source,
                    "the groups would take the last enabled administrator’s role: it is kept",
                );
                let refused =
                    entry(Actor::Source(source), netid.as_str(), AuditAction::UserRole, origin);
                let kept = all(&change.keeping_role())
                    .audited(refused.refused(Refusal::LastAdministrator.code()));
                self.inner.store.commit(kept, now).await
            }
            other => other,
        }
    }
}
