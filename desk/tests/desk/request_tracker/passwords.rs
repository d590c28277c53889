//! Local passwords from Request Tracker: good once by their old hash, and judged then.

use desk::{AuditQuery, Denied, LocalState, Refusal, RtImport, UserPage, right};

use super::super::support::{World, new_token, origin, password_change, secret, world};
use super::{bring, person, stored};

/// One that may be chosen here, as bcrypt has it there; and one that may not, as MD5.
const STRONG: &str = "Grünkohl mit Pinkel 23";
const STRONG_HASH: &str = "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeXp00Xij15gWQWq2vxyHUjKIlLE1SgwS";
const WEAK: &str = "pass1";
const WEAK_HASH: &str = "a722c63db8ec8625af6cf71cb8c2d939";

/// A world in which sam, who has no local password, brings one.
async fn world_with_sams(hash: &str) -> World {
    let world = world().await;
    let mut sam = person(20, "sam");
    sam.password = stored(hash);
    let import = RtImport { people: vec![sam], passwords: true, ..RtImport::default() };
    assert_eq!(bring(&world, &import).await.passwords, 1);
    world
}

async fn page(world: &World) -> UserPage {
    let permit = world.console().permit::<right::FindUsers>("sam").await.unwrap();
    world.user_page(&permit).await.unwrap()
}

/// How often the audit tells this of sam.
async fn rows(world: &World, action: &str) -> usize {
    let query = AuditQuery { subject: "sam".to_owned(), ..AuditQuery::default() };
    let rows = world.console().audit(&query).await.unwrap().rows;
    rows.iter().filter(|row| row.action.code() == action).count()
}

#[tokio::test]
async fn the_right_one_makes_a_token_and_is_hashed_anew_with_that() {
    let world = world_with_sams(STRONG_HASH).await;
    let local = page(&world).await.local;
    assert_eq!((local.state, local.set_by.as_str()), (LocalState::Own, "Request Tracker"));
    assert!(!local.is_weak_import());
    assert_eq!(rows(&world, "password.first").await, 1);
    for _ in 0..2 {
        let sam = world.person("sam").await;
        let permit = world.confirm(&sam, STRONG).await.unwrap();
        world.create_token(&permit, new_token("made here")).await.unwrap();
        assert_eq!(rows(&world, "password.rehash").await, 1, "once");
    }
    assert_eq!(page(&world).await.local.state, LocalState::Own);
}

#[tokio::test]
async fn a_wrong_one_is_wrong_and_changes_nothing() {
    let world = world_with_sams(STRONG_HASH).await;
    let sam = world.person("sam").await;
    for wrong in ["grünkohl mit pinkel 23", STRONG_HASH, WEAK] {
        let refused = world.confirm(&sam, wrong).await.map(drop);
        assert_eq!(refused, Err(Refusal::OwnPasswordIncorrect), "{wrong}");
        world.clock.advance(30);
    }
    assert_eq!(rows(&world, "password.rehash").await, 0);
    world.confirm(&sam, STRONG).await.unwrap();
}

#[tokio::test]
async fn a_weak_one_is_good_for_choosing_another_and_for_nothing_else() {
    let world = world_with_sams(WEAK_HASH).await;
    let sam = world.person("sam").await;
    let only_initial = Err(Refusal::NotAllowed(Denied::OnlyInitial));
    assert_eq!(world.confirm(&sam, WEAK).await.map(drop), only_initial);
    let local = page(&world).await.local;
    assert!(local.is_weak_import());
    assert_eq!(local.state, LocalState::Initial);
    assert_eq!(local.lapses_at, Some(world.now().plus_days(7)));
    assert_eq!(rows(&world, "password.set").await, 1);
    let sam = world.person("sam").await;
    assert_eq!(world.confirm(&sam, WEAK).await.map(drop), only_initial);
    let chosen = "a passphrase that nobody has guessed";
    let change = password_change(WEAK, chosen, chosen);
    world.change_own_password(&sam, &change, &origin()).await.unwrap();
    let sam = world.person("sam").await;
    world.confirm(&sam, chosen).await.unwrap();
}

#[tokio::test]
async fn a_weak_one_lapses_as_every_initial_one_does() {
    let world = world_with_sams(WEAK_HASH).await;
    assert!(world.confirm(&world.person("sam").await, WEAK).await.is_err());
    world.clock.advance(7 * 86_400);
    let chosen = "a passphrase that nobody has guessed";
    let change = password_change(WEAK, chosen, chosen);
    let sam = world.person("sam").await;
    let refused = world.change_own_password(&sam, &change, &origin()).await.map(drop);
    assert!(matches!(refused, Err(Refusal::InitialLapsed(_))), "{refused:?}");
}

#[tokio::test]
async fn it_is_changed_by_the_old_one_without_being_used_before() {
    let world = world_with_sams(WEAK_HASH).await;
    let sam = world.person("sam").await;
    let chosen = "a passphrase that nobody has guessed";
    let wrong = password_change("pass2", chosen, chosen);
    let refused = world.change_own_password(&sam, &wrong, &origin()).await.map(drop);
    assert_eq!(refused, Err(Refusal::CurrentPasswordIncorrect));
    let change = password_change(WEAK, chosen, chosen);
    world.change_own_password(&sam, &change, &origin()).await.unwrap();
    world.confirm(&world.person("sam").await, chosen).await.unwrap();
}

#[tokio::test]
async fn nobody_logs_in_by_it() {
    for (password, hash) in [(STRONG, STRONG_HASH), (WEAK, WEAK_HASH)] {
        let world = world_with_sams(hash).await;
        for tried in [password, hash] {
            let refused = world.log_in("sam", &secret(tried), &origin()).await.map(drop);
            assert_eq!(refused, Err(Refusal::LoginIncorrect), "{tried}");
        }
    }
}
