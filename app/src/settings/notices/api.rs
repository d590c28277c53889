//! The server functions of **Notices**: the choice of mails, and the address of one's calendar.
//! Plain forms post to them, with script too: nothing of this page is worth a script of its own.
//! Tests: `server/tests/server/people/{functions,notices}.rs`; of the rules
//! `desk/tests/desk/notices/own.rs`.

use leptos::prelude::*;

use crate::api_error::ApiError;
use crate::forms::Done;

/// Sets which of the optional mails one gets: a box that is not ticked is not sent.
///
/// # Errors
/// As [`desk::Desk::set_notice_settings`].
#[server(prefix = "/fn", endpoint = "set_notices", output = crate::wire::Wire)]
pub async fn set_notices(
    #[server(default)] form: String,
    #[server(default)] token_made: String,
    #[server(default)] token_new_network: String,
    #[server(default)] token_expires: String,
    #[server(default)] token_idle: String,
) -> Result<Done, ApiError> {
    use desk::NoticeKind;
    let context = crate::server::RequestContext::get()?;
    let wanted = [
        (NoticeKind::TokenMade, token_made),
        (NoticeKind::TokenNewNetwork, token_new_network),
        (NoticeKind::TokenExpires, token_expires),
        (NoticeKind::TokenIdle, token_idle),
    ];
    let wanted = wanted.into_iter().filter(|(_, ticked)| !ticked.is_empty());
    let wanted = wanted.map(|(kind, _)| kind).collect();
    let result = crate::server::notices::choose(&context, &form, wanted).await;
    crate::server::answer(&context, crate::server::notices::CHOOSE, &[], result)
}

/// Makes a private address of one's calendar, in the place of the one there was.
///
/// # Errors
/// As [`desk::Desk::new_calendar_address`].
#[server(prefix = "/fn", endpoint = "new_calendar", output = crate::wire::Wire)]
pub async fn new_calendar(#[server(default)] form: String) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let result = crate::server::notices::new_calendar(&context, &form).await;
    crate::server::answer(&context, crate::server::notices::NEW_CALENDAR, &[], result)
}

/// Ends the private address of one's calendar.
///
/// # Errors
/// As [`desk::Desk::end_calendar_address`].
#[server(prefix = "/fn", endpoint = "end_calendar", output = crate::wire::Wire)]
pub async fn end_calendar(#[server(default)] form: String) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let result = crate::server::notices::end_calendar(&context, &form).await;
    crate::server::answer(&context, crate::server::notices::END_CALENDAR, &[], result)
}
