//! Tokens are restored to whom they were of, and to nobody who got the NetID since.

use desk::{ExternalIdentity, LeaverLimit, Refusal, right};

use super::binding::oidc;
use super::{page, person, rows, sync, token, works, world};
use crate::support::World;

async fn restored(world: &World) -> Result<u32, Refusal> {
    world.restore_tokens(&world.console().permit::<right::SetDisabled>("pia").await.unwrap()).await
}

async fn restored_as_same(world: &World) -> Result<u32, Refusal> {
    let permit = world.console().permit::<right::SetDisabled>("pia").await.unwrap();
    world.console().restore_tokens_of_same_person(&permit).await
}

/// The directory without them, and with somebody by that NetID again.
async fn replaced_by(world: &World, list: &super::List, pia: ExternalIdentity) {
    for there in [vec![], vec![pia]] {
        let all = [person("nora", &[]), person("otto", &[])].into_iter().chain(there);
        list.set(&all.collect::<Vec<_>>());
        sync(world, LeaverLimit::default()).await.unwrap();
    }
}

fn entry(id: &str) -> ExternalIdentity {
    ExternalIdentity { id: Some(id.to_owned()), ..person("pia", &[]) }
}

#[tokio::test]
async fn of_another_name_they_are_somebody_elses() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let old = token(&world, "pia").await;
    let other = ExternalIdentity { name: Some("Pia Another".to_owned()), ..person("pia", &[]) };
    replaced_by(&world, &list, other).await;
    let then = "pia of the campus (pia@example.edu)".to_owned();
    let refused = Refusal::TokensOfAnother {
        netid: "pia".to_owned(),
        then: then.clone(),
        now: "Pia Another (pia@example.edu)".to_owned(),
    };
    assert_eq!(restored(&world).await, Err(refused));
    assert_eq!(rows(&world, "pia").await[0], "(console) token.restore refused tokens-of-another");
    assert!(!works(&world, &old).await);
    assert_eq!(
        page(&world, "pia").await.former.unwrap().split(", until ").next().unwrap(),
        then,
        "the page shows who it was"
    );
    // An administrator on the page is refused alike.
    let ada = world.permit::<right::SetDisabled>("ada", Some("pia")).await.unwrap();
    assert!(matches!(world.restore_tokens(&ada).await, Err(Refusal::TokensOfAnother { .. })));
    assert_eq!(restored_as_same(&world).await, Ok(1));
    assert_eq!(
        rows(&world, "pia").await[0],
        "(console) token.restore done 1 token, said to be the same person’s"
    );
    assert!(works(&world, &old).await);
}

#[tokio::test]
async fn by_what_is_never_given_away_again_a_name_does_not_matter() {
    for (then, now, another) in [("1", "1", false), ("1", "2", true)] {
        let (world, list) = world().await;
        let all = |pia| list.set(&[person("nora", &[]), person("otto", &[]), pia]);
        all(entry(then));
        sync(&world, LeaverLimit::default()).await.unwrap();
        let old = token(&world, "pia").await;
        // The same name all along where it is another; another name where it is the same.
        let name = if another { "pia of the campus" } else { "Pia Married" };
        replaced_by(&world, &list, ExternalIdentity { name: Some(name.to_owned()), ..entry(now) })
            .await;
        assert_eq!(restored(&world).await.is_err(), another, "{then} {now}");
        assert_eq!(works(&world, &old).await, !another, "{then} {now}");
    }
}

#[tokio::test]
async fn so_does_what_the_campus_log_in_calls_them() {
    for (now, another) in [("pia-1", false), ("pia-2", true)] {
        let (world, list) = world().await;
        sync(&world, LeaverLimit::default()).await.unwrap();
        let _ = token(&world, "pia").await;
        oidc(&world, "pia", "pia-1").await.unwrap();
        replaced_by(&world, &list, person("pia", &[])).await;
        oidc(&world, "pia", now).await.unwrap();
        assert_eq!(restored(&world).await.is_err(), another, "{now}");
    }
}

#[tokio::test]
async fn what_was_the_one_befores_stays_so_when_the_next_one_has_been_away() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let of_the_first = token(&world, "pia").await;
    let second = || ExternalIdentity { name: Some("Pia Another".to_owned()), ..person("pia", &[]) };
    replaced_by(&world, &list, second()).await;
    world.clock.advance(60);
    let of_the_second = token(&world, "pia").await;
    world.clock.advance(60);
    replaced_by(&world, &list, second()).await;
    assert_eq!(restored(&world).await, Ok(1));
    assert!(works(&world, &of_the_second).await && !works(&world, &of_the_first).await);
    assert_eq!(restored(&world).await, Ok(0));
}

#[tokio::test]
async fn an_entry_that_is_made_anew_while_nobody_looked_is_noted() {
    let (world, list) = world().await;
    list.set(&[entry("1"), person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    let log = rows(&world, "pia").await.len();
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!(rows(&world, "pia").await.len(), log, "where nothing differs nothing is written");
    list.set(&[entry("2"), person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!(rows(&world, "pia").await.len(), log + 1);
    assert_eq!(page(&world, "pia").await.holder.unwrap().split("entry ").nth(1), Some("2)"));
}
