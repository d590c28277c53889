//! `[tokens]`, `[sessions]`, `[limits]` and `[hash]`: numbers of the desk itself.

use confique::Config;
use serde::Serialize;

use crate::config::ConfigError;

/// A session that lasts longer than a week is a password that nobody types.
const MAX_SESSION_HOURS: u32 = 168;

/// A browser opens half a dozen connections.
const LEAST_CONNECTIONS: usize = 64;

/// More than any machine has cores.
const MAX_HASH_THREADS: usize = 1024;

/// A thousand of them, with as little memory as is allowed, take longer than a log-in may.
const MAX_HASH_PASSES: u32 = 1000;

/// A confirmation that lasts longer than an hour is none.
const MAX_CONFIRM_SECONDS: u32 = 3600;

/// Auth tokens.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Tokens {
    /// The longest life of a token in days; 0: no limit, tokens may last for ever.
    #[config(env = "LATCHKEY_TOKEN_MAX_DAYS", default = 0)]
    pub max_days: u32,

    /// How many working tokens a person may have.
    #[config(env = "LATCHKEY_TOKENS_PER_USER", default = 100)]
    pub per_user: u32,

    /// How many tokens a person may make in a minute, renewals included.
    #[config(env = "LATCHKEY_TOKENS_PER_MINUTE", default = 20)]
    pub per_minute: u32,

    /// Tokens of people of whom nobody would say that they have left (single sign-on without LDAP
    /// or SCIM) are refused when their owner has not logged in for so many days; 0: never.
    #[config(env = "LATCHKEY_TOKEN_NEEDS_LOG_IN_DAYS", default = 0)]
    pub needs_log_in_days: u32,

    /// How many tokens verify remembers, each reckoned at 600 bytes; those used least are asked of
    /// the store again.
    #[config(env = "LATCHKEY_CACHED_TOKENS", default = 100_000)]
    pub cached: usize,
}

/// Sessions in the browser.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Sessions {
    /// How long a correct local password confirms a session, so that three tokens ask once, in
    /// seconds, at most an hour; 0: it is asked every time.
    #[config(env = "LATCHKEY_CONFIRM_SECONDS", default = 300)]
    pub confirm_seconds: u32,

    /// After how many minutes without a request a session ends.
    #[config(env = "LATCHKEY_SESSION_IDLE_MINUTES", default = 30)]
    pub idle_minutes: u32,

    /// After how many hours any session ends, at most a week.
    #[config(env = "LATCHKEY_SESSION_HOURS", default = 8)]
    pub hours: u32,

    /// How many sessions a person may have at a time; at the next log-in the oldest ends.
    #[config(env = "LATCHKEY_SESSIONS_PER_USER", default = 50)]
    pub per_user: u32,
}

/// What anybody may do how often.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Limits {
    /// Log-in attempts a minute from one address (IPv6: one /64); 0: no limit. As many returns
    /// from an OpenID provider by which nobody comes in, and as many log-ins of one person by the
    /// word of a provider or a proxy. Wrong passwords slow down whoever types them for an account
    /// besides.
    #[config(env = "LATCHKEY_LOG_INS_PER_MINUTE", default = 60)]
    pub log_ins_per_minute: u32,

    /// Requests a minute in one session that change something or are refused; beyond it they wait.
    /// 0: no limit.
    #[config(env = "LATCHKEY_REQUESTS_PER_SESSION_PER_MINUTE", default = 600)]
    pub requests_per_session_per_minute: u32,

    /// How many connections there may be at a time; fewer where the system allows Latchkey fewer
    /// open files (which `serve` raises as far as it may). One address that is no trusted proxy's
    /// has an eighth of them, or 256.
    #[config(env = "LATCHKEY_CONNECTIONS", default = 8192)]
    pub connections: usize,
}

/// Cost of a password hash (argon2id).
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Hash {
    /// Memory in KiB (m).
    #[config(env = "LATCHKEY_HASH_MEMORY_KIB", default = 19456)]
    pub memory_kib: u32,

    /// Passes (t), at most 1000.
    #[config(env = "LATCHKEY_HASH_PASSES", default = 2)]
    pub passes: u32,

    /// Lanes (p).
    #[config(env = "LATCHKEY_HASH_LANES", default = 1)]
    pub lanes: u32,

    /// How many are computed at the same time, at most 1024, each with its memory; 0: half of the
    /// cores.
    #[config(env = "LATCHKEY_HASH_THREADS", default = 0)]
    pub threads: usize,
}

impl Tokens {
    pub(in crate::config) fn check(&self) -> Result<(), ConfigError> {
        if self.per_user == 0 || self.per_minute == 0 {
            return Err(ConfigError::senseless(
                "tokens.per_user, tokens.per_minute",
                "nobody could make a token: use 1 or more.",
            ));
        }
        if self.cached == 0 {
            return Err(ConfigError::senseless(
                "tokens.cached",
                "verify would ask the store each time: use 1 or more.",
            ));
        }
        Ok(())
    }
}

impl Sessions {
    pub(in crate::config) fn check(&self) -> Result<(), ConfigError> {
        if self.idle_minutes == 0 || self.hours == 0 {
            let what = "a session must last at least a minute and an hour: use 1 or more.";
            return Err(ConfigError::senseless("sessions.idle_minutes, sessions.hours", what));
        }
        if self.per_user == 0 {
            return Err(ConfigError::senseless(
                "sessions.per_user",
                "nobody could log in: use 1 or more.",
            ));
        }
        if self.hours > MAX_SESSION_HOURS {
            let what = "a session that lasts longer than a week is a password that nobody types: \
                use at most 168.";
            return Err(ConfigError::senseless("sessions.hours", what));
        }
        if self.idle_minutes > MAX_SESSION_HOURS * 60 {
            return Err(ConfigError::senseless(
                "sessions.idle_minutes",
                "use at most 10080, a week.",
            ));
        }
        if self.confirm_seconds > MAX_CONFIRM_SECONDS {
            let what = "whoever finds the browser open would have the local password for as long: \
                use at most 3600.";
            return Err(ConfigError::senseless("sessions.confirm_seconds", what));
        }
        Ok(())
    }
}

impl Limits {
    pub(in crate::config) fn check(&self) -> Result<(), ConfigError> {
        if self.connections < LEAST_CONNECTIONS {
            return Err(ConfigError::senseless(
                "limits.connections",
                "a few browsers would take all of them: use 64 or more.",
            ));
        }
        Ok(())
    }
}

impl Hash {
    /// The bounds of argon2 itself (RFC 9106 §3.1), and of the machine.
    pub(in crate::config) fn check(&self) -> Result<(), ConfigError> {
        self.check_on(memory_kib())
    }

    /// On a machine with so much memory; none: nobody knows.
    fn check_on(&self, memory_kib: Option<u64>) -> Result<(), ConfigError> {
        if self.threads > MAX_HASH_THREADS {
            let what = "no machine computes so many at a time: use at most 1024, or 0 for half of \
                the cores.";
            return Err(ConfigError::senseless("hash.threads", what));
        }
        if self.passes > MAX_HASH_PASSES {
            let what = "no log-in would wait for so many: use at most 1000.";
            return Err(ConfigError::senseless("hash.passes", what));
        }
        let at_once = u64::from(self.memory_kib).saturating_mul(self.at_once());
        if let Some(memory) = memory_kib.filter(|memory| at_once >= *memory) {
            let what = format!(
                "{} KiB for each of {} hashes at a time is more than the {memory} KiB of memory \
                 that there are: use less.",
                self.memory_kib,
                self.at_once()
            );
            return Err(ConfigError::senseless("hash.memory_kib, hash.threads", what));
        }
        if self.passes == 0
            || self.lanes == 0
            || self.lanes > 64
            || self.memory_kib < 8 * self.lanes
        {
            let what = "use at least 1 pass, 1 to 64 lanes and 8 KiB a lane.";
            return Err(ConfigError::senseless("hash.memory_kib, hash.passes, hash.lanes", what));
        }
        Ok(())
    }

    /// How many are computed at the same time.
    fn at_once(&self) -> u64 {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if self.threads == 0 { (cores / 2).max(1) } else { self.threads };
        u64::try_from(threads).unwrap_or(u64::MAX)
    }
}

/// The machine's memory in KiB; none: it does not say.
fn memory_kib() -> Option<u64> {
    let meminfo = std::fs::read_to_string("/proc/meminfo").ok()?;
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    total.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(adjust: impl FnOnce(&mut Hash)) -> Result<(), String> {
        let mut hash = crate::config::Sections::default().hash;
        adjust(&mut hash);
        // 8 GiB.
        hash.check_on(Some(8 << 20)).map_err(|error| error.to_string())
    }

    #[test]
    fn hashes_fit_into_the_machine() {
        let wrong = |adjust: fn(&mut Hash)| hash(adjust).expect_err("too much");
        assert!(wrong(|hash| hash.threads = 200_000).starts_with("hash.threads: "));
        assert!(wrong(|hash| hash.passes = u32::MAX).starts_with("hash.passes: "));
        let memory = "hash.memory_kib, hash.threads: 1000000000 KiB for each of 1 hashes";
        let error = wrong(|hash| (hash.memory_kib, hash.threads) = (1_000_000_000, 1));
        assert!(error.starts_with(memory) && error.contains("8388608 KiB of memory"), "{error}");
        let error = wrong(|hash| (hash.memory_kib, hash.threads) = (1 << 20, 8));
        assert!(error.contains("1048576 KiB for each of 8 hashes"), "{error}");
        assert!(wrong(|hash| hash.memory_kib = u32::MAX).starts_with("hash.memory_kib"));
        assert_eq!(hash(|hash| (hash.memory_kib, hash.threads) = (1 << 20, 7)), Ok(()));
        assert_eq!(hash(|hash| (hash.memory_kib, hash.threads) = (7_168, 1024)), Ok(()));
    }

    #[test]
    fn a_machine_says_how_much_memory_it_has() {
        assert!(memory_kib().is_none_or(|kib| kib > 1024));
    }
}
