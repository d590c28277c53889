//! Forms that were sent: each is done once. Who asks whether one was, and writes down that it was:
//! [`crate::engine::authz::sender`].

use crate::engine::secret::sha256_hex;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;
use crate::{Moment, NetId};

/// A form as one person sends it: another's of the same key is another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SentForm(String);

impl SentForm {
    /// By whom, and by which key.
    pub(crate) fn of(netid: &NetId, key: &str) -> Self {
        Self(sha256_hex(format!("{netid} {key}").as_bytes()))
    }

    /// What stands before whatever the form does: it was not done before
    /// ([`StoreError::SentAlready`]), and is now, in the same transaction.
    pub(crate) fn once(&self, now: Moment) -> Change {
        Change::new(
            "IF record::exists(type::record('form', $form)) { THROW 'sent-already' };
             CREATE type::record('form', $form) CONTENT { at: $at }",
            vars! { "form" => self.0.clone(), "at" => now.0 },
        )
    }
}

impl Store {
    /// Whether what it asks for was done.
    pub(crate) async fn was_sent(&self, form: &SentForm) -> Result<bool, StoreError> {
        let sql = "SELECT VALUE at FROM type::record('form', $form)";
        Ok(self.row::<i64>(sql, vars! { "form" => form.0.clone() }).await?.is_some())
    }
}
