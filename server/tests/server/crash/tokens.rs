//! A client who makes, edits, renews and revokes tokens, and what becomes of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use app::forms::Done;
use desk::PlainToken;
use serde_json::Value;

use super::client::Person;
use super::journal::{Journal, Outcome, Row};
use super::random::Random;
use super::round::{Round, status};
use crate::support::Answer;

/// How much of an id the audit names.
const NAMED: usize = 16;

/// How many tokens that work are enough.
const ENOUGH: usize = 12;

/// Of how many older tokens it is asked after each start, beside those of the last round.
const OLDER: usize = 20;

/// What is known of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It works.
    Works,
    /// Its revocation was acknowledged, or it was seen to be refused.
    Revoked,
    /// What was asked for last is not known.
    Unknown,
}

/// A token whose secret was told.
#[derive(Clone, Debug)]
struct Token {
    secret: String,
    id: String,
    description: String,
    state: State,
}

/// What a person knows of their own tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    all: Vec<Token>,
    /// How many there were when the round began.
    before: usize,
    made: u32,
}

impl Tokens {
    /// Asks for one thing; none: the server is gone.
    pub(super) async fn step(
        &mut self,
        person: &mut Person,
        round: &Round,
        journal: &mut Journal,
    ) -> Option<()> {
        let working: Vec<usize> =
            (0..self.all.len()).filter(|at| self.all[*at].state == State::Works).collect();
        let what = person.random.below(10);
        if working.len() < 3 || (what < 4 && working.len() < ENOUGH) {
            return self.create(person, round, journal).await;
        }
        let which = working[person.random.below(working.len())];
        match what {
            0..=5 => self.edit(which, person, round, journal).await,
            6 | 7 => self.renew(which, person, round, journal).await,
            _ => self.revoke(which, person, round, journal).await,
        }
    }

    fn description(&mut self, person: &Person) -> String {
        self.made += 1;
        format!("{} {}", person.netid, self.made)
    }

    /// Keeps a token that an answer tells.
    fn keep(&mut self, answer: Option<&Answer>, description: &str) -> Option<String> {
        let secret = answer?.decoded::<Done>().secret.expect("a secret");
        let id = PlainToken::parse(&secret).unwrap().id().as_str()[..NAMED].to_owned();
        let (state, description) = (State::Works, description.to_owned());
        self.all.push(Token { secret, id: id.clone(), description, state });
        Some(id)
    }

    async fn create(
        &mut self,
        person: &mut Person,
        round: &Round,
        journal: &mut Journal,
    ) -> Option<()> {
        let description = self.description(person);
        let own = person.local_password();
        let fields = [
            ("description", description.as_str()),
            ("expires", "never"),
            ("access", "full"),
            ("own_password", own.as_str()),
        ];
        let answer = person.post(round, "/fn/create_token", &fields).await;
        let outcome = Outcome::of(answer.as_ref());
        let done = answer.as_ref().filter(|_| outcome == Outcome::Done);
        let id = self.keep(done, &description).unwrap_or_default();
        journal.note("token.create", format!("{id} {description}"), outcome);
        answer.map(drop)
    }

    async fn edit(
        &mut self,
        which: usize,
        person: &mut Person,
        round: &Round,
        journal: &mut Journal,
    ) -> Option<()> {
        let description = self.description(person);
        let own = person.local_password();
        let full = self.full_id(which);
        let fields = [
            ("id", full.as_str()),
            ("description", description.as_str()),
            ("expires", "keep"),
            ("networks", ""),
            ("was_description", self.all[which].description.as_str()),
            ("was_networks", ""),
            ("was_expires", ""),
            ("own_password", own.as_str()),
        ];
        let answer = person.post(round, "/fn/edit_token", &fields).await;
        let outcome = Outcome::of(answer.as_ref());
        let mark = format!("{} {description}", self.all[which].id);
        journal.note("token.edit", mark, outcome);
        match outcome {
            Outcome::Done => self.all[which].description = description,
            Outcome::Refused => panic!("an edit is refused: {answer:?}"),
            // It works, and is left alone, since what it is called is not known.
            Outcome::Unknown => self.all[which].state = State::Unknown,
        }
        answer.map(drop)
    }

    async fn renew(
        &mut self,
        which: usize,
        person: &mut Person,
        round: &Round,
        journal: &mut Journal,
    ) -> Option<()> {
        let own = person.local_password();
        let full = self.full_id(which);
        let fields = [("id", full.as_str()), ("overlap", "0"), ("own_password", own.as_str())];
        let answer = person.post(round, "/fn/renew_token", &fields).await;
        let outcome = Outcome::of(answer.as_ref());
        let done = answer.as_ref().filter(|_| outcome == Outcome::Done);
        let (old, description) = (self.all[which].id.clone(), self.all[which].description.clone());
        let new = self.keep(done, &description).unwrap_or_default();
        let mark = format!("{new} {description} in place of {old}, which works for no time");
        journal.note("token.renew", mark, outcome);
        self.is_over(which, outcome, round);
        answer.map(drop)
    }

    async fn revoke(
        &mut self,
        which: usize,
        person: &mut Person,
        round: &Round,
        journal: &mut Journal,
    ) -> Option<()> {
        let own = person.local_password();
        let full = self.full_id(which);
        let fields = [("id", full.as_str()), ("own_password", own.as_str())];
        let answer = person.post(round, "/fn/revoke_token", &fields).await;
        let outcome = Outcome::of(answer.as_ref());
        let token = &self.all[which];
        journal.note("token.revoke", format!("{} {}", token.id, token.description), outcome);
        self.is_over(which, outcome, round);
        answer.map(drop)
    }

    fn is_over(&mut self, which: usize, outcome: Outcome, round: &Round) {
        let token = &mut self.all[which];
        match outcome {
            Outcome::Done => {
                token.state = State::Revoked;
                round.revoked(&token.secret);
            }
            Outcome::Refused => panic!("{} is refused", token.description),
            Outcome::Unknown => token.state = State::Unknown,
        }
    }

    fn full_id(&self, which: usize) -> String {
        PlainToken::parse(&self.all[which].secret).unwrap().id().to_string()
    }

    /// After a start: those of the last round, and some of before, work as they were told to. What
    /// was seen to be refused stays so.
    ///
    /// # Panics
    /// One does not.
    pub(super) async fn check(&mut self, address: SocketAddr, random: &mut Random, all: bool) {
        let older = self.before;
        let mut wanted: Vec<usize> = (older..self.all.len()).collect();
        wanted.extend((0..older).filter(|at| all || self.all[*at].state == State::Works));
        if !all && older > 0 {
            wanted.extend((0..OLDER).map(|_| random.below(older)));
        }
        for at in wanted {
            let token = &mut self.all[at];
            let works = match status(address, &token.secret).await {
                Some(200) => true,
                Some(401) => false,
                other => panic!("verify says {other:?} after a start"),
            };
            match token.state {
                State::Works => assert!(works, "{token:?} is gone"),
                State::Revoked => assert!(!works, "{token:?} works again"),
                State::Unknown if !works => token.state = State::Revoked,
                State::Unknown => {}
            }
        }
        self.before = self.all.len();
    }

    /// Tokens whose revocation was acknowledged.
    pub(super) fn revoked(&self) -> Vec<String> {
        let revoked = self.all.iter().filter(|token| token.state == State::Revoked);
        revoked.map(|token| token.secret.clone()).collect()
    }
}

/// How many revoked tokens of a person a list has: as many as may work by default, and 200.
const LISTED_REVOKED: usize = 300;

/// What `latchkey token list --json` prints is what these rows of the audit say: each change is
/// there as a whole, or not at all. Of what is revoked a list tells the latest.
///
/// # Panics
/// It is not.
pub(super) fn assert_as_audited(list: &str, rows: &[&Row]) {
    let list: Value = serde_json::from_str(list).unwrap();
    let listed: BTreeMap<String, (String, bool)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|token| {
            let word = |field: &str| token[field].as_str().unwrap().to_owned();
            (word("id")[..NAMED].to_owned(), (word("description"), !token["revoked"].is_null()))
        })
        .collect();
    let mut audited: BTreeMap<String, (String, bool)> = BTreeMap::new();
    for row in rows {
        let Some((id, rest)) = row.detail.split_once(' ') else { continue };
        match row.action.as_str() {
            "token.create" => drop(audited.insert(id.to_owned(), (rest.to_owned(), false))),
            "token.edit" => rest.clone_into(&mut audited.get_mut(id).unwrap().0),
            "token.revoke" => audited.get_mut(id).unwrap().1 = true,
            "token.renew" => {
                let (description, old) = rest.split_once(" in place of ").unwrap();
                audited.insert(id.to_owned(), (description.to_owned(), false));
                audited.get_mut(&old[..NAMED]).unwrap().1 = true;
            }
            _ => {}
        }
    }
    let revoked = audited.values().filter(|(_, revoked)| *revoked).count();
    let mut left_out = revoked.saturating_sub(LISTED_REVOKED);
    audited.retain(|id, (_, revoked)| {
        let is_left_out = *revoked && left_out > 0 && !listed.contains_key(id);
        left_out -= usize::from(is_left_out);
        !is_left_out
    });
    assert_eq!(listed, audited, "tokens as they are, and as the audit tells of them");
}
