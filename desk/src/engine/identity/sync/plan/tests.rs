//! What the directory says, what is known and who disabled whom, against what becomes of the
//! person: as tables.

use super::*;
use crate::engine::identity::decision::DirectoryUse;
use crate::engine::identity::fixtures::{
    DisabledBy, disabled, group_rules, netid, rules, says, user,
};

const NOBODY: Standing = Standing::KeptHere;

fn member(name: &str) -> Member {
    Member {
        netid: netid(name),
        source: Source::Ldap,
        role: Role::Staff,
        privileged: true,
        disabled: false,
        is_kept_here: false,
        has_departed: false,
    }
}

fn administrator(name: &str) -> Member {
    Member { role: Role::Admin, ..member(name) }
}

#[test]
fn whoever_is_the_directorys_and_not_in_it_any_more_leaves() {
    use Standing::{Departed, Elsewhere, Leaves, LeavesDisabled, Present};
    // Who they are, and their standing where the directory does not have them, and where it does.
    let table = [
        (member("kim"), [Leaves, Present]),
        (Member { disabled: true, ..member("kim") }, [LeavesDisabled, Present]),
        (Member { disabled: true, has_departed: true, ..member("kim") }, [Departed, Present]),
        (Member { source: Source::Scim, ..member("kim") }, [Elsewhere, Present]),
        (Member { source: Source::None, disabled: true, ..member("kim") }, [Elsewhere, Present]),
        // An administrator has kept them when the directory no longer had them.
        (Member { source: Source::Desk, ..member("kim") }, [Elsewhere, Present]),
        (Member { source: Source::BuiltIn, is_kept_here: true, ..member("kim") }, [NOBODY, NOBODY]),
        (Member { is_kept_here: true, ..member("kim") }, [NOBODY, NOBODY]),
    ];
    for (member, expected) in table {
        assert_eq!(
            [false, true].map(|present| Standing::of(&member, present, Source::Ldap)),
            expected,
            "{member:?}"
        );
    }
}

#[test]
fn those_are_counted_whom_it_concerns() {
    let groups = group_rules();
    let rules = rules(&groups, DirectoryUse::Synchronised);
    let mut plan = SyncPlan::new(Source::Ldap, 3, &rules);
    plan.count(member("present"), true);
    plan.count(member("gone"), false);
    plan.count(Member { disabled: true, ..member("disabled") }, false);
    plan.count(Member { source: Source::Scim, ..member("pushed") }, false);
    plan.count(Member { source: Source::Scim, ..member("shared") }, true);
    plan.count(Member { is_kept_here: true, ..member("own") }, true);
    assert_eq!((plan.directory_people, plan.people, plan.departing_count()), (2, 3, 2));
    assert_eq!(plan.departing(), [netid("gone"), netid("disabled")]);
    plan.drop_present(|netid| netid.as_str() == "gone");
    assert_eq!(plan.report(Vec::new()).departed, 1);
}

#[test]
fn whoever_loses_something_waits_and_the_others_do_not() {
    let groups = group_rules();
    let rules = rules(&groups, DirectoryUse::Synchronised);
    let mut own = user("kim");
    own.netid_hash = Some("a hash".to_owned());
    let mut help_desk = user("kim");
    help_desk.person.role = Role::HelpDesk;
    let out = |by| disabled(user("kim"), by);
    let ldap: &[Source] = &[Source::Ldap];
    // What the directory says of the groups, what is known, and what is done: at once as this,
    // later, or nothing.
    let table: [(&[&str], Option<User>, Result<Option<Planned>, &str>, bool); 12] = [
        (&["desk"], None, Ok(Some(Planned::Create)), false),
        (&[], None, Ok(Some(Planned::Create)), false),
        (&["desk"], Some(user("kim")), Ok(None), false),
        (&["desk", "admins"], Some(user("kim")), Ok(Some(Planned::Update)), false),
        (&["others"], Some(user("kim")), Err("later"), true),
        (&["desk"], Some(help_desk), Err("later"), true),
        (&[], Some(own), Err("alone"), false),
        (
            &["desk"],
            Some(out(DisabledBy::Sources(&[Source::Ldap]))),
            Ok(Some(Planned::Return)),
            false,
        ),
        (
            &["desk"],
            Some(out(DisabledBy::AdministratorBefore(ldap))),
            Ok(Some(Planned::Return)),
            false,
        ),
        (&["desk"], Some(out(DisabledBy::Administrator)), Ok(None), false),
        // Whoever is disabled has nothing to lose that would be counted.
        (&["others"], Some(out(DisabledBy::Administrator)), Err("later"), false),
        (&["desk"], Some(out(DisabledBy::Sources(&[Source::Scim]))), Ok(None), false),
    ];
    for (groups, known, expected, counts) in table {
        let mut plan = SyncPlan::new(Source::Ldap, 1, &rules);
        let done = match plan.see(&netid("kim"), known.as_ref(), &says("kim", Some(groups)), &rules)
        {
            Disposition::WrittenNow(planned, _) => Ok(Some(planned)),
            Disposition::Unchanged => Ok(None),
            Disposition::HeldBack => Err("later"),
            Disposition::LeftAlone => Err("alone"),
            Disposition::Reserved => Err("reserved"),
            Disposition::Another => Err("another"),
        };
        assert_eq!((done, plan.losing == 1), (expected, counts), "{groups:?} of {known:?}");
    }
}

#[test]
fn one_administrator_is_kept_where_none_would_be_left() {
    let groups = group_rules();
    let rules = rules(&groups, DirectoryUse::Synchronised);
    let kept = |members: &[(Member, Option<&[&str]>)]| {
        let mut plan = SyncPlan::new(Source::Ldap, 9, &rules);
        for (member, groups) in members {
            plan.count(member.clone(), groups.is_some());
        }
        for (member, groups) in members.iter().filter(|(_, groups)| groups.is_some()) {
            let mut known = user(member.netid.as_str());
            (known.person.role, known.person.disabled) = (member.role, member.disabled);
            known.netid_hash = member.is_kept_here.then(|| "a hash".to_owned());
            plan.see(&member.netid, Some(&known), &says(member.netid.as_str(), *groups), &rules);
        }
        let kept = plan.keep_an_administrator();
        let departs = kept.as_ref().is_some_and(|kept| plan.departing().contains(kept));
        assert!(!departs, "whoever is kept does not leave");
        (kept.map(|netid| netid.to_string()), plan.report(Vec::new()))
    };
    let (none, desk): (&[&str], &[&str]) = (&["desk"], &["desk", "admins"]);
    assert_eq!(kept(&[(administrator("kim"), Some(desk))]).0, None);
    assert_eq!(kept(&[(administrator("kim"), None), (administrator("lou"), Some(desk))]).0, None);
    assert_eq!(kept(&[(member("kim"), None)]).0, None, "nobody was one");
    let (netid, report) = kept(&[(administrator("lou"), None), (administrator("kim"), None)]);
    assert_eq!((netid.as_deref(), report.departed), (Some("kim"), 1));
    let (netid, report) = kept(&[
        (administrator("kim"), None),
        (administrator("lou"), Some(none)),
        (administrator("mia"), Some(none)),
    ]);
    assert_eq!(
        (netid.as_deref(), report.departed, report.demoted),
        (Some("lou"), 1, 1),
        "rather whom the directory has"
    );
    // Somebody else becomes one, or is one here; somebody who is disabled is none.
    assert_eq!(kept(&[(administrator("kim"), None), (member("lou"), Some(desk))]).0, None);
    assert_eq!(
        kept(&[
            (administrator("kim"), None),
            (Member { is_kept_here: true, ..administrator("ada") }, Some(none))
        ])
        .0,
        None
    );
    let off = Member { disabled: true, ..administrator("ada") };
    assert_eq!(kept(&[(administrator("kim"), None), (off, Some(desk))]).0.as_deref(), Some("kim"));
}
