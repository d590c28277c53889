//! People pushed by an identity system.

use desk::{GroupRules, LeaverLimit, NetId, Push, PushError, Role};

use super::{Set, active, administer, page, person, rows, sync, world, world_with};
use crate::support::origin;

#[tokio::test]
async fn a_restriction_to_groups_stays_one_where_nobody_says_who_is_in_them() {
    let (world, _) =
        world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() })
            .await;
    world
        .source(desk::source::Scim)
        .push_new(&NetId::parse("quin").unwrap(), &active(true), &origin())
        .await
        .unwrap();
    assert!(!page(&world, "quin").await.user.privileged);
}

#[tokio::test]
async fn whoever_is_pushed_comes_goes_and_comes_again() {
    let (world, _) = world().await;
    let quin = NetId::parse("quin").unwrap();
    let push = |active| Push {
        name: Some("Quin".to_owned()),
        name_parts: None,
        email: None,
        external_id: Some("17".to_owned()),
        active: Some(active),
    };
    let made =
        world.source(desk::source::Scim).push_new(&quin, &push(true), &origin()).await.unwrap();
    assert_eq!(
        (made.name.as_str(), made.external_id.as_deref(), made.active),
        ("Quin", Some("17"), true)
    );
    assert_eq!(
        world.source(desk::source::Scim).push_new(&quin, &push(true), &origin()).await,
        Err(PushError::Exists)
    );
    let many = rows(&world, "quin").await.len();
    world.source(desk::source::Scim).push(&quin, &push(true), &origin()).await.unwrap();
    assert_eq!(rows(&world, "quin").await.len(), many, "what is as it was is not written");
    assert!(
        !world
            .source(desk::source::Scim)
            .push(&quin, &push(false), &origin())
            .await
            .unwrap()
            .active
    );
    assert!(
        world.source(desk::source::Scim).push(&quin, &push(true), &origin()).await.unwrap().active
    );
    world.source(desk::source::Scim).push_out(&quin, &origin()).await.unwrap();
    assert_eq!(world.source(desk::source::Scim).pushed_user(&quin).await, Ok(None));
    assert_eq!(
        world.source(desk::source::Scim).push(&quin, &push(true), &origin()).await,
        Err(PushError::Unknown)
    );
    assert_eq!(
        world.source(desk::source::Scim).push_out(&quin, &origin()).await,
        Err(PushError::Unknown)
    );
    assert!(
        world
            .source(desk::source::Scim)
            .push_new(&quin, &push(true), &origin())
            .await
            .unwrap()
            .active
    );
    assert_eq!(
        world
            .source(desk::source::Scim)
            .push(&NetId::parse("ada").unwrap(), &push(false), &origin())
            .await,
        Err(PushError::Own { netid: NetId::parse("ada").unwrap(), has_password: true })
    );
    let inactive = NetId::parse("rosa").unwrap();
    assert!(
        !world
            .source(desk::source::Scim)
            .push_new(&inactive, &push(false), &origin())
            .await
            .unwrap()
            .active
    );
    let (total, some) = world.source(desk::source::Scim).pushed_users(1, 2).await.unwrap();
    assert_eq!((total, some.len()), (9, 2), "seven of the demo, quin and rosa");
}

#[tokio::test]
async fn whoever_gets_a_deleted_persons_netid_gets_nothing_else_of_theirs() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let pia = NetId::parse("pia").unwrap();
    assert_eq!(
        world.source(desk::source::Scim).pushed_user(&pia).await.unwrap().unwrap().email,
        "pia@example.edu"
    );
    world.source(desk::source::Scim).push_out(&pia, &origin()).await.unwrap();
    // The directory still has them: to the identity system they stay deleted.
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!(world.source(desk::source::Scim).pushed_user(&pia).await, Ok(None));
    let made =
        world.source(desk::source::Scim).push_new(&pia, &active(true), &origin()).await.unwrap();
    assert_eq!((made.name.as_str(), made.email.as_str(), made.active), ("", "", true));
}

#[tokio::test]
async fn whoever_is_made_again_has_no_role_and_no_privilege_of_the_one_who_was_deleted() {
    let groups = GroupRules {
        admin: vec!["desk".to_owned()],
        privileged: vec!["desk".to_owned()],
        ..GroupRules::default()
    };
    let (world, list) = world_with(groups).await;
    let others = [person("otto", &["desk"]), person("pia", &[])];
    list.set(&[&[person("nora", &["desk"])][..], &others].concat());
    sync(&world, LeaverLimit::default()).await.unwrap();
    let nora = NetId::parse("nora").unwrap();
    world.source(desk::source::Scim).push_out(&nora, &origin()).await.unwrap();
    // The directory goes on giving her the role, and then no longer has her either.
    sync(&world, LeaverLimit::default()).await.unwrap();
    list.set(&others);
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert!(
        world
            .source(desk::source::Scim)
            .push_new(&nora, &active(true), &origin())
            .await
            .unwrap()
            .active
    );
    let user = page(&world, "nora").await.user;
    assert_eq!((user.role, user.privileged, user.disabled), (Role::Staff, false, false));
}

#[tokio::test]
async fn whom_an_administrator_has_disabled_leaves_once() {
    let (world, _) = world().await;
    let quin = NetId::parse("quin").unwrap();
    world.source(desk::source::Scim).push_new(&quin, &active(true), &origin()).await.unwrap();
    administer(&world, "quin", Set::Disabled(true)).await;
    assert!(
        !world
            .source(desk::source::Scim)
            .push(&quin, &active(false), &origin())
            .await
            .unwrap()
            .active
    );
    let written = rows(&world, "quin").await;
    assert_eq!(
        written[0],
        "(scim) user.left done disabled, staff again, tokens revoked, sessions ended"
    );
    world.source(desk::source::Scim).push(&quin, &active(false), &origin()).await.unwrap();
    assert_eq!(rows(&world, "quin").await, written);
    assert!(
        !world
            .source(desk::source::Scim)
            .push(&quin, &active(true), &origin())
            .await
            .unwrap()
            .active,
        "an administrator's word stands"
    );
}

#[tokio::test]
async fn a_list_read_page_by_page_has_everybody_once() {
    let (world, _) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    world
        .source(desk::source::Scim)
        .push_out(&NetId::parse("otto").unwrap(), &origin())
        .await
        .unwrap();
    let whole: Vec<NetId> = world
        .source(desk::source::Scim)
        .pushed_users(0, 200)
        .await
        .unwrap()
        .1
        .into_iter()
        .map(|user| user.netid)
        .collect();
    assert_eq!(whole.len(), 9, "seven of the demo, nora and pia");
    let mut read = Vec::new();
    loop {
        let skipped = u32::try_from(read.len()).unwrap();
        let (total, page) =
            world.source(desk::source::Scim).pushed_users(skipped, 2).await.unwrap();
        assert_eq!(total, 9);
        if page.is_empty() {
            break;
        }
        read.extend(page.into_iter().map(|user| user.netid));
        // Somebody else reads too, or this one asks twice: no page is another for that.
        assert_eq!(
            world
                .source(desk::source::Scim)
                .pushed_users(skipped, 2)
                .await
                .unwrap()
                .1
                .last()
                .map(|user| &user.netid),
            read.last()
        );
    }
    assert_eq!(read, whole);
}

/// However many come at one moment by a NetID that nobody has, one of them makes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_make_the_same_person_at_once_one_does() {
    let (world, _) = world().await;
    for round in 0..5 {
        let netid = NetId::parse(&format!("kim{round}")).unwrap();
        let makers: Vec<_> = (0..6)
            .map(|n| {
                let (desk, netid) = (world.desk.clone(), netid.clone());
                tokio::spawn(async move {
                    let push = Push {
                        name: Some(format!("Kim {n}")),
                        name_parts: None,
                        email: None,
                        external_id: Some(format!("{n}-{netid}")),
                        active: Some(true),
                    };
                    desk.source(desk::source::Scim).push_new(&netid, &push, &origin()).await
                })
            })
            .collect();
        let mut made = Vec::new();
        for maker in makers {
            match maker.await.unwrap() {
                Ok(person) => made.push(person),
                Err(refused) => assert_eq!(refused, PushError::Exists),
            }
        }
        let [one] = made.as_slice() else { panic!("{made:?}") };
        let kept = world.source(desk::source::Scim).pushed_user(&netid).await.unwrap().unwrap();
        assert_eq!((&kept.name, &kept.external_id), (&one.name, &one.external_id));
        let rows = rows(&world, netid.as_str()).await;
        assert_eq!(rows.iter().filter(|row| row.contains("user.create")).count(), 1, "{rows:?}");
    }
}

/// The same by a proxy's word: each is let in, one of them makes the person.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_first_log_ins_at_once_one_makes_the_person() {
    let (world, _) = world().await;
    let arrivals: Vec<_> = (0..8)
        .map(|_| {
            let desk = world.desk.clone();
            tokio::spawn(async move {
                let who = desk::ExternalIdentity {
                    netid: "zed".to_owned(),
                    name: Some("Zed".to_owned()),
                    ..desk::ExternalIdentity::default()
                };
                let login_context = desk::LoginContext::default();
                desk.log_in_vouched(&who, desk::Source::Proxy, &login_context, &origin()).await
            })
        })
        .collect();
    for login_context in arrivals {
        login_context.await.unwrap().unwrap();
    }
    let rows = rows(&world, "zed").await;
    assert_eq!(rows.iter().filter(|row| row.contains("user.create")).count(), 1, "{rows:?}");
}

#[tokio::test]
async fn very_many_are_counted_once_a_minute_and_anew_when_one_is_made() {
    let (world, list) = world().await;
    let many: Vec<_> = (0..1000).map(|n| person(&format!("many{n:04}"), &[])).collect();
    list.set(&many);
    sync(&world, LeaverLimit::default()).await.unwrap();
    let scim = world.source(desk::source::Scim);
    let (total, first) = scim.pushed_users(0, 3).await.unwrap();
    assert!(total >= 1000 && first.len() == 3);
    let (_, later) = scim.pushed_users(2, 1).await.unwrap();
    assert_eq!(later, first[2..]);
    list.set(&[person("late", &[])]);
    super::log_in(&world, "late").await.unwrap();
    assert_eq!(scim.pushed_users(0, 0).await.unwrap().0, total, "counted a moment ago");
    let quin = NetId::parse("quin").unwrap();
    scim.push_new(&quin, &active(true), &origin()).await.unwrap();
    assert_eq!(scim.pushed_users(0, 3).await.unwrap(), (total + 2, first));
    scim.push_out(&quin, &origin()).await.unwrap();
    assert_eq!(scim.pushed_users(0, 1).await.unwrap().0, total + 1);
}

#[tokio::test]
async fn the_audit_says_which_of_who_somebody_is_was_changed() {
    let (world, _) = world().await;
    let scim = world.source(desk::source::Scim);
    let quin = NetId::parse("quin").unwrap();
    scim.push_new(&quin, &active(true), &origin()).await.unwrap();
    let unsaid = active(true);
    let text = |text: &str| Some(text.to_owned());
    for (push, detail) in [
        (Push { name: text("Quin Quist"), ..unsaid.clone() }, "name"),
        (Push { email: text("quin@example.edu"), ..unsaid.clone() }, "e-mail address"),
        (
            Push { name: text("Quin Q"), email: text("q@example.edu"), ..unsaid.clone() },
            "name, e-mail address",
        ),
        (
            Push { external_id: text("7d3f"), ..unsaid.clone() },
            "what the identity system calls them",
        ),
    ] {
        scim.push(&quin, &push, &origin()).await.unwrap();
        assert_eq!(rows(&world, "quin").await[0], format!("(scim) user.update done {detail}"));
    }
    let before = rows(&world, "quin").await;
    scim.push(&quin, &unsaid, &origin()).await.unwrap();
    assert_eq!(rows(&world, "quin").await, before, "nothing differs");
}
