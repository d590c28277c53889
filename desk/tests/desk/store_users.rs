//! As whom Latchkey signs in to a SurrealDB server. Only where the tests run on servers
//! (`LATCHKEY_TEST_STORE=ws`).

use desk::{Desk, OpenError, Settings};
use surrealdb::opt::auth::Root;

use super::support::secret;
use testkit::surreal_server::Server;

/// A server with a root, and what docs/operations/store.md has its administrator define.
async fn server() -> Option<Server> {
    if std::env::var("LATCHKEY_TEST_STORE").as_deref() != Ok("ws") {
        return None;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server::start_as(
        &format!("127.0.0.1:{port}"),
        "memory",
        &["--user", "root", "--pass", "of-the-server"],
    )
    .await;
    let root = surrealdb::engine::any::connect(&server.url).await.unwrap();
    root.signin(Root { username: "root".to_owned(), password: "of-the-server".to_owned() })
        .await
        .unwrap();
    let guide = std::fs::read_to_string("../docs/operations/store.md").unwrap();
    let statements =
        guide.split("```surql\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    root.query(statements.replace("LONG-RANDOM-TEXT", "of-the-desk"))
        .await
        .unwrap()
        .check()
        .unwrap();
    Some(server)
}

fn settings(server: &Server, user: &str, password: &str) -> Settings {
    Settings {
        demo: true,
        store: server.url.clone(),
        store_login: Some((user.to_owned(), secret(password))),
        ..Settings::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_the_database_is_all_that_latchkey_needs() {
    let Some(server) = server().await else { return };
    let desk = Desk::open(settings(&server, "latchkey", "of-the-desk")).await.unwrap();
    desk.console().load_demo().await.unwrap();
    assert!(desk.ready().await);
    desk.log_in("tia", &secret("tia-netid-password"), &super::support::origin()).await.unwrap();
    desk.close().await;
    // Nothing beyond it: the server's own affairs are not theirs.
    let theirs = surrealdb::engine::any::connect(&server.url).await.unwrap();
    let of_database = surrealdb::opt::auth::Database {
        namespace: "latchkey".to_owned(),
        database: Settings::default().database,
        username: "latchkey".to_owned(),
        password: "of-the-desk".to_owned(),
    };
    theirs.signin(of_database).await.unwrap();
    assert!(
        theirs
            .query("DEFINE NAMESPACE elsewhere")
            .await
            .and_then(surrealdb::IndexedResults::check)
            .is_err()
    );
    assert!(
        theirs.query("INFO FOR ROOT").await.and_then(surrealdb::IndexedResults::check).is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_still_works_and_a_wrong_password_does_not() {
    let Some(server) = server().await else { return };
    let desk = Desk::open(settings(&server, "root", "of-the-server")).await.unwrap();
    assert!(desk.ready().await);
    desk.close().await;
    for (user, password, is_named) in [
        ("root", "of-the-server", true),
        ("latchkey", "of-the-desk", false),
        ("root", "of-the-desk", false),
    ] {
        let hazard = Desk::store_hazard(&settings(&server, user, password)).await;
        assert_eq!(hazard.is_some(), is_named, "{user} {hazard:?}");
    }
    for (user, password) in
        [("latchkey", "of-the-server"), ("root", "of-the-desk"), ("nobody", "of-the-desk")]
    {
        let refused = Desk::open(settings(&server, user, password)).await.unwrap_err();
        assert!(matches!(refused, OpenError::Unreachable { .. }), "{user}: {refused}");
        assert!(!refused.to_string().contains(password), "{refused}");
    }
}
