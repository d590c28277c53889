//! A page that shows what one reading server function tells.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use desk::Refusal;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::errors::RefusedPage;
use crate::fault::Fault;
use crate::frame::Visit;

/// What a server function told, whatever its type: as JSON on its way from the server's page into the browser's, as the
/// value itself where it was asked for here.
///
/// One type for all pages, so that the browser's code for waiting, suspending and drawing exists once and not once a page.
#[derive(Clone)]
enum Told {
    Text(Arc<str>),
    #[cfg_attr(feature = "ssr", expect(dead_code, reason = "the browser's"))]
    Value(Arc<dyn Any + Send + Sync>),
}

impl Told {
    #[cfg_attr(not(feature = "ssr"), expect(clippy::unnecessary_wraps, reason = "the server's side can fail"))]
    fn new<T: Serialize + Send + Sync + 'static>(told: T) -> Result<Self, Fault> {
        #[cfg(feature = "ssr")]
        return serde_json::to_string(&told).map(|text| Self::Text(text.into())).map_err(|_| Fault(Refusal::Unavailable));
        #[cfg(not(feature = "ssr"))]
        Ok(Self::Value(Arc::new(told)))
    }

    fn read<T: DeserializeOwned + Clone + 'static>(&self) -> Option<T> {
        match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::Value(value) => value.downcast_ref::<T>().cloned(),
        }
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Value(_) => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::Text(text.into()))
    }
}

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
