//! The server functions of a person's page. Each asks the desk for a permit; the rules are the
//! desk's.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ApiError;
use crate::components::Notice;
use crate::forms::Done;

/// A person's page as it is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// All of it that the visitor has the right to see.
    pub page: desk::UserPage,
    /// A new passphrase, where one was asked for without script; or the one that was saved so.
    pub passphrase: String,
    /// It is saved, and shown once more to be read out.
    pub is_saved: bool,
    /// What is said of their local password.
    pub words: Box<Words>,
}

/// What is said of somebody's local password as it is now. Made on the server, so that no page
/// loads the words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Where it is closed: that it is, and who opens it, or what they ask and say on the telephone.
    pub closed: String,
    /// Why the visitor cannot set an initial one; none: can.
    pub denied: Option<Notice>,
    /// What is to be known before one is set.
    pub warning: Option<Notice>,
    /// What they are told who are given one, as long as it is not saved.
    pub unsaved: String,
    /// The same once it is.
    pub saved: String,
    /// That it is another than the visitor has set: their own, or another's.
    pub over: Option<Notice>,
}

impl Seen {
    /// `{name} ({netid})`; somebody without a name is their NetID.
    pub(super) fn name(&self) -> String {
        let user = &self.page.user;
        if user.name.is_empty() {
            user.netid.clone()
        } else {
            format!("{} ({})", user.name, user.netid)
        }
    }
}

/// Without the passphrase.
impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").field("page", &self.page).finish_non_exhaustive()
    }
}

/// What the page shows, asked for again while it is open.
#[server(prefix = "/fn", endpoint = "user_page", output = crate::wire::Wire)]
pub async fn user_page(netid: String, #[server(default)] before: String) -> Result<Seen, ApiError> {
    use crate::server::{RequestContext, user, with_status};
    with_status(user::see(&RequestContext::get()?, &netid, &before).await)
}

/// A new five-word passphrase. It is nobody's until it is saved.
#[server(prefix = "/fn", endpoint = "generate_passphrase", output = crate::wire::Wire)]
pub async fn generate_passphrase() -> Result<String, ApiError> {
    use crate::server::{RequestContext, user, with_status};
    with_status(user::generate_passphrase(&RequestContext::get()?).await)
}

/// Sets somebody's initial local password.
#[server(prefix = "/fn", endpoint = "set_local_password", output = crate::wire::Wire)]
pub async fn set_local_password(
    netid: String,
    #[server(default)] own_password: String,
    #[server(default)] new: String,
    #[server(default)] retype: String,
    #[server(default)] form: String,
) -> Result<Done, ApiError> {
    use crate::admin::words::FormNames;
    use crate::server::{RequestContext, answer, user};
    let context = RequestContext::get()?;
    let result = user::set_local_password(&context, &form, &netid, own_password, new, retype).await;
    answer(&context, FormNames::PASSWORD, &[], result)
}

/// Revokes one of somebody's tokens.
#[server(prefix = "/fn", endpoint = "revoke_token_of", output = crate::wire::Wire)]
pub async fn revoke_token_of(
    netid: String,
    id: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    use crate::admin::words::FormNames;
    use crate::server::{RequestContext, answer, user};
    let context = RequestContext::get()?;
    let result = user::revoke_token(&context, &form, &netid, &id, own_password).await;
    answer(&context, &FormNames::revoke(&id), &[], result)
}

/// Revokes all tokens of somebody.
#[server(prefix = "/fn", endpoint = "revoke_all_tokens_of", output = crate::wire::Wire)]
pub async fn revoke_all_tokens_of(
    netid: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    use crate::admin::words::FormNames;
    use crate::server::{RequestContext, answer, user};
    let context = RequestContext::get()?;
    let result = user::revoke_all_tokens(&context, &form, &netid, own_password).await;
    answer(&context, FormNames::REVOKE_ALL, &[], result)
}

/// Lets the tokens of somebody work again that a directory's word had revoked.
#[server(prefix = "/fn", endpoint = "restore_tokens_of", output = crate::wire::Wire)]
pub async fn restore_tokens_of(
    netid: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    use crate::admin::words::FormNames;
    use crate::server::{RequestContext, answer, user};
    let context = RequestContext::get()?;
    let result = user::restore_tokens(&context, &form, &netid, own_password).await;
    answer(&context, FormNames::RESTORE, &[], result)
}

/// Ends all sessions of somebody.
#[server(prefix = "/fn", endpoint = "end_sessions_of", output = crate::wire::Wire)]
pub async fn end_sessions_of(
    netid: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    use crate::admin::words::FormNames;
    use crate::server::{RequestContext, answer, user};
    let context = RequestContext::get()?;
    let result = user::end_sessions(&context, &form, &netid, own_password).await;
    answer(&context, FormNames::END_SESSIONS, &[], result)
}

/// Opens a local password that was closed after too many wrong ones.
#[server(prefix = "/fn", endpoint = "open_account", output = crate::wire::Wire)]
pub async fn open_account(
    netid: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    use crate::admin::words::FormNames;
    use crate::server::{RequestContext, answer, user};
    let context = RequestContext::get()?;
    let result = user::open_account(&context, &form, &netid, own_password).await;
    answer(&context, FormNames::OPEN, &[], result)
}

/// Changes role, privilege and account. A box that is not ticked is not sent: its absence says no.
/// What the form was drawn from comes with it: nothing is changed that it has not shown.
#[server(prefix = "/fn", endpoint = "change_account", output = crate::wire::Wire)]
pub async fn change_account(
    netid: String,
    role: String,
    was_role: String,
    #[server(default)] privileged: bool,
    was_privileged: bool,
    #[server(default)] disabled: bool,
    was_disabled: bool,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    use crate::admin::words::FormNames;
    use crate::server::{RequestContext, answer, user};
    let context = RequestContext::get()?;
    let was = (was_role.as_str(), was_privileged, was_disabled);
    let wanted = (role.as_str(), privileged, disabled);
    let result = user::change_account(&context, &form, &netid, was, wanted, &own_password).await;
    let word = |yes: bool| if yes { "true" } else { "false" };
    let typed = [
        ("role", role.as_str()),
        ("was_role", was_role.as_str()),
        ("privileged", word(privileged)),
        ("was_privileged", word(was_privileged)),
        ("disabled", word(disabled)),
        ("was_disabled", word(was_disabled)),
    ];
    // After a change by somebody else the form is drawn anew, from what is there now.
    let typed = if user::is_stale(&result) { &[] } else { &typed[..] };
    answer(&context, FormNames::ACCOUNT, typed, result)
}
