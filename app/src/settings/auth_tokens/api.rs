//! The server functions of **Auth Tokens**, and the names of its forms: list, make, renew, edit,
//! revoke. Tests: `server/tests/server/people/functions.rs`; of the rules
//! `desk/tests/desk/tokens.rs`.

use desk::TokenView;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::forms::Done;

/// The form that makes a token.
pub(super) const CREATE: &str = "create-token";
/// The form that revokes all of them.
pub(super) const REVOKE_ALL: &str = "revoke-all";

/// The form that revokes those that nobody uses.
pub(super) const REVOKE_IDLE: &str = "revoke-unused";

/// The form that renews this token.
pub(super) fn renew_form(id: &str) -> String {
    format!("renew-token-{id}")
}

/// The form that edits this token.
pub(super) fn edit_form(id: &str) -> String {
    format!("edit-token-{id}")
}

/// The form that revokes this token.
pub(super) fn revoke_form(id: &str) -> String {
    format!("revoke-token-{id}")
}

/// One's own tokens, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// In the order of the page as it is sent: newest first.
    pub all: Vec<TokenView>,
    /// The one just made by a form without script: shown by this page and never again.
    pub reveal: Option<Reveal>,
}

/// A token that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// The token itself.
    pub secret: String,
    /// What it is for: of two that were made at once in two tabs it tells which is which.
    pub about: String,
}

/// Without the secret.
impl std::fmt::Debug for Reveal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fresh").finish_non_exhaustive()
    }
}

/// One's own tokens.
///
/// # Errors
/// [`desk::Refusal::SessionEnded`], [`desk::Refusal::Unavailable`].
#[server(prefix = "/fn", endpoint = "own_tokens", output = crate::wire::Wire)]
pub async fn own_tokens() -> Result<Tokens, ApiError> {
    crate::server::with_status(
        crate::server::auth_tokens::own_tokens(&crate::server::RequestContext::get()?).await,
    )
}

/// Makes a token; the answer holds it once. `until`: the end of the day `date` where the person is,
/// as the browser says.
///
/// # Errors
/// What is wrong with a field, the rules, the local password.
#[server(prefix = "/fn", endpoint = "create_token", output = crate::wire::Wire)]
pub async fn create_token(
    #[server(default)] form: String,
    #[server(default)] description: String,
    #[server(default)] expires: String,
    #[server(default)] date: String,
    #[server(default)] until: String,
    #[server(default)] access: String,
    #[server(default)] networks: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    use crate::server::auth_tokens as functions;
    let context = crate::server::RequestContext::get()?;
    let words = functions::Words {
        description: &description,
        expires: &expires,
        date: &date,
        until: &until,
        networks: &networks,
    };
    let typed = [&words.typed()[..], &[("access", access.as_str())]].concat();
    let result = functions::create(&context, &form, words, &access, own_password).await;
    crate::server::answer(&context, CREATE, &typed, result)
}

/// Makes a new secret in the place of a token's; the answer holds it once.
///
/// # Errors
/// As [`desk::Desk::renew_token`], the rules, the local password.
#[server(prefix = "/fn", endpoint = "renew_token", output = crate::wire::Wire)]
pub async fn renew_token(
    id: String,
    #[server(default)] form: String,
    #[server(default)] overlap: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let result =
        crate::server::auth_tokens::renew(&context, &form, &id, &overlap, own_password).await;
    crate::server::answer(&context, &renew_form(&id), &[("overlap", &overlap)], result)
}

/// Changes a token's description, networks and expiry.
///
/// # Errors
/// What is wrong with a field, the rules, the local password.
#[server(prefix = "/fn", endpoint = "edit_token", output = crate::wire::Wire)]
pub async fn edit_token(
    id: String,
    #[server(default)] form: String,
    #[server(default)] description: String,
    #[server(default)] expires: String,
    #[server(default)] date: String,
    #[server(default)] until: String,
    #[server(default)] networks: String,
    was_description: String,
    was_networks: String,
    was_expires: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    use crate::server::auth_tokens as functions;
    let context = crate::server::RequestContext::get()?;
    let words = functions::Words {
        description: &description,
        expires: &expires,
        date: &date,
        until: &until,
        networks: &networks,
    };
    let was = functions::Words {
        description: &was_description,
        expires: &was_expires,
        date: "",
        until: "",
        networks: &was_networks,
    };
    let result = functions::edit(&context, &form, &id, words, was, own_password).await;
    crate::server::answer(&context, &edit_form(&id), &words.typed(), result)
}

/// Revokes a token.
///
/// # Errors
/// The rules, the local password, [`desk::Refusal::TokenUnknown`].
#[server(prefix = "/fn", endpoint = "revoke_token", output = crate::wire::Wire)]
pub async fn revoke_token(
    id: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let result = crate::server::auth_tokens::revoke(&context, &form, &id, own_password).await;
    crate::server::answer(&context, &revoke_form(&id), &[], result)
}

/// Notes that it was the person who used a token from a new network. Posted by the form that the
/// server draws on its card.
///
/// # Errors
/// As [`desk::Desk::recognise_network`].
#[server(prefix = "/fn", endpoint = "recognise_network", output = crate::wire::Wire)]
pub async fn recognise_network(
    id: String,
    network: String,
    #[server(default)] form: String,
) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let result = crate::server::auth_tokens::recognise(&context, &form, &id, &network).await;
    crate::server::answer(&context, "recognise-network", &[], result)
}

/// Revokes every token.
///
/// # Errors
/// The rules, the local password.
#[server(prefix = "/fn", endpoint = "revoke_all_tokens", output = crate::wire::Wire)]
pub async fn revoke_all_tokens(
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let result = crate::server::auth_tokens::revoke_all(&context, &form, own_password).await;
    crate::server::answer(&context, REVOKE_ALL, &[], result)
}

/// Revokes every token that nobody has used for [`desk::IDLE_DAYS`].
///
/// # Errors
/// The rules, the local password.
#[server(prefix = "/fn", endpoint = "revoke_idle_tokens", output = crate::wire::Wire)]
pub async fn revoke_idle_tokens(
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let result = crate::server::auth_tokens::revoke_idle(&context, &form, own_password).await;
    crate::server::answer(&context, REVOKE_IDLE, &[], result)
}
