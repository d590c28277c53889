//! `/healthz` and `/readyz` of a server that is well. Of one whose store is away: `store_away.rs`.

use super::support::{Request, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_well_says_so() {
    let world = world().await;
    assert_eq!(world.send(Request::get("/healthz")).await.status, 200);
    assert_eq!(world.send(Request::get("/readyz")).await.text(), "ready\n");
}
