//! What would hand the desk over: refused where nobody can mean it, said aloud where somebody may. `latchkey check` lists it,
//! `serve` says it at the start. Tests: `config/tests.rs`, `server/tests/server/command_line/hazards.rs`.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::sections::Sections;
use super::{ConfigError, Configuration};

/// The weakest parameters of argon2id that are worth their name: memory in KiB and passes, each pair as good as the others
/// (OWASP Password Storage Cheat Sheet).
const LEAST_HASH: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// Anybody on the machine may read, write or enter.
const OTHERS: u32 = 0o007;

/// Anybody on the machine may write.
const OTHERS_WRITE: u32 = 0o002;

fn mode(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|found| found.mode() & 0o777)
}

impl Sections {
    /// Whether a secret is written in one of them.
    fn hold_a_secret(&self) -> bool {
        let secrets = [
            &self.proxy.secret,
            &self.store.password,
            &self.audit.key,
            &self.ldap.bind_password,
            &self.oidc.client_secret,
            &self.scim.token,
        ];
        secrets.into_iter().flatten().any(|secret| !secret.expose().is_empty())
    }
}

impl Configuration {
    /// A directory or a proxy brings everybody on campus: who of them may have tokens is to be said, not to be guessed.
    pub(super) fn says_who_is_privileged(&self) -> Result<(), ConfigError> {
        let brings_people = self.remote.is_some() || self.directories.ldap.is_some() || self.directories.oidc.is_some();
        if brings_people && !self.sections.groups.says_who_is_privileged() {
            let what = "say who may have a local password and tokens: the groups whose members may, or [\"*\"] for everybody \
                whom the directory lets in.";
            return Err(ConfigError::senseless("groups.privileged", what));
        }
        Ok(())
    }

    /// Refuses password hashes that are quickly guessed by whoever has a copy of the store. A store that forgets, and a demo,
    /// keep nobody's.
    ///
    /// # Errors
    /// [`ConfigError::Senseless`].
    pub fn check_strength(&self) -> Result<(), ConfigError> {
        let (memory, passes) = (self.desk.hash_memory_kib, self.desk.hash_passes);
        let strong = LEAST_HASH.iter().any(|(least, times)| memory >= *least && passes >= *times);
        if strong || self.desk.demo || self.desk.store.starts_with("mem://") {
            return Ok(());
        }
        let what = format!(
            "{memory} KiB and {passes} passes are quickly guessed: use at least 19456 KiB with 2 passes, 12288 with 3, 9216 with 4, \
            7168 with 5, or 47104 with 1.",
        );
        Err(self.located(ConfigError::senseless("hash.memory_kib, hash.passes", what)))
    }

    /// What is dangerous and may be meant, a sentence each.
    #[must_use]
    pub fn hazards(&self) -> Vec<String> {
        let mut hazards = Vec::new();
        let mut say = |what: String| hazards.push(what);
        if let Some(file) = self.file.as_deref() {
            if self.file_is_old {
                say(format!(
                    "{} is written as it was before there were sections: `latchkey config migrate` prints it anew.",
                    file.display()
                ));
            }
            let mode = mode(file).unwrap_or_default();
            if mode & OTHERS_WRITE != 0 {
                say(format!("{} can be changed by anybody on this machine: chmod o-w it.", file.display()));
            } else if mode & OTHERS != 0 && self.sections.hold_a_secret() {
                say(format!("{} holds a secret and can be read by anybody on this machine: chmod 640 or 600 it.", file.display()));
            }
        }
        if let Some(folder) = self.desk.store.strip_prefix("rocksdb://").map(Path::new)
            && mode(folder).is_some_and(|mode| mode & OTHERS != 0)
        {
            let folder = folder.display();
            say(format!("{folder}, the store, can be entered by anybody on this machine, who reads the password hashes: chmod 700 it."));
        }
        if self.remote.is_some() && self.proxy_secret.is_none() && self.trusted_proxies.iter().any(|proxy| proxy.addr().is_loopback()) {
            say("whoever logs in to this machine can say who they are, as the proxy on it does: where others log in, set proxy.secret."
                .to_owned());
        }
        if let Some(what) = crate::http::wide(&self.trusted_proxies) {
            say(what);
        }
        let by_single_sign_on = self.remote.is_some() || self.directories.oidc.is_some();
        if by_single_sign_on && !self.directories.tells_leavers() && self.desk.token_needs_log_in_days == 0 {
            say("nobody tells who has left: with single sign-on and neither LDAP nor SCIM the tokens of leavers work for ever. \
                Set tokens.needs_log_in_days."
                .to_owned());
        }
        if self.public_url.is_none() && !self.listen.ip().is_loopback() {
            say("listening beyond this machine without server.public_url: log-in works by https only, through a proxy.".to_owned());
        }
        hazards
    }
}
