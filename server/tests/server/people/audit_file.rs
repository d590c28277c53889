//! The audit as a file.

use std::sync::Arc;

use app::admin::audit::{Format, download};
use app::here::Here;
use desk::{AccountChange, AuditQuery, Changed, Role, right};
use futures::StreamExt as _;

use crate::support::{Request, origin, world};

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_downloads_the_audit() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    let csv = world.send(Request::get("/admin/audit.csv?subject=ada").cookie(&ada)).await;
    assert_eq!(csv.status, 200);
    assert!(csv.header("content-disposition").unwrap().contains("latchkey-audit.csv"));
    assert!(csv.text().lines().count() >= 2, "{}", csv.text());
    let lines = world.send(Request::get("/admin/audit.jsonl").cookie(&ada)).await.text();
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_does() {
    let world = world().await;
    for path in ["/admin/audit.csv", "/admin/audit.jsonl"] {
        assert_eq!(world.send(Request::get(path)).await.status, 401);
        for netid in ["sam", "tia", "rae", "helen"] {
            let answer = world.send(Request::get(path).cookie(&world.log_in(netid).await)).await;
            assert_eq!((answer.status, answer.text().as_str()), (403, "You do not have the right to do this.\n"), "{netid}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_loses_the_right_reads_no_further() {
    let world = world().await;
    for n in 0..60 {
        world.token("tia", &format!("token {n}")).await;
    }
    let role = |from, to| {
        let world = &world;
        async move {
            let permit = world.desk.console().permit::<right::SetRole>("rae").await.unwrap();
            let role = Some(Changed { permit, from, to });
            world.desk.change_account(&AccountChange { role, ..AccountChange::default() }).await.unwrap();
        }
    };
    role(Role::Rep, Role::Admin).await;
    let mut headers = http::HeaderMap::new();
    headers.insert("cookie", format!("latchkey={}", world.log_in("rae").await.expose()).parse().unwrap());
    let uri = http::Uri::from_static("/admin/audit.csv");
    let here = Here::new(world.desk.clone(), origin(), uri, &headers, false, Arc::default());
    let mut file = download(here, AuditQuery::default(), Format::Csv).await.into_body().into_data_stream();
    for what in ["the head", "a page of rows"] {
        assert!(file.next().await.unwrap().is_ok(), "{what}");
    }
    role(Role::Admin, Role::Rep).await;
    assert!(file.next().await.unwrap().is_err(), "the file breaks off");
    assert!(file.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_user_agent_turns_the_text_around_it() {
    let world = world().await;
    let agent = "turned \u{202E}this\u{2066} way\u{200F} round\u{FEFF}";
    let log_in = Request::form("/fn/log_in", &[("netid", "tia"), ("password", "tia-netid-password")]);
    assert_eq!(world.send(log_in.raw_header("user-agent", agent.as_bytes())).await.status, 200);
    let ada = world.log_in("ada").await;
    for file in ["/admin/audit.csv?subject=tia", "/admin/audit.jsonl?subject=tia", "/admin/audit?subject=tia"] {
        let text = world.send(Request::get(file).page().cookie(&ada)).await.text();
        assert!(text.contains("turned  this  way  round"), "{file}: {text}");
        let escaped = ["\\u202e", "\\u2066", "\\u200f", "\\ufeff"].iter().any(|mark| text.to_lowercase().contains(mark));
        assert!(!escaped && !text.chars().any(|c| c != '\n' && c != '\r' && desk::is_invisible(c)), "{file}");
    }
}
