//! Gives pages and server functions what they need of the request: [`RequestContext`] in its
//! extensions.

use app::server::request_context::RequestContext;
use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::{ExternalIdentity, LogLimiter, Secret};
use http::header::REFERER;
use http::{HeaderMap, HeaderName, Method};
use url::Url;

use super::error_response::wants_page;
use super::{AppState, Caller, request_id, same_origin};
use crate::config::RemoteHeaders;

/// In which a proxy proves itself that says who is logged in, where its address alone does not: on
/// a machine where others log in, each of them calls from it too.
const PROXY_SECRET: HeaderName = HeaderName::from_static("latchkey-proxy-secret");

/// Lines of log about proxies that do not.
static UNPROVED: LogLimiter = LogLimiter::new(1);

/// Puts [`RequestContext`] into the request's extensions.
pub(crate) async fn put(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    mut request: Request,
    next: Next,
) -> Response {
    let (origin, pages) = (caller.origin(request.headers()), state.pages());
    let mut context = RequestContext::new(
        state.desk.clone(),
        origin,
        request.uri().clone(),
        request.headers(),
        caller.secure,
        pages,
    );
    context.tell_cookies_apart().await;
    let vouches =
        caller.through_proxy && proves_itself(state.proxy_secret.as_ref(), request.headers());
    match state.remote.as_ref().filter(|_| vouches).map(|remote| vouched(remote, request.headers()))
    {
        Some(Ok(vouched)) => {
            let says_groups = state.remote.as_ref().is_some_and(|remote| remote.groups.is_some());
            context.is_left_unsaid = says_groups && vouched.is_none();
            context.vouched = vouched;
        }
        // Whoever it is said to be in two ways is nobody, also where they have logged in before:
        // what was taken from them since may be in the other line.
        Some(Err(Twice)) => context.cookie = None,
        // What a proxy has begun goes on by it alone.
        None => context.is_left_unsaid = state.remote.is_some(),
    }
    context.may_sign_in = is_navigation(&request);
    context.may_reveal = is_navigation(&request)
        && !is_prefetch(request.headers())
        && is_from_this_site(&request, &state);
    context.request_id = request_id::current();
    context.by_http = caller.secure && seems_by_http(request.headers());
    if let Some(public) = &state.public_url {
        context = context.at(public.as_str().trim_end_matches('/').to_owned());
    }
    request.extensions_mut().insert(context);
    next.run(request).await
}

/// Whether nothing says that it came by https: every browser of the last years sends
/// `Sec-Fetch-Site` by it, and to its own machine by http too, and a proxy says it.
fn seems_by_http(headers: &HeaderMap) -> bool {
    let https = |stated: &http::HeaderValue| {
        stated.to_str().is_ok_and(|stated| stated.trim().eq_ignore_ascii_case("https"))
    };
    !headers.contains_key("sec-fetch-site") && !headers.get("x-forwarded-proto").is_some_and(https)
}

/// Whether whoever calls from a proxy's address is the proxy, as far as it is asked for that.
fn proves_itself(secret: Option<&Secret>, headers: &HeaderMap) -> bool {
    let Some(secret) = secret else { return true };
    let mut stated = headers.get_all(PROXY_SECRET).iter();
    let stated =
        stated.next().filter(|_| stated.next().is_none()).and_then(|stated| stated.to_str().ok());
    let proved = stated.is_some_and(|stated| Secret::new(stated.to_owned()).same(secret));
    if !proved && UNPROVED.may_speak().is_some() {
        tracing::warn!(
            "somebody calls from a proxy's address without its secret: nobody is logged in by what \
                they say"
        );
    }
    proved
}

/// One of the headers that say who is there came twice.
struct Twice;

/// Whom the proxy's headers vouch for; none where it says nobody. Of several lines of one name, one
/// may be what the client itself has sent.
fn vouched(remote: &RemoteHeaders, headers: &HeaderMap) -> Result<Option<ExternalIdentity>, Twice> {
    let is_twice = |name: &HeaderName| headers.get_all(name).iter().nth(1).is_some();
    // A proxy that adds its own to what a client sends is none to believe.
    if [Some(&remote.user), remote.name.as_ref(), remote.email.as_ref(), remote.groups.as_ref()]
        .into_iter()
        .flatten()
        .any(is_twice)
    {
        return Err(Twice);
    }
    let one = |name: &HeaderName| {
        let line = headers.get(name)?;
        String::from_utf8(line.as_bytes().to_vec())
            .ok()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let Some(netid) = one(&remote.user) else { return Ok(None) };
    // Not there is in no group: a proxy leaves out what is empty.
    let groups = remote.groups.as_ref().map(|name| list(&one(name).unwrap_or_default()));
    let (name, email) = (remote.name.as_ref().and_then(one), remote.email.as_ref().and_then(one));
    Ok(Some(ExternalIdentity { netid, name, email, groups, id: None }))
}

/// Values separated by semicolons; one within a value is written `\;`, as Shibboleth does.
fn list(stated: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut chars = stated.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' => values.push(String::new()),
            '\\' if chars.peek() == Some(&';') => {
                values.last_mut().into_iter().for_each(|value| value.extend(chars.next()));
            }
            c => values.last_mut().into_iter().for_each(|value| value.push(c)),
        }
    }
    values
        .into_iter()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
        .collect()
}

/// Whether a page is asked for to be looked at: what another site embeds, or a program fetches,
/// logs nobody in.
fn is_navigation(request: &Request) -> bool {
    let stated =
        |name: &str, value: &str| request.headers().get(name).is_none_or(|stated| stated == value);
    request.method() == Method::GET
        && stated("sec-fetch-mode", "navigate")
        && stated("sec-fetch-dest", "document")
}

/// Whether a browser asks for it before anybody wants to see it, and perhaps nobody will. Each says
/// so in its own header.
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| headers.contains_key(*name))
}

/// Whether a page of ours led here, or nobody but who sits at the browser. Browsers say so in
/// `Sec-Fetch-Site`, older ones in `Referer`; of who says neither (a text browser, one that is told
/// to say nothing) it is believed where it asks for a page, and not for whatever an image or a
/// script may be.
fn is_from_this_site(request: &Request, state: &AppState) -> bool {
    let headers = request.headers();
    let mut sites = headers.get_all("sec-fetch-site").iter();
    match (sites.next(), sites.next()) {
        (Some(site), None) => return site == "same-origin" || site == "none",
        (Some(_), Some(_)) => return false,
        (None, _) => {}
    }
    if !wants_page(headers) {
        return false;
    }
    let Some(referer) = headers.get(REFERER) else { return true };
    let referer = referer.to_str().ok().and_then(|referer| Url::parse(referer).ok());
    referer.is_some_and(|referer| same_origin::is_ours(&referer, request, state))
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn a_semicolon_within_a_group_makes_no_second_one_of_it() {
        assert_eq!(list("staff; campus:help-desk ;"), ["staff", "campus:help-desk"]);
        assert_eq!(list("x\\;campus:admins;a\\b"), ["x;campus:admins", "a\\b"]);
        assert_eq!(list(""), [""; 0]);
    }
}
