//! What verify remembers of a token and its owner.

use std::sync::Mutex;

use crate::store::rows::{TokenRecord, User};
use crate::{Moment, Networks};

use crate::engine::verify::noted::Noted;
use crate::engine::verify::principal::Principal;
use crate::engine::verify::written_networks::WrittenNetworks;

/// The SHA-256 of a token.
pub(crate) type Id = [u8; 32];

/// When something was read, and what makes it outdated.
#[derive(Debug, Default)]
pub(crate) struct Stamp {
    pub(crate) owner: usize,
    pub(crate) counter: u64,
    pub(crate) read_at: Moment,
}

/// All that verify needs to know of a token and its owner, in one piece of memory: with many
/// tokens, what a request costs is how many places it has to look at.
#[derive(Debug)]
pub(crate) struct CachedToken {
    pub(crate) principal: Principal,
    pub(crate) disabled: bool,
    pub(crate) privileged: bool,
    pub(crate) revoked: bool,
    /// From when on it waits for its owner to log in; none: it never does.
    pub(crate) waits_from: Option<Moment>,
    /// None where the store holds what [`Networks`] never wrote: that must not open a door.
    pub(crate) networks: Option<Networks>,
    /// When it was read: the cache's.
    pub(crate) stamp: Stamp,
    /// Its latest use that is not written yet.
    pub(crate) noted: Mutex<Option<Noted>>,
    /// The networks that this node last wrote down that it is used from.
    pub(crate) written: WrittenNetworks,
}

impl CachedToken {
    pub(crate) fn new(row: TokenRecord, owner: User, waits_from: Option<Moment>) -> Self {
        let networks = Networks::parse(&row.networks).ok();
        // When it was used is of no interest here, so the clock is not either.
        let token = row.view(Moment::default());
        let principal = Principal {
            netid: owner.person.netid,
            name: owner.name,
            email: owner.email,
            role: owner.person.role,
            token: token.id.short().to_owned(),
            id: token.id,
            description: token.description,
            access: token.access,
            created: token.created,
            expires: token.expires,
        };
        Self {
            principal,
            disabled: owner.person.disabled,
            privileged: owner.person.privileged,
            revoked: token.revoked.is_some(),
            waits_from,
            networks,
            stamp: Stamp::default(),
            noted: Mutex::default(),
            written: WrittenNetworks::default(),
        }
    }
}

/// What a map takes for an entry besides: the key, the pointer, its own places.
const BESIDE: usize = 128;

/// What a network takes.
const NETWORK: usize = 24;

impl CachedToken {
    /// How many bytes it takes, give or take what the allocator rounds up.
    pub(crate) fn bytes(&self) -> u64 {
        let Principal { netid, name, email, token, id, description, .. } = &self.principal;
        let texts = [netid.as_str(), name, email, token, id.as_str(), description];
        let networks = self.networks.as_ref().map_or(0, Networks::len) * NETWORK;
        let all = size_of::<Self>() + BESIDE + networks + texts.map(str::len).iter().sum::<usize>();
        u64::try_from(all).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Access, NetId, Role, TokenId};

    /// A good token of `netid`.
    pub(crate) fn known(netid: &str) -> CachedToken {
        let principal = Principal {
            netid: NetId::parse(netid).expect("a NetID"),
            name: String::new(),
            email: String::new(),
            role: Role::Staff,
            token: String::new(),
            id: TokenId::of(String::new()),
            description: String::new(),
            access: Access::Full,
            created: Moment(0),
            expires: Some(Moment(2000)),
        };
        CachedToken {
            principal,
            disabled: false,
            privileged: true,
            revoked: false,
            waits_from: None,
            networks: Some(Networks::default()),
            stamp: Stamp::default(),
            noted: Mutex::default(),
            written: WrittenNetworks::default(),
        }
    }
}
