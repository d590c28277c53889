//! The audit as a file.

use std::sync::Arc;

use app::server::audit::{Format, download};
use app::server::request_context::RequestContext;
use desk::{AccountChange, AuditQuery, Changed, Role, right};
use futures::StreamExt as _;

use crate::support::{Request, World, origin, world};

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_downloads_the_audit() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    let csv = world.send(Request::get("/admin/audit.csv?subject=ada").cookie(&ada)).await;
    assert_eq!(csv.status, 200);
    assert!(csv.header("content-disposition").unwrap().contains("latchkey-audit.csv"));
    assert!(csv.text().lines().count() >= 2, "{}", csv.text());
    assert!(csv.text().starts_with("\u{FEFF}id,at,"), "Excel opens it as UTF-8: {}", csv.text());
    let lines = world.send(Request::get("/admin/audit.jsonl").cookie(&ada)).await.text();
    assert!(
        lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{lines}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_that_expects_semicolons_gets_them() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    for (query, language, between) in [
        ("", None, ','),
        ("", Some("en-GB,en;q=0.9"), ','),
        ("", Some("de-DE,de;q=0.9,en;q=0.8"), ';'),
        ("?separator=comma", Some("de-DE"), ','),
        ("?subject=ada&separator=semicolon", None, ';'),
    ] {
        let request = Request::get(&format!("/admin/audit.csv{query}")).cookie(&ada);
        let request = match language {
            Some(language) => request.header("accept-language", language),
            None => request,
        };
        let csv = world.send(request).await;
        assert_eq!(csv.status, 200, "{query}: {}", csv.text());
        let table = csv.text();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(u8::try_from(between).unwrap())
            .from_reader(table.trim_start_matches('\u{FEFF}').as_bytes());
        assert_eq!(reader.headers().unwrap().len(), 14, "{query} {language:?}: {table}");
        assert!(reader.records().all(|record| record.is_ok()), "{table}");
    }
    let request = Request::get("/admin/audit.csv?separator=x").cookie(&ada);
    assert_eq!(world.send(request).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_area_is_asked_for_by_its_word_on_the_page_and_of_the_file() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    world.token("tia", "one").await;
    for action in ["token", "token.*"] {
        let page = world
            .send(Request::get(&format!("/admin/audit?action={action}")).page().cookie(&ada))
            .await
            .text();
        let rows = page.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
        assert!(rows.contains("token.create") && !rows.contains("log-in"), "{rows}");
        let file = world
            .send(Request::get(&format!("/admin/audit.csv?action={action}")).cookie(&ada))
            .await
            .text();
        assert!(
            file.lines().count() >= 2 && file.lines().skip(1).all(|line| line.contains(",token.")),
            "{file}"
        );
    }
    let none =
        world.send(Request::get("/admin/audit?action=nonsense").page().cookie(&ada)).await.text();
    assert!(none.contains("No rows match these filters."), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_does() {
    let world = world().await;
    for path in ["/admin/audit.csv", "/admin/audit.jsonl"] {
        assert_eq!(world.send(Request::get(path)).await.status, 401);
        for netid in ["sam", "tia", "rae", "helen"] {
            let answer = world.send(Request::get(path).cookie(&world.log_in(netid).await)).await;
            assert_eq!(
                (answer.status, answer.text().as_str()),
                (403, "You do not have the right to do this.\n"),
                "{netid}"
            );
        }
    }
}

/// How somebody may read no further.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Role,
    Account,
    Session,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_loses_the_right_reads_no_further() {
    for loss in [Loss::Role, Loss::Account, Loss::Session] {
        let world = world().await;
        for n in 0..60 {
            world.token("tia", &format!("token {n}")).await;
        }
        make(&world, "rae", Role::Rep, Role::Admin).await;
        let cookie = world.log_in("rae").await;
        let mut headers = http::HeaderMap::new();
        headers.insert("cookie", format!("latchkey={}", cookie.expose()).parse().unwrap());
        let uri = http::Uri::from_static("/admin/audit.csv");
        let context =
            RequestContext::new(world.desk.clone(), origin(), uri, &headers, false, Arc::default());
        let mut file = download(context, AuditQuery::default(), Format::Csv)
            .await
            .into_body()
            .into_data_stream();
        for what in ["the head", "a page of rows"] {
            assert!(file.next().await.unwrap().is_ok(), "{what}");
        }
        match loss {
            Loss::Role => make(&world, "rae", Role::Admin, Role::Rep).await,
            Loss::Account => world.set_disabled("rae", true).await,
            Loss::Session => {
                let visitor = world.desk.visitor(&cookie, &origin()).await.unwrap();
                world.desk.log_out(&visitor, &origin()).await.unwrap();
            }
        }
        // An error, not an end: the connection breaks off, and the browser says that the file is
        // not whole.
        assert!(file.next().await.unwrap().is_err(), "{loss:?}");
        assert!(file.next().await.is_none(), "{loss:?}");
    }
}

async fn make(world: &World, netid: &str, from: Role, to: Role) {
    let permit = world.desk.console().permit::<right::SetRole>(netid).await.unwrap();
    let role = Some(Changed { permit, from, to });
    world.desk.change_account(&AccountChange { role, ..AccountChange::default() }).await.unwrap();
}

/// Details of the rows that say that somebody reads the audit, the first first.
async fn readings(world: &World) -> Vec<String> {
    let query = AuditQuery {
        action: "audit.read".to_owned(),
        outcome: "done".to_owned(),
        ..AuditQuery::default()
    };
    let rows = world.desk.console().audit(&query).await.unwrap().rows;
    rows.into_iter()
        .rev()
        .map(|row| format!("{} {}: {}", row.actor, row.subject, row.detail))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_has_its_row_with_what_was_asked() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    for _ in 0..2 {
        assert_eq!(
            world
                .send(Request::get("/admin/audit.csv?subject=Tia&from=2026-01-01").cookie(&ada))
                .await
                .status,
            200
        );
    }
    assert_eq!(world.send(Request::get("/admin/audit.jsonl").cookie(&ada)).await.status, 200);
    assert_eq!(
        world
            .send(Request::get("/admin/audit.csv").cookie(&world.log_in("helen").await))
            .await
            .status,
        403
    );
    let of_tia = "ada tia: CSV, subject Tia, from 2026-01-01";
    assert_eq!(readings(&world).await, [of_tia, of_tia, "ada : JSON lines"]);
    // The page read afterwards is the same look.
    assert_eq!(world.send(Request::get("/admin/audit").page().cookie(&ada)).await.status, 200);
    assert_eq!(readings(&world).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_user_agent_turns_the_text_around_it() {
    let world = world().await;
    let agent = "turned \u{202E}this\u{2066} way\u{200F} round\u{FEFF}";
    let log_in =
        Request::form("/fn/log_in", &[("netid", "tia"), ("password", "tia-netid-password")]);
    assert_eq!(world.send(log_in.raw_header("user-agent", agent.as_bytes())).await.status, 200);
    let ada = world.log_in("ada").await;
    for file in [
        "/admin/audit.csv?subject=tia",
        "/admin/audit.jsonl?subject=tia",
        "/admin/audit?subject=tia",
    ] {
        let text = world.send(Request::get(file).page().cookie(&ada)).await.text();
        // The mark by which a spreadsheet knows that the file is UTF-8.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        assert!(text.contains("turned  this  way  round"), "{file}: {text}");
        let escaped = ["\\u202e", "\\u2066", "\\u200f", "\\ufeff"]
            .iter()
            .any(|mark| text.to_lowercase().contains(mark));
        assert!(
            !escaped && !text.chars().any(|c| c != '\n' && c != '\r' && desk::is_invisible(c)),
            "{file}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_cannot_be_read_are_refused_in_words_of_the_desk() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    let words = desk::Refusal::Unreadable.to_string();
    for path in ["/admin/audit.csv", "/admin/audit.jsonl"] {
        let request = || Request::get(&format!("{path}?actor=a&actor=b")).cookie(&ada);
        let answer = world.send(request()).await;
        let body = answer.json();
        assert_eq!((answer.status, body["detail"].as_str()), (400, Some(words.as_str())));
        let page = world.send(request().page()).await;
        assert!(page.status == 400 && page.text().contains(&words), "{}", page.text());
    }
}
