//! Whomever an identity system had put in groups is in them, and is found by what it calls them.

use std::collections::BTreeSet;

use desk::{GroupRules, LeaverLimit, MembersChange, NetId, PushedBy, Role, Settings, source};

use super::{Old, names, old, open_again};
use crate::support::{World, origin};

/// Opened by a desk that hears of groups, as the one that wrote it did.
async fn hearing(old: Old) -> Old {
    old.world.desk.close().await;
    let World { desk, clock, settings, folder } = old.world;
    drop(desk);
    let groups = GroupRules { help_desk: vec!["Help-Desk".to_owned()], ..settings.groups.clone() };
    let settings = Settings {
        scim_groups: true,
        scim_max_leavers_per_hour: LeaverLimit::Percent(100.0),
        groups,
        ..settings
    };
    let desk = open_again(&settings, &old.list).await;
    Old { world: World { desk, clock, settings, folder }, ..old }
}

#[tokio::test]
async fn whoever_was_put_in_a_group_is_in_it_and_loses_what_it_gave_with_it() {
    for name in names() {
        let old = old(&name).await;
        if old.was.schema < 8 {
            continue;
        }
        let old = hearing(old).await;
        let members = async |group: &str| {
            let members = old.source(source::Scim).members(group).await.unwrap();
            members.iter().map(NetId::to_string).collect::<Vec<_>>()
        };
        assert_eq!(members("staff").await, ["gina", "hugo"], "{name}");
        assert_eq!(members("Help-Desk").await, ["gina"], "{name}");
        assert_eq!(old.page("gina").await.user.role, Role::HelpDesk, "{name}");
        let nobody = MembersChange { whole: true, add: BTreeSet::new(), remove: BTreeSet::new() };
        let scim = old.source(source::Scim);
        scim.change_members("help-desk", &nobody, &origin()).await.unwrap();
        let user = old.page("gina").await.user;
        assert_eq!((user.role, user.privileged), (Role::Staff, true), "{name}");
        scim.change_members("staff", &nobody, &origin()).await.unwrap();
        for netid in ["gina", "hugo"] {
            assert!(!old.page(netid).await.user.privileged, "{name}: {netid}");
        }
        assert!(old.console().verify_audit().await.unwrap().faults.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn what_groups_of_before_gave_is_told_where_nobody_hears_of_them() {
    for name in names() {
        let old = old(&name).await;
        let unheard = old.console().rights_of_unheard_groups().await.unwrap();
        let netids: Vec<String> = unheard.iter().map(|one| one.netid.to_string()).collect();
        let expected: &[&str] = if old.was.schema < 8 { &[] } else { &["gina", "hugo"] };
        assert_eq!(netids, expected, "{name}");
    }
}

#[tokio::test]
async fn whoever_an_identity_system_calls_so_is_found_by_that() {
    for name in names() {
        let old = old(&name).await;
        if old.was.schema < 8 {
            continue;
        }
        let scim = old.source(source::Scim);
        let found = scim.pushed_by(PushedBy::ExternalId("ext-rosa")).await.unwrap().unwrap();
        let found: Vec<&str> = found.iter().map(|user| user.netid.as_str()).collect();
        assert_eq!(found, ["rosa"], "{name}");
    }
}
