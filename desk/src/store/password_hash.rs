//! The hash of a password, as it comes from the store and goes there.

use std::fmt;

use surrealdb::types::SurrealValue;

/// The hash of a password. Its Debug prints nothing of it: whoever has it can guess without being
/// delayed.
#[derive(Clone, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    /// Takes what was computed.
    pub(crate) fn new(hash: String) -> Self {
        Self(hash)
    }

    /// The hash itself. Keep it out of logs and errors.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::change::AuditEntry;
    use crate::store::demo::{DemoPassword, load_demo};
    use crate::store::import::{ImportRow, import};
    use crate::store::passwords::{
        NewLocalPassword, only_by_netid_password, renew_local_hash, set_local,
    };
    use crate::{Moment, NetId};

    const HASH: &str = "$argon2id$v=19$of-somebody";

    #[test]
    fn nothing_secret_shows_in_debug() {
        let hash = || PasswordHash::new(HASH.to_owned());
        let tia = NetId::parse("tia").expect("a NetID");
        let row = ImportRow {
            netid: "tia".to_owned(),
            name: String::new(),
            email: String::new(),
            terms: Vec::new(),
            role: String::new(),
            privileged: true,
            disabled: false,
            decides: false,
            privilege_changes: false,
            counts_up: false,
            netid_hash: Some(hash()),
            netid_hash_was: Some(hash()),
        };
        let demo = DemoPassword { netid: "tia".to_owned(), hash: hash(), name: "Tia".to_owned() };
        let local = || NewLocalPassword {
            hash: hash(),
            initial: false,
            set_at: Moment(0),
            set_by: String::new(),
            lapses_at: None,
        };
        let rows = format!("{:?} {row:?} {demo:?} {:?}", hash(), local());
        assert!(!rows.contains("argon2id") && rows.contains("PasswordHash"), "{rows}");
        let change = import(vec![row], Moment(0))
            .with(load_demo(vec![demo], Moment(0)))
            .with(set_local(&tia, local()))
            .with(renew_local_hash(&tia, HASH, HASH.to_owned()))
            .with(only_by_netid_password(&tia, HASH, HASH.to_owned()))
            .audited(AuditEntry::sample());
        let change = format!("{change:?}");
        assert!(!change.contains("argon2id"), "{change}");
        assert!(change.contains("UserRole"), "what it does is to be seen: {change}");
    }
}
