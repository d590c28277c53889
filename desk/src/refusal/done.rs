//! What is said of a form that was sent before, and of what may have been done or not. In words
//! that the server makes: pages would carry all of them for the one that they may show.

use super::Refusal;
use crate::AuditAction as A;

/// Where to look at what an action did.
fn look_at(action: Option<A>) -> &'static str {
    match action {
        Some(A::TokenCreate | A::TokenEdit | A::TokenRevoke | A::TokenRestore) => {
            "Look at the list of tokens before you try again: a token that you never saw is of no \
                use, so revoke it."
        }
        // Not the old one once more: what is left of its life is what the new one would get.
        Some(A::TokenRenew) => {
            "Look at the list of tokens before you try again: if there is a new one that you never \
                saw, the old one ends when you chose. Renew the new one, and give the application \
                what you see then."
        }
        Some(A::PasswordChange | A::PasswordFirst) => {
            "Look under About Me when your local password was last set before you try again."
        }
        Some(A::PasswordSet) => {
            "Look on the person’s page when the local password was last set before you try again."
        }
        Some(A::NoticesSet | A::CalendarSet | A::CalendarEnd) => {
            "Look under Notices before you try again: an address that you never saw is of no use, \
                so replace it."
        }
        Some(A::UserRole | A::UserPrivileged | A::UserDisabled | A::UserOpen) => {
            "Look at the person’s page before you try again."
        }
        Some(A::SessionEnd | A::SessionConfirm | A::LogIn | A::LogOut) => {
            "Look at the list of sessions before you try again."
        }
        _ => "Look at the page or the audit before you try again.",
    }
}

/// What an action that was done has done; none: something was shown once, or it is not known what
/// it did. Of what is filled in, that it may be something else by now: a form is known by its key,
/// whatever is in it.
fn did(action: Option<A>) -> Option<String> {
    let filled_in = |done: &str| {
        format!(
            "{done} the first time, as the form was filled in then. If you have filled in anything \
                else since, send it again."
        )
    };
    Some(match action {
        Some(A::TokenEdit) => filled_in("Your changes of the token were saved"),
        Some(A::TokenRevoke) => "It was revoked the first time.".to_owned(),
        Some(A::TokenNetworkKnown) => "It was noted the first time.".to_owned(),
        Some(A::TokenRestore) => "The tokens work again since the first time.".to_owned(),
        Some(A::PasswordChange) => filled_in("Your local password was changed"),
        Some(A::PasswordFirst) => filled_in("Your local password was set"),
        Some(A::PasswordSet) => filled_in("The local password was set"),
        Some(A::UserRole | A::UserPrivileged | A::UserDisabled) => {
            filled_in("The account was changed")
        }
        Some(A::UserOpen) => "The local password was opened the first time.".to_owned(),
        Some(A::NoticesSet) => filled_in("Your choice was saved"),
        Some(A::CalendarEnd) => "The address was ended the first time.".to_owned(),
        Some(A::SessionEnd) => "What it logs out was logged out the first time.".to_owned(),
        _ => return None,
    })
}

impl Refusal {
    /// The form that asks for this action was posted a second time; none: it is not known what it
    /// asks for.
    #[must_use]
    pub fn sent_already(action: impl Into<Option<A>>) -> Self {
        let action = action.into();
        let done = did(action);
        let good = done.is_some();
        Self::SentAlready { did: done.unwrap_or_else(|| look_at(action).to_owned()), good }
    }

    /// Whether this was done is not known; none: it is not known what was asked for either.
    #[must_use]
    pub fn outcome_not_known(action: impl Into<Option<A>>) -> Self {
        Self::OutcomeNotKnown { look: look_at(action.into()).to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_to_be_done_is_good_news_and_a_token_that_nobody_saw_is_none() {
        for (action, news) in [
            (Some(A::PasswordSet), true),
            (Some(A::TokenRevoke), true),
            (Some(A::TokenCreate), false),
            (Some(A::TokenRenew), false),
            (None, false),
        ] {
            let sent = Refusal::sent_already(action);
            assert!(
                matches!(&sent, Refusal::SentAlready { good, did } if *good == news
                    && did.starts_with("Look ") != news),
                "{action:?}: {sent:?}"
            );
        }
    }
    #[test]
    fn of_a_renewal_that_nobody_saw_it_is_said_that_the_old_token_ends() {
        for refusal in
            [Refusal::sent_already(A::TokenRenew), Refusal::outcome_not_known(A::TokenRenew)]
        {
            let text = refusal.to_string();
            assert!(text.contains("the old one ends") && text.contains("Renew the new"), "{text}");
        }
        assert!(!Refusal::sent_already(A::TokenCreate).to_string().contains("Renew"));
    }
}
