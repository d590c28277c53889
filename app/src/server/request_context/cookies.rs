//! The cookies: what they are called, and the one place where those of a request are read and those
//! of an answer written.
//!
//! Ours, and not the crate `cookie`: it reads a whole line of text, so that one byte of none in a
//! neighbour's cookie would hide the session's; and what is left to write are names and values that
//! need no escaping, always with the same attributes.

use desk::{Cookie, Devices};
use http::HeaderMap;
use http::header::COOKIE;

/// The session cookie's name. `__Host-` makes the browser refuse one set by a neighbouring host
/// (RFC 6265bis §4.1.3.2).
#[must_use]
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey" } else { "latchkey" }
}

/// As which a session's cookie is known within that the browser has from another time of this desk:
/// when it had no path yet, or came by plain http. It counts for nothing, and goes when somebody
/// logs out.
pub const BEFORE: &str = "latchkey-before";

/// The name of the cookie by which a browser is known that has logged in before. It lets nobody in.
#[must_use]
pub fn device_cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-device" } else { "latchkey-device" }
}

/// The name of the cookie by which a browser is known in which an OpenID provider has logged
/// somebody in before. It lets nobody in.
#[must_use]
fn signed_on_cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-signed-on" } else { "latchkey-signed-on" }
}

/// The name of the cookie that carries a plain form's outcome to the next page.
#[must_use]
pub fn flash_cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-flash" } else { "latchkey-flash" }
}

/// So many cookies of one name are looked at: our own, and what neighbours have set beside it, a
/// host of the same domain or a path of the same host. Browsers send those with the longest path
/// first.
pub const MAX_OF_A_NAME: usize = 4;

/// So many are of the cookies by which a browser is known: which of them is ours shows by its MAC,
/// and each has five at most. By https at a host of one's own nobody plants any.
pub const MAX_KNOWN_BROWSERS: usize = 16;

/// The session's cookies that a request carries, each once. More than one: a neighbour has set the
/// others, or this desk did under another path.
#[derive(Clone, Debug, Default)]
pub(super) struct SessionCookies {
    pub(super) all: Vec<Cookie>,
    /// There are more than are looked at: ours may be among those.
    pub(super) are_too_many: bool,
}

impl SessionCookies {
    pub(super) fn of(headers: &HeaderMap, secure: bool) -> Self {
        let name = cookie_name(secure);
        let mut values: Vec<&str> = named(headers, name).collect();
        values.sort_unstable();
        values.dedup();
        let all = values.into_iter().filter_map(Cookie::parse).collect();
        let are_too_many =
            cookies(headers).filter(|(key, _)| *key == name).nth(MAX_OF_A_NAME).is_some();
        Self { all, are_too_many }
    }
}

/// The accounts that a request's browser has logged in to before, as it says.
#[must_use]
pub fn devices_of(headers: &HeaderMap, secure: bool) -> Devices {
    Devices::of_all(first_named(headers, device_cookie_name(secure), MAX_KNOWN_BROWSERS))
}

/// The mark of a request's browser in which an OpenID provider has logged somebody in before, as it
/// says.
#[must_use]
pub fn signed_on_of(headers: &HeaderMap, secure: bool) -> Devices {
    Devices::of_all(first_named(headers, signed_on_cookie_name(secure), MAX_KNOWN_BROWSERS))
}

/// The line that sets it.
#[must_use]
pub fn signed_on_line(mark: &Devices, secure: bool) -> String {
    let life = desk::MARK_DAYS * 24 * 60 * 60;
    cookie_line(signed_on_cookie_name(secure), &mark.value(), "/", secure, Some(life))
}

/// The sessions' cookies of other times of this desk. Few: whoever sends many has made them up.
pub(super) fn earlier(headers: &HeaderMap, secure: bool) -> Vec<(&'static str, Cookie)> {
    let plain = cookie_name(false);
    let named = |(name, value): (&str, &str)| {
        let name = if name == BEFORE {
            BEFORE
        } else {
            Some(plain).filter(|plain| secure && name == *plain)?
        };
        Some((name, Cookie::parse(value)?))
    };
    cookies(headers).filter_map(named).take(4).collect()
}

/// The name and value of each cookie. One that cannot be read is a neighbour's, and keeps no other
/// from being read.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let pairs = headers
        .get_all(COOKIE)
        .into_iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .filter_map(|pair| pair.trim().split_once('='))
}

/// The values of the first cookies of a name: of more than one, which is ours does not show.
pub(super) fn named<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    first_named(headers, name, MAX_OF_A_NAME)
}

fn first_named<'h>(
    headers: &'h HeaderMap,
    name: &str,
    most: usize,
) -> impl Iterator<Item = &'h str> {
    let ours = cookies(headers).filter(move |(key, _)| *key == name).map(|(_, value)| value);
    ours.take(most)
}

/// The line that sets a cookie: for the browser alone and not its scripts, and for what this site's
/// own pages and links lead to. `seconds` is how long it is kept: 0 removes it, none is as long as
/// the browser is open. The value is of characters that need no escaping.
#[must_use]
pub fn cookie_line(
    name: &str,
    value: &str,
    path: &str,
    secure: bool,
    seconds: Option<i64>,
) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let life = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}{life}")
}

/// The value of a cookie. Several of one name (a neighbouring host may set one beside ours) count
/// as none.
#[must_use]
pub fn cookie_value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = cookies(headers).filter(|(key, _)| *key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
