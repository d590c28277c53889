//! What a question for the audit names that there is not, and what comes nearest to it: nothing
//! found is then not taken for nothing done. Tests: below, and
//! `server/tests/server/people/audit_page.rs`.

use crate::engine::audit::reading::day;
use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::{Actor, AuditAction, AuditPage, AuditQuery, AuditRow, NetId, Outcome, Refusal, Source};

/// How alike two words are (Jaro-Winkler) of which one may be meant by the other.
const ALIKE: f64 = 0.75;

/// How many NetIDs that begin alike are compared.
const COMPARED: u32 = 50;

/// The most letters that NetIDs are looked for by.
const BEGINNING: usize = 20;

/// What of the audit is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterField {
    /// Who acted.
    Actor,
    /// Who was acted upon.
    Subject,
    /// What was done.
    Action,
    /// How it ended.
    Outcome,
    /// The first or the last day: what was typed is no date.
    Day,
    /// Days that begin after they end.
    Days,
}

/// Something that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// As what it is asked for.
    pub what: FilterField,
    /// What was typed, however long it is.
    pub typed: String,
    /// What there is and comes nearest; none: nothing is near.
    pub nearest: Option<String>,
}

impl Desk {
    /// What a question that has found this names that there is not.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn audit_slips(
        &self,
        _: &Permit<right::ReadAudit>,
        query: &AuditQuery,
        found: &AuditPage,
    ) -> Result<Vec<Slip>, Refusal> {
        let mut slips = of_days(query);
        // Whatever has rows there is: another version's action, somebody nobody knows. But that
        // older rows were removed is said in a line that is none, and to ask for somebody whom
        // there is not has just left a row of them.
        let tells = |row: &AuditRow| !row.id.is_empty() && !row.action.is(AuditAction::AuditRead);
        if found.rows.iter().any(tells) {
            return Ok(slips);
        }
        slips.extend(of_action(query.action.trim()));
        slips.extend(of_outcome(query.outcome.trim()));
        slips.extend(self.of_actor(query.actor.trim()).await?);
        slips.extend(self.of_subject(query.subject.trim()).await?);
        Ok(slips)
    }

    async fn of_actor(&self, typed: &str) -> Result<Option<Slip>, Refusal> {
        let person = NetId::parse(typed).ok();
        let is_there = match (&person, Actor::from(typed.to_owned())) {
            (Some(netid), _) => self.inner.store.user(netid).await?.is_some(),
            (None, actor) => !matches!(actor, Actor::Other(_)),
        };
        if is_there {
            return Ok(None);
        }
        let people = self.netids_near(typed).await?.into_iter().map(|netid| (netid.clone(), netid));
        let nearest = nearest(typed, programs().chain(people));
        Ok(Some(Slip { what: FilterField::Actor, typed: typed.to_owned(), nearest }))
    }

    async fn of_subject(&self, typed: &str) -> Result<Option<Slip>, Refusal> {
        let is_there = match NetId::parse(typed) {
            Ok(netid) => self.inner.store.user(&netid).await?.is_some(),
            Err(_) => typed.is_empty(),
        };
        if is_there {
            return Ok(None);
        }
        let people = self.netids_near(typed).await?;
        let nearest = nearest(typed, people.into_iter().map(|netid| (netid.clone(), netid)));
        Ok(Some(Slip { what: FilterField::Subject, typed: typed.to_owned(), nearest }))
    }

    /// NetIDs with the longest beginning in common that any has.
    async fn netids_near(&self, typed: &str) -> Result<Vec<String>, Refusal> {
        let letters: Vec<char> = typed.to_lowercase().chars().take(BEGINNING).collect();
        for many in (1..=letters.len()).rev() {
            let start: String = letters.iter().take(many).collect();
            let found = self.inner.store.netids_beginning(&start, COMPARED).await?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }
}

fn of_days(query: &AuditQuery) -> Vec<Slip> {
    let typed = [query.from.trim(), query.to.trim()].map(|text| (text, day(text)));
    if let [(_, Some(from)), (to, Some(until))] = typed
        && from > until
    {
        return vec![Slip { what: FilterField::Days, typed: to.to_owned(), nearest: None }];
    }
    let unreadable = |(text, day): &(&str, Option<_>)| !text.is_empty() && day.is_none();
    let slip = |(text, _): (&str, _)| Slip {
        what: FilterField::Day,
        typed: text.to_owned(),
        nearest: None,
    };
    typed.into_iter().filter(unreadable).map(slip).collect()
}

fn of_action(typed: &str) -> Option<Slip> {
    if typed.is_empty() || !AuditAction::all_called(typed).is_empty() {
        return None;
    }
    let called = AuditAction::ALL.iter().flat_map(|action| {
        let code = action.code();
        let area = code.split('.').next().unwrap_or_default();
        let words = Outcome::ALL.map(|outcome| (action.words(outcome).to_owned(), code.to_owned()));
        [(code.to_owned(), code.to_owned()), (area.to_owned(), area.to_owned())]
            .into_iter()
            .chain(words)
    });
    let nearest = nearest(typed, called);
    Some(Slip { what: FilterField::Action, typed: typed.to_owned(), nearest })
}

fn of_outcome(typed: &str) -> Option<Slip> {
    let codes = Outcome::ALL.map(Outcome::code);
    if typed.is_empty() || codes.contains(&typed) {
        return None;
    }
    let nearest = nearest(typed, codes.into_iter().map(|code| (code.to_owned(), code.to_owned())));
    Some(Slip { what: FilterField::Outcome, typed: typed.to_owned(), nearest })
}

/// What programs that act are called, and their codes.
fn programs() -> impl Iterator<Item = (String, String)> {
    [Actor::Console, Actor::Desk, Actor::Token, Actor::LeakReport]
        .into_iter()
        .chain(Source::ACTING.map(Actor::Source))
        .flat_map(|actor| [(actor.code(), actor.code()), (actor.words(), actor.code())])
}

/// Of names with what they stand for, what the nearest one does.
fn nearest(typed: &str, known: impl IntoIterator<Item = (String, String)>) -> Option<String> {
    let bare = |text: &str| text.trim_matches(['(', ')']).to_lowercase();
    let typed = bare(typed);
    known
        .into_iter()
        .map(|(name, stands_for)| (strsim::jaro_winkler(&typed, &bare(&name)), stands_for))
        .filter(|(alike, _)| *alike >= ALIKE)
        // Of several that are as near the first.
        .reduce(|best, other| if other.0 > best.0 { other } else { best })
        .map(|(_, stands_for)| stands_for)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(typed: &str) -> Option<String> {
        of_action(typed).expect("a slip").nearest
    }

    #[test]
    fn the_nearest_action_is_offered_whether_its_code_or_its_words_are_meant() {
        for (typed, near) in [
            ("tokn.create", "token.create"),
            ("login", "log-in"),
            ("tokens", "token"),
            ("password.changed", "password.change"),
            ("Tokens created", "token.create"),
            ("logged out of", "log-out"),
        ] {
            assert_eq!(action(typed).as_deref(), Some(near), "{typed}");
        }
        assert_eq!(action("xyzzy"), None);
        for there in ["", "log-in", "Logged in", "password", "password.*"] {
            assert_eq!(of_action(there), None, "{there}");
        }
    }

    #[test]
    fn programs_are_found_without_their_parentheses_and_by_their_words() {
        for (typed, near) in
            [("console", "(console)"), ("the operator", "(console)"), ("ldpa", "(ldap)")]
        {
            assert_eq!(nearest(typed, programs()).as_deref(), Some(near), "{typed}");
        }
    }

    #[test]
    fn days_that_are_none_or_the_wrong_way_round_are_said() {
        let slips_of = |from: &str, to: &str| {
            let query =
                AuditQuery { from: from.to_owned(), to: to.to_owned(), ..AuditQuery::default() };
            of_days(&query).into_iter().map(|slip| (slip.what, slip.typed)).collect::<Vec<_>>()
        };
        assert_eq!(slips_of("", ""), []);
        assert_eq!(slips_of("2026-11-24", "2026-11-24"), []);
        assert_eq!(
            slips_of("24.11.2026", "2026-13-01"),
            [
                (FilterField::Day, "24.11.2026".to_owned()),
                (FilterField::Day, "2026-13-01".to_owned())
            ]
        );
        assert_eq!(
            slips_of("2026-11-25", "2026-11-24"),
            [(FilterField::Days, "2026-11-24".to_owned())]
        );
    }

    #[test]
    fn an_outcome_that_there_is_not_is_no_error_of_the_address_alone() {
        assert_eq!(of_outcome("refused"), None);
        let slip = of_outcome("refuse").expect("a slip");
        assert_eq!(slip.nearest.as_deref(), Some("refused"));
    }
}
