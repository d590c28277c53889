//! Who asks, and what each has of their own.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{Access, ClientSecret, PlainToken, TokenView};
use serde_json::json;

use super::asks::Ask;
use crate::support::{Request, World, session_of, world_with};

const SCIM_TOKEN: &str = "a bearer token of more than 32 characters";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    Person(&'static str),
    Token(Access),
    Client,
    Scim,
}

/// All of them, with what each is called at the head of a column.
pub(super) const CALLERS: [(&str, Caller); 10] = [
    ("nobody", Caller::Nobody),
    ("guest", Caller::Person("guest")),
    ("staff", Caller::Person("tia")),
    ("rep", Caller::Person("rae")),
    ("help desk", Caller::Person("helen")),
    ("administrator", Caller::Person("ada")),
    ("token", Caller::Token(Access::Full)),
    ("read-only token", Caller::Token(Access::Read)),
    ("client", Caller::Client),
    ("SCIM", Caller::Scim),
];

/// What fields and paths may name.
const WORDS: [&str; 11] = [
    "{plain}",
    "{token of tia}",
    "{token}",
    "{whose}",
    "{session of tia}",
    "{session}",
    "{own}",
    "{new}",
    "{form}",
    "{somebody new}",
    "{pushed}",
];

/// A desk of a row's own.
pub(super) struct Place {
    pub(super) world: World,
    client: ClientSecret,
}

/// What one who asks has of their own.
pub(super) struct Own {
    /// What proves them.
    header: Option<(&'static str, String)>,
    /// What is filled in where a field or a path names it.
    words: Vec<(&'static str, String)>,
}

impl Place {
    pub(super) async fn new() -> Self {
        let world = world_with(|keys| {
            keys.scim.token = Some(server::config::HiddenText::new(SCIM_TOKEN.to_owned()));
        })
        .await;
        let client = world.desk.console().add_client("rt").await.unwrap();
        Self { world, client }
    }

    /// What a caller brings to a question, as far as it names it.
    pub(super) async fn own(&self, caller: Caller, ask: &Ask) -> Own {
        let token = async |netid, access| self.token(netid, access).await;
        let (header, netid) = match caller {
            Caller::Nobody => (None, "tia"),
            Caller::Person(netid) => (
                Some(("cookie", format!("latchkey={}", self.world.log_in(netid).await.expose()))),
                netid,
            ),
            Caller::Token(access) => (
                Some(("authorization", format!("token {}", token("tia", access).await.0.expose()))),
                "tia",
            ),
            Caller::Client => (
                Some((
                    "authorization",
                    format!("Basic {}", STANDARD.encode(format!("rt:{}", self.client.expose()))),
                )),
                "tia",
            ),
            Caller::Scim => (Some(("authorization", format!("Bearer {SCIM_TOKEN}"))), "tia"),
        };
        // A guest may have no token.
        let owner = if netid == "guest" { "tia" } else { netid };
        let key = unique();
        let mut words = Vec::new();
        for name in WORDS.into_iter().filter(|name| ask.names(name)) {
            let value = match name {
                "{plain}" => token("tia", Access::Full).await.0.expose().to_owned(),
                "{token of tia}" => token("tia", Access::Full).await.1.id.to_string(),
                "{token}" => token(owner, Access::Full).await.1.id.to_string(),
                "{whose}" => format!("{owner}'s"),
                "{session of tia}" => self.session_id("tia").await,
                "{session}" => self.session_id(netid).await,
                "{own}" => format!("{netid}-local-password"),
                "{new}" => format!("plain copper teapot {key}"),
                "{form}" => key.clone(),
                "{somebody new}" => format!("new{key}"),
                "{pushed}" => self.pushed(&format!("pushed{key}")).await,
                other => panic!("what is {other}?"),
            };
            words.push((name, value));
        }
        Own { header, words }
    }

    async fn token(&self, netid: &str, access: Access) -> (PlainToken, TokenView) {
        self.world.token_with(netid, &format!("{netid}'s"), |new| new.access = access).await
    }

    async fn session_id(&self, netid: &str) -> String {
        session_of(&self.world, netid).await
    }

    /// Somebody whom the identity system has pushed.
    async fn pushed(&self, netid: &str) -> String {
        let made = Request::new("POST", "/scim/v2/Users")
            .header("authorization", &format!("Bearer {SCIM_TOKEN}"))
            .body(json!({ "userName": netid, "displayName": "Pushed" }).to_string().into_bytes());
        assert_eq!(self.world.send(made).await.status, 201);
        netid.to_owned()
    }
}

impl Own {
    /// With what is theirs where it is named.
    pub(super) fn filled(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// In their name.
    pub(super) fn asks(&self, request: Request) -> Request {
        match &self.header {
            None => request,
            Some((name, value)) => request.header(name, value),
        }
    }
}

/// Something that nobody else in this process gets.
fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:06}", COUNT.fetch_add(1, Ordering::Relaxed))
}
