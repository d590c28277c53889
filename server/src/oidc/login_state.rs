//! What a log-in that was begun leaves with the browser, so that only that browser can end it: a
//! cookie for each, so that several tabs can be on their way at once, and few of them.

use app::paths::after_login;
use app::server::request_context::{
    cookie_line, cookie_value, cookies, device_cookie_name, signed_on_cookie_name,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::Secret;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::provider::now_ms;

/// How long somebody may take at the provider, in seconds.
const LIFE: i64 = 600;

/// How long it is remembered where they were going, for whoever took longer, in seconds.
const REMEMBERED: i64 = 3600;

/// How many may be on their way in one browser; at the next one the oldest is forgotten.
const MAX_LOGINS_UNDER_WAY: usize = 6;

/// How much of them a browser sends at most, in bytes: proxies refuse heads that are too large.
const BYTES: usize = 4000;

/// How many bytes of an answer's head go into removing others: proxies keep 4096 for the whole of
/// it. What is left goes next time.
const REMOVING: usize = 900;

/// What a line costs beside itself: `set-cookie: `, and its end.
const SET: usize = 14;

/// How much of a state is in its cookie's name.
const NAMED: usize = 16;

/// In a cookie that scripts cannot read and, at a host of one's own by https, neighbouring hosts
/// cannot set. Elsewhere a neighbour may plant one that they have begun themselves: what they
/// cannot know is by which marks this browser is known ([`browser_of`]).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LoginState {
    /// Comes back with the browser.
    pub(super) state: String,
    /// Comes back in the ID token.
    pub(super) nonce: String,
    /// Proves to the provider that the code is ours (RFC 7636).
    pub(super) verifier: String,
    /// Where to go then.
    pub(crate) next: String,
    /// The provider was to ask for the password again.
    pub(super) fresh: bool,
    /// When, in seconds since 1970.
    pub(super) at: i64,
    /// In which browser ([`browser_of`]).
    #[serde(default)]
    pub(super) browser: String,
}

/// What tells a browser from others in which somebody has logged in before: a hash of the marks
/// that were left there, which nobody else can read. Empty: there are none.
pub(crate) fn browser_of(headers: &HeaderMap, secure: bool) -> String {
    let names = [device_cookie_name(secure), signed_on_cookie_name(secure)];
    let mut marks: Vec<String> = cookies(headers)
        .filter(|(name, _)| names.contains(name))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    marks.sort_unstable();
    if marks.is_empty() {
        String::new()
    } else {
        URL_SAFE_NO_PAD.encode(desk::short_hash(&marks.join("\n")))
    }
}

fn prefix(secure: bool) -> &'static str {
    if secure { "__Host-latchkey-oidc-" } else { "latchkey-oidc-" }
}

/// The cookie's name, as far as a state can be in one.
fn name(secure: bool, state: &str) -> String {
    let word = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    format!("{}{}", prefix(secure), state.chars().filter(word).take(NAMED).collect::<String>())
}

impl LoginState {
    /// The line that sets the cookie.
    pub(crate) fn cookie(&self, secure: bool) -> String {
        line(secure, &name(secure, &self.state), &self.value(), REMEMBERED)
    }

    /// The line that removes it.
    pub(crate) fn no_cookie(&self, secure: bool) -> String {
        line(secure, &name(secure, &self.state), "", 0)
    }

    fn value(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// What the browser brings back of the log-in with this state; none where there is nothing, or
    /// several of the name.
    pub(crate) fn read(headers: &HeaderMap, secure: bool, state: &str) -> Option<Self> {
        let login = Self::parse(cookie_value(headers, &name(secure, state))?)?;
        Secret::new(login.state.clone()).same(&Secret::new(state.to_owned())).then_some(login)
    }

    fn parse(value: &str) -> Option<Self> {
        let login: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
        // On plain http a neighbouring host can set it, and anybody in between: whoever leads on
        // looks again whether it is a page.
        Some(Self { next: after_login(Some(&login.next)).to_owned(), ..login })
    }

    /// Whether it was begun in the browser that comes with these headers, as far as it is known by
    /// something.
    pub(crate) fn is_of(&self, headers: &HeaderMap, secure: bool) -> bool {
        self.browser == browser_of(headers, secure)
    }

    /// Whether it is too long ago to be ended.
    pub(crate) fn is_over(&self) -> bool {
        now_ms() / 1000 - self.at > LIFE
    }

    /// The lines that remove what there is no room for beside this one: whatever cannot be read,
    /// and the oldest; the largest of them first, and no more than an answer's head has room for.
    pub(crate) fn make_room(&self, headers: &HeaderMap, secure: bool) -> Vec<String> {
        let ours = cookies(headers).filter(|(name, _)| name.starts_with(prefix(secure)));
        let mut others: Vec<(&str, usize, i64)> = ours
            .map(|(name, value)| {
                (name, name.len() + value.len(), Self::parse(value).map_or(0, |login| login.at))
            })
            .collect();
        others.sort_by_key(|(_, _, at)| std::cmp::Reverse(*at));
        let mut bytes = self.value().len();
        let keep = others.iter().take(MAX_LOGINS_UNDER_WAY - 1).take_while(|(_, size, at)| {
            bytes += size;
            *at > 0 && bytes <= BYTES
        });
        let kept = keep.count();
        let mut surplus = others.split_off(kept);
        surplus.sort_by_key(|(_, size, _)| std::cmp::Reverse(*size));
        let lines = surplus.iter().map(|(name, ..)| line(secure, name, "", 0));
        let mut room = REMOVING;
        lines
            .filter(|line| {
                room.checked_sub(line.len() + SET).inspect(|left| room = *left).is_some()
            })
            .collect()
    }
}

fn line(secure: bool, name: &str, value: &str, life: i64) -> String {
    cookie_line(name, value, "/", secure, Some(life))
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    fn login(state: &str, at: i64) -> LoginState {
        let text = |text: &str| text.to_owned();
        LoginState {
            state: text(state),
            nonce: text("n"),
            verifier: text("v"),
            next: text("/help"),
            fresh: true,
            at,
            browser: String::new(),
        }
    }

    fn headers(cookies: &[String]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().expect("a value"));
        }
        headers
    }

    fn pair(login: &LoginState) -> String {
        login.cookie(true).split(';').next().expect("a pair").to_owned()
    }

    #[test]
    fn each_comes_back_as_it_was_by_its_own_state() {
        let (one, two) = (login("one-state-0123456789", 1), login("two-state-0123456789", 2));
        let line = one.cookie(true);
        assert!(
            line.starts_with("__Host-latchkey-oidc-one-state")
                && line.contains("; Secure")
                && line.contains("HttpOnly")
        );
        let both = headers(&[pair(&one), pair(&two)]);
        for of in [&one, &two] {
            let read = LoginState::read(&both, true, &of.state).expect("there");
            assert_eq!(
                (read.state.as_str(), read.next.as_str(), read.at),
                (of.state.as_str(), "/help", of.at)
            );
        }
        assert!(LoginState::read(&both, false, &one.state).is_none(), "another name");
        assert!(
            LoginState::read(&both, true, "one-state-012345678X").is_none(),
            "another state, of whose name the beginning is the same"
        );
        assert!(
            LoginState::read(&headers(&[pair(&one), pair(&one)]), true, &one.state).is_none(),
            "two: one may be a neighbour's"
        );
    }

    #[test]
    fn it_leads_to_no_other_site_whoever_has_written_it() {
        for (next, leads) in [
            ("/settings/auth-tokens?create", "/settings/auth-tokens?create"),
            ("https://evil.example/", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/fn/log_out", "/"),
            ("/login", "/"),
        ] {
            let cookie = pair(&LoginState { next: next.to_owned(), ..login("s", 1) });
            assert_eq!(
                LoginState::read(&headers(&[cookie]), true, "s").map(|login| login.next).as_deref(),
                Some(leads),
                "{next}"
            );
        }
    }

    #[test]
    fn nonsense_is_nothing() {
        for value in ["", "x", "e30", "%%%"] {
            assert!(
                LoginState::read(&headers(&[format!("latchkey-oidc-s={value}")]), false, "s")
                    .is_none(),
                "{value}"
            );
        }
        assert!(
            LoginState::read(&headers(&[pair(&login("", 1))]), true, "../;\u{0}").is_none(),
            "a state is no part of a header"
        );
    }

    #[test]
    fn few_are_kept_the_newest_ones_and_never_too_many_bytes() {
        let many: Vec<LoginState> = (1..=9).map(|at| login(&format!("state-{at}"), at)).collect();
        let cookies: Vec<String> = many.iter().map(pair).collect();
        let new = login("new", 10);
        let removed = new.make_room(&headers(&cookies), true);
        assert_eq!(removed.len(), 9 - (MAX_LOGINS_UNDER_WAY - 1));
        assert!(
            removed.iter().all(|line| line.contains("Max-Age=0"))
                && removed.iter().any(|line| line.contains("state-1="))
        );
        let long = |at| LoginState {
            next: format!("/help?{}", "x".repeat(1500)),
            ..login(&format!("state-{at}"), at)
        };
        let removed =
            new.make_room(&headers(&[pair(&long(1)), pair(&long(2)), pair(&long(3))]), true);
        assert_eq!(removed.len(), 2, "{removed:?}");
        assert_eq!(
            new.make_room(&headers(&["__Host-latchkey-oidc-x=nonsense".to_owned()]), true).len(),
            1
        );
        assert!(new.make_room(&headers(&["__Host-latchkey=other".to_owned()]), true).is_empty());
    }

    #[test]
    fn of_very_many_no_more_are_removed_at_once_than_an_answer_has_room_for() {
        let junk: Vec<String> =
            (0..200).map(|n| format!("__Host-latchkey-oidc-{n}={}", "x".repeat(n))).collect();
        let new = login("new", 10);
        let removed = new.make_room(&headers(&junk), true);
        let bytes: usize = removed.iter().map(|line| line.len() + SET).sum();
        assert!((5..20).contains(&removed.len()) && bytes <= REMOVING, "{bytes}: {removed:?}");
        assert!(removed[0].contains("-199="), "the largest first: {removed:?}");
        let named = format!("__Host-latchkey-oidc-{}=", "x".repeat(REMOVING));
        let removed =
            new.make_room(&headers(&[named, "__Host-latchkey-oidc-1=x".to_owned()]), true);
        assert_eq!(removed.len(), 1, "one that is too large keeps no other from being removed");
    }

    #[test]
    fn it_is_of_the_browser_that_was_known_by_the_same_marks() {
        let marks = |lines: &[&str]| {
            headers(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
        };
        let ours = marks(&["__Host-latchkey-signed-on=a; x=y", "__Host-latchkey-device=b"]);
        let started = LoginState { browser: browser_of(&ours, true), ..login("s", 1) };
        assert!(started.is_of(&ours, true));
        let other_order =
            marks(&["__Host-latchkey-device=b; z=0; __Host-latchkey-signed-on=a", "u=v"]);
        assert!(started.is_of(&other_order, true), "whatever else there is");
        let others: [&[&str]; 5] = [
            &[],
            &["__Host-latchkey-signed-on=a"],
            &["__Host-latchkey-signed-on=b; __Host-latchkey-device=a"],
            &["__Host-latchkey-signed-on=a; __Host-latchkey-device=b; __Host-latchkey-device=c"],
            &["latchkey-signed-on=a; latchkey-device=b"],
        ];
        for other in others {
            assert!(!started.is_of(&marks(other), true), "{other:?}");
        }
        assert!(login("s", 1).is_of(&marks(&["x=y"]), true), "one that nobody knows");
    }

    #[test]
    fn it_is_over_after_a_while() {
        assert!(login("s", 1).is_over() && !login("s", now_ms() / 1000).is_over());
    }
}
