//! Somebody who works at the desk, over HTTP as a browser's script does it: one request after the
//! other, each noted with what was told of it.

use super::account::Account;
use super::journal::{Journal, Outcome};
use super::password::Password;
use super::random::Random;
use super::round::Round;
use super::sessions::Sessions;
use super::tokens::Tokens;
use crate::support::{Answer, Request, session};

/// What they work at.
#[derive(Debug)]
pub(super) enum Work {
    /// Their auth tokens.
    Tokens(Tokens),
    /// Their local password.
    Password(Password),
    /// Somebody else's account.
    Account(Account),
    /// Logging in and out.
    Sessions(Sessions),
}

/// A person of the demo's.
#[derive(Debug)]
pub(super) struct Client {
    /// What was asked for.
    pub(super) journal: Journal,
    /// What they work at, and what they know of it.
    pub(super) work: Work,
    person: Person,
}

/// What it takes to ask for something.
#[derive(Debug)]
pub(super) struct Person {
    /// Who it is.
    pub(super) netid: &'static str,
    /// What they do next.
    pub(super) random: Random,
    /// The cookie of the session.
    session: String,
}

/// Everybody: two make tokens, one changes a password, one disables and enables somebody, one logs
/// in and out.
pub(super) fn everybody(random: &mut Random) -> Vec<Client> {
    let works = [
        ("tia", Work::Tokens(Tokens::default())),
        ("helen", Work::Tokens(Tokens::default())),
        ("rae", Work::Password(Password::new("rae-local-password"))),
        ("ada", Work::Account(Account::of("sam"))),
        ("guest", Work::Sessions(Sessions::default())),
    ];
    works
        .into_iter()
        .map(|(netid, work)| Client {
            journal: Journal::of(netid),
            work,
            person: Person { netid, random: random.split(), session: String::new() },
        })
        .collect()
}

impl Person {
    /// Posts a form in the session, with a key of its own.
    pub(super) async fn post(
        &mut self,
        round: &Round,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Option<Answer> {
        let key = desk::random_form_key();
        let fields = [fields, &[("form", key.as_str())]].concat();
        let request = Request::form(path, &fields).header("cookie", &self.session);
        let answer = round.send(request).await?;
        if let Some(session) = session(&answer) {
            self.session = session;
        }
        Some(answer)
    }

    /// Logs in, in a browser that has no session; gives the answer.
    pub(super) async fn log_in(&mut self, round: &Round, journal: &mut Journal) -> Option<Answer> {
        let password = format!("{}-netid-password", self.netid);
        let fields = [("netid", self.netid), ("password", password.as_str()), ("next", "")];
        let answer = round.send(Request::form("/fn/log_in", &fields)).await;
        journal.note("log-in", String::new(), Outcome::of(answer.as_ref()));
        let answer = answer?;
        assert_eq!(answer.status, 200, "{} logs in: {answer:?}", self.netid);
        self.session = session(&answer).expect("a session");
        Some(answer)
    }

    /// The session's cookie.
    pub(super) fn session(&self) -> &str {
        &self.session
    }

    /// What they confirm with.
    pub(super) fn local_password(&self) -> String {
        format!("{}-local-password", self.netid)
    }
}

impl Client {
    /// Works until the server is gone, or the round is over.
    pub(super) async fn work(&mut self, round: &Round) {
        let Self { journal, work, person } = self;
        if !matches!(work, Work::Sessions(_)) && person.log_in(round, journal).await.is_none() {
            return;
        }
        while !round.is_over() {
            let done = match work {
                Work::Tokens(tokens) => tokens.step(person, round, journal).await,
                Work::Password(password) => password.step(person, round, journal).await,
                Work::Account(account) => account.step(person, round, journal).await,
                Work::Sessions(sessions) => sessions.step(person, round, journal).await,
            };
            if done.is_none() {
                return;
            }
        }
    }

    /// Their tokens, where they work at those.
    pub(super) fn tokens(&mut self) -> Option<&mut Tokens> {
        match &mut self.work {
            Work::Tokens(tokens) => Some(tokens),
            _ => None,
        }
    }
}
