//! The keys that have a flag: those that one types. The rest is for the file and the environment.

use std::str::FromStr as _;

use clap::Args;
use confique::Layer as _;

use super::names;
use super::places::Places;
use super::sections::{Given, ListenAt, LogFormat};

/// Keys given on the command line.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Configuration")]
pub struct Flags {
    /// Address and port to listen on, or a socket: unix:/PATH
    #[arg(long, global = true, value_name = "ADDRESS:PORT", value_parser = ListenAt::from_str)]
    pub listen: Option<ListenAt>,
    /// Where the data is: rocksdb://FOLDER, ws://HOST:PORT, wss://HOST:PORT or mem://
    #[arg(long, global = true, value_name = "URL")]
    pub store: Option<String>,
    /// This node's name in the audit
    #[arg(long, global = true, hide_short_help = true, value_name = "NAME")]
    pub node: Option<String>,
    /// What to log, as a tracing filter: info, debug, warn,server=debug …
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// How to log
    #[arg(long, global = true, hide_short_help = true, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

impl Flags {
    /// The keys that flags give, which are noted among the places.
    pub(super) fn keys(self, places: &mut Places) -> Given {
        let mut given = Given::empty();
        given.server.listen = self.listen;
        given.store.url = self.store;
        given.server.node = self.node;
        given.log.filter = self.log;
        given.log.format = self.log_format;
        let set = [
            ("server.listen", "--listen", given.server.listen.is_some()),
            ("store.url", "--store", given.store.url.is_some()),
            ("server.node", "--node", given.server.node.is_some()),
            ("log.filter", "--log", given.log.filter.is_some()),
            ("log.format", "--log-format", given.log.format.is_some()),
        ];
        for key in names::all() {
            for (_, flag, _) in set.iter().filter(|(path, _, there)| *there && *path == key.path())
            {
                places.note(&key, *flag);
            }
        }
        given
    }
}

/// What to do instead of a flag that there is none of, where it is a key: `--public-url`.
pub(crate) fn instead_of(flag: &str) -> Option<String> {
    let flat = flag.trim_start_matches('-').split('=').next().unwrap_or_default().replace('-', "_");
    let key = names::all().into_iter().find(|key| key.flat() == flat)?;
    let flag = flag.split('=').next().unwrap_or_default();
    Some(format!(
        "{flag} is no flag: write `{}` below [{}] in latchkey.toml, or set {}.",
        key.name, key.section, key.variable
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_a_flag_is_led_to_its_place() {
        let hint = instead_of("--public-url").expect("a key");
        assert!(
            hint.contains("`public_url` below [server]") && hint.contains("LATCHKEY_PUBLIC_URL"),
            "{hint}"
        );
        assert!(instead_of("--ldap-bind-password=hunter2").is_some());
        assert!(instead_of("--frobnicate").is_none());
    }
}
