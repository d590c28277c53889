//! Who is on a campus, and which tokens each has: of each person all follows from the seed and
//! their number.

use crate::engine::accounts::words::terms;
use crate::engine::campus::draws::Draws;
use crate::engine::campus::names::{FAMILY, GIVEN, Name, PURPOSES};
use crate::engine::campus::plan::Campus;
use crate::engine::secret::PlainToken;
use crate::store::campus::{PersonRow, TermRow};
use crate::store::rows::TokenRecord;
use crate::{Access, Actor, Moment, Role, Source};

/// What is drawn for.
const PERSON: u64 = 1;
const TOKEN: u64 = 2;

/// Nobody has more, as by default.
const MAX_TOKENS: u32 = 100;

/// By this number the tokens of each person are some five: a third of the people have two or fewer,
/// one in a hundred has more than forty.
const TOKENS_AT_LEAST: f64 = 4.9;

/// How long ago the first of them came, in days.
const YEARS: i64 = 5 * 365;

/// Tokens that ended long ago are taken out: none of these is, for a month.
const ENDED_DAYS: i64 = 60;

/// The first few are administrators, and the next few the Help Desk: who has done so much that the
/// audit is full of it.
pub(super) const ADMINISTRATORS: u64 = 3;
pub(super) const HELP_DESK: u64 = 5;

/// How somebody is called.
pub(super) struct Called {
    given: Name,
    family: Name,
    pub(super) netid: String,
    draws: Draws,
}

/// A person with all that is theirs.
#[derive(Debug)]
pub(super) struct Inhabitant {
    pub(super) row: PersonRow,
    pub(super) terms: Vec<TermRow>,
    pub(super) tokens: Vec<TokenRecord>,
}

impl Campus {
    /// How the person with this number is called.
    pub(super) fn called(&self, n: u64) -> Called {
        let mut draws = Draws::of(self.seed, PERSON, n);
        let given = draws.common(GIVEN).unwrap_or(("Ana", "ana"));
        let family = draws.common(FAMILY).unwrap_or(("Smith", "smith"));
        let netid = netid(&mut draws, given.1, family.1, n);
        Called { given, family, netid, draws }
    }

    /// The person with this number.
    pub(super) fn inhabitant(&self, n: u64) -> Inhabitant {
        let Called { given: (given, first), family: (family, last), netid, mut draws } =
            self.called(n);
        let email = match draws.below(10) {
            0..6 => format!("{first}.{last}{n}@example.edu"),
            6..8 => format!("{netid}@example.edu"),
            8 => format!("{netid}@cs.example.edu"),
            _ => format!("{first}@lab{}.example.edu", draws.below(400)),
        };
        let name = if draws.per_mille(30) {
            format!("{family}, {given}")
        } else {
            format!("{given} {family}")
        };
        let role = match draws.below(1000) {
            _ if n < ADMINISTRATORS => Role::Admin,
            _ if n < ADMINISTRATORS + HELP_DESK => Role::HelpDesk,
            0..2 => Role::HelpDesk,
            2..6 => Role::Rep,
            _ => Role::Staff,
        };
        let is_gone = role == Role::Staff && draws.per_mille(30);
        let created = self.now.plus_days(-1 - below(&mut draws, YEARS));
        let departed = is_gone.then(|| self.now.plus_days(-1 - below(&mut draws, ENDED_DAYS)));
        let source = if draws.per_mille(960) { Source::Ldap } else { Source::Scim };
        let row = PersonRow {
            id: netid.clone(),
            role: role.word().to_owned(),
            privileged: role > Role::Staff || draws.per_mille(850),
            disabled: is_gone,
            source: source.code().to_owned(),
            created: created.0,
            terms: terms(&name, &email),
            last_log_in: draws
                .per_mille(800)
                .then(|| self.now.plus_days(-1 - below(&mut draws, 200)).0),
            departed_at: departed.map(|at| at.0.max(created.0)),
            departed_by: departed.map(|_| vec![source.code().to_owned()]),
            name,
            email,
        };
        let terms = row.terms.iter().map(|term| TermRow { id: vec![term.clone(), netid.clone()] });
        Inhabitant { terms: terms.collect(), tokens: self.tokens_of(n, &row), row }
    }

    fn tokens_of(&self, n: u64, row: &PersonRow) -> Vec<TokenRecord> {
        let mut draws = Draws::of(self.seed, TOKEN, n);
        if !row.privileged {
            return Vec::new();
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number from 1 on, and no more than there may be below"
        )]
        let many = (TOKENS_AT_LEAST / (1.0 - draws.unit()).sqrt()) as u32;
        (0..many.saturating_sub(3).min(MAX_TOKENS))
            .map(|k| self.token_of(n, k, row, &mut draws))
            .collect()
    }

    fn token_of(&self, n: u64, k: u32, row: &PersonRow, draws: &mut Draws) -> TokenRecord {
        let access = if draws.per_mille(600) { Access::Full } else { Access::Read };
        let created = self.now.plus_days(-1 - below(draws, YEARS)).0.max(row.created);
        let expires = match draws.below(10) {
            0..5 => None,
            5..9 => Some(self.now.plus_days(1 + below(draws, 500))),
            _ => Some(self.now.plus_days(-below(draws, ENDED_DAYS))),
        };
        let revoked = match row.departed_at {
            Some(at) => Some((
                Moment(at),
                Actor::Source(Source::parse(&row.source).unwrap_or(Source::Ldap)).code(),
            )),
            None if draws.per_mille(30) => {
                Some((self.now.plus_days(-below(draws, ENDED_DAYS)), row.id.clone()))
            }
            None => None,
        };
        let used = draws.per_mille(650).then(|| self.now.plus_days(-below(draws, 90)));
        let purpose = draws.common(PURPOSES).unwrap_or("test");
        TokenRecord {
            description: if k == 0 { purpose.to_owned() } else { format!("{purpose} {k}") },
            access: access.word().to_owned(),
            networks: if draws.per_mille(150) { "10.0.0.0/8".to_owned() } else { String::new() },
            expires: expires.map(|at| at.0),
            used_at: used.map(|at| at.0),
            used_address: used.map(|_| format!("10.{}.{}.7", draws.below(256), draws.below(256))),
            revoked_at: revoked.as_ref().map(|(at, _)| at.0),
            revoked_by: revoked.map(|(_, by)| by),
            ..TokenRecord::made(&self.token(n, k).id(), &row.id, Moment(created))
        }
    }

    /// The `k`th token of the person with this number. Whoever has the seed has it too.
    pub(super) fn token(&self, n: u64, k: u32) -> PlainToken {
        PlainToken::of_campus(self.seed, n, k)
    }
}

/// A NetID with the person's number in it, so that it is nobody else's: `asmith12`, `ana-12`,
/// `smith12`, `as12`.
fn netid(draws: &mut Draws, first: &str, last: &str, n: u64) -> String {
    let initial = |text: &str| text.chars().take(1).collect::<String>();
    match draws.below(20) {
        0..9 => format!("{}{last}{n}", initial(first)),
        9..15 => format!("{}{}{n}", initial(first), initial(last)),
        15..19 => format!("{last}{n}"),
        _ => format!("{first}-{n}"),
    }
}

fn below(draws: &mut Draws, days: i64) -> i64 {
    i64::try_from(draws.below(u64::try_from(days).unwrap_or(0))).unwrap_or(0)
}
