use desk::{AuditAction, AuditQuery, Outcome, Refusal, right};

use super::support::{origin, secret, world};

#[tokio::test]
async fn rows_come_newest_first_by_page_and_filter() {
    let world = world().await;
    for n in 0..30 {
        world.token("tia", &format!("token {n}")).await;
    }
    let all = |query: AuditQuery| {
        let world = &world;
        async move {
            let (mut rows, mut query) = (Vec::new(), query);
            loop {
                let page = world.console_audit(&query).await.unwrap();
                rows.extend(page.rows);
                match page.next {
                    Some(next) => query.before = next,
                    None => return rows,
                }
            }
        }
    };
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
    assert!(all(AuditQuery { outcome: "refused".into(), ..AuditQuery::default() }).await.is_empty());
    assert!(all(AuditQuery { subject: "sam".into(), ..AuditQuery::default() }).await.is_empty());
}

#[tokio::test]
async fn days_bound_the_rows() {
    let world = world().await;
    world.cookie("tia").await;
    let today = world.now().date();
    let count = |from: &str, to: &str| {
        let query = AuditQuery { from: from.to_owned(), to: to.to_owned(), ..AuditQuery::default() };
        let world = &world;
        async move { world.console_audit(&query).await.unwrap().rows.len() }
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
        assert!(matches!(world.admit::<right::ReadAudit>(&visitor, None, &origin()).await, Err(Refusal::NotAllowed(_))), "{actor}");
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
    let report = world.console_verify_audit().await.unwrap();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let rows = world.console_audit(&AuditQuery::default()).await.unwrap().rows;
    assert_eq!(report.rows, rows.len() as u64);
    for action in ["user.import", "demo.load", "log-in", "session.confirm", "token.create", "password.set"] {
        assert!(rows.iter().any(|row| row.action.code() == action && row.outcome == Outcome::Done), "{action}");
    }
    assert!(rows.iter().any(|row| row.action.is(AuditAction::LogIn) && row.outcome == Outcome::Refused));
}
