//! What an identity system's groups gave, once the configuration hears of them no longer.

use desk::{
    AuditQuery, Changed, Desk, Ended, ExternalIdentity, GroupRules, LoginContext, MembersChange,
    NetId, Role, Settings, Source, Unheard, UserPage, right,
};

use super::{active, groups_are_pushed, named};
use crate::support::{empty_world_with, origin, reopen};

fn netid(netid: &str) -> NetId {
    NetId::parse(netid).unwrap()
}

/// A store on disk, so that it can be opened with another configuration.
struct Place {
    _folder: tempfile::TempDir,
    settings: Settings,
}

impl Place {
    /// nora is in the Help Desk's group, otto in that of those who may have tokens, pia an
    /// administrator by hers; quin is in none.
    async fn with_people() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = empty_world_with(|settings| {
            settings.store = format!("rocksdb://{}", folder.path().join("store").display());
            settings.is_pushed_to = true;
            groups_are_pushed(settings);
        })
        .await;
        let scim = world.source(desk::source::Scim);
        for (person, groups) in [
            ("nora", &["help-desk", "staff"][..]),
            ("otto", &["staff"]),
            ("pia", &["desk-admins"]),
            ("quin", &[]),
            ("rosa", &["help-desk"]),
        ] {
            scim.push_new(&netid(person), &active(true), &origin()).await.unwrap();
            for group in groups {
                let change =
                    MembersChange { add: [netid(person)].into(), ..MembersChange::default() };
                scim.change_members(group, &change, &origin()).await.unwrap();
            }
        }
        assert_eq!(
            world.console().rights_of_unheard_groups().await.unwrap(),
            [],
            "all are heard of"
        );
        world.desk.close().await;
        Self { _folder: folder, settings: world.settings.clone() }
    }

    async fn opened(&self, adjust: impl FnOnce(&mut Settings)) -> Desk {
        let mut settings = self.settings.clone();
        adjust(&mut settings);
        reopen(settings).await
    }
}

fn unheard(person: &str, role: Role, becomes: Role, loses_tokens: bool) -> Unheard {
    Unheard { netid: netid(person), role, becomes, loses_tokens }
}

async fn page(desk: &Desk, person: &str) -> UserPage {
    desk.user_page(&desk.console().permit::<right::FindUsers>(person).await.unwrap()).await.unwrap()
}

async fn has(desk: &Desk, person: &str) -> (Role, bool) {
    let user = page(desk, person).await.user;
    (user.role, user.privileged)
}

async fn rows(desk: &Desk, subject: &str) -> Vec<String> {
    let query = AuditQuery { subject: subject.to_owned(), ..AuditQuery::default() };
    let rows = desk.console().audit(&query).await.unwrap().rows;
    rows.into_iter()
        .map(|row| format!("{} {} {} {}", row.actor, row.action, row.outcome, row.detail))
        .collect()
}

/// As `groups.* = []` and `scim.groups = false`.
fn off(settings: &mut Settings) {
    settings.scim_groups = false;
    settings.groups = GroupRules::default();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_a_role_is_said_and_loses_it_by_the_command_but_for_the_last_administrator() {
    let place = Place::with_people().await;
    let desk = place.opened(off).await;
    // A start takes nothing: the line may be left out by mistake.
    assert_eq!(has(&desk, "nora").await, (Role::HelpDesk, true));
    let (nora, rosa) = (
        unheard("nora", Role::HelpDesk, Role::Staff, false),
        unheard("rosa", Role::HelpDesk, Role::Staff, false),
    );
    let found = desk.console().rights_of_unheard_groups().await.unwrap();
    assert_eq!(found, [nora.clone(), unheard("pia", Role::Admin, Role::Staff, false), rosa]);
    // An administrator's word takes the place of theirs.
    let permit = desk.console().permit::<right::SetRole>("rosa").await.unwrap();
    let to_rep = Some(Changed { permit, from: Role::HelpDesk, to: Role::Rep });
    desk.change_account(&desk::AccountChange { role: to_rep, ..desk::AccountChange::default() })
        .await
        .unwrap();
    let ended = desk.console().end_rights_of_unheard_groups().await.unwrap();
    assert_eq!(
        ended,
        Ended { ended: vec![nora], kept: vec![netid("pia")], changed_meanwhile: Vec::new() }
    );
    assert_eq!(
        (has(&desk, "nora").await.0, has(&desk, "pia").await.0, has(&desk, "rosa").await.0),
        (Role::Staff, Role::Admin, Role::Rep)
    );
    assert_eq!(
        rows(&desk, "nora").await[..2],
        ["(console) user.groups done none", "(console) user.role done help_desk → staff"]
    );
    // With another administrator there is nothing to keep pia for; and then there is nobody left to
    // be told of.
    let permit = desk.console().permit::<right::SetRole>("quin").await.unwrap();
    let to_admin = Some(Changed { permit, from: Role::Staff, to: Role::Admin });
    desk.change_account(&desk::AccountChange { role: to_admin, ..desk::AccountChange::default() })
        .await
        .unwrap();
    assert_eq!(
        desk.console().end_rights_of_unheard_groups().await.unwrap().ended,
        [unheard("pia", Role::Admin, Role::Staff, false)]
    );
    assert_eq!(desk.console().rights_of_unheard_groups().await.unwrap(), []);
    assert!(desk.console().verify_audit().await.unwrap().faults.is_empty());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_taken_out_gives_nothing_and_the_others_go_on() {
    let place = Place::with_people().await;
    let desk = place
        .opened(|settings| {
            settings.groups.help_desk.clear();
            settings.groups.privileged = named(&["staff"]);
        })
        .await;
    let found = desk.console().rights_of_unheard_groups().await.unwrap();
    let rosa = unheard("rosa", Role::HelpDesk, Role::Staff, true);
    assert_eq!(found, [unheard("nora", Role::HelpDesk, Role::Staff, false), rosa]);
    assert_eq!(desk.console().end_rights_of_unheard_groups().await.unwrap().ended.len(), 2);
    assert_eq!(
        (has(&desk, "nora").await, has(&desk, "rosa").await),
        ((Role::Staff, true), (Role::Staff, false))
    );
    assert_eq!(
        (has(&desk, "otto").await, has(&desk, "pia").await.0),
        ((Role::Staff, true), Role::Admin),
        "theirs are heard of"
    );
    assert_eq!(
        desk.source(desk::source::Scim).members("staff").await.unwrap(),
        [netid("nora"), netid("otto")]
    );
    assert_eq!(desk.console().rights_of_unheard_groups().await.unwrap(), []);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_else_says_groups_says_them_in_their_place() {
    let place = Place::with_people().await;
    let desk = place
        .opened(|settings| {
            settings.scim_groups = false;
            settings.groups.help_desk = named(&["helpers"]);
        })
        .await;
    // By the campus log-in now, which has not spoken of anybody yet.
    let names = async |desk: &Desk| {
        let found = desk.console().rights_of_unheard_groups().await.unwrap();
        found.iter().map(|one| one.netid.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&desk).await, ["nora", "otto", "pia", "rosa"]);
    let who = ExternalIdentity {
        netid: "nora".to_owned(),
        groups: Some(named(&["helpers", "staff"])),
        ..ExternalIdentity::default()
    };
    desk.log_in_vouched(&who, Source::Proxy, &LoginContext::default(), &origin()).await.unwrap();
    assert_eq!(
        (has(&desk, "nora").await, names(&desk).await),
        ((Role::HelpDesk, true), named(&["otto", "pia", "rosa"]))
    );
    desk.close().await;
}
