//! Tokens from Request Tracker that work and whose string nobody has presented here yet: some
//! people's after others', for the operator, each with the end that is shown of it. Tests:
//! `desk/tests/desk/request_tracker/lists.rs`, and
//! `server/tests/server/command_line/request_tracker/moving.rs`.

use crate::engine::doors::Console;
use crate::engine::tokens::everybody::{FoundToken, FoundTokens};
use crate::{NetId, Refusal, TokenView};

/// How many people are asked about at a time.
const PEOPLE: u32 = 500;

impl Console {
    /// Those of the next people after `after` (as [`FoundTokens::next`] said; empty: of the first).
    /// [`Console::begin_finding_tokens`] comes first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn rt_not_moved(&self, after: &str) -> Result<FoundTokens, Refusal> {
        let store = &self.inner.store;
        let owners: Vec<String> =
            store.owners_after(after, PEOPLE).await?.into_iter().map(|owner| owner.netid).collect();
        let is_last = owners.len() < PEOPLE as usize;
        let now = self.now();
        let rows = store.not_moved_of(&owners, now).await?;
        let (of, mut views): (Vec<String>, Vec<TokenView>) =
            rows.into_iter().map(|row| (row.owner.clone(), row.view(now))).unzip();
        self.end_with_strings(&mut views);
        self.inner.usage.fill_in(&mut views);
        let found = |(owner, token): (String, TokenView)| {
            let owner = NetId::parse(&owner).ok()?;
            Some(FoundToken { owner, token, reasons: Vec::new() })
        };
        let mut tokens: Vec<FoundToken> = of.into_iter().zip(views).filter_map(found).collect();
        tokens.sort_by(|one, other| {
            let key = |found: &FoundToken| found.token.created;
            one.owner
                .cmp(&other.owner)
                .then_with(|| key(one).cmp(&key(other)))
                .then_with(|| one.token.id.cmp(&other.token.id))
        });
        Ok(FoundTokens { tokens, next: owners.into_iter().next_back().filter(|_| !is_last) })
    }
}
