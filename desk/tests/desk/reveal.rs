//! A token made without script whose store goes away before the page that shows it: only on a SurrealDB server of the test's own.

use super::support::world_with;
use super::surreal_server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_store_could_not_keep_for_its_page_is_shown_all_the_same() {
    let Some(server) = Server::start().await else { return };
    let url = server.url.clone();
    let world = world_with(move |settings| settings.store = url).await;
    let (token, view) = world.token("tia", "made").await;
    let cookie = world.cookie("tia").await;
    server.signal("-STOP");
    world.keep_for_reveal(&cookie, &token).await.unwrap();
    server.signal("-CONT");
    let tia = loop {
        if let Ok(tia) = world.look(&cookie).await {
            break tia;
        }
    };
    let (shown, of) = world.take_for_reveal(&tia, &cookie).await.unwrap().unwrap();
    assert_eq!((shown.expose(), of.id), (token.expose(), view.id));
    assert!(world.take_for_reveal(&tia, &cookie).await.unwrap().is_none(), "once");
}
