//! Makes people at the desk as the directory has them.

use std::collections::HashMap;
use std::sync::Arc;

use surrealdb::types::SurrealValue;

use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::identity::directory::{Directory, Extent, ExternalIdentity};
use crate::engine::identity::provision::{Assertion, Provision, Provisioned, leaving};
use crate::engine::identity::sync::limit::LeaverLimit;
use crate::engine::identity::sync::report::{Planned, SyncError, SyncReport, SyncStep};
use crate::engine::origin::Origin;
use crate::store::change::Change;
use crate::store::rows::{User, UserRecord};
use crate::store::vars::vars;
use crate::{Actor, AuditAction, NetId, Refusal, Role, Source};

use crate::engine::identity::sync::roster::{Roster, Seen};
use crate::engine::identity::sync::stream::DirectoryStream;

/// People written in one transaction. More would keep those who wait for theirs waiting.
const AT_ONCE: usize = 200;

/// People read at once where everybody is looked at.
const PAGE: i64 = 1000;

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Member {
    netid: String,
    source: String,
    disabled: bool,
    own: bool,
    /// That they are gone by its word is written down already.
    noted: bool,
    role: String,
    privileged: bool,
}

/// Who is gone, and of how many.
#[derive(Default)]
struct Counted {
    /// Enabled people of the directory who are no longer in it.
    gone: Vec<Leaver>,
    /// Those whom somebody else had disabled before: there is nothing to be careful about.
    disabled: Vec<NetId>,
    /// Enabled people of the directory.
    of_directory: u64,
    /// Enabled people whom it has, or who are of it.
    all: u64,
}

/// Somebody who is gone, and what they have.
struct Leaver {
    netid: NetId,
    /// A role above staff.
    elevated: bool,
    /// They may have tokens.
    admitted: bool,
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
        most: LeaverLimit,
        origin: &Origin,
        tell: &mut (dyn FnMut(SyncStep<'_>) + Send),
    ) -> Result<SyncReport, SyncError> {
        let directory = self.inner.directory.clone().ok_or(SyncError::NoDirectory)?;
        let done = self.synchronise_with(&directory, dry, most, origin, tell).await;
        // That the directory is away is the log's to say, each time anew; what was not done for the people's sake is the audit's.
        match &done {
            Err(error @ (SyncError::TooManyLeaving { .. } | SyncError::Empty { .. } | SyncError::NobodyLeft)) if !dry => {
                self.note_refusal(&directory, Some(error.to_string().chars().take(256).collect()), origin).await
            }
            Ok(_) if !dry => self.note_refusal(&directory, None, origin).await,
            _ => Ok(()),
        }
        // What was done, or why not, is said all the same.
        .unwrap_or_else(|error| tracing::warn!(%error, "how a synchronisation ended is not written down"));
        done
    }

    /// Writes down why it was refused; once, however often it is tried before something changes.
    async fn note_refusal(&self, directory: &Arc<dyn Directory>, why: Option<String>, origin: &Origin) -> Result<(), Refusal> {
        let before: Option<String> = self.inner.store.row("SELECT VALUE why FROM meta:refused", vars! {}).await?;
        match why {
            Some(why) if before.as_ref() != Some(&why) => {
                let entry = entry(Actor::Source(directory.source()), "", AuditAction::DirectorySync, origin).refused(why.clone());
                let change = Change::new("UPSERT meta:refused SET why = $why", vars! { "why" => why });
                Ok(self.inner.store.commit(change.audited(entry), self.now()).await?)
            }
            None if before.is_some() => Ok(self.inner.store.note("DELETE meta:refused", vars! {}).await?),
            _ => Ok(()),
        }
    }

    async fn synchronise_with(
        &self,
        directory: &Arc<dyn Directory>,
        dry: bool,
        most: LeaverLimit,
        origin: &Origin,
        tell: &mut (dyn FnMut(SyncStep<'_>) + Send),
    ) -> Result<SyncReport, SyncError> {
        // Who is there, before anything is done: what an answer cut short leaves out must not look like people who left.
        let mut roster = Roster::default();
        let mut reading = DirectoryStream::start(directory, Extent::NetIds);
        while let Some(batch) = reading.next().await {
            batch.iter().for_each(|who| roster.note(&who.netid));
        }
        reading.end().await?;
        let total = roster.len();
        tell(SyncStep::Total(total));

        let Counted { mut gone, mut disabled, of_directory, all } = self.gone(&roster, directory.source()).await?;
        let leaving_all = gone.len() + disabled.len();
        if total == 0 && leaving_all > 0 && !most.is_everybody() {
            return Err(SyncError::Empty { people: as_u64(leaving_all) });
        }
        let too_many = |leaving: usize, people: u64| {
            let (leaving, most_of) = (as_u64(leaving), most.of(people));
            if most.is_everybody() || leaving <= most_of {
                Ok(())
            } else {
                Err(SyncError::TooManyLeaving { leaving, people, most: most_of })
            }
        };
        // A plan is shown whole, and then that it would not be carried out.
        if !dry {
            too_many(gone.len(), of_directory)?;
        }

        let mut report = SyncReport { read: total, ..SyncReport::default() };
        // Whoever loses something waits until it is known of all.
        let mut losing: Vec<ExternalIdentity> = Vec::new();
        let (mut compared, mut counted) = (0, 0_usize);
        let (mut elevated, mut admitted, mut says_groups) = (false, false, false);
        let (mut fewer_roles, mut fewer_tokens) = (false, false);
        let mut reading = DirectoryStream::start(directory, Extent::Whole);
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
                        alone.person(self, &netid, known.as_ref(), &Assertion { guarded: true, ..Assertion::present(who, directory.source()) }, origin);
                    elevated |= fate.elevated;
                    admitted |= fate.admitted;
                    says_groups |= who.groups.is_some();
                    let deprived = fate.loses || fate.revokes;
                    if deprived || fate.demoted {
                        report.deprived += u64::from(deprived);
                        report.demoted += u64::from(fate.demoted);
                        report.returned += u64::from(fate.returns);
                        losing.push(who.clone());
                        // Whoever is disabled has nothing to lose.
                        let enabled = known.as_ref().is_some_and(|user| !user.person.disabled);
                        counted += usize::from(enabled);
                        fewer_roles |= enabled && fate.demoted;
                        fewer_tokens |= enabled && deprived;
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
                compared += as_u64(part.len());
                tell(SyncStep::Compared(compared));
            }
        }
        reading.end().await?;

        gone.retain(|leaver| roster.has(&leaver.netid).is_none());
        disabled.retain(|netid| roster.has(netid).is_none());
        let leaving_now: Vec<NetId> = gone.iter().map(|leaver| &leaver.netid).chain(&disabled).cloned().collect();
        report.left = as_u64(leaving_now.len());
        leaving_now.iter().for_each(|netid| tell(SyncStep::Person(Planned::Leave, netid.as_str())));
        too_many(gone.len(), of_directory)?;
        too_many(gone.len() + counted, all)?;
        // Where its groups decide, somebody must be left in those that matter. One who leaves is one who leaves; several may be a
        // part of the directory that may not be seen any longer.
        let rules = &self.settings().groups;
        let several = |has: fn(&Leaver) -> bool| says_groups && gone.iter().filter(|leaver| has(leaver)).count() > 1;
        fewer_roles |= rules.role(&[]).is_some() && several(|leaver| leaver.elevated);
        fewer_tokens |= !rules.privileged.is_empty() && several(|leaver| leaver.admitted);
        let nobody_left = (fewer_roles && !elevated) || (fewer_tokens && !admitted);
        if nobody_left && !most.is_everybody() {
            return Err(SyncError::NobodyLeft);
        }
        if !dry {
            for part in losing.chunks(AT_ONCE) {
                let mut provision = Provision::default();
                for (netid, known, who) in self.known(part, &roster).await? {
                    let said = Assertion { guarded: true, ..Assertion::present(who, directory.source()) };
                    provision.person(self, &netid, known.as_ref(), &said, origin);
                }
                self.write(provision).await?;
            }
            for part in leaving_now.chunks(AT_ONCE) {
                // Somebody else may have taken them, or let them go, since they were counted.
                let part = self.still_to_leave(part, directory.source()).await?;
                if !part.is_empty() {
                    let change = leaving(&part, directory.source(), Some(directory.source()), self, origin);
                    self.inner.store.commit(change, self.now()).await.map_err(Refusal::from)?;
                }
            }
        }
        report.faults = roster.faults();
        Ok(report)
    }

    async fn write(&self, provision: Provision) -> Result<(), Refusal> {
        if let Some(change) = provision.change(self) {
            self.inner.store.commit(change, self.now()).await?;
        }
        Ok(())
    }

    /// Those of a batch who can be told apart, with what is known of them.
    async fn known<'a>(&self, batch: &'a [ExternalIdentity], roster: &Roster) -> Result<Vec<(NetId, Option<User>, &'a ExternalIdentity)>, Refusal> {
        let good = batch.iter().filter_map(|who| NetId::parse(&who.netid).ok().map(|netid| (netid, who)));
        let good: Vec<_> = good.filter(|(netid, _)| roster.has(netid) == Some(Seen::Once)).collect();
        let netids: Vec<String> = good.iter().map(|(netid, _)| netid.to_string()).collect();
        let sql = "SELECT * FROM $netids.map(|$netid| type::record('user', $netid))";
        let rows: Vec<UserRecord> = self.inner.store.rows(sql, vars! { "netids" => netids }).await?;
        let users = rows.into_iter().map(User::try_from).collect::<Result<Vec<_>, _>>()?;
        let mut users: HashMap<NetId, User> = users.into_iter().map(|user| (user.person.netid.clone(), user)).collect();
        Ok(good.into_iter().map(|(netid, who)| (netid.clone(), users.remove(&netid), who)).collect())
    }

    /// Those of `netids` who are the directory's, and of whom it is not yet written that it no longer has them.
    async fn still_to_leave(&self, netids: &[NetId], source: Source) -> Result<Vec<NetId>, Refusal> {
        let sql = "SELECT VALUE record::id(id) FROM $netids.map(|$netid| type::record('user', $netid))
            WHERE source = $source AND netid_hash IS NONE AND (left_by ?? []) CONTAINSNOT $source";
        let values = vars! { "netids" => netids.iter().map(NetId::to_string).collect::<Vec<_>>(), "source" => source.code().to_owned() };
        let still: Vec<String> = self.inner.store.rows(sql, values).await?;
        Ok(still.iter().filter_map(|netid| NetId::parse(netid).ok()).collect())
    }

    /// Who is gone, and of how many.
    async fn gone(&self, roster: &Roster, source: Source) -> Result<Counted, Refusal> {
        let mut counted = Counted::default();
        let mut above = "-".to_owned();
        loop {
            // A range of record ids: each page costs the same.
            let sql =
                "SELECT record::id(id) AS netid, source, disabled, netid_hash IS NOT NONE AS own, (left_by ?? []) CONTAINS $source AS noted, role, privileged
                FROM type::record('user', $above>..) LIMIT $most";
            let values = vars! { "above" => above.clone(), "most" => PAGE, "source" => source.code().to_owned() };
            let page: Vec<Member> = self.inner.store.rows(sql, values).await?;
            let Some(last) = page.last() else { return Ok(counted) };
            above.clone_from(&last.netid);
            for member in page.into_iter().filter(|member| !member.own) {
                let (enabled, of_directory) = (!member.disabled, member.source == source.code());
                let Ok(netid) = NetId::parse(&member.netid) else { continue };
                let is_there = roster.has(&netid).is_some();
                counted.of_directory += u64::from(enabled && of_directory);
                counted.all += u64::from(enabled && (of_directory || is_there));
                if !of_directory || is_there || member.noted {
                    continue;
                }
                if enabled {
                    counted.gone.push(Leaver { netid, elevated: member.role != Role::Staff.word(), admitted: member.privileged });
                } else {
                    counted.disabled.push(netid);
                }
            }
        }
    }

    /// Whether there is a directory beside the built-in one.
    #[must_use]
    pub fn has_directory(&self) -> bool {
        self.inner.directory.is_some()
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn planned(fate: Provisioned) -> Option<Planned> {
    match fate {
        Provisioned { created: true, .. } => Some(Planned::Create),
        Provisioned { returns: true, .. } => Some(Planned::Return),
        Provisioned { changed: true, .. } => Some(Planned::Update),
        _ => None,
    }
}

fn count(report: &mut SyncReport, fate: Provisioned) {
    match planned(fate) {
        Some(Planned::Create) => report.created += 1,
        Some(_) => report.updated += 1,
        None => report.unchanged += 1,
    }
    report.returned += u64::from(fate.returns);
}
