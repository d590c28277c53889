//! What there was more of than a person has mails of a day, in words. Tests: below, and
//! `desk/tests/desk/notices/queue.rs`.

use crate::NoticeKind;

/// What a notice to administrators is about: what happened, and to whom.
pub(super) fn about(kind: NoticeKind, netid: &str) -> String {
    format!("{} {netid}", kind.code())
}

/// What one says that tells of several.
pub(super) fn more_of(kind: NoticeKind, about: &str) -> String {
    if kind == NoticeKind::ForAdministrators {
        return more_of_another(about);
    }
    let words = match kind {
        NoticeKind::TokenMade => "More auth tokens were made in your name",
        NoticeKind::TokenNewNetwork => "More of your auth tokens were used from a new network",
        NoticeKind::TokenExpires => "More of your auth tokens end soon",
        NoticeKind::TokenIdle => "More of your auth tokens that nobody uses end soon",
        NoticeKind::PasswordSet => "Your local password was set more often",
        NoticeKind::PasswordChanged => "Your local password was changed more often",
        NoticeKind::PasswordClosed => "Your local password was closed more often",
        NoticeKind::AccountClosed => "Your account was closed more often",
        NoticeKind::TokenLeaked => {
            "More of your auth tokens were found where strangers could read them, and were revoked"
        }
        NoticeKind::NoticesChanged => "Your choice of mails was changed more often",
        NoticeKind::OldStringsEnd => "More of your old strings end soon",
        NoticeKind::ForAdministrators => "More happened than comes in mails of its own",
    };
    words.to_owned()
}

/// The same to administrators, with whom it happened to.
fn more_of_another(about: &str) -> String {
    let (code, who) = about.split_once(' ').unwrap_or_default();
    match NoticeKind::parse(code) {
        Some(NoticeKind::TokenMade) => format!("More auth tokens were made in the name of {who}"),
        Some(NoticeKind::TokenNewNetwork) => {
            format!("More auth tokens of {who} were used from a new network")
        }
        Some(NoticeKind::TokenLeaked) => {
            format!("More auth tokens of {who} were found where strangers could read them")
        }
        Some(NoticeKind::PasswordSet) => format!("The local password of {who} was set more often"),
        Some(NoticeKind::PasswordChanged) => {
            format!("The local password of {who} was changed more often")
        }
        Some(NoticeKind::PasswordClosed) => {
            format!("The local password of {who} was closed more often")
        }
        Some(NoticeKind::AccountClosed) => format!("The account of {who} was closed more often"),
        _ => "More happened than comes in mails of its own".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_read_of_whom_there_is_more() {
        for kind in NoticeKind::OF_THE_AUDIT {
            let words = more_of(NoticeKind::ForAdministrators, &about(kind, "tia"));
            assert!(words.contains(" of tia"), "{kind:?}: {words}");
        }
        let of_before = more_of(NoticeKind::ForAdministrators, "");
        assert_eq!(of_before, "More happened than comes in mails of its own");
    }
}
