//! What verify reads of the store: a token's row, and its owner's; for all that are asked for at
//! once by one question ([`super::lookups`]).

use std::collections::HashMap;
use std::time::Instant;

use tracing::Instrument as _;

use crate::engine::spans;
use crate::engine::verify::timeout::VERIFY_TIMEOUT;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::lookups::{Reader, TokenWithOwner};
use crate::store::rows::{TokenRecord, User, UserRecord, key, records};
use crate::store::vars::vars;

impl Store {
    /// The token's row and its owner's, as they are after this was asked.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub(crate) async fn token_with_owner(
        &self,
        id: &str,
    ) -> Result<Option<TokenWithOwner>, StoreError> {
        let (reply, start) = self.lookups.push(id);
        if start {
            let store = self.clone();
            // A task of its own: whoever asked may go away, and others are answered with them.
            tokio::spawn(async move { store.read_waiting().await });
        }
        reply.instrument(spans::look_up()).await.unwrap_or(Err(StoreError::Silent))
    }

    async fn read_waiting(&self) {
        let mut reader = Reader { lookups: &self.lookups, is_over: false };
        while let Some(batch) = self.lookups.next() {
            let ids: Vec<&str> = batch.keys().map(String::as_str).collect();
            let mut read = self.tokens_with_owners(&ids).await;
            // One row that cannot be read is in nobody else's way.
            let mut by_itself =
                ids.len() > 1 && read.as_ref().is_err_and(|why| !why.is_of_the_connection());
            for (id, askers) in batch {
                if by_itself {
                    read = self.tokens_with_owners(&[&id]).await;
                    by_itself = !read.as_ref().is_err_and(StoreError::is_of_the_connection);
                }
                for tell in askers {
                    let reply = match &mut read {
                        Ok(read) => Ok(read.get(&id).cloned()),
                        Err(why) => Err(std::mem::replace(why, StoreError::Silent)),
                    };
                    // They may have gone: nobody waits for it then.
                    let _ = tell.send(reply);
                }
            }
        }
        reader.is_over = true;
    }

    /// Those of these tokens that there are, by their ids.
    async fn tokens_with_owners(
        &self,
        ids: &[&str],
    ) -> Result<HashMap<String, TokenWithOwner>, StoreError> {
        // Nobody's, too, costs the look-up of an owner: of one whom there is not.
        let sql = "LET $tokens = (SELECT * FROM $ids);
            RETURN $tokens;
            SELECT * FROM array::union($tokens.owner, ['0']).map(|$netid| type::record('user', \
            $netid))";
        let deadline = Instant::now() + VERIFY_TIMEOUT;
        let answer =
            self.ask_until(sql, vars! { "ids" => records("token", ids) }, deadline).await?.check();
        let mut answer = self.counted(answer.map_err(StoreError::from))?;
        let tokens: Vec<TokenRecord> = answer.take(1)?;
        let owners: Vec<UserRecord> = answer.take(2)?;
        let owners: HashMap<String, User> = owners
            .into_iter()
            .filter_map(|row| Some((key(&row.id), User::try_from(row).ok()?)))
            .collect();
        let with_owner = |token: TokenRecord| {
            let owner = owners.get(&token.owner)?.clone();
            Some((key(&token.id), (token, owner)))
        };
        Ok(tokens.into_iter().filter_map(with_owner).collect())
    }
}
