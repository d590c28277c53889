//! Everybody's tokens for an administrator: the page, its file, and nobody else.

use desk::{Access, AuditQuery, Expires};

use crate::support::{Request, World, world};

/// A token that ends soon and was only read with, and one of rae's that nobody uses.
async fn with_tokens() -> World {
    let world = world().await;
    let soon = Expires::At(world.desk.now().plus_days(10));
    let (token, _) = world
        .token_with("tia", "=cmd|calc <b>", |new| {
            new.expires = soon;
            new.access = Access::Full;
        })
        .await;
    let verify = Request::get("/auth/verify")
        .header("x-original-method", "GET")
        .header("authorization", &format!("token {}", token.expose()));
    assert_eq!(world.send(verify).await.status, 200);
    world.token("rae", "a spare one").await;
    world
}

async fn page(world: &World, cookie: &desk::Cookie, query: &str) -> String {
    let request = Request::get(&format!("/admin/tokens{query}")).page().cookie(cookie);
    let answer = world.send(request).await;
    assert_eq!(answer.status, 200, "{query}");
    answer.text()
}

/// `ACTOR: DETAIL` of each look, the first first.
async fn looks(world: &World, outcome: &str) -> Vec<String> {
    let query = AuditQuery {
        action: "token.review".to_owned(),
        outcome: outcome.to_owned(),
        ..AuditQuery::default()
    };
    let rows = world.desk.console().audit(&query).await.unwrap().rows;
    rows.iter().rev().map(|row| format!("{}: {}", row.actor, row.detail)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_whose_and_why_by_what_the_address_asks_for() {
    let world = with_tokens().await;
    let ada = world.log_in("ada").await;
    let all = page(&world, &ada, "").await;
    for seen in ["href=\"/admin/users/tia\"", "=cmd|calc &lt;b&gt;", "a spare one"] {
        assert!(all.contains(seen), "{seen}");
    }
    assert!(!all.contains("latchkey_"), "never a secret");
    assert!(all.contains("2 tokens: all that fit."), "{all}");
    assert!(!all.contains(">Why<") && !all.contains("data-label=\"Why\""), "{all}");
    assert!(!all.contains("“Why” says which."), "there is no such column: {all}");
    let soon = page(&world, &ada, "?expiring=14&only_read=1").await;
    assert!(soon.contains("Ends in 10 days. Full access, has only read since"), "{soon}");
    assert!(!soon.contains("a spare one"), "{soon}");
    assert!(soon.contains(">Why<") && soon.contains("1 token: all that fit."), "{soon}");
    assert!(soon.contains("“Why” says which."), "{soon}");
    for kept in ["value=\"14\"", "href=\"/admin/tokens.csv?expiring=14&amp;only_read=1\""] {
        assert!(soon.contains(kept) || soon.contains(&kept.replace("&amp;", "&")), "{kept}");
    }
    let never = page(&world, &ada, "?never_used=1").await;
    assert!(never.contains("Never used") && never.contains("a spare one"), "{never}");
    assert!(!never.contains("=cmd"), "{never}");
    let none = page(&world, &ada, "?never_used=1&role=admin").await;
    assert!(none.contains("No tokens fit.") && !none.contains("all that fit"), "{none}");
    assert!(!none.contains("“Why” says which."), "{none}");
    assert_eq!(
        looks(&world, "done").await,
        [
            "ada: all that work",
            "ada: expiring within 14 days, full access but only read",
            "ada: never used",
            "ada: never used, of admin",
        ]
    );
    let later = page(&world, &ada, "?never_used=1&after=aaron").await;
    let words = "1 token of owners after “aaron”: the last that fit.";
    assert!(later.contains(words), "{later}");
    page(&world, &ada, "?never_used=1").await;
    assert_eq!(looks(&world, "done").await.len(), 4, "once a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_were_made_in_request_tracker_are_asked_for() {
    let world = with_tokens().await;
    let ada = world.log_in("ada").await;
    let none = page(&world, &ada, "?request_tracker=1").await;
    assert!(none.contains("No tokens fit.") && none.contains("From Request Tracker"), "{none}");
    assert_eq!(looks(&world, "done").await, ["ada: from Request Tracker"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_only_what_filters_and_what_cannot_be_read_is_said() {
    let world = with_tokens().await;
    let ada = world.log_in("ada").await;
    let sent = "/admin/tokens?expiring=14&idle=&never_used=1&made_before=&role=";
    let led = world.send(Request::get(sent).page().cookie(&ada)).await;
    let to = led.header("location");
    assert_eq!((led.status, to.as_deref()), (303, Some("/admin/tokens?expiring=14&never_used=1")));
    let wrong = page(&world, &ada, "?idle=%3Cb%3E&role=boss").await;
    assert!(wrong.contains("“&lt;b&gt;” is no number of days."), "{wrong}");
    assert!(wrong.contains("There is no role “boss”."), "{wrong}");
    assert!(!wrong.contains("a spare one"), "nothing else is listed instead: {wrong}");
    assert!(looks(&world, "done").await.is_empty(), "nothing was seen");
    let file = world.send(Request::get("/admin/tokens.csv?idle=soon").cookie(&ada)).await;
    assert_eq!(file.status, 400);
    assert!(file.text().starts_with("“soon” is no number of days."), "{}", file.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_has_the_same_tokens_and_a_row_each_time() {
    let world = with_tokens().await;
    let ada = world.log_in("ada").await;
    for (query, between) in [("?expiring=14", ","), ("?expiring=14&separator=semicolon", ";")] {
        let file =
            world.send(Request::get(&format!("/admin/tokens.csv{query}")).cookie(&ada)).await;
        assert_eq!(file.status, 200);
        assert!(file.header("content-disposition").unwrap().contains("latchkey-tokens.csv"));
        assert_eq!(file.header("cache-control").as_deref(), Some("no-store"));
        let text = file.text();
        let heading = ["\u{FEFF}owner", "id", "description"].join(between);
        assert!(text.starts_with(&heading), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("\"'=cmd|calc <b>\"") && text.contains("expires "), "{text}");
    }
    let row = "ada: CSV: expiring within 14 days";
    assert_eq!(looks(&world, "done").await, [row, row]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_any_of_it_and_that_is_written_down() {
    let world = with_tokens().await;
    for path in ["/admin/tokens", "/admin/tokens.csv", "/admin/tokens?never_used=1"] {
        for netid in ["guest", "tia", "rae", "helen"] {
            let cookie = world.log_in(netid).await;
            let answer = world.send(Request::get(path).page().cookie(&cookie)).await;
            assert_eq!(answer.status, 403, "{netid} {path}");
            assert!(!answer.text().contains("a spare one"), "{netid} {path}");
        }
    }
    let refused = looks(&world, "refused").await;
    for netid in ["guest", "tia", "rae", "helen"] {
        assert!(refused.iter().any(|row| row.starts_with(&format!("{netid}: "))), "{refused:?}");
    }
    assert!(looks(&world, "done").await.is_empty());
    assert_eq!(world.send(Request::get("/admin/tokens.csv")).await.status, 401);
    // By its link after a session has ended: to the log-in, and back to the page.
    let link = Request::get("/admin/tokens.csv?never_used=1").page();
    let led = world.send(link.header("cookie", "latchkey=over")).await;
    let to = led.header("location");
    assert_eq!(
        (led.status, to.as_deref()),
        (303, Some("/login?next=/admin/tokens%3Fnever_used%3D1"))
    );
}
