//! Who sends a form: asked before anything else is judged, by whatever a form posts to
//! ([`desk::Desk::sender`]). Tests: `server/tests/server/people/{sent_twice,two_tabs}.rs`.

use std::ops::Deref;

use desk::{AuditAction, FormKey, NetId, Permit, Refusal, Right, Secret, Visitor};

use super::request_context::RequestContext;

/// The visitor, whose page and whose first sending it is. Only [`sender`] makes one, and
/// [`authorise`] takes no other.
#[derive(Debug)]
pub struct Sender(Visitor);

impl Deref for Sender {
    type Target = Visitor;
    fn deref(&self) -> &Visitor {
        &self.0
    }
}

/// What is known of the form that is sent.
#[derive(Debug)]
pub(crate) struct SentForm {
    /// For whom its page was made: what was typed is shown to nobody else, whoever is logged in by
    /// then.
    pub(crate) made_for: Option<NetId>,
    /// Its session has ended, and it was done before: the page after the log-in says that, and not
    /// that nothing was done.
    pub(crate) done: Option<Refusal>,
}

/// Who sends the form with this key, which asks for `action`.
///
/// # Errors
/// As [`RequestContext::visitor`] and [`desk::Desk::sender`].
pub async fn sender(
    context: &RequestContext,
    form: &str,
    action: AuditAction,
) -> Result<Sender, Refusal> {
    let made_for = FormKey::read(form)?.and_then(|key| key.made_for().cloned());
    let visitor = context.visitor().await;
    let was_done = match (&visitor, &context.cookie) {
        (Err(Refusal::SessionEnded), Some(cookie)) => {
            context.desk.was_sent_before_it_ended(cookie, form).await?
        }
        _ => false,
    };
    let done = was_done.then(|| Refusal::sent_already(action));
    let _ = context.sent_form.set(SentForm { made_for, done });
    Ok(Sender(context.desk.sender(visitor?, form, action).await?))
}

/// A permit for what the form with this key asks for, where nothing that is typed is judged before.
///
/// # Errors
/// As [`sender`] and [`authorise`].
pub(crate) async fn permit<R: Right>(
    context: &RequestContext,
    form: &str,
    action: AuditAction,
    subject: Option<&str>,
    own_password: String,
) -> Result<Permit<R>, Refusal> {
    let sender = sender(context, form, action).await?;
    authorise(context, &sender, subject, own_password).await
}

/// A permit for what they ask; the session's new cookie is set, whatever follows.
///
/// # Errors
/// As [`desk::Desk::authorise`].
pub async fn authorise<R: Right>(
    context: &RequestContext,
    sender: &Sender,
    subject: Option<&str>,
    own_password: String,
) -> Result<Permit<R>, Refusal> {
    let own_password = Some(Secret::new(own_password)).filter(|secret| !secret.is_empty());
    let permit =
        context.desk.authorise(sender, subject, own_password.as_ref(), &context.origin).await?;
    if let Some(cookie) = permit.cookie() {
        context.set_cookie(cookie);
    }
    Ok(permit)
}
