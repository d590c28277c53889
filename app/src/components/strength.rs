//! How good the password is that is being typed. Only with script; without it the answer says what
//! is wrong.

use std::time::Duration;

use desk::Strength;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Pause;
use crate::api_error::ApiError;
use crate::client::call;

/// How long nothing is typed before the desk is asked.
const PAUSE: Duration = Duration::from_millis(250);

/// The words of zxcvbn's scores.
const WORDS: [&str; 5] = ["Very weak", "Weak", "Fair", "Good", "Strong"];

/// How good a new local password is, one's own or that of a `subject` whom one may set one for.
/// Nothing is kept.
///
/// # Errors
/// As [`desk::Desk::judge_password`].
#[server(prefix = "/fn", endpoint = "judge_password", output = crate::wire::Wire)]
pub async fn judge_password(
    #[server(default)] new: String,
    #[server(default)] subject: String,
) -> Result<Strength, ApiError> {
    let context = crate::server::RequestContext::get()?;
    let subject = Some(subject.as_str()).filter(|subject| !subject.is_empty());
    let result = match context.visitor().await {
        Ok(visitor) => {
            context
                .desk
                .judge_password(&visitor, subject, &desk::Secret::new(new), &context.origin)
                .await
        }
        Err(refusal) => Err(refusal),
    };
    crate::server::with_status(result)
}

/// A meter and its words.
#[component]
pub fn StrengthMeter(
    /// What is being typed.
    typed: RwSignal<String>,
    /// Whose it will be; nothing: one's own.
    #[prop(optional, into)]
    subject: String,
) -> impl IntoView {
    // None: nothing is typed, or the desk did not say.
    let judged = RwSignal::new(None::<Strength>);
    let pause = Pause::new(PAUSE);
    Effect::new(move || {
        let words = typed.get();
        if words.is_empty() {
            pause.forget();
            judged.set(None);
            return;
        }
        let subject = subject.clone();
        pause.then(move || {
            spawn_local(async move {
                let answer = call::<JudgePassword>(&[("new", &words), ("subject", &subject)]).await;
                // Asked for what has been typed over meanwhile: the newer answer counts.
                if typed.try_with_untracked(|now| *now == words) == Some(true) {
                    judged.set(answer.ok());
                }
            });
        });
    });
    // What is refused is weak, however many guesses it would take.
    let score = move || {
        judged.with(|judged| match judged {
            None => 0,
            Some(Strength { refused: Some(_), score }) => (*score).min(1),
            Some(judged) => judged.score.min(4),
        })
    };
    let words = move || {
        judged.with(|judged| match judged {
            None => String::new(),
            Some(Strength { refused: Some(refusal), .. }) => refusal.to_string(),
            Some(judged) => WORDS[usize::from(judged.score.min(4))].to_owned(),
        })
    };
    meter(Signal::derive(score), Signal::derive(words))
}

/// The meter at a score of 0 to 4, with its words.
pub(crate) fn meter(score: Signal<u8>, words: Signal<String>) -> AnyView {
    let value = move || score.get().to_string();
    view! {
        <div class="strength scripted" data-score=value>
            <meter
                class="strength-bar"
                min="0"
                max="4"
                value=value
                aria-label="Strength of the new password"
            />
            <span>{move || words.get()}</span>
        </div>
    }
    .into_any()
}
