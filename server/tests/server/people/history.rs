//! **History** on a person's page: a page at a time, to its very beginning.

use desk::{AuditQuery, AuditRow};

use crate::support::{Request, World, world};

/// What happened to somebody, newest first.
async fn rows(world: &World, subject: &str) -> Vec<AuditRow> {
    let mut query = AuditQuery { subject: subject.to_owned(), ..AuditQuery::default() };
    let mut rows = Vec::new();
    loop {
        let page = world.desk.console().audit(&query).await.unwrap();
        rows.extend(page.rows);
        let Some(next) = page.next else { return rows };
        query.before = next;
    }
}

async fn history(world: &World, cookie: &desk::Cookie, query: &str) -> String {
    let path = format!("/admin/users/tia{query}");
    let page = world.send(Request::get(&path).page().cookie(cookie)).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    let (_, history) = text.split_once(">History</h2>").expect("the history");
    history.split_once("</section>").expect("its end").0.to_owned()
}

/// Where a link leads; none: there is no such link.
fn link(history: &str, words: &str) -> Option<String> {
    let end = history.find(&format!(">{words}<"))?;
    let (_, href) = history[..end].rsplit_once("href=\"").expect("where to");
    Some(href.split('"').next().unwrap().to_owned())
}

fn lines(history: &str) -> usize {
    history.matches("<tr>").count() - 1
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_to_the_beginning_and_back_by_plain_links() {
    let world = world().await;
    let helen = world.log_in("helen").await;
    let first = history(&world, &helen, "").await;
    assert_eq!((link(&first, "Older"), link(&first, "Newest")), (None, None), "{first}");
    // A log-in, a confirmation and a token each.
    for n in 0..40 {
        world.token("tia", &format!("token {n}")).await;
    }
    let mut page = history(&world, &helen, "").await;
    assert_eq!(link(&page, "Newest"), None);
    assert!(page.contains("token 39") && !page.contains("token 0<"));
    let (mut many, mut pages) = (lines(&page), 1);
    while let Some(older) = link(&page, "Older") {
        assert!(older.starts_with("?before=") && older.ends_with("#history"), "{older}");
        page = history(&world, &helen, older.trim_end_matches("#history")).await;
        assert_eq!(link(&page, "Newest").as_deref(), Some("/admin/users/tia#history"));
        many += lines(&page);
        pages += 1;
    }
    assert!(page.contains("Account created"), "the very first: {page}");
    let all = rows(&world, "tia").await.len();
    assert_eq!((many, pages), (all, all.div_ceil(50)));
    assert!(pages >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_the_address_the_page_is_there() {
    let world = world().await;
    let helen = world.log_in("helen").await;
    for before in ["", "zzz", "0", "%27%20OR%201", "%3Cb%3E"] {
        let page = history(&world, &helen, &format!("?before={before}")).await;
        assert!(!page.contains("<b>"), "{before}");
    }
    // Who may not see it does not see an older page of it either.
    let rae = world.log_in("rae").await;
    let page =
        world.send(Request::get("/admin/users/tia?before=zzz").page().cookie(&rae)).await.text();
    assert!(!page.contains(">History</h2>"));
}
