//! Old strings that somebody has found: reported, they end as any token does, and what is made up
//! costs no more than at verify; identified, they say whose they are.

use std::sync::atomic::Ordering::SeqCst;

use desk::LeakOutcome::{self, NotLookedUp, Over, Revoked, Unknown};
use desk::{Actor, AuditQuery, Identified, LeakSource, LeakedString, StrangerGate, Verdict};

use super::super::support::{World, origin, world_with};
use super::floods::Gate;
use super::{OLD, TIA, bring, hashed, is_good, listed, string, tias, verify, world_of};

async fn report(world: &World, gate: &dyn StrangerGate, strings: &[String]) -> Vec<LeakOutcome> {
    let strings: Vec<LeakedString<'_>> =
        strings.iter().map(|text| LeakedString { text, place: "" }).collect();
    let source = LeakSource::Anybody;
    world.report_leaked(gate, &strings, source, &origin()).await.unwrap().outcomes
}

#[tokio::test]
async fn an_old_string_that_is_reported_ends_whether_or_not_it_was_used_here() {
    let world = world_of(3).await;
    assert!(is_good(&world, &string(TIA, 0)).await);
    let gate = Gate::default();
    let strings = [string(TIA, 0), string(TIA, 1), string(TIA, 1), string(TIA + 1, 0)];
    assert_eq!(report(&world, &gate, &strings).await, [Revoked, Revoked, Over, Unknown]);
    assert_eq!(gate.counted(), 1, "what is nobody's");
    for nth in [0, 1] {
        assert_eq!(verify(&world, &string(TIA, nth)).await, Verdict::Refused("revoked"));
    }
    assert!(is_good(&world, &string(TIA, 2)).await);
    let query = AuditQuery {
        subject: "tia".to_owned(),
        action: "token.leaked".to_owned(),
        ..AuditQuery::default()
    };
    let rows = world.console().audit(&query).await.unwrap().rows;
    let details: Vec<&str> = rows.iter().map(|row| row.detail.as_str()).collect();
    let id = listed(&world).await[1].id.short().to_owned();
    let expected = format!("{id} cron 1: reported by somebody who found it; never used");
    assert!(details.len() == 2 && details.contains(&expected.as_str()), "{details:?}");
    assert!(OLD.iter().all(|(end, hash)| {
        details.iter().all(|detail| !detail.contains(end) && !detail.contains(hash))
    }));
}

#[tokio::test]
async fn behind_a_closed_gate_nothing_is_hashed_and_what_is_pinned_ends() {
    let world = world_of(2).await;
    assert!(is_good(&world, &string(TIA, 0)).await);
    let gate = Gate::default();
    gate.closed.store(true, SeqCst);
    let before = hashed(&world);
    let strings = [string(TIA, 1), string(TIA, 2), string(TIA, 0)];
    assert_eq!(report(&world, &gate, &strings).await, [NotLookedUp, NotLookedUp, Revoked]);
    assert_eq!((hashed(&world), gate.counted()), (before, 0));
    assert!(is_good(&world, &string(TIA, 1)).await);
}

#[tokio::test]
async fn after_the_day_on_which_strings_end_it_ends_for_good() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_seconds(3600));
    })
    .await;
    bring(&world, &tias(2)).await;
    world.clock.advance(3600);
    let gate = Gate::default();
    assert_eq!(report(&world, &gate, &[string(TIA, 0)]).await, [Revoked]);
    // The operator may put that day off, and then it would work again.
    let tokens = listed(&world).await;
    assert_eq!(tokens[0].revoked.as_ref().unwrap().by, Actor::LeakReport);
    assert!(tokens[1].revoked.is_none());
}

#[tokio::test]
async fn the_operator_learns_whose_it_is_and_when_its_string_ends() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_days(30));
    })
    .await;
    let end = world.settings.rt_strings_end;
    bring(&world, &tias(2)).await;
    let console = world.console();
    let Identified::Token { owner, token, strings_end, .. } =
        console.identify(&string(TIA, 1)).await.unwrap()
    else {
        panic!("it is a token");
    };
    assert_eq!((owner.as_str(), token.description.as_str()), ("tia", "cron 1"));
    assert_eq!((token.from_rt, token.expires, strings_end), (true, end, end));
    let look = world.last_audit("tia").await;
    assert_eq!(look.0, "token.see");
    world.write_noted().await;
    assert!(listed(&world).await[1].used.is_none(), "it is no use of it");
    let (made, _) = world.token("tia", "made here").await;
    let found = console.identify(made.expose()).await.unwrap();
    assert!(matches!(found, Identified::Token { strings_end: None, .. }), "{found:?}");
    let strangers = console.identify(&string(TIA + 1, 0)).await.unwrap();
    assert_eq!(strangers, Identified::UnknownOfRt);
    for text in [OLD[0].0, OLD[0].1] {
        assert_eq!(console.identify(text).await.unwrap(), Identified::Malformed, "{text}");
    }
}
