//! Logging in and out: the server functions. Tests: `end2end/tests/log-in.spec.ts`,
//! `server/tests/server/people/throttle.rs`; of the rules `desk/tests/desk/login.rs`.

use leptos::prelude::*;

use crate::api_error::ApiError;
use crate::forms::Done;

/// Logs in with NetID and NetID password, then goes to `next`.
///
/// # Errors
/// As [`desk::Desk::log_in`].
#[server(prefix = "/fn", endpoint = "log_in", output = crate::wire::Wire)]
pub async fn log_in(
    netid: String,
    password: String,
    #[server(default)] next: String,
) -> Result<Done, ApiError> {
    use crate::server::RequestContext;
    use crate::server::answer;
    let context = RequestContext::get()?;
    // The session that this browser has ends with that.
    let before = match &context.cookie {
        Some(cookie) => context.desk.glance(cookie).await.ok(),
        None => None,
    };
    let browser = desk::Browser { devices: context.devices.clone(), visitor: before };
    let logged_in = context
        .desk
        .log_in_from(&browser, &netid, &desk::Secret::new(password), &context.origin)
        .await;
    if logged_in.is_ok() {
        // Where that fails the next page says what to do.
        let _ = context.end_ambiguous().await;
    }
    let result = logged_in.map(|logged_in| {
        context.set_cookie(&logged_in.cookie);
        context.set_devices(&logged_in.devices);
        Done::go(crate::server::pages::destination(&context, Some(&next)))
    });
    // Said by what was typed alone, whoever it is: no NetID has one.
    let result = result.map_err(|refusal| match refusal {
        desk::Refusal::LoginIncorrect | desk::Refusal::LoginIncorrectSpace
            if netid.contains('@') =>
        {
            desk::Refusal::NetIdUnreadable
        }
        other => other,
    });
    answer(&context, super::FORM, &[("netid", &netid)], result)
}

/// Ends this session. Where it has ended already, that is done too.
///
/// # Errors
/// As [`desk::Desk::log_out`].
#[server(prefix = "/fn", endpoint = "log_out", output = crate::wire::Wire)]
pub async fn log_out() -> Result<Done, ApiError> {
    use crate::server::RequestContext;
    use crate::server::answer;
    let context = RequestContext::get()?;
    // The cookie's session, whoever a proxy says is there by now.
    let visitor = match &context.cookie {
        Some(cookie) => context.desk.visitor(cookie, &context.origin).await,
        None => Err(desk::Refusal::SessionEnded),
    };
    let by_provider = visitor.as_ref().is_ok_and(desk::Visitor::by_provider)
        && !context.settings.sign_on.is_empty();
    let result = match visitor {
        Ok(visitor) => context.desk.log_out(&visitor, &context.origin).await,
        Err(desk::Refusal::SessionEnded) => Ok(()),
        Err(refusal) => Err(refusal),
    };
    let result = match result {
        Ok(()) => context.end_ambiguous().await.and(context.end_earlier().await),
        refused => refused,
    };
    let result = result.map(|()| {
        context.drop_cookie();
        match (context.settings.log_out_url.as_str(), &context.vouched) {
            (_, None) if by_provider && crate::server::request_context::is_plain_form() => {
                Done::go(format!("/login?{}", crate::server::login::LOGGED_OUT))
            }
            (_, None) if by_provider => Done::go("/login/oidc/out"),
            (_, None) => Done::go("/login"),
            // A browser may not follow a form that it posts to another site: there is a link on
            // that page.
            ("", _) => Done::go(format!("/login?{}", crate::server::login::LOGGED_OUT)),
            _ if crate::server::request_context::is_plain_form() => {
                Done::go(format!("/login?{}", crate::server::login::LOGGED_OUT))
            }
            (url, _) => Done::go(url),
        }
    });
    answer(&context, "log-out", &[], result)
}
