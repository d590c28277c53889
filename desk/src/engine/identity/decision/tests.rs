//! What is said, and what is known, against what becomes of the person: as tables.

use super::*;
use crate::engine::identity::fixtures::{
    DisabledBy, disabled, group_rules, netid, rules, says, user,
};
use crate::{AuditAction, ExternalIdentity, GroupRules};

fn decided(known: Option<&User>, assertion: &Assertion<'_>) -> PersonChange {
    decide(&netid("kim"), known, assertion, &rules(&group_rules(), DirectoryUse::AtLogIn))
}

#[test]
fn tokens_are_revoked_only_where_it_is_known_to_be_a_decision() {
    use PrivilegeStep::{Granted, Kept, KeptPending, Refused, Revoked, RevokedLate};
    let may = user("kim");
    let mut may_not = user("kim");
    may_not.person.privileged = false;
    let pending = User { revocation_pending: true, ..may_not.clone() };
    let (none, empty, others, desk): (
        Option<&[&str]>,
        Option<&[&str]>,
        Option<&[&str]>,
        Option<&[&str]>,
    ) = (None, Some(&[]), Some(&["others"]), Some(&["desk"]));
    // What the groups are, who that is, and what becomes of the tokens: by a log-in, by a log-in
    // where a synchronisation looks into it, and by a synchronisation.
    let table = [
        (none, &may, [Kept, Kept, Kept]),
        (empty, &may, [Refused, Refused, Revoked]),
        (others, &may, [Revoked, Refused, Revoked]),
        (desk, &may, [Kept, Kept, Kept]),
        (none, &pending, [KeptPending, KeptPending, KeptPending]),
        (empty, &pending, [KeptPending, KeptPending, RevokedLate]),
        (others, &pending, [RevokedLate, KeptPending, RevokedLate]),
        (desk, &pending, [Granted, Granted, Granted]),
        (none, &may_not, [Kept, Kept, Kept]),
        (empty, &may_not, [Kept, Kept, Kept]),
        (others, &may_not, [Kept, Kept, Kept]),
        (desk, &may_not, [Granted, Granted, Granted]),
    ];
    let groups_mean = group_rules();
    for (groups, known, expected) in table {
        let who = says("kim", groups);
        let steps = [
            (Assertion::present(&who, Source::Ldap), DirectoryUse::AtLogIn),
            (Assertion::present(&who, Source::Ldap), DirectoryUse::Synchronised),
            (Assertion::synchronised(&who, Source::Ldap), DirectoryUse::Synchronised),
        ]
        .map(|(assertion, directory)| {
            decide(&netid("kim"), Some(known), &assertion, &rules(&groups_mean, directory))
                .privilege
                .step
        });
        assert_eq!(
            steps, expected,
            "{groups:?} of {:?}, pending: {}",
            known.person, known.revocation_pending
        );
    }
}

#[test]
fn somebody_comes_back_by_the_word_by_which_they_were_gone_and_no_other() {
    let back = || Presence::Returned(Return::Enabled);
    let still = || Presence::Returned(Return::DisabledByAdministrator);
    let gone = |of: &str| Presence::Returned(Return::GoneElsewhere(of.to_owned()));
    let (enabled, out) =
        (|| Presence::Known { enabled: true }, || Presence::Known { enabled: false });
    // Who disabled them, and what becomes of them where the directory has them, where the identity
    // system does, and at a log-in by an OpenID provider.
    let table = [
        (DisabledBy::Nobody, [enabled(), enabled(), enabled()]),
        (DisabledBy::Administrator, [out(), out(), out()]),
        (DisabledBy::Sources(&[Source::Ldap]), [back(), out(), out()]),
        (DisabledBy::Sources(&[Source::Scim]), [out(), back(), out()]),
        (DisabledBy::Sources(&[Source::Ldap, Source::Scim]), [gone("scim"), gone("ldap"), out()]),
        (DisabledBy::AdministratorBefore(&[Source::Ldap]), [still(), out(), out()]),
        (
            DisabledBy::AdministratorBefore(&[Source::Ldap, Source::Scim]),
            [gone("scim"), gone("ldap"), out()],
        ),
    ];
    let who = says("kim", None);
    for (by, expected) in table {
        let known = disabled(user("kim"), by);
        let presences = [Source::Ldap, Source::Scim, Source::Oidc]
            .map(|source| decided(Some(&known), &Assertion::present(&who, source)).presence);
        assert_eq!(presences, expected, "{by:?}");
        // Where nothing is said of it, or that they are gone, nobody comes back.
        for active in [None, Some(false)] {
            let assertion = Assertion { active, ..Assertion::present(&who, Source::Scim) };
            let presence = decided(Some(&known), &assertion).presence;
            assert_eq!(
                presence,
                Presence::Known { enabled: matches!(by, DisabledBy::Nobody) },
                "{by:?}"
            );
        }
    }
    assert_eq!(decided(None, &Assertion::present(&who, Source::Ldap)).presence, Presence::Created);
}

#[test]
fn groups_give_the_role_where_they_are_said_and_decide() {
    let table: [(Option<&[&str]>, Role, Role, Option<Role>); 5] = [
        (Some(&["admins"]), Role::Staff, Role::Admin, Some(Role::Admin)),
        (Some(&["help-desk"]), Role::Admin, Role::HelpDesk, Some(Role::HelpDesk)),
        (Some(&["others"]), Role::Admin, Role::Staff, Some(Role::Staff)),
        (Some(&[]), Role::Admin, Role::Staff, Some(Role::Staff)),
        (None, Role::Admin, Role::Admin, None),
    ];
    for (groups, from, to, given) in table {
        let mut known = user("kim");
        known.person.role = from;
        let who = says("kim", groups);
        let change = decided(Some(&known), &Assertion::present(&who, Source::Ldap));
        assert_eq!(change.role, RoleChange { from: Some(from), to, given }, "{groups:?}");
        assert_eq!(change.role.is_lowered(), to < from);
        let kept = change.keeping_role();
        assert!(
            kept.role == RoleChange { from: Some(from), to: from, given: None }
                && kept.notes().iter().all(|(action, _)| *action != AuditAction::UserRole)
        );
    }
    let no_groups = GroupRules::default();
    let who = says("kim", Some(&["admins"]));
    let change = decide(
        &netid("kim"),
        None,
        &Assertion::present(&who, Source::Ldap),
        &rules(&no_groups, DirectoryUse::AtLogIn),
    );
    assert_eq!((change.role.given, change.role.to, change.privilege.to), (None, Role::Staff, true));
}

#[test]
fn a_source_that_counts_less_only_adds_while_the_other_says_anything() {
    let claimed =
        ExternalIdentity { email: Some("new@example.edu".to_owned()), ..says("New", None) };
    let known = |source| User { email: "old@example.edu".to_owned(), source, ..user("kim") };
    let at = |name: &str, email: &str, source| (name.to_owned(), email.to_owned(), source);
    let groups = group_rules();
    let profile = |known: &User, source, directory| {
        let profile = decide(
            &netid("kim"),
            Some(known),
            &Assertion::present(&claimed, source),
            &rules(&groups, directory),
        )
        .profile;
        (profile.name, profile.email, profile.source)
    };
    let (old, new) = (("kim", "old@example.edu"), ("New", "new@example.edu"));
    // Whose they are, who speaks, whether there is a directory, and whose word stands.
    let table = [
        (Source::Ldap, Source::Ldap, DirectoryUse::AtLogIn, new, Source::Ldap),
        (Source::Ldap, Source::Oidc, DirectoryUse::AtLogIn, old, Source::Ldap),
        (Source::Ldap, Source::Oidc, DirectoryUse::None, new, Source::Ldap),
        (Source::Ldap, Source::Scim, DirectoryUse::AtLogIn, old, Source::Ldap),
        (Source::Oidc, Source::Ldap, DirectoryUse::AtLogIn, new, Source::Ldap),
        (Source::Oidc, Source::Proxy, DirectoryUse::AtLogIn, new, Source::Proxy),
        // Whom the identity system has deleted is nobody's until it makes them again.
        (Source::None, Source::Ldap, DirectoryUse::AtLogIn, new, Source::None),
        (Source::None, Source::Scim, DirectoryUse::AtLogIn, new, Source::Scim),
    ];
    for (of, speaks, directory, (name, email), then) in table {
        assert_eq!(
            profile(&known(of), speaks, directory),
            at(name, email, then),
            "{of} and {speaks}, {directory:?}"
        );
    }
    let unnamed = User { name: String::new(), ..known(Source::Ldap) };
    assert_eq!(
        profile(&unnamed, Source::Oidc, DirectoryUse::AtLogIn),
        at("New", "old@example.edu", Source::Ldap)
    );
}

#[test]
fn whoever_comes_again_by_a_netid_has_nothing_of_the_one_before() {
    let silent = ExternalIdentity { name: None, ..says("kim", None) };
    let mut gone = disabled(user("kim"), DisabledBy::Sources(&[Source::Ldap]));
    gone.email = "old@example.edu".to_owned();
    let again = decided(Some(&gone), &Assertion::present(&silent, Source::Ldap));
    assert_eq!(
        (again.profile.name.as_str(), again.profile.email.as_str(), again.privilege.to),
        ("", "", false)
    );
    let mut deleted = disabled(
        User { source: Source::None, ..user("kim") },
        DisabledBy::Sources(&[Source::Scim]),
    );
    deleted.person.role = Role::Admin;
    let made = decided(Some(&deleted), &Assertion::present(&silent, Source::Scim));
    assert_eq!(
        (made.profile.name.as_str(), made.role.to, made.privilege.to),
        ("", Role::Staff, false)
    );
    // Of whom an identity system has still, it is known who they are.
    let kept = disabled(
        User { source: Source::Scim, ..user("kim") },
        DisabledBy::Sources(&[Source::Scim]),
    );
    assert_eq!(
        decided(Some(&kept), &Assertion::present(&silent, Source::Scim)).profile.name,
        "kim"
    );
}

#[test]
fn whoever_stays_out_has_neither_a_role_nor_tokens_by_the_groups() {
    let who = says("kim", Some(&["admins", "desk"]));
    for (by, granted) in [
        (DisabledBy::Nobody, true),
        (DisabledBy::Administrator, false),
        (DisabledBy::Sources(&[Source::Ldap]), true),
        (DisabledBy::Sources(&[Source::Scim]), false),
        (DisabledBy::AdministratorBefore(&[Source::Ldap]), false),
    ] {
        let change =
            decided(Some(&disabled(user("kim"), by)), &Assertion::synchronised(&who, Source::Ldap));
        assert_eq!(change.granted, Granted { role: granted, tokens: granted }, "{by:?}");
        assert_eq!(change.is_enabled(), granted, "{by:?}");
    }
}

#[test]
fn where_nothing_differs_there_is_nothing_to_write() {
    let who = says("kim", Some(&["desk"]));
    let change = decided(Some(&user("kim")), &Assertion::present(&who, Source::Ldap));
    assert_eq!((change.is_something(), change.notes()), (false, Vec::new()));
    let assertion = Assertion { external_id: Some("17"), ..Assertion::present(&who, Source::Scim) };
    assert!(decided(Some(&user("kim")), &assertion).is_something());
}

#[test]
fn the_parts_of_a_name_stay_where_they_are_not_said_and_are_nobody_elses() {
    let parts = |given: &str| NameParts { given: given.to_owned(), ..NameParts::default() };
    let known = User { name_parts: parts("Kim"), source: Source::Scim, ..user("kim") };
    let who = says("kim", None);
    let silent = Assertion::present(&who, Source::Scim);
    let (same, other) = (parts(" Kim\u{200b}"), parts("Eva"));
    for (claimed, written, differs) in
        [(None, None, false), (Some(&same), Some("Kim"), false), (Some(&other), Some("Eva"), true)]
    {
        let assertion = Assertion { name_parts: claimed, ..silent };
        let profile = decided(Some(&known), &assertion).profile;
        let given = profile.name_parts.as_deref().map(|parts| parts.given.as_str());
        assert_eq!((given, !profile.differs.is_empty()), (written, differs), "{claimed:?}");
    }
    let deleted = User { source: Source::None, ..known };
    let anew = decided(Some(&deleted), &silent).profile;
    assert_eq!(anew.name_parts.as_deref(), Some(&NameParts::default()));
}

#[test]
fn what_nobody_sees_in_a_name_is_dropped_by_every_door_and_what_a_script_spells_by_stays() {
    for source in [Source::Ldap, Source::Oidc, Source::Proxy, Source::Scim] {
        for (claimed, name) in [
            ("\u{202a}Kim\u{200b} Doe\u{202c}\u{feff}", "Kim Doe"),
            ("علی\u{200c}رضا", "علی\u{200c}رضا"),
            ("K\u{200d}im\u{ad}", "Kim"),
            ("Kim\r\nDoe\t", "Kim Doe"),
        ] {
            let who = ExternalIdentity {
                email: Some(format!("\u{200b}kim@example.edu{}", '\u{200f}')),
                ..says(claimed, None)
            };
            let profile = decided(None, &Assertion::present(&who, source)).profile;
            assert_eq!(
                (profile.name.as_str(), profile.email.as_str()),
                (name, "kim@example.edu"),
                "{source} {claimed:?}"
            );
        }
    }
}

#[test]
fn what_is_no_address_is_as_if_it_were_not_said_by_any_source() {
    let known = User { email: "kim@example.edu".to_owned(), ..user("kim") };
    for source in [Source::Ldap, Source::Oidc, Source::Scim] {
        // Cut where names are cut, it would be another one.
        let long = format!("kim@{}.example.evil.example", "a".repeat(256 - "kim@.example".len()));
        for (claimed, new, kept) in [
            (long.as_str(), "", "kim@example.edu"),
            ("not an address", "", "kim@example.edu"),
            ("a@x.edu;b@x.edu", "", "kim@example.edu"),
            ("new@example.edu", "new@example.edu", "new@example.edu"),
            ("", "", ""),
        ] {
            let who = ExternalIdentity { email: Some(claimed.to_owned()), ..says("kim", None) };
            let assertion = Assertion::present(&who, source);
            let known = User { source, ..known.clone() };
            assert_eq!(decided(None, &assertion).profile.email, new, "{source:?}: {claimed}");
            assert_eq!(
                decided(Some(&known), &assertion).profile.email,
                kept,
                "{source:?}: {claimed}"
            );
        }
    }
}

#[test]
fn another_person_is_another_entry_with_another_name_and_another_address() {
    let known = User {
        name: "Kim Doe".to_owned(),
        email: "kim@example.edu".to_owned(),
        directory_id: Some("entry-1".to_owned()),
        ..user("kim")
    };
    let claimed = ExternalIdentity {
        name: Some("Lee Roe".to_owned()),
        email: Some("lee@example.edu".to_owned()),
        id: Some("entry-2".to_owned()),
        ..says("kim", None)
    };
    let replaces = |known: &User, claimed: &ExternalIdentity, source| {
        decided(Some(known), &Assertion::present(claimed, source)).replaces().map(str::to_owned)
    };
    assert_eq!(replaces(&known, &claimed, Source::Ldap).as_deref(), Some("entry-1"));
    for (known, claimed, source) in [
        (User { name: "lee roe".to_owned(), ..known.clone() }, claimed.clone(), Source::Ldap),
        (User { email: String::new(), ..known.clone() }, claimed.clone(), Source::Ldap),
        (User { directory_id: None, ..known.clone() }, claimed.clone(), Source::Ldap),
        (User { source: Source::Scim, ..known.clone() }, claimed.clone(), Source::Ldap),
        (known.clone(), ExternalIdentity { id: None, ..claimed.clone() }, Source::Ldap),
        (known.clone(), ExternalIdentity { email: None, ..claimed.clone() }, Source::Ldap),
        (known.clone(), claimed.clone(), Source::Oidc),
    ] {
        assert_eq!(replaces(&known, &claimed, source), None, "{known:?} {claimed:?} {source}");
    }
    let mut privileged = known;
    privileged.person.role = Role::Admin;
    let change = decided(Some(&privileged), &Assertion::present(&claimed, Source::Ldap));
    assert_eq!(
        (change.role.to, change.privilege.to, change.is_enabled()),
        (Role::Staff, false, true)
    );
    let same = decide_as_the_same(
        &netid("kim"),
        Some(&privileged),
        &Assertion::synchronised(&claimed, Source::Ldap),
        &rules(&group_rules(), DirectoryUse::AtLogIn),
    );
    assert_eq!((same.replaces(), same.role.to, same.privilege.to), (None, Role::Admin, true));
}
