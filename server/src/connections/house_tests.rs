//! Who goes first, who may come, and for whom the last places are.

use futures::FutureExt;

use super::*;

fn place(peer: &str, is_proxy: bool, doing: Doing) -> Arc<Place> {
    let place = Place::new(peer.parse().expect("an address"), is_proxy, false);
    place.set(doing);
    Arc::new(place)
}

fn peers(waiting: &[Arc<Place>], many: usize) -> Vec<(String, Doing)> {
    who_goes(waiting, many, Duration::ZERO)
        .map(|place| (place.peer.to_string(), place.doing().0))
        .collect()
}

#[test]
fn whoever_has_the_most_goes_first_and_a_head_that_does_not_come_before_an_idle_one() {
    let mut waiting: Vec<_> = (0..10).map(|_| place("203.0.113.7", false, Doing::Head)).collect();
    waiting.push(place("192.0.2.1", false, Doing::Head));
    waiting.push(place("203.0.113.7", false, Doing::Idle));
    waiting.push(place("203.0.113.7", false, Doing::Theirs));
    waiting.extend((0..50).map(|_| place("10.0.0.1", true, Doing::Idle)));
    let going = peers(&waiting, 10);
    assert_eq!(going, vec![("203.0.113.7".to_owned(), Doing::Head); 10]);
    assert_eq!(peers(&waiting, 11)[10].1, Doing::Theirs);
}

#[test]
fn all_of_an_ipv6_network_are_one_and_proxies_go_when_nobody_else_is_there() {
    let mut waiting: Vec<_> =
        (0..5).map(|n| place(&format!("2001:db8:1:{n}::1"), false, Doing::Head)).collect();
    waiting.extend((0..3).map(|_| place("192.0.2.1", false, Doing::Idle)));
    assert!(peers(&waiting, 2).iter().all(|(peer, _)| peer.starts_with("2001:")));
    let proxies: Vec<_> = (0..3).map(|_| place("10.0.0.1", true, Doing::Idle)).collect();
    assert_eq!(peers(&proxies, 1).len(), 1);
    assert!(peers(&[], 1).is_empty());
}

#[test]
fn a_page_that_listens_goes_after_what_is_idle_and_before_what_has_just_begun() {
    let waiting = [Doing::Listening, Doing::Head, Doing::Idle, Doing::Listening]
        .map(|doing| place("192.0.2.1", false, doing));
    let going: Vec<Doing> =
        who_goes(&waiting, 4, Duration::from_hours(1)).map(|place| place.doing().0).collect();
    assert_eq!(going, [Doing::Idle, Doing::Listening, Doing::Listening, Doing::Head]);
}

#[test]
fn where_room_is_wanted_again_and_again_more_is_made() {
    let (mut made, began) = (MadeRoom::default(), Instant::now());
    let mut made_at = |millis| made.again(began + Duration::from_millis(millis));
    assert_eq!(
        [0, 24, 25, 49, 50, 75, 100, 125, 150].map(&mut made_at),
        [Some(0), None, Some(1), None, Some(2), Some(3), Some(4), Some(4), Some(4)]
    );
    assert_eq!(made_at(250), Some(0), "there was enough");
}

#[tokio::test]
async fn few_wait_for_room_in_the_general_share_and_the_others_are_answered_at_once() {
    let reserved = ReservedPaths::among(Vec::new(), "".into());
    let house = House::new(Limits { most: 128, ..Limits::default() }, reserved);
    let peer: IpAddr = [192, 0, 2, 1].into();
    let there: Vec<Stay> = (0..128).map(|_| house.take_in(peer, false)).collect();
    for stay in &there {
        stay.place.set(Doing::Busy);
    }
    let hour = Duration::from_hours(1);
    let beyond = &there[112..];
    let mut waiting: Vec<_> =
        beyond.iter().map(|stay| Box::pin(stay.has_general_room(hour))).collect();
    let at_once: Vec<_> = waiting.iter_mut().map(FutureExt::now_or_never).collect();
    assert_eq!(at_once.iter().filter(|answer| answer.is_none()).count(), 2, "two in 128 wait");
    assert!(at_once.iter().flatten().all(|room| !room));
    assert!(there[0].has_general_room(hour).await, "one of the general share");
}

#[test]
fn of_many_who_have_one_each_the_head_that_does_not_come_goes_first() {
    for n in 0..32 {
        let mut waiting: Vec<_> =
            (0..32).map(|n| place(&format!("192.0.2.{n}"), false, Doing::Idle)).collect();
        waiting.insert(n, place("203.0.113.7", false, Doing::Head));
        assert_eq!(peers(&waiting, 1), [("203.0.113.7".to_owned(), Doing::Head)]);
    }
}

#[test]
fn what_moves_is_noted_and_a_head_gains_no_time_by_coming_slowly() {
    let none = Duration::ZERO;
    let limits =
        Limits { most: 10, each: 10, head: none, idle: Duration::MAX, stalled: Duration::MAX };
    let place = place("192.0.2.1", false, Doing::Idle);
    assert!(!place.is_over(&limits));
    place.moved(false);
    assert_eq!(place.doing().0, Doing::Idle, "what is left of an answer");
    place.moved(true);
    assert_eq!(place.doing().0, Doing::Head);
    assert!(place.is_over(&limits));
    place.set(Doing::Busy);
    place.moved(true);
    assert_eq!(place.doing().0, Doing::Busy);
    place.stalls();
    assert!(place.doing().0.is_waiting() && place.doing().0.has_request());
    place.listens();
    assert_eq!(place.doing().0, Doing::Theirs, "what it was told before is not taken");
    place.moved(false);
    assert_eq!(place.doing().0, Doing::Busy);
    place.listens();
    assert!(place.doing().0.is_waiting() && place.doing().0.has_request());
    place.moved(false);
    assert_eq!(place.doing().0, Doing::Busy);
    assert!(!place.is_over(&limits) && place.is_over(&Limits { stalled: none, ..limits }));
}

#[test]
fn the_last_places_are_for_verify_for_as_long_as_the_others_are_taken() {
    let reserved = ReservedPaths::among(Vec::new(), "".into());
    let house = House::new(Limits { most: 16, ..Limits::default() }, reserved);
    let peer: IpAddr = [192, 0, 2, 1].into();
    let mut there: Vec<Stay> = (0..14).map(|_| house.take_in(peer, false)).collect();
    assert!(there.iter().all(|stay| !stay.is_for_verify()));
    let beyond = house.take_in(peer, false);
    assert!(beyond.is_for_verify());
    there.pop();
    assert!(!beyond.is_for_verify());
    there.push(house.take_in(peer, false));
    assert!(beyond.is_for_verify() && there.last().is_some_and(Stay::is_for_verify));
    drop((there, beyond));
    assert_eq!((house.count(), house.places().len()), (0, 0));
}

#[test]
fn whoever_is_refused_for_their_share_costs_a_look_at_all_only_now_and_then() {
    let reserved = ReservedPaths::among(Vec::new(), "".into());
    let house = House::new(Limits { each: 16, ..Limits::default() }, reserved);
    let (peer, now): (IpAddr, _) = ([192, 0, 2, 1].into(), Instant::now());
    let there: Vec<Stay> = (0..16).map(|_| house.take_in(peer, false)).collect();
    let all_do = |doing| {
        for stay in &there {
            stay.place.set(doing);
        }
    };
    all_do(Doing::Busy);
    assert!(house.come_in(peer, false, now).is_none(), "all of them are answered");
    all_do(Doing::Idle);
    let going = || there.iter().filter(|stay| stay.place.is_going()).count();
    assert!((0..100).all(|_| house.come_in(peer, false, now).is_none()) && going() == 0);
    assert!(house.come_in(peer, false, now + LOOK_AGAIN).is_none(), "they are there still");
    assert_eq!(going(), 5, "so many as are beyond two thirds");
    assert!(house.come_in(peer, true, now).is_some(), "a trusted proxy's");
    assert!(house.come_in([192, 0, 2, 2].into(), false, now).is_some(), "another address");
}

#[tokio::test]
async fn some_wait_until_those_have_gone_that_were_told_to_and_the_others_are_not_taken() {
    let reserved = ReservedPaths::among(Vec::new(), "".into());
    let house = House::new(Limits { each: 16, ..Limits::default() }, reserved);
    let peer: IpAddr = [192, 0, 2, 1].into();
    let mut there: Vec<Stay> = (0..16).map(|_| house.take_in(peer, false)).collect();
    let mut turns: Vec<_> = (0..WAITING).map_while(|_| house.may_wait()).collect();
    assert!(turns.len() == WAITING && house.may_wait().is_none());
    let turn = turns.pop().expect("one");
    let waiting = house.room_within_share(peer, turn);
    there.truncate(15);
    assert!(waiting.await.is_some());
    assert!(house.may_wait().is_some(), "it waits no more");
}
