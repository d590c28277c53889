//! What the demo's people do at a desk by their own hands, each with the demo's passwords. For
//! benchmarks and whoever has a desk only; a [`crate::World`] has the same as methods.

use desk::{
    AuditAction, Cookie, Desk, NewToken, Origin, Permit, PlainToken, Refusal, Right, Secret,
    TokenView, Visitor, right,
};

use crate::forms::new_token;

/// Where tests come from.
pub fn origin() -> Origin {
    Origin { address: [192, 0, 2, 7].into(), agent: "a test's browser".to_owned() }
}

/// A password.
pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Logs a demo account in.
pub async fn log_in(desk: &Desk, netid: &str) -> Cookie {
    desk.log_in(netid, &secret(&format!("{netid}-netid-password")), &origin()).await.unwrap().0
}

/// A permit by the demo account's local password.
///
/// # Errors
/// The desk refuses it.
pub async fn permit<R: Right>(
    desk: &Desk,
    netid: &str,
    subject: Option<&str>,
) -> Result<Permit<R>, Refusal> {
    permit_by_form(desk, netid, subject, "", AuditAction::TokenManage).await
}

/// The same by a form with this key, which asks for `action`.
///
/// # Errors
/// The desk refuses it.
pub async fn permit_by_form<R: Right>(
    desk: &Desk,
    netid: &str,
    subject: Option<&str>,
    form: &str,
    action: AuditAction,
) -> Result<Permit<R>, Refusal> {
    let visitor = desk.visitor(&log_in(desk, netid).await, &origin()).await?;
    let visitor = desk.sender(visitor, form, action).await?;
    let own = secret(&format!("{netid}-local-password"));
    desk.authorise(&visitor, subject, Some(&own), &origin()).await
}

/// What a local password is worth to this visitor, to make a token or revoke one.
///
/// # Errors
/// The desk refuses it.
pub async fn confirm(
    desk: &Desk,
    visitor: &Visitor,
    password: &str,
) -> Result<Permit<right::ManageOwnTokens>, Refusal> {
    desk.authorise(visitor, None, Some(&secret(password)), &origin()).await
}

/// A token of a demo account.
pub async fn token_with(
    desk: &Desk,
    netid: &str,
    description: &str,
    adjust: impl FnOnce(&mut NewToken),
) -> (PlainToken, TokenView) {
    let permit = permit::<right::ManageOwnTokens>(desk, netid, None).await.unwrap();
    let mut new = new_token(description);
    adjust(&mut new);
    desk.create_token(&permit, new).await.unwrap()
}
