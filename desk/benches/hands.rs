//! How many changes a second many hands make at once, on files: each is a transaction with its
//! audit row, and on the disk when it is answered. Against one hand in the same run.
//! `tools/bench` runs it a second time with a disk whose sync takes longer (`slow_sync.c`): what
//! waits together is written together, which counts for more the longer that takes.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::time::{Duration, Instant};

use desk::{Desk, Settings, right};
use testkit::by_hand;
use testkit::forms::new_token;

/// How long each number of hands works, in each round.
const WORKING: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;

/// How many hands are many.
const MANY: usize = 64;

/// Whose they are, in turn.
const PEOPLE: [&str; 4] = ["tia", "rae", "helen", "ada"];

/// Makes a token and revokes it, again and again; answers how many changes that were.
async fn hand(desk: Desk, whose: &str) -> u32 {
    let permit = by_hand::permit::<right::ManageOwnTokens>(&desk, whose, None).await.unwrap();
    let (began, mut changes) = (Instant::now(), 0);
    while began.elapsed() < WORKING {
        let (_, made) = desk.create_token(&permit, new_token("measured")).await.unwrap();
        desk.revoke_token(&permit, made.id.as_str()).await.unwrap();
        changes += 2;
    }
    changes
}

async fn changes_a_second(hands: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("rocksdb://{}", folder.path().join("store").display());
    let tokens = Settings {
        demo: true,
        tokens_per_user: 1000,
        tokens_per_minute: u32::MAX,
        ..Settings::default()
    };
    let desk = Desk::open(Settings { store, hash_memory_kib: 64, hash_passes: 1, ..tokens })
        .await
        .unwrap();
    desk.console().load_demo().await.unwrap();
    let (began, mut changes) = (Instant::now(), 0);
    let working = PEOPLE.iter().cycle().take(hands);
    let working: Vec<_> = working.map(|whose| tokio::spawn(hand(desk.clone(), whose))).collect();
    for hand in working {
        changes += hand.await.unwrap();
    }
    f64::from(changes) / began.elapsed().as_secs_f64()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(10 << 20)
        .build()
        .unwrap();
    runtime.block_on(async {
        for _ in 0..ROUNDS {
            let (one, many) = (changes_a_second(1).await, changes_a_second(MANY).await);
            println!(
                "changes a second, on files: 1 hand {one:.0}, {MANY} hands {many:.0} ({:.2} times \
                    as many)",
                many / one,
            );
        }
    });
}
