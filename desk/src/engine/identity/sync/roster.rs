//! Whom the directory has. Tests: `desk/tests/desk/directory/sync.rs`.

use std::collections::HashMap;

use crate::NetId;
use crate::engine::secret::short_hash;

/// How many lines about what is wrong in the directory.
const MAX_FAULTS: usize = 100;

/// How often the directory has a NetID.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occurrence {
    /// Once: it is known who that is.
    Once,
    /// More often, or in an entry that cannot be told apart: they are there, and are left as they
    /// are.
    Ambiguous,
}

/// Whom the directory has. Sixteen bytes a person, not a name: a million people fit where a list
/// would not.
#[derive(Default)]
pub(crate) struct Roster {
    seen: HashMap<[u8; 16], Occurrence>,
    faults: Vec<String>,
    others: u64,
}

impl Roster {
    fn key(netid: &NetId) -> [u8; 16] {
        short_hash(netid.as_str())
    }

    /// Somebody whom the directory has, by the NetID as it says it.
    pub(crate) fn add(&mut self, name: &str) {
        match NetId::parse(name) {
            Ok(netid) => match self.seen.insert(Self::key(&netid), Occurrence::Once) {
                None => {}
                Some(before) => {
                    self.seen.insert(Self::key(&netid), Occurrence::Ambiguous);
                    if before == Occurrence::Once {
                        self.fault(format!(
                            "two people have the NetID {netid}: both are left as they are"
                        ));
                    }
                }
            },
            Err(_) => {
                // Several in one entry: it is not known which, and each of them is there.
                let several = name
                    .split(',')
                    .filter(|_| name.contains(','))
                    .filter_map(|part| NetId::parse(part).ok());
                several.for_each(|netid| {
                    _ = self.seen.insert(Self::key(&netid), Occurrence::Ambiguous);
                });
                self.fault(format!(
                    "“{}” is no NetID: that person is left as they are",
                    name.escape_debug().take(80).collect::<String>()
                ));
            }
        }
    }

    /// Somebody who has come since the NetIDs were read: not looked at this time, and not gone.
    pub(crate) fn add_late(&mut self, name: &str) {
        if let Ok(netid) = NetId::parse(name) {
            self.seen.entry(Self::key(&netid)).or_insert(Occurrence::Ambiguous);
        }
    }

    fn fault(&mut self, what: String) {
        if self.faults.len() < MAX_FAULTS { self.faults.push(what) } else { self.others += 1 }
    }

    pub(crate) fn has(&self, netid: &NetId) -> Option<Occurrence> {
        self.seen.get(&Self::key(netid)).copied()
    }

    /// How many NetIDs there are.
    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }

    /// What is wrong in the directory, in at most so many lines and one.
    pub(crate) fn faults(self) -> Vec<String> {
        let mut faults = self.faults;
        if self.others > 0 {
            faults.push(format!("and {} more", self.others));
        }
        faults
    }
}
