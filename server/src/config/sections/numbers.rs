//! `[tokens]`, `[sessions]`, `[limits]` and `[hash]`: numbers of the desk itself.

use confique::Config;
use serde::Serialize;

use crate::config::ConfigError;

/// A session that lasts longer than a week is a password that nobody types.
const SESSION_HOURS_MOST: u32 = 168;

/// A browser opens half a dozen connections.
const LEAST_CONNECTIONS: usize = 64;

/// A confirmation that lasts longer than an hour is none.
const CONFIRM_SECONDS_MOST: u32 = 3600;

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

    /// How many tokens verify remembers, some 600 bytes each; those used least are asked of the
    /// store again.
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
    /// Log-in attempts a minute from one address (IPv6: one /64); 0: no limit. Wrong passwords slow
    /// down whoever types them for an account besides.
    #[config(env = "LATCHKEY_LOG_INS_PER_MINUTE", default = 60)]
    pub log_ins_per_minute: u32,

    /// Requests a minute in one session that change something or are refused; beyond it they wait.
    /// 0: no limit.
    #[config(env = "LATCHKEY_REQUESTS_PER_SESSION_PER_MINUTE", default = 600)]
    pub requests_per_session_per_minute: u32,

    /// How many connections there may be at a time; fewer where the system allows Latchkey fewer
    /// open files (which `serve` raises as far as it may).
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

    /// Passes (t).
    #[config(env = "LATCHKEY_HASH_PASSES", default = 2)]
    pub passes: u32,

    /// Lanes (p).
    #[config(env = "LATCHKEY_HASH_LANES", default = 1)]
    pub lanes: u32,

    /// How many are computed at the same time; 0: half of the cores.
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
        if self.hours > SESSION_HOURS_MOST {
            let what = "a session that lasts longer than a week is a password that nobody types: \
                use at most 168.";
            return Err(ConfigError::senseless("sessions.hours", what));
        }
        if self.idle_minutes > SESSION_HOURS_MOST * 60 {
            return Err(ConfigError::senseless(
                "sessions.idle_minutes",
                "use at most 10080, a week.",
            ));
        }
        if self.confirm_seconds > CONFIRM_SECONDS_MOST {
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
    /// The bounds of argon2 itself (RFC 9106 §3.1).
    pub(in crate::config) fn check(&self) -> Result<(), ConfigError> {
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
}
