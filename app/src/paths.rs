//! Paths of this site, as they are read from addresses and put into them.
//!
//! Percent-encoding is ours where the browser needs it too: it loads these thirty lines, and not a
//! crate. What the server alone needs of it is the crate `percent-encoding`'s.

use std::borrow::Cow;

/// `path`, if it leads to a page of this site and nowhere else.
///
/// Browsers drop tabs and line breaks from an address and read `\` as `/`: `/\evil.example` is
/// another site's.
#[must_use]
pub fn same_site(path: &str) -> Option<&str> {
    let bad = |c: char| c == '\\' || c.is_control() || c.is_whitespace();
    let away = !path.starts_with('/') || path.starts_with("//") || path.chars().any(bad);
    // A browser goes up from `..`, also where its dots are encoded: beside a path at a host that is
    // shared others live.
    let file =
        path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
    let goes_up = file.split('/').any(|segment| matches!(segment, "." | ".."));
    (!away && !goes_up && path.len() <= 2048).then_some(path)
}

/// Where to go after logging in: `next` if it is a page of this site, else the start.
#[must_use]
pub fn after_login(next: Option<&str>) -> &str {
    let next = next.and_then(same_site).filter(|path| !path.starts_with("/fn/") && !is_login(path));
    next.unwrap_or("/")
}

fn is_login(path: &str) -> bool {
    path.split(['?', '#']).next() == Some("/login")
}

/// The log-in page that leads back to `path`.
#[must_use]
pub fn login_then(path: &str) -> String {
    if path.is_empty() || path == "/" || is_login(path) {
        "/login".to_owned()
    } else {
        format!("/login?next={}", escape(path))
    }
}

/// `path` as it is at a host where every path of this site has `prefix` before it; as it is where
/// it has that already, or is no path of this site. No page's path begins like a prefix: the
/// configuration sees to that.
#[must_use]
pub fn below<'p>(prefix: &str, path: &'p str) -> Cow<'p, str> {
    let leads_away = !path.starts_with('/') || path.starts_with("//");
    if prefix.is_empty() || leads_away || within(prefix, path).is_some() {
        path.into()
    } else {
        format!("{prefix}{path}").into()
    }
}

/// `path` without the prefix that every path of this site has; none where it has not.
#[must_use]
pub fn within<'p>(prefix: &str, path: &'p str) -> Option<&'p str> {
    match path.strip_prefix(prefix)? {
        "" => Some("/"),
        rest => rest.starts_with(['/', '?', '#']).then_some(rest),
    }
}

/// The address of a path of this site, in the browser.
pub(crate) fn at(path: &str) -> String {
    below(&prefix(), path).into_owned()
}

/// The path before every other, as the document says.
pub(crate) fn prefix() -> String {
    let root = leptos::prelude::document().document_element();
    root.and_then(|root| root.get_attribute("data-at")).unwrap_or_default()
}

/// Percent-encodes a value for a query (RFC 3986 §2.3: all but the unreserved; `/` is left
/// readable).
#[must_use]
pub fn escape(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

/// The value of `key` in a query, decoded; none where it is missing or no UTF-8.
#[must_use]
pub fn query_value(query: &str, key: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name == key).then_some(value)
    })?;
    unescape(&value.replace('+', " "))
}

/// A value of an address, percent-decoded; none where it is no UTF-8.
#[must_use]
pub fn unescape(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |c: Option<u8>| c.and_then(|c| char::from(c).to_digit(16));
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_site_are_gone_to_after_logging_in() {
        for path in [
            "/settings/auth-tokens?create",
            "/admin/users/sam",
            "/admin/users?q=a%20b",
            "/admin/users?q=../x",
            "/admin/users/a..b",
        ] {
            assert_eq!(after_login(Some(path)), path);
        }
        for path in [
            "",
            "settings",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\nb",
            "/login",
            "/login?next=/",
            "/fn/log_out",
            "/../other-app/page",
            "/settings/../../other",
            "/%2e%2e/other",
            "/.%2E/other",
            "/./login",
            "/..",
        ] {
            assert_eq!(after_login(Some(path)), "/", "{path:?}");
        }
    }

    #[test]
    fn a_path_gets_the_prefix_once_and_no_other_site_does() {
        for (path, there) in [
            ("/", "/latchkey/"),
            ("/login?next=/help", "/latchkey/login?next=/help"),
            ("/latchkeys", "/latchkey/latchkeys"),
            ("/latchkey", "/latchkey"),
            ("/latchkey?x", "/latchkey?x"),
            ("/latchkey/login", "/latchkey/login"),
            ("//evil.example", "//evil.example"),
            ("https://id.example.edu/", "https://id.example.edu/"),
            ("#main", "#main"),
            ("", ""),
        ] {
            assert_eq!(below("/latchkey", path), there, "{path}");
            assert_eq!(below("", path), path);
        }
        assert_eq!(
            ["/latchkey", "/latchkey/a?b", "/latchkeys", "/a"]
                .map(|path| within("/latchkey", path)),
            [Some("/"), Some("/a?b"), None, None]
        );
        assert_eq!(within("", "/a"), Some("/a"));
    }

    #[test]
    fn what_is_escaped_is_read_back() {
        let path = "/admin/users?q=Bücher & söhne+1%";
        assert_eq!(
            query_value(&format!("a=1&next={}&b", escape(path)), "next").as_deref(),
            Some(path)
        );
        assert_eq!(query_value("create&x=1", "create").as_deref(), Some(""));
        assert_eq!(query_value("x=%zz", "x"), None);
    }
}
