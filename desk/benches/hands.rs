//! How many changes a second many hands make at once, on files: each is a transaction with its
//! audit row, and on the disk when it is answered. Against one hand in the same run.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::time::{Duration, Instant};

use desk::{
    Access, Description, Desk, Expires, Networks, NewToken, Origin, Permit, Secret, Settings, right,
};

/// How long each number of hands works, in each round.
const WORKING: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;

/// A permit of the demo account tia's.
async fn permit(desk: &Desk) -> Permit<right::ManageOwnTokens> {
    let origin = Origin::console();
    let (cookie, _) =
        desk.log_in("tia", &Secret::new("tia-netid-password".to_owned()), &origin).await.unwrap();
    let tia = desk.visitor(&cookie, &origin).await.unwrap();
    desk.authorise(&tia, None, Some(&Secret::new("tia-local-password".to_owned())), &origin)
        .await
        .unwrap()
}

/// Makes a token and revokes it, again and again; answers how many changes that were.
async fn hand(desk: Desk) -> u32 {
    let permit = permit(&desk).await;
    let (began, mut changes) = (Instant::now(), 0);
    while began.elapsed() < WORKING {
        let new = NewToken {
            description: Description::parse("measured").unwrap(),
            access: Access::Full,
            networks: Networks::default(),
            expires: Expires::Never,
        };
        let (_, made) = desk.create_token(&permit, new, "").await.unwrap();
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
