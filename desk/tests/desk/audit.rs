//! The audit: who reads which rows, that every change and refusal has its row, and that chains,
//! copies and points of them hold.

use desk::{
    AuditAction, AuditQuery, AuditRow, ChainPoint, CopyCheck, Outcome, PointCheck, Refusal, right,
};

use super::support::{World, origin, secret, world, world_with};

/// Page after page, to the end.
async fn every_page(world: &World, mut query: AuditQuery) -> Vec<AuditRow> {
    let mut rows = Vec::new();
    loop {
        let page = world.console().audit(&query).await.unwrap();
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.before = next,
            None => return rows,
        }
    }
}

#[tokio::test]
async fn rows_come_newest_first_by_page_and_filter() {
    let world = world().await;
    for n in 0..30 {
        world.token("tia", &format!("token {n}")).await;
    }
    let all = async |query| every_page(&world, query).await;
    let rows = all(AuditQuery::default()).await;
    assert!(rows.is_sorted_by(|newer, older| newer.id > older.id));
    assert_eq!(rows.iter().filter(|row| row.action.is(AuditAction::TokenCreate)).count(), 30);
    let made = all(AuditQuery {
        action: "token.create".into(),
        subject: "tia".into(),
        actor: "tia".into(),
        outcome: "done".into(),
        ..AuditQuery::default()
    })
    .await;
    assert_eq!(made.len(), 30);
    assert!(made[0].detail.ends_with("token 29"));
    assert!(
        all(AuditQuery { outcome: "refused".into(), ..AuditQuery::default() }).await.is_empty()
    );
    assert!(all(AuditQuery { subject: "nobody".into(), ..AuditQuery::default() }).await.is_empty());
}

#[tokio::test]
async fn an_area_s_rows_are_all_of_its_actions_page_by_page_in_their_order() {
    let world = world().await;
    let (_, view) = world.token("tia", "one").await;
    for n in 0..60 {
        world.token("tia", &format!("token {n}")).await;
        if n % 7 == 0 {
            world.give_initial("sam", &format!("marble-otter-canyon-drift-{n}")).await;
        }
    }
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.revoke_token(&permit, view.id.as_str()).await.unwrap();
    let all = async |query| every_page(&world, query).await;
    let whole = all(AuditQuery::default()).await;
    for area in ["token", "token.*", "password", "user"] {
        let begins = format!("{}.", area.trim_end_matches(".*"));
        let meant: Vec<_> =
            whole.iter().filter(|row| row.action.code().starts_with(&begins)).cloned().collect();
        assert!(meant.len() > 2, "{area}");
        assert_eq!(
            all(AuditQuery { action: area.to_owned(), ..AuditQuery::default() }).await,
            meant,
            "{area}"
        );
    }
    let of_sam =
        all(AuditQuery { action: "token".into(), subject: "sam".into(), ..AuditQuery::default() })
            .await;
    assert!(of_sam.is_empty(), "{of_sam:?}");
}

#[tokio::test]
async fn days_bound_the_rows() {
    let world = world().await;
    world.cookie("tia").await;
    let today = world.now().date();
    let count = |from: &str, to: &str| {
        let query =
            AuditQuery { from: from.to_owned(), to: to.to_owned(), ..AuditQuery::default() };
        let world = &world;
        async move { world.console().audit(&query).await.unwrap().rows.len() }
    };
    assert!(count(&today, &today).await > 0);
    assert_eq!(count("", "2020-01-01").await, 0);
    assert_eq!(count("2099-01-01", "").await, 0);
}

#[tokio::test]
async fn only_administrators_read_everybodys_and_all_read_their_own() {
    let world = world().await;
    for actor in ["tia", "rae", "helen"] {
        let visitor = world.person(actor).await;
        assert!(
            matches!(
                world.admit::<right::ReadAudit>(&visitor, None, &origin()).await,
                Err(Refusal::NotAllowed(_))
            ),
            "{actor}"
        );
        let own = world.own_activity(&visitor, "").await.unwrap().rows;
        assert!(!own.is_empty() && own.iter().all(|row| row.subject == actor));
    }
    let ada = world.person("ada").await;
    let permit = world.admit::<right::ReadAudit>(&ada, None, &origin()).await.unwrap();
    assert!(!world.audit(&permit, &AuditQuery::default()).await.unwrap().rows.is_empty());
    assert!(world.verify_audit(&permit).await.unwrap().rows > 0);
}

#[tokio::test]
async fn the_chain_holds_and_every_change_and_refusal_has_its_row() {
    let world = world().await;
    world.token("tia", "one").await;
    world.log_in("sam", &secret("wrong"), &origin()).await.unwrap_err();
    world.give_initial("sam", "marble-otter-canyon-drift").await;
    let report = world.console().verify_audit().await.unwrap();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let rows = world.console().audit(&AuditQuery::default()).await.unwrap().rows;
    assert_eq!(report.rows, rows.len() as u64);
    for action in
        ["user.import", "demo.load", "log-in", "session.confirm", "token.create", "password.set"]
    {
        assert!(
            rows.iter().any(|row| row.action.code() == action && row.outcome == Outcome::Done),
            "{action}"
        );
    }
    assert!(
        rows.iter().any(|row| row.action.is(AuditAction::LogIn) && row.outcome == Outcome::Refused)
    );
}

#[tokio::test]
async fn what_no_row_can_have_finds_nothing_and_a_netid_is_found_as_typed() {
    let world = world().await;
    world.cookie("tia").await;
    for query in [
        AuditQuery { action: "token.freeze".into(), ..AuditQuery::default() },
        AuditQuery { outcome: "perhaps".into(), ..AuditQuery::default() },
        AuditQuery { actor: "(root)".into(), ..AuditQuery::default() },
    ] {
        assert!(world.console().audit(&query).await.unwrap().rows.is_empty(), "{query:?}");
    }
    let typed =
        AuditQuery { actor: " TIA ".into(), action: "log-in".into(), ..AuditQuery::default() };
    assert_eq!(world.console().audit(&typed).await.unwrap().rows.len(), 1);
}

/// Details of the rows that tell of refusals, the oldest first.
async fn refusals(world: &World) -> Vec<String> {
    let query = AuditQuery { outcome: "refused".into(), ..AuditQuery::default() };
    world
        .console()
        .audit(&query)
        .await
        .unwrap()
        .rows
        .into_iter()
        .rev()
        .map(|row| row.detail)
        .collect()
}

#[tokio::test]
async fn whoever_is_refused_again_and_again_has_two_rows_a_minute() {
    let world = world().await;
    let tia = world.person("tia").await;
    let refused = || async {
        let answer = world.admit::<right::FindUsers>(&tia, None, &origin()).await.unwrap_err();
        assert!(matches!(answer, Refusal::NotAllowed(_)), "the same each time");
    };
    futures::future::join_all((0..58).map(|_| refused())).await;
    assert_eq!(refusals(&world).await, ["role-too-low"]);
    world.clock.advance(60);
    refused().await;
    let expected = ["role-too-low", "role-too-low: 57 more times in a minute", "role-too-low"];
    assert_eq!(refusals(&world).await, expected);
    // Something else has a row of its own at once.
    world.admit::<right::SeeTokensOf>(&tia, Some("sam"), &origin()).await.unwrap_err();
    assert_eq!(refusals(&world).await.len(), 4);
    refused().await;
    refused().await;
    world.write_noted().await;
    assert_eq!(
        refusals(&world).await.last().map(String::as_str),
        Some("role-too-low: 2 more times in a minute"),
        "at a stop"
    );
    assert_eq!(world.console().verify_audit().await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn a_copy_and_a_point_of_the_chain_are_held_against_the_store() {
    let world = world().await;
    world.token("tia", "one").await;
    let mut copy = world.console().audit(&AuditQuery::default()).await.unwrap().rows;
    let newest = copy[0].link.clone();
    assert_eq!(
        world.console().compare_audit(&copy, &mut CopyCheck::default()).await.unwrap(),
        Vec::<String>::new()
    );
    let point = ChainPoint { node: newest.node, seq: newest.seq, hash: newest.hash };
    assert_eq!(world.console().expect_audit(&point).await.unwrap(), PointCheck::default());
    let beyond = ChainPoint { seq: point.seq + 1, ..point.clone() };
    assert!(
        world
            .console()
            .expect_audit(&beyond)
            .await
            .unwrap()
            .fault
            .is_some_and(|fault| fault.contains("missing"))
    );
    copy[1].detail.push('!');
    copy[2].id = "no such row".to_owned();
    let faults = world.console().compare_audit(&copy, &mut CopyCheck::default()).await.unwrap();
    assert!(
        faults.len() == 2 && faults.iter().all(|fault| fault.contains("the copy was changed")),
        "{faults:?}"
    );
}

#[tokio::test]
async fn with_a_key_the_chain_goes_on_from_rows_without_and_verifies() {
    let world = world_with(|settings| {
        settings.audit_key = Some(secret("a key of forty letters outside the store"));
    })
    .await;
    world.token("tia", "one").await;
    let report = world.console().verify_audit().await.unwrap();
    assert!(report.rows > 3 && report.faults.is_empty() && report.notes.is_empty(), "{report:?}");
}
