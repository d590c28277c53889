//! A demo's store is one of its own kind: opened for nothing else, and nothing else for it.

use desk::{DEMO, DemoError, Desk, ImportUser, NetId, OpenError, Settings};

use super::support::{StoreFolder, World, empty_world_with, origin, reopen, secret, try_reopen};

/// A store that is kept when it is closed: the tests' own, or files where that one is in memory.
/// The desk that it was asked of comes back beside it, so that its folder stays.
async fn kept(demo: bool) -> (World, Settings) {
    let world = empty_world_with(|settings| settings.demo = demo).await;
    let mut settings = world.settings.clone();
    if settings.store.starts_with("mem") {
        settings.store = format!("rocksdb://{}", world.folder.path().join("kept").display());
    }
    (world, settings)
}

/// Closes the desk that the tests came with, and opens the store anew.
async fn opened(world: World, settings: &Settings) -> (Desk, StoreFolder) {
    drop(world.desk);
    (reopen(settings.clone()).await, world.folder)
}

fn real(netid: &str) -> ImportUser {
    ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: Some("Real".to_owned()),
        email: None,
        role: None,
        privileged: Some(true),
        disabled: None,
        password: None,
    }
}

#[tokio::test]
async fn a_demos_store_is_opened_for_the_demo_alone() {
    let (world, settings) = kept(true).await;
    let (desk, _folder) = opened(world, &settings).await;
    desk.console().load_demo().await.unwrap();
    drop(desk);
    let refused = try_reopen(Settings { demo: false, ..settings.clone() }).await.unwrap_err();
    assert!(matches!(refused, OpenError::Demo(_)), "{refused}");
    let message = refused.to_string();
    assert!(
        message.contains("another store.url")
            && message.contains("user import")
            && message.contains("--demo"),
        "{message}"
    );
    let desk = try_reopen(settings).await.unwrap();
    desk.console().load_demo().await.unwrap();
    desk.log_in("ada", &secret("ada-netid-password"), &origin()).await.unwrap();
}

#[tokio::test]
async fn a_demos_store_is_one_before_anybody_is_in_it() {
    let (world, settings) = kept(true).await;
    let (desk, _folder) = opened(world, &settings).await;
    drop(desk);
    assert!(matches!(
        try_reopen(Settings { demo: false, ..settings.clone() }).await,
        Err(OpenError::Demo(_))
    ));
    // Where making the accounts was broken off they are made at the next start.
    let desk = try_reopen(settings).await.unwrap();
    desk.console().load_demo().await.unwrap();
    assert_eq!(desk.console().list_users("", 100).await.unwrap().len(), DEMO.len());
}

#[tokio::test]
async fn a_real_store_is_not_opened_for_the_demo_and_stays_as_it_is() {
    let (world, settings) = kept(false).await;
    let (desk, _folder) = opened(world, &settings).await;
    assert!(matches!(desk.console().load_demo().await, Err(DemoError::NotDemo)));
    drop(desk);
    // Nobody is in it yet; it is a real one all the same.
    let refused = try_reopen(Settings { demo: true, ..settings.clone() }).await.unwrap_err();
    assert!(matches!(refused, OpenError::NotDemo(_)), "{refused}");
    let desk = try_reopen(settings.clone()).await.unwrap();
    desk.console().import_users(&[real("nora")]).await.unwrap();
    drop(desk);
    let refused = try_reopen(Settings { demo: true, ..settings.clone() }).await.unwrap_err();
    assert!(
        matches!(refused, OpenError::NotDemo(_))
            && refused.to_string().contains("rocksdb://demo-data"),
        "{refused}"
    );
    let desk = try_reopen(settings).await.unwrap();
    let there: Vec<String> = desk
        .console()
        .list_users("", 100)
        .await
        .unwrap()
        .into_iter()
        .map(|user| user.netid)
        .collect();
    assert_eq!(there, ["nora"]);
}

#[tokio::test]
async fn the_demo_does_not_begin_where_anybody_else_is() {
    // Before all of the demo accounts, between them, after them.
    for netid in ["aaron", "nora", "zoe"] {
        let world = empty_world_with(|_| {}).await;
        world.console().load_demo().await.unwrap();
        world.console().load_demo().await.unwrap();
        world.console().import_users(&[real(netid)]).await.unwrap();
        let refused = world.console().load_demo().await.unwrap_err();
        assert!(matches!(refused, DemoError::NotEmpty), "{netid}: {refused}");
    }
}
