//! The answers, asked for and written down as a table.

use std::fmt::Write as _;

use futures::{StreamExt as _, stream};
use server::web::Kind;

use super::asks::Ask;
use super::callers::{CALLERS, Place};
use crate::support::Answer;

/// Rows that are asked at once.
const AT_ONCE: usize = 4;

/// What was answered to a question by these methods, by caller.
pub(super) struct Row {
    ask: Ask,
    methods: Vec<&'static str>,
    answers: Vec<String>,
}

/// Asks everything by everybody.
pub(super) async fn answered_rows(asks: Vec<Ask>) -> Vec<Row> {
    in_order(asks, (0..CALLERS.len()).collect()).await
}

/// The same, whoever comes last first.
pub(super) async fn answered_backwards(asks: Vec<Ask>) -> Vec<Row> {
    in_order(asks, (0..CALLERS.len()).rev().collect()).await
}

async fn in_order(asks: Vec<Ask>, order: Vec<usize>) -> Vec<Row> {
    let rows = stream::iter(asks).map(|ask| {
        let order = order.clone();
        tokio::spawn(async move { rows(ask, &order).await })
    });
    rows.buffered(AT_ONCE).flat_map(|rows| stream::iter(rows.unwrap())).collect().await
}

async fn rows(ask: Ask, order: &[usize]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for method in &ask.methods {
        let place = Place::new().await;
        let mut answers = vec![String::new(); CALLERS.len()];
        for at in order {
            let own = place.own(CALLERS[*at].1, &ask).await;
            let answer = ask.request(method, &own).begin(place.world.address).await;
            answers[*at] = described(ask.route.kind, &answer);
        }
        match rows.iter_mut().find(|row| row.answers == answers) {
            Some(row) => row.methods.push(method),
            None => rows.push(Row { ask: ask.clone(), methods: vec![method], answers }),
        }
    }
    rows
}

/// The status, and what more tells one answer from another.
fn described(kind: Kind, answer: &Answer) -> String {
    let status = answer.status;
    let more = match (kind, status) {
        (_, 300..400) => {
            answer.header("location").map(|to| to.split('?').next().unwrap_or_default().to_owned())
        }
        (Kind::ServerFunction, 400..) => Some(answer.refusal().code().to_owned()),
        (Kind::Verify, 200) => answer.header("remote-user"),
        (Kind::Live, 200) if answer.text().contains("event: ended") => Some("ended".to_owned()),
        (Kind::Client, 200) if !answer.body.is_empty() => {
            Some(format!("active: {}", answer.json()["active"]))
        }
        (Kind::Client, 400..) => answer.json()["error"].as_str().map(str::to_owned),
        (Kind::Scim, 400..) if !answer.body.is_empty() => {
            answer.json()["scimType"].as_str().map(str::to_owned)
        }
        _ => None,
    };
    more.filter(|more| !more.is_empty())
        .map_or_else(|| status.to_string(), |more| format!("{status} {more}"))
}

const HEAD: &str = "\
# Who is answered what

Every route that `latchkey routes` lists, by every method it takes, asked by everybody. Written by
the tests and compared by them (`server/tests/server/routes/`): where a change of the code changes
an answer, this file says so.

- *guest* is a person without privilege, *staff* is tia, *rep* rae, *help desk* helen,
  *administrator* ada: the demo accounts, each in a session, giving their own local password where a
  form asks for one. The tokens are tia's.
- A token, a client and an identity system prove themselves in `Authorization`, and have no session.
- A number is the status; what stands after it is where a redirect leads, the code of a refusal,
  whom verify names, or what a client is told of a good token of tia's.
- No OpenID provider is configured here: what is only there with one says 404.
";

/// The table in words.
pub(super) fn written(rows: &[Row]) -> String {
    let mut text = HEAD.to_owned();
    let mut kind = None;
    for row in rows {
        if kind.replace(row.ask.route.kind) != Some(row.ask.route.kind) {
            let columns: Vec<&str> = CALLERS.iter().map(|(title, _)| *title).collect();
            let words = row.ask.route.kind.words();
            let only_with = row
                .ask
                .route
                .only_with
                .map(|what| format!(" (only with {what})"))
                .unwrap_or_default();
            let _ =
                write!(text, "\n## {words}{only_with}\n\n| route | {} |\n", columns.join(" | "));
            let _ = writeln!(text, "|{}", " --- |".repeat(columns.len() + 1));
        }
        let note =
            if row.ask.note.is_empty() { String::new() } else { format!(": {}", row.ask.note) };
        let question = format!("{} `{}`{note}", row.methods.join(", "), row.ask.route.path);
        let _ = writeln!(text, "| {question} | {} |", row.answers.join(" | "));
    }
    text
}

/// The lines that are in one of them alone.
pub(super) fn differences(kept: &str, answered: &str) -> Vec<String> {
    let only = |sign: &str, context: &str, there: &str| -> Vec<String> {
        context
            .lines()
            .filter(|line| !there.lines().any(|other| other == *line))
            .map(|line| format!("{sign} {line}"))
            .collect()
    };
    let mut all = only("-", kept, answered);
    all.extend(only("+", answered, kept));
    if all.is_empty() && kept != answered {
        all.push("the same lines in another order".to_owned());
    }
    all
}
