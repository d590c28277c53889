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
    /// The highest role that the groups give, `staff` at least; none where no group is configured to give one: the role
    /// is then an administrator's to set.
    #[must_use]
    pub fn role(&self, groups: &[String]) -> Option<Role> {
        let by_role = [(Role::Admin, &self.admin), (Role::HelpDesk, &self.help_desk), (Role::Rep, &self.rep)];
        if by_role.iter().all(|(_, named)| named.is_empty()) {
            return None;
        }
        Some(by_role.into_iter().find(|(_, named)| shares(named, groups)).map_or(Role::Staff, |(role, _)| role))
    }

    /// Every group that is named.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.rep, &self.help_desk, &self.admin, &self.privileged].into_iter().flatten().map(String::as_str)
    }

    /// Whether the groups let somebody have a local password and tokens; none where no group is configured to.
    #[must_use]
    pub fn privileged(&self, groups: &[String]) -> Option<bool> {
        (!self.privileged.is_empty()).then(|| shares(&self.privileged, groups))
    }
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
        let rules = GroupRules { rep: groups(&["campus-reps"]), admin: groups(&["CN=Desk Admins,OU=IT"]), ..GroupRules::default() };
        assert_eq!(rules.role(&groups(&["Campus-Reps", "cn=desk admins,ou=it"])), Some(Role::Admin));
        assert_eq!(rules.role(&groups(&["campus-reps-emeriti", "CAMPUS-REPS"])), Some(Role::Rep));
        assert_eq!(rules.role(&groups(&["campus"])), Some(Role::Staff), "a part of a name is not the name");
        assert_eq!(GroupRules::default().role(&groups(&["campus-reps"])), None);
    }

    #[test]
    fn a_letter_that_only_looks_like_one_gives_nothing() {
        let rules = GroupRules { help_desk: groups(&["help-desk"]), admin: groups(&["latchkey-admins"]), ..GroupRules::default() };
        for group in ["latch\u{212a}ey-admins", "help-des\u{212a}", "latchkey-admin\u{17f}", "ｌatchkey-admins"] {
            assert_eq!(rules.role(&groups(&[group])), Some(Role::Staff), "{group}");
        }
    }

    #[test]
    fn without_a_group_for_it_privilege_is_not_the_directorys() {
        let rules = GroupRules { privileged: groups(&["staff"]), ..GroupRules::default() };
        assert_eq!([&["staff"][..], &["students"], &[]].map(|of| rules.privileged(&groups(of))), [Some(true), Some(false), Some(false)]);
        assert_eq!(GroupRules::default().privileged(&groups(&["staff"])), None);
    }
}
