//! From which networks tokens are used: learned for seven days, told once when new, and answered by
//! their owner.

use desk::{
    AuditAction, AuditQuery, AuditRow, Desk, FormKey, PlainToken, Refusal, TokenView, UsedNetwork,
    Verdict, VerifyRequest, right,
};

use super::support::{StoreFolder, World, origin, reopen, request, world, world_with};

const DAY: i64 = 86_400;

/// Uses a token from these addresses, and waits until it is written.
async fn used(desk: &Desk, token: &PlainToken, addresses: &[&str]) {
    for address in addresses {
        let verdict = desk.verify(token.expose(), None, &request("GET", address)).await;
        assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
    }
    desk.write_noted().await;
}

/// The token as the operator sees it.
async fn seen(desk: &Desk, token: &TokenView) -> TokenView {
    let permit = desk.console().permit::<right::SeeTokensOf>("tia").await.unwrap();
    let tokens = desk.tokens_of(&permit).await.unwrap();
    tokens.into_iter().find(|other| other.id == token.id).unwrap()
}

/// Its networks in the order of their text, and whether each is answered.
async fn networks(desk: &Desk, token: &TokenView) -> Vec<(String, bool)> {
    let used = seen(desk, token).await.networks_used;
    let mut all: Vec<_> =
        used.into_iter().map(|UsedNetwork { network, answered, .. }| (network, answered)).collect();
    all.sort();
    all
}

/// The rows of an action about tia, the oldest first.
async fn rows(desk: &Desk, action: AuditAction) -> Vec<AuditRow> {
    let query = AuditQuery {
        action: action.code().to_owned(),
        subject: "tia".to_owned(),
        ..AuditQuery::default()
    };
    let mut rows = desk.console().audit(&query).await.unwrap().rows;
    rows.reverse();
    rows
}

async fn news(desk: &Desk) -> Vec<String> {
    rows(desk, AuditAction::TokenNewNetwork).await.into_iter().map(|row| row.detail).collect()
}

/// A token of tia's that was used from 192.0.2.0/24 eight days ago.
async fn learned(world: &World) -> (PlainToken, TokenView) {
    let (token, view) = world.token("tia", "Backup script").await;
    used(world, &token, &["192.0.2.7"]).await;
    world.clock.advance(8 * DAY);
    (token, view)
}

fn known(networks: &[(&str, bool)]) -> Vec<(String, bool)> {
    networks.iter().map(|(network, answered)| ((*network).to_owned(), *answered)).collect()
}

#[tokio::test]
async fn it_learns_for_seven_days_from_its_first_use_and_then_tells_each_new_one_once() {
    let world = world().await;
    let (token, view) = world.token("tia", "Backup script").await;
    // Unused it learns nothing.
    world.clock.advance(30 * DAY);
    used(&world, &token, &["192.0.2.7"]).await;
    world.clock.advance(7 * DAY - 1);
    used(&world, &token, &["198.51.100.1"]).await;
    assert_eq!(news(&world).await, [""; 0]);
    world.clock.advance(1);
    used(&world, &token, &["203.0.113.9"]).await;
    let words = format!(
        "{} Backup script: 203.0.113.0/24 (first from there; 2 networks before)",
        view.id.short()
    );
    assert_eq!(news(&world).await, [words.as_str()]);
    let row = rows(&world, AuditAction::TokenNewNetwork).await.remove(0);
    assert_eq!(
        (row.actor.code().as_str(), row.address.as_str()),
        ("(the token itself)", "203.0.113.9")
    );
    for day in 0..3 {
        world.clock.advance(day * DAY);
        used(&world, &token, &["203.0.113.200", "192.0.2.8", "198.51.100.2"]).await;
    }
    assert_eq!(news(&world).await.len(), 1, "it is told once");
    let all = [("192.0.2.0/24", true), ("198.51.100.0/24", true), ("203.0.113.0/24", false)];
    assert_eq!(networks(&world, &view).await, known(&all));
    // Nothing ends by it.
    used(&world, &token, &["203.0.113.9"]).await;
    assert!(seen(&world, &view).await.revoked.is_none());
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn each_network_has_its_first_use_and_its_last_day() {
    let world = world().await;
    let (token, view) = learned(&world).await;
    let first = world.now();
    used(&world, &token, &["10.0.0.1"]).await;
    world.clock.advance(3 * DAY);
    used(&world, &token, &["10.0.0.2"]).await;
    let latest = seen(&world, &view).await.networks_used.remove(0);
    assert_eq!((latest.network.as_str(), latest.first), ("10.0.0.0/24", first));
    assert_eq!(latest.last.days(), world.now().days());
}

#[tokio::test]
async fn ipv6_counts_by_48_bits_ipv4_written_as_ipv6_as_ipv4_and_an_unknown_address_not_at_all() {
    let world = world().await;
    let (token, view) = learned(&world).await;
    used(&world, &token, &["::ffff:192.0.2.99"]).await;
    let nowhere = VerifyRequest { method: "GET", address: None };
    assert!(matches!(world.verify(token.expose(), None, &nowhere).await, Verdict::Good(_)));
    world.write_noted().await;
    assert_eq!(news(&world).await, [""; 0]);
    used(&world, &token, &["2001:db8:7:1::1"]).await;
    used(&world, &token, &["2001:db8:7:ffff::2"]).await;
    let words = news(&world).await;
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].ends_with(": 2001:db8:7::/48 (first from there; 1 network before)"));
    let all = [("192.0.2.0/24", true), ("2001:db8:7::/48", false)];
    assert_eq!(networks(&world, &view).await, known(&all));
}

#[tokio::test]
async fn of_many_new_ones_in_a_day_eleven_rows_tell_and_no_more_are_kept_than_64() {
    let world = world().await;
    let (token, view) = learned(&world).await;
    for n in 0..80 {
        used(&world, &token, &[&format!("10.0.{n}.1")]).await;
    }
    let words = news(&world).await;
    assert_eq!(words.len(), 11, "{words:?}");
    assert!(words[10].ends_with(" Backup script: from many new networks"), "{words:?}");
    assert_eq!(networks(&world, &view).await.len(), desk::NETWORKS_KEPT);
    world.clock.advance(DAY);
    used(&world, &token, &["10.1.0.1"]).await;
    assert_eq!(news(&world).await.len(), 12, "another day");
}

#[tokio::test]
async fn what_was_used_from_several_between_two_writings_is_learned_of_each() {
    let world = world().await;
    let (token, view) = learned(&world).await;
    used(&world, &token, &["10.0.0.1", "10.0.1.1", "10.0.0.2", "192.0.2.1"]).await;
    assert_eq!(news(&world).await.len(), 2);
    let all = [("10.0.0.0/24", false), ("10.0.1.0/24", false), ("192.0.2.0/24", true)];
    assert_eq!(networks(&world, &view).await, known(&all));
}

/// A busy application on six machines, and somebody in between who has its token.
#[tokio::test]
async fn among_six_known_networks_that_come_again_and_again_a_seventh_is_told() {
    let world = world().await;
    let (token, view) = world.token("tia", "Backup script").await;
    let known: Vec<String> = (0..6).map(|n| format!("10.0.{n}.1")).collect();
    for address in &known {
        used(&world, &token, &[address]).await;
    }
    world.clock.advance(8 * DAY);
    for _ in 0..4 {
        let mut uses: Vec<&str> = known.iter().cycle().take(22).map(String::as_str).collect();
        uses.insert(15, "192.0.2.66");
        used(&world, &token, &uses).await;
    }
    let words = news(&world).await;
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].contains(": 192.0.2.0/24 (first from there; 6 networks before)"));
    assert_eq!(networks(&world, &view).await.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_learn_the_same_network_at_once_tell_it_once() {
    let here = world().await;
    let there = here.beside().await;
    let (token, view) = learned(&here).await;
    tokio::join!(used(&here, &token, &["10.0.0.1"]), used(&there, &token, &["10.0.0.9"]));
    assert_eq!(news(&here).await.len(), 1);
    let all = [("10.0.0.0/24", false), ("192.0.2.0/24", true)];
    assert_eq!(networks(&here, &view).await, known(&all));
}

#[tokio::test]
async fn of_a_token_that_was_revoked_meanwhile_nobody_is_told() {
    let world = world().await;
    let (token, view) = learned(&world).await;
    world.verify(token.expose(), None, &request("GET", "10.0.0.1")).await;
    world.revoke("tia", &view).await;
    world.write_noted().await;
    assert_eq!(news(&world).await, [""; 0]);
    assert_eq!(networks(&world, &view).await.len(), 2, "but it was used from there");
}

#[tokio::test]
async fn what_was_learned_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("rocksdb://{}", folder.path().join("store").display());
    let folder = StoreFolder::from(folder);
    let world = world_with(|settings| settings.store = store).await;
    let (token, view) = learned(&world).await;
    let settings = world.settings.clone();
    world.desk.close().await;
    drop(world.desk);
    let desk = reopen(settings).await;
    used(&desk, &token, &["192.0.2.1"]).await;
    assert_eq!(news(&desk).await, [""; 0]);
    used(&desk, &token, &["10.0.0.1"]).await;
    assert_eq!(news(&desk).await.len(), 1);
    assert_eq!(networks(&desk, &view).await.len(), 2);
    drop(desk);
    drop(folder);
}

#[tokio::test]
async fn its_owner_says_that_it_was_them_and_nobody_else_does() {
    let world = world().await;
    let (token, view) = learned(&world).await;
    used(&world, &token, &["10.0.0.1"]).await;
    let (id, network) = (view.id.as_str(), "10.0.0.0/24");
    let says = async |netid: &str, network: &str| {
        world.recognise_network(&world.person(netid).await, id, network, &origin()).await
    };
    for other in ["sam", "helen", "ada"] {
        assert_eq!(says(other, network).await, Err(Refusal::TokenUnknown), "{other}");
    }
    assert_eq!(says("tia", "10.0.9.0/24").await, Ok(false), "it was never used from there");
    assert_eq!(says("tia", "192.0.2.0/24").await, Ok(false), "it was learned");
    assert_eq!(rows(&world, AuditAction::TokenNetworkKnown).await.len(), 0);
    assert_eq!(networks(&world, &view).await, known(&[(network, false), ("192.0.2.0/24", true)]));
    assert_eq!(says("tia", network).await, Ok(true));
    assert_eq!(says("tia", network).await, Ok(false), "once");
    let row = rows(&world, AuditAction::TokenNetworkKnown).await.remove(0);
    assert_eq!(row.detail, format!("{} Backup script: 10.0.0.0/24", view.id.short()));
    assert_eq!(row.actor.code(), "tia");
    assert_eq!(networks(&world, &view).await, known(&[(network, true), ("192.0.2.0/24", true)]));
}

#[tokio::test]
async fn the_form_that_says_it_is_done_once_and_told_so() {
    let world = world().await;
    let (token, view) = learned(&world).await;
    used(&world, &token, &["10.0.0.1"]).await;
    let cookie = world.cookie("tia").await;
    let key = FormKey::text("tia", "1");
    let says = AuditAction::TokenNetworkKnown;
    let send = async || world.sender(world.look(&cookie).await.unwrap(), &key, says).await;
    let tia = send().await.unwrap();
    world.recognise_network(&tia, view.id.as_str(), "10.0.0.0/24", &origin()).await.unwrap();
    drop(tia);
    assert_eq!(send().await.map(drop), Err(Refusal::sent_already(says)));
}

#[tokio::test]
async fn whose_session_has_ended_says_nothing() {
    let world = world().await;
    let (token, view) = learned(&world).await;
    used(&world, &token, &["10.0.0.1"]).await;
    let tia = world.person("tia").await;
    world.log_out(&tia, &origin()).await.unwrap();
    let answer = world.recognise_network(&tia, view.id.as_str(), "10.0.0.0/24", &origin()).await;
    assert_eq!(answer, Err(Refusal::SessionEnded));
    assert!(!networks(&world, &view).await[0].1);
}
