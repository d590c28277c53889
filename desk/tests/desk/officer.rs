//! The officer's evening: everybody's tokens for an administrator, a page after another, with
//! reasons, by those who may, and each question with its row in the audit.

use desk::{
    Access, AuditAction, AuditQuery, Campus, Expires, FoundToken, Moment, Networks, Permit,
    Refusal, Role, TokenFilter, TokenQuery, right,
};

use super::support::{World, empty_world_with, get, origin, request, secret, world};

async fn permit(world: &World) -> Permit<right::ReviewTokens> {
    world.admit(&world.person("ada").await, None, &origin()).await.unwrap()
}

/// All that is asked for, page by page.
async fn reviewed(world: &World, query: &TokenQuery) -> Vec<FoundToken> {
    let permit = permit(world).await;
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.review_tokens(&permit, query, &after).await.unwrap();
        all.extend(page.tokens);
        match page.next {
            Some(next) => after = next,
            None => return all,
        }
    }
}

/// `OWNER DESCRIPTION: REASONS` of each.
async fn listed(world: &World, query: &TokenQuery) -> Vec<String> {
    let line = |found: &FoundToken| {
        let why = found.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        format!("{} {}: {why}", found.owner, found.token.description)
    };
    reviewed(world, query).await.iter().map(line).collect()
}

/// Details of this action's rows, the first first.
async fn details(world: &World, outcome: &str) -> Vec<String> {
    let query = AuditQuery {
        action: AuditAction::TokenReview.code().to_owned(),
        outcome: outcome.to_owned(),
        ..AuditQuery::default()
    };
    let rows = world.console().audit(&query).await.unwrap().rows;
    rows.iter().rev().map(|row| format!("{}: {}", row.actor, row.detail)).collect()
}

#[tokio::test]
async fn who_is_no_administrator_looks_through_nobodys_and_that_is_written_down() {
    let world = world().await;
    for netid in ["guest", "tia", "rae", "helen"] {
        let visitor = world.person(netid).await;
        let refused = world.admit::<right::ReviewTokens>(&visitor, None, &origin()).await;
        assert!(matches!(refused, Err(Refusal::NotAllowed(_))), "{netid}");
    }
    assert_eq!(details(&world, "refused").await.len(), 4);
    assert!(details(&world, "done").await.is_empty());
}

#[tokio::test]
async fn full_access_that_was_only_ever_used_to_read_is_named_until_it_is_used_otherwise() {
    let world = world().await;
    let mut tokens = Vec::new();
    for description in ["never used", "only reads", "writes too", "of an application"] {
        tokens.push(world.token("tia", description).await.0);
    }
    let read_only =
        world.token_with("tia", "may only read", |new| new.access = Access::Read).await.0;
    for token in tokens[1..].iter().chain([&read_only]) {
        assert!(matches!(world.verify(token.expose(), None, &get()).await, desk::Verdict::Good(_)));
    }
    let query = TokenQuery::of([TokenFilter::FullButOnlyRead]);
    let why = format!("full access but only read since {}", world.now().date());
    let of = |descriptions: &[&str]| -> Vec<String> {
        descriptions.iter().map(|description| format!("tia {description}: {why}")).collect()
    };
    // Before it is written, and after.
    let all = of(&["only reads", "writes too", "of an application"]);
    let same = |mut found: Vec<String>, mut expected: Vec<String>| {
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    };
    same(listed(&world, &query).await, all.clone());
    world.write_noted().await;
    same(listed(&world, &query).await, all);
    let writes = request("POST", "192.0.2.7");
    world.verify(tokens[2].expose(), None, &writes).await;
    // What an application asks for, only the application knows.
    let secret_of_rt = world.console().add_client("rt").await.unwrap();
    let rt = world.client("rt", &secret(secret_of_rt.expose())).await.unwrap().unwrap();
    rt.introspect(tokens[3].expose(), None).await;
    same(listed(&world, &query).await, of(&["only reads"]));
    world.write_noted().await;
    same(listed(&world, &query).await, of(&["only reads"]));
    // That it reads again takes nothing back.
    world.verify(tokens[2].expose(), None, &get()).await;
    world.write_noted().await;
    same(listed(&world, &query).await, of(&["only reads"]));
}

#[tokio::test]
async fn each_filter_finds_its_own_and_the_rest_narrows_it() {
    let world = world().await;
    let began = world.now();
    world.token_with("ada", "ends", |new| new.expires = Expires::At(began.plus_days(10))).await;
    world
        .token_with("rae", "from here", |new| {
            new.networks = Networks::parse("192.0.2.0/24").unwrap();
        })
        .await;
    world.token("tia", "anywhere").await;
    world.set_disabled("tia", true).await;
    world.clock.advance(11 * 24 * 3600);
    let (used, _) = world.token("ada", "young").await;
    world.verify(used.expose(), None, &get()).await;
    let one = |filter: TokenFilter| TokenQuery::of([filter]);
    for (filter, expected) in [
        (TokenFilter::Expired, vec![format!("ada ends: expired {}", began.plus_days(10).date())]),
        (
            TokenFilter::NeverUsed,
            vec!["rae from here: never used".to_owned(), "tia anywhere: never used".to_owned()],
        ),
        (
            TokenFilter::FromAnywhere,
            vec!["ada young: from anywhere".to_owned(), "tia anywhere: from anywhere".to_owned()],
        ),
        (TokenFilter::OwnerDisabled, vec!["tia anywhere: owner disabled".to_owned()]),
    ] {
        assert_eq!(listed(&world, &one(filter)).await, expected, "{filter:?}");
    }
    let of_reps = TokenQuery { role: Some(Role::Rep), ..one(TokenFilter::NeverUsed) };
    assert_eq!(listed(&world, &of_reps).await, ["rae from here: never used"]);
    let older = TokenQuery { made_before: Some(began.plus_days(1)), ..TokenQuery::default() };
    assert_eq!(listed(&world, &older).await, ["rae from here: ", "tia anywhere: "]);
    let expired_of_reps = TokenQuery { role: Some(Role::Rep), ..one(TokenFilter::Expired) };
    assert!(listed(&world, &expired_of_reps).await.is_empty());
}

/// Which tokens, and when each ends, as the operator's command reads them.
async fn of_the_operator(world: &World, query: &TokenQuery) -> Vec<(String, Option<Moment>)> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let found = world.console().find_tokens(query, &after).await.unwrap();
        all.extend(found.tokens.iter().map(place));
        match found.next {
            Some(next) => after = next,
            None => return all,
        }
    }
}

fn place(found: &FoundToken) -> (String, Option<Moment>) {
    (found.token.id.to_string(), found.token.expires)
}

#[tokio::test]
async fn page_by_page_it_is_what_the_operator_reads_by_whatever_it_is_found() {
    let world = empty_world_with(|_| {}).await;
    let campus = Campus { people: 450, audit_rows: 300, seed: 3, now: world.now() };
    world.console().load_campus(&campus, |_| ()).await.unwrap();
    let soon = world.now().plus_days(120);
    let all = of_the_operator(&world, &TokenQuery::default()).await;
    assert!(all.len() > 500, "{}", all.len());
    let ending: Vec<_> =
        all.iter().filter(|(_, ends)| ends.is_some_and(|at| at <= soon)).cloned().collect();
    assert!(ending.len() > 50, "more than a page: {}", ending.len());
    // By the index of ends; and everybody's, where something else is asked for besides.
    let by_end = TokenQuery::of([TokenFilter::Expiring(120)]);
    let by_people = TokenQuery::of([TokenFilter::Expiring(120), TokenFilter::Idle(36_000)]);
    for (query, expected) in
        [(TokenQuery::default(), &all), (by_end, &ending), (by_people, &ending)]
    {
        assert_eq!(of_the_operator(&world, &query).await, *expected, "{query:?}");
        let pages = reviewed(&world, &query).await;
        assert_eq!(pages.iter().map(place).collect::<Vec<_>>(), *expected, "{query:?}");
    }
    let permit = permit(&world).await;
    let page = world.review_tokens(&permit, &TokenQuery::default(), "").await.unwrap();
    assert!(page.tokens.len() >= 50 && page.next.is_some(), "{}", page.tokens.len());
    // Nobody's is among them, and it says how far it looked.
    let nobodys = TokenQuery { made_before: Some(Moment(0)), ..TokenQuery::default() };
    let page = world.review_tokens(&permit, &nobodys, "").await.unwrap();
    assert!(page.tokens.is_empty() && page.next.is_none(), "450 people are read at once");
}

#[tokio::test]
async fn each_question_has_its_row_a_day_and_each_file_one() {
    let world = world().await;
    let (all, never) = (TokenQuery::default(), TokenQuery::of([TokenFilter::NeverUsed]));
    let permit = permit(&world).await;
    for query in [&all, &never, &all, &never] {
        world.review_tokens(&permit, query, "").await.unwrap();
    }
    for _ in 0..2 {
        world.begin_token_file(&permit, &never, "CSV").await.unwrap();
        world.tokens_for_file(&permit, &never, "").await.unwrap();
    }
    assert_eq!(
        details(&world, "done").await,
        ["ada: all that work", "ada: never used", "ada: CSV: never used", "ada: CSV: never used"]
    );
    world.clock.advance(24 * 3600);
    world.review_tokens(&permit, &all, "").await.unwrap();
    assert_eq!(details(&world, "done").await.len(), 5);
}
