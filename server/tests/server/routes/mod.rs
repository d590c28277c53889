//! Every route that `latchkey routes` lists, by every method it takes, asked by everybody: who is
//! answered what is kept in `docs/reference/routes.md` and compared. Run with `UPDATE_ROUTES=1` it
//! is written anew; read then what has changed, as an attacker would.
//!
//! Each row has a desk of its own, and each who asks has a session, a token and a form's key of
//! their own, so that no answer depends on the one before ([`callers`]). What is sent is well
//! formed, and the least that there is ([`asks`]).

mod asks;
mod callers;
mod table;

use server::router::routes;

use crate::support::Latchkey;

const KEPT: &str = "../docs/reference/routes.md";

#[tokio::test(flavor = "multi_thread")]
async fn who_is_answered_what_at_every_route_is_as_it_is_kept() {
    let answered = table::written(&table::answered_rows(asks::all()).await);
    if std::env::var_os("UPDATE_ROUTES").is_some() {
        std::fs::write(KEPT, &answered).unwrap();
    }
    let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
    let differ: Vec<String> = table::differences(&kept, &answered);
    assert!(
        differ.is_empty(),
        "docs/reference/routes.md says otherwise (UPDATE_ROUTES=1 writes it anew):\n{}",
        differ.join("\n")
    );
}

/// Turned around, the same is answered: nobody's answer comes of what somebody did before.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_first_is_answered_the_same() {
    let rows: Vec<asks::Ask> = asks::all().into_iter().filter(|ask| ask.changes).collect();
    let backwards = table::written(&table::answered_backwards(rows).await);
    let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
    let differ: Vec<&str> = backwards
        .lines()
        .filter(|line| line.starts_with("| ") && !kept.lines().any(|other| other == *line))
        .collect();
    assert!(
        differ.is_empty() || std::env::var_os("UPDATE_ROUTES").is_some(),
        "turned around:\n{}",
        differ.join("\n")
    );
}

#[test]
fn the_command_prints_the_routers_own_table() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "no = [configuration");
    let printed = latchkey.run(&["routes"]);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    let as_json = latchkey.run(&["routes", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&as_json.out).unwrap();
    assert_eq!(listed, serde_json::to_value(routes()).unwrap());
    for route in routes() {
        let is_its = |line: &&str| {
            line.starts_with(route.kind.words()) && line.contains(&format!(" {}", route.path))
        };
        assert!(
            printed.out.lines().any(|line| is_its(&line) && line.contains(&route.methods())),
            "{route:?}"
        );
    }
}
