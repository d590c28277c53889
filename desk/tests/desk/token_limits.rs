//! How many tokens somebody may have, how fast they make them, and how long those that are over are
//! kept.

use desk::{
    AuditQuery, AuditRow, Event, Expires, ExternalIdentity, GracePeriod, LoginContext, NetId, Push,
    Refusal, Source, TokenView, Verdict, right,
};

use super::support::{World, get, new_token, origin, secret, world_with};

async fn listed(world: &World, netid: &str) -> Vec<TokenView> {
    world.own_tokens(&world.person(netid).await).await.unwrap()
}

fn hour() -> GracePeriod {
    GracePeriod::parse("60").unwrap()
}

/// Makes tokens, all at once and by two nodes in turn where there are two; answers what became of
/// each.
async fn at_once(world: &World, netid: &str, many: u32) -> Vec<Result<(), Refusal>> {
    let permit = world.permit::<right::ManageOwnTokens>(netid, None).await.unwrap();
    let nodes = [world.desk.clone(), world.beside().await];
    let make = |n: u32| {
        let (desk, permit) = (nodes[n as usize % 2].clone(), permit.clone());
        tokio::spawn(async move {
            desk.create_token(&permit, new_token(&format!("one of many, {n}"))).await.map(drop)
        })
    };
    let made: Vec<_> = (0..many).map(make).collect();
    let mut outcomes = Vec::new();
    for one in made {
        outcomes.push(one.await.unwrap());
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_made_at_once_as_many_are_there_as_one_may_have() {
    let world = world_with(|settings| settings.tokens_per_user = 5).await;
    let outcomes = at_once(&world, "tia", 40).await;
    let refused = outcomes
        .iter()
        .filter(|outcome| **outcome == Err(Refusal::TooManyTokens { most: 5 }))
        .count();
    assert_eq!(
        (outcomes.iter().filter(|outcome| outcome.is_ok()).count(), refused),
        (5, 35),
        "{outcomes:?}"
    );
    assert_eq!(listed(&world, "tia").await.len(), 5);
    assert!(at_once(&world, "rae", 1).await[0].is_ok(), "each has their own number");
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_it_is_tried_nobody_gets_one_more_than_they_may_have() {
    let world = world_with(|settings| settings.tokens_per_user = 3).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let nodes = [world.desk.clone(), world.beside().await];
    for round in 0..100 {
        let make = |n: usize| {
            let (desk, permit) = (nodes[n % 2].clone(), permit.clone());
            tokio::spawn(async move {
                desk.create_token(&permit, new_token("one of a few")).await.map(drop)
            })
        };
        let made = futures::future::join_all((0..6).map(make)).await;
        let made = made.into_iter().filter(|made| made.as_ref().unwrap().is_ok()).count();
        assert_eq!(made, 3, "round {round}");
        assert_eq!(world.revoke_all_tokens(&permit).await, Ok(3), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_renewed_at_once_none_goes_over_what_one_may_have() {
    let world = world_with(|settings| settings.tokens_per_user = 8).await;
    at_once(&world, "tia", 6).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let renew = |token: TokenView| {
        let (desk, permit) = (world.desk.clone(), permit.clone());
        tokio::spawn(
            async move { desk.renew_token(&permit, token.id.as_str(), hour()).await.map(drop) },
        )
    };
    let renewed: Vec<_> = listed(&world, "tia").await.into_iter().map(renew).collect();
    let mut done = 0;
    for one in renewed {
        match one.await.unwrap() {
            Ok(()) => done += 1,
            Err(refusal) => assert_eq!(refusal, Refusal::TooManyTokens { most: 8 }),
        }
    }
    assert_eq!(done, 2);
    assert_eq!(
        listed(&world, "tia").await.iter().filter(|token| token.is_live(world.now())).count(),
        8
    );
}

#[tokio::test]
async fn who_has_more_than_one_may_have_by_now_can_still_renew_in_place() {
    let world = world_with(|settings| settings.tokens_per_user = 1).await;
    let (_, view) = world.token("tia", "only").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert_eq!(
        world.renew_token(&permit, view.id.as_str(), hour()).await.unwrap_err(),
        Refusal::TooManyTokens { most: 1 }
    );
    world.renew_token(&permit, view.id.as_str(), GracePeriod::NONE).await.unwrap();
}

#[tokio::test]
async fn tokens_come_back_only_where_there_is_room_for_all_of_them() {
    let world =
        world_with(|settings| (settings.tokens_per_user, settings.is_pushed_to) = (2, true)).await;
    let pia = NetId::parse("pia").unwrap();
    let push = |active| Push {
        name: None,
        name_parts: None,
        email: None,
        external_id: None,
        active: Some(active),
    };
    world.source(desk::source::Scim).push_new(&pia, &push(true), &origin()).await.unwrap();
    let own = secret("a password of pia's own");
    let give = async || {
        let permit = world.console().permit::<right::SetLocalPassword>("pia").await.unwrap();
        world.console().set_local_password(&permit, &own, &own, true).await.unwrap();
    };
    let manage = async || {
        let who = ExternalIdentity {
            netid: "pia".to_owned(),
            name: None,
            email: None,
            groups: None,
            id: None,
        };
        let (cookie, _) = world
            .log_in_vouched(&who, Source::Oidc, &LoginContext::default(), &origin())
            .await
            .unwrap();
        let visitor = world.look(&cookie).await.unwrap();
        world
            .authorise::<right::ManageOwnTokens>(&visitor, None, Some(&own), &origin())
            .await
            .unwrap()
    };
    give().await;
    let permit = manage().await;
    for description in ["one", "two"] {
        world.create_token(&permit, new_token(description)).await.unwrap();
    }
    world.source(desk::source::Scim).push(&pia, &push(false), &origin()).await.unwrap();
    world.source(desk::source::Scim).push(&pia, &push(true), &origin()).await.unwrap();
    give().await;
    let (_, made) = world.create_token(&manage().await, new_token("new")).await.unwrap();
    let restoring = world.permit::<right::SetDisabled>("ada", Some("pia")).await.unwrap();
    assert_eq!(world.restore_tokens(&restoring).await, Err(Refusal::TooManyTokens { most: 2 }));
    world.revoke_token(&manage().await, made.id.as_str()).await.unwrap();
    assert_eq!(world.restore_tokens(&restoring).await, Ok(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_more_than_so_many_a_minute() {
    let world = world_with(|settings| settings.tokens_per_minute = 20).await;
    let outcomes = at_once(&world, "tia", 30).await;
    let refused =
        outcomes.iter().filter(|outcome| **outcome == Err(Refusal::TokensTooFast)).count();
    assert_eq!(
        (outcomes.iter().filter(|outcome| outcome.is_ok()).count(), refused),
        (20, 10),
        "{outcomes:?}"
    );
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let id = listed(&world, "tia").await[0].id.clone();
    world.revoke_token(&permit, listed(&world, "tia").await[1].id.as_str()).await.unwrap();
    for grace in [hour(), GracePeriod::NONE] {
        assert_eq!(
            world.renew_token(&permit, id.as_str(), grace).await.unwrap_err(),
            Refusal::TokensTooFast,
            "renewing is making"
        );
    }
    assert!(at_once(&world, "rae", 1).await[0].is_ok(), "each has their own minute");
    world.clock.advance(59);
    assert_eq!(at_once(&world, "tia", 1).await, [Err(Refusal::TokensTooFast)]);
    world.clock.advance(1);
    assert_eq!(at_once(&world, "tia", 20).await, vec![Ok(()); 20]);
    assert_eq!(at_once(&world, "tia", 1).await, [Err(Refusal::TokensTooFast)]);
}

#[tokio::test]
async fn the_list_holds_all_that_work_and_of_the_rest_the_latest() {
    let world = world_with(|settings| settings.tokens_per_user = 3).await;
    let (_, first) = world.token("tia", "first").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let (_, mut last) = world.create_token(&permit, new_token("renewed")).await.unwrap();
    for _ in 0..205 {
        last = world.renew_token(&permit, last.id.as_str(), GracePeriod::NONE).await.unwrap().1;
    }
    let tokens = listed(&world, "tia").await;
    assert_eq!(tokens.len(), 2 + 3 + 200);
    assert!(
        tokens.iter().any(|token| token.id == first.id)
            && tokens.iter().any(|token| token.id == last.id)
    );
    assert!(tokens.is_sorted_by(|one, other| one.created >= other.created), "newest first");
}

async fn cleanups(world: &World, netid: &str) -> Vec<AuditRow> {
    let query = AuditQuery {
        subject: netid.to_owned(),
        action: "token.sweep".to_owned(),
        ..AuditQuery::default()
    };
    world.console().audit(&query).await.unwrap().rows
}

#[tokio::test]
async fn what_ended_long_ago_goes_out_of_the_store_into_the_audit() {
    let world = world_with(|_| {}).await;
    let soon = Expires::At(world.now().plus_days(1));
    let (expired, old) =
        world.token_with("tia", &"long ".repeat(50), |new| new.expires = soon).await;
    let (kept, _) = world.token("tia", "kept").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    for n in 0..30 {
        let (_, view) =
            world.create_token(&permit, new_token(&format!("number {n}"))).await.unwrap();
        world.revoke_token(&permit, view.id.as_str()).await.unwrap();
    }
    let (_, of_rae) = world.token_with("rae", "rae's", |new| new.expires = soon).await;
    world.clock.advance(90 * 86_400);
    assert_eq!(
        world.console().clean_up_tokens().await,
        Ok(30),
        "those that were revoked a day before the others expired"
    );
    assert_eq!(world.verify(expired.expose(), None, &get()).await, Verdict::Refused("expired"));
    assert_eq!(listed(&world, "tia").await.len(), 2, "one is over since 89 days");
    world.clock.advance(86_400);
    let mut changes = world.changes();
    assert_eq!(world.console().clean_up_tokens().await, Ok(2));
    let hear = async { while changes.recv().await.unwrap() != Event::Tokens("tia".into()) {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), hear)
        .await
        .expect("open pages hear of it");
    assert_eq!(world.console().clean_up_tokens().await, Ok(0));
    assert_eq!(world.verify(expired.expose(), None, &get()).await, Verdict::Refused("unknown"));
    assert!(matches!(world.verify(kept.expose(), None, &get()).await, Verdict::Good(_)));
    assert_eq!(listed(&world, "tia").await.len(), 1);

    let rows = cleanups(&world, "tia").await;
    assert_eq!(rows.iter().map(|row| row.actor.code()).collect::<Vec<_>>(), ["(desk)"; 3]);
    assert!(
        rows[0].detail.starts_with(&format!(
            "1 token ended more than 90 days ago: {} long long",
            old.id.short()
        )),
        "{}",
        rows[0].detail
    );
    assert!(rows[0].detail.ends_with('…') && rows[0].detail.len() < 200, "{}", rows[0].detail);
    let details = format!("{} {}", rows[1].detail, rows[2].detail);
    for n in 0..30 {
        assert!(details.contains(&format!("number {n}")), "{details}");
    }
    assert!(cleanups(&world, "rae").await[0].detail.contains(of_rae.id.short()));
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_clean_up_at_once_write_of_each_token_once() {
    let world = world_with(|_| {}).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    for n in 0..30 {
        world.create_token(&permit, new_token(&format!("one of many, {n}"))).await.unwrap();
    }
    assert_eq!(world.revoke_all_tokens(&permit).await, Ok(30));
    world.clock.advance(91 * 86_400);
    let clean_up = || {
        let desk = world.desk.clone();
        tokio::spawn(async move { desk.console().clean_up_tokens().await.unwrap() })
    };
    let (one, other) = (clean_up(), clean_up());
    let removed = one.await.unwrap()
        + other.await.unwrap()
        + world.console().clean_up_tokens().await.unwrap();
    assert_eq!(removed, 30);
    let reported: Vec<String> =
        cleanups(&world, "tia").await.into_iter().map(|row| row.detail).collect();
    assert_eq!(
        reported.iter().map(|detail| detail.matches("one of many").count()).sum::<usize>(),
        30,
        "{reported:?}"
    );
}
