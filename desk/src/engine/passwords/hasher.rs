//! Hashing, on a bounded number of threads. Whether a password is right costs the same whoever's it
//! is: who has a hash, an old one or none cannot be told from outside. Tests: here,
//! `passwords/tests.rs`, `desk/tests/desk/unicode_passwords.rs`.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tracing::Instrument as _;

use crate::Refusal;
use crate::engine::figures::kinds::PasswordFigures;
use crate::engine::nested::sharing_network;
use crate::engine::passwords::normal::{is_too_long, normalised, spellings};
use crate::engine::passwords::pool::Pool;
use crate::engine::secret::{Secret, fill_random};
use crate::engine::spans;

/// How many hashings may wait for a thread before more are turned away: at 26 ms each, about three
/// seconds of one.
const MAX_WAITING: usize = 128;

/// The least memory that argon2 takes, in KiB.
const LEAST_MEMORY: u32 = 8;

/// Who waits for a hashing. Strangers wait among themselves: at most one of them a thread is before
/// whoever is in a session, so that no flood of log-ins holds up those who work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Somebody in a session, or a browser that has logged in before.
    Known,
    /// Anybody else, from there. Where many wait, each network has a share of the places.
    Stranger(IpAddr),
}

/// What looking at a password found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It is another.
    Wrong,
    /// It is the one.
    Right,
    /// It is the one, and is to be hashed anew: with today's parameters, or in its one spelling.
    Outdated,
}

impl Checked {
    /// Whether it is the one.
    pub(crate) fn is_right(self) -> bool {
        self != Self::Wrong
    }
}

/// argon2id on a bounded number of threads: a flood of log-ins waits or is turned away here, and
/// can take neither the memory (19 MiB a thread) nor the cores that verify needs.
#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    argon: Argon2<'static>,
    pub(super) known: Pool,
    strangers: Pool,
    /// Where hashes of Request Tracker's are looked at: they hold up no log-in.
    pub(super) imported: Pool,
    /// What looking at one password costs: as much as the dearest hash that was seen, which may be
    /// dearer than today's.
    price: Arc<AtomicU64>,
    /// The work of all that was looked at, added up.
    #[cfg(test)]
    pub(crate) spent: Arc<AtomicU64>,
}

impl Hasher {
    /// `memory_kib`, `passes` and `lanes` are argon2's m, t and p; `threads` 0 means half of the
    /// cores.
    ///
    /// # Errors
    /// The parameter that argon2 does not take, in words.
    pub(crate) fn new(
        memory_kib: u32,
        passes: u32,
        lanes: u32,
        threads: usize,
    ) -> Result<Self, String> {
        let params =
            Params::new(memory_kib, passes, lanes, None).map_err(|error| error.to_string())?;
        let price = cost(&params);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let threads = if threads == 0 { (cores / 2).max(1) } else { threads };
        let known = Pool::new(threads, MAX_WAITING);
        Ok(Self {
            argon,
            strangers: known.behind(MAX_WAITING),
            imported: Pool::new(threads, MAX_WAITING),
            known,
            price: Arc::new(AtomicU64::new(price)),
            #[cfg(test)]
            spent: Arc::default(),
        })
    }

    /// The PHC string of a password in its one spelling, with a salt of its own.
    ///
    /// # Errors
    /// [`Refusal::PasswordTooLong`]; [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<String, Refusal> {
        if is_too_long(password) {
            return Err(Refusal::PasswordTooLong);
        }
        let (hasher, password) = (self.clone(), normalised(password));
        self.known
            .run(move || hasher.hash_now(password.expose().as_bytes()))
            .instrument(spans::password_hash())
            .await?
            .map_err(|_| Refusal::Unavailable)
    }

    /// Whether `password` is the one that was hashed. Whatever the hash, also none, and whatever
    /// the answer: it costs the same. What is longer than any password is wrong without work, for
    /// everybody alike.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn verify(
        &self,
        hash: Option<&str>,
        password: &Secret,
    ) -> Result<Checked, Refusal> {
        self.verify_in(Lane::Known, hash, password).await
    }

    /// As [`Hasher::verify`], in that lane.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn verify_in(
        &self,
        lane: Lane,
        hash: Option<&str>,
        password: &Secret,
    ) -> Result<Checked, Refusal> {
        if is_too_long(password) {
            return Ok(Checked::Wrong);
        }
        let (hasher, hash, spellings) =
            (self.clone(), hash.map(str::to_owned), spellings(password));
        let work = move || hasher.verify_now(hash.as_deref(), &spellings);
        match lane {
            Lane::Known => self.known.run(work).instrument(spans::password_check()).await,
            Lane::Stranger(from) => {
                let network = Some(sharing_network(from));
                let checking = self.strangers.run_for(network, work);
                checking.instrument(spans::password_check()).await
            }
        }
    }

    /// Who is hashed for, and who waits.
    pub(crate) fn figures(&self) -> PasswordFigures {
        let running = self.known.running();
        let there = self.known.there() + self.strangers.there();
        PasswordFigures {
            running,
            threads: self.known.size(),
            waiting: there.saturating_sub(running),
            refused_known: self.known.refused() + self.imported.refused(),
            refused_strangers: self.strangers.refused(),
        }
    }

    fn verify_now(&self, hash: Option<&str>, spellings: &[Secret]) -> Checked {
        let parsed = hash.and_then(|text| PasswordHash::new(text).ok());
        let stored = parsed.and_then(|hash| Some((Params::try_from(&hash).ok()?, hash)));
        let own = stored.as_ref().map_or(0, |(params, _)| cost(params));
        let price = self.price.fetch_max(own, Ordering::AcqRel).max(own);
        let mut checked = Checked::Wrong;
        // All of them, also after the right one: a disabled person's right password takes as long
        // as a wrong one.
        for (nth, spelling) in spellings.iter().enumerate() {
            if let Some((params, hash)) = &stored {
                self.note_spent(own);
                if self.argon.verify_password(spelling.expose().as_bytes(), hash).is_ok()
                    && checked == Checked::Wrong
                {
                    checked = if nth == 0 && !self.is_weaker(params) {
                        Checked::Right
                    } else {
                        Checked::Outdated
                    };
                }
            }
            self.spend(price - own);
        }
        checked
    }

    /// Whether a hash was made with weaker parameters than today's.
    fn is_weaker(&self, params: &Params) -> bool {
        let today = self.argon.params();
        params.m_cost() < today.m_cost() || params.t_cost() < today.t_cost()
    }

    /// Spends what looking at one password costs.
    pub(super) fn spend_price(&self) {
        self.spend(self.price.load(Ordering::Acquire));
    }

    /// Spends what another hashing would: so many passes over today's memory, and one over what is
    /// left.
    fn spend(&self, units: u64) {
        self.note_spent(units);
        let memory = self.argon.params().m_cost();
        let (passes, rest) = (units / u64::from(memory), units % u64::from(memory));
        let rest = u32::try_from(rest).unwrap_or(memory);
        for (memory, passes) in [(memory, u32::try_from(passes).unwrap_or(u32::MAX)), (rest, 1)] {
            if passes == 0 || memory < LEAST_MEMORY {
                continue;
            }
            if let Ok(params) = Params::new(memory, passes, 1, None) {
                let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
                let spent = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(b"nobody's", b"no salt at all", &mut out);
                // Not to be left out by the compiler.
                std::hint::black_box((spent.is_ok(), out));
            }
        }
    }

    fn hash_now(&self, password: &[u8]) -> Result<String, String> {
        self.note_spent(cost(self.argon.params()));
        let mut salt = [0_u8; 16];
        fill_random(&mut salt);
        let salt = SaltString::encode_b64(&salt).map_err(|error| error.to_string())?;
        self.argon
            .hash_password(password, &salt)
            .map(|hash| hash.to_string())
            .map_err(|error| error.to_string())
    }

    /// What a version that did not normalise has stored.
    #[cfg(test)]
    pub(crate) fn raw_hash(&self, password: &str) -> String {
        self.hash_now(password.as_bytes()).expect("a hash")
    }

    #[cfg(test)]
    fn note_spent(&self, units: u64) {
        self.spent.fetch_add(units, Ordering::AcqRel);
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "tests count it")]
    const fn note_spent(&self, _units: u64) {}
}

/// The work of one hashing: its time grows with memory times passes.
fn cost(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(memory: u32, passes: u32) -> Hasher {
        Hasher::new(memory, passes, 1, 1).expect("parameters")
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    async fn price_of(hasher: &Hasher, hash: Option<&str>, password: &str) -> u64 {
        let before = hasher.spent.load(Ordering::Acquire);
        hasher.verify(hash, &secret(password)).await.expect("looked at");
        hasher.spent.load(Ordering::Acquire) - before
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hasher = hasher(64, 1);
        let hash = hasher.hash(&secret("correct horse")).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        for (hash, password, found) in [
            (Some(hash.as_str()), "correct horse", Checked::Right),
            (Some(hash.as_str()), "correct\u{a0}horse", Checked::Right),
            (Some(hash.as_str()), "correct horsf", Checked::Wrong),
            (None, "correct horse", Checked::Wrong),
            (Some("not a hash"), "correct horse", Checked::Wrong),
        ] {
            assert_eq!(
                hasher.verify(hash, &secret(password)).await,
                Ok(found),
                "{hash:?} {password}"
            );
        }
    }

    #[tokio::test]
    async fn weaker_parameters_are_outdated_and_stronger_ones_are_not() {
        let hash = hasher(64, 2).hash(&secret("correct horse")).await.expect("a hash");
        for (today, found) in [
            (hasher(64, 2), Checked::Right),
            (hasher(128, 2), Checked::Outdated),
            (hasher(64, 3), Checked::Outdated),
            (hasher(32, 3), Checked::Outdated),
            (hasher(32, 1), Checked::Right),
        ] {
            assert_eq!(today.verify(Some(&hash), &secret("correct horse")).await, Ok(found));
        }
    }

    #[tokio::test]
    async fn what_was_hashed_as_it_was_typed_is_accepted_and_renewed() {
        let hasher = hasher(64, 1);
        let typed = "cafe\u{301}\u{a0}du coin";
        let old = hasher.raw_hash(typed);
        assert_eq!(hasher.verify(Some(&old), &secret(typed)).await, Ok(Checked::Outdated));
        let new = hasher.hash(&secret(typed)).await.expect("a hash");
        for password in [typed, "café du coin"] {
            assert_eq!(hasher.verify(Some(&new), &secret(password)).await, Ok(Checked::Right));
        }
    }

    #[tokio::test]
    async fn every_look_costs_the_same_whatever_is_stored() {
        let today = hasher(128, 2);
        let hash = |hasher: Hasher| async move {
            hasher.hash(&secret("correct horse")).await.expect("a hash")
        };
        let stored = [
            None,
            Some("no hash".to_owned()),
            Some(hash(hasher(64, 1)).await),
            Some(hash(hasher(100, 2)).await),
            Some(hash(today.clone()).await),
        ];
        for hash in &stored {
            for password in ["correct horse", "wrong", ""] {
                assert_eq!(
                    price_of(&today, hash.as_deref(), password).await,
                    256,
                    "{hash:?} {password}"
                );
            }
            // Two spellings are two looks, whoever's password it is.
            assert_eq!(
                price_of(&today, hash.as_deref(), "correct\u{a0}horse").await,
                512,
                "{hash:?}"
            );
            assert_eq!(price_of(&today, hash.as_deref(), &"x".repeat(257)).await, 0, "{hash:?}");
        }
    }

    #[tokio::test]
    async fn once_a_dearer_hash_was_seen_every_look_costs_as_much() {
        let dear = hasher(256, 2).hash(&secret("correct horse")).await.expect("a hash");
        let today = hasher(64, 1);
        assert_eq!(price_of(&today, None, "wrong").await, 64);
        assert_eq!(price_of(&today, Some(&dear), "wrong").await, 512);
        assert_eq!(price_of(&today, None, "wrong").await, 512);
    }

    #[tokio::test]
    async fn what_is_too_long_is_not_hashed() {
        let hasher = hasher(64, 1);
        assert_eq!(hasher.hash(&secret(&"x".repeat(257))).await, Err(Refusal::PasswordTooLong));
        assert_eq!(hasher.spent.load(Ordering::Acquire), 0);
    }
}
