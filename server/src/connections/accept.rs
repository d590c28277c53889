//! Takes connections, and ends them all in order. Tests: `server/tests/server/connections.rs`,
//! `command_line/{serving,open_files}.rs`.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use desk::LogLimiter;
use futures::FutureExt as _;
use tokio::sync::{mpsc, watch};

use super::House;
use super::listener::{self, Listener};
use super::refused::NotServed;
use super::serve::{serve, serve_secure, stop_wanted};
use super::socket::Socket;
use crate::tls::Tls;
use crate::web::AppState;

/// How long to wait where no connection can be taken for want of something of the system's. Those
/// who wait, wait in its queue.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// One line a second of the system's wants.
static WANTS: LogLimiter = LogLimiter::new(1);

/// Takes connections until `stopped` is true, and ends when the last of them has ended. Whoever has
/// connected by then and is not taken yet waits for the next program where the sockets `outlive`
/// this one, and is taken where they do not.
pub(crate) async fn accept(
    listeners: Vec<Listener>,
    outlive: bool,
    house: House,
    (state, router): (AppState, Router),
    mut stopped: watch::Receiver<bool>,
) {
    // Held by every connection: when all are gone, nothing is received any more.
    let (there, mut gone) = mpsc::channel::<()>(1);
    let mut looks = tokio::time::interval(house.look_every());
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let connections = stopped.clone();
    let mut turn = 0;
    loop {
        let next = async {
            house.room().await;
            listener::next(&listeners, &mut turn).await
        };
        tokio::select! {
            // In this order: what comes after a stop waits at the socket for the next program, and
            // what was taken from there is served.
            biased;
            () = stop_wanted(&mut stopped) => break,
            _ = looks.tick() => house.end_what_is_over(),
            accepted = next => match accepted {
                Ok((
                    stream, peer,
                )) => {
                    take_in(stream, peer, &house, &state, &router, &connections, there.clone());
                }
                Err(error) => not_accepted(&error, &house).await,
            },
        }
    }
    if !outlive {
        while let Some(Ok((stream, peer))) = listener::next(&listeners, &mut turn).now_or_never() {
            take_in(stream, peer, &house, &state, &router, &connections, there.clone());
        }
    }
    drop((listeners, there));
    // Each ends by itself now, as soon as it is answered; those that take too long are cut off.
    let _ = gone.recv().await;
}

/// Waits for nothing itself: whoever comes next is waiting for this.
fn take_in(
    stream: Socket,
    peer: SocketAddr,
    house: &House,
    state: &AppState,
    router: &Router,
    stopped: &watch::Receiver<bool>,
    there: mpsc::Sender<()>,
) {
    let address = peer.ip().to_canonical();
    let is_proxy = state.proxies.trusts_peer(address);
    let tls = state.tls.as_ref().filter(|_| stream.is_of_network()).map(Tls::acceptor);
    let (router, stopped) = (router.clone(), stopped.clone());
    let serving = move |stay| async move {
        match tls {
            Some(tls) => serve_secure(stream, &tls, peer, stay, router, stopped).await,
            None => serve(stream, peer, stay, router, stopped).await,
        }
        drop(there);
    };
    if let Some(stay) = house.come_in(address, is_proxy, Instant::now()) {
        tokio::spawn(serving(stay));
    } else if let Some(turn) = house.may_wait() {
        let house = house.clone();
        tokio::spawn(async move {
            if let Some(stay) = house.room_within_share(address, turn).await {
                serving(stay).await;
            }
        });
    }
}

/// A client that went away before it was taken is nothing. Anything else is a want of the system's
/// (of descriptors, of memory), which somebody's going may end.
async fn not_accepted(error: &io::Error, house: &House) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    if let Some(left_out) = WANTS.may_speak() {
        tracing::error!(
            %error, left_out, "a connection could not be taken; idle ones are closed to make room",
        );
    }
    house.not_served(NotServed::System);
    house.make_room();
    tokio::time::sleep(AGAIN_AFTER).await;
}
