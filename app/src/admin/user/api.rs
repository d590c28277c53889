//! The server functions of a person's page. Each asks the desk for a permit; the rules are the
//! desk's.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ApiError;
use crate::forms::Done;

#[cfg(feature = "ssr")]
use {
    super::was_set,
    crate::admin::words::{FormNames, TO_ASK},
    crate::api_error::with_status,
    crate::forms::{Sender, answer, authorise, sender},
    crate::request_context::RequestContext,
    desk::{
        AccountChange, AccountState, AuditAction, Changed, Permit, Refusal, Right, Role, Secret,
        Visitor, right,
    },
};

/// A person's page as it is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// All of it that the visitor has the right to see.
    pub page: desk::UserPage,
    /// A new passphrase, where one was asked for without script.
    pub passphrase: String,
    /// What is asked and said on the telephone where their local password is closed.
    pub to_ask: String,
    /// What they are told who are given an initial one: before it is saved, and after.
    pub to_say: (String, String),
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
    with_status(see(&RequestContext::get()?, &netid, &before, false).await)
}

/// What the page shows, its history older than the row `before`; `generate`: with a new passphrase,
/// if the visitor may set the password.
#[cfg(feature = "ssr")]
pub(crate) async fn see(
    context: &RequestContext,
    netid: &str,
    before: &str,
    generate: bool,
) -> Result<Seen, Refusal> {
    let page = look_up(context, netid, before).await?;
    let passphrase = if generate && page.set_password_denied.is_none() {
        desk::generate_passphrase()
    } else {
        String::new()
    };
    let to_say = was_set::to_say(&page);
    Ok(Seen { page, passphrase, to_ask: TO_ASK.to_owned(), to_say })
}

#[cfg(feature = "ssr")]
async fn look_up(
    context: &RequestContext,
    netid: &str,
    before: &str,
) -> Result<desk::UserPage, Refusal> {
    let visitor = context.visitor().await?;
    let permit =
        context.desk.admit::<right::FindUsers>(&visitor, Some(netid), &context.origin).await?;
    context.desk.user_page_from(&permit, before).await
}

/// A new five-word passphrase. It is nobody's until it is saved.
#[server(prefix = "/fn", endpoint = "generate_passphrase", output = crate::wire::Wire)]
pub async fn generate_passphrase() -> Result<String, ApiError> {
    let context = RequestContext::get()?;
    let permit = async {
        let visitor = context.visitor().await?;
        context.desk.admit::<right::SetLocalPassword>(&visitor, None, &context.origin).await
    };
    with_status(permit.await.map(|_| desk::generate_passphrase()))
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
    let context = RequestContext::get()?;
    let work = async {
        let sender = sender(&context, &form, AuditAction::PasswordSet).await?;
        let permit =
            authorise::<right::SetLocalPassword>(&context, &sender, Some(&netid), own_password)
                .await?;
        let hurdle = context.desk.hurdle(&permit).await?;
        context.desk.set_local_password(&permit, &Secret::new(new), &Secret::new(retype)).await?;
        let subject = permit.person().map_or(netid.as_str(), |person| person.netid.as_str());
        let set = was_set::words(hurdle, subject, permit.called());
        // With script these words stand below the passphrase, which is still there.
        let say = if crate::request_context::is_plain_form() {
            was_set::now_say(hurdle, permit.called())
        } else {
            String::new()
        };
        Ok(Done::said(format!("{set}\n{say}").trim_end().to_owned()))
    };
    let result = work.await;
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
    let context = RequestContext::get()?;
    let work = async {
        let sender = sender(&context, &form, AuditAction::TokenRevoke).await?;
        let permit =
            authorise::<right::RevokeTokensOf>(&context, &sender, Some(&netid), own_password)
                .await?;
        context.desk.revoke_token(&permit, &id).await?;
        Ok(Done::said("The token has been revoked. It does not work any more."))
    };
    let result = work.await;
    answer(&context, &FormNames::revoke(&id), &[], result)
}

/// Revokes all tokens of somebody.
#[server(prefix = "/fn", endpoint = "revoke_all_tokens_of", output = crate::wire::Wire)]
pub async fn revoke_all_tokens_of(
    netid: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    let context = RequestContext::get()?;
    let work = async {
        let sender = sender(&context, &form, AuditAction::TokenRevoke).await?;
        let permit =
            authorise::<right::RevokeTokensOf>(&context, &sender, Some(&netid), own_password)
                .await?;
        let many = context.desk.revoke_all_tokens(&permit).await?;
        Ok(Done::said(format!("{} revoked.", counted(many, "token has been", "tokens have been"))))
    };
    let result = work.await;
    answer(&context, FormNames::REVOKE_ALL, &[], result)
}

/// Lets the tokens of somebody work again that a directory's word had revoked.
#[server(prefix = "/fn", endpoint = "restore_tokens_of", output = crate::wire::Wire)]
pub async fn restore_tokens_of(
    netid: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    let context = RequestContext::get()?;
    let work = async {
        let sender = sender(&context, &form, AuditAction::TokenRestore).await?;
        let permit =
            authorise::<right::SetDisabled>(&context, &sender, Some(&netid), own_password).await?;
        let many = context.desk.restore_tokens(&permit).await?;
        Ok(Done::said(format!("{} again.", counted(many, "token works", "tokens work"))))
    };
    let result = work.await;
    answer(&context, FormNames::RESTORE, &[], result)
}

/// Ends all sessions of somebody.
#[server(prefix = "/fn", endpoint = "end_sessions_of", output = crate::wire::Wire)]
pub async fn end_sessions_of(
    netid: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    let context = RequestContext::get()?;
    let work = async {
        let sender = sender(&context, &form, AuditAction::SessionEnd).await?;
        let permit =
            authorise::<right::EndSessionsOf>(&context, &sender, Some(&netid), own_password)
                .await?;
        let many = context.desk.end_sessions_of(&permit).await?;
        Ok(Done::said(format!(
            "{} ended.",
            counted(many, "session has been", "sessions have been")
        )))
    };
    let result = work.await;
    answer(&context, FormNames::END_SESSIONS, &[], result)
}

/// Opens a local password that was closed after too many wrong ones.
#[server(prefix = "/fn", endpoint = "open_account", output = crate::wire::Wire)]
pub async fn open_account(
    netid: String,
    #[server(default)] form: String,
    #[server(default)] own_password: String,
) -> Result<Done, ApiError> {
    let context = RequestContext::get()?;
    let work = async {
        let sender = sender(&context, &form, AuditAction::UserOpen).await?;
        let permit =
            authorise::<right::OpenAccount>(&context, &sender, Some(&netid), own_password).await?;
        let whose = permit.called();
        Ok(Done::said(if context.desk.open_account(&permit).await? {
            format!("The local password of {whose} is open again. It is the same as before.")
        } else {
            format!("The local password of {whose} was not closed.")
        }))
    };
    let result = work.await;
    answer(&context, FormNames::OPEN, &[], result)
}

/// Changes role, privilege and account. A box that is not ticked is not sent: its absence says no.
/// What the form was drawn from comes with it: nothing is changed that it has not shown.
#[server(prefix = "/fn", endpoint = "administer", output = crate::wire::Wire)]
pub async fn administer(
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
    let context = RequestContext::get()?;
    let work = async {
        let sender = sender(&context, &form, AuditAction::UserRole).await?;
        let was = AccountState {
            role: Role::parse(&was_role)?,
            privileged: was_privileged,
            disabled: was_disabled,
        };
        let wanted = AccountState { role: Role::parse(&role)?, privileged, disabled };
        change_account(&context, sender, &netid, was, wanted, &own_password).await
    };
    let result = work.await;
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
    let is_stale =
        matches!(result, Err(Refusal::ChangedMeanwhile | Refusal::AccountChanged { .. }));
    answer(&context, FormNames::ACCOUNT, if is_stale { &[] } else { &typed[..] }, result)
}

/// Gets the permits for all that differs before it changes any of it.
#[cfg(feature = "ssr")]
async fn change_account(
    context: &RequestContext,
    sender: Sender,
    netid: &str,
    was: AccountState,
    wanted: AccountState,
    own_password: &str,
) -> Result<Done, Refusal> {
    let mut visitor = Visitor::clone(&sender);
    // Given once, it confirms the session for all of them.
    let mut own = Some(Secret::new(own_password.to_owned())).filter(|secret| !secret.is_empty());
    let change = AccountChange {
        seen: Some(was),
        role: changed(context, &mut visitor, netid, (was.role, wanted.role), &mut own).await?,
        privileged: changed(
            context,
            &mut visitor,
            netid,
            (was.privileged, wanted.privileged),
            &mut own,
        )
        .await?,
        disabled: changed(context, &mut visitor, netid, (was.disabled, wanted.disabled), &mut own)
            .await?,
    };
    if was == wanted {
        // Whether that may be said, the rules decide too; and what is so now may be something else.
        let permit =
            context.desk.admit::<right::SetRole>(&visitor, Some(netid), &context.origin).await?;
        let now = permit.person().map_or(was, AccountState::from);
        return if now == was {
            Ok(Done::said("Nothing was changed."))
        } else {
            Err(Refusal::AccountChanged { was, now })
        };
    }
    context.desk.change_account(&change).await?;
    Ok(Done::said(format!("The account of {} has been changed.", netid.trim().to_lowercase())))
}

/// A property that is to be another, with the permit for it; none: it stays.
#[cfg(feature = "ssr")]
async fn changed<R: Right, T: PartialEq>(
    context: &RequestContext,
    visitor: &mut Visitor,
    netid: &str,
    (from, to): (T, T),
    own_password: &mut Option<Secret>,
) -> Result<Option<Changed<R, T>>, Refusal> {
    if from == to {
        return Ok(None);
    }
    let own_password = own_password.take();
    let permit: Permit<R> = context
        .desk
        .authorise(visitor, Some(netid), own_password.as_ref(), &context.origin)
        .await?;
    if let Some(cookie) = permit.cookie() {
        // The session has a new id: the next permit is asked in its name.
        context.set_cookie(cookie);
        *visitor = context.desk.visitor(cookie, &context.origin).await?.still_sending(visitor);
    }
    Ok(Some(Changed { permit, from, to }))
}

#[cfg(feature = "ssr")]
fn counted(many: u32, one: &str, more: &str) -> String {
    format!("{many} {}", if many == 1 { one } else { more })
}
