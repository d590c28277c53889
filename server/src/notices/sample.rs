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
    let by = match kind {
        NoticeKind::TokenMade | NoticeKind::PasswordChanged | NoticeKind::NoticesChanged => "you",
        NoticeKind::PasswordSet => "Helen Helpdesk",
        _ => "",
    };
    let detail = match kind {
        NoticeKind::TokenLeaked => "Ticket sync: reported by GitHub",
        NoticeKind::NoticesChanged => {
            "You get no mail any more when an auth token is made in your name."
        }
        NoticeKind::ForAdministrators => "Leaked token of sam revoked",
        _ => "",
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
        address: if by == "you" || is_of_a_use { "192.0.2.7" } else { "" }.to_owned(),
        network: if is_of_a_use { "192.0.2.0/24" } else { "" }.to_owned(),
        days_left,
        detail: detail.to_owned(),
        quoted: match kind {
            NoticeKind::ForAdministrators => "Ticket sync: reported by GitHub".to_owned(),
            _ => String::new(),
        },
        own_words: kind == NoticeKind::NoticesChanged,
        tries: 0,
    }
}
