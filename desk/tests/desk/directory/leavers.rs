//! An identity system takes away no more people in an hour than it may.

use desk::{LeaverLimit, Loss, NetId, PushError, Source};

use super::{active, page, rows};
use crate::support::{World, empty_world_with, origin};

fn netid(n: u32) -> NetId {
    NetId::parse(&format!("kim{n}")).unwrap()
}

async fn pushed(people: u32, limit: LeaverLimit) -> World {
    let world = empty_world_with(|settings| {
        (settings.is_pushed_to, settings.scim_max_leavers_per_hour) = (true, limit);
    })
    .await;
    for n in 0..people {
        world
            .source(desk::source::Scim)
            .push_new(&netid(n), &active(true), &origin())
            .await
            .unwrap();
    }
    world
}

async fn leaves(desk: &desk::Desk, n: u32) -> Result<(), PushError> {
    let scim = desk.source(desk::source::Scim);
    // By either word.
    if n.is_multiple_of(2) {
        scim.push(&netid(n), &active(false), &origin()).await.map(drop)
    } else {
        scim.push_out(&netid(n), &origin()).await
    }
}

fn too_many(n: u32, seconds: u32, most: u64) -> Result<(), PushError> {
    Err(PushError::TooManyLeaving { netid: netid(n), loss: Loss::Account, seconds, most })
}

#[tokio::test]
async fn so_many_leave_in_an_hour_and_the_others_later() {
    let world = pushed(8, LeaverLimit::People(3)).await;
    for n in 0..3 {
        leaves(&world, n).await.unwrap();
    }
    world.clock.advance(1800);
    for n in [3, 4] {
        assert_eq!(leaves(&world, n).await, too_many(n, 1801, 3));
        assert!(!page(&world, &format!("kim{n}")).await.user.disabled);
        assert!(
            rows(&world, &format!("kim{n}")).await.iter().all(|row| !row.contains("user.left"))
        );
    }
    assert!(
        rows(&world, "")
            .await
            .contains(&"(scim) user.left refused more than 3 in an hour".to_owned())
    );
    // Everything else goes on: who is gone already loses nothing more, and who comes comes.
    world.source(desk::source::Scim).push_out(&netid(0), &origin()).await.unwrap();
    world.source(desk::source::Scim).push(&netid(2), &active(true), &origin()).await.unwrap();
    world.clock.advance(1800);
    for n in 3..6 {
        leaves(&world, n).await.unwrap();
    }
    assert_eq!(leaves(&world, 6).await, too_many(6, 3601, 3));
}

#[tokio::test]
async fn of_few_people_a_share_is_ten() {
    let world = pushed(12, LeaverLimit::default()).await;
    for n in 0..10 {
        leaves(&world, n).await.unwrap();
    }
    assert_eq!(leaves(&world, 10).await, too_many(10, 3601, 10));
    let everybody = pushed(15, LeaverLimit::Percent(100.0)).await;
    for n in 0..15 {
        leaves(&everybody, n).await.unwrap();
    }
    let nobody = pushed(1, LeaverLimit::People(0)).await;
    assert_eq!(leaves(&nobody, 0).await, too_many(0, 3601, 0));
}

#[tokio::test]
async fn whoever_makes_people_up_first_takes_no_more_of_the_others_away() {
    let half = LeaverLimit::Percent(50.0);
    let world = pushed(30, half).await;
    world.clock.advance(25 * 3600);
    let scim = world.source(desk::source::Scim);
    for n in 100..300 {
        scim.push_new(&netid(n), &active(true), &origin()).await.unwrap();
    }
    // Neither at once nor after an hour.
    let mut left = 0;
    for hours in 1..=2 {
        while left < 30 && leaves(&world, left).await.is_ok() {
            left += 1;
        }
        assert!((15..=15 * hours).contains(&left) && left < 30, "{left} in {hours} hours");
        world.clock.advance(3601);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_count_together_and_a_burst_gets_no_further() {
    let world = pushed(20, LeaverLimit::People(5)).await;
    let nodes = [world.desk.clone(), world.beside().await];
    let all = (0..20_u32).map(|n| {
        let desk = nodes[n as usize % 2].clone();
        tokio::spawn(async move { leaves(&desk, n).await.is_ok() })
    });
    let left = futures::future::join_all(all)
        .await
        .into_iter()
        .filter(|left| *left.as_ref().unwrap())
        .count();
    assert_eq!(left, 5);
}

#[tokio::test]
async fn one_who_goes_again_and_again_is_one_and_whoever_is_brought_back_is_none() {
    let world = pushed(4, LeaverLimit::People(1)).await;
    let scim = world.source(desk::source::Scim);
    let since = world.now();
    for _ in 0..3 {
        leaves(&world, 0).await.unwrap();
        scim.push(&netid(0), &active(true), &origin()).await.unwrap();
    }
    assert_eq!(leaves(&world, 1).await, too_many(1, 3601, 1));
    leaves(&world, 0).await.unwrap();
    assert_eq!(world.console().bring_back(Source::Scim, since, false).await.unwrap().len(), 1);
    leaves(&world, 1).await.unwrap();
    assert_eq!(leaves(&world, 0).await, too_many(0, 3601, 1), "counted anew");
    // The next hour begins with nobody.
    world.clock.advance(3601);
    leaves(&world, 0).await.unwrap();
    assert_eq!(leaves(&world, 2).await, too_many(2, 3601, 1));
}
