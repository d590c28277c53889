//! The measure for `make bench`: an axum server that answers every request to `/` with 204 and does
//! nothing else. It listens on a free port of the loopback, which it prints.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::any;
use axum::serve::ListenerExt as _;
use http::StatusCode;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("http://{}", listener.local_addr()?);
    // As the desk's own listener, so that the difference is what the desk does.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().route("/", any(|| async { StatusCode::NO_CONTENT }))).await
}
