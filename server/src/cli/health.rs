//! `latchkey health`: asks a running server whether it is ready, for whatever watches over it and
//! has no other program at hand, as in a container. Tests:
//! `server/tests/server/command_line/health.rs`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;

use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::show;
use crate::config::{Configuration, ListenAt};

/// How long the server may take to answer.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(4);

/// What is read of an answer: a line.
const MAX_ANSWER_BYTES: usize = 1024;

/// `latchkey health`.
#[derive(Args, Debug)]
pub(super) struct Health {
    /// Where Latchkey answers [default: where the configuration has it listen]; to be named where
    /// systemd hands over the sockets
    #[arg(value_name = "URL")]
    url: Option<String>,
}

impl Health {
    pub(super) async fn run(&self, configuration: &Configuration) -> Result<ExitCode, Failure> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(HEALTH_TIMEOUT)
            .use_rustls_tls();
        let (client, url) = match (&self.url, &configuration.sections.server.listen) {
            (Some(url), _) => (client, url.clone()),
            (None, ListenAt::Socket(path)) => {
                (client.unix_socket(path.as_path()), "http://localhost".to_owned())
            }
            // Its certificate is for the name that people use, which is not asked for here; and
            // nothing secret is told.
            (None, ListenAt::Address(address)) if configuration.tls.is_some() => (
                client.danger_accept_invalid_certs(true),
                format!("https://{}", on_this_machine(*address)),
            ),
            (None, ListenAt::Address(address)) => {
                (client, format!("http://{}", on_this_machine(*address)))
            }
        };
        let url = format!("{}/readyz", url.trim_end_matches('/'));
        let away = |error: reqwest::Error| {
            Failure::Other(format!("{url} does not answer: {}", error.without_url()))
        };
        let client = client.build().map_err(Failure::other)?;
        let mut answer = client.get(&url).send().await.map_err(away)?;
        let is_ready = answer.status().is_success();
        let first = answer.chunk().await.map_err(away)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&first[..first.len().min(MAX_ANSWER_BYTES)]);
        let line = text.lines().next().unwrap_or_default();
        show::print(&show::visible(&format!("{} {line}", answer.status().as_u16())));
        Ok(if is_ready { ExitCode::SUCCESS } else { ExitCode::from(NOT_GOOD) })
    }
}

/// Where this machine reaches a server that listens there.
fn on_this_machine(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_asked_on_this_machine() {
        for (listen, url) in [
            ("127.0.0.1:3000", "127.0.0.1:3000"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:3000", "[::1]:3000"),
            ("10.0.0.7:3000", "10.0.0.7:3000"),
        ] {
            let address = listen.parse().expect("an address");
            assert_eq!(on_this_machine(address).to_string(), url, "{listen}");
        }
    }
}
