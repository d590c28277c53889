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
