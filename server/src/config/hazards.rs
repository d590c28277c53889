//! What would hand the desk over: refused where nobody can mean it, said aloud where somebody may.
//! `latchkey check` lists it, `serve` says it at the start. Tests: `config/tests.rs`,
//! `server/tests/server/command_line/hazards.rs`.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::{ConfigError, Configuration};

/// The weakest parameters of argon2id that are worth their name: memory in KiB and passes, each
/// pair as good as the others (OWASP Password Storage Cheat Sheet).
const LEAST_HASH: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// Anybody on the machine may read, write or enter.
const OTHERS: u32 = 0o007;

/// The keys of whatever is a secret.
const SECRET_KEYS: [&str; 6] =
    ["secret", "password", "key", "bind_password", "client_secret", "token"];

/// Of a folder: only its owner and a file's take that file away.
const STICKY: u32 = 0o1000;

/// Anybody on the machine may write.
const OTHERS_WRITE: u32 = 0o002;

fn mode(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|found| found.mode() & 0o777)
}

impl Configuration {
    /// A directory or a proxy brings everybody on campus: who of them may have tokens is to be
    /// said, not to be guessed.
    pub(super) fn says_who_is_privileged(&self) -> Result<(), ConfigError> {
        let brings_people = self.remote.is_some()
            || self.directories.ldap.is_some()
            || self.directories.oidc.is_some();
        if brings_people && !self.sections.groups.says_who_is_privileged() {
            let what = "say who may have a local password and tokens: the groups whose members \
                may, or [\"*\"] for everybody whom the directory lets in.";
            return Err(ConfigError::senseless("groups.privileged", what)
                .since("ldap.urls, oidc.issuer, proxy.user_header"));
        }
        Ok(())
    }

    /// Refuses password hashes that are quickly guessed by whoever has a copy of the store. A store
    /// that forgets, and a demo, keep nobody's.
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
            "{memory} KiB and {passes} passes are quickly guessed: use at least 19456 KiB with 2 \
             passes, 12288 with 3, 9216 with 4, 7168 with 5, or 47104 with 1.",
        );
        Err(self.located(ConfigError::senseless("hash.memory_kib, hash.passes", what)))
    }

    /// What is dangerous and may be meant, a sentence each.
    #[must_use]
    pub fn hazards(&self) -> Vec<String> {
        let mut hazards = self.file.as_deref().map(|file| self.of_file(file)).unwrap_or_default();
        hazards.extend(self.of_store());
        hazards.extend(self.of_key());
        hazards.extend(self.of_who_is_believed());
        hazards.extend(
            self.directories.oidc.iter().flat_map(|oidc| oidc.hazards(&self.sections.oidc)),
        );
        hazards.extend(self.switched_off().into_iter().map(str::to_owned));
        if self.desk.store.starts_with("mem://") && !self.desk.demo {
            hazards.push(
                "store.url is mem://: everybody and every token is gone when the program stops."
                    .to_owned(),
            );
        }
        hazards.extend(self.of_address().into_iter().map(str::to_owned));
        hazards.extend(self.of_backups());
        hazards.extend(self.sections.audit_stream.hazard());
        hazards.extend(self.sections.traces.hazard().map(str::to_owned));
        hazards
    }

    /// Of the configuration's file: who may write and read it.
    fn of_file(&self, file: &Path) -> Vec<String> {
        let mut hazards = Vec::new();
        if self.file_is_old {
            hazards.push(format!(
                "{} is written as it was before there were sections: `latchkey config migrate` \
                 prints it anew.",
                file.display()
            ));
        }
        let mode = mode(file).unwrap_or_default();
        if mode & OTHERS_WRITE != 0 {
            hazards.push(format!(
                "{} can be changed by anybody on this machine: chmod o-w it.",
                file.display()
            ));
        } else if let Some(folder) = folder_that_others_change(file) {
            hazards.push(format!(
                "{}, where {} is, can be changed by anybody on this machine: chmod o-w it.",
                folder.display(),
                file.display()
            ));
        } else if mode & OTHERS != 0 && (self.file_holds_a_secret || writes_a_secret(file)) {
            hazards.push(format!(
                "{} holds a secret and can be read by anybody on this machine: chmod 640 or 600 \
                 it.",
                file.display()
            ));
        }
        hazards
    }

    /// Of the store's folder: who may enter it.
    fn of_store(&self) -> Option<String> {
        let folder = self.desk.folder()?;
        mode(&folder).filter(|mode| mode & OTHERS != 0)?;
        let folder = folder.display();
        Some(format!(
            "{folder}, the store, can be entered by anybody on this machine, who reads the \
             password hashes: chmod 700 it."
        ))
    }

    /// Of backups that are to be made by themselves: why there would be none.
    fn of_backups(&self) -> Option<String> {
        let backup = &self.sections.backup;
        if backup.hours == 0 && backup.to.as_ref().is_some_and(|to| !to.trim().is_empty()) {
            let what = "backup.to is set and backup.hours is not: no backups are made by \
                themselves. Set backup.hours, or take backup.to out.";
            return Some(what.to_owned());
        }
        self.desk.backups.schedule.as_ref()?.hazard()
    }

    /// Of the key of the certificate: who may read it.
    fn of_key(&self) -> Option<String> {
        let key = &self.tls.as_ref()?.key;
        mode(key).filter(|mode| mode & OTHERS != 0)?;
        Some(format!(
            "{}, the certificate’s key (tls.key), can be read by anybody on this machine, who can \
             pass for Latchkey with it: chmod 640 or 600 it.",
            key.display()
        ))
    }

    /// Of whoever else says who people are, and that they have left.
    fn of_who_is_believed(&self) -> Vec<String> {
        let mut hazards = Vec::new();
        if self.remote.is_some()
            && self.proxy_secret.is_none()
            && self.trusted_proxies.iter().any(|proxy| proxy.addr().is_loopback())
        {
            hazards.push(
                "whoever logs in to this machine can say who they are, as the proxy on it does: \
                 where others log in, set proxy.secret."
                    .to_owned(),
            );
        }
        if self.remote.is_some() && self.proxy_secret.is_none() && self.public_url.is_none() {
            hazards.push(
                "proxy.user_header is set without server.public_url: pages open by an address or a \
                    name without a dot alone, since any other name may be a stranger’s. Set \
                    server.public_url to the address that people type."
                    .to_owned(),
            );
        }
        hazards.extend(super::proxies::wide(&self.trusted_proxies));
        let by_single_sign_on = self.remote.is_some() || self.directories.oidc.is_some();
        if by_single_sign_on
            && !self.directories.tells_leavers()
            && self.desk.token_needs_log_in_days == 0
        {
            hazards.push(
                "nobody tells who has left: with single sign-on and neither LDAP nor SCIM the \
                 tokens of leavers work for ever. Set tokens.needs_log_in_days."
                    .to_owned(),
            );
        }
        hazards
    }

    /// Of the addresses: what people open, and where we listen.
    fn of_address(&self) -> Vec<&'static str> {
        let mut hazards = Vec::new();
        let by_https = self.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
        let listen = &self.sections.server.listen;
        let has_proxy = !self.trusted_proxies.is_empty() || listen.socket().is_some();
        if by_https && self.tls.is_none() && !has_proxy {
            hazards.push(
                "server.public_url is set and proxy.trusted is not: whoever comes through a proxy \
                 counts as one address, and no network of a token fits. Name the proxy there.",
            );
        }
        let by_http = self.public_url.as_ref().is_some_and(|url| url.scheme() == "http");
        if by_http && !listen.is_local() {
            hazards.push(
                "listening beyond this machine with server.public_url by http: whoever logs in \
                 from elsewhere sends the password readable to anybody on the way. Listen on \
                 127.0.0.1, or set server.public_url to the address of an https proxy before \
                 Latchkey.",
            );
        }
        if self.public_url.is_none() && self.tls.is_none() && !listen.is_local() {
            hazards.push(
                "listening beyond this machine without server.public_url: log-in works by https \
                 only, through a proxy.",
            );
        }
        if self.metrics.is_some_and(|address| !address.ip().is_loopback()) {
            hazards.push(
                "metrics.listen is an address beyond this machine: whoever reaches it reads, \
                 without a password, what Latchkey does and how often. Listen on 127.0.0.1, or let \
                 the firewall admit Prometheus alone.",
            );
        }
        if listen.socket().is_some() && self.socket_mode & OTHERS_WRITE != 0 {
            hazards.push(
                "server.socket_mode lets everybody on this machine connect to the socket, whose \
                 word is taken as a proxy’s: each of them can name any address as theirs, and \
                 with proxy.user_header be anybody. Use 0660.",
            );
        }
        hazards
    }

    /// What keeps strangers and mistakes within bounds, and was switched off.
    fn switched_off(&self) -> Vec<&'static str> {
        let (sections, ldap) = (&self.sections, self.directories.ldap.is_some());
        let everybody = |limit: &str| {
            limit.trim().strip_suffix('%').and_then(|share| share.trim().parse().ok())
                == Some(100.0)
        };
        let off = [
            (
                ldap && sections.ldap.tries == 0,
                "ldap.tries is 0: a stranger can have the directory lock anybody’s account, by \
                    wrong passwords at the log-in.",
            ),
            (
                ldap && everybody(&sections.ldap.max_disable),
                "ldap.max_disable is 100%: one wrong answer of the directory disables everybody \
                    and revokes all their tokens.",
            ),
            (
                self.directories.scim_token.is_some()
                    && everybody(&sections.scim.max_leavers_per_hour),
                "scim.max_leavers_per_hour is 100%: a mistake in the identity system disables \
                    everybody within the hour.",
            ),
            (
                sections.limits.log_ins_per_minute == 0,
                "limits.log_ins_per_minute is 0: nobody who guesses passwords is slowed down by \
                    address.",
            ),
            (
                sections.limits.requests_per_session_per_minute == 0,
                "limits.requests_per_session_per_minute is 0: one session may fill the audit and \
                    keep the store busy.",
            ),
        ];
        off.into_iter().filter_map(|(is_off, what)| is_off.then_some(what)).collect()
    }
}

/// The folder of a file where anybody may put another in its place. Of a shared one with the sticky
/// bit, such as /tmp, only owners take files away.
fn folder_that_others_change(file: &Path) -> Option<&Path> {
    let folder = file
        .parent()
        .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
    let found = std::fs::metadata(folder).ok()?;
    (found.mode() & OTHERS_WRITE != 0 && found.mode() & STICKY == 0).then_some(folder)
}

/// Whether a secret is written there, also in a line that is switched off by a comment.
fn writes_a_secret(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let mut section = "";
    text.lines().any(|line| {
        let line = line.trim_start_matches(['#', ' ', '\t']);
        if let Some((name, _)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            section = name.trim();
        }
        let (key, value) = line.split_once('=').unwrap_or_default();
        // There it is a file's name.
        if section == "tls" {
            return false;
        }
        let has_value = value.trim().trim_matches(['"', '\'']).chars().any(char::is_alphanumeric);
        has_value && SECRET_KEYS.contains(&key.trim())
    })
}
