//! One notice of each kind, of somebody whom there is not: for whoever wants to see the words
//! (`latchkey mail show`), and for tests.

use desk::{Moment, Notice, NoticeId, NoticeKind, NoticeToken, TokenId};

/// 24 Nov 2026, 09:05 UTC.
const AT: Moment = Moment(1_795_511_101_234);

/// One of this kind.
pub(crate) fn sample(kind: NoticeKind) -> Notice {
    let is_of_a_token = !matches!(
        kind,
        NoticeKind::PasswordSet
            | NoticeKind::PasswordChanged
            | NoticeKind::PasswordClosed
            | NoticeKind::AccountClosed
            | NoticeKind::NoticesChanged
            | NoticeKind::ForAdministrators
    );
    let is_of_a_use = kind == NoticeKind::TokenNewNetwork;
    let days_left = match kind {
        NoticeKind::TokenExpires | NoticeKind::OldStringsEnd => Some(7),
        NoticeKind::TokenIdle => Some(14),
        _ => None,
    };
    let (by, by_code) = match kind {
        NoticeKind::TokenMade | NoticeKind::PasswordChanged | NoticeKind::NoticesChanged => {
            ("you", "sam")
        }
        NoticeKind::PasswordSet => ("Helen Helpdesk", "helen"),
        NoticeKind::TokenNewNetwork => ("the token itself", "(the token itself)"),
        NoticeKind::TokenLeaked | NoticeKind::ForAdministrators => {
            ("a leak report", "(leak report)")
        }
        _ => ("", ""),
    };
    let leak = "reported by GitHub at https://github.com/example/sync/blob/main/run.sh; last used \
        24 Nov 2026, 08:12 UTC from 192.0.2.7";
    let (detail, note, quoted) = match kind {
        NoticeKind::TokenLeaked => (leak, "", ""),
        NoticeKind::TokenNewNetwork => ("", "first from there; 2 networks before", ""),
        NoticeKind::NoticesChanged => {
            ("You get no mail any more when an auth token is made in your name.", "", "")
        }
        NoticeKind::ForAdministrators => ("Leaked token of tia revoked", leak, "Ticket sync"),
        _ => ("", "", ""),
    };
    Notice {
        id: NoticeId::sample(),
        kind,
        netid: "sam".to_owned(),
        name: "Sam Sample".to_owned(),
        email: "sam@example.edu".to_owned(),
        at: AT,
        token: is_of_a_token.then(|| NoticeToken {
            id: TokenId::sample(),
            description: "Ticket sync".to_owned(),
            expires: Some(AT.plus_days(days_left.unwrap_or(90))),
            from_rt: kind == NoticeKind::OldStringsEnd,
        }),
        by: by.to_owned(),
        by_code: by_code.to_owned(),
        initial: kind == NoticeKind::PasswordSet,
        address: if by == "you" || is_of_a_use { "192.0.2.7" } else { "" }.to_owned(),
        network: if is_of_a_use { "192.0.2.0/24" } else { "" }.to_owned(),
        note: note.to_owned(),
        days_left,
        detail: detail.to_owned(),
        own_words: kind == NoticeKind::NoticesChanged,
        quoted: quoted.to_owned(),
        tries: 0,
    }
}
