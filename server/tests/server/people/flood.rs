//! A flood of wrong log-ins, and whoever works meanwhile. `LATCHKEY_TEST_FLOOD` is how many there
//! are; without it 1000.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use desk::{Cookie, right};

use crate::support::{Request, World, world_with};

/// From how many addresses it comes.
const ADDRESSES: usize = 200;

/// How many requests of it are under way at a time.
const AT_ONCE: usize = 100;

fn log_in(netid: &str, password: &str, address: &str) -> Request {
    let fields = [("netid", netid), ("password", password), ("next", "")];
    Request::form("/fn/log_in", &fields).header("x-forwarded-for", address)
}

fn cookies(answer: &crate::support::Answer) -> String {
    let lines = answer.headers("set-cookie");
    lines.iter().filter_map(|line| line.split(';').next()).collect::<Vec<_>>().join("; ")
}

/// Sends its part of the flood.
async fn guess(address: std::net::SocketAddr, next: Arc<AtomicUsize>, many: usize) {
    loop {
        let n = next.fetch_add(1, Ordering::SeqCst);
        if n >= many {
            return;
        }
        let netid = ["helen", "ada", "tia", "nobody", "helen"][n % 5];
        let from = format!("198.51.100.{}", n % ADDRESSES);
        let answer = log_in(netid, "wrong", &from).send(address).await;
        assert!(matches!(answer.status, 401 | 429), "{}", answer.status);
    }
}

/// Helen looks at a page and confirms with her local password; answers whether both were answered.
async fn works(world: &World, session: &Cookie) {
    let page = world.send(Request::get("/settings/auth-tokens").page().cookie(session)).await;
    assert_eq!(page.status, 200, "a page");
    let own = [("own_password", "helen-local-password")];
    let confirmed = world.send(Request::form("/fn/revoke_idle_tokens", &own).cookie(session)).await;
    assert_eq!(confirmed.status, 200, "a confirmation: {:?}", confirmed.text());
}

async fn p99(world: &World, token: &desk::PlainToken, until: impl Fn(usize) -> bool) -> Duration {
    let mut times = Vec::new();
    while until(times.len()) {
        let began = Instant::now();
        assert_eq!(
            world.send(Request::get("/auth/verify").token(token)).await.status,
            200,
            "verify"
        );
        times.push(began.elapsed());
    }
    let at = (times.len() * 99 / 100).min(times.len().saturating_sub(1));
    *times.select_nth_unstable(at).1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_works_during_a_flood_of_wrong_log_ins_goes_on_and_nobody_is_kept_out() {
    let many = std::env::var("LATCHKEY_TEST_FLOOD")
        .ok()
        .and_then(|many| many.parse().ok())
        .unwrap_or(1000);
    let world = world_with(|keys| {
        keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
        keys.hash.memory_kib = 4096;
        // However often she logs in meanwhile, her first session is not the oldest that ends.
        keys.sessions.per_user = 10_000;
    })
    .await;
    let (token, _) = world.token("helen", "a script of hers").await;
    let session = world.log_in("helen").await;
    let known = world.send(log_in("helen", "helen-netid-password", "192.0.2.10")).await;
    assert_eq!(known.status, 200);
    let known = cookies(&known);
    assert!(known.contains("latchkey-device="), "{known}");
    let calm = p99(&world, &token, |done| done < 300).await;
    let (next, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let flood: Vec<_> =
        (0..AT_ONCE).map(|_| tokio::spawn(guess(world.address, next.clone(), many))).collect();
    let ends = async {
        for one in flood {
            one.await.unwrap();
        }
        over.store(true, Ordering::SeqCst);
    };
    let helen = async {
        while !over.load(Ordering::SeqCst) {
            works(&world, &session).await;
            // From her browser, in a network from which much of the flood comes.
            let again =
                log_in("helen", "helen-netid-password", "198.51.100.7").header("cookie", &known);
            assert_eq!(world.send(again).await.status, 200, "her browser logs in");
        }
    };
    let verify = p99(&world, &token, |done| done < 50 || !over.load(Ordering::SeqCst));
    let ((), (), flooded) = tokio::join!(ends, helen, verify);
    println!("verify, 99 of 100 within: {calm:?} in the calm, {flooded:?} during the flood");
    // Everybody logs in from wherever nobody has guessed; a local password is nobody's to close
    // from there.
    for netid in ["helen", "ada", "tia"] {
        let password = format!("{netid}-netid-password");
        // One address may share its count with a guesser's by chance (one in 65 536): several do
        // not.
        let mut let_in = false;
        for address in ["192.0.2.99", "192.0.2.98", "192.0.2.97"] {
            let_in = let_in || world.send(log_in(netid, &password, address)).await.status == 200;
        }
        assert!(let_in, "{netid}");
        let permit = world.desk.console().permit::<right::FindUsers>(netid).await.unwrap();
        assert!(!world.desk.user_page(&permit).await.unwrap().closed, "{netid}");
    }
    works(&world, &session).await;
}
