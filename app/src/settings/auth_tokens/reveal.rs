//! A token that was just made: shown once. What becomes of it when the page is left:
//! [`crate::pages`]. Tests: `end2end/tests/shown-once.spec.ts`.

use leptos::prelude::*;

use super::api::Reveal;
use super::snippets::{REPLACE, snippets};
use super::test_token::TestToken;
use crate::components::CopyField;
use crate::layout::PageContext;

/// **Your new auth token**.
#[component]
pub(super) fn RevealedToken(
    /// The token.
    reveal: Reveal,
    /// The id of the heading.
    heading: &'static str,
    /// Puts it away.
    done: Callback<()>,
) -> impl IntoView {
    let context = PageContext::get();
    let netid =
        context.me.with_untracked(|me| me.as_ref().map(|me| me.netid.clone())).unwrap_or_default();
    let base = context.layout(|layout| layout.base.clone());
    // One open at a time; without script too.
    let lines = snippets(&reveal.secret, &netid, &base).into_iter().enumerate().map(
        |(place, (name, lines))| {
            view! {
                <details class="snippet" name="snippet" open=place == 0>
                    <summary>{name}</summary>
                    {(place > 0).then(|| view! { <p class="muted">{REPLACE}</p> })}
                    <pre>{lines}</pre>
                </details>
            }
        },
    );
    let put_away = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        done.run(());
    };
    let secret = StoredValue::new(reveal.secret.clone());
    view! {
        <h2 id=heading>"Your new auth token"</h2>
        <p class="muted">{reveal.about}</p>
        <CopyField
            id="fresh-token"
            label="New auth token"
            hint="Treat it like a password. You will not see it again."
            value=reveal.secret
        />
        <div>{lines.collect_view()}</div>
        <TestToken secret />
        <form class="actions" method="get" action=context.path() on:submit=put_away>
            <button type="submit">"Done"</button>
        </form>
    }
    .into_any()
}
