//! What a directory's groups mean at the desk.

use crate::Role;
use crate::engine::identity::names::same_name;

/// What the groups of a directory mean at the desk. A group is compared whole, by [`same_name`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRules {
    /// Groups whose members are Campus Services reps.
    pub rep: Vec<String>,
    /// Groups whose members are Help Desk staff.
    pub help_desk: Vec<String>,
    /// Groups whose members are administrators.
    pub admin: Vec<String>,
    /// Groups whose members may have a local password and tokens.
    pub privileged: Vec<String>,
}

impl GroupRules {
    /// The highest role that the groups give, `staff` at least; none where no group is configured
    /// to give one: the role is then an administrator's to set.
    #[must_use]
    pub fn role(&self, groups: &[String]) -> Option<Role> {
        let by_role =
            [(Role::Admin, &self.admin), (Role::HelpDesk, &self.help_desk), (Role::Rep, &self.rep)];
        if by_role.iter().all(|(_, named)| named.is_empty()) {
            return None;
        }
        Some(
            by_role
                .into_iter()
                .find(|(_, named)| shares(named, groups))
                .map_or(Role::Staff, |(role, _)| role),
        )
    }

    /// Every group that is named.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.rep, &self.help_desk, &self.admin, &self.privileged]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// Whether the groups let somebody have a local password and tokens; none where no group is
    /// configured to.
    #[must_use]
    pub fn privileged(&self, groups: &[String]) -> Option<bool> {
        (!self.privileged.is_empty()).then(|| shares(&self.privileged, groups))
    }
}

/// The most near misses that are told of at a time.
const MAX_LISTED: usize = 5;

impl GroupRules {
    /// Groups that somebody is said to be in and that give nothing, each with the one of the
    /// configuration that it nearly is: with a path or a domain before or behind it, as a DN or a
    /// URN, or several in one text.
    /// They are told of and not taken: elsewhere somebody else may be free to name a group so.
    #[must_use]
    pub fn nearly(&self, groups: &[String]) -> Vec<(String, String)> {
        let alone = groups.len() == 1;
        let fits = |name: &str| groups.iter().any(|group| same_name(name, group));
        let missed: Vec<(&str, Vec<&str>)> = self
            .names()
            .filter(|name| !fits(name))
            .map(|name| (name, parts(name, false)))
            .collect();
        let near = groups.iter().flat_map(|group| {
            let of_group = parts(group, alone);
            let near = move |of_name: &[&str]| {
                of_group.iter().any(|part| of_name.iter().any(|name| same_name(name, part)))
            };
            missed
                .iter()
                .filter(move |(_, of_name)| near(of_name))
                .map(move |(name, _)| (group.clone(), (*name).to_owned()))
        });
        near.take(MAX_LISTED).collect()
    }
}

/// What a group may be called in other ways of writing it. `alone`: it may be several with blanks
/// between them.
fn parts(group: &str, alone: bool) -> Vec<&str> {
    let whole = group.trim();
    let of_dn = whole
        .split(',')
        .next()
        .and_then(|first| first.split_once('='))
        .map(|(_, value)| value.trim());
    let of_path = whole.rsplit_once('/').map(|(_, last)| last);
    let of_domain = whole.rsplit_once('\\').map(|(_, last)| last);
    let of_address = whole.split_once('@').map(|(first, _)| first);
    let urn = whole.split_once('#').map_or(whole, |(urn, _)| urn);
    let of_urn = urn.rsplit_once(':').map(|(_, last)| last);
    // Also as JSON, or whatever else writes lists.
    let is_around = |c: char| c.is_whitespace() || "[](){}\"'".contains(c);
    let listed = whole.split([',', ';', '|']).map(|part| part.trim_matches(is_around));
    let blanks = if alone { Some(whole.split_whitespace()) } else { None };
    let all = std::iter::once(whole)
        .chain(of_dn)
        .chain(of_path)
        .chain(of_domain)
        .chain(of_address)
        .chain(of_urn)
        .chain(listed)
        .chain(blanks.into_iter().flatten());
    all.filter(|part| !part.is_empty()).collect()
}

fn shares(named: &[String], groups: &[String]) -> bool {
    groups.iter().any(|group| named.iter().any(|name| same_name(name, group)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_highest_role_counts_and_none_where_groups_decide_nothing() {
        let rules = GroupRules {
            rep: groups(&["campus-reps"]),
            admin: groups(&["CN=Desk Admins,OU=IT"]),
            ..GroupRules::default()
        };
        assert_eq!(
            rules.role(&groups(&["Campus-Reps", "cn=desk admins,ou=it"])),
            Some(Role::Admin)
        );
        assert_eq!(rules.role(&groups(&["campus-reps-emeriti", "CAMPUS-REPS"])), Some(Role::Rep));
        assert_eq!(
            rules.role(&groups(&["campus"])),
            Some(Role::Staff),
            "a part of a name is not the name"
        );
        assert_eq!(GroupRules::default().role(&groups(&["campus-reps"])), None);
    }

    #[test]
    fn a_letter_that_only_looks_like_one_gives_nothing() {
        let rules = GroupRules {
            help_desk: groups(&["help-desk"]),
            admin: groups(&["latchkey-admins"]),
            ..GroupRules::default()
        };
        for group in [
            "latch\u{212a}ey-admins",
            "help-des\u{212a}",
            "latchkey-admin\u{17f}",
            "ｌatchkey-admins",
        ] {
            assert_eq!(rules.role(&groups(&[group])), Some(Role::Staff), "{group}");
        }
    }

    #[test]
    fn what_nearly_fits_gives_nothing_and_is_told_of() {
        let rules = GroupRules {
            help_desk: groups(&["help-desk"]),
            privileged: groups(&["staff"]),
            ..GroupRules::default()
        };
        for near in [
            &["/help-desk"][..],
            &["/campus/it/help-desk"],
            &["help-desk,staff"],
            &["help-desk; others"],
            &["help-desk staff"],
            &["help-desk "],
            &["CN=Help-Desk,OU=Groups,DC=example,DC=edu"],
            &["[\"help-desk\",\"staff\"]"],
            &["['others', 'help-desk']"],
            &["{help-desk}"],
            &["EXAMPLE\\help-desk"],
            &["urn:geant:example.edu:group:help-desk"],
            &["urn:geant:example.edu:group:help-desk#idp.example.edu"],
            &["role:help-desk"],
            &["help-desk@example.edu"],
        ] {
            let given = groups(near);
            assert_eq!(rules.role(&given), Some(Role::Staff), "{near:?}");
            assert_eq!(
                rules.nearly(&given).first(),
                Some(&(near[0].to_owned(), "help-desk".to_owned())),
                "{near:?}"
            );
        }
        for far in [
            &["help-desk"][..],
            &["HELP-DESK", "/help-desk"],
            &["campus", "help desk", "desk"],
            &["help-desk-emeriti"],
            &["urn:geant:help-desk:members", "help-desk.example.edu", "it@help-desk"],
            &[],
        ] {
            assert!(rules.nearly(&groups(far)).is_empty(), "{far:?}");
        }
        let of_dns = GroupRules { admin: groups(&["CN=Admins,OU=x"]), ..GroupRules::default() };
        assert_eq!(of_dns.nearly(&groups(&["admins"])).len(), 1);
        let many: Vec<String> = (0..100).map(|n| format!("/{n}/help-desk")).collect();
        assert_eq!(rules.nearly(&many).len(), MAX_LISTED);
    }

    #[test]
    fn without_a_group_for_it_privilege_is_not_the_directorys() {
        let rules = GroupRules { privileged: groups(&["staff"]), ..GroupRules::default() };
        assert_eq!(
            [&["staff"][..], &["students"], &[]].map(|of| rules.privileged(&groups(of))),
            [Some(true), Some(false), Some(false)]
        );
        assert_eq!(GroupRules::default().privileged(&groups(&["staff"])), None);
    }
}
