//! Tokens that are brought from Request Tracker with so few days left that a threshold is behind
//! them: it is told at once, where others come near it by and by. They are read of the row that
//! says who brought them. Tests: below, and `desk/tests/desk/notices/brought.rs`.

use crate::engine::notices::beginning::MAX_AGE_DAYS;
use crate::engine::notices::making::Maker;
use crate::store::notices::NewNotice;
use crate::{AuditRow, NetId, Refusal, TokenId};

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
            .filter(|token| token.rt_user.is_some())
            .map(|token| token.view(now))
            .filter(|token| is_named(&row.detail, &token.id));
        Ok(brought.flat_map(|token| self.of_token(owner.as_str(), &token, now)).collect())
    }
}

/// Whether a row's detail names the token with this id: `2 tokens: 3c9718de5e32a4d8 backup, …`.
/// What a token is for may name another's id too: of that one too nothing is told twice.
fn is_named(detail: &str, id: &TokenId) -> bool {
    detail.contains(id.short())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_its_tokens() {
        let id = TokenId::of("3c9718de5e32a4d8".repeat(4));
        for (detail, expected) in [
            ("3c9718de5e32a4d8 backup", true),
            ("2 tokens: aaaaaaaaaaaaaaaa a: b, c, 3c9718de5e32a4d8 cron", true),
            ("2 tokens: aaaaaaaaaaaaaaaa a, bbbbbbbbbbbbbbbb b", false),
            ("", false),
        ] {
            assert_eq!(is_named(detail, &id), expected, "{detail}");
        }
    }
}
