//! The sockets that systemd hands over (`latchkey.socket`), or whoever starts the program as it
//! does. They count, and not what is configured. Tests: `server/tests/server/listening/upgrade.rs`.

use std::io;

use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener};

use super::Sockets;
use crate::config::ListenAt;
use crate::connections::Listener;

/// What was handed over, as the system has it.
#[derive(Debug, Default)]
pub(crate) struct Inherited(Vec<Handed>);

#[derive(Debug)]
enum Handed {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener),
}

impl Inherited {
    /// Takes what the environment names (`LISTEN_FDS`, `LISTEN_PID`), and names it no longer. To be
    /// called before there is a second thread, since it changes the environment.
    ///
    /// # Errors
    /// Where one of them is no socket that connections come by.
    pub(crate) fn take() -> io::Result<Self> {
        let mut handed = ListenFd::from_env();
        let mut all = Vec::new();
        for at in 0..handed.len() {
            // One that is not of the first kind stays where it is.
            let taken = match handed.take_tcp_listener(at) {
                Ok(listener) => listener.map(Handed::Tcp),
                Err(_) => handed
                    .take_unix_listener(at)
                    .map_err(|error| not_one(&error))?
                    .map(Handed::Unix),
            };
            all.extend(taken);
        }
        Ok(Self(all))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Listens on them.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn listen(self) -> io::Result<Sockets> {
        let mut sockets =
            Sockets { listeners: Vec::new(), at: Vec::new(), file: None, outlive: true };
        for handed in self.0 {
            let (listener, at) = match handed {
                Handed::Tcp(listener) => {
                    listener.set_nonblocking(true)?;
                    let at = ListenAt::Address(listener.local_addr()?);
                    (Listener::Tcp(TcpListener::from_std(listener)?), at)
                }
                Handed::Unix(listener) => {
                    listener.set_nonblocking(true)?;
                    let address = listener.local_addr()?;
                    let path = address.as_pathname().unwrap_or("@".as_ref());
                    let at = ListenAt::Socket(path.to_owned());
                    (Listener::Unix(UnixListener::from_std(listener)?), at)
                }
            };
            sockets.listeners.push(listener);
            sockets.at.push(at);
        }
        Ok(sockets)
    }
}

fn not_one(error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!(
            "What systemd hands over is no socket that connections come by ({error}): of \
             latchkey.socket only ListenStream= is possible."
        ),
    )
}
