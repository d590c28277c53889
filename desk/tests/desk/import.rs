//! People brought in from a file: what it does not say stays as it is.

use desk::{
    AuditAction, AuditQuery, AuditRow, ImportChange, ImportError, ImportOutcome, ImportReport,
    ImportUser, NetId, Outcome, Push, Refusal, Role, Source, UserPage, right,
};

use super::support::{World, empty_world_with, origin, secret, world};

fn netid(netid: &str) -> NetId {
    NetId::parse(netid).unwrap()
}

/// A line of a file that has nothing but NetID and name.
fn named(who: &str, name: &str) -> ImportUser {
    ImportUser {
        netid: netid(who),
        name: Some(name.to_owned()),
        email: None,
        role: None,
        privileged: None,
        disabled: None,
        password: None,
    }
}

/// A line with nothing but the NetID.
fn silent(who: &str) -> ImportUser {
    ImportUser { name: None, ..named(who, "") }
}

async fn page(world: &World, netid: &str) -> UserPage {
    world
        .user_page(&world.console().permit::<right::FindUsers>(netid).await.unwrap())
        .await
        .unwrap()
}

async fn history(world: &World, subject: &str) -> Vec<AuditRow> {
    world
        .console()
        .audit(&AuditQuery { subject: subject.to_owned(), ..AuditQuery::default() })
        .await
        .unwrap()
        .rows
}

/// Everything in the audit.
async fn written(world: &World) -> usize {
    world.console().audit(&AuditQuery::default()).await.unwrap().rows.len()
}

#[tokio::test]
async fn a_file_of_names_changes_names_alone() {
    let world = world().await;
    let before = [page(&world, "dave").await, page(&world, "ada").await, page(&world, "tia").await];
    let many = [
        history(&world, "dave").await.len(),
        history(&world, "ada").await.len(),
        history(&world, "tia").await.len(),
    ];
    let file =
        [named("dave", "Dave Gone"), named("ada", "Ada Ministra"), named("tia", "Tia Taken")];
    let report = world.console().import_users(&file).await.unwrap();
    assert_eq!(report, ImportReport { created: 0, updated: 3, unchanged: 0 });
    for ((before, many), imported) in before.iter().zip(many).zip(&file) {
        let mut after = page(&world, imported.netid.as_str()).await;
        assert_eq!(Some(&after.user.name), imported.name.as_ref());
        after.user.name.clone_from(&before.user.name);
        after.holder.clone_from(&before.holder);
        after.history.clone_from(&before.history);
        assert_eq!(after, *before, "nothing else");
        let rows = history(&world, imported.netid.as_str()).await;
        assert_eq!(rows.len(), many + 1, "one row in their own history");
        assert!(rows[0].action.is(AuditAction::UserUpdate), "{:?}", rows[0]);
        assert_eq!((rows[0].actor.code().as_str(), rows[0].detail.as_str()), ("(console)", "name"));
    }
    assert!(page(&world, "dave").await.user.disabled);
    assert_eq!(page(&world, "ada").await.user.role, Role::Admin);
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn whoever_is_as_the_file_says_is_not_written() {
    let world = world().await;
    let many = written(&world).await;
    let whole = ImportUser {
        email: Some("tia@example.edu".to_owned()),
        role: Some(Role::Staff),
        privileged: Some(true),
        disabled: Some(false),
        password: Some(secret("tia-netid-password")),
        ..named("tia", "Tia Token")
    };
    let report = world
        .console()
        .import_users(&[whole, silent("ada"), named("dave", "Dave Departed")])
        .await
        .unwrap();
    assert_eq!(report, ImportReport { created: 0, updated: 0, unchanged: 3 });
    assert_eq!(written(&world).await, many);
}

#[tokio::test]
async fn whoever_is_new_is_staff_enabled_and_not_privileged_and_needs_a_name() {
    let world = world().await;
    let many = written(&world).await;
    let refused = world
        .console()
        .import_users(&[named("zoe", "Zoë Zebra"), silent("yan"), silent("tia"), silent("xia")])
        .await;
    assert!(
        matches!(
            refused,
            Err(ImportError::OfPeople { ref nameless, ref refused })
                if *nameless == [netid("yan"), netid("xia")] && refused.is_empty(),
        ),
        "{refused:?}"
    );
    assert_eq!(written(&world).await, many, "nobody is imported then");
    world.console().import_users(&[named("zoe", "Zoë Zebra")]).await.unwrap();
    let user = page(&world, "zoe").await.user;
    assert_eq!(
        (user.role, user.privileged, user.disabled, user.email.as_str()),
        (Role::Staff, false, false, "")
    );
    let row = &history(&world, "zoe").await[0];
    assert!(row.action.is(AuditAction::UserCreate) && row.outcome == Outcome::Done, "{row:?}");
    assert_eq!(row.detail, "staff, not privileged, no NetID password");
}

#[tokio::test]
async fn what_the_file_says_is_done_and_each_of_it_has_its_row() {
    let world = world().await;
    let cookie = world.cookie("helen").await;
    let imported = ImportUser {
        role: Some(Role::Staff),
        privileged: Some(false),
        disabled: Some(true),
        password: Some(secret("another-netid-password")),
        ..silent("helen")
    };
    let enabled = ImportUser { disabled: Some(false), ..silent("dave") };
    let report = world.console().import_users(&[imported, enabled]).await.unwrap();
    assert_eq!(report, ImportReport { created: 0, updated: 2, unchanged: 0 });
    let user = page(&world, "helen").await.user;
    assert_eq!((user.role, user.privileged, user.disabled), (Role::Staff, false, true));
    assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
    assert!(!page(&world, "dave").await.user.disabled);
    let rows: Vec<String> = history(&world, "helen")
        .await
        .iter()
        .take(4)
        .map(|row| format!("{} {}", row.action, row.detail))
        .collect();
    assert_eq!(
        rows,
        [
            "user.disabled yes",
            "user.privileged no",
            "user.role help_desk → staff",
            "user.update NetID password"
        ]
    );
    assert_eq!(history(&world, "dave").await[0].detail, "no");
    let all = history(&world, "").await;
    assert!(all.iter().any(|row| row.action.is(AuditAction::UserImport)
        && row.detail == "0 created, 2 updated, 0 unchanged"));
}

#[tokio::test]
async fn a_plan_says_what_would_be_done_and_does_nothing() {
    let world = world().await;
    let many = written(&world).await;
    let file = [
        named("zoe", "Zoë"),
        ImportUser { role: Some(Role::Rep), ..named("tia", "Tia Taken") },
        silent("sam"),
    ];
    let plan = world.console().plan_import(&file).await.unwrap();
    assert_eq!(plan.report(), ImportReport { created: 1, updated: 1, unchanged: 1 });
    let outcomes: Vec<&ImportOutcome> = plan.steps.iter().map(|step| &step.outcome).collect();
    let created = ImportOutcome::Created {
        name: "Zoë".to_owned(),
        email: String::new(),
        role: Role::Staff,
        privileged: false,
        disabled: false,
        password: false,
    };
    let changed = ImportOutcome::Changed(vec![
        ImportChange::Name { from: "Tia Token".to_owned(), to: "Tia Taken".to_owned() },
        ImportChange::Role { from: Role::Staff, to: Role::Rep },
    ]);
    assert_eq!(outcomes, [&created, &changed, &ImportOutcome::Unchanged]);
    assert_eq!(
        plan.steps[0].words(),
        "name “Zoë”, no e-mail, staff, not privileged, no NetID password"
    );
    let with_email = ImportUser {
        email: Some("yan@example.edu".to_owned()),
        privileged: Some(true),
        ..named("yan", "Yan Yew")
    };
    let words = world.console().plan_import(&[with_email]).await.unwrap().steps[0].words();
    assert_eq!(words, "name “Yan Yew”, e-mail “yan@example.edu”, staff, no NetID password");
    assert_eq!(plan.steps[1].words(), "name “Tia Token” → “Tia Taken”, role staff → rep");
    assert_eq!(written(&world).await, many);
    assert_eq!(page(&world, "tia").await.user.name, "Tia Token");
}

#[tokio::test]
async fn a_new_netid_password_is_judged_as_a_local_one_is_and_everybody_of_whom_it_will_not_do_is_named()
 {
    let world = world().await;
    let many = written(&world).await;
    let with = |who: &str, password: &str| ImportUser {
        password: Some(secret(password)),
        ..named(who, "Zoë Zebra")
    };
    let file = [
        with("zoe", "x"),
        with("yan", "brisk amber violin meadow"),
        with("xia", "passwordpassword"),
        with("tia", "tia-netid-password"),
    ];
    for refused in [
        world.console().import_users(&file).await.err(),
        world.console().plan_import(&file).await.err(),
    ] {
        let Some(ImportError::OfPeople { refused, .. }) = refused else { panic!("{refused:?}") };
        let [(zoe, short), (xia, easy)] = refused.as_slice() else { panic!("{refused:?}") };
        assert_eq!((zoe.as_str(), short, xia.as_str()), ("zoe", &Refusal::PasswordTooShort, "xia"));
        assert!(matches!(easy, Refusal::PasswordTooEasy { .. }), "{easy:?}");
    }
    let about = ImportUser {
        email: Some("zebra.stripes@example.edu".to_owned()),
        ..with("zoe", "zebra.stripes zoe")
    };
    let refused = world.console().plan_import(&[about]).await.err();
    assert!(
        matches!(refused, Some(ImportError::OfPeople { .. })),
        "name and address are what is tried first: {refused:?}"
    );
    assert_eq!(written(&world).await, many, "nobody is imported then");
}

#[tokio::test]
async fn one_enabled_administrator_remains_after_an_import() {
    let world = world().await;
    for demoted in [
        ImportUser { role: Some(Role::Rep), ..silent("ada") },
        ImportUser { disabled: Some(true), ..silent("ada") },
    ] {
        for refused in [
            world.console().import_users(std::slice::from_ref(&demoted)).await.err(),
            world.console().plan_import(&[demoted]).await.err(),
        ] {
            let of_ada = [(netid("ada"), Refusal::LastAdministrator)];
            assert!(
                matches!(
                    refused,
                    Some(ImportError::OfPeople { ref nameless, ref refused })
                        if nameless.is_empty() && *refused == of_ada
                ),
                "{refused:?}"
            );
        }
    }
    assert_eq!(page(&world, "ada").await.user.role, Role::Admin);
    let handed_over = [
        ImportUser { role: Some(Role::Staff), ..silent("ada") },
        ImportUser { role: Some(Role::Admin), ..silent("helen") },
    ];
    world.console().import_users(&handed_over).await.unwrap();
    assert_eq!(page(&world, "helen").await.user.role, Role::Admin);
    // Where there has been none, nobody is missed.
    let empty = empty_world_with(|_| {}).await;
    empty.console().import_users(&[named("zoe", "Zoë")]).await.unwrap();
    empty
        .console()
        .import_users(&[ImportUser { disabled: Some(true), ..silent("zoe") }])
        .await
        .unwrap();
}

#[tokio::test]
async fn whatever_is_refused_is_said_at_once_and_nothing_is_done() {
    let world = world().await;
    let many = written(&world).await;
    let file = [
        silent("zoe"),
        named("root", "Root"),
        ImportUser { password: Some(secret("x")), ..named("yan", "Yan") },
        ImportUser { role: Some(Role::Rep), ..silent("ada") },
        named("xia", "Xia"),
    ];
    for refused in [
        world.console().import_users(&file).await.err(),
        world.console().plan_import(&file).await.err(),
    ] {
        let Some(ImportError::OfPeople { nameless, refused }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(nameless, [netid("zoe")]);
        let [(root, reserved), (yan, short), (ada, last)] = refused.as_slice() else {
            panic!("{refused:?}")
        };
        assert_eq!((root.as_str(), yan.as_str(), ada.as_str()), ("root", "yan", "ada"));
        assert!(matches!(reserved, Refusal::NetIdReserved { .. }), "{reserved:?}");
        assert_eq!((short, last), (&Refusal::PasswordTooShort, &Refusal::LastAdministrator));
    }
    assert_eq!(written(&world).await, many);
}

#[tokio::test]
async fn a_leaver_of_a_directory_stays_one_and_comes_back_by_its_word() {
    let world = world().await;
    let push = |active| Push {
        name: Some("Quin".to_owned()),
        name_parts: None,
        email: None,
        external_id: None,
        active: Some(active),
    };
    world
        .source(desk::source::Scim)
        .push_new(&netid("quin"), &push(true), &origin())
        .await
        .unwrap();
    world.source(desk::source::Scim).push(&netid("quin"), &push(false), &origin()).await.unwrap();
    let plan = world.console().plan_import(&[named("quin", "Quin Quick")]).await.unwrap();
    assert_eq!(plan.steps[0].words(), "name “Quin” → “Quin Quick”, directory scim → built-in");
    world.console().import_users(&[named("quin", "Quin Quick")]).await.unwrap();
    let after = page(&world, "quin").await;
    assert_eq!((after.user.disabled, after.departed, after.source), (true, true, Source::BuiltIn));
    assert_eq!(history(&world, "quin").await[0].detail, "name, directory scim → built-in");
    // Where the file says so, they are enabled, and it is the operator's word from then on.
    world
        .console()
        .import_users(&[ImportUser { disabled: Some(false), ..silent("quin") }])
        .await
        .unwrap();
    let after = page(&world, "quin").await;
    assert_eq!((after.user.disabled, after.departed, after.departed_at), (false, false, None));
}

#[tokio::test]
async fn a_changed_name_leaves_permits_good_and_a_changed_role_does_not() {
    let world = world().await;
    let permit = world.permit::<right::RevokeTokensOf>("helen", Some("tia")).await.unwrap();
    world
        .console()
        .import_users(&[named("helen", "Helen Hand"), named("tia", "Tia Taken")])
        .await
        .unwrap();
    world.revoke_all_tokens(&permit).await.unwrap();
    let permit = world.permit::<right::RevokeTokensOf>("helen", Some("tia")).await.unwrap();
    world
        .console()
        .import_users(&[ImportUser { role: Some(Role::Rep), ..silent("helen") }])
        .await
        .unwrap();
    assert_eq!(world.revoke_all_tokens(&permit).await, Err(Refusal::ChangedMeanwhile));
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_and_an_administrator_at_once_lose_nothing_of_each_other() {
    let world = world().await;
    for round in 0..world.rounds(150) {
        let console = world.console().permit::<right::SetDisabled>("sam").await.unwrap();
        let from = console.person().unwrap().disabled;
        let change = super::support::disabled(&console, !from);
        let name = format!("Sam {round}");
        let (file, desk) = ([named("sam", &name)], world.desk.clone());
        let import = tokio::spawn(async move { desk.console().import_users(&file).await });
        world.change_account(&change).await.unwrap();
        import.await.unwrap().unwrap();
        let user = page(&world, "sam").await.user;
        assert_eq!((user.disabled, user.name), (!from, name), "round {round}");
    }
}
