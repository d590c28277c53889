//! Bringing people into the built-in directory from a file: what the file does not say stays as it
//! is. Nobody is enabled, and no role lowered, but where it says so; each person's change is in
//! their own history; one enabled administrator remains. All of it in one transaction. Tests:
//! `desk/tests/desk/import.rs`.

use std::collections::{HashMap, HashSet};

use crate::engine::accounts::administration::yes_no;
use crate::engine::accounts::import_plan::{
    ImportChange, ImportOutcome, ImportPlan, ImportReport, ImportStep, ImportUser,
    takes_administrator,
};
use crate::engine::accounts::words::terms;
use crate::engine::audit::entry::entry;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::passwords::policy::judge;
use crate::store::administration::one_administrator_remains;
use crate::store::as_read::{AsRead, Seen, only_all_as_read};
use crate::store::change::{AuditEntry, Change};
use crate::store::error::{Condition, StoreError};
use crate::store::import::{ImportRow, import};
use crate::store::password_hash::PasswordHash;
use crate::store::rows::User;
use crate::{Actor, AuditAction, NetId, Refusal, Role, Source};

/// How often people are looked at again who were changed by somebody else at the same moment.
const MAX_PLANS: u32 = 3;

/// Why nobody is imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// People of whom the desk does not do what the file says: all of them at once. Never both
    /// empty.
    #[error("{}", of_people(.nameless, .refused))]
    OfPeople {
        /// Those who are not there yet, and have no name.
        nameless: Vec<NetId>,
        /// Others, each with why.
        refused: Vec<(NetId, Refusal)>,
    },
    /// The desk does not do it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Console {
    /// What [`Console::import_users`] would do now. Nothing is written.
    ///
    /// # Errors
    /// [`ImportError::OfPeople`], with [`Refusal::NetIdReserved`], with what is said of a new NetID
    /// password, judged as local ones are, with [`Refusal::PasswordsSame`], and with
    /// [`Refusal::LastAdministrator`]; [`Refusal::Unavailable`].
    pub async fn plan_import(&self, users: &[ImportUser]) -> Result<ImportPlan, ImportError> {
        Ok(self.drawn_plan(users).await?.0)
    }

    /// Brings people into the built-in directory: all of them in one transaction, or none. Local
    /// passwords and tokens of those who are there already stay.
    ///
    /// # Errors
    /// As [`Console::plan_import`], and [`Refusal::ChangedMeanwhile`]; nothing was changed then.
    pub async fn import_users(&self, users: &[ImportUser]) -> Result<ImportReport, ImportError> {
        let mut hashes: HashMap<&NetId, String> = HashMap::new();
        let mut plans = 0;
        loop {
            let (plan, known) = self.drawn_plan(users).await?;
            let report = plan.report();
            if report.created + report.updated == 0 {
                return Ok(report);
            }
            let (mut seen, mut rows) = (Vec::new(), Vec::new());
            for (user, step) in users.iter().zip(&plan.steps) {
                if step.outcome == ImportOutcome::Unchanged {
                    continue;
                }
                if let Some(password) = user.password.as_ref().filter(|_| step.sets_password())
                    && !hashes.contains_key(&user.netid)
                {
                    hashes.insert(&user.netid, self.inner.hasher.hash(password).await?);
                }
                let hash = hashes.get(&user.netid).filter(|_| step.sets_password());
                let known = known.get(&user.netid);
                seen.push(Seen::new(&user.netid, known.map(AsRead::of)));
                rows.push(row(user, known, step, hash.cloned()));
            }
            let mut change = only_all_as_read(seen).with(import(rows, self.now()));
            if plan.steps.iter().any(|step| takes_administrator(step, known.get(&step.netid))) {
                change = change.with(one_administrator_remains());
            }
            let change = entries(&plan, users).into_iter().fold(change, Change::audited);
            match self.inner.store.commit(change, self.now()).await {
                Ok(()) => return Ok(report),
                Err(StoreError::Condition(Condition::Stale)) if plans < MAX_PLANS => plans += 1,
                Err(error) => return Err(Refusal::from(error).into()),
            }
        }
    }

    /// The plan, and the people that it was drawn from.
    async fn drawn_plan(
        &self,
        users: &[ImportUser],
    ) -> Result<(ImportPlan, HashMap<NetId, User>), ImportError> {
        let netids: Vec<NetId> = users.iter().map(|user| user.netid.clone()).collect();
        let known = self.inner.store.users(&netids).await.map_err(Refusal::from)?;
        let nameless =
            users.iter().filter(|user| user.name.is_none() && !known.contains_key(&user.netid));
        let nameless: Vec<NetId> = nameless.map(|user| user.netid.clone()).collect();
        let reserved = &self.settings().reserved_netids;
        let mut refused: Vec<(NetId, Refusal)> = Vec::new();
        let mut steps = Vec::with_capacity(users.len());
        for user in users {
            let known = known.get(&user.netid);
            if let Err(why) = reserved.check(&user.netid, known, Source::BuiltIn) {
                refused.push((user.netid.clone(), why));
            }
            let changes_password = match (&user.password, known) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(password), Some(known)) => match known.netid_hash.as_deref() {
                    None => true,
                    hash => !self.inner.hasher.verify(hash, password).await?.is_right(),
                },
            };
            if changes_password && let Some(why) = self.why_not(user, known).await? {
                refused.push((user.netid.clone(), why));
            }
            steps.push(ImportStep::of(user, known, changes_password));
        }
        let plan = ImportPlan { steps };
        refused.extend(self.last_administrators(&plan, &known).await?);
        if nameless.is_empty() && refused.is_empty() {
            return Ok((plan, known));
        }
        Err(ImportError::OfPeople { nameless, refused })
    }

    /// Why a new NetID password will not do: it is judged as a local one is, and is not theirs.
    async fn why_not(
        &self,
        user: &ImportUser,
        known: Option<&User>,
    ) -> Result<Option<Refusal>, Refusal> {
        let judged = self.judged(user, known).await?;
        if judged.is_some() {
            return Ok(judged);
        }
        let local = known.and_then(|known| known.local_hash.as_deref());
        let (Some(password), Some(_)) = (&user.password, local) else { return Ok(None) };
        let is_same = self.inner.hasher.verify_local(local, password).await?.is_right();
        Ok(is_same.then_some(Refusal::PasswordsSame))
    }

    /// Why it is too weak.
    async fn judged(
        &self,
        user: &ImportUser,
        known: Option<&User>,
    ) -> Result<Option<Refusal>, Refusal> {
        let Some(password) = user.password.clone() else { return Ok(None) };
        let netid = user.netid.to_string();
        let name =
            user.name.clone().or_else(|| known.map(|known| known.name.clone())).unwrap_or_default();
        let email = user
            .email
            .clone()
            .or_else(|| known.map(|known| known.email.clone()))
            .unwrap_or_default();
        self.inner
            .judging
            .for_change(move || judge(&password, &[&netid, &name, &email]).refused)
            .await
    }

    /// Whom the plan takes the right to give rights from, where nobody would be left who has it.
    async fn last_administrators(
        &self,
        plan: &ImportPlan,
        known: &HashMap<NetId, User>,
    ) -> Result<Vec<(NetId, Refusal)>, Refusal> {
        let taken: Vec<&ImportStep> = plan
            .steps
            .iter()
            .filter(|step| takes_administrator(step, known.get(&step.netid)))
            .collect();
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let administrators = self.inner.store.enabled_administrators().await?;
        let mut left: HashSet<&str> = administrators.iter().map(String::as_str).collect();
        for step in &plan.steps {
            let (role, disabled) = step.state(known.get(&step.netid));
            if role == Role::Admin && !disabled {
                left.insert(step.netid.as_str());
            } else {
                left.remove(step.netid.as_str());
            }
        }
        if !left.is_empty() {
            return Ok(Vec::new());
        }
        Ok(taken.iter().map(|step| (step.netid.clone(), Refusal::LastAdministrator)).collect())
    }
}

fn of_people(nameless: &[NetId], refused: &[(NetId, Refusal)]) -> String {
    let nameless = nameless.iter().map(|netid| format!("{netid}: somebody new needs a name."));
    let refused = refused.iter().map(|(netid, why)| format!("{netid}: {why}"));
    nameless.chain(refused).collect::<Vec<_>>().join(" ")
}

/// What is written of one person.
fn row(
    user: &ImportUser,
    known: Option<&User>,
    step: &ImportStep,
    netid_hash: Option<String>,
) -> ImportRow {
    let name =
        user.name.clone().or_else(|| known.map(|known| known.name.clone())).unwrap_or_default();
    let email =
        user.email.clone().or_else(|| known.map(|known| known.email.clone())).unwrap_or_default();
    let (role, disabled) = step.state(known);
    let changes = step.changes();
    let decides = changes.iter().any(|change| matches!(change, ImportChange::Disabled(_)));
    let privilege_changes =
        changes.iter().any(|change| matches!(change, ImportChange::Privileged(_)));
    ImportRow {
        netid: user.netid.to_string(),
        terms: terms(&name, &email),
        name,
        email,
        role: role.word().to_owned(),
        privileged: user
            .privileged
            .unwrap_or_else(|| known.is_some_and(|known| known.person.privileged)),
        disabled,
        decides,
        privilege_changes,
        counts_up: decides
            || privilege_changes
            || changes.iter().any(|change| matches!(change, ImportChange::Role { .. })),
        netid_hash: netid_hash.map(PasswordHash::new),
        netid_hash_was: known.and_then(|known| known.netid_hash.clone()).map(PasswordHash::new),
    }
}

/// A row for each thing that changes of a person, in their own history, and one of the whole.
fn entries(plan: &ImportPlan, users: &[ImportUser]) -> Vec<AuditEntry> {
    let of = |subject: &str, action| entry(Actor::Console, subject, action, &Origin::console());
    let mut entries = Vec::new();
    for (user, step) in users.iter().zip(&plan.steps) {
        let mut note =
            |action, detail: String| entries.push(of(user.netid.as_str(), action).detailed(detail));
        match &step.outcome {
            ImportOutcome::Created { .. } => note(AuditAction::UserCreate, step.rights()),
            ImportOutcome::Changed(changes) => {
                // Which properties, not what they held: a former name or address is nobody's
                // business for ever.
                let plain: Vec<String> = changes.iter().filter_map(plain_property).collect();
                if !plain.is_empty() {
                    note(AuditAction::UserUpdate, plain.join(", "));
                }
                for change in changes {
                    match change {
                        ImportChange::Role { from, to } => {
                            note(AuditAction::UserRole, format!("{from} → {to}"));
                        }
                        ImportChange::Privileged(to) => {
                            note(AuditAction::UserPrivileged, yes_no(*to).to_owned());
                        }
                        ImportChange::Disabled(to) => {
                            note(AuditAction::UserDisabled, yes_no(*to).to_owned());
                        }
                        _ => {}
                    }
                }
            }
            ImportOutcome::Unchanged => {}
        }
    }
    let ImportReport { created, updated, unchanged } = plan.report();
    entries.push(
        of("", AuditAction::UserImport)
            .detailed(format!("{created} created, {updated} updated, {unchanged} unchanged")),
    );
    entries
}

/// The word of the audit for a property that is no right.
fn plain_property(change: &ImportChange) -> Option<String> {
    match change {
        ImportChange::Name { .. } => Some("name".to_owned()),
        ImportChange::Email { .. } => Some("e-mail address".to_owned()),
        ImportChange::Password => Some("NetID password".to_owned()),
        ImportChange::Directory { from } => Some(format!("directory {from} → {}", Source::BuiltIn)),
        ImportChange::Role { .. } | ImportChange::Privileged(_) | ImportChange::Disabled(_) => None,
    }
}
