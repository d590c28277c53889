//! What the store notes about itself.

use crate::Moment;
use crate::engine::secret::Secret;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

impl Store {
    /// Notes that it could be written at this moment: how a store that could not be is tried again.
    pub(super) async fn note_written(&self, now: Moment) -> Result<(), StoreError> {
        self.note("UPSERT meta:written SET at = $at", vars! { "at" => now.0 }).await
    }

    /// The time that what is deleted for good goes by; none: it was never noted.
    pub(crate) async fn reckoned(&self) -> Result<Option<Moment>, StoreError> {
        let at: Option<i64> = self.row("SELECT VALUE at FROM meta:reckoned", vars! {}).await?;
        Ok(at.map(Moment))
    }

    pub(crate) async fn note_reckoned(&self, at: Moment) -> Result<(), StoreError> {
        self.note("UPSERT meta:reckoned SET at = $at RETURN NONE", vars! { "at" => at.0 }).await
    }

    /// Whether what answers is a store of Latchkey's: a server may have come back without it.
    pub(crate) async fn has_schema(&self) -> Result<bool, StoreError> {
        let version: Option<Option<i64>> =
            self.row("SELECT VALUE version FROM meta:schema", vars! {}).await?;
        Ok(version.flatten().is_some())
    }

    /// The key of every node that shares the store by which browsers are marked and networks are
    /// counted; `new` where there is none yet.
    pub(crate) async fn sources_key(&self, new: &str) -> Result<Secret, StoreError> {
        let (read, no_key) = ("SELECT VALUE secret FROM meta:sources", StoreError::Broken("meta"));
        let known: Option<Option<String>> = self.row(read, vars! {}).await?;
        if let Some(key) = known.flatten() {
            return Ok(Secret::new(key));
        }
        self.note(
            "UPSERT meta:sources SET secret = secret ?? $new",
            vars! { "new" => new.to_owned() },
        )
        .await?;
        let known: Option<Option<String>> = self.row(read, vars! {}).await?;
        known.flatten().map(Secret::new).ok_or(no_key)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::settings::Settings;
    use crate::engine::verify::cache::Cache;

    #[tokio::test]
    async fn a_store_that_is_not_there_any_more_is_not_ready() {
        let store = Store::open(&Settings::default(), Arc::new(Cache::new(1, false)))
            .await
            .expect("in memory");
        assert!(store.is_ready().await);
        store.note("DELETE meta:schema", vars! {}).await.expect("written");
        assert!(!store.is_ready().await, "it answers, and holds nothing");
    }
}
