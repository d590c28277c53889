//! Latchkey at a path of a host that it shares: `public_url = "https://help.example.edu/latchkey"`.
//! Within, every path is as it is without; the path is taken off a request before any route is
//! looked for, and put before what an answer leads to. A proxy may take it off itself, or not: what
//! comes without it is answered alike, so that a proxy asks `/auth/verify` and `/readyz` as before.
//! Tests: below, `server/tests/server/people/prefix.rs`; in a browser `integrations/shared-host`.
//!
//! Pages write their links as paths of this site. Here they get the path before them, in the HTML
//! that is sent; what script draws later gets it in the browser (`app/src/server/pages/below.js`),
//! and what script asks for by `app::paths::at`.

use std::sync::Arc;

use app::paths::{below, within};
use app::server::request_context::BEFORE;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};

/// How cookies are named at a host of one's own, and at a path of one that is shared: by https,
/// where only the former may have no path, and by http. The names differ, so that of two that a
/// browser has, of before there was a path and of after, the latter counts.
const NAMES: [(&str, &str); 2] =
    [("__Host-latchkey", "__Secure-latchkey"), ("latchkey", "path-latchkey")];

/// One that has a path on a host of one's own too, and so the same name there.
const OF_A_PATH: &str = "__Secure-latchkey-hint";

/// The attributes of HTML that lead somewhere.
const LEADING: [&str; 4] = ["href", "action", "src", "formaction"];

/// Takes the path off the request, and puts it before what the answer leads to.
pub(crate) async fn take_off(
    State(prefix): State<Arc<str>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(uri) = without(&prefix, request.uri()) {
        *request.uri_mut() = uri;
    } else if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(Ok(meant)) =
            with_its_capitals(&prefix, request.uri()).map(HeaderValue::try_from)
    {
        return (StatusCode::PERMANENT_REDIRECT, [(LOCATION, meant)]).into_response();
    }
    rename_cookies(request.headers_mut());
    put_before(&prefix, next.run(request).await).await
}

fn without(prefix: &str, uri: &Uri) -> Option<Uri> {
    let path = within(prefix, uri.path())?;
    let text = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

/// The address that was meant where the path is there and its capitals are not as they are
/// configured. It is led to, and not answered: to browsers it is another path, to which they send
/// no cookie.
fn with_its_capitals(prefix: &str, uri: &Uri) -> Option<String> {
    let (start, rest) = uri.path().split_at_checked(prefix.len())?;
    let is_meant = start != prefix
        && start.eq_ignore_ascii_case(prefix)
        && (rest.is_empty() || rest.starts_with('/'));
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    is_meant.then(|| format!("{prefix}{rest}{query}"))
}

/// Cookies are known within by the names that they have on a host of one's own. Whatever comes by
/// these is of a time before there was a path, and would stand beside the one that counts: of the
/// session's it is only known that it is there.
fn rename_cookies(headers: &mut HeaderMap) {
    // In bytes: what is beyond ASCII is a neighbour's, and keeps none of ours from being read.
    let lines: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    for line in lines {
        let pairs = line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let renamed: Vec<Vec<u8>> = pairs.filter_map(renamed).collect();
        if let Ok(line) = HeaderValue::from_bytes(&renamed.join(&b"; "[..])) {
            headers.append(COOKIE, line);
        }
    }
}

/// A cookie as it is known within; none: it is of before, and nobody asks for it.
fn renamed(pair: &[u8]) -> Option<Vec<u8>> {
    if pair.starts_with(OF_A_PATH.as_bytes()) {
        return Some(pair.to_vec());
    }
    for (own, shared) in NAMES {
        if let Some(rest) = pair.strip_prefix(shared.as_bytes()) {
            return Some([own.as_bytes(), rest].concat());
        }
        if let Some(rest) = pair.strip_prefix(own.as_bytes()) {
            return rest.starts_with(b"=").then(|| [BEFORE.as_bytes(), rest].concat());
        }
    }
    Some(pair.to_vec())
}

async fn put_before(prefix: &str, mut response: Response) -> Response {
    let headers = response.headers_mut();
    let to = headers
        .get(LOCATION)
        .and_then(|to| std::str::from_utf8(to.as_bytes()).ok())
        .map(|to| below(prefix, to).into_owned());
    if let Some(Ok(to)) = to.map(HeaderValue::try_from) {
        headers.insert(LOCATION, to);
    }
    let cookies: Vec<_> =
        headers.get_all(SET_COOKIE).iter().flat_map(|line| cookies_below(prefix, line)).collect();
    headers.remove(SET_COOKIE);
    for line in cookies {
        headers.append(SET_COOKIE, line);
    }
    if !headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    // Ours, whole, and in memory already.
    let (mut head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    head.headers.remove(CONTENT_LENGTH);
    let body = match std::str::from_utf8(&body) {
        Ok(text) => Body::from(html_below(prefix, text)),
        Err(_) => Body::from(body),
    };
    Response::from_parts(head, body)
}

/// A cookie's line with the path before its own, so that what else is on the host does not get it.
/// `__Host-` would forbid that. To remove what is of before there was a path is to remove it under
/// each name that it may have.
fn cookies_below(prefix: &str, line: &HeaderValue) -> Vec<HeaderValue> {
    let Ok(text) = line.to_str() else { return vec![line.clone()] };
    if let Some(rest) = text.strip_prefix(BEFORE) {
        let removed = NAMES.iter().map(|(own, _)| HeaderValue::try_from(format!("{own}{rest}")));
        return removed.flatten().collect();
    }
    let shared =
        NAMES.iter().find_map(|(own, shared)| Some(format!("{shared}{}", text.strip_prefix(own)?)));
    let named = shared.unwrap_or_else(|| text.to_owned());
    let Some((before, rest)) = named.split_once("; Path=/") else { return vec![line.clone()] };
    let slash = if rest.is_empty() || rest.starts_with(';') { "" } else { "/" };
    vec![
        HeaderValue::try_from(format!("{before}; Path={prefix}{slash}{rest}"))
            .unwrap_or_else(|_| line.clone()),
    ]
}

/// The same HTML, in which every attribute that leads to a path of this site leads below the
/// prefix. Text, comments and what is within a script stay as they are.
fn html_below(prefix: &str, html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let end = at + tag_end(&rest[at..]);
        tag_below(&mut out, prefix, &rest[at..end]);
        let is_script = rest[at..end].starts_with("<script");
        rest = &rest[end..];
        if is_script {
            let (script, behind) = rest.split_at(rest.find("</script").unwrap_or(rest.len()));
            out.push_str(script);
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}

/// Where the tag ends that the text begins with: at the first `>` that is in no quotes.
fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    let end = text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    });
    end.map_or(text.len(), |end| end + 1)
}

/// Adds a tag. In it, `="` begins a value and nothing else: a quote within one is written `&quot;`.
fn tag_below(out: &mut String, prefix: &str, tag: &str) {
    let mut rest = tag;
    while let Some((name, behind)) = rest.split_once("=\"") {
        out.push_str(name);
        out.push_str("=\"");
        let (value, behind) = behind.split_at(behind.find('"').unwrap_or(behind.len()));
        let leads =
            name.rsplit(char::is_whitespace).next().is_some_and(|name| LEADING.contains(&name));
        out.push_str(&if leads { below(prefix, value) } else { value.into() });
        rest = behind;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "/latchkey";

    fn inside(uri: &str) -> Option<String> {
        without(AT, &uri.parse().expect("an address")).map(|uri| uri.to_string())
    }

    #[test]
    fn the_path_is_taken_off_whole_and_once() {
        assert_eq!(inside("/latchkey").as_deref(), Some("/"));
        assert_eq!(inside("/latchkey/").as_deref(), Some("/"));
        assert_eq!(inside("/latchkey?x=1").as_deref(), Some("/?x=1"));
        assert_eq!(
            inside("/latchkey/login?next=/latchkey/help").as_deref(),
            Some("/login?next=/latchkey/help")
        );
        assert_eq!(inside("/latchkey/latchkey/x").as_deref(), Some("/latchkey/x"));
        assert_eq!(
            inside("http://help.example.edu/latchkey/help").as_deref(),
            Some("http://help.example.edu/help")
        );
        for other in
            ["/", "/latchkeys", "/login", "/x/latchkey/login", "/auth/verify", "//latchkey/login"]
        {
            assert_eq!(inside(other), None, "{other}");
        }
    }

    #[test]
    fn other_capitals_lead_to_the_path_as_it_is() {
        let meant =
            |prefix: &str, uri: &str| with_its_capitals(prefix, &uri.parse().expect("an address"));
        for (prefix, address, to) in [
            ("/latchkey", "/LatchKey/Login?next=/Help", "/latchkey/Login?next=/Help"),
            ("/LatchKey", "/latchkey", "/LatchKey"),
            ("/LatchKey", "/LATCHKEY//evil.example", "/LatchKey//evil.example"),
        ] {
            assert_eq!(meant(prefix, address).as_deref(), Some(to), "{address}");
        }
        for address in [
            "/latchkey",
            "/latchkey/x",
            "/LatchKeys",
            "/x/LatchKey",
            "//LATCHKEY",
            "/LATCHKE",
            "/l%41tchkey",
            "/",
        ] {
            assert_eq!(meant("/latchkey", address), None, "{address}");
        }
    }

    #[test]
    fn a_cookie_is_sent_to_this_path_alone_and_keeps_to_https() {
        let lines = |text: &'static str| -> Vec<String> {
            let lines = cookies_below(AT, &HeaderValue::from_static(text));
            lines.iter().map(|line| line.to_str().expect("text").to_owned()).collect()
        };
        assert_eq!(
            lines("__Host-latchkey=1; Path=/; HttpOnly; SameSite=Lax; Secure"),
            ["__Secure-latchkey=1; Path=/latchkey; HttpOnly; SameSite=Lax; Secure"]
        );
        assert_eq!(
            lines("latchkey-flash=; Path=/; Max-Age=0"),
            ["path-latchkey-flash=; Path=/latchkey; Max-Age=0"]
        );
        assert_eq!(
            lines("a=1; Path=/login/oidc; HttpOnly"),
            ["a=1; Path=/latchkey/login/oidc; HttpOnly"]
        );
        assert_eq!(lines("a=1; Path=/"), ["a=1; Path=/latchkey"]);
        // What is of before goes where it was.
        assert_eq!(
            lines("latchkey-before=; Path=/; Secure; Max-Age=0"),
            ["__Host-latchkey=; Path=/; Secure; Max-Age=0", "latchkey=; Path=/; Secure; Max-Age=0"]
        );
    }

    #[test]
    fn of_the_cookies_those_of_this_path_count() {
        for (came, known) in [
            (
                &b"__Host-latchkey=old; __Secure-latchkey=new; other=1"[..],
                &b"latchkey-before=old; __Host-latchkey=new; other=1"[..],
            ),
            (b"latchkey=old; path-latchkey=new; latchkeys=1", b"latchkey-before=old; latchkey=new"),
            (b"__Secure-latchkey-device=d; __Host-latchkey-device=o", b"__Host-latchkey-device=d"),
            (b"path-latchkey-device=d; latchkey-device=o; latchkey-before=x", b"latchkey-device=d"),
            (
                "theme=café; __Secure-latchkey-x=y".as_bytes(),
                "theme=café; __Host-latchkey-x=y".as_bytes(),
            ),
            (b"a=\xff; __Secure-latchkey-hint=h", b"a=\xff; __Secure-latchkey-hint=h"),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_bytes(came).expect("a value"));
            rename_cookies(&mut headers);
            let lines: Vec<_> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
            assert_eq!(lines, [known], "{}", String::from_utf8_lossy(came));
        }
    }

    #[test]
    fn what_leads_to_this_site_leads_below_the_path() {
        for (written, sent) in [
            (r#"<a href="/">x</a>"#, r#"<a href="/latchkey/">x</a>"#),
            (
                r#"<a class="b" href="/help?a=1&amp;b">x"#,
                r#"<a class="b" href="/latchkey/help?a=1&amp;b">x"#,
            ),
            (
                r#"<form method="post" action="/fn/x?from=/login"><br/>"#,
                r#"<form method="post" action="/latchkey/fn/x?from=/login"><br/>"#,
            ),
            (
                r#"<script src="/pkg/a.js"></script>"#,
                r#"<script src="/latchkey/pkg/a.js"></script>"#,
            ),
            (
                r#"<a title="1 &gt; 0 > " href="/x">"#,
                r#"<a title="1 &gt; 0 > " href="/latchkey/x">"#,
            ),
        ] {
            assert_eq!(html_below(AT, written), sent);
        }
    }

    #[test]
    fn all_else_stays_as_it_is() {
        for html in [
            r#"<a href="//evil.example">x</a>"#,
            r#"<a href="https://id.example.edu/x">x</a>"#,
            r##"<a href="#main">x</a>"##,
            r#"<a href="/latchkey/help">x</a><a href="/latchkey">y</a>"#,
            r#"<p>href="/x" and &lt;a href="/x"&gt;</p>"#,
            r#"<input value="/x" data-href="/x"><!-- a b --><!>"#,
            r#"<script>if (1 < 2) f('<a href="/x">')</script>"#,
            "<a href=\"/latchkey",
            "1 < 2",
        ] {
            assert_eq!(html_below(AT, html), html);
        }
    }

    proptest::proptest! {
        /// Whatever the page: taking the path out again gives what was written.
        #[test]
        fn nothing_is_lost(
            html in r#"(<[a-z]{1,3}( (href|title)="/?[a-z]{0,3}")?>|[a-z"<>= ]{0,6}){0,8}"#,
        ) {
            proptest::prop_assert_eq!(html_below("/zzzz", &html).replace("/zzzz", ""), html);
        }
    }
}
