//! Wrong passwords: counted before they are looked at, delayed, and local ones closed at last. What
//! counts how much: [`super::count`]; from where: [`super::source`]. Tests:
//! `desk/tests/desk/{guessing,devices}.rs`.
//!
//! Counted first: a hundred tries at once, on several nodes, or broken off in the middle, count all
//! the same. What was no wrong password is taken back. On a disk that is nearly full a log-in's are
//! counted in memory alone ([`super::unwritten`]).

use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::passwords::count::Held;
use crate::engine::passwords::keyed_lock::KeyedLock;
use crate::engine::passwords::source::{Counted, TriedFrom, local_key};
use crate::engine::secret::{Cookie, Secret};
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::throttle::{Failures, Move};
use crate::{Actor, AuditAction, Helper, Moment, NetId, Refusal};

/// How often a count is read again that another node has moved meanwhile.
const MAX_RACES: u32 = 20;

/// What looking at a password found.
#[derive(Debug)]
pub(crate) enum Looked<T> {
    /// It is right, and gives this.
    Right(T),
    /// It is wrong, and stays counted.
    Wrong,
    /// The campus directory has heard too many wrong ones of this person and was not asked.
    NotTried,
}

/// A password that is to be looked at.
pub(crate) struct Try<'a> {
    pub(crate) turns: &'a KeyedLock,
    pub(crate) netid: &'a NetId,
    /// Whether there is anybody of that NetID: only those are written down.
    pub(crate) known: bool,
    pub(crate) from: TriedFrom,
    /// Who tries it, in the audit: whose session it is, where it is in one.
    pub(crate) actor: Actor,
    pub(crate) action: AuditAction,
    pub(crate) wrong: Refusal,
    pub(crate) origin: &'a Origin,
}

/// A count as it was and as it is while the password is looked at.
struct Before {
    counted: Counted,
    was: Option<Failures>,
    is: Failures,
}

/// Whether a person's local password is closed.
pub(crate) async fn is_closed(store: &Store, netid: &NetId) -> Result<bool, StoreError> {
    let counts = store.failures(&[local_key(netid)]).await?;
    let rule = crate::engine::passwords::count::Rule::Local;
    Ok(counts.into_iter().flatten().any(|count| rule.is_closed(count.failures)))
}

impl Desk {
    /// Looks at a password by `check`, one at a time from one source and with the delays of the
    /// wrong ones before it. A wrong one is audited as `action`, refused with `wrong`. A right one
    /// brings its count a step down.
    pub(crate) async fn guarded<T>(
        &self,
        tried: &Try<'_>,
        check: impl Future<Output = Result<Looked<T>, Refusal>>,
    ) -> Result<T, Refusal> {
        let _turn = tried.turns.take(&tried.from.place(tried.netid)).await?;
        let counts = self.count_first(tried).await?;
        let why = match check.await {
            Ok(Looked::Right(found)) => {
                self.take_back(tried, &counts, 1).await?;
                return Ok(found);
            }
            Ok(Looked::Wrong) => tried.wrong.code(),
            Ok(Looked::NotTried) => "directory-not-asked",
            Err(refusal) => {
                // Nobody could say whether it was wrong.
                self.take_back(tried, &counts, 0).await?;
                return Err(refusal);
            }
        };
        self.was_wrong(tried, &counts, why).await?;
        Err(tried.wrong.clone())
    }

    /// How many seconds a try from there has to wait.
    pub(crate) async fn held(
        &self,
        netid: &NetId,
        from: &TriedFrom,
    ) -> Result<Option<Held>, Refusal> {
        let counted = from.counted(netid, self.sources_key().await?);
        let found = self.failures(&keys(&counted)).await?;
        Ok(held(&counted, &found, self.now()))
    }

    async fn count_first(&self, tried: &Try<'_>) -> Result<Vec<Before>, Refusal> {
        let counted = tried.from.counted(tried.netid, self.sources_key().await?);
        let keys = keys(&counted);
        for _ in 0..MAX_RACES {
            let now = self.now();
            let found = self.failures(&keys).await?;
            match held(&counted, &found, now) {
                // Whom to ask, whoever knows the person says.
                Some(Held::Closed) => return Err(Refusal::AccountClosed(Helper::default())),
                Some(Held::For(seconds)) => return Err(Refusal::TooManyAttempts { seconds }),
                None => {}
            }
            let one_more = |(counted, was): (&Counted, &Option<Failures>)| Before {
                counted: counted.clone(),
                was: *was,
                is: counted.rule.one_more(*was, now),
            };
            let counts: Vec<Before> = counted.iter().zip(&found).map(one_more).collect();
            let moves: Vec<Move> = counts
                .iter()
                .map(|count| moving(&count.counted, count.was, Some(count.is)))
                .collect();
            if self.move_failures(&moves, &tried.from, now).await? {
                return Ok(counts);
            }
        }
        Err(Refusal::TooManyAttempts { seconds: 1 })
    }

    /// The counts under these keys, each in its place, those that are not written too.
    async fn failures(&self, keys: &[String]) -> Result<Vec<Option<Failures>>, Refusal> {
        let stored = self.inner.store.failures(keys).await?;
        Ok(self.inner.unwritten_counts.latest(keys, stored))
    }

    /// Moves counts, all or none; answers whether they were still what was read.
    async fn move_failures(
        &self,
        moves: &[Move],
        from: &TriedFrom,
        now: Moment,
    ) -> Result<bool, Refusal> {
        // Local passwords are no stranger's to try, and what closes one is written.
        if self.is_nearly_full() && *from != TriedFrom::Session {
            return Ok(self.inner.unwritten_counts.move_here(moves, now));
        }
        let (moves, taken) = self.inner.unwritten_counts.take(moves);
        let are_moved = self.inner.store.move_failures(&moves, now).await?;
        if are_moved {
            taken.are_written();
        }
        Ok(are_moved)
    }

    /// Takes back what was counted first, and so many steps more.
    async fn take_back(
        &self,
        tried: &Try<'_>,
        counts: &[Before],
        steps: i64,
    ) -> Result<(), Refusal> {
        let keys: Vec<String> = counts.iter().map(|count| count.counted.key.clone()).collect();
        // As it was read, at first; where somebody else has counted meanwhile, from what there is
        // now.
        let mut found: Vec<Option<Failures>> = counts.iter().map(|count| Some(count.is)).collect();
        for _ in 0..MAX_RACES {
            let now = self.now();
            let back = |(count, found): (&Before, &Option<Failures>)| {
                let rule = count.counted.rule;
                let to = if *found == Some(count.is) {
                    rule.fewer(count.was, steps, now)
                } else {
                    rule.fewer(*found, steps + 1, now)
                };
                moving(&count.counted, *found, to)
            };
            let moves: Vec<Move> = counts.iter().zip(&found).map(back).collect();
            if self.move_failures(&moves, &tried.from, now).await? {
                return Ok(());
            }
            found = self.failures(&keys).await?;
        }
        // One too many is counted, and time takes it away.
        Ok(())
    }

    async fn was_wrong(
        &self,
        tried: &Try<'_>,
        counts: &[Before],
        why: &str,
    ) -> Result<(), Refusal> {
        let (netid, now) = (tried.netid, self.now());
        // Only the names of people who exist are written down.
        let (subject, why) =
            if tried.known { (netid.as_str(), why) } else { ("", "unknown NetID") };
        let refused = entry(tried.actor.clone(), subject, tried.action, tried.origin).refused(why);
        let mut closing = None;
        if counts.iter().any(|count| count.counted.rule.is_closed(count.is.failures)) {
            tracing::warn!(
                %netid, address = %tried.origin.address,
                "closed this person’s local password after too many wrong ones",
            );
            closing = Some(entry(
                tried.actor.clone(),
                subject,
                AuditAction::PasswordClosed,
                tried.origin,
            ));
        } else if tried.known && tried.action == AuditAction::LogIn {
            self.inner.guessed_at.note(netid, now);
        }
        if tried.action == AuditAction::LogIn {
            self.inner.unwaited.note(refused, &self.inner.store, now);
            return Ok(());
        }
        let (store, refusals) = (self.inner.store.clone(), self.inner.refusals.clone());
        // A task of its own: who goes away once it was looked at has guessed all the same.
        let written = tokio::spawn(async move {
            match closing {
                Some(closed) => {
                    let change = Change::default().audited(refused).audited(closed);
                    store.commit(change, now).await
                }
                // Whoever goes on guessing is counted.
                None => refusals.note(refused, &store, now).await,
            }
        });
        Ok(written.await.map_err(|_| Refusal::Unavailable)??)
    }

    /// The key by which browsers are marked and networks are counted: in the store, the same for
    /// every node.
    pub(crate) async fn sources_key(&self) -> Result<&Secret, Refusal> {
        let read = async || self.inner.store.sources_key(Cookie::random().expose()).await;
        Ok(self.inner.sources_key.get_or_try_init(read).await?)
    }
}

fn keys(counted: &[Counted]) -> Vec<String> {
    counted.iter().map(|counted| counted.key.clone()).collect()
}

/// The longest that any of the counts asks for.
fn held(counted: &[Counted], found: &[Option<Failures>], now: Moment) -> Option<Held> {
    let each =
        counted.iter().zip(found).filter_map(|(counted, count)| counted.rule.held(*count, now));
    each.max_by_key(|held| match held {
        Held::Closed => u32::MAX,
        Held::For(seconds) => *seconds,
    })
}

fn moving(counted: &Counted, from: Option<Failures>, to: Option<Failures>) -> Move {
    Move { key: counted.key.clone(), from, to, over: to.and_then(|to| counted.rule.over(to)) }
}
