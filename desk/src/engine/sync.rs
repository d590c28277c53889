use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use surrealdb::types::SurrealValue;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::provision::{Fate, Provision, Said, leaving};
use super::secret::short_hash;
use super::store::rows::{User, UserRecord};
use super::store::{Change, vars};
use super::{Desk, Directory, DirectoryError, Extent, Origin, Vouched};
use crate::{Moment, NetId, Refusal};

/// People written in one transaction. More would keep those who wait for theirs waiting.
const AT_ONCE: usize = 200;

/// People read at once where everybody is looked at.
const PAGE: i64 = 1000;

/// Batches that the directory may be ahead of the store.
const AHEAD: usize = 4;

/// How much of what is wrong in the directory is told.
const MOST_FAULTS: usize = 100;

/// The most people that a synchronisation may disable or deprive of their tokens: `5%` of those there are, or `12`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MostLeaving {
    /// Of a hundred people of the directory, rounded up.
    Percent(f64),
    /// So many.
    People(u64),
}

impl Default for MostLeaving {
    fn default() -> Self {
        Self::Percent(5.0)
    }
}

impl MostLeaving {
    /// Reads `5%`, `0.5%` or `12`.
    ///
    /// # Errors
    /// What it should look like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "write a share such as 5% (0% to 100%), or a number of people such as 12".to_owned();
        let text = text.trim();
        match text.strip_suffix('%') {
            Some(percent) => {
                let percent: f64 = percent.trim().parse().map_err(|_| wrong())?;
                if (0.0..=100.0).contains(&percent) { Ok(Self::Percent(percent)) } else { Err(wrong()) }
            }
            None => text.parse().map(Self::People).map_err(|_| wrong()),
        }
    }

    /// How many of `people`.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of people, rounded")]
    fn of(self, people: u64) -> u64 {
        match self {
            Self::Percent(percent) => (people as f64 * percent / 100.0).ceil() as u64,
            Self::People(most) => most,
        }
    }

    fn allows(self, leaving: u64, people: u64, read: u64) -> bool {
        // An empty answer is no directory, whatever may leave; only all of them by word may.
        let empty = read == 0 && leaving > 0;
        self == Self::Percent(100.0) || (leaving <= self.of(people) && !empty)
    }
}

impl fmt::Display for MostLeaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::People(most) => write!(f, "{most}"),
        }
    }
}

/// What a synchronisation did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SyncReport {
    /// People in the directory.
    pub read: u64,
    /// New at the desk.
    pub created: u64,
    /// Known, and something differs.
    pub updated: u64,
    /// Of those: were gone, and are there again.
    pub returned: u64,
    /// May no longer have tokens.
    pub deprived: u64,
    /// Have a lower role than before.
    pub demoted: u64,
    /// Are no longer in the directory, and were disabled.
    pub left: u64,
    /// Known, and nothing differs.
    pub unchanged: u64,
    /// In the directory too, and left alone: they have a NetID password at the desk itself.
    pub own: u64,
    /// What is wrong in the directory, at most 100 lines.
    pub faults: Vec<String>,
}

/// What becomes of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planned {
    /// New at the desk.
    Create,
    /// Something differs.
    Update,
    /// Was gone.
    Return,
    /// May no longer have tokens, or has a lower role.
    Deprive,
    /// Is no longer in the directory.
    Leave,
}

/// How far a synchronisation is.
#[derive(Clone, Copy, Debug)]
pub enum SyncStep<'a> {
    /// The directory has so many people.
    Total(u64),
    /// So many of them have been compared.
    Compared(u64),
    /// What becomes of somebody.
    Person(Planned, &'a str),
}

/// Why a synchronisation did not go through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// There is none to synchronise with.
    #[error("no directory is configured")]
    NoDirectory,
    /// It could not be read, or not to the end. Nobody was disabled.
    #[error("{0}. Nobody was disabled")]
    Directory(#[from] DirectoryError),
    /// The store.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// More people would lose their tokens than may. Nobody did.
    #[error(
        "{leaving} of {people} people would be disabled or lose their tokens or role, and at most {most} may. Nobody did. Look at what the directory \
         answers; if it is right, allow more with --max-disable"
    )]
    TooManyLeaving {
        /// How many would, as far as it was looked at.
        leaving: u64,
        /// Of how many.
        people: u64,
        /// How many may.
        most: u64,
    },
    /// Nobody at all would have a role above staff, or tokens, by the directory's groups, and some have. Nobody lost it.
    #[error(
        "nobody at all would have a role above staff, or tokens, by the directory’s groups any longer: it seems not to say who is in them. Nobody lost \
         anything by it or was disabled. If it is right, say --max-disable 100%"
    )]
    NobodyLeft,
}

/// How often the directory has a NetID.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Once,
    Twice,
}

/// Whom the directory has. Sixteen bytes a person, not a name: a million people fit where a list would not.
#[derive(Default)]
struct Roster {
    seen: HashMap<[u8; 16], Seen>,
    faults: Vec<String>,
    others: u64,
}

impl Roster {
    fn key(netid: &NetId) -> [u8; 16] {
        short_hash(netid.as_str())
    }

    fn note(&mut self, said: &str) {
        match NetId::parse(said) {
            Ok(netid) => match self.seen.insert(Self::key(&netid), Seen::Once) {
                None => {}
                Some(before) => {
                    self.seen.insert(Self::key(&netid), Seen::Twice);
                    if before == Seen::Once {
                        self.fault(format!("two people have the NetID {netid}: both are left as they are"));
                    }
                }
            },
            Err(_) => {
                // Several in one entry: it is not known which, and each of them is there.
                let several = said.split(',').filter(|_| said.contains(',')).filter_map(|part| NetId::parse(part).ok());
                several.for_each(|netid| _ = self.seen.insert(Self::key(&netid), Seen::Twice));
                self.fault(format!("“{}” is no NetID: that person is left as they are", said.escape_debug().take(80).collect::<String>()));
            }
        }
    }

    /// Somebody who has come since the NetIDs were read: not looked at this time, and not gone.
    fn note_late(&mut self, said: &str) {
        if let Ok(netid) = NetId::parse(said) {
            self.seen.entry(Self::key(&netid)).or_insert(Seen::Twice);
        }
    }

    fn fault(&mut self, what: String) {
        if self.faults.len() < MOST_FAULTS { self.faults.push(what) } else { self.others += 1 }
    }

    fn has(&self, netid: &NetId) -> Option<Seen> {
        self.seen.get(&Self::key(netid)).copied()
    }
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Member {
    netid: String,
    source: String,
    disabled: bool,
    own: bool,
}

/// Who is gone, and of how many.
#[derive(Default)]
struct Counted {
    /// Enabled people of the directory who are no longer in it.
    gone: Vec<NetId>,
    /// Enabled people of the directory.
    of_directory: u64,
    /// Enabled people who have no NetID password here, whoever they are of.
    all: u64,
}

impl Desk {
    /// Makes people at the desk as the directory has them: whoever is new is made, what differs is changed, whoever is gone is
    /// disabled, their tokens revoked and their sessions ended. In transactions of some hundred people, each change with its audit
    /// row; where nothing differs, nothing is written. With `dry` nothing is written either way: `tell` hears what would be.
    ///
    /// Memory: some 40 bytes for each person of the directory, and a few hundred people at a time.
    ///
    /// # Errors
    /// [`SyncError`]. Nobody is disabled or loses their tokens before all that would is known and allowed by `most`.
    pub async fn synchronise(
        &self,
        dry: bool,
        most: MostLeaving,
        origin: &Origin,
        tell: &mut (dyn FnMut(SyncStep<'_>) + Send),
    ) -> Result<SyncReport, SyncError> {
        let directory = self.inner.directory.clone().ok_or(SyncError::NoDirectory)?;
        let done = self.synchronise_with(&directory, dry, most, origin, tell).await;
        // That the directory is away is the log's to say, each time anew; what was not done for the people's sake is the audit's.
        if let (Err(error @ (SyncError::TooManyLeaving { .. } | SyncError::NobodyLeft)), false) = (&done, dry) {
            let mut entry = Self::entry(&format!("({})", directory.name()), "", "directory.sync", origin);
            (entry.outcome, entry.detail) = ("refused", error.to_string().chars().take(256).collect());
            self.inner.store.commit(Change::default().audited(entry), self.now()).await.map_err(Refusal::from)?;
        }
        done
    }

    async fn synchronise_with(
        &self,
        directory: &Arc<dyn Directory>,
        dry: bool,
        most: MostLeaving,
        origin: &Origin,
        tell: &mut (dyn FnMut(SyncStep<'_>) + Send),
    ) -> Result<SyncReport, SyncError> {
        // Who is there, before anything is done: what an answer cut short leaves out must not look like people who left.
        let mut roster = Roster::default();
        let mut reading = Reading::start(directory, Extent::NetIds);
        while let Some(batch) = reading.next().await {
            batch.iter().for_each(|who| roster.note(&who.netid));
        }
        reading.end().await?;
        let total = u64::try_from(roster.seen.len()).unwrap_or(u64::MAX);
        tell(SyncStep::Total(total));

        let Counted { mut gone, of_directory, all } = self.gone(&roster, directory.name()).await?;
        let too_many = |leaving: usize, people: u64| {
            let leaving = u64::try_from(leaving).unwrap_or(u64::MAX);
            let error = SyncError::TooManyLeaving { leaving, people, most: most.of(people) };
            if most.allows(leaving, people, total) { Ok(()) } else { Err(error) }
        };
        // A plan is shown whole, and then that it would not be carried out.
        if !dry {
            too_many(gone.len(), of_directory)?;
        }

        let mut report = SyncReport { read: total, ..SyncReport::default() };
        // Whoever loses something waits until it is known of all.
        let mut losing: Vec<Vouched> = Vec::new();
        let (mut compared, mut counted) = (0, 0_usize);
        let (mut elevated, mut admitted) = (false, false);
        let mut reading = Reading::start(directory, Extent::Whole);
        while let Some(batch) = reading.next().await {
            for part in batch.chunks(AT_ONCE) {
                part.iter().for_each(|who| roster.note_late(&who.netid));
                let mut provision = Provision::default();
                for (netid, known, who) in self.known(part, &roster).await? {
                    if known.as_ref().is_some_and(|user| user.netid_hash.is_some()) {
                        report.own += 1;
                        continue;
                    }
                    let mut alone = Provision::default();
                    let fate =
                        alone.person(self, &netid, known.as_ref(), &Said { guarded: true, ..Said::present(who, directory.name()) }, origin);
                    elevated |= fate.elevated;
                    admitted |= fate.admitted;
                    if fate.loses || fate.demoted {
                        report.deprived += u64::from(fate.loses);
                        report.demoted += u64::from(fate.demoted);
                        losing.push(who.clone());
                        // Whoever is disabled has nothing to lose.
                        counted += usize::from(known.as_ref().is_some_and(|user| !user.person.disabled));
                        // Not to the end of the directory, if it is known by now that it is too many.
                        if !dry {
                            too_many(gone.len() + counted, all)?;
                        }
                        tell(SyncStep::Person(Planned::Deprive, netid.as_str()));
                        continue;
                    }
                    count(&mut report, fate);
                    if let Some(planned) = planned(fate) {
                        tell(SyncStep::Person(planned, netid.as_str()));
                    }
                    provision.append(alone);
                }
                if !dry {
                    self.write(provision).await?;
                }
                compared += u64::try_from(part.len()).unwrap_or(u64::MAX);
                tell(SyncStep::Compared(compared));
            }
        }
        reading.end().await?;

        gone.retain(|netid| roster.has(netid).is_none());
        report.left = u64::try_from(gone.len()).unwrap_or(u64::MAX);
        gone.iter().for_each(|netid| tell(SyncStep::Person(Planned::Leave, netid.as_str())));
        too_many(gone.len(), of_directory)?;
        too_many(gone.len() + counted, all)?;
        let nobody_left = (report.demoted > 0 && !elevated) || (report.deprived > 0 && !admitted);
        if nobody_left && most != MostLeaving::Percent(100.0) {
            return Err(SyncError::NobodyLeft);
        }
        if !dry {
            for part in losing.chunks(AT_ONCE) {
                let mut provision = Provision::default();
                for (netid, known, who) in self.known(part, &roster).await? {
                    let said = Said { guarded: true, ..Said::present(who, directory.name()) };
                    provision.person(self, &netid, known.as_ref(), &said, origin);
                }
                self.write(provision).await?;
            }
            for part in gone.chunks(AT_ONCE) {
                self.inner
                    .store
                    .commit(leaving(part, directory.name(), Some(directory.name()), self, origin), self.now())
                    .await
                    .map_err(Refusal::from)?;
            }
        }
        report.faults = roster.faults;
        if roster.others > 0 {
            report.faults.push(format!("and {} more", roster.others));
        }
        Ok(report)
    }

    async fn write(&self, provision: Provision) -> Result<(), Refusal> {
        if let Some(change) = provision.change(self) {
            self.inner.store.commit(change, self.now()).await?;
        }
        Ok(())
    }

    /// Those of a batch who can be told apart, with what is known of them.
    async fn known<'a>(&self, batch: &'a [Vouched], roster: &Roster) -> Result<Vec<(NetId, Option<User>, &'a Vouched)>, Refusal> {
        let good = batch.iter().filter_map(|who| NetId::parse(&who.netid).ok().map(|netid| (netid, who)));
        let good: Vec<_> = good.filter(|(netid, _)| roster.has(netid) == Some(Seen::Once)).collect();
        let netids: Vec<String> = good.iter().map(|(netid, _)| netid.to_string()).collect();
        let sql = "SELECT * FROM $netids.map(|$netid| type::record('user', $netid))";
        let rows: Vec<UserRecord> = self.inner.store.rows(sql, vars! { "netids" => netids }).await?;
        let users = rows.into_iter().map(User::try_from).collect::<Result<Vec<_>, _>>()?;
        let mut users: HashMap<NetId, User> = users.into_iter().map(|user| (user.person.netid.clone(), user)).collect();
        Ok(good.into_iter().map(|(netid, who)| (netid.clone(), users.remove(&netid), who)).collect())
    }

    /// Who is gone, and of how many.
    async fn gone(&self, roster: &Roster, source: &str) -> Result<Counted, Refusal> {
        let mut counted = Counted::default();
        let mut above = "-".to_owned();
        loop {
            // A range of record ids: each page costs the same.
            let sql = "SELECT record::id(id) AS netid, source, disabled, netid_hash IS NOT NONE AS own FROM type::record('user', $above>..) LIMIT $most";
            let page: Vec<Member> = self.inner.store.rows(sql, vars! { "above" => above.clone(), "most" => PAGE }).await?;
            let Some(last) = page.last() else { return Ok(counted) };
            above.clone_from(&last.netid);
            for member in page.into_iter().filter(|member| !member.disabled && !member.own) {
                counted.all += 1;
                if member.source != source {
                    continue;
                }
                counted.of_directory += 1;
                let Ok(netid) = NetId::parse(&member.netid) else { continue };
                if roster.has(&netid).is_none() {
                    counted.gone.push(netid);
                }
            }
        }
    }

    /// Whether it is this node's turn to synchronise, and since when: one of the nodes that share a store does it, this long after
    /// the last.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn takes_turn_to_synchronise(&self, after_seconds: i64) -> Result<Option<Moment>, Refusal> {
        let (node, now) = (&self.settings().node, self.now());
        let due = now.plus_seconds(-after_seconds);
        let take = Change::new(
            "IF ((SELECT VALUE at FROM ONLY meta:sync) ?? 0) > $due { THROW 'not-due' };
             UPSERT meta:sync SET at = $at, node = $node",
            vars! { "due" => due.0, "at" => now.0, "node" => node.clone() },
        );
        match self.inner.store.commit(take, now).await {
            Ok(()) => Ok(Some(now)),
            Err(super::store::StoreError::Condition(word)) if word == "not-due" => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives back the turn that was taken then, where the directory did not answer: it is tried again soon, by whichever node.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn gives_turn_back(&self, since: Moment) -> Result<(), Refusal> {
        let values = vars! { "at" => since.0, "node" => self.settings().node.clone() };
        Ok(self.inner.store.note("DELETE meta:sync WHERE node = $node AND at = $at", values).await?)
    }

    /// Whether there is a directory beside the built-in one.
    #[must_use]
    pub fn directory_name(&self) -> Option<&'static str> {
        self.inner.directory.as_ref().map(|directory| directory.name())
    }
}

/// Everybody, batch by batch, while the next ones are on their way. The directory is asked no more once this is dropped.
struct Reading {
    batches: mpsc::Receiver<Vec<Vouched>>,
    task: JoinHandle<Result<(), DirectoryError>>,
}

impl Reading {
    fn start(directory: &Arc<dyn Directory>, extent: Extent) -> Self {
        let (send, batches) = mpsc::channel(AHEAD);
        let directory = directory.clone();
        Self { batches, task: tokio::spawn(async move { directory.everybody(extent, send).await }) }
    }

    async fn next(&mut self) -> Option<Vec<Vouched>> {
        self.batches.recv().await
    }

    /// Whether that was everybody.
    async fn end(mut self) -> Result<(), DirectoryError> {
        (&mut self.task).await.unwrap_or_else(|error| Err(DirectoryError::Unavailable(error.to_string())))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn planned(fate: Fate) -> Option<Planned> {
    match fate {
        Fate { created: true, .. } => Some(Planned::Create),
        Fate { returns: true, .. } => Some(Planned::Return),
        Fate { changed: true, .. } => Some(Planned::Update),
        _ => None,
    }
}

fn count(report: &mut SyncReport, fate: Fate) {
    match planned(fate) {
        Some(Planned::Create) => report.created += 1,
        Some(_) => report.updated += 1,
        None => report.unchanged += 1,
    }
    report.returned += u64::from(fate.returns);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_or_a_number_may_leave() {
        assert_eq!(MostLeaving::parse("5%"), Ok(MostLeaving::Percent(5.0)));
        assert_eq!(MostLeaving::parse(" 0.5 % "), Ok(MostLeaving::Percent(0.5)));
        assert_eq!(MostLeaving::parse("12"), Ok(MostLeaving::People(12)));
        for wrong in ["", "%", "-1", "101%", "NaN%", "five", "1.5"] {
            assert!(MostLeaving::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_share_is_rounded_up_so_that_small_places_work() {
        let most = MostLeaving::default();
        assert!(most.allows(1, 3, 2) && !most.allows(2, 3, 1));
        assert!(most.allows(5, 100, 95) && !most.allows(6, 100, 94));
        assert!(!MostLeaving::People(0).allows(1, 100, 99));
    }

    #[test]
    fn an_empty_answer_is_no_directory() {
        assert!(!MostLeaving::default().allows(1, 1, 0));
        assert!(!MostLeaving::People(100).allows(1, 1, 0));
        assert!(MostLeaving::Percent(100.0).allows(2, 1, 0), "unless somebody says so in so many words");
    }
}
