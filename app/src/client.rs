//! How the browser asks the server: one way for all questions and all forms, so that its code
//! carries nothing for any particular one of them.

use std::cell::Cell;

use desk::Refusal;
use leptos::prelude::{document, window};
use leptos::wasm_bindgen::{JsCast, JsValue};
use serde::de::DeserializeOwned;
use server_fn::ServerFn;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response, UrlSearchParams};

use crate::api_error::ApiError;
use crate::paths::at;

/// The header by which a page says with which WASM it was loaded, and for whom it was made: what
/// stands in its [`PAGE_MARK`].
pub const PAGE_VERSION: &str = "latchkey-page";

/// The attribute of the document's head in which that stands.
pub(crate) const PAGE_MARK: &str = "data-page";

/// For how long a page that leaves by itself is given time to be gone, in milliseconds.
const LEAVING: f64 = 10_000.0;

/// What came of posting to a server function.
pub(crate) enum Answer {
    /// What it answered, in postcard's format.
    Done(Vec<u8>),
    /// Why it did nothing.
    Refused(Refusal),
    /// No answer.
    Lost,
}

/// Calls the server function `F` with these fields. In the browser only.
///
/// # Errors
/// The server function's, and [`Refusal::ConnectionLost`] where no answer comes.
pub(crate) async fn call<F: ServerFn>(fields: &[(&str, &str)]) -> Result<F::Output, ApiError>
where
    F::Output: DeserializeOwned,
{
    let answer = fetch(F::PATH, fields).await.map_err(ApiError)?;
    postcard::from_bytes(&answer).map_err(|_| ApiError(Refusal::Unreadable))
}

async fn fetch(path: &str, fields: &[(&str, &str)]) -> Result<Vec<u8>, Refusal> {
    let body = UrlSearchParams::new().map_err(|_| Refusal::Unavailable)?;
    for (name, value) in fields {
        body.append(name, value);
    }
    match post(path, &body).await {
        Answer::Done(answer) => Ok(answer),
        Answer::Refused(refusal) => Err(refusal),
        Answer::Lost => Err(Refusal::ConnectionLost),
    }
}

/// Posts fields to the server function at `path`.
pub(crate) async fn post(path: &str, body: &UrlSearchParams) -> Answer {
    try_post(path, body).await.unwrap_or(Answer::Lost)
}

async fn try_post(path: &str, body: &UrlSearchParams) -> Result<Answer, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(body);
    let mark = document()
        .query_selector(&format!("[{PAGE_MARK}]"))
        .ok()
        .flatten()
        .and_then(|link| link.get_attribute(PAGE_MARK));
    let headers = Headers::new()?;
    headers.set(PAGE_VERSION, &mark.unwrap_or_default())?;
    init.set_headers(&headers);
    let answer: Response =
        JsFuture::from(window().fetch_with_str_and_init(&at(path), &init)).await?.dyn_into()?;
    if answer.status() == 412 {
        // The desk was upgraded while this page was open, or somebody else has logged in.
        if leaves_by_itself() {
            let _ = window().location().reload();
        }
        return Ok(Answer::Lost);
    }
    let body = js_sys::Uint8Array::new(&JsFuture::from(answer.array_buffer()?).await?).to_vec();
    if answer.ok() {
        return Ok(Answer::Done(body));
    }
    Ok(Answer::Refused(match (postcard::take_from_bytes(&body), answer.status()) {
        // All of it: a proxy's page may begin like one.
        (Ok((refusal, [])), _) => refusal,
        (_, 403) => Refusal::CrossSite,
        (_, 413) => Refusal::TooLarge,
        (_, 400..500) => Refusal::Unreadable,
        // A proxy that had no answer either.
        _ => return Ok(Answer::Lost),
    }))
}

/// Whether the page, which nobody told to go, goes now. Several answers may come at once that call
/// for it, and each time a browser is told to go it throws away what it was being answered.
pub(crate) fn leaves_by_itself() -> bool {
    thread_local! {
        static SINCE: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
    }
    let now = js_sys::Date::now();
    let leaves = (now - SINCE.get()).abs() > LEAVING;
    if leaves {
        SINCE.set(now);
    }
    leaves
}
