//! What administrators change of accounts, and what stops them.

use desk::{
    AccountChange, AccountState, AuditAction, Denied, Helper, ImportError, ImportUser, NetId,
    Refusal, Role, right,
};

use super::support::{disabled, origin, privileged, role, secret, world};

fn person(netid: &str, name: &str, password: Option<&str>) -> ImportUser {
    ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: Some(name.to_owned()),
        email: Some(format!("{netid}@example.edu")),
        role: Some(Role::Staff),
        privileged: Some(true),
        disabled: Some(false),
        password: password.map(secret),
    }
}

#[tokio::test]
async fn an_import_makes_and_updates_people_and_keeps_their_passwords() {
    let world = world().await;
    let report = world
        .console()
        .import_users(&[
            person("zoe", "Zoë Zebra", Some("zoe-netid-password")),
            person("tia", "Tia Renamed", None),
        ])
        .await
        .unwrap();
    assert_eq!((report.created, report.updated), (1, 1));
    let rows = world.console().list_users("", 100).await.unwrap();
    assert_eq!(rows.len(), 8);
    world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.person("zoe").await;
    let rae = world.person("rae").await;
    let permit = world.admit::<right::FindUsers>(&rae, None, &origin()).await.unwrap();
    assert_eq!(world.find_users(&permit, "renamed").await.unwrap()[0].netid, "tia");
    assert!(
        world.find_users(&permit, "token").await.unwrap().is_empty(),
        "no longer found by the old name"
    );
}

#[tokio::test]
async fn an_administrator_changes_roles_and_nobody_else_does() {
    let world = world().await;
    for actor in ["tia", "rae", "helen"] {
        assert!(
            matches!(
                world.permit::<right::SetRole>(actor, Some("sam")).await,
                Err(Refusal::NotAllowed(Denied::RoleTooLow))
            ),
            "{actor}"
        );
    }
    let permit = world.permit::<right::SetRole>("ada", Some("sam")).await.unwrap();
    world.change_account(&role(&permit, Role::Staff, Role::Rep)).await.unwrap();
    assert_eq!(world.person("sam").await.me().role, Role::Rep);
    assert_eq!(world.last_audit("sam").await.0, "log-in");
    assert_eq!(
        world.permit::<right::SetRole>("ada", Some("ada")).await.unwrap_err(),
        Refusal::NotAllowed(Denied::OwnAccount(Helper::Operator))
    );
}

#[tokio::test]
async fn people_are_listed_page_by_page() {
    let world = world().await;
    let first = world.console().list_users("", 3).await.unwrap();
    let second = world.console().list_users(&first[2].netid, 10).await.unwrap();
    let netids: Vec<_> = first.iter().chain(&second).map(|row| row.netid.as_str()).collect();
    assert_eq!(netids, ["ada", "dave", "guest", "helen", "rae", "sam", "tia"]);
}

#[tokio::test]
async fn each_administrative_change_has_its_row() {
    let world = world().await;
    let row =
        |action: &str, detail: &str| (action.to_owned(), "done".to_owned(), detail.to_owned());
    let permit = world.permit::<right::SetRole>("ada", Some("tia")).await.unwrap();
    world.change_account(&role(&permit, Role::Staff, Role::Rep)).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("user.role", "staff → rep"));
    let permit = world.permit::<right::SetPrivileged>("ada", Some("tia")).await.unwrap();
    world.change_account(&privileged(&permit, false)).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("user.privileged", "no"));
    let permit = world.permit::<right::EndSessionsOf>("ada", Some("tia")).await.unwrap();
    world.end_sessions_of(&permit).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("session.end", "0 sessions"));
    let permit = world.permit::<right::OpenAccount>("ada", Some("tia")).await.unwrap();
    assert!(!world.open_account(&permit).await.unwrap(), "it was not closed");
    assert_eq!(world.last_audit("tia").await, row("session.end", "0 sessions"));
    let permit = world.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
    world.change_account(&disabled(&permit, true)).await.unwrap();
    assert_eq!(world.last_audit("tia").await, row("user.disabled", "yes"));
    let rows = world
        .console()
        .audit(&desk::AuditQuery { subject: "tia".into(), ..Default::default() })
        .await
        .unwrap()
        .rows;
    assert!(
        rows.iter().all(|row| row.action.is(AuditAction::UserCreate) || row.actor.code() == "ada")
    );
}

#[tokio::test]
async fn changes_of_an_account_are_of_one_subject() {
    let world = world().await;
    let tia = world.permit::<right::SetRole>("ada", Some("tia")).await.unwrap();
    let sam = world.permit::<right::SetDisabled>("ada", Some("sam")).await.unwrap();
    let both = AccountChange {
        disabled: disabled(&sam, true).disabled,
        ..role(&tia, Role::Staff, Role::Rep)
    };
    assert_eq!(world.change_account(&both).await, Err(Refusal::ChangedMeanwhile));
    let rows = world.console().list_users("", 100).await.unwrap();
    assert!(
        rows.iter().any(|row| row.netid == "tia" && row.role == Role::Staff && !row.disabled),
        "nothing of it was done"
    );
    assert!(rows.iter().any(|row| row.netid == "sam" && !row.disabled), "nor of the other");
}

#[tokio::test]
async fn what_was_seen_otherwise_is_not_changed_and_nothing_of_the_rest() {
    let world = world().await;
    let permit = world.permit::<right::SetRole>("ada", Some("tia")).await.unwrap();
    let other = world.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
    let both = AccountChange {
        disabled: disabled(&other, true).disabled,
        ..role(&permit, Role::Rep, Role::HelpDesk)
    };
    assert_eq!(world.change_account(&both).await, Err(Refusal::ChangedMeanwhile), "tia is no rep");
    world.change_account(&role(&permit, Role::Staff, Role::Rep)).await.unwrap();
    assert_eq!(
        world.change_account(&disabled(&other, true)).await,
        Err(Refusal::ChangedMeanwhile),
        "a permit of before the change"
    );
    let rows = world.console().list_users("", 100).await.unwrap();
    assert!(rows.iter().any(|row| row.netid == "tia" && row.role == Role::Rep && !row.disabled));
}

#[tokio::test]
async fn whoever_loses_the_role_does_nothing_with_a_permit_of_before() {
    let world = world().await;
    let permit = world.permit::<right::RevokeTokensOf>("helen", Some("tia")).await.unwrap();
    let demotion = world.permit::<right::SetRole>("ada", Some("helen")).await.unwrap();
    world.change_account(&role(&demotion, Role::HelpDesk, Role::Staff)).await.unwrap();
    assert_eq!(world.revoke_all_tokens(&permit).await, Err(Refusal::ChangedMeanwhile));
}

#[tokio::test]
async fn the_last_enabled_administrator_stays_one() {
    let world = world().await;
    let demotion = world.console().permit::<right::SetRole>("ada").await.unwrap();
    assert_eq!(
        world.change_account(&role(&demotion, Role::Admin, Role::Staff)).await,
        Err(Refusal::LastAdministrator)
    );
    let disabling = world.console().permit::<right::SetDisabled>("ada").await.unwrap();
    assert_eq!(
        world.change_account(&disabled(&disabling, true)).await,
        Err(Refusal::LastAdministrator)
    );
    let promotion = world.permit::<right::SetRole>("ada", Some("helen")).await.unwrap();
    world.change_account(&role(&promotion, Role::HelpDesk, Role::Admin)).await.unwrap();
    world.change_account(&role(&demotion, Role::Admin, Role::Staff)).await.unwrap();
    let permit = world.console().permit::<right::SetDisabled>("helen").await.unwrap();
    assert_eq!(
        world.change_account(&disabled(&permit, true)).await,
        Err(Refusal::LastAdministrator)
    );
}

#[tokio::test]
async fn a_form_that_is_stale_in_anything_changes_nothing() {
    let world = world().await;
    let state = AccountState { role: Role::Staff, privileged: true, disabled: false };
    for seen in [
        AccountState { role: Role::Rep, ..state },
        AccountState { privileged: false, ..state },
        AccountState { disabled: true, ..state },
        AccountState { role: Role::Admin, privileged: false, disabled: true },
    ] {
        // What is changed was seen as it is; something beside it was not.
        let role_of = world.permit::<right::SetRole>("ada", Some("tia")).await.unwrap();
        let privilege_of = world.permit::<right::SetPrivileged>("ada", Some("tia")).await.unwrap();
        let account_of = world.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
        let changes = [
            role(&role_of, Role::Staff, Role::HelpDesk),
            privileged(&privilege_of, false),
            disabled(&account_of, true),
        ];
        for change in changes {
            let change = AccountChange { seen: Some(seen), ..change };
            assert_eq!(
                world.change_account(&change).await,
                Err(Refusal::AccountChanged { was: seen, now: state })
            );
        }
    }
    let rows = world.console().list_users("", 100).await.unwrap();
    let tia = rows.iter().find(|row| row.netid == "tia").unwrap();
    assert_eq!((tia.role, tia.privileged, tia.disabled), (Role::Staff, true, false));
    let permit = world.permit::<right::SetRole>("ada", Some("tia")).await.unwrap();
    world
        .change_account(&AccountChange {
            seen: Some(state),
            ..role(&permit, Role::Staff, Role::Rep)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_changes_between_the_permit_and_the_write_is_said_too() {
    let world = world().await;
    let was = AccountState { role: Role::Staff, privileged: true, disabled: false };
    let permit = world.permit::<right::SetRole>("ada", Some("tia")).await.unwrap();
    let other = world.console().permit::<right::SetDisabled>("tia").await.unwrap();
    world.change_account(&disabled(&other, true)).await.unwrap();
    let change = AccountChange { seen: Some(was), ..role(&permit, Role::Staff, Role::Rep) };
    let now = AccountState { disabled: true, ..was };
    assert_eq!(world.change_account(&change).await, Err(Refusal::AccountChanged { was, now }));
    // Something that the form does not show: the words are general.
    let permit = world.permit::<right::SetRole>("ada", Some("sam")).await.unwrap();
    world.give_initial("sam", "plain copper teapot garden").await;
    let change = AccountChange { seen: Some(was), ..role(&permit, Role::Staff, Role::Rep) };
    assert_eq!(world.change_account(&change).await, Err(Refusal::ChangedMeanwhile));
}

#[tokio::test]
async fn a_desk_without_an_administrator_may_still_be_changed_by_its_operator() {
    let world = super::support::empty_world_with(|_| {}).await;
    world.console().import_users(&[person("zoe", "Zoë Zebra", None)]).await.unwrap();
    let permit = world.console().permit::<right::SetDisabled>("zoe").await.unwrap();
    world.change_account(&disabled(&permit, true)).await.unwrap();
    let permit = world.console().permit::<right::SetRole>("zoe").await.unwrap();
    world.change_account(&role(&permit, Role::Staff, Role::Rep)).await.unwrap();
}

/// Who takes the right from the other two enabled administrators at one moment.
#[derive(Clone, Copy, Debug)]
enum By {
    Each,
    Operators,
    OperatorAndFile,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_who_are_demoted_at_once_leave_one() {
    let world = world().await;
    let promotion = world.console().permit::<right::SetRole>("helen").await.unwrap();
    world.change_account(&role(&promotion, Role::HelpDesk, Role::Admin)).await.unwrap();
    for round in 0..world.rounds(300) as usize {
        let by = [By::Each, By::Operators, By::OperatorAndFile][round % 3];
        let (of_helen, of_ada) = match by {
            By::Each => (
                world.permit("ada", Some("helen")).await.unwrap(),
                world.permit("helen", Some("ada")).await.unwrap(),
            ),
            By::Operators | By::OperatorAndFile => (
                world.console().permit("helen").await.unwrap(),
                world.console().permit("ada").await.unwrap(),
            ),
        };
        let (one, other) = (world.desk.clone(), world.desk.clone());
        let one = tokio::spawn(async move {
            one.change_account(&role(&of_helen, Role::Admin, Role::Staff)).await
        });
        let other = tokio::spawn(async move {
            if matches!(by, By::OperatorAndFile) {
                let file =
                    ImportUser { role: Some(Role::Staff), ..person("ada", "Ada Admin", None) };
                return other.console().import_users(&[file]).await.map(|_| ()).map_err(|error| {
                    match error {
                        ImportError::Refused(refusal) => refusal,
                        ImportError::OfPeople { refused, .. } => refused[0].1.clone(),
                    }
                });
            }
            other.change_account(&role(&of_ada, Role::Admin, Role::Staff)).await
        });
        let outcomes = [one.await.unwrap(), other.await.unwrap()];
        let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(done, 1, "{by:?}, round {round}: {outcomes:?}");
        for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            let expected = [Refusal::LastAdministrator, Refusal::ChangedMeanwhile];
            assert!(expected.contains(refusal), "{by:?}, round {round}: {refusal:?}");
        }
        let demoted = if outcomes[0].is_ok() { "helen" } else { "ada" };
        let permit = world.console().permit::<right::SetRole>(demoted).await.unwrap();
        world.change_account(&role(&permit, Role::Staff, Role::Admin)).await.unwrap();
    }
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}
