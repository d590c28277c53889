//! Strings that somebody found where strangers can read them. Whoever has a token in the hand may
//! end it, so nobody has to prove who they are; what is none costs no more than verify's own
//! look-ups of strangers, and as few of them as the gate allows. Tests: `desk/tests/desk/leaks.rs`.

use std::fmt;

use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::leaks::found::{LAST_USED, REPORTED_BY};
use crate::engine::origin::Origin;
use crate::engine::request_tracker::old_string::{Presented, leading_rt_token_string};
use crate::engine::secret::TOKEN_PREFIX;
use crate::engine::tokens::named::named;
use crate::engine::verify::answer::NotFound;
use crate::engine::verify::stranger_gate::StrangerGate;
use crate::store::error::{Condition, StoreError};
use crate::store::tokens;
use crate::{Actor, AuditAction, Refusal, TokenView, is_invisible};

/// The longest address of a place that is written down, in characters.
const MAX_PLACE: usize = 300;

/// Who reports strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeakSource {
    /// GitHub's secret scanning, which has proved itself.
    GitHub,
    /// Whoever found one, and has proved nothing.
    Anybody,
}

impl LeakSource {
    /// As the audit and the owner read it.
    const fn words(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::Anybody => "somebody who found it",
        }
    }
}

/// A string that was found.
#[derive(Clone, Copy)]
pub struct LeakedString<'a> {
    /// It may be a token.
    pub text: &'a str,
    /// The address of the page on which it stands; empty: nobody says.
    pub place: &'a str,
}

/// It may be a token that works yet: nothing of it is printed.
impl fmt::Debug for LeakedString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeakedString").finish_non_exhaustive()
    }
}

/// What became of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeakOutcome {
    /// It was a token that worked, and does not any more.
    Revoked,
    /// It is a token that had ended before.
    Over,
    /// It is no token of this desk's.
    Unknown,
    /// Nobody here has heard of it, and too many such come: it was not looked up.
    NotLookedUp,
}

/// What became of the strings of a report, in their order. It is for whoever has proved who they
/// are: anybody else learns nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeakReport {
    /// As many as there were strings.
    pub outcomes: Vec<LeakOutcome>,
}

impl LeakReport {
    /// How many tokens it ended.
    #[must_use]
    pub fn revoked(&self) -> usize {
        self.outcomes.iter().filter(|outcome| **outcome == LeakOutcome::Revoked).count()
    }
}

impl Desk {
    /// Ends each of these strings that is a token and works, with a row in the audit that says who
    /// reported it and when it was last used. Each is a change of its own: those before one that
    /// cannot be done are done. An old string of Request Tracker's ends its token too, also after
    /// the day on which such strings end: the operator may put that day off.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`], [`Refusal::OutcomeNotKnown`]: to be reported again.
    pub async fn report_leaked(
        &self,
        gate: &dyn StrangerGate,
        strings: &[LeakedString<'_>],
        source: LeakSource,
        origin: &Origin,
    ) -> Result<LeakReport, Refusal> {
        let mut report = LeakReport::default();
        for leaked in strings {
            report.outcomes.push(self.end_leaked(gate, *leaked, source, origin).await?);
        }
        Ok(report)
    }

    async fn end_leaked(
        &self,
        gate: &dyn StrangerGate,
        leaked: LeakedString<'_>,
        source: LeakSource,
        origin: &Origin,
    ) -> Result<LeakOutcome, Refusal> {
        let Some(presented) = Presented::read(leaked.text) else {
            return Ok(LeakOutcome::Unknown);
        };
        let now = self.now();
        // By the same way as verify: what is nobody's is asked about once, and not at all while too
        // many such come.
        let found = self.find_presented(&presented, gate, Some(origin.address), now).await;
        let known = match found {
            Ok(Some(known)) => known,
            Ok(None) => return Ok(LeakOutcome::Unknown),
            Err(NotFound::TooMany(_)) => return Ok(LeakOutcome::NotLookedUp),
            Err(away @ NotFound::Away(_)) => return Err(away.into()),
        };
        let (id, owner) = (&known.principal.id, &known.principal.netid);
        let Some(row) = self.inner.store.token(id).await? else {
            return Ok(LeakOutcome::Unknown);
        };
        let mut tokens = [row.view(now)];
        self.inner.usage.fill_in(&mut tokens);
        let [token] = tokens;
        if !token.is_live(now) {
            return Ok(LeakOutcome::Over);
        }
        let entry = entry(Actor::LeakReport, owner.as_str(), AuditAction::TokenLeaked, origin)
            .detailed(detail(&token, leaked, source));
        let revocation = tokens::revoke(owner, &entry.actor, id, now).audited(entry);
        match self.inner.store.commit(revocation, now).await {
            Ok(()) => Ok(LeakOutcome::Revoked),
            Err(StoreError::Condition(Condition::TokenOver)) => Ok(LeakOutcome::Over),
            Err(error) => Err(error.into()),
        }
    }
}

/// Which token it was, who reported it, where it stands, and who used it last: its owner asks just
/// that.
fn detail(token: &TokenView, leaked: LeakedString<'_>, source: LeakSource) -> String {
    let used = match &token.used {
        None => "never used".to_owned(),
        Some(used) if used.address.is_empty() => format!("{LAST_USED}{}", used.at.exact()),
        Some(used) => format!("{LAST_USED}{} from {}", used.at.exact(), used.address),
    };
    let place = place(leaked.place).map(|place| format!(" at {place}")).unwrap_or_default();
    let named = named(&token.id, &token.description);
    format!("{named}: {REPORTED_BY}{}{place}; {used}", source.words())
}

/// The address of a page, where it is one that can be written down: no secret is in it, and nothing
/// that would turn a line around. Request Tracker takes a token in an address (`?token=`).
fn place(text: &str) -> Option<&str> {
    let is_page = text.starts_with("https://") || text.starts_with("http://");
    let is_plain = !text.contains(|c: char| c.is_whitespace() || is_invisible(c));
    let is_short = text.chars().count() <= MAX_PLACE;
    (is_page && is_plain && is_short && !has_secret(text)).then_some(text)
}

/// Whether a token may stand in it.
fn has_secret(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.contains(TOKEN_PREFIX)
        || (0..bytes.len()).any(|at| leading_rt_token_string(&bytes[at..]).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::leaks::found::FoundLeak;
    use crate::{Access, Moment, TokenId, Used};

    #[test]
    fn a_place_is_the_address_of_a_page_without_a_secret() {
        let good = "https://github.com/octocat/hello/blob/1234/a.txt";
        assert_eq!(place(good), Some(good));
        let long = format!("https://example.edu/{}", "x".repeat(MAX_PLACE));
        for bad in [
            "",
            "some_url",
            "javascript:alert(1)",
            "https://example.edu/a b",
            "https://example.edu/\u{202e}",
            "https://example.edu/latchkey_x",
            "https://rt.example.edu/REST/2.0/rt?token=1-14-ac7938d40cfc2307e2bf325d28e7884e&a=b",
            &long,
        ] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_owner_reads_who_reported_it_and_who_used_it_last() {
        let mut token = TokenView::made(
            TokenId::sample(),
            "Ticket sync".to_owned(),
            Access::Full,
            Moment(1_795_511_101_234),
        );
        let leaked = LeakedString { text: "latchkey_secret", place: "https://example.edu/a" };
        let never = detail(&token, leaked, LeakSource::GitHub);
        let expected = "0000000000000000 Ticket sync: reported by GitHub at https://example.edu/a; \
            never used";
        assert_eq!(never, expected);
        let of = "0000000000000000 Ticket sync";
        let expected = FoundLeak { of, by: "GitHub", place: "https://example.edu/a", used: "" };
        assert_eq!(FoundLeak::read(&never), Some(expected));
        let at = Moment(1_795_511_101_234);
        token.used = Some(Used { at, address: "192.0.2.7".to_owned() });
        let leaked = LeakedString { place: "", ..leaked };
        let last = detail(&token, leaked, LeakSource::Anybody);
        assert_eq!(
            last,
            "0000000000000000 Ticket sync: reported by somebody who found it; last used 24 Nov \
             2026, 09:05 UTC from 192.0.2.7"
        );
        let used = "24 Nov 2026, 09:05 UTC from 192.0.2.7";
        let expected = FoundLeak { of, by: "somebody who found it", place: "", used };
        assert_eq!(FoundLeak::read(&last), Some(expected));
        assert_eq!(format!("{leaked:?}"), "LeakedString { .. }");
    }
}
