//! What a notice says of the choice of notices: what is not told any more. Tests: below.

use crate::NoticeKind;

/// How the audit's row begins of a choice that leaves something out.
const ALL_BUT: &str = "all but ";

/// What the audit's row says of a choice without these.
pub(super) fn recorded(off: &[String]) -> String {
    if off.is_empty() { "all".to_owned() } else { format!("{ALL_BUT}{}", off.join(", ")) }
}

/// Whether it leaves something out.
pub(super) fn leaves_out(recorded: &str) -> bool {
    recorded.starts_with(ALL_BUT)
}

/// What a person reads of it.
pub(super) fn words(recorded: &str) -> String {
    let codes = recorded.strip_prefix(ALL_BUT).unwrap_or_default();
    let off: Vec<&str> = codes.split(", ").filter_map(NoticeKind::parse).filter_map(when).collect();
    match off.as_slice() {
        [] => "It can be seen under Notices.".to_owned(),
        [one] => format!("You get no mail any more when {one}."),
        [first @ .., last] => {
            format!("You get no mail any more when {} or {last}.", first.join(", "))
        }
    }
}

/// What it is told of, after “when”.
const fn when(kind: NoticeKind) -> Option<&'static str> {
    match kind {
        NoticeKind::TokenMade => Some("an auth token is made in your name"),
        NoticeKind::TokenNewNetwork => Some("one of yours is used from a new network"),
        NoticeKind::TokenExpires => Some("one that is in use ends soon"),
        NoticeKind::TokenIdle => Some("one that nobody uses ends soon"),
        NoticeKind::PasswordSet
        | NoticeKind::PasswordChanged
        | NoticeKind::PasswordClosed
        | NoticeKind::AccountClosed
        | NoticeKind::TokenLeaked
        | NoticeKind::NoticesChanged
        | NoticeKind::OldStringsEnd
        | NoticeKind::ForAdministrators => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(off: &[NoticeKind]) -> String {
        recorded(&off.iter().map(|kind| kind.code().to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn it_says_in_words_what_is_left_out() {
        use NoticeKind as K;
        assert!(!leaves_out(&of(&[])));
        let one = of(&[K::TokenIdle]);
        assert!(leaves_out(&one));
        assert_eq!(words(&one), "You get no mail any more when one that nobody uses ends soon.");
        assert_eq!(
            words(&of(&[K::TokenMade, K::TokenNewNetwork, K::TokenExpires])),
            "You get no mail any more when an auth token is made in your name, one of yours is \
             used from a new network or one that is in use ends soon."
        );
        for kind in K::ALL {
            assert_eq!(when(*kind).is_some(), kind.is_optional(), "{kind:?}");
        }
    }
}
