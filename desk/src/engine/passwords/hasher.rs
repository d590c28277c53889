//! Hashing, on a bounded number of threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::Refusal;
use crate::engine::secret::{Secret, fill_random};

/// How many hashings may wait for a thread before more are turned away: at 26 ms each, about three seconds of one.
const MOST_WAITING: usize = 128;

/// argon2id on a bounded number of threads: a flood of log-ins waits or is turned away here, and can take neither the
/// memory (19 MiB a thread) nor the cores that verify needs.
#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    argon: Argon2<'static>,
    threads: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// A hash of nothing anybody knows: verified for unknown users, so that they cost the same.
    dummy: Arc<str>,
}

impl Hasher {
    /// `memory_kib`, `passes` and `lanes` are argon2's m, t and p; `threads` 0 means half of the cores.
    ///
    /// # Errors
    /// The parameter that argon2 does not take, in words.
    pub(crate) fn new(memory_kib: u32, passes: u32, lanes: u32, threads: usize) -> Result<Self, String> {
        let params = Params::new(memory_kib, passes, lanes, None).map_err(|error| error.to_string())?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let threads = if threads == 0 { (cores / 2).max(1) } else { threads };
        let mut unknown = [0_u8; 32];
        fill_random(&mut unknown);
        let dummy = hash_now(&argon, &unknown)?;
        Ok(Self { argon, threads: Arc::new(Semaphore::new(threads)), waiting: Arc::default(), dummy: dummy.into() })
    }

    /// The PHC string of a password, with a salt of its own.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<String, Refusal> {
        let (argon, password) = (self.argon.clone(), password.clone());
        self.run(move || hash_now(&argon, password.expose().as_bytes())).await?.map_err(|_| Refusal::Unavailable)
    }

    /// Whether `password` is the one that was hashed. Without a hash the answer is no, at the cost of a yes.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn verify(&self, hash: Option<&str>, password: &Secret) -> Result<bool, Refusal> {
        let known = hash.is_some();
        let hash: Arc<str> = hash.map_or_else(|| self.dummy.clone(), Arc::from);
        let (argon, password) = (self.argon.clone(), password.clone());
        let same = self
            .run(move || PasswordHash::new(&hash).is_ok_and(|hash| argon.verify_password(password.expose().as_bytes(), &hash).is_ok()))
            .await?;
        Ok(known && same)
    }

    /// Whether a hash was made with weaker parameters than today's.
    pub(crate) fn is_outdated(&self, hash: &str) -> bool {
        let Ok(hash) = PasswordHash::new(hash) else { return true };
        let Ok(params) = Params::try_from(&hash) else { return true };
        let today = self.argon.params();
        params.m_cost() < today.m_cost() || params.t_cost() < today.t_cost()
    }

    /// Runs something slow on the pool.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let _place = Place::take(&self.waiting).ok_or(Refusal::TooManyAttempts { seconds: 3 })?;
        let thread = self.threads.clone().acquire_owned().await.map_err(|_| Refusal::Unavailable)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(thread);
            done
        })
        .await
        .map_err(|_| Refusal::Unavailable)
    }
}

/// A place in the queue, given back when dropped, also when the waiting request is gone.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(waiting.clone());
        (waiting.fetch_add(1, Ordering::AcqRel) < MOST_WAITING).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn hash_now(argon: &Argon2<'_>, password: &[u8]) -> Result<String, String> {
    let mut salt = [0_u8; 16];
    fill_random(&mut salt);
    let salt = SaltString::encode_b64(&salt).map_err(|error| error.to_string())?;
    argon.hash_password(password, &salt).map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Hasher {
        Hasher::new(64, 1, 1, 1).expect("parameters")
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hasher = cheap();
        let hash = hasher.hash(&Secret::new("correct horse".into())).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(hasher.verify(Some(&hash), &Secret::new("correct horse".into())).await.expect("verified"));
        assert!(!hasher.verify(Some(&hash), &Secret::new("correct horsf".into())).await.expect("verified"));
        assert!(!hasher.verify(None, &Secret::new("correct horse".into())).await.expect("verified"));
        assert!(!hasher.verify(Some("not a hash"), &Secret::new("correct horse".into())).await.expect("verified"));
    }

    #[tokio::test]
    async fn weaker_parameters_are_outdated() {
        let hash = cheap().hash(&Secret::new("correct horse".into())).await.expect("a hash");
        assert!(!cheap().is_outdated(&hash));
        assert!(Hasher::new(128, 1, 1, 1).expect("parameters").is_outdated(&hash));
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let hasher = cheap();
        let held: Vec<_> = (0..MOST_WAITING).map(|_| Place::take(&hasher.waiting).expect("a place")).collect();
        assert_eq!(hasher.hash(&Secret::new("x".into())).await, Err(Refusal::TooManyAttempts { seconds: 3 }));
        drop(held);
        assert!(hasher.hash(&Secret::new("x".into())).await.is_ok());
    }
}
