//! Writing what a synchronisation has found: batch by batch, and person by person where a batch
//! would take the last enabled administrator away. Tests: `desk/tests/desk/directory/`.

use std::slice;

use crate::engine::identity::assertion::Assertion;
use crate::engine::identity::decision::decide;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::person_change::PersonChange;
use crate::engine::identity::provision::{Provision, departure, tell_of_another};
use crate::engine::identity::sync::roster::{Occurrence, Roster};
use crate::engine::identity::sync::synchronisation::{BATCH, Synchronisation};
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::rows::User;
use crate::{NetId, Refusal};

/// Somebody whom the directory has, what is known of them, and what it says.
type KnownPerson<'a> = (NetId, Option<User>, &'a ExternalIdentity);

impl Synchronisation<'_> {
    /// Those of a batch who can be told apart, with what is known of them.
    pub(super) async fn known<'a>(
        &self,
        batch: &'a [ExternalIdentity],
        roster: &Roster,
    ) -> Result<Vec<KnownPerson<'a>>, Refusal> {
        let clear =
            batch.iter().filter_map(|who| NetId::parse(&who.netid).ok().map(|netid| (netid, who)));
        let clear: Vec<_> =
            clear.filter(|(netid, _)| roster.has(netid) == Some(Occurrence::Once)).collect();
        let netids: Vec<NetId> = clear.iter().map(|(netid, _)| netid.clone()).collect();
        let mut users = self.desk.inner.store.users(&netids).await?;
        Ok(clear
            .into_iter()
            .map(|(netid, who)| (netid.clone(), users.remove(&netid), who))
            .collect())
    }

    /// Takes from those who lose something what they lose, but for the one who is kept. Answers who
    /// was left as they are because no administrator would have been left.
    pub(super) async fn apply_losses(
        &self,
        losing: &[ExternalIdentity],
        roster: &Roster,
        kept: Option<&NetId>,
    ) -> Result<Vec<NetId>, Refusal> {
        let rules = self.desk.provision_rules();
        let mut left_alone = Vec::new();
        for part in losing.chunks(BATCH) {
            let known = self.known(part, roster).await?;
            let known = known.into_iter().filter(|(netid, ..)| Some(netid) != kept);
            let decided = known.map(|(netid, known, who)| {
                decide(
                    &netid,
                    known.as_ref(),
                    &Assertion::synchronised(who, self.directory.source()),
                    &rules,
                )
            });
            left_alone.extend(self.write(&decided.collect::<Vec<_>>()).await?);
        }
        Ok(left_alone)
    }

    /// Lets those leave whose NetIDs others have by now, and the others come, each in a transaction
    /// of their own. Answers as [`Self::apply_losses`].
    pub(super) async fn apply_others(
        &self,
        others: &[ExternalIdentity],
        roster: &Roster,
    ) -> Result<Vec<NetId>, Refusal> {
        let (rules, source) = (self.desk.provision_rules(), self.directory.source());
        let mut left_alone = Vec::new();
        for part in others.chunks(BATCH) {
            for (netid, known, who) in self.known(part, roster).await? {
                let stated = Assertion::synchronised(who, source);
                let change = decide(&netid, known.as_ref(), &stated, &rules);
                match self.write(slice::from_ref(&change)).await {
                    Ok(kept) if kept.is_empty() && change.replaces().is_some() => {
                        tell_of_another(&netid);
                    }
                    Ok(kept) => left_alone.extend(kept),
                    // They have logged in at this moment.
                    Err(Refusal::ChangedMeanwhile) => {}
                    Err(refusal) => return Err(refusal),
                }
            }
        }
        Ok(left_alone)
    }

    /// Disables those who are no longer in the directory. Answers as [`Self::apply_losses`].
    pub(super) async fn apply_departures(
        &self,
        departing: &[NetId],
    ) -> Result<Vec<NetId>, Refusal> {
        let source = self.directory.source();
        let mut left_alone = Vec::new();
        for part in departing.chunks(BATCH) {
            // Somebody else may have taken them, or let them go, since they were counted.
            let part = self.desk.inner.store.not_yet_departed(part, source).await?;
            let change = |netids: &[NetId]| {
                (!netids.is_empty())
                    .then(|| departure(netids, source, Some(source), self.desk.now(), self.origin))
            };
            left_alone.extend(self.commit_each(&part, NetId::clone, change).await?);
        }
        Ok(left_alone)
    }

    /// Writes what was decided of some people. Answers as [`Self::apply_losses`].
    pub(super) async fn write(&self, changes: &[PersonChange]) -> Result<Vec<NetId>, Refusal> {
        let (source, now) = (self.directory.source(), self.desk.now());
        let change = |changes: &[PersonChange]| {
            changes
                .iter()
                .fold(Provision::by(source), |provision, change| {
                    provision.with(change, self.origin)
                })
                .change(now)
        };
        self.commit_each(changes, |change| change.netid.clone(), change).await
    }

    /// Commits what `change` makes of all `people` at once, or where no administrator would be left
    /// of each of them alone, without the one of whom that is true.
    async fn commit_each<T: Sync>(
        &self,
        people: &[T],
        netid: impl Fn(&T) -> NetId + Send,
        change: impl Fn(&[T]) -> Option<Change> + Send,
    ) -> Result<Vec<NetId>, Refusal> {
        let Some(all) = change(people) else { return Ok(Vec::new()) };
        if self.commits(all).await? {
            return Ok(Vec::new());
        }
        let mut left_alone = Vec::new();
        for person in people {
            if let Some(one) = change(slice::from_ref(person))
                && !self.commits(one).await?
            {
                left_alone.push(netid(person));
            }
        }
        Ok(left_alone)
    }

    /// Commits a change, unless no administrator would be left: false.
    async fn commits(&self, change: Change) -> Result<bool, Refusal> {
        match self.desk.inner.store.commit(change, self.desk.now()).await {
            Ok(()) => Ok(true),
            Err(StoreError::Condition(Condition::LastAdministrator)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
