//! What a synchronisation would do, gathered person by person: pure, and no more in memory than
//! counts, who leaves, and who of the administrators loses the role. Whether it may is
//! [`super::guard`]'s to say, and [`super::run`] does it. Tests: `plan/tests.rs`, a table, and
//! `desk/tests/desk/directory/sync.rs`.

use std::collections::HashSet;

use crate::engine::identity::assertion::Assertion;
use crate::engine::identity::decision::{ProvisionRules, decide, decide_as_the_same};
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::person_change::{PersonChange, Presence};
use crate::engine::identity::sync::report::{Planned, SyncReport};
use crate::store::people::Member;
use crate::store::rows::User;
use crate::{NetId, Role, Source};

/// How many of those are named who are kept at the desk itself.
const MAX_OWN_NAMED: usize = 100;

/// What a synchronisation would do.
#[derive(Debug)]
pub(crate) struct SyncPlan {
    source: Source,
    /// People in the directory.
    pub(super) read: u64,
    /// Enabled people who are the directory's.
    pub(super) directory_people: u64,
    /// Enabled people who are the directory's, or whom it has.
    pub(super) people: u64,
    /// Enabled people who would lose tokens or a role.
    pub(super) losing: usize,
    /// Enabled people of the directory who are no longer in it.
    pub(super) leavers: Vec<Leaver>,
    /// Those whom somebody else had disabled before: there is nothing to be careful about.
    disabled_leavers: Vec<NetId>,
    /// Who seems to be another person is taken for who they were: too many do.
    others_are_the_same: bool,
    /// Whether the directory says who is in groups at all.
    pub(super) says_groups: bool,
    pub(super) roles: Entitlement,
    pub(super) tokens: Entitlement,
    administrators: Administrators,
    report: SyncReport,
}

/// Somebody who is gone, and what they have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaver {
    pub(super) netid: NetId,
    pub(super) role: Role,
    pub(super) privileged: bool,
}

/// Something that the directory's groups may give: a role above staff, or tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entitlement {
    /// Groups decide who has it.
    pub(super) is_by_groups: bool,
    /// They give it to somebody.
    pub(super) is_given: bool,
    /// Somebody enabled loses it.
    pub(super) is_lost: bool,
}

/// Enabled administrators.
#[derive(Debug, Default)]
struct Administrators {
    /// Those who would be there in the end.
    staying: HashSet<NetId>,
    /// Those who would lose the role, and how they were counted.
    demoted: Vec<(NetId, SyncReport)>,
}

/// What becomes of somebody at the desk because of whether the directory has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// They are kept at the desk itself, and no directory's.
    KeptHere,
    /// They are another source's, and the directory does not have them.
    Elsewhere,
    /// The directory has them.
    Present,
    /// It has them no longer, which is written down already.
    Departed,
    /// It has them no longer: they leave.
    Leaves,
    /// It has them no longer, and somebody had disabled them before: they leave, and lose nothing
    /// that they had.
    LeavesDisabled,
}

impl Standing {
    /// Of a member, by whether the directory has that NetID.
    pub(crate) fn of(member: &Member, is_present: bool, directory: Source) -> Self {
        match member {
            Member { is_kept_here: true, .. } => Self::KeptHere,
            _ if is_present => Self::Present,
            Member { source, .. } if *source != directory => Self::Elsewhere,
            Member { has_departed: true, .. } => Self::Departed,
            Member { disabled: true, .. } => Self::LeavesDisabled,
            _ => Self::Leaves,
        }
    }
}

/// What is done about somebody whom the directory has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Nothing: they are kept at the desk itself.
    LeftAlone,
    /// Nothing: they would be made by a name that is given to nobody.
    Reserved,
    /// Nothing differs.
    Unchanged,
    /// Written as it comes: they lose nothing.
    WrittenNow(Planned, Box<PersonChange>),
    /// Held back until it is known of all: they lose tokens or a role.
    HeldBack,
    /// Held back until it is known how many there are: another person has the NetID by now.
    Another,
}

impl SyncPlan {
    /// Of a directory that has so many people; nobody at the desk has been counted yet.
    pub(crate) fn new(source: Source, read: u64, rules: &ProvisionRules<'_>) -> Self {
        Self {
            source,
            read,
            directory_people: 0,
            people: 0,
            losing: 0,
            leavers: Vec::new(),
            disabled_leavers: Vec::new(),
            others_are_the_same: false,
            says_groups: false,
            roles: Entitlement {
                is_by_groups: rules.groups.role(&[]).is_some(),
                ..Entitlement::default()
            },
            tokens: Entitlement {
                is_by_groups: rules.groups.privileged(&[]).is_some(),
                ..Entitlement::default()
            },
            administrators: Administrators::default(),
            report: SyncReport { read, ..SyncReport::default() },
        }
    }

    /// Counts somebody at the desk, by whether the directory has that NetID.
    pub(crate) fn count(&mut self, member: Member, is_present: bool) {
        let standing = Standing::of(&member, is_present, self.source);
        let enabled = !member.disabled;
        if enabled && standing != Standing::KeptHere {
            let is_of_directory = member.source == self.source;
            self.directory_people += u64::from(is_of_directory);
            self.people += u64::from(is_of_directory || is_present);
        }
        if enabled && standing != Standing::Leaves && member.role == Role::Admin {
            self.administrators.staying.insert(member.netid.clone());
        }
        match standing {
            Standing::Leaves => self.leavers.push(Leaver {
                netid: member.netid,
                role: member.role,
                privileged: member.privileged,
            }),
            Standing::LeavesDisabled => self.disabled_leavers.push(member.netid),
            Standing::KeptHere | Standing::Elsewhere | Standing::Present | Standing::Departed => {}
        }
    }

    /// Looks at somebody whom the directory has, and decides what is done about them.
    pub(crate) fn see(
        &mut self,
        netid: &NetId,
        known: Option<&User>,
        who: &ExternalIdentity,
        rules: &ProvisionRules<'_>,
    ) -> Disposition {
        if known.is_some_and(User::is_kept_here) {
            self.report.own += 1;
            if self.report.own_people.len() < MAX_OWN_NAMED {
                self.report.own_people.push(netid.clone());
            }
            return Disposition::LeftAlone;
        }
        if rules.reserved.forbid(netid, known, self.source) {
            return Disposition::Reserved;
        }
        let decide = if self.others_are_the_same { decide_as_the_same } else { decide };
        let change = decide(netid, known, &Assertion::synchronised(who, self.source), rules);
        self.says_groups |= who.groups.is_some();
        self.roles.is_given |= change.granted.role;
        self.tokens.is_given |= change.granted.tokens;
        if change.is_enabled() && change.role.to == Role::Admin {
            self.administrators.staying.insert(netid.clone());
        }
        if change.replaces().is_some() {
            return Disposition::Another;
        }
        if change.privilege.step.deprives() || change.role.is_lowered() {
            // Whoever is disabled has nothing to lose.
            let was_enabled = known.is_some_and(|user| !user.person.disabled);
            self.hold_back(&change, was_enabled);
            return Disposition::HeldBack;
        }
        let planned = planned(&change);
        match planned {
            Some(Planned::Create) => self.report.created += 1,
            Some(_) => self.report.updated += 1,
            None => self.report.unchanged += 1,
        }
        self.report.returned += u64::from(matches!(change.presence, Presence::Returned(_)));
        planned.map_or(Disposition::Unchanged, |planned| {
            Disposition::WrittenNow(planned, Box::new(change))
        })
    }

    /// Takes somebody out of the counts of whom nothing was written, since somebody else changed
    /// them at that moment: they are seen again.
    pub(crate) fn unsee(&mut self, planned: Planned, change: &PersonChange) {
        match planned {
            Planned::Create => self.report.created -= 1,
            _ => self.report.updated -= 1,
        }
        self.report.returned -= u64::from(matches!(change.presence, Presence::Returned(_)));
    }

    /// From now on who seems to be another person is taken for who they were.
    pub(crate) fn take_others_for_the_same(&mut self) {
        self.others_are_the_same = true;
    }

    /// Counts those who have left without the directory's saying so: others have their NetIDs.
    pub(crate) fn count_replaced(&mut self, many: usize) {
        self.report.departed += u64::try_from(many).unwrap_or(u64::MAX);
    }

    fn hold_back(&mut self, change: &PersonChange, was_enabled: bool) {
        let (deprives, lowers) = (change.privilege.step.deprives(), change.role.is_lowered());
        let returned = u64::from(matches!(change.presence, Presence::Returned(_)));
        let counts = SyncReport {
            deprived: u64::from(deprives),
            demoted: u64::from(lowers),
            returned,
            ..SyncReport::default()
        };
        self.report.deprived += counts.deprived;
        self.report.demoted += counts.demoted;
        self.report.returned += counts.returned;
        if was_enabled {
            self.losing += 1;
            self.roles.is_lost |= lowers;
            self.tokens.is_lost |= deprives;
        }
        if self.administrators.staying.contains(&change.netid) && change.role.to != Role::Admin {
            self.administrators.staying.remove(&change.netid);
            self.administrators.demoted.push((change.netid.clone(), counts));
        }
    }

    /// Takes those out who are in the directory after all: they have come since its NetIDs were
    /// read.
    pub(crate) fn drop_present(&mut self, is_present: impl Fn(&NetId) -> bool) {
        let administrators = self
            .leavers
            .iter()
            .filter(|leaver| leaver.role == Role::Admin && is_present(&leaver.netid));
        self.administrators.staying.extend(administrators.map(|leaver| leaver.netid.clone()));
        self.leavers.retain(|leaver| !is_present(&leaver.netid));
        self.disabled_leavers.retain(|netid| !is_present(netid));
    }

    /// Where no enabled administrator would be left: takes one out of the plan, who is left as they
    /// are. Rather somebody whom the directory still has.
    pub(crate) fn keep_an_administrator(&mut self) -> Option<NetId> {
        let Administrators { staying, demoted } = &self.administrators;
        if !staying.is_empty() {
            return None;
        }
        if let Some((netid, counts)) = demoted.iter().min_by(|one, other| one.0.cmp(&other.0)) {
            self.report.deprived -= counts.deprived;
            self.report.demoted -= counts.demoted;
            self.report.returned -= counts.returned;
            return Some(netid.clone());
        }
        let leaving = self
            .leavers
            .iter()
            .filter(|leaver| leaver.role == Role::Admin)
            .map(|leaver| &leaver.netid);
        let kept = leaving.min()?.clone();
        self.leavers.retain(|leaver| leaver.netid != kept);
        Some(kept)
    }

    /// How many people of the directory are no longer in it, those included whom somebody had
    /// disabled before.
    pub(crate) fn departing_count(&self) -> usize {
        self.leavers.len() + self.disabled_leavers.len()
    }

    /// Who is no longer in the directory.
    pub(crate) fn departing(&self) -> Vec<NetId> {
        self.leavers
            .iter()
            .map(|leaver| &leaver.netid)
            .chain(&self.disabled_leavers)
            .cloned()
            .collect()
    }

    /// The counts, with what is wrong.
    pub(crate) fn report(self, faults: Vec<String>) -> SyncReport {
        let departed = u64::try_from(self.departing_count()).unwrap_or(u64::MAX);
        SyncReport { departed: departed + self.report.departed, faults, ..self.report }
    }
}

/// What becomes of somebody who loses nothing; none: nothing differs.
fn planned(change: &PersonChange) -> Option<Planned> {
    match change.presence {
        Presence::Created => Some(Planned::Create),
        Presence::Returned(_) => Some(Planned::Return),
        Presence::Replaced { .. } => Some(Planned::Leave),
        Presence::Known { .. } => change.is_something().then_some(Planned::Update),
    }
}

#[cfg(test)]
mod tests;
