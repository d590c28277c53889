//! A person's page for the desk: what there is to see, and what is done there. Each asks for a
//! permit; the rules are the desk's. Tests: `server/tests/server/people/functions.rs`.

mod was_set;
mod words;

use desk::{
    AccountChange, AccountState, AuditAction, Changed, LocalState, NetId, Permit, Refusal, Right,
    Role, Secret, Visitor, right,
};

use super::auth_tokens::revoked;
use super::request_context::{self, RequestContext};
use super::{Sender, old_strings, permit, sender, used_from};
use crate::admin::user::Seen;
use crate::forms::Done;

/// What the page shows, its history older than the row `before`.
pub(crate) async fn see(
    context: &RequestContext,
    netid: &str,
    before: &str,
) -> Result<Seen, Refusal> {
    let visitor = context.visitor().await?;
    let permit =
        context.desk.admit::<right::FindUsers>(&visitor, Some(netid), &context.origin).await?;
    let mut page = context.desk.user_page_from(&permit, before).await?;
    let tokens = page.tokens.as_deref_mut().unwrap_or_default();
    used_from::fill_in(tokens, context.desk.now(), None);
    old_strings::fill_in(tokens, &context.desk, old_strings::Reader::Another);
    let words = words::of(&page, can_log_in(context, &permit), &permit.actor_title()).into();
    Ok(Seen { page, passphrase: String::new(), is_saved: false, words })
}

/// The same for a page, if the visitor may set the password: with a new passphrase where one is to
/// be generated, else with the one that a form without script has just saved. Only a page shows
/// that, so that a script that asks again does not take it away; and only to who will see it. Taken
/// last of all: where anything fails it is still there.
pub(crate) async fn first_view(
    context: &RequestContext,
    netid: &str,
    before: &str,
    generate: bool,
) -> Result<Seen, Refusal> {
    let seen = see(context, netid, before).await?;
    if seen.page.set_password_denied.is_some() {
        return Ok(seen);
    }
    if generate {
        return Ok(Seen { passphrase: desk::generate_passphrase(), ..seen });
    }
    let saved = match &context.cookie {
        Some(cookie) if context.may_reveal => {
            let netid = NetId::parse(&seen.page.user.netid)?;
            context.desk.take_passphrase_for_reveal(cookie, &netid).await?
        }
        _ => None,
    };
    let Some(words) = saved else { return Ok(seen) };
    Ok(Seen { passphrase: words.expose().to_owned(), is_saved: true, ..seen })
}

fn can_log_in<R: Right>(context: &RequestContext, permit: &Permit<R>) -> bool {
    context.desk.can_log_in(permit, context.settings.vouched_for)
}

/// A new passphrase, for who may set local passwords.
pub(crate) async fn generate_passphrase(context: &RequestContext) -> Result<String, Refusal> {
    let visitor = context.visitor().await?;
    let _: Permit<right::SetLocalPassword> =
        context.desk.admit(&visitor, None, &context.origin).await?;
    Ok(desk::generate_passphrase())
}

pub(crate) async fn set_local_password(
    context: &RequestContext,
    form: &str,
    netid: &str,
    own_password: String,
    new: String,
    retype: String,
) -> Result<Done, Refusal> {
    let permit: Permit<right::SetLocalPassword> =
        permit(context, form, AuditAction::PasswordSet, Some(netid), own_password)
            .await
            .map_err(set_unseen)?;
    let hurdle = context.desk.hurdle(&permit).await?;
    let (new, retype) = (Secret::new(new), Secret::new(retype));
    context.desk.set_local_password(&permit, &new, &retype).await?;
    let subject = permit.person().map_or(netid, |person| person.netid.as_str());
    let can = can_log_in(context, &permit);
    let set = was_set::words(hurdle, can, subject, permit.called());
    // What to say stands below the passphrase, where that is on the page.
    let say = match shown_once(context, &permit, &new).await {
        Shown::Nowhere if can => was_set::now_say(hurdle, can, permit.called()),
        Shown::Below | Shown::Nowhere => String::new(),
        Shown::Lost => was_set::LOST.to_owned(),
    };
    Ok(Done::with_notice(format!("{set}\n{say}").trim_end().to_owned()))
}

/// Where the form was done before, and its answer lost: without script the passphrase went with it.
fn set_unseen(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::SentAlready { did, good: true } if request_context::is_plain_form() => {
            Refusal::SentAlready { did: format!("{did} {}", was_set::UNSEEN), good: false }
        }
        other => other,
    }
}

/// Where whoever has saved an initial password reads it then.
enum Shown {
    /// On the page, with what to say below it.
    Below,
    /// Nowhere: they have typed it themselves.
    Nowhere,
    /// Nowhere, and they may not have read it out.
    Lost,
}

/// With script a passphrase is still there; without, the next page shows it once more.
async fn shown_once(
    context: &RequestContext,
    permit: &Permit<right::SetLocalPassword>,
    new: &Secret,
) -> Shown {
    if !request_context::is_plain_form() {
        return Shown::Below;
    }
    let Some(cookie) = permit.cookie().or(context.cookie.as_ref()) else { return Shown::Lost };
    // It is set, whatever becomes of this.
    match context.desk.keep_passphrase_for_reveal(permit, cookie, new).await {
        Ok(true) => Shown::Below,
        Ok(false) => Shown::Nowhere,
        Err(_) => Shown::Lost,
    }
}

pub(crate) async fn revoke_token(
    context: &RequestContext,
    form: &str,
    netid: &str,
    id: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let permit: Permit<right::RevokeTokensOf> =
        permit(context, form, AuditAction::TokenRevoke, Some(netid), own_password).await?;
    context.desk.revoke_token(&permit, id).await?;
    Ok(revoked(1, ""))
}

pub(crate) async fn revoke_all_tokens(
    context: &RequestContext,
    form: &str,
    netid: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let permit: Permit<right::RevokeTokensOf> =
        permit(context, form, AuditAction::TokenRevoke, Some(netid), own_password).await?;
    Ok(revoked(context.desk.revoke_all_tokens(&permit).await?, ""))
}

/// Lets the tokens of somebody work again that a directory's word had revoked.
pub(crate) async fn restore_tokens(
    context: &RequestContext,
    form: &str,
    netid: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let permit: Permit<right::SetDisabled> =
        permit(context, form, AuditAction::TokenRestore, Some(netid), own_password).await?;
    Ok(Done::with_notice(match context.desk.restore_tokens(&permit).await? {
        0 => "There was no token left to restore.".to_owned(),
        1 => "1 token works again.".to_owned(),
        many => format!("{many} tokens work again."),
    }))
}

pub(crate) async fn end_sessions(
    context: &RequestContext,
    form: &str,
    netid: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let permit: Permit<right::EndSessionsOf> =
        permit(context, form, AuditAction::SessionEnd, Some(netid), own_password).await?;
    Ok(Done::with_notice(match context.desk.end_sessions_of(&permit).await? {
        0 => "There was no session left to end.".to_owned(),
        1 => "1 session has been ended.".to_owned(),
        many => format!("{many} sessions have been ended."),
    }))
}

/// Opens a local password that was closed after too many wrong ones.
pub(crate) async fn open_account(
    context: &RequestContext,
    form: &str,
    netid: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let permit: Permit<right::OpenAccount> =
        permit(context, form, AuditAction::UserOpen, Some(netid), own_password).await?;
    let whose = permit.called();
    let is_initial = permit.person().is_some_and(|person| person.local == LocalState::Initial);
    Ok(Done::with_notice(if context.desk.open_account(&permit).await? {
        if is_initial {
            format!("The initial local password of {whose} is open: the one that was set last.")
        } else {
            format!("The local password of {whose} is open again. It is the same as before.")
        }
    } else {
        format!("The local password of {whose} was not closed.")
    }))
}

/// Changes role, privilege and account, from what the form showed to what is wanted.
pub(crate) async fn change_account(
    context: &RequestContext,
    form: &str,
    netid: &str,
    was: (&str, bool, bool),
    wanted: (&str, bool, bool),
    own_password: &str,
) -> Result<Done, Refusal> {
    let sender = sender(context, form, AuditAction::UserRole).await?;
    let state = |(role, privileged, disabled): (&str, bool, bool)| {
        Ok::<_, Refusal>(AccountState { role: Role::parse(role)?, privileged, disabled })
    };
    let (was, wanted) = (state(was)?, state(wanted)?);
    change_differences(context, sender, netid, was, wanted, own_password).await
}

/// Whether somebody else changed the account since the form was drawn.
pub(crate) fn is_stale(result: &Result<Done, Refusal>) -> bool {
    matches!(result, Err(Refusal::ChangedMeanwhile | Refusal::AccountChanged { .. }))
}

/// Gets the permits for all that differs before it changes any of it.
async fn change_differences(
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
            Ok(Done::with_notice("Nothing was changed."))
        } else {
            Err(Refusal::AccountChanged { was, now })
        };
    }
    context.desk.change_account(&change).await?;
    Ok(Done::with_notice(format!(
        "The account of {} has been changed.",
        netid.trim().to_lowercase()
    )))
}

/// A property that is to be another, with the permit for it; none: it stays.
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
