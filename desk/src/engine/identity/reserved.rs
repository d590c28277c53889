//! Names that are given to nobody: behind Latchkey they are somebody's already (RT's `root`, a
//! system's `www-data`), so that whoever is made by one is taken for that. Every door by which
//! people are made asks here: import, the campus directory, an identity system, single sign-on. Who
//! is there already stays as they are. Tests: `desk/tests/desk/directory/reserved.rs`.

use std::collections::BTreeSet;

use crate::store::rows::User;
use crate::{NetId, Refusal, Source};

/// Names of programs, of systems and of Request Tracker's own users.
const BY_DEFAULT: [&str; 8] =
    ["root", "nobody", "rt_system", "admin", "administrator", "daemon", "www-data", "latchkey"];

/// Names that are given to nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservedNames(BTreeSet<NetId>);

impl Default for ReservedNames {
    fn default() -> Self {
        Self(BY_DEFAULT.iter().filter_map(|name| NetId::parse(name).ok()).collect())
    }
}

impl ReservedNames {
    /// These, capitals aside; none at all is a choice too.
    ///
    /// # Errors
    /// [`Refusal::NetIdUnreadable`] where one is no NetID, and so nobody's name anyway.
    pub fn parse(names: &[String]) -> Result<Self, Refusal> {
        Ok(Self(names.iter().map(|name| NetId::parse(name)).collect::<Result<_, _>>()?))
    }

    /// Each of them, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<NetId> {
        self.0.iter().cloned().collect()
    }

    /// Whether a person with this NetID would be made by a name that is given to nobody. Whom an
    /// identity system has deleted is made anew, too, by its own word.
    pub(crate) fn forbid(&self, netid: &NetId, known: Option<&User>, by: Source) -> bool {
        let is_new = known.is_none_or(|user| user.source == Source::None && by == Source::Scim);
        is_new && self.0.contains(netid)
    }

    /// As [`Self::forbid`], as a refusal.
    ///
    /// # Errors
    /// [`Refusal::NetIdReserved`].
    pub(crate) fn check(
        &self,
        netid: &NetId,
        known: Option<&User>,
        by: Source,
    ) -> Result<(), Refusal> {
        if self.forbid(netid, known, by) {
            Err(Refusal::NetIdReserved { netid: netid.to_string() })
        } else {
            Ok(())
        }
    }
}
