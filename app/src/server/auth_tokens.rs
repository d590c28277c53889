//! The server's part of **Auth Tokens**: words into types, then the desk.

use desk::{
    Access, Actor, AuditAction, Description, Expires, GracePeriod, Moment, NetId, Networks,
    NewToken, Permit, PlainToken, Refusal, SeenToken, TokenEdit, TokenView, right,
};

use super::request_context::{self, RequestContext};
use super::{authorise, old_strings, permit, sender, used_from};
use crate::components::{Notice, NoticeKind};
use crate::forms::Done;
use crate::pages::Page as _;
use crate::settings::auth_tokens::api::{Reveal, Tokens};
use crate::settings::auth_tokens::expiry::{CUSTOM, KEEP};

/// What was typed.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) description: &'a str,
    pub(crate) expires: &'a str,
    pub(crate) date: &'a str,
    pub(crate) until: &'a str,
    pub(crate) networks: &'a str,
}

impl<'a> Words<'a> {
    /// What the form is filled with again after a refusal.
    pub(crate) fn typed(&self) -> [(&'static str, &'a str); 4] {
        [
            ("description", self.description),
            ("expires", self.expires),
            ("date", self.date),
            ("networks", self.networks),
        ]
    }
}

/// Where the card is that a mail's link names, by the first 16 hex digits of the token's id: what
/// stands behind `#` is lost at log-in, a query is not. None: it names none.
pub(crate) fn named_card(context: &RequestContext) -> Option<String> {
    let id = context.query("token")?;
    let is_digit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    let is_id = id.len() == 16 && id.bytes().all(is_digit);
    is_id.then(|| format!("{}#token-{id}", Tokens::PATH))
}

/// The list for a page, with the token that a form without script has just made: only a page shows
/// it, so that a script that asks again does not take it away; and only to who will see it. Taken
/// last of all: where anything fails it is still there.
pub(crate) async fn first_view(context: &RequestContext) -> Result<Tokens, Refusal> {
    let visitor = context.visitor().await?;
    let tokens = own_tokens(context).await?;
    let reveal = match &context.cookie {
        Some(cookie) if context.may_reveal => {
            context.desk.take_for_reveal(&visitor, cookie).await?
        }
        _ => None,
    };
    let reveal = reveal
        .map(|(token, view)| Reveal { secret: token.expose().to_owned(), about: about(&view) });
    Ok(Tokens { reveal, ..tokens })
}

pub(crate) async fn own_tokens(context: &RequestContext) -> Result<Tokens, Refusal> {
    let visitor = context.visitor().await?;
    let mut all = context.desk.own_tokens(&visitor).await?;
    name_owner(&mut all, visitor.netid());
    used_from::fill_in(&mut all, context.desk.now(), Some(visitor.netid()));
    old_strings::fill_in(&mut all, &context.desk, old_strings::Reader::Owner);
    Ok(Tokens { all, reveal: None })
}

/// Whoever has revoked one of their own reads “you”, as in Activity.
fn name_owner(tokens: &mut [TokenView], owner: &NetId) {
    for revoked in tokens.iter_mut().filter_map(|token| token.revoked.as_mut()) {
        if matches!(&revoked.by, Actor::Person(netid) if netid == owner) {
            revoked.by = Actor::Other("you".to_owned());
        }
    }
}

pub(crate) async fn create(
    context: &RequestContext,
    form: &str,
    words: Words<'_>,
    access: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    // Who is not logged in learns nothing else; and what can be put right is said before a password
    // is asked for.
    let sender = sender(context, form, AuditAction::TokenCreate).await?;
    let new = NewToken {
        description: Description::parse(words.description)?,
        expires: one_choice(words).and_then(|()| expiry(context, words))?,
        access: Access::parse(access)?,
        networks: Networks::parse(words.networks)?,
    };
    let permit = authorise::<right::ManageOwnTokens>(context, &sender, None, own_password).await?;
    let made = context.desk.create_token(&permit, new).await?;
    shown_once(context, &permit, made).await
}

pub(crate) async fn renew(
    context: &RequestContext,
    form: &str,
    id: &str,
    grace: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let sender = sender(context, form, AuditAction::TokenRenew).await?;
    let grace = GracePeriod::parse(grace)?;
    let permit = authorise::<right::ManageOwnTokens>(context, &sender, None, own_password).await?;
    let made = context.desk.renew_token(&permit, id, grace).await?;
    shown_once(context, &permit, made).await
}

/// What a new token is for, in words, and its id as its card shows it: another of the same
/// description is another token.
fn about(token: &TokenView) -> String {
    let id = token.id.as_str();
    format!("For “{}”. Its Id is {}.", token.description, id.get(..8).unwrap_or(id))
}

/// Of a token that is made and whose secret nobody has.
const NOT_SHOWN: &str = "The token was created, but it cannot be shown. Revoke it and create \
    another.";

/// The answer with the secret; without script the next page shows it instead.
async fn shown_once(
    context: &RequestContext,
    permit: &Permit<right::ManageOwnTokens>,
    (token, view): (PlainToken, TokenView),
) -> Result<Done, Refusal> {
    let mut done = Done { about: about(&view), ..Done::default() };
    if request_context::is_plain_form() {
        if let Some(cookie) = permit.cookie().or(context.cookie.as_ref()) {
            // The token is made, whatever becomes of this.
            if context.desk.keep_for_reveal(cookie, &token).await.is_err() {
                done.notice = Some(Notice { kind: NoticeKind::Warn, ..Notice::good(NOT_SHOWN) });
            }
        }
    } else {
        done.secret = Some(token.expose().to_owned());
    }
    Ok(done)
}

/// Changes a token that is as it `was` when the form was drawn.
pub(crate) async fn edit(
    context: &RequestContext,
    form: &str,
    id: &str,
    words: Words<'_>,
    was: Words<'_>,
    own_password: String,
) -> Result<Done, Refusal> {
    let sender = sender(context, form, AuditAction::TokenEdit).await?;
    let was_expires = match was.expires {
        "" => None,
        milliseconds => Some(Moment(milliseconds.parse().map_err(|_| Refusal::Unreadable)?)),
    };
    let seen = SeenToken {
        description: was.description.to_owned(),
        networks: was.networks.to_owned(),
        expires: was_expires,
    };
    one_choice(words)?;
    let expires = if words.expires == KEEP {
        let all = context.desk.own_tokens(&sender).await?;
        let token =
            all.iter().find(|token| token.id.as_str() == id).ok_or(Refusal::TokenUnknown)?;
        token.expires.map_or(Expires::Never, Expires::At)
    } else {
        expiry(context, words)?
    };
    let (description, networks) =
        (Description::parse(words.description)?, Networks::parse(words.networks)?);
    let is_same = (description.to_string(), networks.to_string(), expires.moment())
        == (seen.description.clone(), seen.networks.clone(), seen.expires);
    let edit = TokenEdit { description, networks, expires, seen: Some(seen) };
    let permit = authorise::<right::ManageOwnTokens>(context, &sender, None, own_password).await?;
    context.desk.edit_token(&permit, id, edit).await?;
    Ok(Done::with_notice(if is_same {
        "Nothing was changed: the token is as it was."
    } else {
        "The token has been changed. Its secret stays the same."
    }))
}

pub(crate) async fn revoke(
    context: &RequestContext,
    form: &str,
    id: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let permit = to_revoke(context, form, own_password).await?;
    context.desk.revoke_token(&permit, id).await?;
    Ok(revoked(1, ""))
}

pub(crate) async fn revoke_idle(
    context: &RequestContext,
    form: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let permit = to_revoke(context, form, own_password).await?;
    Ok(revoked(context.desk.revoke_idle_tokens(&permit).await?, "unused "))
}

pub(crate) async fn revoke_all(
    context: &RequestContext,
    form: &str,
    own_password: String,
) -> Result<Done, Refusal> {
    let permit = to_revoke(context, form, own_password).await?;
    Ok(revoked(context.desk.revoke_all_tokens(&permit).await?, ""))
}

/// Notes that it was they who used one of their tokens from a new network.
pub(crate) async fn recognise(
    context: &RequestContext,
    form: &str,
    id: &str,
    network: &str,
) -> Result<Done, Refusal> {
    let sender = sender(context, form, AuditAction::TokenNetworkKnown).await?;
    let is_new = context.desk.recognise_network(&sender, id, network, &context.origin).await?;
    Ok(Done::with_notice(if is_new {
        format!("Noted: it was you who used the token from {network}.")
    } else {
        "There is nothing to answer for that network any more.".to_owned()
    }))
}

async fn to_revoke(
    context: &RequestContext,
    form: &str,
    own_password: String,
) -> Result<Permit<right::ManageOwnTokens>, Refusal> {
    permit(context, form, AuditAction::TokenRevoke, None, own_password).await
}

/// What is said of so many revoked tokens; `which`: of all, nothing, or a word and a space.
pub(super) fn revoked(many: u32, which: &str) -> Done {
    Done::with_notice(match many {
        0 => format!("There was no {which}token left to revoke."),
        1 => format!("The {which}token has been revoked. It no longer works."),
        _ => format!("All {many} {which}tokens have been revoked. None of them works any longer."),
    })
}

/// Without script the date is there whatever is chosen beside it; with script only where it counts.
fn one_choice(words: Words<'_>) -> Result<(), Refusal> {
    let is_beside = request_context::is_plain_form() && words.expires != CUSTOM;
    if is_beside && !words.date.trim().is_empty() { Err(Refusal::ExpiryTwice) } else { Ok(()) }
}

fn expiry(context: &RequestContext, words: Words<'_>) -> Result<Expires, Refusal> {
    Expires::parse(
        words.expires,
        words.date,
        words.until,
        context.desk.now(),
        context.desk.settings().token_cap_days,
    )
}

#[cfg(test)]
mod tests {
    use desk::{Revoked, TokenId};

    use super::*;

    #[test]
    fn one_that_they_have_revoked_themselves_says_you_and_no_other_does() {
        let netid = NetId::parse("tia").expect("a NetID");
        let made = |by: Actor| TokenView {
            revoked: Some(Revoked { at: Moment(1), by }),
            ..TokenView::made(
                TokenId::parse(&"a1".repeat(32)).expect("an id"),
                "Backup".to_owned(),
                Access::Full,
                Moment(0),
            )
        };
        let mut all = [made(Actor::Person(netid.clone())), made(Actor::Console)];
        name_owner(&mut all, &netid);
        let by = all.map(|token| token.revoked.expect("it is revoked").by.words());
        assert_eq!(by, ["you", "the operator"]);
    }

    #[test]
    fn whatever_was_revoked_is_said_in_the_same_words() {
        let text_of = |many, which| revoked(many, which).notice.expect("it is said").text;
        assert_eq!(text_of(0, ""), "There was no token left to revoke.");
        assert_eq!(text_of(1, "unused "), "The unused token has been revoked. It no longer works.");
        assert_eq!(
            text_of(2, ""),
            "All 2 tokens have been revoked. None of them works any longer."
        );
    }
}
