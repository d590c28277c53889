//! Makes people at the desk as the directory has them: the shell around [`super::plan`] and
//! [`super::guard`]. It reads, asks the guard, and applies. Tests:
//! `desk/tests/desk/directory/sync.rs`, `leaving.rs`.

use crate::engine::audit::entry::entry;
use crate::engine::doors::{SourceDoor, source};
use crate::engine::identity::directory::{Extent, ExternalIdentity};
use crate::engine::identity::provision::MAX_TRIES;
use crate::engine::identity::sync::apply::named;
use crate::engine::identity::sync::guard;
use crate::engine::identity::sync::limit::LeaverLimit;
use crate::engine::identity::sync::plan::{Disposition, SyncPlan};
use crate::engine::identity::sync::report::{Planned, SyncError, SyncReport, SyncStep};
use crate::engine::identity::sync::roster::Roster;
use crate::engine::identity::sync::stream::DirectoryStream;
use crate::engine::identity::sync::synchronisation::{BATCH, Mode, Synchronisation};
use crate::engine::origin::Origin;
use crate::store::lease;
use crate::{Actor, AuditAction, NetId, Refusal};

/// The most of a refusal's words in the audit.
const MAX_REASON: usize = 256;

/// What a report says where too many seem to be others.
const TOO_MANY_OTHERS: &str = "by more NetIDs than ldap.max_disable allows the directory has \
    another entry, another name and another address: these people are taken for who they were. If \
    their NetIDs were given to others, revoke their tokens on their pages";

/// Hears how far it is.
type OnStep<'a> = &'a mut (dyn FnMut(SyncStep<'_>) + Send);

/// What comparing everybody has found.
#[derive(Default)]
struct Compared {
    /// Those who would lose tokens or a role, as the directory has them.
    losing: Vec<ExternalIdentity>,
    /// Those who were left as they are because no administrator would have been left.
    left_alone: Vec<NetId>,
    /// Those who would be made by a name that is given to nobody.
    reserved: Vec<NetId>,
    /// Those by whose NetID it has another person.
    others: Vec<ExternalIdentity>,
    /// They were too many, and are taken for who they were.
    others_are_the_same: bool,
}

impl SourceDoor<source::Directory> {
    /// Makes people at the desk as the directory has them: whoever is new is made, what differs is
    /// changed, whoever is gone is disabled, their tokens revoked and their sessions ended. In
    /// transactions of some hundred people, each change with its audit row; where nothing differs,
    /// nothing is written. With `dry_run` nothing is written either way: `on_step` hears what would
    /// be. One enabled administrator remains: where none would, one is left as they are, and the
    /// report's faults say so.
    ///
    /// Memory: some 40 bytes for each person of the directory, and a few hundred people at a time.
    ///
    /// # Errors
    /// [`SyncError`]. Nobody is disabled or loses their tokens before all that would is known and
    /// allowed by `limit`.
    pub async fn synchronise(
        &self,
        dry_run: bool,
        limit: LeaverLimit,
        origin: &Origin,
        on_step: &mut (dyn FnMut(SyncStep<'_>) + Send),
    ) -> Result<SyncReport, SyncError> {
        let directory = self.inner.directory.clone().ok_or(SyncError::NoDirectory)?;
        let mode = if dry_run { Mode::DryRun } else { Mode::Apply };
        let run = Synchronisation { desk: self, directory: &directory, mode, limit, origin };
        let outcome = run.go(on_step).await;
        if mode == Mode::Apply {
            self.inner.counts.synchronised(&outcome, self.now());
            // What was done, or why not, is said all the same.
            let noted = run.note_outcome(&outcome).await;
            noted.unwrap_or_else(
                |error| tracing::warn!(%error, "how a synchronisation ended is not written down"),
            );
        }
        outcome
    }
}

impl Synchronisation<'_> {
    async fn go(&self, on_step: OnStep<'_>) -> Result<SyncReport, SyncError> {
        let mut roster = self.read_netids().await?;
        on_step(SyncStep::Total(roster.len()));
        let mut plan = self.count_people(&roster).await?;
        guard::somebody_is_there(&plan, self.limit)?;
        self.stop_early(&plan)?;
        let Compared { losing, left_alone, reserved, others, others_are_the_same } =
            self.compare(&mut plan, &mut roster, on_step).await?;
        plan.count_replaced(others.len());

        plan.drop_present(|netid| roster.has(netid).is_some());
        let verdict = guard::verdict(&plan, self.limit);
        let kept = plan.keep_an_administrator();
        let departing = plan.departing();
        let leaving = departing.iter().map(NetId::as_str);
        leaving
            .chain(others.iter().map(|who| who.netid.as_str()))
            .for_each(|netid| on_step(SyncStep::Person(Planned::Leave, netid)));
        verdict?;
        let mut faults: Vec<String> = kept.iter().chain(&left_alone).map(kept_words).collect();
        if self.mode == Mode::Apply {
            faults.extend(
                self.apply_losses(&losing, &roster, kept.as_ref()).await?.iter().map(kept_words),
            );
            faults.extend(self.apply_departures(&departing).await?.iter().map(kept_words));
            faults.extend(self.apply_others(&others, &roster).await?.iter().map(kept_words));
        }
        faults.extend(others_are_the_same.then(|| TOO_MANY_OTHERS.to_owned()));
        faults.extend(reserved.iter().map(|netid| {
            format!("{netid} is a reserved name (people.reserved_netids): nobody is made by it")
        }));
        faults.extend(roster.faults());
        Ok(plan.report(faults))
    }

    /// Who is there, before anything is done: what an answer cut short leaves out must not look
    /// like people who left.
    async fn read_netids(&self) -> Result<Roster, SyncError> {
        let mut roster = Roster::default();
        let mut stream = DirectoryStream::start(self.directory, Extent::NetIds);
        while let Some(batch) = stream.next().await {
            for who in &batch {
                roster.add(&who.netid);
            }
        }
        stream.end().await?;
        Ok(roster)
    }

    /// Who is gone, and of how many.
    async fn count_people(&self, roster: &Roster) -> Result<SyncPlan, SyncError> {
        let mut plan =
            SyncPlan::new(self.directory.source(), roster.len(), &self.desk.provision_rules());
        let mut after = String::new();
        loop {
            let page = self
                .desk
                .inner
                .store
                .members(&after, self.directory.source())
                .await
                .map_err(Refusal::from)?;
            for member in page.members {
                let is_present = roster.has(&member.netid).is_some();
                plan.count(member, is_present);
            }
            match page.next {
                Some(last) => after = last,
                None => return Ok(plan),
            }
        }
    }

    /// Compares everybody with what is known of them, and writes what differs of those who lose
    /// nothing.
    async fn compare(
        &self,
        plan: &mut SyncPlan,
        roster: &mut Roster,
        on_step: OnStep<'_>,
    ) -> Result<Compared, SyncError> {
        let mut found = Compared::default();
        let mut compared = 0;
        let mut stream = DirectoryStream::start(self.directory, Extent::Whole);
        while let Some(batch) = stream.next().await {
            for part in batch.chunks(BATCH) {
                for who in part {
                    roster.add_late(&who.netid);
                }
                self.compare_part(part, plan, roster, &mut found, on_step).await?;
                compared += u64::try_from(part.len()).unwrap_or(u64::MAX);
                on_step(SyncStep::Compared(compared));
            }
        }
        stream.end().await?;
        if found.others_are_the_same {
            for part in std::mem::take(&mut found.others).chunks(BATCH) {
                self.compare_part(part, plan, roster, &mut found, on_step).await?;
            }
        }
        Ok(found)
    }

    /// Compares some, and again those whom somebody else changes at this moment: they may lose
    /// something by now. Who is changed each time is left to the next synchronisation.
    async fn compare_part(
        &self,
        part: &[ExternalIdentity],
        plan: &mut SyncPlan,
        roster: &Roster,
        found: &mut Compared,
        on_step: OnStep<'_>,
    ) -> Result<(), SyncError> {
        let mut overtaken = self.compare_once(part, plan, roster, found, on_step).await?;
        let mut tries = 0;
        while !overtaken.is_empty() && tries < MAX_TRIES {
            let again = named(part, &overtaken);
            overtaken = self.compare_once(&again, plan, roster, found, on_step).await?;
            tries += 1;
        }
        Ok(())
    }

    /// Answers who was changed by somebody else before what differs was written of them.
    async fn compare_once(
        &self,
        part: &[ExternalIdentity],
        plan: &mut SyncPlan,
        roster: &Roster,
        found: &mut Compared,
        on_step: OnStep<'_>,
    ) -> Result<Vec<NetId>, SyncError> {
        let rules = self.desk.provision_rules();
        let (mut planned_changes, mut changes) = (Vec::new(), Vec::new());
        for (netid, known, who) in self.known(part, roster).await? {
            match plan.see(&netid, known.as_ref(), who, &rules) {
                Disposition::LeftAlone | Disposition::Unchanged => {}
                Disposition::Reserved => found.reserved.push(netid),
                Disposition::WrittenNow(planned, change) => {
                    on_step(SyncStep::Person(planned, netid.as_str()));
                    planned_changes.push(planned);
                    changes.push(*change);
                }
                Disposition::HeldBack => {
                    // Not to the end of the directory, if it is known by now that it is too many.
                    self.stop_early(plan)?;
                    on_step(SyncStep::Person(Planned::Deprive, netid.as_str()));
                    if self.mode == Mode::Apply {
                        found.losing.push(who.clone());
                    }
                }
                Disposition::Another => found.others.push(who.clone()),
            }
            if guard::are_too_many_others(plan, found.others.len(), self.limit) {
                plan.take_others_for_the_same();
                found.others_are_the_same = true;
            }
        }
        if self.mode != Mode::Apply {
            return Ok(Vec::new());
        }
        let written = self.write(&changes).await?;
        for (planned, change) in planned_changes.into_iter().zip(&changes) {
            if written.overtaken.contains(&change.netid) {
                plan.unsee(planned, change);
            }
        }
        found.left_alone.extend(written.left_alone);
        Ok(written.overtaken)
    }

    /// Refuses at once what would be refused in the end. A plan is shown whole, and then that it
    /// would not be carried out.
    fn stop_early(&self, plan: &SyncPlan) -> Result<(), SyncError> {
        if self.mode == Mode::Apply { guard::few_enough_lose(plan, self.limit) } else { Ok(()) }
    }

    /// Writes down how it ended where that concerns people: that the directory is away is the log's
    /// to say, each time anew.
    async fn note_outcome(&self, outcome: &Result<SyncReport, SyncError>) -> Result<(), Refusal> {
        match outcome {
            Err(
                error @ (SyncError::TooManyLeaving { .. }
                | SyncError::Empty { .. }
                | SyncError::NobodyLeft),
            ) => {
                self.note_refusal(&error.to_string().chars().take(MAX_REASON).collect::<String>())
                    .await
            }
            Ok(_) if self.desk.inner.store.last_sync_refusal().await?.is_some() => {
                Ok(self.desk.inner.store.forget_sync_refusal().await?)
            }
            _ => Ok(()),
        }
    }

    /// Writes down why it was refused; once, however often it is tried before something changes.
    async fn note_refusal(&self, why: &str) -> Result<(), Refusal> {
        let store = &self.desk.inner.store;
        if store.last_sync_refusal().await?.as_deref() == Some(why) {
            return Ok(());
        }
        let entry = entry(
            Actor::Source(self.directory.source()),
            "",
            AuditAction::DirectorySync,
            self.origin,
        );
        Ok(store
            .commit(lease::remember_refusal(why).audited(entry.refused(why)), self.desk.now())
            .await?)
    }
}

/// That somebody was left as they are.
fn kept_words(netid: &NetId) -> String {
    format!(
        "{netid} is the last enabled administrator and would lose that: they are left as they are \
            until there is another one"
    )
}
