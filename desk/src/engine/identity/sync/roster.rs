//! Whom the directory has.

use std::collections::HashMap;

use crate::NetId;
use crate::engine::secret::short_hash;

/// How much of what is wrong in the directory is told.
const MAX_FAULTS: usize = 100;

/// How often the directory has a NetID.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    Once,
    Twice,
}

/// Whom the directory has. Sixteen bytes a person, not a name: a million people fit where a list would not.
#[derive(Default)]
pub(crate) struct Roster {
    seen: HashMap<[u8; 16], Seen>,
    faults: Vec<String>,
    others: u64,
}

impl Roster {
    fn key(netid: &NetId) -> [u8; 16] {
        short_hash(netid.as_str())
    }

    pub(crate) fn note(&mut self, said: &str) {
        match NetId::parse(said) {
            Ok(netid) => match self.seen.insert(Self::key(&netid), Seen::Once) {
                None => {}
                Some(before) => {
                    self.seen.insert(Self::key(&netid), Seen::Twice);
                    if before == Seen::Once {
                        self.fault(format!("two people have the NetID {netid}: both are left as they are"));
                    }
                }
            },
            Err(_) => {
                // Several in one entry: it is not known which, and each of them is there.
                let several = said.split(',').filter(|_| said.contains(',')).filter_map(|part| NetId::parse(part).ok());
                several.for_each(|netid| _ = self.seen.insert(Self::key(&netid), Seen::Twice));
                self.fault(format!("“{}” is no NetID: that person is left as they are", said.escape_debug().take(80).collect::<String>()));
            }
        }
    }

    /// Somebody who has come since the NetIDs were read: not looked at this time, and not gone.
    pub(crate) fn note_late(&mut self, said: &str) {
        if let Ok(netid) = NetId::parse(said) {
            self.seen.entry(Self::key(&netid)).or_insert(Seen::Twice);
        }
    }

    fn fault(&mut self, what: String) {
        if self.faults.len() < MAX_FAULTS { self.faults.push(what) } else { self.others += 1 }
    }

    pub(crate) fn has(&self, netid: &NetId) -> Option<Seen> {
        self.seen.get(&Self::key(netid)).copied()
    }

    /// How many NetIDs there are.
    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }

    /// What is wrong in the directory.
    pub(crate) fn faults(self) -> Vec<String> {
        let mut faults = self.faults;
        if self.others > 0 {
            faults.push(format!("and {} more", self.others));
        }
        faults
    }
}
