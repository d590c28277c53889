//! What one session asks for: refused beyond a limit, whoever else is there goes on, and nothing of
//! it keeps the store's one writer busy.

use desk::Refusal;

use crate::support::{Request, World, world_as};

async fn world() -> World {
    world_as(
        |_| {},
        |configuration| configuration.sections.limits.requests_per_session_per_minute = 60,
    )
    .await
}

fn find(cookie: &desk::Cookie) -> Request {
    Request::form("/fn/find_users", &[("query", "a")]).cookie(cookie)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_refused_again_and_again_waits_and_the_others_do_not() {
    let world = world().await;
    let (guest, tia) = (world.log_in("guest").await, world.log_in("tia").await);
    let mut refused = 0;
    let held_up = loop {
        let answer = world.send(find(&guest)).await;
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.status, 403);
        refused += 1;
        assert!(refused < 100, "never held up");
    };
    assert!((10..30).contains(&refused), "a refusal costs more than a request: {refused}");
    let Refusal::SessionTooFast { seconds } = held_up.refusal() else { panic!("{held_up:?}") };
    assert_eq!(held_up.header("retry-after"), Some(seconds.to_string()));
    let page = world.send(Request::get("/settings/about-me").page().cookie(&guest)).await;
    assert!(page.status == 429 && page.text().contains("Too many requests at once"), "{page:?}");
    assert_eq!(
        world.send(Request::get("/settings/about-me").page().cookie(&tia)).await.status,
        200
    );
    assert_eq!(world.send(Request::get("/login").page()).await.status, 200, "who has no session");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_counted_and_pages_are_not() {
    let world = world().await;
    let tia = world.log_in("tia").await;
    for _ in 0..100 {
        assert_eq!(
            world.send(Request::get("/settings/about-me").page().cookie(&tia)).await.status,
            200
        );
    }
    let mut statuses = Vec::new();
    for n in 0..70 {
        let id = format!("{n:064x}");
        statuses.push(
            world.send(Request::form("/fn/revoke_token", &[("id", &id)]).cookie(&tia)).await.status,
        );
    }
    assert!(
        statuses[..50].iter().all(|status| *status != 429) && statuses.contains(&429),
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_says_of_no_page_that_it_is_anothers_to_go_uncounted() {
    let world = world().await;
    let tia = world.log_in("tia").await;
    let mut statuses = Vec::new();
    for _ in 0..70 {
        let post = Request::form("/fn/revoke_token", &[("id", "0")]).cookie(&tia);
        statuses.push(world.send(post.header(app::PAGE_VERSION, "x rae")).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_on_many_connections_writes_next_to_nothing_and_tia_revokes() {
    let world = world().await;
    let (token, view) = world.token("tia", "stolen").await;
    let guest = world.log_in("guest").await;
    let rows = async || {
        let query = desk::AuditQuery { actor: "guest".to_owned(), ..Default::default() };
        world.desk.console().audit(&query).await.unwrap().rows.len()
    };
    let before = rows().await;
    let floods: Vec<_> = (0..128)
        .map(|_| {
            let (address, request) = (world.address, find(&guest));
            tokio::spawn(async move {
                for _ in 0..20 {
                    assert!([403, 429].contains(&request.send(address).await.status));
                }
            })
        })
        .collect();
    world.revoke("tia", &view).await;
    assert_eq!(world.send(Request::get("/auth/verify").token(&token)).await.status, 401);
    for flood in floods {
        flood.await.unwrap();
    }
    assert!(rows().await <= before + 2, "of 2560 refusals: {}", rows().await - before);
}
