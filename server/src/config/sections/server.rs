//! `[server]`: where people reach Latchkey.

use std::path::{Path, PathBuf};

use confique::Config;
use serde::Serialize;
use url::{Host, Url};

use super::{ListenAt, filled, names_somebody};
use crate::config::ConfigError;

/// Where people reach Latchkey.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Server {
    /// Address and port to listen on. For anything but a trial put an https proxy in front of it,
    /// or give it a certificate (`[tls]`). Or a socket for a proxy on the same machine, such as
    /// "unix:/run/latchkey/http.sock": whoever comes by it counts as one of proxy.trusted.
    #[config(env = "LATCHKEY_LISTEN", default = "127.0.0.1:3000")]
    pub listen: ListenAt,

    /// Who may connect to such a socket: the permissions of its file, as chmod takes them. The
    /// proxy's user has to be in the file's group.
    #[config(env = "LATCHKEY_SOCKET_MODE", default = "0660")]
    pub socket_mode: String,

    /// The address that people type, such as `https://latchkey.example.edu`. The cookies are then
    /// Secure and named __Host-…, and browsers are told to use https only. Left out, that is so
    /// when listening beyond loopback, or when a trusted proxy says that it speaks https. At a host
    /// that Latchkey shares it has a path, `https://help.example.edu/latchkey`: everything is below
    /// it, the cookies are named __Secure-…, and nothing is said about https only, since the host
    /// is not Latchkey's alone. The proxy may take the path off or leave it. Pages and log-in
    /// answer by this name alone, and by addresses and names without a dot, so let the proxy pass
    /// Host on; programs' doors and health answer by any.
    #[config(env = "LATCHKEY_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// This node's name. Nodes that share a store need different ones: each writes a chain of its
    /// own in the audit.
    #[config(env = "LATCHKEY_NODE", default = "main")]
    pub node: String,

    /// The socket by which commands are done by the server while it runs. A name is a file in the
    /// store's folder; a path that begins with / is where it says, such as
    /// /run/latchkey/control.sock. Only the user that the server runs as, and root, may use it. An
    /// empty text: none, and commands that need the store wait until the server is stopped. With a
    /// SurrealDB server there is none: commands run beside the nodes.
    #[config(env = "LATCHKEY_CONTROL", default = "latchkey.sock")]
    pub control: String,
}

/// How long the path of a socket may be, in bytes: the system's own limit, less the zero at its
/// end.
pub(crate) const MAX_SOCKET_PATH: usize = 107;

/// Whether an address is this machine's own.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What a path at a host that is shared may not begin with: Latchkey's own paths, and what would be
/// taken for one.
const OWN: [&str; 18] = [
    ".well-known",
    "admin",
    "api",
    "auth",
    "calendar",
    "fn",
    "healthz",
    "help",
    "leaks",
    "live",
    "login",
    "metrics",
    "oauth2",
    "pkg",
    "readyz",
    "scim",
    "settings",
    "styleguide",
];

/// Whether the path before every other can be told from what follows it, and written anywhere as it
/// is.
fn check_path(path: &str) -> Result<(), ConfigError> {
    let Some(path) = path.strip_prefix('/') else { return Ok(()) };
    let wrong = |what: String| Err(ConfigError::senseless("server.public_url", what));
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'-');
    if path.len() > 100
        || path.split('/').any(|segment| segment.is_empty() || !segment.bytes().all(is_plain))
    {
        return wrong(
            "its path may hold letters, digits, dots, hyphens and underscores, like /latchkey."
                .to_owned(),
        );
    }
    let first = path.split('/').next().unwrap_or_default();
    if OWN.iter().any(|own| own.eq_ignore_ascii_case(first)) {
        return wrong(format!(
            "/{first} is a path of Latchkey’s own. Put it at another, like /latchkey."
        ));
    }
    Ok(())
}

impl Server {
    /// The address that people type.
    pub(in crate::config) fn address(&self) -> Result<Option<Url>, ConfigError> {
        let wrong = |what: &str| ConfigError::senseless("server.public_url", what.to_owned());
        let Some(text) = filled(self.public_url.clone()) else { return Ok(None) };
        let is_site = |url: &Url| {
            let is_plain = url.query().is_none() && url.fragment().is_none();
            matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && is_plain
                && !names_somebody(url)
        };
        let mut url = Url::parse(&text).ok().filter(is_site).ok_or_else(|| {
            wrong(
                "write it like https://latchkey.example.edu, or with a path, \
                https://help.example.edu/latchkey.",
            )
        })?;
        let path = url.path().trim_end_matches('/').to_owned();
        check_path(&path)?;
        url.set_path(&path);
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(wrong(
                "passwords and sessions would be readable on the network: use https://.",
            ));
        }
        Ok(Some(url))
    }

    /// The permissions of a socket's file.
    pub(in crate::config) fn mode(&self) -> Result<u32, ConfigError> {
        let text = self.socket_mode.trim();
        let is_octal = (3..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| is_octal && *mode <= 0o777);
        // Its owner is Latchkey, which has no need of it.
        mode.filter(|mode| mode & 0o066 != 0).ok_or_else(|| {
            ConfigError::senseless(
                "server.socket_mode",
                "write permissions that let the proxy in, like 0660 for its owner and its group.",
            )
        })
    }

    /// The node's name.
    pub(in crate::config) fn node(&self) -> Result<String, ConfigError> {
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if self.node.is_empty() || self.node.len() > 64 || !self.node.bytes().all(good) {
            let what = "use 1 to 64 letters, digits, dots, hyphens and underscores.";
            return Err(ConfigError::senseless("server.node", what));
        }
        Ok(self.node.clone())
    }

    /// Where the socket for commands is: below the store's folder, unless it says where; none:
    /// there is none.
    pub(in crate::config) fn control(
        &self,
        folder: Option<&Path>,
    ) -> Result<Option<PathBuf>, ConfigError> {
        let control = Path::new(self.control.trim());
        if control.as_os_str().is_empty() {
            return Ok(None);
        }
        if !control.is_absolute() {
            return Ok(folder.map(|folder| folder.join(control)));
        }
        let length = control.as_os_str().len();
        if length > MAX_SOCKET_PATH {
            let what = format!(
                "a socket's path may have {MAX_SOCKET_PATH} bytes, and this one has {length}: name \
                 a shorter one, such as /run/latchkey/control.sock."
            );
            return Err(ConfigError::senseless("server.control", what));
        }
        Ok(Some(control.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_of_latchkeys_own_is_left_out() {
        for route in crate::router::routes() {
            let first = route.path.split('/').nth(1).unwrap_or_default();
            assert!(
                first.is_empty() || OWN.contains(&first),
                "{}: write {first} into OWN",
                route.path
            );
        }
    }

    #[test]
    fn a_socket_s_permissions_are_octal_and_let_somebody_in() {
        let read = |text: &str| {
            let mut sections = crate::config::Sections::default();
            text.clone_into(&mut sections.server.socket_mode);
            sections.server.mode().map_err(|error| error.to_string())
        };
        assert_eq!([read("0660"), read("666"), read(" 0620 ")], [Ok(0o660), Ok(0o666), Ok(0o620)]);
        for text in ["", "0", "0600", "0888", "01660", "7777", "u=rw", "+660", "0x1b0"] {
            let error = read(text).expect_err(text);
            assert!(error.contains("like 0660"), "{text}: {error}");
        }
    }

    #[test]
    fn commands_are_taken_in_the_store_s_folder_or_where_it_is_said() {
        let control = |written: &str, folder: Option<&str>| {
            let mut keys = crate::config::Sections::default();
            written.clone_into(&mut keys.server.control);
            let control = keys.server.control(folder.map(Path::new));
            control.map_err(|error| error.to_string())
        };
        let at = |path: &str| Ok::<_, String>(Some(PathBuf::from(path)));
        assert_eq!(control("latchkey.sock", Some("data")), at("data/latchkey.sock"));
        assert_eq!(control(" /run/latchkey/c ", Some("data")), at("/run/latchkey/c"));
        assert_eq!(control("/run/latchkey/c", None), at("/run/latchkey/c"));
        // A store in memory has no folder.
        for (none, folder) in [("latchkey.sock", None), ("", Some("data")), (" ", Some("data"))] {
            assert_eq!(control(none, folder), Ok(None), "{none:?}");
        }
        let long = |bytes: usize| format!("/{}", "x".repeat(bytes - 1));
        assert!(control(&long(MAX_SOCKET_PATH), None).is_ok());
        let why = control(&long(MAX_SOCKET_PATH + 1), None).expect_err("too long");
        assert!(why.starts_with("server.control: ") && why.contains("108"), "{why}");
    }

    #[test]
    fn beside_a_surrealdb_server_there_is_no_socket() {
        let control = |store: &str| {
            let mut keys = crate::config::Sections::default();
            store.clone_into(&mut keys.store.url);
            "/run/latchkey/c".clone_into(&mut keys.server.control);
            crate::config::Configuration::from_sections(keys).expect("sensible").control
        };
        assert_eq!(control("ws://127.0.0.1:8000"), None);
        for store in ["rocksdb://data", "mem://"] {
            assert_eq!(control(store), Some(PathBuf::from("/run/latchkey/c")), "{store}");
        }
    }

    #[test]
    fn a_path_is_one_that_can_be_told_from_what_follows_it() {
        for path in ["", "/latchkey", "/it/help.desk", "/~desk", "/authority", "/a-b_c"] {
            assert!(check_path(path).is_ok(), "{path}");
        }
        for path in [
            "/settings",
            "/Admin",
            "/auth/latchkey",
            "/fn",
            "//x",
            "/a//b",
            "/a%20b",
            "/a;b",
            "/a\"b",
        ] {
            assert!(check_path(path).is_err(), "{path}");
        }
    }
}
