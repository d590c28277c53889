//! Words and badges that several pages of Admin use.

use desk::{LocalState, UserRow};
use leptos::prelude::*;

/// The state of a local password in one word.
pub(crate) fn local_badge(local: LocalState, closed: bool) -> impl IntoView {
    let (kind, word) = match local {
        _ if closed => ("bad", "Closed"),
        LocalState::None => ("none", "None"),
        LocalState::Initial => ("warn", "Initial"),
        LocalState::Own => ("good", "Set"),
    };
    view! {
        <span class="badge" data-kind=kind>
            {word}
        </span>
    }
}

/// What whoever has set an initial local password for somebody tells them. On the server: a page is
/// told it.
#[cfg(feature = "ssr")]
pub(crate) const TO_SAY: &str = "“Log in with your NetID, go to Settings, About Me, and choose a \
    password of your own. Until then this one is good for nothing else.”";

/// What whoever opens a closed local password asks and says on the telephone. On the server too.
#[cfg(feature = "ssr")]
pub(crate) const TO_ASK: &str = "Ask: “Have you typed your local password wrong many times?”
If yes, open it. If they have forgotten it, set a new one under Access Control too.
If no, somebody else was logged in as them. Say: “Change your NetID password now.” Once they have, \
end all their sessions and open it, and say: “Log in and look at Settings, Activity.”";

/// What is unusual about an account.
pub(crate) fn account_badges(user: &UserRow) -> impl IntoView + use<> {
    let disabled = user.disabled.then(|| {
        view! {
            " "
            <span class="badge" data-kind="bad">
                "Disabled"
            </span>
        }
    });
    let not_privileged = (!user.privileged).then(|| {
        view! {
            " "
            <span class="badge">"Not privileged"</span>
        }
    });
    (disabled, not_privileged)
}

/// The address of a person's page.
pub(crate) fn user_path(netid: &str) -> String {
    format!("/admin/users/{}", crate::paths::escape(netid))
}

/// The names of the forms on a person's page: the page's and its server functions' common words.
pub(crate) struct FormNames;

impl FormNames {
    pub(crate) const PASSWORD: &str = "set-password";
    pub(crate) const REVOKE_ALL: &str = "revoke-all";
    pub(crate) const RESTORE: &str = "restore-tokens";
    pub(crate) const END_SESSIONS: &str = "end-sessions";
    pub(crate) const OPEN: &str = "open-account";
    pub(crate) const ACCOUNT: &str = "account";

    /// The form that revokes the token of this id.
    pub(crate) fn revoke(id: &str) -> String {
        format!("revoke-{id}")
    }
}
