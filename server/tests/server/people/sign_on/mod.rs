//! Log-in by an OpenID provider: here where there is none or it does not answer; [`There`] is a
//! desk with a provider on loopback. Behind a real one it is tried by `make test-directory`.

mod log_out;
mod odd;
mod planted;
mod returns;
mod samples;
mod strict;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::{Cookie, Visitor};
use server::config::Sections;
use url::Url;

use crate::support::{Answer, Provider, Request, World, origin, world, world_with};

/// A desk that trusts a provider on loopback.
pub(super) struct There {
    pub(super) world: World,
    pub(super) provider: Provider,
}

/// A log-in that was begun.
pub(super) struct StartedLogin {
    pub(super) cookie: String,
    pub(super) state: String,
    pub(super) nonce: String,
}

impl There {
    pub(super) async fn usual() -> Self {
        Self::with(Provider::start().await, |_| {}).await
    }

    pub(super) async fn with(provider: Provider, adjust: impl FnOnce(&mut Sections)) -> Self {
        let world = world_with(|keys| {
            keys.server.public_url = Some("http://127.0.0.1:3000".to_owned());
            keys.oidc.issuer = Some(provider.issuer());
            keys.oidc.client_id = Some("latchkey".to_owned());
            keys.groups.privileged = vec!["*".to_owned()];
            adjust(keys);
        })
        .await;
        Self { world, provider }
    }

    pub(super) async fn send(&self, request: Request) -> Answer {
        self.world.send(request).await
    }

    /// Begins a log-in in a browser with these cookies, on its way to `next`.
    pub(super) async fn begin(&self, next: &str, cookies: &str) -> StartedLogin {
        let answer = self
            .send(
                Request::get(&format!("/login/oidc?next={next}")).page().header("cookie", cookies),
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let text = answer.text();
        let url = text
            .split("content=\"0;url=")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .replace("&amp;", "&");
        let parameter = |name: &str| {
            Url::parse(&url)
                .unwrap()
                .query_pairs()
                .find(|(key, _)| key == name)
                .unwrap()
                .1
                .into_owned()
        };
        let cookie = answer
            .headers("set-cookie")
            .into_iter()
            .find(|line| line.starts_with("latchkey-oidc-") && !line.contains("Max-Age=0"));
        let cookie = cookie.unwrap().split(';').next().unwrap().to_owned();
        StartedLogin { cookie, state: parameter("state"), nonce: parameter("nonce") }
    }

    /// Comes back with it.
    pub(super) async fn back(&self, started: &StartedLogin, cookies: &str) -> Answer {
        self.send(started.request(cookies)).await
    }

    /// Begins and comes back at once.
    pub(super) async fn log_in(&self) -> Answer {
        let started = self.begin("/help", "").await;
        self.back(&started, &started.cookie).await
    }

    /// Who was let in.
    pub(super) async fn visitor(&self, answer: &Answer) -> Visitor {
        let cookie = Cookie::parse(
            &session(answer).unwrap_or_else(|| panic!("nobody was let in: {}", answer.text())),
        )
        .unwrap();
        self.world.desk.visitor(&cookie, &origin()).await.unwrap()
    }
}

impl StartedLogin {
    pub(super) fn request(&self, cookies: &str) -> Request {
        Request::get(&format!("/login/oidc/back?code={}&state={}", self.nonce, self.state))
            .page()
            .header("cookie", cookies)
    }
}

/// The session that an answer begins.
pub(super) fn session(answer: &Answer) -> Option<String> {
    let lines = answer.headers("set-cookie");
    let line = lines.iter().find_map(|line| line.strip_prefix("latchkey="))?;
    Some(line.split(';').next().unwrap().to_owned())
}

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

async fn without_provider() -> World {
    world_with(|keys| {
        keys.server.public_url = Some("http://127.0.0.1:3000".to_owned());
        keys.oidc.issuer = Some(NOWHERE.to_owned());
        keys.oidc.client_id = Some("latchkey".to_owned());
        keys.groups.privileged = vec!["*".to_owned()];
        keys.oidc.name = Some("Campus <Login>".to_owned());
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_page_offers_it_only_where_there_is_one() {
    let answer = without_provider().await.send(Request::get("/login?next=/help").page()).await;
    let text = answer.text();
    assert!(
        text.contains("Log in with Campus &lt;Login&gt;")
            && text.contains("action=\"/login/oidc\""),
        "{text}"
    );
    assert!(text.contains("name=\"next\" value=\"/help\""), "a deep link survives");
    let text = world().await.send(Request::get("/login").page()).await.text();
    assert!(!text.contains("/login/oidc"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_none_there_is_no_door() {
    let world = world().await;
    for path in ["/login/oidc", "/login/oidc/back", "/login/oidc/out"] {
        assert_eq!(world.send(Request::get(path).page()).await.status, 404, "{path}");
    }
    assert_eq!(
        world.send(Request::form("/login/oidc/log-out", &[("logout_token", "x")])).await.status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_is_said_so() {
    let world = without_provider().await;
    let answer = world.send(Request::get("/login/oidc").page()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("The campus directory does not answer."));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_logged_out_there_is_told_so_on_the_page_that_says_they_are_here() {
    let world = without_provider().await;
    let answer = world.send(Request::get("/login/oidc/out").page()).await;
    assert_eq!((answer.status, answer.header("location").as_deref()), (303, Some("/login?out")));
    let text = world.send(Request::get("/login?out").page()).await.text();
    assert!(
        text.contains(
            "You are logged out of Latchkey. At Campus &lt;Login&gt; you may still be logged in."
        ),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn returns_that_were_not_begun_here_take_nothing_of_the_log_ins() {
    let there = There::with(Provider::start().await, |keys| {
        keys.limits.log_ins_per_minute = 1;
    })
    .await;
    // As any page can make a browser ask, by images: without a cookie, with another's, and with one
    // that is over.
    let started = there.begin("/help", "").await;
    let (name, value) = started.cookie.split_once('=').unwrap();
    let mut over: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap();
    over["at"] = 1.into();
    let over = format!("{name}={}", URL_SAFE_NO_PAD.encode(over.to_string()));
    for n in 0..100 {
        let (path, cookie) = match n % 4 {
            0 => ("/login/oidc/back".to_owned(), ""),
            1 => (format!("/login/oidc/back?code=x&state={n}"), ""),
            2 => (format!("/login/oidc/back?code=x&state={n}"), started.cookie.as_str()),
            _ => (format!("/login/oidc/back?code=x&state={}", started.state), over.as_str()),
        };
        let back = Request::get(&path).page().header("cookie", cookie);
        let back = back.header("sec-fetch-site", "cross-site").header("sec-fetch-dest", "image");
        assert_eq!(there.send(back).await.status, 401, "{path}");
    }
    let fields = [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];
    assert_eq!(there.send(Request::form("/fn/log_in", &fields)).await.status, 200);
    // Nor does the form take anything of what was begun, or that of the next.
    assert_eq!(there.back(&started, &started.cookie).await.status, 303);
}
