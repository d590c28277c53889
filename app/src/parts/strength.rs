//! How good the password is that is being typed. Only with script; without it the answer says what is wrong.

use std::time::Duration;

use desk::Strength;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::fault::Fault;
use crate::frame::Visit;

/// How long nothing is typed before the desk is asked.
const PAUSE: Duration = Duration::from_millis(250);

/// The words of zxcvbn's scores.
const WORDS: [&str; 5] = ["Very weak", "Weak", "Fair", "Good", "Strong"];

/// How good a new local password is, one's own or that of a `subject` whom one may set one for. Nothing is kept.
///
/// # Errors
/// As [`desk::Desk::judge_password`].
#[server(prefix = "/fn", endpoint = "judge_password")]
pub async fn judge_password(#[server(default)] new: String, #[server(default)] subject: String) -> Result<Strength, Fault> {
    let here = crate::here::Here::get()?;
    let subject = Some(subject.as_str()).filter(|subject| !subject.is_empty());
    let result = match here.visitor().await {
        Ok(visitor) => here.desk.judge_password(&visitor, subject, &desk::Secret::new(new), &here.origin).await,
        Err(refusal) => Err(refusal),
    };
    crate::fault::told(result)
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
    let awake = Visit::get().awake;
    let judged = RwSignal::new(Strength::default());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move || {
        let words = typed.get();
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        if words.is_empty() {
            judged.set(Strength::default());
            return;
        }
        let subject = subject.clone();
        let ask = move || {
            spawn_local(async move {
                let told = judge_password(words.clone(), subject).await;
                // Asked for what has been typed over meanwhile: the newer answer counts.
                if let (Ok(told), Some(true)) = (told, typed.try_with_untracked(|now| *now == words)) {
                    judged.set(told);
                }
            });
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    });
    let score = move || judged.with(|judged| judged.score.min(4));
    let words = move || {
        if typed.with(String::is_empty) {
            return String::new();
        }
        judged
            .with(|judged| judged.refused.as_ref().map_or_else(|| WORDS[usize::from(judged.score.min(4))].to_owned(), ToString::to_string))
    };
    view! {
        <Show when=move || awake.get()>
            <div class="strength" data-score=move || score().to_string()>
                <meter class="strength-bar" min="0" max="4" value=move || score().to_string() aria-label="Strength of the new password"></meter>
                <span>{words}</span>
            </div>
        </Show>
    }
}
