//! What a start needs beside the store, before that is opened or made: the addresses are this
//! process's own and the certificate can be used, or it is said why not. Tests: here, and
//! `server/tests/server/command_line/serving.rs`.

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

use crate::audit_stream;
use crate::config::{ConfigError, Configuration, ListenAt};
use crate::listening::{self, Reserved, Sockets};
use crate::notices;
use crate::tls::Tls;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What the configuration names cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be listened on.
    #[error(
        "Cannot listen on {address}: {why}. {}",
        remedy(.why, "Choose another with --listen.")
    )]
    Address {
        /// As configured.
        address: ListenAt,
        /// What the system says.
        why: io::Error,
    },
    /// The socket cannot be listened on.
    #[error(
        "Cannot listen on {address}: {why}. Is another program there? Its folder has to be there, \
         and Latchkey's user has to be allowed to write to it."
    )]
    Socket {
        /// As configured.
        address: ListenAt,
        /// What the system says.
        why: io::Error,
    },
    /// The address for figures cannot be listened on.
    #[error(
        "Cannot listen on {address} for metrics: {why}. {}",
        remedy(.why, "Choose another address or port in metrics.listen.")
    )]
    Metrics {
        /// As configured.
        address: SocketAddr,
        /// What the system says.
        why: io::Error,
    },
}

/// What to do where an address cannot be listened on.
fn remedy(why: &io::Error, otherwise: &'static str) -> Cow<'static, str> {
    let first = match why.kind() {
        io::ErrorKind::AddrInUse => "Is another program there?",
        io::ErrorKind::AddrNotAvailable => {
            "It is no address of this machine: `ip address` lists those that are."
        }
        io::ErrorKind::PermissionDenied => {
            "A port below 1024 needs the capability CAP_NET_BIND_SERVICE \
             (AmbientCapabilities= in the unit), or a socket by systemd (latchkey.socket)."
        }
        _ => return otherwise.into(),
    };
    format!("{first} {otherwise}").into()
}

/// What is this process's own, and on which nobody is taken in yet.
#[derive(Debug)]
pub(crate) struct Prepared {
    listen: Listen,
    metrics: Option<(SocketAddr, TcpSocket)>,
}

#[derive(Debug)]
enum Listen {
    /// As configured there.
    At(ListenAt, Reserved),
    /// Handed over by systemd.
    On(Sockets),
}

impl Prepared {
    /// As configured; `inherited` counts where there is any.
    ///
    /// # Errors
    /// [`StartError`].
    pub(crate) async fn of(
        configuration: &Configuration,
        inherited: Option<Sockets>,
    ) -> Result<Self, StartError> {
        // Whether they can be used; they are read again when all is there.
        Tls::of(configuration)?;
        audit_stream::of(configuration)?;
        notices::of(configuration)?;
        let listen = match inherited {
            Some(sockets) => Listen::On(sockets),
            None => {
                let at = configuration.sections.server.listen.clone();
                match Reserved::of(configuration).await {
                    Ok(reserved) => Listen::At(at, reserved),
                    Err(why) => return Err(not_listened(at, why)),
                }
            }
        };
        let metrics = configuration.metrics.map(|address| {
            let reserved = listening::reserve(address);
            let reserved = reserved.map_err(|why| StartError::Metrics { address, why })?;
            Ok::<_, StartError>((address, reserved))
        });
        Ok(Self { listen, metrics: metrics.transpose()? })
    }

    /// Connections wait there from now on: where people ask, and where figures are read, with its
    /// real port.
    ///
    /// # Errors
    /// Where another process was faster.
    pub(super) fn listen(self) -> Result<(Sockets, Option<(TcpListener, SocketAddr)>), StartError> {
        let sockets = match self.listen {
            Listen::On(sockets) => sockets,
            Listen::At(at, reserved) => reserved.listen().map_err(|why| not_listened(at, why))?,
        };
        let metrics = self.metrics.map(|(address, reserved)| {
            let listener = listening::listen(reserved);
            listener
                .and_then(|listener| listener.local_addr().map(|real| (listener, real)))
                .map_err(|why| StartError::Metrics { address, why })
        });
        Ok((sockets, metrics.transpose()?))
    }
}

fn not_listened(address: ListenAt, why: io::Error) -> StartError {
    match address {
        ListenAt::Address(_) => StartError::Address { address, why },
        ListenAt::Socket(_) => StartError::Socket { address, why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_an_address_cannot_be_listened_on_it_is_said_what_to_do_about_that() {
        let address: SocketAddr = ([192, 0, 2, 1], 443).into();
        for (kind, what) in [
            (io::ErrorKind::AddrInUse, "Is another program there?"),
            (io::ErrorKind::AddrNotAvailable, "no address of this machine"),
            (io::ErrorKind::PermissionDenied, "CAP_NET_BIND_SERVICE"),
            (io::ErrorKind::OutOfMemory, ""),
        ] {
            let listen = not_listened(ListenAt::Address(address), kind.into()).to_string();
            let metrics = StartError::Metrics { address, why: kind.into() }.to_string();
            for (message, key) in [(listen, "with --listen."), (metrics, "in metrics.listen.")] {
                assert!(message.contains(what) && message.ends_with(key), "{message}");
                assert_eq!(message.contains("another program"), what.contains("another"));
            }
        }
    }

    #[tokio::test]
    async fn what_is_reserved_is_listened_on_only_when_all_is_there() {
        let reserved = listening::reserve(([127, 0, 0, 1], 0).into()).expect("a port");
        let address = reserved.local_addr().expect("its address");
        std::net::TcpStream::connect(address).expect_err("nobody listens yet");
        let _listening = listening::listen(reserved).expect("it is ours");
        std::net::TcpStream::connect(address).expect("it waits there");
        let taken = listening::reserve(address).expect_err("it is taken");
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }
}
