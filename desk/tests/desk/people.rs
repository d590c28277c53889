//! Finding people, and what of a person each role is shown.

use desk::{Denied, ImportUser, NetId, Refusal, Role, UserRow, right};

use super::support::{World, origin, world};

async fn find(world: &World, actor: &str, query: &str) -> Vec<UserRow> {
    let visitor = world.person(actor).await;
    let permit = world.admit::<right::FindUsers>(&visitor, None, &origin()).await.unwrap();
    world.find_users(&permit, query).await.unwrap()
}

fn netids(rows: &[UserRow]) -> Vec<&str> {
    rows.iter().map(|row| row.netid.as_str()).collect()
}

#[tokio::test]
async fn people_are_found_by_netid_name_and_address_and_the_netid_comes_first() {
    let world = world().await;
    assert_eq!(netids(&find(&world, "rae", "sa").await), ["sam"]);
    assert_eq!(netids(&find(&world, "rae", " SA ").await), ["sam"]);
    assert_eq!(netids(&find(&world, "rae", "helpd").await), ["helen"]);
    assert_eq!(netids(&find(&world, "rae", "tia@example.edu").await), ["tia"]);
    assert_eq!(netids(&find(&world, "rae", "Token Tia").await), ["tia"]);
    assert_eq!(netids(&find(&world, "rae", "ad").await), ["ada"]);
    assert_eq!(netids(&find(&world, "rae", "example").await).len(), 7);
    for none in ["", "  ", "zz", "sam token", "%", "*", "\u{10FFFF}"] {
        assert!(find(&world, "rae", none).await.is_empty(), "{none:?}");
    }
}

#[tokio::test]
async fn a_row_says_how_many_tokens_work() {
    let world = world().await;
    world.token("tia", "one").await;
    let (_, two) = world.token("tia", "two").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.revoke_token(&permit, two.id.as_str()).await.unwrap();
    assert_eq!(find(&world, "helen", "tia").await[0].tokens, Some(1));
}

#[tokio::test]
async fn who_may_not_see_tokens_is_not_told_how_many_there_are() {
    let world = world().await;
    world.token("tia", "one").await;
    assert!(
        find(&world, "rae", "e")
            .await
            .iter()
            .chain(&find(&world, "rae", "tia").await)
            .all(|row| row.tokens.is_none())
    );
    let rae = world.person("rae").await;
    let permit = world.admit::<right::FindUsers>(&rae, Some("tia"), &origin()).await.unwrap();
    assert_eq!(world.user_page(&permit).await.unwrap().user.tokens, None);
}

#[tokio::test]
async fn staff_find_nobody() {
    let world = world().await;
    let tia = world.person("tia").await;
    let refused = world.admit::<right::FindUsers>(&tia, None, &origin()).await.unwrap_err();
    assert_eq!(refused, Refusal::NotAllowed(Denied::RoleTooLow));
    // And are not told who exists.
    for netid in ["sam", "nobody"] {
        assert_eq!(
            world.admit::<right::FindUsers>(&tia, Some(netid), &origin()).await.unwrap_err(),
            refused
        );
    }
}

#[tokio::test]
async fn a_persons_page_shows_what_the_role_may_see() {
    let world = world().await;
    world.token("tia", "one").await;
    for (actor, sees, sets, revokes, administers) in [
        ("rae", false, true, false, false),
        ("helen", true, true, true, false),
        ("ada", true, true, true, true),
    ] {
        let visitor = world.person(actor).await;
        let permit =
            world.admit::<right::FindUsers>(&visitor, Some("tia"), &origin()).await.unwrap();
        let page = world.user_page(&permit).await.unwrap();
        assert_eq!(
            (page.tokens.is_some(), page.sessions.is_some(), page.history.is_some()),
            (sees, sees, sees),
            "{actor}"
        );
        assert_eq!(page.set_password_denied.is_none(), sets, "{actor}");
        assert_eq!(page.revoke_denied.is_none(), revokes, "{actor}");
        assert_eq!(page.administer_denied.is_none(), administers, "{actor}");
    }
    let helen = world.person("helen").await;
    let permit = world.admit::<right::FindUsers>(&helen, Some("ada"), &origin()).await.unwrap();
    let page = world.user_page(&permit).await.unwrap();
    assert_eq!(page.set_password_denied, Some(Denied::SubjectAbove { role: Role::Admin }));
    assert_eq!(
        world.admit::<right::FindUsers>(&helen, Some("nobody"), &origin()).await.unwrap_err(),
        Refusal::UserUnknown
    );
}

#[tokio::test]
async fn a_persons_history_is_read_to_its_beginning_page_by_page() {
    let world = world().await;
    for n in 0..40 {
        world.token("tia", &format!("token {n}")).await;
    }
    let helen = world.person("helen").await;
    let permit = world.admit::<right::FindUsers>(&helen, Some("tia"), &origin()).await.unwrap();
    let (mut ids, mut before, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let history = world.user_page_from(&permit, &before).await.unwrap().history.unwrap();
        assert!(history.rows.len() <= 50 && history.rows.iter().all(|row| row.subject == "tia"));
        ids.extend(history.rows.into_iter().map(|row| row.id));
        pages += 1;
        let Some(next) = history.next else { break };
        before = next;
    }
    assert!(pages >= 3 && ids.is_sorted_by(|newer, older| newer > older), "{pages}");
    let newest = world.user_page(&permit).await.unwrap().history.unwrap();
    assert_eq!(newest.rows[0].id, ids[0]);
    let own = world.own_activity(&world.person("tia").await, "").await.unwrap();
    assert!(own.rows.iter().any(|row| row.id == ids[0]), "the same as its owner reads");
    let rae = world.person("rae").await;
    let permit = world.admit::<right::FindUsers>(&rae, Some("tia"), &origin()).await.unwrap();
    assert_eq!(world.user_page_from(&permit, &before).await.unwrap().history, None);
}

/// Somebody who is brought in by a file.
fn named(netid: &str, name: &str, email: &str) -> ImportUser {
    ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        role: None,
        privileged: None,
        disabled: None,
        password: None,
    }
}

#[tokio::test]
async fn people_are_found_however_their_names_are_written() {
    let world = world().await;
    let people = [
        named("jm", "Jürgen Müller", "jm@x.example"),
        named("ll", "Łukasz Łazieński", "ll@x.example"),
        named("sob", "Siobhán O’Brien", "sob@x.example"),
        named("sj", "Anna Smith-Jones", "sj@x.example"),
        named("jd", "Jo\u{308}rg Du\u{308}sen", ""),
        named("wang", "王小明", ""),
        named("jean-luc", "J. Roux", ""),
        named("fed", "Семён Фёдоров", ""),
        named("moh", "مُحَمَّد عبد الله", ""),
        named("sha", "שָׁלוֹם", ""),
        named("mac", "Angus MacDonald", ""),
        named("kim", "김민수", ""),
        named("zp9", "Mesut Özil", "mo@x.example"),
        named("other", "Other", "mac@elsewhere.example"),
    ];
    world.console().import_users(&people).await.unwrap();
    for (netid, queries) in [
        ("jm", &["muller", "Mueller", "Müller, Jürgen", "mu\u{308}ller"][..]),
        ("ll", &["lazien", "Łazieński"]),
        ("sob", &["O'Brien", "O’Brien", "obrien", "brien siob"]),
        (
            "sj",
            &[
                "Smith-Jones",
                "smith jones",
                "jones-smith",
                "<sj@x.example>",
                "Anna Smith-Jones <sj@x.example>",
                "sj x.example",
            ],
        ),
        ("jd", &["Jörg", "jorg dusen", "Düsen", "joerg"]),
        ("wang", &["王小明", "小明", "wang xiao"]),
        ("jean-luc", &["Jean-Luc", "jean-luc roux", "roux jean"]),
        ("fed", &["Федоров", "Fedorov", "Фёдоров Семён", "fyodorov"]),
        ("moh", &["محمد", "عبدالله", "عبد الله", "مُحَمَّد عبدالله"]),
        ("sha", &["שלום", "שָׁלוֹם"]),
        ("mac", &["Mac Donald", "macdonald", "Angus Mac Donald"]),
        ("kim", &["민수", "김민수", "김 민수"]),
        ("zp9", &["zp9@example.edu", "Dr. Mesut Özil", "Mesut Özil (Physics)", "mo@x.example"]),
    ] {
        for query in queries {
            assert_eq!(netids(&find(&world, "rae", query).await), [netid], "{query}");
        }
    }
    // Whose address it is comes before whose NetID is in it.
    assert_eq!(netids(&find(&world, "rae", "mac@elsewhere.example").await), ["other", "mac"]);
    // Renamed, nobody is found by the name of before.
    world.console().import_users(&[named("jm", "Jürgen Maier", "jm@x.example")]).await.unwrap();
    assert!(find(&world, "rae", "muller").await.is_empty());
    assert_eq!(netids(&find(&world, "rae", "juergen maier").await), ["jm"]);
}

#[tokio::test]
async fn what_everybody_has_in_their_address_hides_nobody() {
    let world = world().await;
    let crowd = (0..520).map(|n| {
        named(&format!("crowd{n}"), &format!("Anna Crowd{n}"), &format!("crowd{n}@common.example"))
    });
    let people: Vec<ImportUser> = crowd
        .chain([
            named("zoe", "Zoë Ångström", "zoe@common.example"),
            named("zz", "Common Zed Anna", ""),
        ])
        .collect();
    world.console().import_users(&people).await.unwrap();
    for (query, netid) in [
        ("zoe common.example", "zoe"),
        ("common.example Zoë", "zoe"),
        ("zoe@common.example", "zoe"),
        ("anna crowd519", "crowd519"),
        ("Anna Zed common", "zz"),
        // Each word leads to very many; the whole name to one.
        ("common zed", "zz"),
        ("anna common", "zz"),
    ] {
        let found = find(&world, "rae", query).await;
        assert!(netids(&found).contains(&netid), "{query}: {:?}", netids(&found));
    }
    assert_eq!(find(&world, "rae", "common.example").await.len(), 50);
}

#[tokio::test]
async fn fifty_netids_fill_the_answer_and_one_fewer_leaves_room_for_a_name() {
    let world = world().await;
    let crowd = (0..49).map(|n| named(&format!("bo{n:02}"), &format!("Crowd {n}"), ""));
    let people: Vec<ImportUser> = crowd.chain([named("zed", "Bo Zed", "")]).collect();
    world.console().import_users(&people).await.unwrap();
    let found = find(&world, "rae", "bo").await;
    assert_eq!((found.len(), netids(&found)[49]), (50, "zed"));
    world.console().import_users(&[named("bo49", "Crowd 49", "")]).await.unwrap();
    let found = find(&world, "rae", "bo").await;
    assert_eq!((found.len(), netids(&found)[49]), (50, "bo49"));
}
