//! Which refusals are told apart, how many rows they leave, and that none is forgotten.

use super::*;
use crate::Outcome;

const NOW: Moment = Moment(1_795_511_101_234);

fn refusal(actor: &str, subject: &str) -> AuditEntry {
    AuditEntry {
        actor: Actor::from(actor.to_owned()),
        subject: subject.to_owned(),
        action: AuditAction::UserFind,
        outcome: Outcome::Refused,
        address: "192.0.2.7".to_owned(),
        agent: String::new(),
        detail: "role-too-low".to_owned(),
    }
}

/// The details of the rows that a refusal writes at once.
fn written(refusals: &Refusals, entry: AuditEntry, now: Moment) -> Vec<String> {
    let Some(mut due) = refusals.counted(entry, now) else { return Vec::new() };
    let rows = std::mem::take(&mut due.rows);
    (due.taken, due.started) = (Vec::new(), Vec::new());
    rows.into_iter().map(|row| row.detail).collect()
}

#[test]
fn the_first_is_written_and_the_rest_of_the_minute_is_one_row() {
    let refusals = Refusals::default();
    assert_eq!(written(&refusals, refusal("sam", ""), NOW), ["role-too-low"]);
    for second in 0..57 {
        assert!(written(&refusals, refusal("sam", ""), NOW.plus_seconds(second)).is_empty());
    }
    assert_eq!(written(&refusals, refusal("tia", ""), NOW), ["role-too-low"], "somebody else's");
    let rows = written(&refusals, refusal("sam", ""), NOW.plus_seconds(60));
    assert_eq!(rows, ["role-too-low: 57 more times in a minute", "role-too-low"]);
    assert_eq!(
        written(&refusals, refusal("sam", ""), NOW.plus_seconds(3600)),
        ["role-too-low"],
        "nothing to tell in between"
    );
    assert_eq!(written(&refusals, refusal("sam", ""), NOW), ["role-too-low"], "set back");
}

#[test]
fn what_could_not_be_written_is_not_forgotten() {
    let refusals = Refusals::default();
    let reported = |refusals: &Refusals| -> Vec<String> {
        refusals.due(|_| true).rows.iter().map(|row| row.detail.clone()).collect()
    };
    // The first, and whatever came while it was being written.
    let due = refusals.counted(refusal("sam", ""), NOW).expect("the first");
    assert!(written(&refusals, refusal("sam", ""), NOW).is_empty());
    drop(due);
    assert!(written(&refusals, refusal("sam", ""), NOW.plus_seconds(1)).is_empty());
    let away = format!("while the store took no rows, since {}", NOW.exact());
    assert_eq!(reported(&refusals), [format!("role-too-low: 3 times {away}")]);
    assert_eq!(reported(&refusals), [format!("role-too-low: 3 times {away}")], "not written yet");
    // Nor are these, with what the next one was to tell of them: it is counted too.
    drop(refusals.counted(refusal("sam", ""), NOW.plus_seconds(600)));
    assert_eq!(reported(&refusals), [format!("role-too-low: 4 times {away}")]);
    assert_eq!(
        written(&refusals, refusal("sam", ""), NOW.plus_seconds(1200)),
        [format!("role-too-low: 4 times {away}"), "role-too-low".to_owned()]
    );
    assert!(written(&refusals, refusal("sam", ""), NOW.plus_seconds(1201)).is_empty());
    assert_eq!(reported(&refusals), ["role-too-low: once more in a minute"]);
}

#[test]
fn many_kinds_of_one_actor_are_one_kind_and_memory_is_bounded() {
    let refusals = Refusals::default();
    let rows: usize = (0..1000)
        .map(|n| written(&refusals, refusal("sam", &format!("nobody{n}")), NOW).len())
        .sum();
    assert_eq!(rows, MAX_KINDS_PER_ACTOR + 1);
    let reported: Vec<AuditEntry> = std::mem::take(&mut refusals.due(|_| true).rows);
    assert_eq!(reported.len(), 1);
    assert_eq!(
        (reported[0].detail.as_str(), reported[0].subject.as_str()),
        ("this and others: 967 more times in a minute", "")
    );
    for n in 0..MAX_KINDS * 2 {
        written(&refusals, refusal(&format!("person{n}"), ""), NOW);
    }
    assert_eq!(lock(&refusals.windows).len(), MAX_KINDS + 1);
}

/// A wrong password.
fn wrong(subject: &str, address: &str) -> AuditEntry {
    AuditEntry {
        actor: Actor::Nobody,
        action: AuditAction::LogIn,
        detail: if subject.is_empty() { "unknown NetID" } else { "login-incorrect" }.to_owned(),
        address: address.to_owned(),
        ..refusal("", subject)
    }
}

#[test]
fn wrong_passwords_are_told_apart_by_account_and_network_and_nobodys_are_one_kind() {
    let refusals = Refusals::default();
    for (subject, address) in
        [("sam", "192.0.2.1"), ("sam", "192.0.2.2"), ("tia", "192.0.2.1"), ("", "192.0.2.1")]
    {
        assert_eq!(written(&refusals, wrong(subject, address), NOW).len(), 1, "{subject}");
        assert_eq!(written(&refusals, wrong(subject, address), NOW).len(), 0, "{subject}");
    }
    assert_eq!(written(&refusals, wrong("", "198.51.100.9"), NOW).len(), 0);
    assert_eq!(written(&refusals, wrong("sam", "2001:db8:1:2::3"), NOW).len(), 1);
    assert_eq!(written(&refusals, wrong("sam", "2001:db8:1:4::5"), NOW).len(), 0, "a /48");
}

#[test]
fn strangers_from_everywhere_leave_few_rows() {
    let refusals = Refusals::default();
    let of = |subject: &str, n: u32| wrong(subject, &std::net::Ipv4Addr::from(n).to_string());
    let rows = |refusals: &Refusals, subject: &str| {
        (0..2000).map(|n| written(refusals, of(subject, n), NOW).len()).sum::<usize>()
    };
    assert_eq!(rows(&refusals, "rae"), MAX_KINDS_PER_ACTOR + 1);
    let reported: Vec<AuditEntry> = std::mem::take(&mut refusals.due(|_| true).rows);
    assert!(reported.iter().all(|row| row.subject == "rae"), "{reported:?}");
    let refusals = Refusals::default();
    let spread: usize =
        (0..5000).map(|n| written(&refusals, of(&format!("person{n}"), n), NOW).len()).sum();
    assert_eq!(spread, MAX_KINDS_OF_STRANGERS + 1);
    // And keep nobody else's from being told apart.
    assert_eq!(written(&refusals, refusal("sam", ""), NOW), ["role-too-low"]);
}

#[tokio::test]
async fn without_room_nothing_is_written_and_all_of_it_is_told_later() {
    use crate::engine::settings::Settings;
    use crate::engine::verify::cache::Cache;
    let store =
        Store::open(&Settings::default(), Arc::new(Cache::new(1, false))).await.expect("in memory");
    let seq = async || store.own_chain_end().await.map_or(0, |end| end.seq);
    let refusals = Refusals::default();
    let note =
        async |now| refusals.note(wrong("sam", "192.0.2.1"), &store, now).await.expect("counted");
    store.set_nearly_full(true);
    for second in 0..500 {
        note(NOW.plus_seconds(second)).await;
    }
    let later = NOW.plus_seconds(500);
    refusals.write_due(&store, later).await.expect("nothing to do");
    refusals.write_all(&store, later).await.expect("nothing to do");
    assert_eq!(seq().await, 0);
    store.set_nearly_full(false);
    refusals.write_due(&store, later).await.expect("written");
    let rows = store.chain_rows("main", 0, 10).await.expect("read");
    let reported: Vec<&str> = rows.iter().map(|row| row.detail.as_str()).collect();
    assert_eq!(reported, ["login-incorrect: 500 times while the disk was nearly full"]);
}
