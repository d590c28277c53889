//! Tokens that are brought from Request Tracker with so few days left that a threshold is behind
//! them: it is told at once, where others come near it by and by. They are read of the row that
//! says who brought them. Tests: below, and `desk/tests/desk/notices/brought.rs`.

use crate::engine::notices::beginning::MAX_AGE_DAYS;
use crate::engine::notices::making::Maker;
use crate::store::notices::NewNotice;
use crate::store::rows::key;
use crate::{AuditRow, NetId, Refusal};

impl Maker {
    /// What the owner of tokens that a row says were brought is told of those that end soon.
    pub(super) async fn of_brought(&self, row: &AuditRow) -> Result<Vec<NewNotice>, Refusal> {
        let now = self.settings.clock.now();
        let Ok(owner) = NetId::parse(&row.subject) else { return Ok(Vec::new()) };
        if row.at.plus_days(MAX_AGE_DAYS) < now {
            return Ok(Vec::new());
        }
        let tokens = self.store.live_tokens_of(&[owner.to_string()], now).await?;
        let brought = tokens
            .into_iter()
            .filter(|token| token.rt_user.is_some() && is_named(&row.detail, &key(&token.id)));
        let new = brought.flat_map(|token| self.of_token(owner.as_str(), &token.view(now), now));
        Ok(new.collect())
    }
}

/// Whether a row's detail names the token with this id: `2 tokens: 3c9718de5e32a4d8, …`. Of very
/// many the first are named and the others counted: there it may be any.
fn is_named(detail: &str, id: &str) -> bool {
    let names = detail.split_once(": ").map_or("", |(_, names)| names);
    names.contains(" and ")
        || names.split(", ").any(|short| !short.is_empty() && id.starts_with(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_its_tokens_or_of_very_many_the_first() {
        let id = "3c9718de5e32a4d8".repeat(4);
        for (detail, expected) in [
            ("1 token: 3c9718de5e32a4d8", true),
            ("2 tokens: aaaaaaaaaaaaaaaa, 3c9718de5e32a4d8", true),
            ("2 tokens: aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb", false),
            ("21 tokens: aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb and 1 more", true),
            ("1 token: ", false),
            ("", false),
        ] {
            assert_eq!(is_named(detail, &id), expected, "{detail}");
        }
    }
}
