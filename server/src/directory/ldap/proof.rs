//! Whether a password is somebody's, and where it is not merely wrong, what the directory says
//! instead: that it has expired, that the account is locked, and so on.

use ldap3::{LdapError, LdapResult};

/// Result codes by which a server says that the password is not theirs, or may not be used: not
/// these credentials, not this way, not now (RFC 4511 §4.1.9).
const NOT_THEIRS: [u32; 7] = [19, 32, 34, INVALID_CREDENTIALS, 48, 50, 53];

const INVALID_CREDENTIALS: u32 = 49;

/// Active Directory's own words for result 49, by the number after “data”.
const DATA: [(&str, &str); 8] = [
    ("530", "they may not log in at this hour"),
    ("531", "they may not log in from this machine"),
    ("532", "the password has expired: they have to choose another"),
    ("533", "the account is disabled"),
    ("568", "they are in too many groups"),
    ("701", "the account has expired"),
    ("773", "the password must be changed before the first log-in"),
    ("775", "the account is locked after too many wrong passwords"),
];

/// The most characters of what a server says.
const MAX_SHOWN: usize = 200;

/// What a password is to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Theirs.
    Right,
    /// Not theirs.
    Wrong,
    /// Refused for another reason, in words.
    Refused(String),
}

impl Proof {
    /// What a bind was answered.
    pub(super) fn of(result: LdapResult) -> Result<Self, LdapError> {
        match result.rc {
            0 => Ok(Self::Right),
            rc if NOT_THEIRS.contains(&rc) => {
                Ok(refused(rc, &result.text).map_or(Self::Wrong, Self::Refused))
            }
            _ => Err(LdapError::LdapResult { result }),
        }
    }
}

/// What a server wrote, as a log may show it.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if desk::is_invisible(c) { ' ' } else { c })
        .take(MAX_SHOWN)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Why, where it is not that the password is wrong.
fn refused(rc: u32, text: &str) -> Option<String> {
    let data = text.split_once(", data ").map(|(_, rest)| {
        rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
    });
    let known =
        data.and_then(|data| DATA.iter().find(|(number, _)| data.eq_ignore_ascii_case(number)));
    match known {
        Some((number, words)) => Some(format!("{words} (result {rc}, data {number})")),
        // The plain answer; some servers write words with it that say nothing more.
        None if matches!(rc, INVALID_CREDENTIALS | 32 | 34) => None,
        None => Some(format!("result {rc} {}", visible(text)).trim_end().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(rc: u32, text: &str) -> Result<Proof, LdapError> {
        Proof::of(LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: Vec::new(),
            ctrls: Vec::new(),
        })
    }

    #[test]
    fn expired_is_not_wrong() {
        for (data, words) in DATA {
            let text = format!(
                "80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data \
                    {data}, v4563\u{0}"
            );
            let Ok(Proof::Refused(why)) = proof(INVALID_CREDENTIALS, &text) else {
                panic!("{data}")
            };
            assert!(why.starts_with(words) && why.contains(data), "{why}");
        }
        for data in ["52e", "525", ""] {
            let text = format!(
                "80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data \
                    {data}, v4563"
            );
            assert!(matches!(proof(INVALID_CREDENTIALS, &text), Ok(Proof::Wrong)), "{data}");
        }
        assert!(matches!(proof(INVALID_CREDENTIALS, ""), Ok(Proof::Wrong)));
    }

    #[test]
    fn what_a_server_writes_beside_its_no_is_kept_short_and_visible() {
        let refused = |rc, text: &str| match proof(rc, text) {
            Ok(Proof::Refused(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            refused(53, "Account inactivated.\u{1b}[1m\n"),
            "result 53 Account inactivated. [1m"
        );
        assert_eq!(
            refused(19, "Exceed password retry limit."),
            "result 19 Exceed password retry limit."
        );
        assert_eq!(refused(48, ""), "result 48");
        assert!(refused(53, &"x".repeat(10_000)).len() < 250);
    }

    #[test]
    fn what_says_nothing_of_the_password_is_an_error() {
        for rc in [1, 2, 7, 8, 13, 51, 52, 80] {
            assert!(proof(rc, "").is_err(), "{rc}");
        }
        assert!(matches!(proof(0, ""), Ok(Proof::Right)));
    }
}
