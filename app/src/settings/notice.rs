//! Why somebody cannot have tokens or a local password yet, and the way there. Tests: `end2end/tests/about-me.spec.ts`,
//! `auth-tokens.spec.ts`.

use desk::Denied;
use leptos::prelude::*;

use crate::frame::Visit;

/// Why somebody cannot have tokens or a local password yet, and the way there.
#[component]
pub(crate) fn WhyNot(
    /// What the rules say.
    denied: Denied,
    /// Set where it is About Me that says it.
    #[prop(optional)]
    about_me: bool,
) -> impl IntoView {
    let visit = Visit::get();
    let contact = visit.view(|view| view.contact.clone());
    let may_set = visit.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may_set_first_password));
    let when_fresh = visit.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.first_password_when_fresh));
    let by_provider = visit.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.by_provider));
    let next = match denied {
        Denied::FirstPasswordBySomeoneElse if when_fresh && by_provider => {
            view! { <p><a href="/login/oidc?fresh&next=/settings/about-me">"Log in again and choose it"</a></p> }.into_any()
        }
        Denied::FirstPasswordBySomeoneElse if may_set && !about_me => {
            view! { <p><a href="/settings/about-me">"Choose your local password"</a></p> }.into_any()
        }
        Denied::OnlyInitial if !about_me => view! { <p><a href="/settings/about-me">"About Me"</a></p> }.into_any(),
        Denied::FirstPasswordBySomeoneElse if !may_set && !when_fresh => {
            let netid = visit.netid();
            view! {
                {(!contact.is_empty()).then(|| view! { <p>"Help Desk: "{contact}</p> })}
                <p>"Say: “My NetID is "<strong>{netid}</strong>". Please set a first local password for me.”"</p>
                <p>"They read an initial password out to you, good for 7 days. Choose your own with it under Settings, About Me; then make your auth tokens."</p>
            }
            .into_any()
        }
        Denied::FirstPasswordBySomeoneElse | Denied::ActorNotPrivileged if !contact.is_empty() => {
            view! { <p>"Help Desk: "{contact}</p> }.into_any()
        }
        _ => ().into_any(),
    };
    let words = match denied {
        Denied::FirstPasswordBySomeoneElse if may_set || (when_fresh && by_provider) => "You do not have a local password yet.".to_owned(),
        Denied::FirstPasswordBySomeoneElse if when_fresh => format!("You do not have a local password yet. {}", Denied::LoginNotFresh),
        denied => denied.to_string(),
    };
    view! { <div class="notice" data-kind="warn"><p>{words}</p>{next}</div> }.into_any()
}
