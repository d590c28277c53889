//! The sockets that are listened on: made as configured, or handed over by systemd, which keeps
//! them while one program stops and the next one starts. Tests: in these files,
//! `server/tests/server/listening/`.
//!
//! | file | what |
//! |---|---|
//! | [`inherited`] | those that systemd hands over |
//! | [`socket_file`] | one in the file system, with its permissions |
//! | [`own_file`] | its file: a stale one makes way, and ours goes at the end |

mod inherited;
mod own_file;
mod socket_file;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

use crate::config::{Configuration, ListenAt};
use crate::connections::Listener;

pub(crate) use inherited::Inherited;
pub(crate) use own_file::{InTheWay, OwnFile, make_way};

/// How many connections the system keeps until they are taken in: a burst waits there instead of
/// being turned away. The system may allow fewer (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// Takes an address for this process. Nobody can connect there until it is listened on.
///
/// # Errors
/// What the system says.
pub(crate) fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the one before has just stopped.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Listens at the address that was taken.
///
/// # Errors
/// What the system says.
pub(crate) fn listen(reserved: TcpSocket) -> io::Result<TcpListener> {
    reserved.listen(BACKLOG)
}

/// Where it is to be listened, as configured: this process's own from now on.
#[derive(Debug)]
pub(crate) enum Reserved {
    Address(TcpSocket),
    /// In the file system, where connections wait already.
    Socket(Sockets),
}

impl Reserved {
    /// As configured.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) async fn of(configuration: &Configuration) -> io::Result<Self> {
        Ok(match &configuration.sections.server.listen {
            ListenAt::Address(address) => Self::Address(reserve(*address)?),
            at @ ListenAt::Socket(path) => {
                let (listener, file) = socket_file::bind(path, configuration.socket_mode).await?;
                let (listeners, at) = (vec![Listener::Unix(listener)], vec![at.clone()]);
                Self::Socket(Sockets { listeners, at, file: Some(file), outlive: false })
            }
        })
    }

    /// Listens there.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn listen(self) -> io::Result<Sockets> {
        match self {
            Self::Socket(sockets) => Ok(sockets),
            Self::Address(reserved) => {
                let listener = listen(reserved)?;
                let at = vec![ListenAt::Address(listener.local_addr()?)];
                Ok(Sockets {
                    listeners: vec![Listener::Tcp(listener)],
                    at,
                    file: None,
                    outlive: false,
                })
            }
        }
    }
}

/// What is listened on.
#[derive(Debug)]
pub(crate) struct Sockets {
    pub(crate) listeners: Vec<Listener>,
    /// Where each is.
    pub(crate) at: Vec<ListenAt>,
    /// Of one in the file system, which goes with this.
    pub(crate) file: Option<OwnFile>,
    /// They are somebody else's: whoever waits there at a stop waits for the next program.
    pub(crate) outlive: bool,
}

impl Sockets {
    /// The first address, with its real port; of none, one that nobody is at.
    pub(crate) fn address(&self) -> SocketAddr {
        let address = |at: &ListenAt| match at {
            ListenAt::Address(address) => Some(*address),
            ListenAt::Socket(_) => None,
        };
        self.at.iter().find_map(address).unwrap_or((Ipv4Addr::UNSPECIFIED, 0).into())
    }

    /// As people read it, and as a browser opens it where it can.
    pub(crate) fn shown(&self, is_secure: bool) -> String {
        let shown = |at: &ListenAt| match at {
            ListenAt::Address(address) if is_secure => format!("https://{address}"),
            ListenAt::Address(address) => format!("http://{address}"),
            ListenAt::Socket(_) => at.to_string(),
        };
        self.at.iter().map(shown).collect::<Vec<_>>().join(" ")
    }
}
