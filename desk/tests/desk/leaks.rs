//! Strings that somebody found where strangers can read them: those that are tokens end, each with
//! its row, and what anybody makes up costs no more look-ups than the gate lets through.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use desk::LeakOutcome::{NotLookedUp, Over, Revoked, Unknown};
use desk::{
    Actor, AuditQuery, AuditRow, Expires, Identified, LeakReport, LeakSource, LeakedString,
    PlainToken, StrangerGate, Verdict,
};

use super::support::{World, get, origin, world};

/// Lets so many strangers through, and no more.
#[derive(Debug)]
pub(super) struct Gate {
    left: AtomicU32,
    looked_up: AtomicU32,
}

impl Gate {
    pub(super) fn of(many: u32) -> Self {
        Self { left: AtomicU32::new(many), looked_up: AtomicU32::new(0) }
    }
}

impl StrangerGate for Gate {
    fn may_ask(&self) -> Result<(), u32> {
        if self.left.load(SeqCst) == 0 { Err(7) } else { Ok(()) }
    }

    fn was_unknown(&self) {
        self.left.fetch_sub(1, SeqCst);
        self.looked_up.fetch_add(1, SeqCst);
    }
}

pub(super) async fn report(
    world: &World,
    gate: &Gate,
    strings: &[&str],
    source: LeakSource,
) -> LeakReport {
    let strings: Vec<LeakedString<'_>> = strings
        .iter()
        .map(|text| LeakedString { text, place: "https://example.edu/notes.txt" })
        .collect();
    world.report_leaked(gate, &strings, source, &origin()).await.unwrap()
}

async fn leaks_of(world: &World, subject: &str) -> Vec<AuditRow> {
    let query = AuditQuery {
        subject: subject.to_owned(),
        action: "token.leaked".to_owned(),
        ..AuditQuery::default()
    };
    world.console().audit(&query).await.unwrap().rows
}

#[tokio::test]
async fn what_is_a_token_ends_at_once_and_its_owner_reads_who_used_it_last() {
    let world = world().await;
    let (token, view) = world.token("tia", "Ticket sync").await;
    let (kept, _) = world.token("tia", "kept").await;
    assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    let used = world.clock.now().exact();
    world.clock.advance(3600);
    let strings = ["no token", token.expose(), "", token.expose()];
    let found = report(&world, &Gate::of(0), &strings, LeakSource::GitHub).await;
    assert_eq!(found.outcomes, [Unknown, Revoked, Unknown, Over]);
    assert_eq!(found.revoked(), 1);
    assert_eq!(world.verify(token.expose(), None, &get()).await, Verdict::Refused("revoked"));
    assert!(matches!(world.verify(kept.expose(), None, &get()).await, Verdict::Good(_)));
    let rows = leaks_of(&world, "tia").await;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((&row.actor, row.address.as_str()), (&Actor::LeakReport, "192.0.2.7"));
    let expected = format!(
        "{} Ticket sync: reported by GitHub at https://example.edu/notes.txt; last used {used} \
         from 192.0.2.7",
        view.id.short()
    );
    assert_eq!(row.detail, expected);
    // And what is revoked says by whom, where its owner looks.
    let tia = world.person("tia").await;
    let tokens = world.own_tokens(&tia).await.unwrap();
    let ended = tokens.iter().find(|other| other.id == view.id).unwrap();
    assert_eq!(ended.revoked.as_ref().unwrap().by, Actor::LeakReport);
}

#[tokio::test]
async fn a_token_of_somebody_disabled_ends_too_and_one_that_had_ended_has_no_row() {
    let world = world().await;
    let (of_disabled, _) = world.token("rae", "of a disabled account").await;
    world.set_disabled("rae", true).await;
    let (revoked, view) = world.token("tia", "revoked").await;
    world.revoke("tia", &view).await;
    let expires = Expires::At(world.clock.now().plus_days(1));
    let (expired, _) = world.token_with("tia", "expired", |new| new.expires = expires).await;
    world.clock.advance(24 * 3600 + 1);
    let strings = [revoked.expose(), expired.expose(), of_disabled.expose()];
    let found = report(&world, &Gate::of(0), &strings, LeakSource::Anybody).await;
    assert_eq!(found.outcomes, [Over, Over, Revoked]);
    assert!(leaks_of(&world, "tia").await.is_empty());
    // It would have worked again with the account.
    world.set_disabled("rae", false).await;
    let verdict = world.verify(of_disabled.expose(), None, &get()).await;
    assert_eq!(verdict, Verdict::Refused("revoked"));
}

#[tokio::test]
async fn what_is_made_up_is_looked_up_as_often_as_the_gate_lets_and_what_there_is_is_found() {
    let world = world().await;
    let (token, _) = world.token("tia", "among many").await;
    let invented: Vec<PlainToken> = (0..200).map(|_| PlainToken::random()).collect();
    let mut strings: Vec<&str> = invented.iter().map(PlainToken::expose).collect();
    strings.push(token.expose());
    strings.push("latchkey_malformed");
    let gate = Gate::of(5);
    let found = report(&world, &gate, &strings, LeakSource::Anybody).await;
    assert_eq!(gate.looked_up.load(SeqCst), 5);
    let count = |wanted| found.outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!((count(Unknown), count(NotLookedUp), count(Revoked)), (6, 195, 1));
    // What was looked up is remembered, as verify does.
    let again = report(&world, &Gate::of(0), &strings[..5], LeakSource::Anybody).await;
    if !world.settings.store.starts_with("ws") {
        assert_eq!(again.outcomes, [Unknown; 5]);
    }
}

#[tokio::test]
async fn two_reports_at_once_end_it_once() {
    let world = world().await;
    let (token, _) = world.token("tia", "found twice").await;
    let gate = Gate::of(0);
    let strings = [token.expose()];
    let (one, other) = tokio::join!(
        report(&world, &gate, &strings, LeakSource::Anybody),
        report(&world, &gate, &strings, LeakSource::GitHub),
    );
    assert_eq!(one.revoked() + other.revoked(), 1);
    assert_eq!(leaks_of(&world, "tia").await.len(), 1);
}

#[tokio::test]
async fn the_operator_learns_what_a_string_is_and_it_is_no_use_of_it() {
    let world = world().await;
    let console = world.console();
    let (token, view) = world.token("tia", "Ticket sync").await;
    let Identified::Token { owner, name, token: found, .. } =
        console.identify(token.expose()).await.unwrap()
    else {
        panic!("it is a token");
    };
    assert_eq!((owner.as_str(), found.id.clone(), found.used.clone()), ("tia", view.id, None));
    assert!(!name.is_empty());
    let look = world.last_audit("tia").await;
    assert_eq!((look.0.as_str(), look.1.as_str()), ("token.see", "done"));
    assert_eq!(look.2, format!("{} Ticket sync", found.id.short()));
    let again = console.identify(token.expose()).await.unwrap();
    assert!(matches!(again, Identified::Token { token, .. } if token.used.is_none()));
    let stranger = PlainToken::random();
    assert_eq!(console.identify(stranger.expose()).await.unwrap(), Identified::Unknown);
    for text in ["", "latchkey_", "tia-local-password", &token.expose()[1..]] {
        assert_eq!(console.identify(text).await.unwrap(), Identified::Malformed, "{text}");
    }
}
