//! A page that shows what one reading server function tells.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use desk::Refusal;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::errors::RefusedPage;
use crate::fault::Fault;
use crate::frame::Visit;
use crate::told::Told;

/// Asks once and then shows; a refusal becomes the page that says so. On the server the page waits for it.
///
/// What changes later is the page's own: it puts what it was given into a signal and asks again by itself, so that
/// nothing is drawn anew under somebody's hands.
pub fn loaded<T>(ask: impl Future<Output = Result<T, Fault>> + Send + 'static, show: fn(T) -> AnyView) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let ask = Box::pin(async move { ask.await.and_then(Told::new) });
    suspended(ask, Arc::new(move |told| told.read().map_or_else(|| failed(Fault(Refusal::Unreadable)), show)))
}

type Show = Arc<dyn Fn(&Told) -> AnyView + Send + Sync>;

fn suspended(ask: Pin<Box<dyn Future<Output = Result<Told, Fault>> + Send>>, show: Show) -> AnyView {
    let visit = Visit::get();
    let told = OnceResource::new(ask);
    let drawn = move || {
        let show = show.clone();
        Suspend::new(async move {
            visit.ready().await;
            match told.await {
                Ok(told) => show(&told),
                Err(fault) => failed(fault),
            }
        })
    };
    view! { <Suspense fallback=|| view! { <p class="muted">"Loading…"</p> }>{drawn}</Suspense> }.into_any()
}

/// The page that says why there is none.
#[must_use]
pub fn failed(fault: Fault) -> AnyView {
    if fault.0 == Refusal::SessionEnded {
        Visit::get().session_ended();
        return view! { <p class="muted">{fault.0.to_string()}</p> }.into_any();
    }
    view! { <RefusedPage refusal=fault.0/> }.into_any()
}
