//! From which networks a token is used: it learns them for [`LEARNING_DAYS`] days from its first
//! use on, and whichever comes new after that is told its owner by a row of the audit, in the
//! transaction that writes it down, once. Nothing ends by it: its owner says whether it was them
//! (`engine/tokens/networks.rs`) or revokes the token.
//!
//! Written with the uses ([`super::usage`]), so that verify never waits for it. Tests: below, and
//! `desk/tests/desk/networks_used.rs`.

use std::collections::HashMap;

use crate::engine::counted::counted;
use crate::engine::verify::cached_token::CachedToken;
use crate::engine::verify::network::Network;
use crate::engine::verify::noted::Noted;
use crate::store::change::AuditEntry;
use crate::store::error::{Condition, StoreError};
use crate::store::handle::Store;
use crate::store::token_networks::{self, KnownNetwork, TokenNetworks};
use crate::{Actor, AuditAction, Moment, NETWORKS_KEPT, Outcome};

/// How long a token learns, in days from the first use of which the network is known.
const LEARNING_DAYS: i64 = 7;

/// How many new networks of a day have a row each. One more says that there are many, and the rest
/// of the day none.
const ROWS_A_DAY: i64 = 10;

/// How often what another node wrote meanwhile is read again. What is not written by then is when
/// the token is used the next time.
const MAX_RACES: u32 = 20;

/// What a token's uses have brought.
#[derive(Debug, PartialEq, Eq)]
struct Learned {
    networks: TokenNetworks,
    /// What its owner is told.
    news: Vec<Report>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Report {
    /// A network that is new, and how many were known before.
    Network(String, usize),
    /// More than have a row each.
    Many,
}

/// Uses of one token, as they are to be written.
#[derive(Clone, Copy)]
pub(crate) struct Use<'a> {
    pub(crate) known: &'a CachedToken,
    pub(crate) noted: Noted,
}

impl Use<'_> {
    pub(crate) fn id(&self) -> &str {
        self.known.principal.id.as_str()
    }

    /// From somewhere of which this node has not written on that day.
    fn is_news(&self) -> bool {
        let at = self.noted.at;
        self.noted.networks().any(|network| !self.known.written.has(network, at))
    }

    fn note_written(&self) {
        for network in self.noted.networks() {
            self.known.written.note(network, self.noted.at);
        }
    }
}

/// What learning has come to.
#[derive(Default)]
pub(crate) struct Learning<'a> {
    /// How many transactions told of something.
    pub(crate) reported: usize,
    /// What is to be told and has no room now: to be learned the next time, and not forgotten.
    pub(crate) put_off: Vec<Use<'a>>,
}

/// Writes at `now` from which networks these tokens were used; what is told costs a transaction
/// each, for which there is so much room. What was written is written again without harm.
///
/// # Errors
/// Those of [`Store::commit`].
pub(crate) async fn learn<'a>(
    store: &Store,
    uses: &[Use<'a>],
    now: Moment,
    room: usize,
) -> Result<Learning<'a>, StoreError> {
    let mut done = Learning::default();
    let mut left: Vec<Use<'a>> = uses.iter().copied().filter(Use::is_news).collect();
    for _ in 0..MAX_RACES {
        if left.is_empty() {
            return Ok(done);
        }
        left = learn_once(store, left, now, room, &mut done).await?;
    }
    tracing::debug!(left = left.len(), "networks of tokens are learned when they are used again");
    Ok(done)
}

/// As far as nobody else writes of the same tokens; answers what is left.
async fn learn_once<'a>(
    store: &Store,
    uses: Vec<Use<'a>>,
    now: Moment,
    room: usize,
    done: &mut Learning<'a>,
) -> Result<Vec<Use<'a>>, StoreError> {
    let ids = uses.iter().map(|one| one.id().to_owned()).collect();
    let known: HashMap<String, TokenNetworks> = store
        .token_networks(ids)
        .await?
        .into_iter()
        .map(|networks| (networks.id.clone(), networks))
        .collect();
    let (mut quiet, mut of_quiet, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for one in uses {
        match learned(known.get(one.id()), &one) {
            None => one.note_written(),
            Some(found) if found.news.is_empty() => {
                quiet.push(found.networks);
                of_quiet.push(one);
            }
            Some(_) if done.reported >= room => done.put_off.push(one),
            Some(found) => {
                done.reported += 1;
                if tell(store, &one, &found, now).await? {
                    one.note_written();
                } else {
                    left.push(one);
                }
            }
        }
    }
    if quiet.is_empty() {
        return Ok(left);
    }
    match store.commit(token_networks::write(quiet), now).await {
        Ok(()) => of_quiet.iter().for_each(Use::note_written),
        Err(StoreError::Condition(Condition::Stale) | StoreError::Conflict) => {
            left.extend(of_quiet);
        }
        Err(error) => return Err(error),
    }
    Ok(left)
}

/// Writes what is new, with the rows that tell of it; false where somebody else wrote meanwhile. Of
/// a token that was revoked meanwhile nobody is told: the networks are written all the same.
async fn tell(
    store: &Store,
    one: &Use<'_>,
    learned: &Learned,
    now: Moment,
) -> Result<bool, StoreError> {
    let principal = &one.known.principal;
    let write = || token_networks::write(vec![learned.networks.clone()]);
    let premise = token_networks::not_revoked(&principal.netid, &principal.id);
    let change = learned
        .news
        .iter()
        .fold(premise.with(write()), |change, news| change.audited(entry(one, news)));
    let outcome = match store.commit(change, now).await {
        Err(StoreError::Condition(Condition::TokenOver)) => store.commit(write(), now).await,
        outcome => outcome,
    };
    match outcome {
        Ok(()) => Ok(true),
        Err(StoreError::Condition(Condition::Stale) | StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The row that tells of it: who used the token is nobody whom the desk knows, so the token itself.
fn entry(one: &Use<'_>, news: &Report) -> AuditEntry {
    let principal = &one.known.principal;
    let of_latest = |network: &str| {
        let address = one.noted.address.map(|address| address.to_canonical());
        address.filter(|address| Network::of(*address).to_string() == network)
    };
    let (address, words) = match news {
        Report::Network(network, before) => (
            of_latest(network),
            format!("{network} (first from there; {} before)", counted(*before, "network")),
        ),
        Report::Many => (None, "from many new networks".to_owned()),
    };
    AuditEntry {
        actor: Actor::Token,
        subject: principal.netid.to_string(),
        action: AuditAction::TokenNewNetwork,
        outcome: Outcome::Done,
        address: address.map(|address| address.to_string()).unwrap_or_default(),
        agent: String::new(),
        detail: format!("{} {}: {words}", principal.id.short(), principal.description),
    }
}

/// What becomes of a token's networks by its uses; none: nothing new. Pure.
fn learned(before: Option<&TokenNetworks>, one: &Use<'_>) -> Option<Learned> {
    let (at, day) = (one.noted.at, one.noted.at.days());
    let mut networks = before.cloned().unwrap_or_else(|| TokenNetworks {
        id: one.id().to_owned(),
        rev: 0,
        since: at.0,
        new_day: day,
        new_count: 0,
        known: Vec::new(),
    });
    // By a clock that was wrong it would learn for ever.
    if !Moment(networks.since).can_have_been(at) {
        networks.since = at.0;
    }
    let learns = at < Moment(networks.since).plus_days(LEARNING_DAYS);
    let mut news = Vec::new();
    for network in one.noted.networks().map(|network| network.to_string()) {
        if let Some(known) = networks.known.iter_mut().find(|known| known.network == network) {
            let last = Moment(known.last);
            if last.days() < day || !last.can_have_been(at) {
                known.last = at.0;
            }
            continue;
        }
        if !learns {
            if networks.new_day != day {
                (networks.new_day, networks.new_count) = (day, 0);
            }
            networks.new_count += 1;
            if networks.new_count <= ROWS_A_DAY {
                news.push(Report::Network(network.clone(), networks.known.len()));
            } else if networks.new_count == ROWS_A_DAY + 1 {
                news.push(Report::Many);
            }
        }
        networks.known.push(KnownNetwork { network, first: at.0, last: at.0, answered: learns });
    }
    while networks.known.len() > NETWORKS_KEPT {
        let least = networks.known.iter().enumerate().min_by_key(|(_, known)| known.last);
        let Some((place, _)) = least else { break };
        networks.known.remove(place);
    }
    (before != Some(&networks)).then_some(Learned { networks, news })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::verify::cached_token::tests::known;

    const DAY: i64 = 86_400_000;

    /// A use at this time from these addresses, the last of them the latest.
    fn used(known: &CachedToken, at: i64, addresses: &[&str]) -> Option<Learned> {
        learned_from(None, known, at, addresses)
    }

    fn learned_from(
        before: Option<&TokenNetworks>,
        known: &CachedToken,
        at: i64,
        addresses: &[&str],
    ) -> Option<Learned> {
        let noted = addresses
            .iter()
            .map(|address| Noted::new(Moment(at), address.parse().ok(), false))
            .reduce(|before, latest| latest.and(before, &known.written))
            .expect("a use");
        learned(before, &Use { known, noted })
    }

    #[test]
    fn for_seven_days_from_the_first_use_nothing_is_news() {
        let known = known("tia");
        let first = used(&known, 5, &["192.0.2.1"]).expect("new").networks;
        assert_eq!((first.since, first.known.len(), first.known[0].answered), (5, 1, true));
        let last = learned_from(Some(&first), &known, 7 * DAY + 4, &["10.0.0.1"]).expect("new");
        assert_eq!((last.news, last.networks.known[1].answered), (vec![], true));
        let later = learned_from(Some(&first), &known, 7 * DAY + 5, &["10.0.0.1"]).expect("new");
        assert_eq!(later.news, [Report::Network("10.0.0.0/24".to_owned(), 1)]);
        assert!(!later.networks.known[1].answered);
    }

    #[test]
    fn a_known_network_is_written_once_a_day() {
        let known = known("tia");
        let first = used(&known, 5, &["192.0.2.1"]).expect("new").networks;
        assert_eq!(learned_from(Some(&first), &known, DAY - 1, &["192.0.2.9"]), None);
        let next =
            learned_from(Some(&first), &known, 9 * DAY, &["192.0.2.9"]).expect("another day");
        assert_eq!((next.news, next.networks.known[0].last), (vec![], 9 * DAY));
        assert_eq!(next.networks.known[0].first, 5);
    }

    #[test]
    fn of_more_than_ten_in_a_day_one_row_says_that_they_are_many() {
        let known = known("tia");
        let mut networks = used(&known, 0, &["192.0.2.1"]).expect("new").networks;
        let mut rows = Vec::new();
        for n in 0..30 {
            let address = format!("10.0.{n}.1");
            let next = learned_from(Some(&networks), &known, 8 * DAY, &[&address]).expect("new");
            rows.extend(next.news);
            networks = next.networks;
        }
        assert_eq!(rows.len(), 11);
        assert_eq!(rows[10], Report::Many);
        assert!(rows[..10].iter().all(|news| *news != Report::Many));
        let next = learned_from(Some(&networks), &known, 9 * DAY, &["10.1.0.1"]).expect("new");
        assert_eq!(next.news, [Report::Network("10.1.0.0/24".to_owned(), 31)], "another day");
    }

    #[test]
    fn no_more_are_kept_than_so_many_and_the_least_recently_used_goes() {
        let known = known("tia");
        let mut networks = used(&known, 0, &["192.0.2.1"]).expect("new").networks;
        for n in 0..NETWORKS_KEPT {
            let address = format!("10.0.{n}.1");
            let at = DAY * i64::try_from(n + 8).expect("few");
            // The first of all is used each day.
            networks = learned_from(Some(&networks), &known, at, &["192.0.2.1", &address])
                .expect("new")
                .networks;
        }
        assert_eq!(networks.known.len(), NETWORKS_KEPT);
        let has = |network: &str| networks.known.iter().any(|known| known.network == network);
        assert!(has("192.0.2.0/24") && !has("10.0.0.0/24") && has("10.0.1.0/24"));
    }

    #[test]
    fn a_clock_that_was_ahead_has_no_token_learn_for_longer() {
        let known = known("tia");
        let ahead = used(&known, 400 * DAY, &["192.0.2.1"]).expect("new").networks;
        let back = learned_from(Some(&ahead), &known, DAY, &["192.0.2.1"]).expect("put right");
        assert_eq!((back.networks.since, back.networks.known[0].last), (DAY, DAY));
    }

    #[test]
    fn what_was_written_of_one_network_and_day_is_not_written_again() {
        let known = known("tia");
        let at = |at: i64, address: &str| Use {
            known: &known,
            noted: Noted::new(Moment(at), address.parse().ok(), false),
        };
        assert!(at(5, "192.0.2.1").is_news());
        at(5, "192.0.2.1").note_written();
        assert!(!at(6, "192.0.2.9").is_news());
        assert!(at(6, "192.0.3.1").is_news() && at(DAY, "192.0.2.1").is_news());
        assert!(!at(DAY, "").is_news(), "an address that is not known is no network");
    }
}
