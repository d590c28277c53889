//! Changing and first setting one's own local password. Tests: `server/tests/server/people/`,
//! `end2end/`.

use leptos::prelude::*;

use crate::api_error::ApiError;
use crate::forms::Done;

/// The form of Access Control.
pub(super) const CHANGE: &str = "change-password";

/// Changes one's own local password, the initial one included.
///
/// # Errors
/// As [`desk::Desk::change_own_password`].
#[server(prefix = "/fn", endpoint = "change_password", output = crate::wire::Wire)]
pub async fn change_password(
    #[server(default)] form: String,
    #[server(default)] current: String,
    #[server(default)] new: String,
    #[server(default)] retype: String,
) -> Result<Done, ApiError> {
    use crate::components::Notice;
    use crate::server::sender;
    use desk::{AuditAction, PasswordChange, Secret};
    let context = crate::server::RequestContext::get()?;
    let change = PasswordChange {
        current: Secret::new(current),
        new: Secret::new(new),
        retype: Secret::new(retype),
    };
    let work = async {
        let visitor = sender(&context, &form, AuditAction::PasswordChange).await?;
        // Asked before: afterwards the store's silence would be taken for the change's.
        let now = context.desk.now();
        let has_tokens =
            context.desk.own_tokens(&visitor).await?.iter().any(|token| token.is_live(now));
        let cookie = context.desk.change_own_password(&visitor, &change, &context.origin).await?;
        context.set_cookie(&cookie);
        let mut notice = Notice::good("Your local password has been changed.");
        if has_tokens {
            notice.text.push_str(" Your auth tokens keep working.");
            notice = notice.with_link("/settings/auth-tokens?revoke-all", "Revoke all of them");
        }
        Ok(Done::with(notice.with_link("/settings/sessions", "Log out everywhere else")))
    };
    let result = work.await;
    crate::server::answer(&context, CHANGE, &[], result)
}

/// Sets one's own first local password, where the policy allows it.
///
/// # Errors
/// As [`desk::Desk::set_own_first_password`].
#[server(prefix = "/fn", endpoint = "set_first_password", output = crate::wire::Wire)]
pub async fn set_first_password(
    #[server(default)] form: String,
    #[server(default)] new: String,
    #[server(default)] retype: String,
) -> Result<Done, ApiError> {
    use crate::server::sender;
    use desk::{AuditAction, PasswordChange, Secret};
    let context = crate::server::RequestContext::get()?;
    let change = PasswordChange {
        current: Secret::new(String::new()),
        new: Secret::new(new),
        retype: Secret::new(retype),
    };
    let result = match sender(&context, &form, AuditAction::PasswordFirst).await {
        Ok(visitor) => {
            context.desk.set_own_first_password(&visitor, &change, &context.origin).await
        }
        Err(refusal) => Err(refusal),
    };
    let result = result.map(|cookie| {
        context.set_cookie(&cookie);
        Done::with_notice("Your local password has been set.")
    });
    crate::server::answer(&context, CHANGE, &[], result)
}
