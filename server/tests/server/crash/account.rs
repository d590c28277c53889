//! An administrator who disables somebody and enables them again.

use serde_json::Value;

use super::client::Person;
use super::journal::{Journal, Outcome, Row};
use super::round::Round;

/// Somebody's account.
#[derive(Debug)]
pub(super) struct Account {
    /// Whose.
    pub(super) netid: &'static str,
    /// As it is, or as it was before a change of which it is not known what became.
    is_disabled: bool,
    /// It may be otherwise.
    is_doubtful: bool,
}

impl Account {
    pub(super) fn of(netid: &'static str) -> Self {
        Self { netid, is_disabled: false, is_doubtful: false }
    }

    /// Changes it; none: the server is gone.
    pub(super) async fn step(
        &mut self,
        person: &mut Person,
        round: &Round,
        journal: &mut Journal,
    ) -> Option<()> {
        let to = !self.is_disabled;
        let own = person.local_password();
        let word = |yes: bool| if yes { "true" } else { "false" };
        let fields = [
            ("netid", self.netid),
            ("role", "staff"),
            ("was_role", "staff"),
            ("privileged", "true"),
            ("was_privileged", "true"),
            ("disabled", word(to)),
            ("was_disabled", word(self.is_disabled)),
            ("own_password", own.as_str()),
        ];
        let answer = person.post(round, "/fn/change_account", &fields).await;
        let outcome = Outcome::of(answer.as_ref());
        let mark = if to { "yes" } else { "no" };
        journal.note("user.disabled", mark.to_owned(), outcome);
        match outcome {
            Outcome::Done => (self.is_disabled, self.is_doubtful) = (to, false),
            // The change that was not known had been done: the form is one from before it.
            Outcome::Refused => {
                assert!(self.is_doubtful, "a change of {} is refused: {answer:?}", self.netid);
                (self.is_disabled, self.is_doubtful) = (to, false);
            }
            Outcome::Unknown => self.is_doubtful = true,
        }
        answer.map(drop)
    }
}

/// What `latchkey user show --json` prints is what the last of these rows says.
///
/// # Panics
/// It is not.
pub(super) fn assert_as_audited(show: &str, rows: &[&Row]) {
    let shown: Value = serde_json::from_str(show).unwrap();
    let last = rows.iter().rev().find(|row| row.action == "user.disabled");
    let audited = last.is_some_and(|row| row.detail == "yes");
    assert_eq!(shown["user"]["disabled"], Value::Bool(audited), "{last:?}: {shown}");
}
