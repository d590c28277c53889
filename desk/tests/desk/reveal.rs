//! A token made without script, or a passphrase, whatever becomes of its session's id, or of the
//! store, before the page that shows it. The latter only on a SurrealDB server of the test's own.

use desk::{Cookie, NetId, PasswordChange, PlainToken, Visitor, generate_passphrase, right};

use super::support::{World, new_token, origin, secret, world, world_with};
use testkit::surreal_server::Server;

const OWN: &str = "tia-local-password";

/// Makes a token as a form without script does that came under `cookie`; answers it, and the id
/// that the session has then.
async fn makes_unseen(
    world: &World,
    cookie: &Cookie,
    visitor: &Visitor,
    description: &str,
    own: Option<&str>,
) -> (PlainToken, Cookie) {
    let own = own.map(secret);
    let permit = world
        .authorise::<right::ManageOwnTokens>(visitor, None, own.as_ref(), &origin())
        .await
        .unwrap();
    let (token, _) = world.create_token(&permit, new_token(description)).await.unwrap();
    let cookie = permit.cookie().unwrap_or(cookie).clone();
    world.keep_for_reveal(&cookie, &token).await.unwrap();
    (token, cookie)
}

/// What the next page shows.
async fn next_page(world: &World, cookie: &Cookie) -> Option<String> {
    let visitor = world.look(cookie).await.unwrap();
    world
        .take_for_reveal(&visitor, cookie)
        .await
        .unwrap()
        .map(|(token, _)| token.expose().to_owned())
}

#[tokio::test]
async fn what_was_made_under_an_id_that_another_tab_has_replaced_is_shown_under_the_new_one() {
    let world = world().await;
    let old = world.cookie("tia").await;
    let (tab, slower_tab) = (world.look(&old).await.unwrap(), world.look(&old).await.unwrap());
    let (first, new) = makes_unseen(&world, &old, &tab, "in one tab", Some(OWN)).await;
    world.clock.advance(1);
    let (second, same) = makes_unseen(&world, &old, &slower_tab, "in another", Some(OWN)).await;
    assert_eq!(same.expose(), old.expose(), "the slower tab gets no new id");
    for token in [&first, &second] {
        assert_eq!(next_page(&world, &new).await.as_deref(), Some(token.expose()));
    }
    assert_eq!(next_page(&world, &new).await, None, "each once");
    assert_eq!(next_page(&world, &old).await, None, "under either id");
}

#[tokio::test]
async fn what_waits_when_a_password_confirms_the_session_again_is_still_shown() {
    let world = world_with(|settings| settings.confirm_seconds = 30).await;
    let cookie = world.cookie("tia").await;
    let (_, confirmed) =
        makes_unseen(&world, &cookie, &world.look(&cookie).await.unwrap(), "before", Some(OWN))
            .await;
    assert!(next_page(&world, &confirmed).await.is_some());
    // Three ids in a row, each with a token that nobody has seen yet; the last one by a change of
    // the password itself.
    let (one, first) =
        makes_unseen(&world, &confirmed, &world.look(&confirmed).await.unwrap(), "1", None).await;
    assert_eq!(first.expose(), confirmed.expose());
    world.clock.advance(1);
    let (two, second) =
        makes_unseen(&world, &first, &world.look(&first).await.unwrap(), "2", Some(OWN)).await;
    world.clock.advance(1);
    let new = secret("wandering otter parade");
    let change = PasswordChange { current: secret(OWN), new: new.clone(), retype: new };
    let third = world
        .change_own_password(&world.look(&second).await.unwrap(), &change, &origin())
        .await
        .unwrap();
    for token in [&one, &two] {
        assert_eq!(next_page(&world, &third).await.as_deref(), Some(token.expose()));
    }
    assert_eq!(next_page(&world, &third).await, None);
}

#[tokio::test]
async fn after_a_minute_nothing_is_shown_under_any_id_and_an_old_id_shows_nothing_of_a_new_one() {
    let world = world().await;
    let old = world.cookie("tia").await;
    let tab = world.look(&old).await.unwrap();
    let slower_tab = tab.clone();
    let (_, new) = makes_unseen(&world, &old, &tab, "under the new one", Some(OWN)).await;
    assert_eq!(next_page(&world, &old).await, None, "whoever has a stolen id sees none of it");
    makes_unseen(&world, &old, &slower_tab, "under the old one", Some(OWN)).await;
    world.clock.advance(60);
    assert_eq!(next_page(&world, &new).await, None);
    // What is made later is shown as ever.
    let (token, new) =
        makes_unseen(&world, &new, &world.look(&new).await.unwrap(), "later", Some(OWN)).await;
    assert_eq!(next_page(&world, &new).await.as_deref(), Some(token.expose()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_tabs_that_make_tokens_and_look_at_once_each_sees_one_and_none_is_lost() {
    let world = world().await;
    for _ in 0..10 {
        world.clock.advance(60);
        let old = world.cookie("tia").await;
        let tia = world.look(&old).await.unwrap();
        let (desk, under, by) = (&world, &old, &tia);
        let post = |nth: u32| async move {
            makes_unseen(desk, under, by, &format!("in tab {nth}"), Some(OWN)).await
        };
        let made: Vec<(PlainToken, Cookie)> = futures::future::join_all((0..4).map(post)).await;
        let mut tokens: Vec<String> =
            made.iter().map(|(token, _)| token.expose().to_owned()).collect();
        let new = made
            .iter()
            .map(|(_, cookie)| cookie)
            .find(|cookie| cookie.expose() != old.expose())
            .unwrap();
        let mut seen: Vec<String> =
            futures::future::join_all((0..4).map(|_| next_page(&world, new)))
                .await
                .into_iter()
                .flatten()
                .collect();
        seen.sort();
        tokens.sort();
        assert_eq!(seen, tokens);
        assert_eq!(next_page(&world, new).await, None);
    }
}

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

/// Sets somebody's initial password as a form without script does; answers the session's id then.
async fn sets_unseen(world: &World, cookie: &Cookie, of: &str, words: &str) -> Cookie {
    let helen = world.look(cookie).await.unwrap();
    let own = secret("helen-local-password");
    let permit = world
        .authorise::<right::SetLocalPassword>(&helen, Some(of), Some(&own), &origin())
        .await
        .unwrap();
    let cookie = permit.cookie().unwrap_or(cookie).clone();
    let words = secret(words);
    world.set_local_password(&permit, &words, &words).await.unwrap();
    assert!(world.keep_passphrase_for_reveal(&permit, &cookie, &words).await.unwrap());
    cookie
}

async fn passphrase(world: &World, cookie: &Cookie, of: &str) -> Option<String> {
    let of = NetId::parse(of).unwrap();
    let words = world.take_passphrase_for_reveal(cookie, &of).await.unwrap();
    words.map(|words| words.expose().to_owned())
}

#[tokio::test]
async fn a_passphrase_is_shown_once_on_its_persons_page_and_the_last_of_several() {
    let world = world().await;
    let (first, second, other) =
        (generate_passphrase(), generate_passphrase(), generate_passphrase());
    let cookie = world.cookie("helen").await;
    let cookie = sets_unseen(&world, &cookie, "sam", &first).await;
    let cookie = sets_unseen(&world, &cookie, "tia", &other).await;
    let cookie = sets_unseen(&world, &cookie, "sam", &second).await;
    assert_eq!(next_page(&world, &cookie).await, None, "it is no token");
    assert_eq!(passphrase(&world, &cookie, "rae").await, None, "and nobody else's");
    assert_eq!(passphrase(&world, &cookie, "sam").await, Some(second));
    assert_eq!(passphrase(&world, &cookie, "sam").await, None, "once, and none of before");
    assert_eq!(passphrase(&world, &cookie, "tia").await, Some(other), "it still waits");
    let cookie = sets_unseen(&world, &cookie, "sam", &first).await;
    world.clock.advance(60);
    assert_eq!(passphrase(&world, &cookie, "sam").await, None, "for a minute");
}

#[tokio::test]
async fn what_staff_typed_themselves_is_not_kept_to_be_shown() {
    let world = world().await;
    let permit = world.permit::<right::SetLocalPassword>("helen", Some("sam")).await.unwrap();
    let cookie = permit.cookie().unwrap();
    let typed = secret("wandering otter parade");
    assert!(!world.keep_passphrase_for_reveal(&permit, cookie, &typed).await.unwrap());
    assert_eq!(passphrase(&world, cookie, "sam").await, None);
}

#[tokio::test]
async fn what_is_one_too_many_takes_the_place_of_none_that_waits() {
    let world = world().await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let cookie = permit.cookie().unwrap();
    let mut kept = Vec::new();
    loop {
        let new = new_token(&format!("number {}", kept.len()));
        let (token, _) = world.create_token(&permit, new).await.unwrap();
        if world.keep_for_reveal(cookie, &token).await.is_err() {
            break;
        }
        kept.push(token.expose().to_owned());
        assert!(kept.len() < 100, "bounded");
    }
    assert!(kept.len() > 5);
    let mut shown = Vec::new();
    while let Some(token) = next_page(&world, cookie).await {
        shown.push(token);
    }
    kept.sort();
    shown.sort();
    assert_eq!(shown, kept);
}
