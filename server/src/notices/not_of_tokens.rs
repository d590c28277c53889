//! What is said of some that are about no token: of the choice of mails, and to administrators.

use desk::Notice;

use super::compose::{ACTIVITY, AUDIT, TOKENS, Wording, inserted, shortened};

/// Mails were switched off: which ones, the notice says itself.
pub(super) fn notices_changed() -> Wording {
    Wording {
        subject: "Your choice of mails was changed".to_owned(),
        what: "Some of the mails that Latchkey sends you were switched off.".to_owned(),
        then: "If it was you, there is nothing to do. If it was not, somebody is logged in as you: \
            log out everywhere else under Sessions, and tell your Help Desk at once. Of tokens \
            that are made and of new networks you are still told for three days after that is \
            switched off.",
        links: vec![("Look at what was done", ACTIVITY), ("Look at your auth tokens", TOKENS)],
    }
}

/// Something that happened to another account.
pub(super) fn for_administrators(notice: &Notice) -> Wording {
    let detail = inserted(&notice.detail);
    let about = if detail.is_empty() { inserted(&notice.netid) } else { detail };
    Wording {
        subject: format!("For administrators: {}", shortened(&about)),
        what: "You are an administrator: this happened to another account.".to_owned(),
        then: "The audit has the whole of it.",
        links: vec![("Look at the audit", AUDIT)],
    }
}
