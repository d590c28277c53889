//! From which networks somebody's tokens were used, and their word that a new one is theirs. How a
//! token learns them: `engine/verify/learning.rs`. Tests: `desk/tests/desk/networks_used.rs`.

use std::collections::HashMap;

use crate::engine::audit::entry::own_entry;
use crate::engine::desk::Desk;
use crate::engine::events::Event;
use crate::engine::origin::Origin;
use crate::engine::sessions::visitor::Visitor;
use crate::engine::tokens::shared::named;
use crate::store::error::{Condition, StoreError};
use crate::store::token_networks::{self, KnownNetwork};
use crate::{AuditAction, Refusal, TokenId, TokenView, UsedNetwork};

/// How often networks are read again of which another was learned meanwhile.
const MAX_RACES: u32 = 20;

impl Desk {
    /// Fills in from which networks each of these tokens was used, the latest first.
    pub(crate) async fn fill_in_networks(&self, tokens: &mut [TokenView]) -> Result<(), Refusal> {
        let ids: Vec<String> = tokens.iter().map(|token| token.id.to_string()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut known: HashMap<String, Vec<KnownNetwork>> = self
            .inner
            .store
            .token_networks(ids)
            .await?
            .into_iter()
            .map(|networks| (networks.id, networks.known))
            .collect();
        for token in tokens {
            let known = known.remove(token.id.as_str()).unwrap_or_default();
            let mut used: Vec<UsedNetwork> = known.into_iter().map(KnownNetwork::view).collect();
            used.sort_by(|one, other| {
                let key = |used: &UsedNetwork| std::cmp::Reverse((used.last, used.first));
                key(one).cmp(&key(other)).then_with(|| one.network.cmp(&other.network))
            });
            token.networks_used = used;
        }
        Ok(())
    }

    /// Notes that it was the visitor who used one of their tokens from this network. It gives
    /// nobody anything, so no password is asked for. False: it is no news any more, and nothing was
    /// noted.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`] where it is not theirs, [`Refusal::SessionEnded`],
    /// [`Refusal::SentAlready`], [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn recognise_network(
        &self,
        visitor: &Visitor,
        id: &str,
        network: &str,
        origin: &Origin,
    ) -> Result<bool, Refusal> {
        let id = TokenId::parse(id)?;
        let token = self.owned(visitor.netid(), &id).await?;
        let store = &self.inner.store;
        for _ in 0..MAX_RACES {
            let mut read = store.token_networks(vec![id.to_string()]).await?;
            let news = read
                .iter_mut()
                .flat_map(|networks| &mut networks.known)
                .find(|known| known.network == network && !known.answered);
            let Some(news) = news else { return Ok(false) };
            news.answered = true;
            let detail = format!("{}: {}", named(&id, &token.description), news.network);
            let entry = own_entry(visitor.netid(), AuditAction::TokenNetworkKnown, origin);
            let change = visitor.premised(self.now()).with(token_networks::write(read));
            match store.commit(change.audited(entry.detailed(detail)), self.now()).await {
                // Another was learned meanwhile.
                Err(StoreError::Condition(Condition::Stale)) => {}
                outcome => {
                    outcome?;
                    self.inner.events.tell(Event::Tokens(visitor.netid().to_string()));
                    return Ok(true);
                }
            }
        }
        Err(Refusal::ChangedMeanwhile)
    }
}
