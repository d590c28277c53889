//! Writing what a synchronisation has found: batch by batch, and person by person where a batch
//! would take the last enabled administrator away, or somebody else changes one of them at the same
//! moment. Tests: `desk/tests/desk/directory/`.

use std::slice;

use crate::engine::identity::assertion::Assertion;
use crate::engine::identity::decision::decide;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::person_change::PersonChange;
use crate::engine::identity::provision::{MAX_TRIES, Provision, departure, tell_of_another};
use crate::engine::identity::sync::roster::{Occurrence, Roster};
use crate::engine::identity::sync::synchronisation::{BATCH, Synchronisation};
use crate::store::as_read::{AsRead, Seen, only_all_as_read};
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::rows::User;
use crate::{NetId, Refusal};

/// Somebody whom the directory has, what is known of them, and what it says.
type KnownPerson<'a> = (NetId, Option<User>, &'a ExternalIdentity);

/// Of whom nothing was written that was to be.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// They were left as they are, because no administrator would have been left.
    pub(super) left_alone: Vec<NetId>,
    /// They were changed by somebody else at this moment: it is to be decided anew.
    pub(super) overtaken: Vec<NetId>,
}

impl Written {
    /// Whether it was written of this person.
    fn has(&self, netid: &NetId) -> bool {
        !self.left_alone.contains(netid) && !self.overtaken.contains(netid)
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Committed {
    Done,
    /// Nothing: no administrator would be left.
    NobodyLeft,
    /// Nothing: somebody else was there first.
    Overtaken,
}

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
        let mut left_alone = Vec::new();
        for part in losing.chunks(BATCH) {
            left_alone.extend(self.apply_as_they_are(part, roster, kept).await?);
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
        let mut left_alone = Vec::new();
        for who in others {
            left_alone.extend(self.apply_as_they_are(slice::from_ref(who), roster, None).await?);
        }
        Ok(left_alone)
    }

    /// Decides what becomes of these people as they are now, and writes it: again of whom somebody
    /// else changes at this moment.
    async fn apply_as_they_are(
        &self,
        people: &[ExternalIdentity],
        roster: &Roster,
        kept: Option<&NetId>,
    ) -> Result<Vec<NetId>, Refusal> {
        let (rules, source) = (self.desk.provision_rules(), self.directory.source());
        let (mut rest, mut left_alone) = (people.to_vec(), Vec::new());
        for _ in 0..=MAX_TRIES {
            let known = self.known(&rest, roster).await?;
            let known = known.into_iter().filter(|(netid, known, _)| {
                // Somebody may have taken them into the desk's own since they were counted.
                Some(netid) != kept && !known.as_ref().is_some_and(User::is_kept_here)
            });
            let changes: Vec<PersonChange> = known
                .map(|(netid, known, who)| {
                    let stated = Assertion::synchronised(who, source);
                    decide(&netid, known.as_ref(), &stated, &rules)
                })
                .collect();
            let written = self.write(&changes).await?;
            changes
                .iter()
                .filter(|change| change.replaces().is_some() && written.has(&change.netid))
                .for_each(|change| tell_of_another(&change.netid));
            rest = named(&rest, &written.overtaken);
            left_alone.extend(written.left_alone);
            if rest.is_empty() {
                return Ok(left_alone);
            }
        }
        Err(Refusal::ChangedMeanwhile)
    }

    /// Disables those who are no longer in the directory. Answers as [`Self::apply_losses`].
    pub(super) async fn apply_departures(
        &self,
        departing: &[NetId],
    ) -> Result<Vec<NetId>, Refusal> {
        let mut left_alone = Vec::new();
        for part in departing.chunks(BATCH) {
            left_alone.extend(self.let_depart(part).await?);
        }
        Ok(left_alone)
    }

    async fn let_depart(&self, departing: &[NetId]) -> Result<Vec<NetId>, Refusal> {
        let source = self.directory.source();
        let (mut rest, mut left_alone) = (departing.to_vec(), Vec::new());
        for _ in 0..=MAX_TRIES {
            // Somebody else may have taken them, or let them go, since they were counted.
            let people = self.desk.inner.store.not_yet_departed(&rest, source).await?;
            let change = |people: &[User]| {
                let netids: Vec<NetId> =
                    people.iter().map(|user| user.person.netid.clone()).collect();
                let seen = people
                    .iter()
                    .map(|user| Seen::new(&user.person.netid, Some(AsRead::of(user))))
                    .collect();
                let left = departure(&netids, source, self.desk.now(), self.origin);
                (!people.is_empty()).then(|| only_all_as_read(seen).with(left))
            };
            let written =
                self.commit_each(&people, |user| user.person.netid.clone(), change).await?;
            left_alone.extend(written.left_alone);
            rest = written.overtaken;
            if rest.is_empty() {
                return Ok(left_alone);
            }
        }
        Err(Refusal::ChangedMeanwhile)
    }

    /// Writes what was decided of some people.
    pub(super) async fn write(&self, changes: &[PersonChange]) -> Result<Written, Refusal> {
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

    /// Commits what `change` makes of all `people` at once; or where it is not done because of one
    /// of them, of each of them alone.
    async fn commit_each<T: Sync>(
        &self,
        people: &[T],
        netid: impl Fn(&T) -> NetId + Send,
        change: impl Fn(&[T]) -> Option<Change> + Send,
    ) -> Result<Written, Refusal> {
        let mut written = Written::default();
        let Some(all) = change(people) else { return Ok(written) };
        if self.commits(all).await? == Committed::Done {
            return Ok(written);
        }
        for person in people {
            let Some(one) = change(slice::from_ref(person)) else { continue };
            match self.commits(one).await? {
                Committed::Done => {}
                Committed::NobodyLeft => written.left_alone.push(netid(person)),
                Committed::Overtaken => written.overtaken.push(netid(person)),
            }
        }
        Ok(written)
    }

    async fn commits(&self, change: Change) -> Result<Committed, Refusal> {
        match self.desk.inner.store.commit(change, self.desk.now()).await {
            Ok(()) => Ok(Committed::Done),
            Err(StoreError::Condition(Condition::LastAdministrator)) => Ok(Committed::NobodyLeft),
            Err(StoreError::Condition(Condition::Stale)) => Ok(Committed::Overtaken),
            Err(error) => Err(error.into()),
        }
    }
}

/// Those of these people who have one of these NetIDs.
pub(super) fn named(people: &[ExternalIdentity], netids: &[NetId]) -> Vec<ExternalIdentity> {
    let is_named = |who: &&ExternalIdentity| {
        NetId::parse(&who.netid).is_ok_and(|netid| netids.contains(&netid))
    };
    people.iter().filter(is_named).cloned().collect()
}
