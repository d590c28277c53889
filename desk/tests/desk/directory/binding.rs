//! What the campus log-in calls somebody is bound to their account, and an account of the desk's
//! own with a role is opened by no campus log-in before an operator has said so.

use desk::{
    GroupRules, ImportUser, LeaverLimit, LoginContext, NetId, ProviderSubject, PushError, Refusal,
    Role, Source, right,
};

use super::{Set, active, administer, log_in, page, person, rows, sync, world, world_with};
use crate::support::{World, origin, secret};

const ISSUER: &str = "https://id.example.edu";

/// As whom an OpenID provider logs somebody in.
pub(super) fn called(subject: &str) -> LoginContext {
    LoginContext {
        issuer: Some(ISSUER.to_owned()),
        issuer_subject: Some(subject.to_owned()),
        ..LoginContext::default()
    }
}

pub(super) fn subject(subject: &str) -> ProviderSubject {
    ProviderSubject { issuer: ISSUER.to_owned(), subject: subject.to_owned() }
}

pub(super) async fn oidc(world: &World, netid: &str, subject: &str) -> Result<(), Refusal> {
    world
        .log_in_vouched(&person(netid, &[]), Source::Oidc, &called(subject), &origin())
        .await
        .map(drop)
}

async fn bound(world: &World, netid: &str) -> Option<String> {
    page(world, netid).await.subject
}

#[tokio::test]
async fn another_name_at_the_provider_is_another_person() {
    let (world, _) = world().await;
    oidc(&world, "kim", "kim-1").await.unwrap();
    assert_eq!(bound(&world, "kim").await, Some(subject("kim-1").to_string()));
    assert!(
        rows(&world, "kim").await.contains(&format!("(oidc) user.link done sub kim-1 of {ISSUER}"))
    );
    let before = rows(&world, "kim").await.len();

    let other = desk::ExternalIdentity { name: Some("Another".to_owned()), ..person("kim", &[]) };
    let elsewhere = LoginContext {
        issuer: Some("https://elsewhere.example.edu".to_owned()),
        ..called("kim-1")
    };
    for login_context in [
        called("kim-2"),
        elsewhere,
        LoginContext::default(),
        LoginContext { issuer: None, ..called("kim-1") },
    ] {
        let refused = world.log_in_vouched(&other, Source::Oidc, &login_context, &origin()).await;
        assert_eq!(refused.unwrap_err(), Refusal::AnotherPerson, "{login_context:?}");
        assert_eq!(rows(&world, "kim").await[0], "kim log-in refused another-person");
    }
    assert_eq!(
        rows(&world, "kim").await.len(),
        before + 1,
        "nothing else is written, and what is repeated is counted"
    );
    assert_eq!(page(&world, "kim").await.user.name, "kim of the campus");
    assert_eq!(bound(&world, "kim").await, Some(subject("kim-1").to_string()));
    oidc(&world, "kim", "kim-1").await.unwrap();
    assert_eq!(
        rows(&world, "kim").await.iter().filter(|row| row.contains("user.link")).count(),
        1,
        "bound once"
    );
}

#[tokio::test]
async fn who_was_there_before_is_bound_at_the_next_log_in() {
    let (world, _) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    log_in(&world, "pia").await.unwrap();
    assert_eq!(bound(&world, "pia").await, None);
    oidc(&world, "pia", "pia-1").await.unwrap();
    assert_eq!(oidc(&world, "pia", "pia-2").await, Err(Refusal::AnotherPerson));
    // Another door, which says nothing of it.
    log_in(&world, "pia").await.unwrap();
    assert_eq!(page(&world, "pia").await.source, Source::Ldap);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_come_first_at_one_moment_one_is_another() {
    let (world, _) = world().await;
    let nodes = [world.desk.clone(), world.beside().await];
    for round in 0..20 {
        let netid = format!("new{round}");
        let come = |n: usize| {
            let (desk, who, login_context) =
                (nodes[n % 2].clone(), person(&netid, &[]), called(&format!("sub-{n}")));
            tokio::spawn(async move {
                desk.log_in_vouched(&who, Source::Oidc, &login_context, &origin()).await.map(drop)
            })
        };
        let came: Vec<_> = futures::future::join_all((0..4).map(come))
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(came.iter().filter(|came| came.is_ok()).count(), 1, "round {round}: {came:?}");
        assert_eq!(
            came.iter().filter(|came| **came == Err(Refusal::AnotherPerson)).count(),
            3,
            "round {round}: {came:?}"
        );
    }
}

#[tokio::test]
async fn an_operator_lets_go_of_a_link_and_makes_one() {
    let (world, _) = world().await;
    oidc(&world, "kim", "kim-1").await.unwrap();
    let permit = world.console().permit::<right::SetRole>("kim").await.unwrap();
    assert!(world.unlink_account(&permit).await.unwrap());
    let permit = world.console().permit("kim").await.unwrap();
    assert!(!world.unlink_account(&permit).await.unwrap(), "nothing is left to let go of");
    assert_eq!(rows(&world, "kim").await[0], "(console) user.unlink done ");
    oidc(&world, "kim", "kim-2").await.unwrap();
    let permit = world.console().permit::<right::SetRole>("kim").await.unwrap();
    world.link_account(&permit, Some(&subject("kim-3"))).await.unwrap();
    assert_eq!(
        rows(&world, "kim").await[0],
        format!("(console) user.link done sub kim-3 of {ISSUER}")
    );
    assert_eq!(oidc(&world, "kim", "kim-2").await, Err(Refusal::AnotherPerson));
    oidc(&world, "kim", "kim-3").await.unwrap();
    let permit = world.console().permit::<right::SetRole>("kim").await.unwrap();
    world.link_account(&permit, None).await.unwrap();
    assert_eq!(bound(&world, "kim").await, None, "whoever comes first");
    oidc(&world, "kim", "kim-4").await.unwrap();
}

#[tokio::test]
async fn what_is_bound_after_an_operator_has_looked_is_not_let_go_without_a_row() {
    let (world, _) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let permit = world.console().permit::<right::SetRole>("pia").await.unwrap();
    oidc(&world, "pia", "pia-1").await.unwrap();
    let refused = world.unlink_account(&permit).await.unwrap_err();
    assert_eq!(refused, Refusal::ChangedMeanwhile, "there was nothing when they looked");
    assert_eq!(bound(&world, "pia").await, Some(subject("pia-1").to_string()));
    assert!(rows(&world, "pia").await.iter().all(|row| !row.contains("user.unlink")));
}

#[tokio::test]
async fn administrators_link_others_and_nobody_links_themselves() {
    let (world, _) = world().await;
    for (who, whom) in [("tia", "rae"), ("rae", "tia"), ("helen", "rae"), ("ada", "ada")] {
        assert!(world.permit::<right::SetRole>(who, Some(whom)).await.is_err(), "{who} {whom}");
    }
    let permit = world.permit::<right::SetRole>("ada", Some("rae")).await.unwrap();
    world.link_account(&permit, None).await.unwrap();
    assert_eq!(
        rows(&world, "rae").await[0],
        "ada user.link done the campus log-in may take it over"
    );
}

#[tokio::test]
async fn whoever_comes_with_a_leavers_netid_is_bound_anew() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    oidc(&world, "pia", "pia-1").await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!(bound(&world, "pia").await, None);
    oidc(&world, "pia", "pia-2").await.unwrap();
    let shown = page(&world, "pia").await;
    assert!(
        shown.former.unwrap().contains("sub pia-1") && shown.holder.unwrap().contains("sub pia-2")
    );
}

#[tokio::test]
async fn an_account_of_the_desks_own_with_a_role_is_not_taken_over_by_a_name() {
    let (world, _) = world().await;
    for (netid, role) in [("ada", Role::Admin), ("helen", Role::HelpDesk), ("rae", Role::Rep)] {
        for source in [Source::Oidc, Source::Proxy] {
            let refused = world
                .log_in_vouched(&person(netid, &[]), source, &called("whoever"), &origin())
                .await;
            assert_eq!(refused.unwrap_err(), Refusal::AccountNotLinked, "{netid} {source}");
            assert_eq!(
                rows(&world, netid).await[0],
                format!("{netid} log-in refused account-not-linked")
            );
        }
        let shown = page(&world, netid).await;
        assert_eq!(
            (shown.user.role, shown.source, shown.subject),
            (role, Source::BuiltIn, None),
            "{netid}"
        );
        world.cookie(netid).await;
    }
    // Whoever has no role is taken over as before.
    oidc(&world, "sam", "sam-1").await.unwrap();
    assert_eq!(page(&world, "sam").await.source, Source::Oidc);

    let permit = world.console().permit::<right::SetRole>("helen").await.unwrap();
    world.link_account(&permit, Some(&subject("helen-1"))).await.unwrap();
    world.cookie("helen").await;
    assert_eq!(oidc(&world, "helen", "somebody-else").await, Err(Refusal::AnotherPerson));
    oidc(&world, "helen", "helen-1").await.unwrap();
    let helen = page(&world, "helen").await;
    assert_eq!((helen.user.role, helen.source), (Role::HelpDesk, Source::Oidc), "with the role");
    assert!(
        world.log_in("helen", &secret("helen-netid-password"), &origin()).await.is_err(),
        "the campus log-in's from now on"
    );
}

/// Otto, whom the directory has too, from a file: an administrator.
async fn import_otto(world: &World, password: Option<desk::Secret>) {
    let otto = ImportUser {
        netid: NetId::parse("otto").unwrap(),
        name: Some("Otto Operator".to_owned()),
        email: None,
        role: Some(Role::Admin),
        privileged: Some(true),
        disabled: None,
        password,
    };
    world.console().import_users(&[otto]).await.unwrap();
}

#[tokio::test]
async fn nor_by_the_directory_or_an_identity_system_where_it_has_no_password() {
    let (world, list) = world_with(GroupRules::default()).await;
    import_otto(&world, None).await;
    assert_eq!(log_in(&world, "otto").await, Err(Refusal::AccountNotLinked));
    assert_eq!(
        world.log_in("otto", &secret("wrong"), &origin()).await.unwrap_err(),
        Refusal::LoginIncorrect,
        "nothing is told to strangers"
    );
    let report = sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!((report.own, report.created), (1, 2));
    assert_eq!(report.own_people, [NetId::parse("otto").unwrap()]);
    list.set(&[person("nora", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().departed, 0);
    let scim = world.source(desk::source::Scim);
    let own = PushError::Own { netid: NetId::parse("otto").unwrap(), has_password: false };
    for says in [true, false] {
        assert_eq!(
            scim.push(&NetId::parse("otto").unwrap(), &active(says), &origin()).await,
            Err(own.clone())
        );
    }
    assert_eq!(scim.push_out(&NetId::parse("otto").unwrap(), &origin()).await, Err(own));
    let otto = page(&world, "otto").await;
    assert_eq!(
        (otto.user.role, otto.source, otto.user.disabled),
        (Role::Admin, Source::BuiltIn, false)
    );
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    world.link_account(&world.console().permit("otto").await.unwrap(), None).await.unwrap();
    log_in(&world, "otto").await.unwrap();
    assert_eq!(
        (page(&world, "otto").await.source, page(&world, "otto").await.user.role),
        (Source::Ldap, Role::Admin)
    );
}

#[tokio::test]
async fn whom_a_file_brought_in_by_mistake_is_given_back_to_the_directory() {
    let (world, _) = world_with(GroupRules::default()).await;
    import_otto(&world, Some(secret("from the file"))).await;
    let by_the_file = async || world.log_in("otto", &secret("from the file"), &origin()).await;
    by_the_file().await.unwrap();
    let known = by_the_file().await.unwrap();
    let permit = world.console().permit::<right::SetRole>("otto").await.unwrap();
    world.link_account(&permit, None).await.unwrap();
    assert_eq!(log_in(&world, "otto").await.map(drop), Err(Refusal::LoginIncorrect));
    let stale = world.console().permit::<right::SetRole>("otto").await.unwrap();
    let permit = world.console().permit::<right::SetRole>("otto").await.unwrap();
    assert_eq!(world.hand_over_account(&permit, None).await, Ok(true));
    let given = "(console) user.link done the campus log-in may take it over";
    assert_eq!(
        links(&world, "otto").await,
        [format!("{given}; its own NetID password ends"), given.to_owned()]
    );
    let refused = world.hand_over_account(&stale, None).await;
    assert_eq!(refused, Err(Refusal::ChangedMeanwhile), "what was looked at is no longer so");
    assert_eq!(by_the_file().await.unwrap_err(), Refusal::LoginIncorrect);
    assert!(world.visitor(&known.0, &origin()).await.is_ok(), "who is in stays in");
    let scim = world.source(desk::source::Scim);
    scim.push(&NetId::parse("otto").unwrap(), &active(true), &origin()).await.unwrap();
    log_in(&world, "otto").await.unwrap();
    let otto = page(&world, "otto").await;
    assert_eq!((otto.source, otto.user.role), (Source::Ldap, Role::Admin), "with the role");
    // Where there is no such password, nothing of it is said.
    let permit = world.console().permit::<right::SetRole>("otto").await.unwrap();
    assert_eq!(world.hand_over_account(&permit, None).await, Ok(false));
    assert_eq!(links(&world, "otto").await[0], given);
}

/// What was written down of links alone, the latest first: a refused log-in is a moment later than
/// its answer.
async fn links(world: &World, netid: &str) -> Vec<String> {
    let rows = rows(world, netid).await.into_iter();
    rows.filter(|row| row.contains(" user.link ")).collect()
}

#[tokio::test]
async fn whoever_is_brought_in_from_a_file_again_is_the_desks_own_again() {
    let (world, _) = world().await;
    world.link_account(&world.console().permit("rae").await.unwrap(), None).await.unwrap();
    oidc(&world, "rae", "rae-1").await.unwrap();
    let again = ImportUser {
        netid: NetId::parse("rae").unwrap(),
        name: None,
        email: None,
        role: None,
        privileged: None,
        disabled: None,
        password: Some(secret("rae-netid-password")),
    };
    world.console().import_users(&[again]).await.unwrap();
    assert_eq!(oidc(&world, "rae", "rae-1").await, Err(Refusal::AccountNotLinked));
    world.cookie("rae").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_given_at_the_moment_of_the_log_in_is_not_taken_over() {
    let (world, _) = world().await;
    for round in 0..20 {
        let netid = format!("own{round}");
        let own = ImportUser {
            netid: NetId::parse(&netid).unwrap(),
            name: Some("Own".to_owned()),
            email: None,
            role: None,
            privileged: None,
            disabled: None,
            password: Some(secret("a password of the desk's own")),
        };
        world.console().import_users(&[own]).await.unwrap();
        let (desk, who) = (world.desk.clone(), person(&netid, &[]));
        let coming = tokio::spawn(async move {
            desk.log_in_vouched(&who, Source::Proxy, &LoginContext::default(), &origin())
                .await
                .map(drop)
        });
        administer(&world, &netid, Set::Role(Role::Admin)).await;
        let came = coming.await.unwrap();
        let shown = page(&world, &netid).await;
        // Taken over before, it was staff's; after, not at all.
        assert_eq!(came.is_err(), shown.source == Source::BuiltIn, "round {round}: {came:?}");
        let log = rows(&world, &netid).await;
        let at = |what: &str| log.iter().position(|row| row.contains(what));
        if came.is_ok() {
            assert!(at("log-in done") > at("user.role"), "round {round}: {log:?}");
        }
    }
}

#[tokio::test]
async fn an_address_is_nobodys_key() {
    let (world, _) = world().await;
    oidc(&world, "kim", "kim-1").await.unwrap();
    let same =
        desk::ExternalIdentity { email: Some("kim@example.edu".to_owned()), ..person("lea", &[]) };
    world.log_in_vouched(&same, Source::Oidc, &called("lea-1"), &origin()).await.unwrap();
    for (netid, theirs) in [("kim", "kim-1"), ("lea", "lea-1")] {
        assert_eq!(
            (page(&world, netid).await.user.email.as_str(), bound(&world, netid).await),
            ("kim@example.edu", Some(subject(theirs).to_string()))
        );
    }
}
