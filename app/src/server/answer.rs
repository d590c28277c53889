//! The end of every server function that a form posts to: the status, and for a form without script
//! what the next page says. Tests: `server/tests/server/people/post_redirect_get.rs`.

use desk::Refusal;

use super::login::log_in_for;
use super::request_context::{self, RequestContext};
use crate::api_error::ApiError;
use crate::components::{Notice, NoticeKind};
use crate::flash::Outcome;
use crate::forms::Done;
use crate::paths;

/// What a reading server function answers: a refusal gives the answer its status.
///
/// # Errors
/// The refusal given.
pub fn with_status<T>(result: Result<T, Refusal>) -> Result<T, ApiError> {
    result.map_err(|refusal| {
        if let Refusal::PageOfAnother { page, now } = &refusal {
            // Who merely looks is not asked: the page is loaded anew, and says for whom.
            if let Ok(context) = RequestContext::get() {
                leave(&context, loaded_anew(page, now));
            }
            request_context::set_status(412);
        } else {
            request_context::set_status(refusal.status());
        }
        ApiError(refusal)
    })
}

/// What a page says that loads itself anew since another than its own person is logged in.
fn loaded_anew(page: &str, now: &str) -> Outcome {
    let text = format!(
        "You are logged in as {now} now. This page was made for {page}, so it was loaded anew."
    );
    Outcome {
        form: "loaded-anew".to_owned(),
        made_for: Some(now.to_owned()),
        notice: Some(Notice { kind: NoticeKind::Warn, ..Notice::good(text) }),
        ..Outcome::default()
    }
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
            let sent = context.sent_form.get();
            let cause = sent.and_then(|sent| sent.done.as_ref()).unwrap_or(&refusal);
            // Such a form is not opened again: it was done, or was somebody else's, as is what they
            // typed.
            let is_over =
                matches!(cause, Refusal::SentAlready { .. } | Refusal::PageOfAnother { .. });
            if plain || ended {
                // That somebody else is logged in now is for them to read.
                let made_for = sent
                    .filter(|_| !matches!(cause, Refusal::PageOfAnother { .. }))
                    .and_then(|sent| sent.made_for.as_ref());
                let typed = typed.iter().filter(|_| !is_over);
                let typed = typed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
                leave(
                    context,
                    Outcome {
                        form: form.to_owned(),
                        made_for: made_for.map(ToString::to_string),
                        typed: typed.collect(),
                        refusal: (!is_over).then(|| refusal.clone()),
                        notice: is_over.then(|| Notice::refused(cause)),
                    },
                );
            }
            if plain {
                let from = from.as_deref().unwrap_or("/");
                let page = if is_over { from.split('?').next().unwrap_or(from) } else { from };
                request_context::set_location(&if ended {
                    log_in_for(page)
                } else {
                    page.to_owned()
                });
            }
            Err(ApiError(refusal))
        }
    }
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
