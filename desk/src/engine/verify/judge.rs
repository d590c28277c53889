//! The rules of verify: a pure function of what is known of a token and of what is asked. Tests:
//! below.

use std::sync::Arc;

use crate::engine::verify::cached_token::CachedToken;
use crate::engine::verify::verdict::{Verdict, VerifiedToken, VerifyRequest};
use crate::{Moment, NetId};

/// The rules of verify, in this order: is the token known, the name that came with it, its owner's
/// account, its end, its beginning, when its owner was last here, from where, for which method.
pub(crate) fn judge(
    known: Option<&Arc<CachedToken>>,
    user: Option<&str>,
    request: &VerifyRequest<'_>,
    now: Moment,
) -> Verdict {
    let Some(known) = known else { return Verdict::Refused("unknown") };
    let principal = &known.principal;
    if user.is_some_and(|user| !is_owner(user, &principal.netid, &principal.email)) {
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
    if principal.expires.is_some_and(|at| at <= now) {
        return Verdict::Refused("expired");
    }
    // Its end was reckoned from there.
    if !principal.created.can_have_been(now) {
        return Verdict::Refused("made by a clock that was ahead");
    }
    if known.waits_from.is_some_and(|at| at <= now) {
        return Verdict::Refused("owner has not logged in");
    }
    match (&known.networks, request.address) {
        (None, _) => return Verdict::Forbidden("networks unreadable"),
        (Some(networks), Some(address)) if networks.allow(address) => {}
        (Some(networks), None) if networks.is_empty() => {}
        (Some(_), _) => return Verdict::Forbidden("network"),
    }
    if !principal.access.allows(request.method) {
        return Verdict::Forbidden("read only");
    }
    Verdict::Good(VerifiedToken::of(known.clone()))
}

/// Whether a name is the owner's: their NetID, or their e-mail address, which some programs ask
/// for.
fn is_owner(user: &str, netid: &NetId, email: &str) -> bool {
    user == netid.as_str()
        || NetId::parse(user).as_ref() == Ok(netid)
        || (!email.is_empty() && user.trim().eq_ignore_ascii_case(email))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Networks;
    use crate::engine::verify::cached_token::tests::known;

    fn of(change: impl FnOnce(&mut CachedToken)) -> Verdict {
        let mut known = known("tia");
        change(&mut known);
        judge(
            Some(&Arc::new(known)),
            None,
            &VerifyRequest { method: "POST", address: "192.0.2.1".parse().ok() },
            Moment(1999),
        )
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
        let made = |at: i64| of(|known| known.principal.created = Moment(1999).plus_seconds(at));
        assert_eq!(made(3601), Verdict::Refused("made by a clock that was ahead"));
        assert!(matches!(made(3600), Verdict::Good(_)), "another node's clock may be ahead");
        assert_eq!(
            of(|known| known.waits_from = Some(Moment(1999))),
            Verdict::Refused("owner has not logged in")
        );
        assert!(
            matches!(of(|known| known.waits_from = Some(Moment(2000))), Verdict::Good(_)),
            "not a moment before"
        );
        assert_eq!(of(|known| known.networks = None), Verdict::Forbidden("networks unreadable"));
        assert_eq!(
            of(|known| known.networks = Networks::parse("10.0.0.0/8").ok()),
            Verdict::Forbidden("network")
        );
    }

    #[test]
    fn the_name_that_comes_with_it_is_the_owners_netid_or_address() {
        let netid = NetId::parse("tia").expect("a NetID");
        for name in ["tia", "TIA", "tia@example.edu", "Tia@Example.EDU"] {
            assert!(is_owner(name, &netid, "tia@example.edu"), "{name}");
        }
        for name in ["sam", "tia@example.com", "ia@example.edu", "tia:tia", "@example.edu"] {
            assert!(!is_owner(name, &netid, "tia@example.edu"), "{name}");
        }
        assert!(!is_owner("", &netid, ""), "no address is nobody's");
    }

    #[test]
    fn where_the_address_is_not_known_networks_are_not_fulfilled() {
        let request = VerifyRequest { method: "GET", address: None };
        assert!(matches!(
            judge(Some(&Arc::new(known("tia"))), None, &request, Moment(0)),
            Verdict::Good(_)
        ));
        let mut known = known("tia");
        known.networks = Networks::parse("0.0.0.0/0, ::/0").ok();
        let known = Arc::new(known);
        assert_eq!(judge(Some(&known), None, &request, Moment(0)), Verdict::Forbidden("network"));
    }
}
