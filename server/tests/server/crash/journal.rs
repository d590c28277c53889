//! What a client has asked for, and what was acknowledged; held against the rows of the audit.

use serde_json::Value;

use crate::support::Answer;

/// What was told of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was acknowledged.
    Done,
    /// It was refused: nothing was changed.
    Refused,
    /// The connection was lost, or it was said that it is not known.
    Unknown,
}

impl Outcome {
    /// Of an answer, or none.
    pub(super) fn of(answer: Option<&Answer>) -> Self {
        match answer.map(|answer| answer.status) {
            Some(200) => Self::Done,
            Some(400..=499) => Self::Refused,
            _ => Self::Unknown,
        }
    }
}

/// A change that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    /// As the audit calls it.
    pub(super) action: &'static str,
    /// How the detail of its row ends.
    pub(super) mark: String,
    /// What was told of it.
    pub(super) outcome: Outcome,
}

/// All that one client has asked for, in order: it asks for one thing after the other.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    /// Who the client is.
    pub(super) actor: &'static str,
    /// Since the last look at the audit.
    deeds: Vec<Deed>,
    /// How many rows were found at the looks before.
    looked_at: usize,
}

/// A row of the audit.
#[derive(Clone, Debug)]
pub(super) struct Row {
    actor: String,
    pub(super) action: String,
    outcome: String,
    pub(super) detail: String,
}

/// What clients do; other rows are not held against anything.
const ACTIONS: [&str; 8] = [
    "log-in",
    "log-out",
    "token.create",
    "token.edit",
    "token.renew",
    "token.revoke",
    "password.change",
    "user.disabled",
];

impl Row {
    /// Of what `latchkey audit export --json` prints, the oldest first.
    pub(super) fn all(export: &str) -> Vec<Self> {
        let word = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
        let row = |line: &str| {
            let row: Value = serde_json::from_str(line).unwrap();
            Self {
                actor: word(&row, "actor"),
                action: word(&row, "action"),
                outcome: word(&row, "outcome"),
                detail: word(&row, "detail"),
            }
        };
        export.lines().rev().map(row).collect()
    }

    fn is_of(&self, deed: &Deed) -> bool {
        self.action == deed.action && self.detail.ends_with(&deed.mark)
    }
}

impl Journal {
    pub(super) fn of(actor: &'static str) -> Self {
        Self { actor, deeds: Vec::new(), looked_at: 0 }
    }

    /// Notes what was told of a request.
    pub(super) fn note(&mut self, action: &'static str, mark: String, outcome: Outcome) {
        self.deeds.push(Deed { action, mark, outcome });
    }

    /// How many changes were acknowledged since the last look.
    pub(super) fn acknowledged(&self) -> usize {
        self.deeds.iter().filter(|deed| deed.outcome == Outcome::Done).count()
    }

    /// Holds it against all rows: what was acknowledged has its row, in order, what was refused has
    /// none, and there is none for which nobody asked. Gives all of this client's rows.
    ///
    /// # Panics
    /// It does not fit.
    pub(super) fn look<'a>(&mut self, rows: &'a [Row]) -> Vec<&'a Row> {
        let own: Vec<&Row> = rows
            .iter()
            .filter(|row| row.actor == self.actor && row.outcome == "done")
            .filter(|row| ACTIONS.contains(&row.action.as_str()))
            .collect();
        assert!(own.len() >= self.looked_at, "{}: rows are gone", self.actor);
        let new = &own[self.looked_at..];
        assert!(
            fits(&self.deeds, new),
            "{}: {} rows were there; asked for since: {:#?}; rows since: {new:#?}",
            self.actor,
            own.len() - new.len(),
            self.deeds,
        );
        self.looked_at = own.len();
        self.deeds.clear();
        own
    }
}

/// Whether there is a way in which these rows are those deeds', in order: each of what was done has
/// one, of what is not known some have.
fn fits(deeds: &[Deed], rows: &[&Row]) -> bool {
    // By how many rows are taken up to here, what can be.
    let mut possible = vec![false; rows.len() + 1];
    possible[0] = true;
    for deed in deeds {
        let is_row = |at: usize| rows.get(at).is_some_and(|row| row.is_of(deed));
        possible = (0..=rows.len())
            .map(|taken| {
                let with_row = taken > 0 && possible[taken - 1] && is_row(taken - 1);
                match deed.outcome {
                    Outcome::Done => with_row,
                    Outcome::Refused => possible[taken],
                    Outcome::Unknown => with_row || possible[taken],
                }
            })
            .collect();
    }
    possible[rows.len()]
}

#[test]
fn a_row_too_many_or_too_few_or_of_what_was_refused_does_not_fit() {
    let deed = |mark: &str, outcome| Deed { action: "log-in", mark: mark.to_owned(), outcome };
    let row = |detail: &str| Row {
        actor: "tia".to_owned(),
        action: "log-in".to_owned(),
        outcome: "done".to_owned(),
        detail: detail.to_owned(),
    };
    let deeds = [
        deed("a", Outcome::Done),
        deed("b", Outcome::Refused),
        deed("c", Outcome::Unknown),
        deed("d", Outcome::Done),
    ];
    let fits = |details: &[&str]| {
        let rows: Vec<Row> = details.iter().map(|detail| row(detail)).collect();
        super::journal::fits(&deeds, &rows.iter().collect::<Vec<_>>())
    };
    assert!(fits(&["a", "d"]) && fits(&["a", "c", "d"]));
    for wrong in [&["a", "c"][..], &["a", "b", "d"], &["d", "a"], &["a", "c", "c", "d"], &[]] {
        assert!(!fits(wrong), "{wrong:?}");
    }
}
