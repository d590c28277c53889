//! What the store notes about itself.

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

impl Store {
    /// Notes that it could be written at this moment: how a store that could not be is tried again.
    pub(super) async fn note_written(&self, now: Moment) -> Result<(), StoreError> {
        self.note("UPSERT meta:written SET at = $at", vars! { "at" => now.0 }).await
    }
}
