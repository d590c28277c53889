//! How many changes a second many hands make at once, on files: each is a transaction with its
//! audit row, and on the disk when it is answered. Against one hand in the same run.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::time::{Duration, Instant};

use desk::{Desk, Settings, right};
use testkit::by_hand;
use testkit::forms::new_token;

/// How long each number of hands works, in each round.
const WORKING: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;

/// Makes a token and revokes it, again and again; answers how many changes that were.
async fn hand(desk: Desk) -> u32 {
    let permit = by_hand::permit::<right::ManageOwnTokens>(&desk, "tia", None).await.unwrap();
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
    let working: Vec<_> = (0..hands).map(|_| tokio::spawn(hand(desk.clone()))).collect();
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
            let (one, sixteen) = (changes_a_second(1).await, changes_a_second(16).await);
            println!(
                "changes a second, on files: 1 hand {one:.0}, 16 hands {sixteen:.0} ({:.2} times \
                    as many)",
                sixteen / one,
            );
        }
    });
}
