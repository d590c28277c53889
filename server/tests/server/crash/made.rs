//! Tokens of tia's that are made and revoked one after the other, all of it acknowledged.

use std::net::SocketAddr;

use app::forms::Done;
use desk::PlainToken;

use super::round::status;
use crate::support::{Answer, Request, session};

/// A token, and whether it works.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) secret: String,
    pub(super) id: String,
    pub(super) works: bool,
}

/// Who makes them, in a session.
#[derive(Clone, Debug)]
pub(super) struct Maker {
    address: SocketAddr,
    session: String,
    /// All that were made.
    pub(super) all: Vec<Made>,
}

impl Maker {
    /// Logs in there; those of before are known.
    pub(super) async fn log_in(address: SocketAddr, all: Vec<Made>) -> Self {
        let mut maker = Self { address, session: String::new(), all };
        let fields = [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];
        assert_eq!(maker.post("/fn/log_in", &fields).await.status, 200);
        maker
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let key = desk::random_form_key();
        let own = [("form", key.as_str()), ("own_password", "tia-local-password")];
        let fields = [fields, &own].concat();
        let request = Request::form(path, &fields).header("cookie", &self.session);
        let answer = request.try_send(self.address).await.expect("an answer");
        if let Some(session) = session(&answer) {
            self.session = session;
        }
        answer
    }

    /// Asks for a token; gives the status.
    pub(super) async fn try_make(&mut self) -> u16 {
        let description = format!("number {}", self.all.len());
        let fields =
            [("description", description.as_str()), ("expires", "never"), ("access", "full")];
        let answer = self.post("/fn/create_token", &fields).await;
        if answer.status == 200 {
            let secret = answer.decoded::<Done>().secret.expect("a secret");
            let id = PlainToken::parse(&secret).unwrap().id().to_string();
            self.all.push(Made { secret, id, works: true });
        }
        answer.status
    }

    pub(super) async fn make(&mut self) {
        assert_eq!(self.try_make().await, 200);
    }

    /// Asks for the end of one; gives the status.
    pub(super) async fn try_revoke(&mut self, which: usize) -> u16 {
        let id = self.all[which].id.clone();
        let status = self.post("/fn/revoke_token", &[("id", &id)]).await.status;
        if status == 200 {
            self.all[which].works = false;
        }
        status
    }

    pub(super) async fn revoke(&mut self, which: usize) {
        assert_eq!(self.try_revoke(which).await, 200);
    }
}

/// Every token is there as it was told.
///
/// # Panics
/// One is not.
pub(super) async fn assert_kept(address: SocketAddr, all: &[Made]) {
    for token in all {
        let is = status(address, &token.secret).await;
        assert_eq!(is, Some(if token.works { 200 } else { 401 }), "{token:?}");
    }
}
