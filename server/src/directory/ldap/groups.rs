//! Who is in which group, nested groups included.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use desk::DirectoryError;
use futures::future::try_join_all;
use ldap3::{LdapError, Scope, SearchEntry};

use super::people::{self, Entry, Found, Walk, take};
use super::proof::visible;
use super::servers::Connection;
use crate::config::{Ldap as Settings, LdapGroups};
use crate::ldap_names as names;

/// The most groups that one person is in: beyond it the directory is taken to be wrong rather than
/// followed.
const MAX_GROUPS: usize = 1000;

/// Questions asked at once on one connection: a server far away takes its time over each. OpenLDAP
/// lets the next ones wait from a hundred on (olcConnMaxPending).
const AT_ONCE: usize = 16;

/// The groups that groups are in, as far as the directory was asked: once about each.
#[derive(Debug, Default)]
pub(super) struct Parents(Mutex<HashMap<String, Vec<String>>>);

impl Parents {
    fn get(&self, group: &str) -> Option<Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(group).cloned()
    }

    fn put(&self, group: String, parents: Vec<String>) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(group)
            .or_insert(parents)
            .clone()
    }
}

/// The attribute that says with people and groups which groups they are in; none where groups say
/// it.
pub(super) fn attribute(settings: &Settings) -> Option<&str> {
    match &settings.groups {
        Some(LdapGroups::ByAttribute { attribute, .. }) => Some(attribute),
        _ => None,
    }
}

/// The DNs of all groups of a person, those that they are in by another group too. None where
/// groups are not looked at.
pub(super) async fn of(
    connection: &mut Connection,
    settings: &Settings,
    entry: &Entry,
    known: &Parents,
) -> Result<Found<Option<Vec<String>>>, LdapError> {
    let Some(groups) = &settings.groups else { return Ok(Ok(None)) };
    let first = match groups {
        LdapGroups::ByAttribute { .. } => entry.groups.clone(),
        LdapGroups::ByMember { base, member } => {
            let netid = entry.netids.first().map_or("", String::as_str);
            // NetIDs are the same in any case, and servers compare this attribute exactly.
            let values = if by_netid(member) {
                vec![netid.to_owned(), netid.to_ascii_lowercase()]
            } else {
                vec![entry.dn.clone()]
            };
            match with_member(connection, settings, base, member, &values).await? {
                Ok(first) => first,
                Err(error) => return Ok(Err(error)),
            }
        }
    };
    let mut all: Vec<String> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut level = first;
    // Groups that contain each other end here: each is looked at once.
    while !level.is_empty() {
        let mut unasked = Vec::new();
        let mut next = Vec::new();
        for group in level {
            let key = names::normal(&group);
            if !seen.insert(key.clone()) {
                continue;
            }
            all.push(group.clone());
            match known.get(&key) {
                Some(parents) => next.extend(parents),
                None => unasked.push((key, group)),
            }
        }
        if seen.len() > MAX_GROUPS {
            return Ok(Err(DirectoryError::Unclear(format!(
                "{} is in more than {MAX_GROUPS} groups",
                visible(&entry.dn)
            ))));
        }
        for some in unasked.chunks(AT_ONCE) {
            let questions =
                some.iter().map(|(_, group)| parents(connection.clone(), settings, groups, group));
            for ((key, _), parents) in some.iter().zip(try_join_all(questions).await?) {
                match parents {
                    Ok(parents) => next.extend(known.put(key.clone(), parents)),
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
        level = next;
    }
    Ok(Ok(Some(all)))
}

async fn parents(
    mut connection: Connection,
    settings: &Settings,
    groups: &LdapGroups,
    group: &str,
) -> Result<Found<Vec<String>>, LdapError> {
    match groups {
        LdapGroups::ByAttribute { attribute, .. } => {
            let entry = read(&mut connection, settings, group, attribute).await?;
            Ok(entry.map(|entry| {
                entry.map(|mut entry| take(&mut entry, attribute)).unwrap_or_default()
            }))
        }
        // A group has no NetID by which it could be a member.
        LdapGroups::ByMember { member, .. } if by_netid(member) => Ok(Ok(Vec::new())),
        LdapGroups::ByMember { base, member } => {
            with_member(&mut connection, settings, base, member, &[group.to_owned()]).await
        }
    }
}

fn by_netid(member: &str) -> bool {
    member.eq_ignore_ascii_case("memberUid")
}

/// One entry by its DN; none where there is none, or it may not be seen.
async fn read(
    connection: &mut Connection,
    settings: &Settings,
    dn: &str,
    attribute: &str,
) -> Result<Found<Option<SearchEntry>>, LdapError> {
    let search = connection
        .ldap
        .with_timeout(settings.timeout)
        .search(dn, Scope::Base, "(objectClass=*)", vec![attribute])
        .await?;
    let entry = search.0.into_iter().find(|entry| !entry.is_ref() && !entry.is_intermediate());
    match search.1.rc {
        0 => Ok(entry.map(people::constructed).transpose()),
        // Elsewhere, not there, no DN, not to be seen (RFC 4511 §4.1.9): an answer, too.
        10 | 32 | 34 | 50 => Ok(Ok(None)),
        // That a server is busy does not mean that somebody is in no group.
        _ => Err(LdapError::LdapResult { result: search.1 }),
    }
}

/// No attribute, in a search (RFC 4511 §4.5.1.8): the DN is enough.
fn nothing() -> Vec<String> {
    vec!["1.1".to_owned()]
}

/// The DNs of the groups below `base` with this member.
async fn with_member(
    connection: &mut Connection,
    settings: &Settings,
    base: &str,
    member: &str,
    values: &[String],
) -> Result<Found<Vec<String>>, LdapError> {
    let mut found = Vec::new();
    let filter = format!(
        "(|{})",
        values.iter().map(|value| names::equals(member, value)).collect::<String>()
    );
    let mut walk =
        Walk::start(connection, settings, ("ldap.group_base", base), &filter, nothing()).await?;
    while let Some(entry) = walk.next().await? {
        found.push(entry.dn);
        if found.len() > MAX_GROUPS {
            break;
        }
    }
    Ok(walk.end().await?.map(|()| found))
}

/// What a group may be called in the configuration: its DN as it is compared, and directly below
/// the base the word it begins with.
pub(super) fn called(settings: &Settings, dn: &str) -> Vec<String> {
    let normal = names::normal(dn);
    let word = is_named_by_a_word(settings, &normal).then(|| names::first_word(dn)).flatten();
    std::iter::once(normal).chain(word).collect()
}

/// Only directly below the base: who may make groups further down must not be able to make one that
/// is called like these.
fn is_named_by_a_word(settings: &Settings, normal: &str) -> bool {
    let Some(LdapGroups::ByAttribute { base, .. } | LdapGroups::ByMember { base, .. }) =
        &settings.groups
    else {
        return false;
    };
    !base.is_empty() && names::is_child(normal, &names::normal(base))
}

/// Whether the directory has a group of this name.
pub(super) async fn exists(
    connection: &mut Connection,
    settings: &Settings,
    name: &str,
) -> Result<Found<bool>, LdapError> {
    if name.contains('=') {
        return Ok(read(connection, settings, name, "1.1").await?.map(|entry| entry.is_some()));
    }
    let Some(LdapGroups::ByAttribute { base, .. } | LdapGroups::ByMember { base, .. }) =
        &settings.groups
    else {
        return Ok(Ok(false));
    };
    let (mut found, filter) = (false, names::equals("cn", name));
    let mut walk =
        Walk::start(connection, settings, ("ldap.group_base", base), &filter, nothing()).await?;
    while let Some(entry) = walk.next().await? {
        let fits = names::first_word(&entry.dn).is_some_and(|word| desk::same_name(&word, name));
        found = found || (fits && is_named_by_a_word(settings, &names::normal(&entry.dn)));
    }
    Ok(walk.end().await?.map(|()| found))
}

/// Who is in which group, of all groups that say who is in them: sixteen bytes a member, and each
/// group's name once.
#[derive(Debug, Default)]
pub(super) struct Members {
    dns: Vec<String>,
    of: HashMap<[u8; 16], Vec<u32>>,
    by_netid: bool,
}

impl Members {
    /// Reads them all. None where people say it themselves.
    pub(super) async fn read(
        connection: &mut Connection,
        settings: &Settings,
    ) -> Result<Found<Option<Self>>, LdapError> {
        let Some(LdapGroups::ByMember { base, member }) = &settings.groups else {
            return Ok(Ok(None));
        };
        let mut members = Self { by_netid: by_netid(member), ..Self::default() };
        let filter = format!("({member}=*)");
        let mut walk = Walk::start(
            connection,
            settings,
            ("ldap.group_base", base),
            &filter,
            vec![member.clone()],
        )
        .await?;
        while let Some(mut entry) = walk.next().await? {
            // Active Directory tells no more than some thousand at once, under another name
            // (MS-ADTS 3.1.1.3.1.3.3).
            if entry.attrs.keys().any(|name| name.to_ascii_lowercase().contains(";range=")) {
                let what = format!(
                    "{} has more members than are told at once: use ldap.group_attribute \
                        = \"memberOf\"",
                    visible(&entry.dn)
                );
                return Ok(Err(DirectoryError::Nonsense(what)));
            }
            let group = u32::try_from(members.dns.len()).unwrap_or(u32::MAX);
            for value in take(&mut entry, member) {
                members.of.entry(members.key(&value)).or_default().push(group);
            }
            members.dns.push(entry.dn);
        }
        Ok(walk.end().await?.map(|()| Some(members)))
    }

    fn key(&self, member: &str) -> [u8; 16] {
        // NetIDs as they are written: a server compares this attribute exactly, and log-in asks it.
        if self.by_netid {
            desk::short_hash(member)
        } else {
            desk::short_hash(&names::normal(member))
        }
    }

    /// The DNs of all groups of a person, those that they are in by another group too.
    pub(super) fn groups_of(&self, entry: &Entry) -> Vec<&str> {
        let netid = entry.netids.first().map_or("", String::as_str);
        let starts = if self.by_netid {
            vec![netid.to_owned(), netid.to_ascii_lowercase()]
        } else {
            vec![entry.dn.clone()]
        };
        let mut seen: HashSet<u32> = HashSet::new();
        let mut queue: VecDeque<u32> = starts
            .iter()
            .filter_map(|start| self.of.get(&self.key(start)))
            .flatten()
            .copied()
            .collect();
        while let Some(group) = queue.pop_front() {
            if seen.insert(group)
                && !self.by_netid
                && let Some(dn) = self.dns.get(group as usize)
            {
                queue.extend(self.of.get(&self.key(dn)).into_iter().flatten());
            }
        }
        seen.into_iter()
            .filter_map(|group| self.dns.get(group as usize).map(String::as_str))
            .collect()
    }
}
