//! Browsers that have logged in to an account before: each keeps a mark by the desk's key, bound to
//! the account. By it a browser is a source of log-ins of its own, which strangers' wrong passwords
//! do not hold up (OWASP, *device cookies*). It lets nobody in. Tests: here, and
//! `desk/tests/desk/devices.rs`.
//!
//! A mark is `NONCE ISSUED MAC` in hexadecimal digits. It names nobody: which account it is of
//! shows only when that NetID is tried. It ends with [`MARK_DAYS`], and with the person's
//! `device_epoch`: when all their sessions are ended, when they are disabled or have left, and with
//! another NetID password here.
//!
//! The mark that a log-in by an OpenID provider leaves is nobody's to be tried as: who comes back
//! has not said yet who they are, so that it ends with [`MARK_DAYS`] alone. Its name is one for
//! each person, by the desk's key: in however many browsers somebody logs in, they are one source.

use std::fmt;

use crate::engine::audit::mac::{is_mac, mac};
use crate::engine::secret::{Secret, random_form_key};
use crate::{Moment, NetId};

/// How long a browser is known after its last log-in.
pub const MARK_DAYS: i64 = 180;

/// Of how many accounts one browser keeps a mark.
const MAX_MARKS: usize = 5;

/// Whose a mark is that a log-in by an OpenID provider leaves: nobody's NetID.
const SIGN_ON: &str = "";

const NONCE: usize = 32;
const ISSUED: usize = 10;
const MAC: usize = 64;

/// The marks that a browser keeps, one an account, the latest first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Devices(Vec<Mark>);

#[derive(Clone, PartialEq, Eq)]
struct Mark {
    nonce: String,
    /// Seconds since 1970.
    issued: i64,
    mac: String,
}

/// Prints no mark.
impl fmt::Debug for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Devices").field(&self.0.len()).finish()
    }
}

impl Devices {
    /// Reads a cookie's value; what is no mark in it is left out.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        Self(value.split('.').take(MAX_MARKS).filter_map(Mark::parse).collect())
    }

    /// Reads several cookies' values, of which some may be a neighbour's: as many marks of each.
    #[must_use]
    pub fn of_all<'v>(values: impl Iterator<Item = &'v str>) -> Self {
        Self(values.flat_map(|value| Self::parse(value).0).collect())
    }

    /// Whether there is no mark at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value for `Set-Cookie`.
    #[must_use]
    pub fn value(&self) -> String {
        let mark = |mark: &Mark| format!("{}{:0ISSUED$x}{}", mark.nonce, mark.issued, mark.mac);
        self.0.iter().map(mark).collect::<Vec<_>>().join(".")
    }

    /// The browser as it is known to this account; none: it is not.
    pub(crate) fn of(&self, key: &Secret, netid: &NetId, epoch: i64, now: Moment) -> Option<&str> {
        self.known_to(key, netid.as_str(), epoch, now)
    }

    /// The browser as one in which an OpenID provider has logged somebody in; none: it is not.
    pub(crate) fn of_sign_on(&self, key: &Secret, now: Moment) -> Option<&str> {
        self.known_to(key, SIGN_ON, 0, now)
    }

    fn known_to(&self, key: &Secret, whom: &str, epoch: i64, now: Moment) -> Option<&str> {
        // All of them, so that it takes as long whoever it is.
        let known: Vec<&Mark> = self.0.iter().filter(|mark| mark.is_of(key, whom, epoch)).collect();
        let fresh = |mark: &&&Mark| {
            let issued = Moment(mark.issued.saturating_mul(1000));
            issued.can_have_been(now) && now < issued.plus_days(MARK_DAYS)
        };
        known.iter().find(fresh).map(|mark| mark.nonce.as_str())
    }

    /// With a mark of this account from now on, by the same name where it had one.
    pub(crate) fn with(&self, key: &Secret, netid: &NetId, epoch: i64, now: Moment) -> Self {
        let new = Mark::new(key, netid.as_str(), epoch, now, self.of(key, netid, epoch, now));
        let others = self.0.iter().filter(|mark| mark.nonce != new.nonce).cloned();
        Self(std::iter::once(new.clone()).chain(others).take(MAX_MARKS).collect())
    }

    /// The one mark of a browser in which an OpenID provider logs this person in.
    pub(crate) fn signed_on(key: &Secret, netid: &NetId, now: Moment) -> Self {
        let name = mac(key, &format!("latchkey sign-on\n{netid}"));
        Self(vec![Mark::new(key, SIGN_ON, 0, now, name.get(..NONCE))])
    }
}

impl Mark {
    fn new(key: &Secret, whom: &str, epoch: i64, now: Moment, nonce: Option<&str>) -> Self {
        let (nonce, issued) = (nonce.map_or_else(random_form_key, str::to_owned), now.0 / 1000);
        let mac = mac(key, &signed(whom, epoch, &nonce, issued));
        Self { nonce, issued, mac }
    }

    fn parse(text: &str) -> Option<Self> {
        let ours = text.len() == NONCE + ISSUED + MAC
            && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let (nonce, rest) = ours.then(|| text.split_at(NONCE))?;
        let (issued, mac) = rest.split_at(ISSUED);
        Some(Self {
            nonce: nonce.to_owned(),
            issued: i64::from_str_radix(issued, 16).ok()?,
            mac: mac.to_owned(),
        })
    }

    fn is_of(&self, key: &Secret, whom: &str, epoch: i64) -> bool {
        is_mac(&self.mac, key, &signed(whom, epoch, &self.nonce, self.issued))
    }
}

fn signed(whom: &str, epoch: i64, nonce: &str, issued: i64) -> String {
    format!("latchkey device\n{whom}\n{epoch}\n{nonce}\n{issued}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Secret {
        Secret::new("k".repeat(64))
    }

    fn netid(text: &str) -> NetId {
        NetId::parse(text).expect("a NetID")
    }

    const NOW: Moment = Moment(1_900_000_000_000);

    #[test]
    fn a_browser_is_known_to_the_account_that_it_has_logged_in_to() {
        let devices =
            Devices::parse(&Devices::default().with(&key(), &netid("tia"), 0, NOW).value());
        assert!(devices.of(&key(), &netid("tia"), 0, NOW).is_some());
        assert!(devices.of(&key(), &netid("ada"), 0, NOW).is_none(), "another account");
        assert!(
            devices.of(&key(), &netid("tia"), 1, NOW).is_none(),
            "all sessions were ended since"
        );
        assert!(
            devices.of(&Secret::new("o".repeat(64)), &netid("tia"), 0, NOW).is_none(),
            "another key"
        );
        assert!(
            devices.of(&key(), &netid("tia"), 0, NOW.plus_days(MARK_DAYS)).is_none(),
            "too old"
        );
        assert!(devices.of(&key(), &netid("tia"), 0, NOW.plus_days(-1)).is_none(), "not yet");
        assert!(!devices.value().contains("tia") && format!("{devices:?}") == "Devices(1)");
    }

    #[test]
    fn what_a_provider_leaves_names_no_account_and_no_accounts_mark_is_one() {
        let signed_on = Devices::parse(&Devices::signed_on(&key(), &netid("tia"), NOW).value());
        let known = signed_on.of_sign_on(&key(), NOW).expect("known");
        assert!(signed_on.of(&key(), &netid("tia"), 0, NOW).is_none());
        let next_day = NOW.plus_days(1);
        let elsewhere = Devices::signed_on(&key(), &netid("tia"), next_day);
        assert_eq!(elsewhere.of_sign_on(&key(), next_day), Some(known), "in each of her browsers");
        let sams = Devices::signed_on(&key(), &netid("sam"), NOW);
        assert_ne!(sams.of_sign_on(&key(), NOW), Some(known));
        assert!(signed_on.of_sign_on(&key(), NOW.plus_days(MARK_DAYS)).is_none(), "too old");
        let tias = Devices::default().with(&key(), &netid("tia"), 0, NOW);
        assert!(tias.of_sign_on(&key(), NOW).is_none());
    }

    #[test]
    fn several_people_share_a_browser_and_the_latest_stay_known() {
        let log_in =
            |devices: Devices, n: usize| devices.with(&key(), &netid(&format!("n{n}")), 0, NOW);
        let devices = (0..7).fold(Devices::default(), log_in);
        let known = |n: usize| devices.of(&key(), &netid(&format!("n{n}")), 0, NOW).is_some();
        assert_eq!(
            (0..7).map(known).collect::<Vec<_>>(),
            [false, false, true, true, true, true, true]
        );
        assert_eq!(Devices::parse(&devices.value()), devices);
    }

    #[test]
    fn the_next_log_in_keeps_its_name_and_begins_its_time_anew() {
        let first = Devices::default().with(&key(), &netid("tia"), 0, NOW);
        let later = NOW.plus_days(MARK_DAYS - 1);
        let again = first.with(&key(), &netid("tia"), 0, later);
        assert_eq!(again.0.len(), 1);
        assert_eq!(
            again.of(&key(), &netid("tia"), 0, later.plus_days(2)),
            first.of(&key(), &netid("tia"), 0, NOW)
        );
    }

    #[test]
    fn what_is_no_mark_is_left_out() {
        let good = Devices::default().with(&key(), &netid("tia"), 0, NOW).value();
        let changed = format!("{}0", &good[..good.len() - 1]);
        for text in
            ["", ".", "x", &good[1..], &good.to_uppercase(), &format!("{good}0"), &"é".repeat(53)]
        {
            assert_eq!(Devices::parse(text).0.len(), 0, "{text}");
        }
        let forged = Devices::parse(&changed);
        assert!(changed == good || forged.of(&key(), &netid("tia"), 0, NOW).is_none());
        assert_eq!(Devices::parse(&[good.as_str(); 9].join(".")).0.len(), MAX_MARKS);
    }
}
