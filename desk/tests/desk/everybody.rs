//! Everybody's tokens for whoever looks after them all: in order, with reasons, a page after
//! another, and with a row in the audit.

use desk::{
    AuditAction, AuditQuery, Console, Expires, FoundToken, NetId, Refusal, TokenFilter, TokenQuery,
    right,
};

use super::looks::reads_of;
use super::support::{World, get, new_token, origin, secret, world_with};

async fn found(console: &Console, query: &TokenQuery) -> Vec<FoundToken> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = console.find_tokens(query, &after).await.unwrap();
        all.extend(page.tokens);
        match page.next {
            Some(next) => after = next,
            None => return all,
        }
    }
}

/// `OWNER DESCRIPTION: REASONS` of each.
async fn listed(world: &World, query: &TokenQuery) -> Vec<String> {
    let why = |token: &FoundToken| {
        token.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let line =
        |token: &FoundToken| format!("{} {}: {}", token.owner, token.token.description, why(token));
    found(&world.console(), query).await.iter().map(line).collect()
}

/// Tokens of tia and of rae, two of them used today, a hundred days after they were made.
async fn a_hundred_days_on() -> World {
    let world = world_with(|_| {}).await;
    let ends = |days: i64| Expires::At(world.now().plus_days(days));
    world.token("rae", "a spare one").await;
    world.token_with("tia", "nightly", |new| new.expires = ends(110)).await;
    let (used, _) = world.token_with("tia", "weekly", |new| new.expires = ends(300)).await;
    world.token_with("tia", "over by then", |new| new.expires = ends(50)).await;
    let (_, revoked) = world.token("tia", "revoked").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.revoke_token(&permit, revoked.id.as_str()).await.unwrap();
    world.clock.advance(100 * 24 * 3600);
    assert!(matches!(world.verify(used.expose(), None, &get()).await, desk::Verdict::Good(_)));
    world.write_noted().await;
    world
}

#[tokio::test]
async fn those_that_fit_any_of_what_is_asked_for_are_named_with_why_in_one_order() {
    let world = a_hundred_days_on().await;
    let made = world.now().plus_days(-100);
    let nightly = format!("expires {}", made.plus_days(110).date());
    assert_eq!(
        listed(&world, &TokenQuery::default()).await,
        ["rae a spare one: ", "tia nightly: ", "tia weekly: "]
    );
    let soon = TokenQuery::of([TokenFilter::Expiring(14)]);
    assert_eq!(listed(&world, &soon).await, [format!("tia nightly: {nightly}")]);
    let idle = TokenQuery::of([TokenFilter::Expiring(14), TokenFilter::Idle(90)]);
    assert_eq!(
        listed(&world, &idle).await,
        ["rae a spare one: never used".to_owned(), format!("tia nightly: {nightly}, never used")]
    );
    let forever = TokenQuery::of([TokenFilter::NeverExpires, TokenFilter::Full]);
    let never = [
        "rae a spare one: never expires, full access",
        "tia nightly: full access",
        "tia weekly: full access",
    ];
    assert_eq!(listed(&world, &forever).await, never);
    let of_rae = TokenQuery { owner: Some(NetId::parse("rae").unwrap()), ..forever };
    assert_eq!(listed(&world, &of_rae).await, never[..1]);
}

#[tokio::test]
async fn of_more_people_than_are_read_at_once_nobody_is_left_out() {
    let world = world_with(|_| {}).await;
    let own = secret("seven otters cross the weir");
    let person = |n: usize| desk::ImportUser {
        netid: NetId::parse(&format!("p{n:03}")).unwrap(),
        name: Some(format!("Person {n}")),
        email: None,
        role: None,
        privileged: Some(true),
        disabled: None,
        password: Some(secret("p-netid-password")),
    };
    world.console().import_users(&(0..210).map(person).collect::<Vec<_>>()).await.unwrap();
    for netid in ["tia", "ada"] {
        world.token(netid, "one").await;
    }
    let who = |n: usize| format!("p{n:03}");
    for n in [0, 199, 200, 201, 209] {
        let console = world.console();
        console
            .set_local_password(&console.permit(&who(n)).await.unwrap(), &own, &own, true)
            .await
            .unwrap();
        let (cookie, _) =
            world.log_in(&who(n), &secret("p-netid-password"), &origin()).await.unwrap();
        let permit = world
            .authorise(&world.look(&cookie).await.unwrap(), None, Some(&own), &origin())
            .await
            .unwrap();
        world.create_token(&permit, new_token("one")).await.unwrap();
    }
    let owners: Vec<String> = found(&world.console(), &TokenQuery::default())
        .await
        .iter()
        .map(|token| token.owner.to_string())
        .collect();
    assert_eq!(owners, ["ada", "p000", "p199", "p200", "p201", "p209", "tia"]);
}

#[tokio::test]
async fn each_look_has_its_row_which_whoever_was_looked_at_reads_too() {
    let world = a_hundred_days_on().await;
    let all = TokenQuery::of([TokenFilter::Expiring(14), TokenFilter::Idle(90)]);
    let of_tia = TokenQuery { owner: Some(NetId::parse("tia").unwrap()), ..TokenQuery::default() };
    for query in [&all, &of_tia, &all] {
        world.console().begin_finding_tokens(query).await.unwrap();
    }
    let rows = async |action: AuditAction| {
        let filter = AuditQuery { action: action.code().to_owned(), ..AuditQuery::default() };
        let rows = world.console().audit(&filter).await.unwrap().rows;
        rows.iter()
            .map(|row| format!("{} {}: {}", row.actor, row.subject, row.detail))
            .collect::<Vec<_>>()
    };
    let everybodys = "(console) : expiring within 14 days, not used for 90 days";
    assert_eq!(rows(AuditAction::TokenReview).await, [everybodys, everybodys]);
    assert_eq!(rows(AuditAction::TokenSee).await, ["(console) tia: all that work"]);
    assert!(reads_of(&world, "tia", AuditAction::TokenSee).await);
    let nobodys =
        TokenQuery { owner: Some(NetId::parse("nobody").unwrap()), ..TokenQuery::default() };
    assert_eq!(world.console().begin_finding_tokens(&nobodys).await, Err(Refusal::UserUnknown));
}
