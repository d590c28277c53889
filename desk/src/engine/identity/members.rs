//! Groups into which an identity system puts people (SCIM's `/Groups`): those that the
//! configuration names, and no others. What they give is decided as with any directory's
//! ([`super::decision`]). Tests: `desk/tests/desk/directory/members.rs`, and by HTTP
//! `server/tests/server/scim/groups.rs`.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::engine::doors::{SourceDoor, source};
use crate::engine::identity::assertion::{Assertion, Overview};
use crate::engine::identity::decision::decide;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::names::{folded, same_name};
use crate::engine::identity::person_change::PersonChange;
use crate::engine::identity::provision::{MAX_TRIES, Provision};
use crate::engine::identity::push_error::{Loss, PushError};
use crate::engine::origin::Origin;
use crate::store::rows::User;
use crate::{NetId, Refusal, Role, Source};

/// The most members that are listed of a group, or put in and taken out at once.
pub const MAX_MEMBERS: u32 = 20_000;

/// How many people are written in one transaction, while others' changes wait.
const BATCH: usize = 100;

/// What becomes of a group's members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembersChange {
    /// Whoever is not put in is taken out.
    pub whole: bool,
    /// Who is put in.
    pub add: BTreeSet<NetId>,
    /// Who is taken out.
    pub remove: BTreeSet<NetId>,
}

impl SourceDoor<source::Scim> {
    /// The groups into which people may be put, by their names in the configuration; none where
    /// that is switched off.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let settings = self.settings();
        let mut names: Vec<String> = Vec::new();
        for name in settings.groups.names().filter(|_| settings.scim_groups) {
            if !names.iter().any(|known| same_name(known, name)) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// A group's members, in the order of their NetIDs; of more than [`MAX_MEMBERS`] the first,
    /// and one of the others, by which that is seen.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn members(&self, group: &str) -> Result<Vec<NetId>, Refusal> {
        let members = self.inner.store.members_of(&folded(group), MAX_MEMBERS + 1).await?;
        Ok(members.iter().filter_map(|netid| NetId::parse(netid).ok()).collect())
    }

    /// The groups that somebody was put into, as they are compared ([`same_name`]); of nobody none.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn groups_of(&self, netid: &NetId) -> Result<Vec<String>, Refusal> {
        let user = self.inner.store.user(netid).await?;
        Ok(user.and_then(|user| user.pushed_groups).unwrap_or_default())
    }

    /// Puts people into a group, and takes others out of it. Nobody is, where one of those who are
    /// put in may not be, or more lose something by it than may. Who is not there any more is not
    /// taken out, but of whoever is taken out once more the rights are again those of the groups
    /// that they are in. Very many are written some after others, those first who lose something
    /// by it: where that ends in between, by the store or by somebody who changes the same people,
    /// the same once more does the rest.
    ///
    /// # Errors
    /// [`PushError::Members`] with all of them, [`PushError::LastAdministrator`],
    /// [`PushError::TooManyLeaving`], [`PushError::TooManyMembers`], [`PushError::Refused`].
    pub async fn change_members(
        &self,
        group: &str,
        change: &MembersChange,
        origin: &Origin,
    ) -> Result<(), PushError> {
        let group = &folded(group);
        let named = self.named(group, change).await?;
        let mut people: Vec<(bool, Role, NetId)> = self
            .become_members(group, &change.add, &named)
            .await?
            .into_iter()
            .map(|(user, becomes)| (loses(&user, &becomes), user.person.role, user.person.netid))
            .collect();
        people.sort_by_key(|(loses, role, _)| Reverse((*loses, *role)));
        let losers: Vec<NetId> =
            people.iter().filter(|(loses, ..)| *loses).map(|(.., netid)| netid.clone()).collect();
        // Who has lost something within the hour already is no leaver once more.
        let counted = self.counted_leavers(&losers).await?;
        let counts =
            |(loses, _, netid): &&(bool, Role, NetId)| *loses && !counted.contains(netid.as_str());
        let mut losing = people.iter().filter(counts).count();
        for some in people.chunks(BATCH) {
            losing -= some.iter().filter(counts).count();
            let some: Vec<NetId> = some.iter().map(|(.., netid)| netid.clone()).collect();
            self.change_some(group, &change.add, &some, losing, origin).await?;
        }
        Ok(())
    }

    /// Looks whether all may be put into a group who are to be; nothing is done.
    ///
    /// # Errors
    /// [`PushError::Members`] with those who may not, [`PushError::TooManyMembers`],
    /// [`PushError::Refused`].
    pub async fn check_members(
        &self,
        group: &str,
        change: &MembersChange,
    ) -> Result<(), PushError> {
        let group = &folded(group);
        let named = self.named(group, change).await?;
        self.become_members(group, &change.add, &named).await.map(drop)
    }

    /// Everybody who is put into a group or taken out of it.
    async fn named(&self, group: &str, change: &MembersChange) -> Result<Vec<NetId>, PushError> {
        let mut remove = change.remove.clone();
        if change.whole {
            remove.extend(
                self.members(group).await?.into_iter().filter(|netid| !change.add.contains(netid)),
            );
        }
        let named: Vec<NetId> = change.add.iter().chain(&remove).cloned().collect();
        if named.len() > MAX_MEMBERS as usize {
            return Err(PushError::TooManyMembers);
        }
        Ok(named)
    }

    /// The same of some of them, in one transaction, as they are now; `still` so many who come
    /// after them lose something.
    async fn change_some(
        &self,
        group: &str,
        add: &BTreeSet<NetId>,
        some: &[NetId],
        still: usize,
        origin: &Origin,
    ) -> Result<(), PushError> {
        let still = u64::try_from(still).unwrap_or(u64::MAX);
        let mut tries = 0;
        loop {
            let changes = self.become_members(group, add, some).await?;
            let provision = changes
                .iter()
                .fold(Provision::by(Source::Scim), |all, (_, becomes)| all.with(becomes, origin));
            let losing: Vec<&(User, PersonChange)> =
                changes.iter().filter(|(user, becomes)| loses(user, becomes)).collect();
            // The first of those who lose most, whom a refusal names.
            let first = losing.first().copied().or(changes.first());
            let (Some(change), Some((one, becomes))) = (provision.change(self.now()), first) else {
                return Ok(());
            };
            // Whoever is taken out of the group that lets them have tokens loses as much as a
            // leaver. All are looked at with the first, and each is counted when it is done.
            let leavers: Vec<NetId> =
                losing.iter().map(|(user, _)| user.person.netid.clone()).collect();
            let change = if leavers.is_empty() {
                change
            } else {
                self.few_enough_leave(&leavers, still).await?.with(change)
            };
            let loss = lost(one, becomes);
            match self.commit_push((&one.person.netid, &loss), change, origin).await {
                Err(error) if error.is_overtaken() && tries < MAX_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    /// What becomes of each of these who is put into a group, or taken out of it, and is not so
    /// already, or is out of it and has more than their groups give.
    async fn become_members(
        &self,
        group: &str,
        add: &BTreeSet<NetId>,
        netids: &[NetId],
    ) -> Result<Vec<(User, PersonChange)>, PushError> {
        let mut known = self.inner.store.users(netids).await.map_err(Refusal::from)?;
        let (mut changes, mut unknown, mut own) = (Vec::new(), Vec::new(), Vec::new());
        for netid in netids {
            let joins = add.contains(netid);
            let Some(user) = known.remove(netid).filter(|user| user.source != Source::None) else {
                unknown.extend(joins.then(|| netid.clone()));
                continue;
            };
            let Some(groups) = groups_after(&user, group, joins) else {
                if !joins && let Some(becomes) = self.has_too_much(&user) {
                    changes.push((user, becomes));
                }
                continue;
            };
            if user.is_kept_here() {
                own.extend(joins.then(|| netid.clone()));
                continue;
            }
            let becomes = self.in_groups(&user, &groups);
            changes.push((user, becomes));
        }
        if unknown.is_empty() && own.is_empty() {
            Ok(changes)
        } else {
            Err(PushError::Members { unknown, own })
        }
    }

    /// What becomes of somebody who has more than the groups give that they are in; none: they do
    /// not, or nobody ever put them into one.
    fn has_too_much(&self, user: &User) -> Option<PersonChange> {
        let groups = user.pushed_groups.as_ref().filter(|_| !user.is_kept_here())?;
        let becomes = self.in_groups(user, groups);
        (becomes.role.is_lowered() || becomes.privilege.step.ends_sessions()).then_some(becomes)
    }

    /// What becomes of somebody who is in these groups.
    fn in_groups(&self, user: &User, groups: &[String]) -> PersonChange {
        let netid = user.person.netid.to_string();
        let who = ExternalIdentity {
            netid,
            groups: Some(groups.to_vec()),
            ..ExternalIdentity::default()
        };
        let assertion = Assertion {
            who: &who,
            source: Source::Scim,
            external_id: None,
            name_parts: None,
            pushed_groups: Some(groups),
            active: None,
            overview: Overview::OnePerson,
        };
        decide(&user.person.netid, Some(user), &assertion, &self.provision_rules())
    }
}

/// Whether somebody who is there loses something by it.
fn loses(user: &User, becomes: &PersonChange) -> bool {
    let loses = becomes.role.is_lowered() || (user.person.privileged && !becomes.privilege.to);
    loses && !user.person.disabled
}

/// What somebody loses by it.
fn lost(user: &User, becomes: &PersonChange) -> Loss {
    Loss::Rights {
        role: becomes.role.is_lowered().then_some((user.person.role, becomes.role.to)),
        tokens: user.person.privileged && !becomes.privilege.to,
        is_first_group: user.pushed_groups.is_none(),
    }
}

/// Somebody's groups with one more, or one less; none: it is so already.
fn groups_after(user: &User, group: &str, joins: bool) -> Option<Vec<String>> {
    let mut groups = user.pushed_groups.clone().unwrap_or_default();
    if groups.iter().any(|known| known == group) == joins {
        return None;
    }
    if joins {
        groups.push(group.to_owned());
    } else {
        groups.retain(|known| known != group);
    }
    Some(groups)
}
