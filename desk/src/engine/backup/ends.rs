//! Whether a backup reaches as far as it says: of each chain of the audit it names the end, and
//! what was written with that end is in its pairs. Nothing is known of how SurrealDB writes its
//! pairs, but that a text stands in them as it is. Tests: below, `verifying.rs`.

use std::collections::BTreeMap;

use crate::engine::backup::header::BackupHeader;

/// How many digits a hash has.
const HASH: usize = 64;

/// The ends that have not been come to yet: by their hashes, with what is missing then.
pub(crate) struct Ends(BTreeMap<Vec<u8>, String>);

impl Ends {
    /// Those that a backup says it has.
    pub(crate) fn of(header: &BackupHeader) -> Self {
        let written = header.chains.iter().filter(|point| point.seq > 0);
        let end = |point: &crate::ChainPoint| {
            let row = format!("row {} of the audit of node {}", point.seq, point.node);
            (point.hash.clone().into_bytes(), row)
        };
        Self(written.map(end).collect())
    }

    /// Looks at a value: at each piece of as many digits as a hash has.
    pub(crate) fn look_in(&mut self, value: &[u8]) {
        if self.0.is_empty() {
            return;
        }
        let mut digits = 0;
        for (at, byte) in value.iter().enumerate() {
            digits = if matches!(byte, b'0'..=b'9' | b'a'..=b'f') { digits + 1 } else { 0 };
            if digits >= HASH {
                self.0.remove(&value[at + 1 - HASH..=at]);
            }
        }
    }

    /// What is missing of it, once all values were looked at.
    pub(crate) fn missing(self) -> Option<String> {
        let missing: Vec<String> = self.0.into_values().collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::backup::header::tests::header;

    #[test]
    fn an_end_is_found_in_any_value_and_one_that_is_not_there_is_named() {
        let hash = header().chains[0].hash.clone();
        let after = |values: &[&str]| {
            let mut ends = Ends::of(&header());
            for value in values {
                ends.look_in(value.as_bytes());
            }
            ends.missing()
        };
        assert_eq!(after(&["other", &format!("..{hash}..")]), None);
        assert_eq!(after(&[&format!("00{hash}ff")]), None, "whatever is beside it");
        let missing = Some("row 7 of the audit of node main".to_owned());
        assert_eq!(after(&[&hash[1..], &"0".repeat(80)]), missing);
        let mut none = header();
        none.chains[0].seq = 0;
        assert_eq!(Ends::of(&none).missing(), None, "a chain without a row");
    }
}
