//! What an identity system's groups gave, where the configuration hears of them no longer:
//! `scim.groups` was switched off, or a group was taken out of `groups.*`. Nobody speaks of these
//! people's groups then, and what they have by them would stay for ever. It is not taken by a mere
//! start, since a line left out by mistake would leave a desk without its Help Desk: it is said
//! aloud, and ended by an operator's command. Tests: `desk/tests/desk/directory/unheard.rs`,
//! `server/tests/server/command_line/`.

use std::collections::BTreeMap;

use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::identity::names::folded;
use crate::engine::origin::Origin;
use crate::store::administration::{one_administrator_remains, set_privileged, set_role};
use crate::store::as_read::only_as_read;
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::members::hear_of;
use crate::store::rows::User;
use crate::{Actor, AuditAction, NetId, Refusal, Role, Source};

/// How many people are read at once.
const BATCH: u32 = 500;

/// Somebody who has more than the groups give that are heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unheard {
    /// Whose role and tokens they are.
    pub netid: NetId,
    /// The role that they have.
    pub role: Role,
    /// The role that they would have.
    pub becomes: Role,
    /// They may have tokens, and would not.
    pub loses_tokens: bool,
}

/// What became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// From whom it was taken.
    pub ended: Vec<Unheard>,
    /// The last enabled administrator, who stays one.
    pub kept: Vec<NetId>,
    /// Who was changed by somebody else at that moment.
    pub changed_meanwhile: Vec<NetId>,
}

/// Somebody, the groups of theirs that are heard of, and what they have beyond these.
struct Found {
    user: User,
    heard: Vec<String>,
    beyond: Unheard,
}

impl Console {
    /// Who has a role, or may have tokens, by groups that are heard of no longer, in the order of
    /// their NetIDs.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn rights_of_unheard_groups(&self) -> Result<Vec<Unheard>, Refusal> {
        Ok(self.unheard().await?.into_iter().map(|found| found.beyond).collect())
    }

    /// Takes from them what those groups gave, each in a transaction of their own: tokens are
    /// refused, and not revoked.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: some may be done.
    pub async fn end_rights_of_unheard_groups(&self) -> Result<Ended, Refusal> {
        let mut ended = Ended::default();
        for found in self.unheard().await? {
            match self.inner.store.commit(self.end_of(&found), self.now()).await {
                Ok(()) => ended.ended.push(found.beyond),
                Err(StoreError::Condition(Condition::LastAdministrator)) => {
                    ended.kept.push(found.beyond.netid);
                }
                Err(StoreError::Condition(Condition::Stale)) => {
                    ended.changed_meanwhile.push(found.beyond.netid);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(ended)
    }
}

impl Desk {
    async fn unheard(&self) -> Result<Vec<Found>, Refusal> {
        let store = &self.inner.store;
        let mut found = BTreeMap::new();
        let mut group = String::new();
        // From group to group: of those that are heard of nobody is read, and that is often all.
        while let Some(next) = store.next_group(&group).await? {
            group = next;
            let mut last = Some(String::new()).filter(|_| !self.is_heard(&group));
            while let Some(after) = last {
                let some = store.members_after(&group, &after, BATCH).await?;
                last = some.last().cloned().filter(|_| some.len() == BATCH as usize);
                let netids: Vec<NetId> =
                    some.iter().filter_map(|netid| NetId::parse(netid).ok()).collect();
                let people = store.users(&netids).await?.into_values();
                let beyond = people.filter_map(|user| self.beyond(user));
                found.extend(beyond.map(|found| (found.beyond.netid.clone(), found)));
            }
        }
        Ok(found.into_values().collect())
    }

    /// Whether the configuration hears of this group.
    fn is_heard(&self, group: &str) -> bool {
        let settings = self.settings();
        settings.scim_groups && settings.groups.names().any(|name| folded(name) == group)
    }

    /// What somebody has beyond what the groups give that are heard of; none: nothing.
    fn beyond(&self, user: User) -> Option<Found> {
        if user.source == Source::None || user.is_kept_here() {
            return None;
        }
        let (settings, groups) = (self.settings(), user.pushed_groups.clone().unwrap_or_default());
        let heard: Vec<String> =
            groups.iter().filter(|group| self.is_heard(group)).cloned().collect();
        if groups.is_empty() || heard.len() == groups.len() {
            return None;
        }
        let becomes = settings.groups.role(&heard).unwrap_or(Role::Staff).min(user.person.role);
        let loses_tokens =
            user.person.privileged && settings.groups.privileged(&heard) == Some(false);
        let beyond = Unheard {
            netid: user.person.netid.clone(),
            role: user.person.role,
            becomes,
            loses_tokens,
        };
        (beyond.becomes < beyond.role || loses_tokens).then_some(Found { user, heard, beyond })
    }

    fn end_of(&self, Found { user, heard, beyond }: &Found) -> Change {
        let netid = &beyond.netid;
        let note = |action, detail: String| {
            entry(Actor::Console, netid.as_str(), action, &Origin::console()).detailed(detail)
        };
        let mut change = only_as_read(netid, Some(user));
        if beyond.becomes < beyond.role {
            let words = format!("{} → {}", beyond.role, beyond.becomes);
            change = change
                .with(set_role(netid, beyond.becomes))
                .audited(note(AuditAction::UserRole, words));
        }
        if beyond.loses_tokens {
            change = change
                .with(set_privileged(netid, false))
                .audited(note(AuditAction::UserPrivileged, "no".to_owned()));
        }
        let names = if heard.is_empty() { "none".to_owned() } else { heard.join(", ") };
        let kept = self.settings().scim_groups.then(|| heard.clone());
        change = change.with(hear_of(netid, kept)).audited(note(AuditAction::UserGroups, names));
        let takes_administrator =
            beyond.role == Role::Admin && beyond.becomes < Role::Admin && !user.person.disabled;
        if takes_administrator { change.with(one_administrator_remains()) } else { change }
    }
}
