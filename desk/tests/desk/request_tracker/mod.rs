//! What comes from Request Tracker: people, tokens whose old strings go on working, and local
//! passwords. The hashes are as Request Tracker makes them, at the least cost that there is.

mod ended;
mod floods;
mod import;
mod leaks;
mod lists;
mod old_strings;
mod passwords;
mod tokens;

use desk::{Desk, RtDone, RtImport, RtPerson, RtToken, Secret, TokenView, Verdict};

use super::support::{World, get, secret, world};

/// The ends of three strings, and what Request Tracker keeps of each.
const OLD: [(&str, &str); 3] = [
    (
        "ac7938d40cfc2307e2bf325d28e7884e",
        "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeOFXDzW4EQy1wzwicdgINX2hhEY/gyBC",
    ),
    (
        "9f6dc64c75a4535b6d4aee6484a05ba7",
        "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeM9B/WgoLu/j4OLMiydmZodfd0sJPnci",
    ),
    (
        "0f826a89cf68c399c5f4cf320c1a5842",
        "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeiE3xd.lEofTf2eYUXHE9WJDJGEtAPHy",
    ),
];

/// Tia's number in Request Tracker.
pub(super) const TIA: u64 = 14;

/// The string of the nth token, of this person.
pub(super) fn string(user: u64, nth: usize) -> String {
    format!("1-{user}-{}", OLD[nth].0)
}

/// Somebody enabled and privileged there.
pub(super) fn person(id: u64, name: &str) -> RtPerson {
    RtPerson {
        id,
        name: name.to_owned(),
        real_name: format!("{name} of Request Tracker"),
        email: format!("{name}@example.edu"),
        password: None,
        disabled: false,
        privileged: true,
        created: None,
    }
}

/// The nth token, of this person.
pub(super) fn token(owner: u64, nth: usize) -> RtToken {
    RtToken {
        id: 100 + nth as u64,
        owner,
        hash: secret(OLD[nth].1),
        description: format!("cron {nth}"),
        created: None,
        created_by: owner,
        last_used: None,
        expires: None,
    }
}

/// Tia with so many tokens.
pub(super) fn tias(many: usize) -> RtImport {
    RtImport {
        people: vec![person(TIA, "tia")],
        tokens: (0..many).map(|nth| token(TIA, nth)).collect(),
        passwords: true,
        ..RtImport::default()
    }
}

/// Plans an import and does it.
pub(super) async fn bring(desk: &Desk, import: &RtImport) -> RtDone {
    let console = desk.console();
    let plan = console.plan_rt_import(import).await.unwrap();
    console.apply_rt_import(import, &plan, &|_, _| ()).await.unwrap()
}

/// A world in which tia has so many tokens from there.
async fn world_of(many: usize) -> World {
    let world = world().await;
    assert_eq!(bring(&world, &tias(many)).await.tokens, many);
    world
}

/// How many hashes were computed for strings.
fn hashed(world: &World) -> u64 {
    world.figures().old_strings.hashed
}

async fn verify(world: &World, string: &str) -> Verdict {
    world.verify(string, None, &get()).await
}

async fn is_good(world: &World, string: &str) -> bool {
    matches!(verify(world, string).await, Verdict::Good(_))
}

/// Tia's tokens as her page shows them, in the order of their descriptions.
async fn listed(world: &World) -> Vec<TokenView> {
    let mut tokens = world.own_tokens(&world.person("tia").await).await.unwrap();
    tokens.sort_by(|one, other| one.description.cmp(&other.description));
    tokens
}

/// What Request Tracker keeps of a password.
fn stored(hash: &str) -> Option<Secret> {
    Some(secret(hash))
}
