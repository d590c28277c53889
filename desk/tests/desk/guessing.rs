//! Wrong passwords: each kind by itself, at log-in by account and source, never closed; a local one
//! closed at a hundred.

use std::net::IpAddr;

use desk::{
    Desk, ExternalIdentity, Helper, LoginContext, Origin, Refusal, Settings, Source, right,
};
use testkit::by_hand;

use super::support::{World, origin, reopen, secret, world, world_with};

fn from(address: &str) -> Origin {
    Origin { address: address.parse::<IpAddr>().unwrap(), ..origin() }
}

async fn wrong(desk: &Desk, netid: &str, origin: &Origin) -> Refusal {
    desk.log_in(netid, &secret("wrong"), origin).await.unwrap_err()
}

async fn right(desk: &Desk, netid: &str, origin: &Origin) -> Result<(), Refusal> {
    desk.log_in(netid, &secret(&format!("{netid}-netid-password")), origin).await.map(|_| ())
}

/// Guesses, as whoever has the NetID password and not the local one.
async fn guess_local(desk: &Desk, netid: &str) -> Refusal {
    let (cookie, _) =
        desk.log_in(netid, &secret(&format!("{netid}-netid-password")), &origin()).await.unwrap();
    let visitor = desk.visitor(&cookie, &origin()).await.unwrap();
    by_hand::confirm(desk, &visitor, "a guess of a thief").await.unwrap_err()
}

/// Closes a local password by guessing, however many guesses there were before.
async fn close_local(world: &World, netid: &str) {
    let visitor = world.person(netid).await;
    for guesses in 0.. {
        world.clock.advance(10);
        let guess = secret("a guess of a thief");
        let refused = world
            .authorise::<right::ManageOwnTokens>(&visitor, None, Some(&guess), &origin())
            .await
            .unwrap_err();
        if matches!(refused, Refusal::AccountClosed(_)) {
            assert!((90..=100).contains(&guesses), "{guesses}");
            return;
        }
        assert_eq!(refused, Refusal::OwnPasswordIncorrect);
    }
}

const WAIT: Refusal = Refusal::TooManyAttempts { seconds: 1 };

#[tokio::test]
async fn wrong_passwords_in_a_row_are_delayed_and_a_right_one_takes_one_step() {
    let world = world().await;
    for _ in 0..3 {
        assert_eq!(wrong(&world, "sam", &origin()).await, Refusal::LoginIncorrect);
    }
    assert_eq!(right(&world, "sam", &origin()).await, Err(WAIT));
    // Nobody else waits, and an unknown NetID is delayed like a known one.
    right(&world, "tia", &origin()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(wrong(&world, "nobody", &origin()).await, Refusal::LoginIncorrect);
    }
    assert_eq!(wrong(&world, "nobody", &origin()).await, WAIT);
    world.clock.advance(1);
    right(&world, "sam", &origin()).await.unwrap();
    // From three to two: one more, and not three.
    assert_eq!(wrong(&world, "sam", &origin()).await, Refusal::LoginIncorrect);
    assert_eq!(wrong(&world, "sam", &origin()).await, WAIT);
    // Nobody waits after a right one.
    world.clock.advance(1);
    right(&world, "sam", &origin()).await.unwrap();
    right(&world, "sam", &origin()).await.unwrap();
}

#[tokio::test]
async fn a_quarter_of_an_hour_takes_a_step_too() {
    let world = world().await;
    for _ in 0..4 {
        wrong(&world, "sam", &origin()).await;
        world.clock.advance(1);
    }
    world.clock.advance(2 * 15 * 60);
    assert_eq!(wrong(&world, "sam", &origin()).await, Refusal::LoginIncorrect);
    assert_eq!(wrong(&world, "sam", &origin()).await, WAIT);
}

#[tokio::test]
async fn no_number_of_wrong_passwords_closes_a_log_in() {
    let world = world().await;
    for _ in 0..150 {
        assert_eq!(wrong(&world, "ada", &origin()).await, Refusal::LoginIncorrect);
        world.clock.advance(10);
    }
    right(&world, "ada", &origin()).await.unwrap();
    // Nor does it touch the local password, or the session of whoever works.
    world.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
}

#[tokio::test]
async fn a_strangers_failures_delay_nobody_from_elsewhere() {
    let world = world().await;
    let session = world.person("helen").await;
    for _ in 0..60 {
        wrong(&world, "helen", &from("203.0.113.9")).await;
        world.clock.advance(10);
    }
    assert_eq!(wrong(&world, "helen", &from("203.0.113.9")).await, Refusal::LoginIncorrect);
    assert_eq!(
        right(&world, "helen", &from("203.0.113.9")).await,
        Err(Refusal::TooManyAttempts { seconds: 10 })
    );
    right(&world, "helen", &from("203.0.113.10")).await.unwrap();
    let own = secret("helen-local-password");
    world
        .authorise::<right::SetLocalPassword>(&session, Some("sam"), Some(&own), &origin())
        .await
        .unwrap();
}

#[tokio::test]
async fn the_networks_of_a_wide_one_are_counted_together() {
    let world = world().await;
    let mut looked_at = 0;
    for n in 0..200 {
        let refused = wrong(&world, "sam", &from(&format!("2001:db8:7:{n:x}00::1"))).await;
        looked_at += usize::from(refused == Refusal::LoginIncorrect);
    }
    // Three times sixteen, and then they wait, all of them.
    assert_eq!(looked_at, 48);
    right(&world, "sam", &from("2001:db8:8::1")).await.unwrap();
}

#[tokio::test]
async fn many_guesses_at_once_are_counted_one_by_one() {
    let world = world().await;
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let desk = world.desk.clone();
            tokio::spawn(async move { wrong(&desk, "sam", &origin()).await })
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        looked_at += usize::from(guess.await.unwrap() == Refusal::LoginIncorrect);
    }
    assert_eq!(looked_at, 3, "the rest had to wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_while_a_password_is_looked_at_has_tried_all_the_same() {
    // Each look takes long enough to go away in the middle of it.
    let world = world_with(|settings| settings.hash_memory_kib = 200_000).await;
    let before = std::time::Instant::now();
    wrong(&world, "sam", &origin()).await;
    // A quarter: on a machine that is busy with something else the first may have taken longer than
    // the next ones.
    let middle = before.elapsed() / 4;
    for _ in 0..2 {
        let gone = tokio::time::timeout(middle, wrong(&world, "sam", &origin())).await;
        assert!(gone.is_err(), "it was looked at sooner than the first");
    }
    assert_eq!(wrong(&world, "sam", &origin()).await, WAIT);
}

#[tokio::test]
async fn who_knows_the_netid_password_guesses_the_local_one_no_faster() {
    let world = world().await;
    for _ in 0..3 {
        assert_eq!(guess_local(&world, "tia").await, Refusal::OwnPasswordIncorrect);
    }
    // Each guess came with a log-in by the right NetID password.
    assert_eq!(guess_local(&world, "tia").await, WAIT);
    world.clock.advance(1);
    assert_eq!(guess_local(&world, "tia").await, Refusal::OwnPasswordIncorrect);
    world.clock.advance(1);
    // The owner's right one takes a step, and gives the thief no more than that.
    world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert_eq!(guess_local(&world, "tia").await, Refusal::OwnPasswordIncorrect);
    assert_eq!(guess_local(&world, "tia").await, WAIT);
}

#[tokio::test]
async fn a_hundred_wrong_local_passwords_close_it_until_the_help_desk_opens_it() {
    let world = world().await;
    let confirmed = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let confirmed = world.look(confirmed.cookie().unwrap()).await.unwrap();
    close_local(&world, "tia").await;
    let own = secret("tia-local-password");
    let confirm = async || {
        world
            .authorise::<right::ManageOwnTokens>(&confirmed, None, Some(&own), &origin())
            .await
            .map(|_| ())
    };
    assert_eq!(confirm().await, Err(Refusal::AccountClosed(Helper::HelpDesk)));
    assert_eq!(world.last_audit("tia").await.0, "password.closed");
    // She logs in all the same, however long it stays closed.
    world.clock.advance(86_400 * 40);
    let tia = world.person("tia").await;
    let closed = async |netid: &str| {
        let permit = world.console().permit::<right::FindUsers>(netid).await.unwrap();
        world.user_page(&permit).await.unwrap().closed
    };
    assert!(closed("tia").await && !closed("sam").await);
    assert!(matches!(
        world.permit::<right::OpenAccount>("rae", Some("tia")).await,
        Err(Refusal::NotAllowed(_))
    ));
    let permit = world.permit::<right::OpenAccount>("helen", Some("tia")).await.unwrap();
    assert!(world.open_account(&permit).await.unwrap());
    assert_eq!(world.last_audit("tia").await, ("user.open".into(), "done".into(), String::new()));
    assert!(!closed("tia").await);
    world.authorise::<right::ManageOwnTokens>(&tia, None, Some(&own), &origin()).await.unwrap();
}

#[tokio::test]
async fn whose_local_password_is_closed_opens_nobodys_and_nobody_their_own() {
    let world = world().await;
    let helen = world.permit::<right::SetLocalPassword>("helen", Some("sam")).await.unwrap();
    let helen = world.look(helen.cookie().unwrap()).await.unwrap();
    let own = world
        .authorise::<right::OpenAccount>(&helen, Some("helen"), None, &origin())
        .await
        .unwrap_err();
    assert_eq!(own, desk::Denied::OwnAccount(Helper::Administrator).into());
    close_local(&world, "helen").await;
    world.clock.advance(300);
    let helen = world.person("helen").await;
    let password = secret("helen-local-password");
    let refused = world
        .authorise::<right::OpenAccount>(&helen, Some("tia"), Some(&password), &origin())
        .await
        .unwrap_err();
    assert_eq!(refused, Refusal::AccountClosed(Helper::Administrator));
}

#[tokio::test]
async fn who_has_no_password_here_is_not_touched_by_what_strangers_type() {
    let world = world().await;
    let pia = ExternalIdentity { netid: "pia".to_owned(), ..ExternalIdentity::default() };
    let sign_in = async || {
        world
            .log_in_vouched(&pia, Source::Proxy, &LoginContext::default(), &origin())
            .await
            .unwrap()
            .0
    };
    sign_in().await;
    let permit = world.console().permit::<right::SetPrivileged>("pia").await.unwrap();
    if !permit.person().unwrap().privileged {
        world.change_account(&super::support::privileged(&permit, true)).await.unwrap();
    }
    let own = "seven otters cross the weir";
    world.give_own("pia", own).await;
    for _ in 0..120 {
        assert_eq!(wrong(&world, "pia", &from("203.0.113.9")).await, Refusal::LoginIncorrect);
        world.clock.advance(10);
    }
    let visitor = world.look(&sign_in().await).await.unwrap();
    world.confirm(&visitor, own).await.unwrap();
}

#[tokio::test]
async fn counts_survive_a_restart() {
    let world = world().await;
    if world.settings.store.starts_with("mem") {
        return; // Memory forgets at closing.
    }
    for _ in 0..3 {
        wrong(&world, "sam", &origin()).await;
        assert_eq!(guess_local(&world, "tia").await, Refusal::OwnPasswordIncorrect);
    }
    let (settings, folder) = (world.settings.clone(), world.folder);
    drop(world.desk);
    let desk = reopen(settings).await;
    assert_eq!(right(&desk, "sam", &origin()).await, Err(WAIT));
    assert_eq!(guess_local(&desk, "tia").await, WAIT);
    drop(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_share_a_store_count_together() {
    let here = world().await;
    if !here.settings.store.starts_with("ws") {
        return; // One process has the store to itself.
    }
    let there =
        Desk::open(Settings { node: "there".to_owned(), ..here.settings.clone() }).await.unwrap();
    let nodes = [here.desk.clone(), there.clone()];
    for n in 0..3 {
        assert_eq!(wrong(&nodes[n % 2], "sam", &origin()).await, Refusal::LoginIncorrect);
        assert_eq!(guess_local(&nodes[n % 2], "tia").await, Refusal::OwnPasswordIncorrect);
    }
    for node in &nodes {
        assert_eq!(right(node, "sam", &origin()).await, Err(WAIT));
        assert_eq!(guess_local(node, "tia").await, WAIT);
    }
    // At one moment from both: each try is counted before it is looked at, so that three in all
    // are.
    let guesses: Vec<_> = (0..20)
        .map(|n| {
            let desk = nodes[n % 2].clone();
            tokio::spawn(async move { wrong(&desk, "rae", &origin()).await })
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        looked_at += usize::from(guess.await.unwrap() == Refusal::LoginIncorrect);
    }
    assert_eq!(looked_at, 3);
    // Closed by both, opened by one for both.
    close_local(&here, "tia").await;
    assert_eq!(guess_local(&there, "tia").await, Refusal::AccountClosed(Helper::HelpDesk));
    let permit = here.permit::<right::OpenAccount>("helen", Some("tia")).await.unwrap();
    here.open_account(&permit).await.unwrap();
    assert_eq!(guess_local(&there, "tia").await, Refusal::OwnPasswordIncorrect);
}
