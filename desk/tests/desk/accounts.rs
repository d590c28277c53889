use desk::{AccountChange, Action, Denied, ImportUser, NetId, Refusal, Role};

use super::support::{origin, secret, world};

fn person(netid: &str, name: &str, password: Option<&str>) -> ImportUser {
    ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: name.to_owned(),
        email: format!("{netid}@example.edu"),
        role: Role::Staff,
        privileged: true,
        disabled: false,
        password: password.map(secret),
    }
}

#[tokio::test]
async fn an_import_makes_and_updates_people_and_keeps_their_passwords() {
    let world = world().await;
    let report =
        world.import_users(vec![person("zoe", "Zoë Zebra", Some("zoe-netid-password")), person("tia", "Tia Renamed", None)]).await.unwrap();
    assert_eq!((report.created, report.updated), (1, 1));
    let rows = world.list_users("", 100).await.unwrap();
    assert_eq!(rows.len(), 8);
    world.permit("tia", Action::ManageOwnTokens, None).await.unwrap();
    world.person("zoe").await;
    let rae = world.person("rae").await;
    let permit = world.admit(&rae, Action::FindUsers, None, &origin()).await.unwrap();
    assert_eq!(world.find_users(&permit, "renamed").await.unwrap()[0].netid, "tia");
    assert!(world.find_users(&permit, "token").await.unwrap().is_empty(), "no longer found by the old name");
}

#[tokio::test]
async fn an_administrator_changes_roles_and_nobody_else_does() {
    let world = world().await;
    for actor in ["tia", "rae", "helen"] {
        assert!(matches!(world.permit(actor, Action::SetRole, Some("sam")).await, Err(Refusal::NotAllowed(Denied::RoleTooLow))), "{actor}");
    }
    let permit = world.permit("ada", Action::SetRole, Some("sam")).await.unwrap();
    world.change_account(&[(permit.clone(), AccountChange::Role(Role::Rep))], &origin()).await.unwrap();
    assert_eq!(world.person("sam").await.me().role, Role::Rep);
    assert_eq!(world.last_audit("sam").await.0, "log-in");
    assert_eq!(world.permit("ada", Action::SetRole, Some("ada")).await.unwrap_err(), Refusal::NotAllowed(Denied::OwnAccount));
}

#[tokio::test]
async fn people_are_listed_page_by_page() {
    let world = world().await;
    let first = world.list_users("", 3).await.unwrap();
    let second = world.list_users(&first[2].netid, 10).await.unwrap();
    let netids: Vec<_> = first.iter().chain(&second).map(|row| row.netid.as_str()).collect();
    assert_eq!(netids, ["ada", "dave", "guest", "helen", "rae", "sam", "tia"]);
}

#[tokio::test]
async fn each_administrative_change_has_its_row() {
    let world = world().await;
    let row = |action: &str, detail: &str| (action.to_owned(), "done".to_owned(), detail.to_owned());
    let permit = world.permit("ada", Action::SetRole, Some("tia")).await.unwrap();
    world.change_account(&[(permit.clone(), AccountChange::Role(Role::Rep))], &origin()).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("user.role", "staff → rep"));
    let permit = world.permit("ada", Action::SetPrivileged, Some("tia")).await.unwrap();
    world.change_account(&[(permit.clone(), AccountChange::Privileged(false))], &origin()).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("user.privileged", "no"));
    let permit = world.permit("ada", Action::EndSessionsOf, Some("tia")).await.unwrap();
    world.end_sessions_of(&permit, &origin()).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("session.end", "0 sessions"));
    let permit = world.permit("ada", Action::SetDisabled, Some("tia")).await.unwrap();
    world.open_account(&permit, &origin()).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("user.open", ""));
    world.change_account(&[(permit.clone(), AccountChange::Disabled(true))], &origin()).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("user.disabled", "yes"));
    let rows = world.console_audit(&desk::AuditQuery { subject: "tia".into(), ..Default::default() }).await.unwrap().rows;
    assert!(rows.iter().all(|row| row.actor == "ada"));
}

#[tokio::test]
async fn changes_of_an_account_need_each_their_own_permit_and_one_subject() {
    let world = world().await;
    let tia = world.permit("ada", Action::SetRole, Some("tia")).await.unwrap();
    let sam = world.permit("ada", Action::SetDisabled, Some("sam")).await.unwrap();
    let denied = Err(Refusal::NotAllowed(Denied::RoleTooLow));
    let promote = (tia.clone(), AccountChange::Role(Role::Rep));
    assert_eq!(world.change_account(&[promote.clone(), (tia, AccountChange::Disabled(true))], &origin()).await, denied, "another action");
    assert_eq!(world.change_account(&[promote, (sam, AccountChange::Disabled(true))], &origin()).await, denied, "another subject");
    let rows = world.list_users("", 100).await.unwrap();
    assert!(rows.iter().any(|row| row.netid == "tia" && row.role == Role::Staff && !row.disabled), "nothing of it was done");
}
