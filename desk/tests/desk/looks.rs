//! Who looks at other people's tokens, sessions and history, or reads the audit, has a row a day in
//! it.

use desk::{AuditAction, AuditQuery, Outcome, right};

use super::support::{World, origin, world};

/// `ACTOR SUBJECT` of each look that has a row, the first first.
async fn looks(world: &World, action: AuditAction) -> Vec<String> {
    let query = AuditQuery {
        action: action.code().to_owned(),
        outcome: "done".to_owned(),
        ..AuditQuery::default()
    };
    let rows = world.console().audit(&query).await.unwrap().rows;
    rows.iter().rev().map(|row| format!("{} {}", row.actor, row.subject)).collect()
}

/// Whether somebody reads of this in their activity.
pub(crate) async fn reads_of(world: &World, netid: &str, action: AuditAction) -> bool {
    let activity = world.own_activity(&world.person(netid).await, "").await.unwrap();
    activity.rows.iter().any(|row| row.action.is(action))
}

async fn look_at(world: &World, actor: &str, subject: &str) {
    let visitor = world.person(actor).await;
    let permit = world.admit::<right::FindUsers>(&visitor, Some(subject), &origin()).await.unwrap();
    world.user_page(&permit).await.unwrap();
}

#[tokio::test]
async fn the_help_desks_first_look_of_a_day_at_each_person_has_its_row() {
    let world = world().await;
    for _ in 0..3 {
        look_at(&world, "helen", "tia").await;
        look_at(&world, "helen", "sam").await;
        look_at(&world, "ada", "tia").await;
    }
    let today = ["helen tia", "helen sam", "ada tia"];
    assert_eq!(looks(&world, AuditAction::TokenSee).await, today);
    let visitor = world.person("helen").await;
    let permit = world.admit::<right::SeeTokensOf>(&visitor, Some("tia"), &origin()).await.unwrap();
    world.tokens_of(&permit).await.unwrap();
    assert_eq!(looks(&world, AuditAction::TokenSee).await, today, "the same look by another door");
    world.clock.advance(24 * 3600);
    look_at(&world, "helen", "tia").await;
    assert_eq!(looks(&world, AuditAction::TokenSee).await.len(), 4);
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn who_sees_no_tokens_and_who_sees_their_own_has_none() {
    let world = world().await;
    look_at(&world, "rae", "tia").await;
    look_at(&world, "helen", "helen").await;
    world.own_tokens(&world.person("tia").await).await.unwrap();
    let operator = world.console().permit::<right::FindUsers>("tia").await.unwrap();
    world.user_page(&operator).await.unwrap();
    assert!(looks(&world, AuditAction::TokenSee).await.is_empty());
}

#[tokio::test]
async fn whoever_was_looked_at_reads_it_in_their_activity() {
    let world = world().await;
    look_at(&world, "helen", "tia").await;
    let activity = world.own_activity(&world.person("tia").await, "").await.unwrap();
    let row = activity.rows.iter().find(|row| row.action.is(AuditAction::TokenSee)).unwrap();
    assert_eq!(
        (row.actor.words().as_str(), row.action.words(Outcome::Done)),
        ("helen", "Tokens and sessions viewed")
    );
    assert_eq!(row.address, "192.0.2.7");
}

#[tokio::test]
async fn reading_the_audit_has_a_row_a_day_for_everybodys_and_for_each_persons() {
    let world = world().await;
    let visitor = world.person("ada").await;
    let permit = world.admit::<right::ReadAudit>(&visitor, None, &origin()).await.unwrap();
    let of = |netid: &str| AuditQuery { subject: netid.to_owned(), ..AuditQuery::default() };
    let by = AuditQuery { actor: "sam".to_owned(), ..AuditQuery::default() };
    for query in [AuditQuery::default(), of("Tia"), of("tia"), by, AuditQuery::default(), of("tia")]
    {
        world.audit(&permit, &query).await.unwrap();
    }
    assert_eq!(looks(&world, AuditAction::AuditRead).await, ["ada ", "ada tia", "ada sam"]);
    assert!(reads_of(&world, "tia", AuditAction::AuditRead).await);
}
