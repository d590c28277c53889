//! The end of every server function that a form posts to: the status, and for a form without script
//! what the next page says. Tests: `server/tests/server/people/plain_forms.rs`.

use desk::{Permit, Refusal, Right, Secret};

use super::login::log_in_for;
use super::request_context::{self, RequestContext};
use crate::api_error::ApiError;
use crate::flash::Outcome;
use crate::forms::Done;
use crate::paths;

/// What a reading server function answers: a refusal gives the answer its status.
///
/// # Errors
/// The refusal given.
pub fn with_status<T>(result: Result<T, Refusal>) -> Result<T, ApiError> {
    result.map_err(|refusal| {
        request_context::set_status(refusal.status());
        ApiError(refusal)
    })
}

/// The end of every server function that a form posts to: status, and for a form without script the
/// outcome for the next page and the way there.
///
/// `form` is the form's name on its page, `typed` what to fill it with again after a refusal: never
/// a password.
///
/// # Errors
/// The refusal given.
pub fn answer(
    context: &RequestContext,
    form: &str,
    typed: &[(&str, &str)],
    result: Result<Done, Refusal>,
) -> Result<Done, ApiError> {
    let plain = request_context::is_plain_form();
    let from = came_from(context);
    match result {
        Ok(done) => {
            if plain {
                let path =
                    done.go.as_deref().or(from.as_deref().and_then(|from| from.split('?').next()));
                request_context::set_location(path.unwrap_or("/"));
                if done.notice.is_some() {
                    leave(
                        context,
                        Outcome {
                            form: form.to_owned(),
                            notice: done.notice.clone(),
                            ..Outcome::default()
                        },
                    );
                }
            }
            Ok(done)
        }
        Err(refusal) => {
            request_context::set_status(refusal.status());
            let ended = refusal == Refusal::SessionEnded;
            if plain || ended {
                let typed = typed
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect();
                leave(
                    context,
                    Outcome {
                        form: form.to_owned(),
                        typed,
                        refusal: Some(refusal.clone()),
                        notice: None,
                    },
                );
            }
            if plain {
                let path = from.unwrap_or_else(|| "/".to_owned());
                request_context::set_location(&if ended { log_in_for(&path) } else { path });
            }
            Err(ApiError(refusal))
        }
    }
}

/// A permit for what the visitor asks; the session's new cookie is set, whatever follows.
///
/// # Errors
/// As [`desk::Desk::authorise`].
pub async fn authorise<R: Right>(
    context: &RequestContext,
    subject: Option<&str>,
    own_password: String,
) -> Result<Permit<R>, Refusal> {
    let visitor = context.visitor().await?;
    let own_password = Some(Secret::new(own_password)).filter(|secret| !secret.is_empty());
    let permit =
        context.desk.authorise(&visitor, subject, own_password.as_ref(), &context.origin).await?;
    if let Some(cookie) = permit.cookie() {
        context.set_cookie(cookie);
    }
    Ok(permit)
}

/// Leaves this form's outcome beside those of other forms: a refused log-in does not lose what was
/// typed before it.
fn leave(context: &RequestContext, outcome: Outcome) {
    let mut outcomes: Vec<_> =
        context.outcomes().iter().filter(|other| other.form != outcome.form).cloned().collect();
    outcomes.push(outcome);
    context.leave(&outcomes);
}

/// The page of the form: [`crate::forms::Form`] puts it into the address it posts to.
fn came_from(context: &RequestContext) -> Option<String> {
    let from = context.query("from")?;
    paths::same_site(&from).map(str::to_owned)
}
