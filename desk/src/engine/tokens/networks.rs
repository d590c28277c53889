//! From which networks somebody's tokens were used, and their word that a new one is theirs. How a
//! token learns them: `engine/verify/learning.rs`. Tests: `desk/tests/desk/networks_used.rs`.

use std::collections::HashMap;

use crate::engine::audit::entry::own_entry;
use crate::engine::desk::Desk;
use crate::engine::events::Event;
use crate::engine::origin::Origin;
use crate::engine::sessions::visitor::Visitor;
use crate::engine::tokens::named::named;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuditQuery;
    use crate::engine::desk_for_tests::{demo_desk, permit_of_tia, token_of_tia};
    use crate::engine::verify::cached_token::CachedToken;
    use crate::engine::verify::learning::{Use, learn};
    use crate::engine::verify::noted::Noted;
    use crate::store::change::AuditEntry;
    use crate::store::tokens;

    /// What a node remembers of it.
    async fn read(desk: &Desk, id: &TokenId) -> CachedToken {
        let (row, owner) =
            desk.inner.store.token_with_owner(id.as_str()).await.expect("read").expect("there");
        CachedToken::new(row, owner, None)
    }

    fn used<'a>(known: &'a CachedToken, desk: &Desk, address: &str) -> Use<'a> {
        Use { known, noted: Noted::new(desk.now(), address.parse().ok(), false) }
    }

    /// Two nodes on one store, each of which has read it while the other had not written.
    #[tokio::test]
    async fn of_two_that_learn_at_once_one_tells() {
        let (desk, clock) = demo_desk().await;
        let store = &desk.inner.store;
        let id = token_of_tia(&desk).await;
        let (here, there) = (read(&desk, &id).await, read(&desk, &id).await);
        learn(store, &[used(&here, &desk, "192.0.2.1")], desk.now(), 9).await.expect("learned");
        for n in 0..20 {
            clock.advance(8 * 86_400);
            let address = format!("10.0.{n}.1");
            let both = [[used(&here, &desk, &address)], [used(&there, &desk, &address)]];
            let [one, other] = &both;
            let (one, other) =
                tokio::join!(learn(store, one, desk.now(), 9), learn(store, other, desk.now(), 9));
            one.and(other).expect("learned");
        }
        let action = AuditAction::TokenNewNetwork.code().to_owned();
        let query = AuditQuery { action, ..AuditQuery::default() };
        let rows = desk.console().audit(&query).await.expect("rows").rows;
        assert_eq!(rows.len(), 20);
        let read = store.token_networks(vec![id.to_string()]).await.expect("read");
        assert_eq!(read.iter().map(|read| read.known.len()).collect::<Vec<_>>(), [21]);
    }

    #[tokio::test]
    async fn what_is_known_goes_with_its_token_and_does_not_come_back() {
        let (desk, clock) = demo_desk().await;
        let store = &desk.inner.store;
        let id = token_of_tia(&desk).await;
        let known = read(&desk, &id).await;
        learn(store, &[used(&known, &desk, "192.0.2.1")], desk.now(), 9).await.expect("learned");
        let is_kept =
            async || !store.token_networks(vec![id.to_string()]).await.expect("read").is_empty();
        assert!(is_kept().await);
        desk.revoke_token(&permit_of_tia(&desk).await, id.as_str()).await.expect("revoked");
        clock.advance(91 * 86_400);
        let cleaning = tokens::clean_up(&[&id], desk.now()).audited(AuditEntry::sample());
        store.commit(cleaning, desk.now()).await.expect("cleaned up");
        assert!(!is_kept().await);
        learn(store, &[used(&known, &desk, "192.0.2.1")], desk.now(), 9).await.expect("left out");
        assert!(!is_kept().await, "a use that was noted before it went");
    }
}
