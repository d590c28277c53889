//! How many would leave or lose something, and how many may, against what is said: as tables.

use super::*;
use crate::engine::identity::decision::{DirectoryUse, ProvisionRules};
use crate::engine::identity::fixtures::{group_rules, netid, rules};
use crate::engine::identity::sync::plan::Leaver;
use crate::{GroupRules, Role, Source};

fn plan(groups: &GroupRules) -> SyncPlan {
    let rules = ProvisionRules { is_pushed_to: false, ..rules(groups, DirectoryUse::Synchronised) };
    SyncPlan::new(Source::Ldap, 1, &rules)
}

fn leavers(many: usize, role: Role, privileged: bool) -> Vec<Leaver> {
    (0..many)
        .map(|number| Leaver { netid: netid(&format!("leaver{number}")), role, privileged })
        .collect()
}

/// What is said, in a word.
fn word(verdict: Result<(), SyncError>) -> String {
    match verdict {
        Ok(()) => "allowed".to_owned(),
        Err(SyncError::Empty { people }) => format!("empty, {people}"),
        Err(SyncError::TooManyLeaving { leaving, people, limit }) => {
            format!("{leaving} of {people}, {limit} may")
        }
        Err(SyncError::NobodyLeft) => "nobody left".to_owned(),
        Err(other) => other.to_string(),
    }
}

const EVERYBODY: LeaverLimit = LeaverLimit::Percent(100.0);

#[test]
fn no_more_may_leave_or_lose_than_the_limit() {
    let five = LeaverLimit::default();
    // In the directory, of the directory, of all whom it concerns; leaving, losing; the limit, and
    // what is said.
    let table: [(u64, u64, u64, usize, usize, LeaverLimit, &str); 17] = [
        (100, 100, 100, 0, 0, five, "allowed"),
        (95, 100, 100, 5, 0, five, "allowed"),
        (94, 100, 100, 6, 0, five, "6 of 100, 5 may"),
        (94, 100, 100, 6, 0, LeaverLimit::People(6), "allowed"),
        (94, 100, 100, 6, 0, LeaverLimit::People(5), "6 of 100, 5 may"),
        (94, 100, 100, 6, 0, EVERYBODY, "allowed"),
        // Those who lose something count with those who leave, of all whom it concerns.
        (97, 100, 100, 3, 2, five, "allowed"),
        (97, 100, 100, 3, 3, five, "6 of 100, 5 may"),
        (97, 100, 160, 3, 3, five, "allowed"),
        (94, 100, 160, 6, 0, five, "6 of 100, 5 may"),
        (97, 100, 100, 3, 3, EVERYBODY, "allowed"),
        // A small place: one may always leave, unless none may.
        (2, 3, 3, 1, 0, five, "allowed"),
        (2, 3, 3, 1, 0, LeaverLimit::People(0), "1 of 3, 0 may"),
        // Nobody at all is no directory, whatever the number; unless somebody says so.
        (0, 3, 3, 3, 0, five, "empty, 3"),
        (0, 3, 3, 3, 0, LeaverLimit::People(100), "empty, 3"),
        (0, 3, 3, 3, 0, EVERYBODY, "allowed"),
        (0, 0, 0, 0, 0, five, "allowed"),
    ];
    let no_groups = GroupRules::default();
    for (read, directory_people, people, leaving, losing, limit, expected) in table {
        let mut plan = plan(&no_groups);
        (plan.read, plan.directory_people, plan.people, plan.losing) =
            (read, directory_people, people, losing);
        plan.leavers = leavers(leaving, Role::Staff, false);
        assert_eq!(
            word(verdict(&plan, limit)),
            expected,
            "{read} read, {leaving} leave, {losing} lose, {limit} may"
        );
    }
}

#[test]
fn somebody_keeps_what_groups_give() {
    let (staff, helps) = (Role::Staff, Role::HelpDesk);
    // Whether groups are said; who leaves; whether somebody loses a role, and is given one; the
    // same of tokens; what is said.
    let table: [(bool, (usize, Role, bool), (bool, bool), (bool, bool), &str); 13] = [
        (true, (0, staff, false), (false, false), (false, false), "allowed"),
        (true, (0, staff, false), (true, false), (false, false), "nobody left"),
        (true, (0, staff, false), (true, true), (false, false), "allowed"),
        (true, (0, staff, false), (false, false), (true, false), "nobody left"),
        (true, (0, staff, false), (false, false), (true, true), "allowed"),
        (true, (0, staff, false), (true, true), (true, false), "nobody left"),
        // One who leaves is one who leaves; several may be a part of the directory that may not be
        // seen any longer.
        (true, (1, helps, true), (false, false), (false, false), "allowed"),
        (true, (2, helps, false), (false, false), (false, false), "nobody left"),
        (true, (2, helps, false), (false, true), (false, false), "allowed"),
        (true, (2, staff, true), (false, false), (false, false), "nobody left"),
        (true, (2, staff, true), (false, false), (false, true), "allowed"),
        (true, (2, staff, false), (false, false), (false, false), "allowed"),
        // Where the directory says nothing of groups, others do.
        (false, (2, helps, true), (false, false), (false, false), "allowed"),
    ];
    let groups = group_rules();
    for (says_groups, (leaving, role, privileged), roles, tokens, expected) in table {
        let mut plan = plan(&groups);
        (plan.directory_people, plan.people, plan.says_groups) = (9, 9, says_groups);
        plan.leavers = leavers(leaving, role, privileged);
        (plan.roles.is_lost, plan.roles.is_given) = roles;
        (plan.tokens.is_lost, plan.tokens.is_given) = tokens;
        let verdicts = [LeaverLimit::People(9), EVERYBODY].map(|limit| word(verdict(&plan, limit)));
        assert_eq!(
            verdicts,
            [expected, "allowed"],
            "{says_groups} {leaving} {role} {privileged} {roles:?} {tokens:?}"
        );
    }
}

#[test]
fn what_no_group_decides_cannot_vanish() {
    let no_groups = GroupRules::default();
    let mut plan = plan(&no_groups);
    (plan.directory_people, plan.people, plan.says_groups) = (9, 9, true);
    plan.leavers = leavers(3, Role::Admin, true);
    assert_eq!(verdict(&plan, LeaverLimit::People(3)), Ok(()));
}
