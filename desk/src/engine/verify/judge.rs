use std::sync::{Arc, Mutex};

use super::cache::Stamp;
use super::{Good, Pass, Verdict, VerifyRequest};
use crate::engine::store::rows::{TokenRecord, User};
use crate::engine::tokens::short_id;
use crate::engine::uses::Noted;
use crate::{Moment, NetId, Networks};

/// All that verify needs to know of a token and its owner, in one piece of memory: with many tokens, what a request costs
/// is how many places it has to look at.
#[derive(Debug)]
pub(in crate::engine) struct Known {
    pub(super) pass: Pass,
    disabled: bool,
    privileged: bool,
    revoked: bool,
    /// None where the store holds what [`Networks`] never wrote: that must not open a door.
    networks: Option<Networks>,
    /// When it was read: the cache's.
    pub(super) stamp: Stamp,
    /// Its latest use that is not written yet.
    pub(in crate::engine) noted: Mutex<Option<Noted>>,
}

impl Known {
    pub(super) fn new(row: TokenRecord, owner: User) -> Self {
        let networks = Networks::parse(&row.networks).ok();
        // When it was used is of no interest here, so the clock is not either.
        let token = row.view(Moment::default());
        let pass = Pass {
            netid: owner.person.netid,
            name: owner.name,
            email: owner.email,
            role: owner.person.role,
            token: short_id(&token.id).to_owned(),
            id: token.id,
            description: token.description,
            access: token.access,
            created: token.created,
            expires: token.expires,
        };
        Self {
            pass,
            disabled: owner.person.disabled,
            privileged: owner.person.privileged,
            revoked: token.revoked.is_some(),
            networks,
            stamp: Stamp::default(),
            noted: Mutex::default(),
        }
    }
}

/// The rules of verify, in the order of DESIGN.md 5.
pub(super) fn judge(known: Option<&Arc<Known>>, user: Option<&str>, request: &VerifyRequest<'_>, now: Moment) -> Verdict {
    let Some(known) = known else { return Verdict::Refused("unknown") };
    let pass = &known.pass;
    if user.is_some_and(|user| user != pass.netid.as_str() && NetId::parse(user).as_ref() != Ok(&pass.netid)) {
        return Verdict::Refused("not the owner's name");
    }
    if known.disabled {
        return Verdict::Refused("owner disabled");
    }
    if !known.privileged {
        return Verdict::Refused("owner not privileged");
    }
    if known.revoked {
        return Verdict::Refused("revoked");
    }
    if pass.expires.is_some_and(|at| at <= now) {
        return Verdict::Refused("expired");
    }
    match (&known.networks, request.address) {
        (None, _) => return Verdict::Forbidden("networks unreadable"),
        (Some(networks), Some(address)) if networks.allow(address) => {}
        (Some(networks), None) if networks.is_empty() => {}
        (Some(_), _) => return Verdict::Forbidden("network"),
    }
    if !pass.access.allows(request.method) {
        return Verdict::Forbidden("read only");
    }
    Verdict::Good(Good(known.clone()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Access, Role};

    /// A good token of `netid`.
    pub(in super::super) fn known(netid: &str) -> Known {
        let pass = Pass {
            netid: NetId::parse(netid).expect("a NetID"),
            name: String::new(),
            email: String::new(),
            role: Role::Staff,
            token: String::new(),
            id: String::new(),
            description: String::new(),
            access: Access::Full,
            created: Moment(0),
            expires: Some(Moment(2000)),
        };
        Known {
            pass,
            disabled: false,
            privileged: true,
            revoked: false,
            networks: Some(Networks::default()),
            stamp: Stamp::default(),
            noted: Mutex::default(),
        }
    }

    fn of(change: impl FnOnce(&mut Known)) -> Verdict {
        let mut known = known("tia");
        change(&mut known);
        judge(Some(&Arc::new(known)), None, &VerifyRequest { method: "POST", address: "192.0.2.1".parse().ok() }, Moment(1999))
    }

    #[test]
    fn a_good_token_is_good() {
        assert!(matches!(of(|_| {}), Verdict::Good(_)));
    }

    #[test]
    fn each_rule_refuses_by_itself() {
        assert_eq!(of(|known| known.disabled = true), Verdict::Refused("owner disabled"));
        assert_eq!(of(|known| known.privileged = false), Verdict::Refused("owner not privileged"));
        assert_eq!(of(|known| known.revoked = true), Verdict::Refused("revoked"));
        assert_eq!(of(|known| known.networks = None), Verdict::Forbidden("networks unreadable"));
        assert_eq!(of(|known| known.networks = Networks::parse("10.0.0.0/8").ok()), Verdict::Forbidden("network"));
    }

    #[test]
    fn where_the_address_is_not_known_networks_are_not_fulfilled() {
        let request = VerifyRequest { method: "GET", address: None };
        assert!(matches!(judge(Some(&Arc::new(known("tia"))), None, &request, Moment(0)), Verdict::Good(_)));
        let mut known = known("tia");
        known.networks = Networks::parse("0.0.0.0/0, ::/0").ok();
        let known = Arc::new(known);
        assert_eq!(judge(Some(&known), None, &request, Moment(0)), Verdict::Forbidden("network"));
    }
}
