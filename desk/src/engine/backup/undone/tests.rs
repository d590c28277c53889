//! What rows of the audit say was undone by a copy.

use super::*;
use crate::engine::backup::header::Payload;
use crate::{Actor, ChainLink, ChainPoint};

fn header() -> BackupHeader {
    BackupHeader {
        latchkey: String::new(),
        engine: String::new(),
        schema: 10,
        payload: Payload::Pairs,
        database: "latchkey".to_owned(),
        demo: false,
        moment: Moment(1000),
        chains: vec![ChainPoint { node: "main".to_owned(), seq: 5, hash: String::new() }],
    }
}

fn row(node: &str, seq: i64, action: AuditAction, subject: &str, detail: &str) -> AuditRow {
    AuditRow {
        // As of a clock that goes backwards: neither says what came first.
        id: format!("{:08}", 1000 - seq),
        at: Moment(1000 - seq),
        actor: Actor::Console,
        subject: subject.to_owned(),
        action: RecordedAction::Known(action),
        outcome: Outcome::Done,
        address: String::new(),
        agent: String::new(),
        detail: detail.to_owned(),
        link: ChainLink { node: node.to_owned(), seq, ..ChainLink::default() },
    }
}

fn undone(rows: &[AuditRow]) -> Undone {
    let mut undone = Undone::default();
    for row in rows {
        undone.add(&header(), row);
    }
    undone.in_order();
    undone
}

#[test]
fn what_the_copy_has_is_not_undone_and_a_chain_that_it_has_not_is() {
    let of = |node, seq| row(node, seq, AuditAction::PasswordChange, "tia", "");
    let found = undone(&[of("main", 5), of("main", 6), of("new", 1)]);
    let at: Vec<i64> = found.changes.iter().map(|change| change.at.0).collect();
    assert_eq!(at, [999, 994]);
    assert!(undone(&[of("main", 1)]).is_empty());
}

#[test]
fn tokens_are_named_by_their_ids_unless_several_were_revoked_at_once() {
    use AuditAction::TokenRevoke;
    let found = undone(&[
        row("main", 6, TokenRevoke, "tia", "0123456789abcdef a script"),
        row("main", 7, TokenRevoke, "tia", "fedcba9876543210 another"),
        row("main", 8, TokenRevoke, "sam", "0000000000000000 one"),
        row("main", 9, TokenRevoke, "sam", "all 3 tokens"),
        row("main", 10, TokenRevoke, "sam", "1111111111111111 one more"),
    ]);
    let ids = ["0123456789abcdef", "fedcba9876543210"].map(str::to_owned).to_vec();
    assert_eq!(found.tokens.get("tia"), Some(&RevokedTokens::Some(ids)));
    assert_eq!(found.tokens.get("sam"), Some(&RevokedTokens::All));
}

#[test]
fn a_token_that_leaked_works_again_after_a_restore_and_so_is_named() {
    let detail = "0123456789abcdef a script: reported by GitHub; never used";
    let found = undone(&[row("main", 6, AuditAction::TokenLeaked, "tia", detail)]);
    let ids = vec!["0123456789abcdef".to_owned()];
    assert_eq!(found.tokens.get("tia"), Some(&RevokedTokens::Some(ids)));
    assert_eq!(found.changes.len(), 1);
}

#[test]
fn a_token_that_another_took_the_place_of_at_once_is_named_and_one_that_went_on_is_not() {
    use AuditAction::TokenRenew;
    let detail = |works_for: GracePeriod| {
        let named = "fedcba9876543210 a script in place of a man, which works for me";
        format!("{named} in place of 0123456789abcdef, which works for {works_for}")
    };
    let [at_once, later] = [GracePeriod::NONE, GracePeriod::ALL[1]].map(detail);
    let found = undone(&[
        row("main", 6, TokenRenew, "tia", &at_once),
        row("main", 7, TokenRenew, "sam", &later),
    ]);
    let ids = RevokedTokens::Some(vec!["0123456789abcdef".to_owned()]);
    assert_eq!(found.tokens.into_iter().collect::<Vec<_>>(), [("tia".to_owned(), ids)]);
    assert_eq!(found.changes.len(), 2);
}

#[test]
fn who_was_enabled_again_is_not_disabled_again_in_whichever_order_the_rows_come() {
    use AuditAction::{UserDisabled, UserLeft, UserReturned};
    let mut rows = vec![
        row("main", 6, UserDisabled, "tia", "yes"),
        row("main", 7, UserDisabled, "tia", "no"),
        row("main", 8, UserLeft, "sam", ""),
        row("main", 9, UserLeft, "rae", ""),
        row("main", 10, UserReturned, "rae", ""),
        row("main", 11, UserDisabled, "helen", "no"),
        row("main", 12, UserDisabled, "helen", "yes"),
    ];
    for _ in 0..2 {
        let disabled = undone(&rows).disabled;
        assert_eq!(disabled.into_keys().collect::<Vec<_>>(), ["helen", "sam"]);
        rows.reverse();
    }
}

#[test]
fn tokens_that_a_directory_had_revoked_are_named_too_unless_they_were_restored_since() {
    use AuditAction::{TokenRestore, TokenRevoke, UserLeft, UserPrivileged, UserReturned};
    let mut rows = vec![
        row("main", 6, TokenRevoke, "tia", "0123456789abcdef a script"),
        row("main", 7, UserLeft, "tia", ""),
        row("main", 8, UserReturned, "tia", ""),
        row("main", 9, UserPrivileged, "sam", "no: tokens revoked, sessions ended"),
        row("main", 10, UserPrivileged, "ada", "no: tokens refused, sessions ended"),
        row("main", 11, UserLeft, "rae", ""),
        row("main", 12, UserReturned, "rae", ""),
        row("main", 13, TokenRestore, "rae", "2 tokens"),
        row("main", 14, TokenRestore, "helen", "2 tokens"),
        row("main", 15, UserLeft, "helen", ""),
    ];
    let words = include_str!("../../identity/person_change.rs");
    assert!(words.contains("\"no: tokens revoked, sessions ended\""), "as it is written");
    for _ in 0..2 {
        let found = undone(&rows);
        let all = |name: &str| (name.to_owned(), RevokedTokens::All);
        let expected: Vec<_> = ["helen", "sam", "tia"].map(all).into();
        assert_eq!(found.tokens.into_iter().collect::<Vec<_>>(), expected);
        assert!(found.changes.iter().all(|change| change.action != "token.restore"));
        rows.reverse();
    }
}

#[test]
fn of_two_nodes_the_one_that_takes_counts_and_it_is_said() {
    use AuditAction::{TokenRestore, UserDisabled, UserLeft};
    let mut rows = vec![
        row("main", 6, UserDisabled, "tia", "yes"),
        row("new", 9, UserDisabled, "tia", "no"),
        row("main", 7, UserDisabled, "helen", "yes"),
        row("new", 8, UserDisabled, "helen", "yes"),
        row("main", 8, UserLeft, "rae", ""),
        row("new", 10, TokenRestore, "rae", "2 tokens"),
    ];
    for _ in 0..2 {
        let found = undone(&rows);
        assert_eq!(found.disabled.into_keys().collect::<Vec<_>>(), ["helen", "rae", "tia"]);
        assert_eq!(found.tokens.get("rae"), Some(&RevokedTokens::All));
        let unsure = &found.unsure;
        assert!(unsure.len() == 2, "{unsure:?}");
        assert!(unsure[0].contains("rae") && unsure[1].contains("tia"), "{unsure:?}");
        rows.reverse();
    }
}

#[test]
fn what_gives_something_or_was_refused_is_not_listed() {
    let refused = AuditRow {
        outcome: Outcome::Refused,
        ..row("main", 6, AuditAction::TokenRevoke, "tia", "")
    };
    let privileged = row("main", 7, AuditAction::UserPrivileged, "tia", "yes");
    assert!(undone(&[refused, privileged]).is_empty());
    let taken = row("main", 7, AuditAction::UserPrivileged, "tia", "no");
    assert_eq!(undone(&[taken]).changes[0].words, "Privilege changed");
}
