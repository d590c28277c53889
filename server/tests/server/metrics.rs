//! Figures for Prometheus: what is counted, that nothing that is sent makes a series of its own,
//! and that the listener answers nothing else. `docs/operations/metrics.md` is held against what
//! the binary gives: `UPDATE_REFERENCE=1` writes its table anew. With a real Prometheus:
//! `tools/test-metrics`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::support::{Request, World, world_with};

/// A server whose figures are read at a port of its own.
async fn watched() -> World {
    world_with(|keys| keys.metrics.listen = Some("127.0.0.1:0".to_owned())).await
}

/// All samples: each name with its labels, and its value.
async fn scrape(world: &World) -> BTreeMap<String, f64> {
    let answer = Request::get("/metrics").send(world.metrics()).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    samples(&answer.text())
}

fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(sample).collect()
}

/// By how much each has grown, where it has.
fn grown(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>, of: &str) -> Vec<String> {
    let of = after.iter().filter(|(name, _)| name.starts_with(of));
    of.filter_map(|(name, value)| {
        let by = value - before.get(name).copied().unwrap_or(0.0);
        (by > 0.0).then(|| format!("{name} {by}"))
    })
    .collect()
}

fn verdict(door: &str, outcome: &str, reason: &str) -> String {
    format!(
        "latchkey_verify_verdicts_total{{door=\"{door}\",outcome=\"{outcome}\",\
         reason=\"{reason}\"}} 1"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_verdict_counts_once_at_its_door_with_its_reason() {
    let world = watched().await;
    let (token, view) = world.token("tia", "counted").await;
    let before = scrape(&world).await;
    world.send(Request::get("/auth/verify").token(&token)).await;
    world.send(Request::get("/auth/verify")).await;
    world.send(Request::get("/auth/verify").header("authorization", "token nonsense")).await;
    world.send(Request::get("/api/v1/me").token(&token)).await;
    world.revoke("tia", &view).await;
    world.send(Request::get("/auth/verify").token(&token)).await;
    let after = scrape(&world).await;
    let expected: BTreeSet<String> = [
        verdict("verify", "good", "good"),
        verdict("verify", "refused", "no readable credential"),
        verdict("verify", "refused", "malformed"),
        verdict("verify", "refused", "revoked"),
        verdict("api", "good", "good"),
    ]
    .into();
    let counted = grown(&before, &after, "latchkey_verify_verdicts_total");
    assert_eq!(counted.into_iter().collect::<BTreeSet<_>>(), expected);
    let requests = grown(&before, &after, "latchkey_http_requests_total{route=\"/auth/verify\"");
    let of = |status: &str, many: u32| {
        format!(
            "latchkey_http_requests_total{{route=\"/auth/verify\",method=\"any\",\
             status=\"{status}\"}} {many}"
        )
    };
    assert_eq!(requests, [of("2xx", 1), of("4xx", 3)]);
    let timed = grown(&before, &after, "latchkey_verify_duration_seconds_count");
    assert_eq!(timed, ["latchkey_verify_duration_seconds_count 4"], "what was presented as one");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_makes_a_series_of_its_own() {
    let world = watched().await;
    let cookie = world.log_in("ada").await;
    // Once of each, so that what there is to be counted is there.
    let odd = |n: u32| {
        let found = format!("/admin/users/nobody{n}");
        [
            Request::new(&format!("ODD{}", n % 7), &format!("/odd/{n}")),
            Request::get(&format!("/scim/v2/{n}")),
            Request::get(&format!("/api/{n}?q={n}")),
            Request::get(&found).page().cookie(&cookie),
            Request::get("/auth/verify")
                .header("authorization", &format!("token nobody{n}"))
                .header("x-original-method", &format!("ODD{n}")),
        ]
    };
    for request in odd(0) {
        world.send(request).await;
    }
    let names = |samples: BTreeMap<String, f64>| samples.into_keys().collect::<BTreeSet<_>>();
    let before = names(scrape(&world).await);
    for n in 1..40 {
        for request in odd(n) {
            world.send(request).await;
        }
    }
    ask_in_many_names(&world, 10_000).await;
    let after = scrape(&world).await;
    assert!(after.keys().all(|name| !name.contains("nobody") && !name.contains("ODD")));
    assert_eq!(names(after), before);
}

/// Presents something with so many different NetIDs, all on one connection.
async fn ask_in_many_names(world: &World, many: u32) {
    let mut stream = BufReader::new(TcpStream::connect(world.address).await.unwrap());
    for n in 0..many {
        let basic = data_encoding::BASE64.encode(format!("nobody{n}:nonsense").as_bytes());
        let head = format!("GET /auth/verify HTTP/1.1\r\nhost: x\r\nauthorization: Basic {basic}");
        stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("HTTP/1.1 401 "), "{line}");
        // It has no body.
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_the_pattern_of_their_route() {
    let world = watched().await;
    let before = scrape(&world).await;
    world.send(Request::get("/login").page()).await;
    world.send(Request::get("/healthz/")).await;
    world.send(Request::get("/no/such/page").page()).await;
    let after = scrape(&world).await;
    let of = |route: &str, status: &str| {
        format!(
            "latchkey_http_requests_total{{route=\"{route}\",method=\"GET\",status=\"{status}\"}} 1"
        )
    };
    let counted = grown(&before, &after, "latchkey_http_requests_total");
    assert_eq!(counted, [of("/healthz", "2xx"), of("/login", "2xx"), of("none", "4xx")]);
    let page = "latchkey_http_request_duration_seconds_count{kind=\"page\"}";
    assert_eq!(grown(&before, &after, page), [format!("{page} 1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_to_wait_is_counted_by_what_holds_it_up() {
    let world = world_with(|keys| {
        keys.metrics.listen = Some("127.0.0.1:0".to_owned());
        keys.limits.log_ins_per_minute = 1;
    })
    .await;
    let form = Request::form(
        app::server::LOG_IN,
        &[("netid", "sam"), ("password", "wrong"), ("next", "")],
    );
    let statuses = [world.send(form.clone()).await.status, world.send(form).await.status];
    assert_eq!(statuses[1], 429, "{statuses:?}");
    let limited = "latchkey_rate_limited_total{limiter=\"log_ins\"}";
    assert_eq!(scrape(&world).await.get(limited).copied(), Some(1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_listener_answers_figures_and_nothing_else_and_no_other_port_answers_them() {
    let world = watched().await;
    for path in ["/", "/healthz", "/login", "/auth/verify", "/metrics/", "/metrics/x", "//metrics"]
    {
        let answer = Request::get(path).send(world.metrics()).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.text(), "There is nothing here but /metrics.\n");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "ODD"] {
        let answer = Request::new(method, "/metrics").send(world.metrics()).await;
        assert_eq!((answer.status, answer.header("allow").as_deref()), (405, Some("GET, HEAD")));
    }
    let head = Request::new("HEAD", "/metrics").send(world.metrics()).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(world.send(Request::get("/metrics")).await.status, 404, "not on the main port");
    let written = Request::get("/metrics")
        .header("accept", "application/openmetrics-text; version=1.0.0")
        .send(world.metrics())
        .await;
    assert!(written.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    assert!(written.text().ends_with("# EOF\n"));
}

/// More connections than it takes send half of a request, and no more, while verify is asked: the
/// server goes on, and whoever asks for the figures reads them all the same.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_keep_nobody_from_verify_nor_from_the_figures() {
    let world = watched().await;
    let (token, _) = world.token("tia", "goes on").await;
    let mut silent = Vec::new();
    for _ in 0..64 {
        let mut half = TcpStream::connect(world.metrics()).await.unwrap();
        half.write_all(b"GET /metrics HTTP/1.1\r\n").await.unwrap();
        silent.push(half);
        assert_eq!(world.send(Request::get("/auth/verify").token(&token)).await.status, 200);
    }
    // The oldest are closed at once.
    let mut byte = [0; 1];
    let closed = silent.first_mut().unwrap().read(&mut byte).await;
    assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
    for _ in 0..3 {
        assert!(is_answered(TcpStream::connect(world.metrics()).await.unwrap()).await);
    }
    drop(silent);
}

async fn is_answered(mut stream: TcpStream) -> bool {
    let sent = stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut bytes = Vec::new();
    sent.is_ok() && stream.read_to_end(&mut bytes).await.is_ok() && bytes.starts_with(b"HTTP/1.1 2")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_under_load_answers_and_counts_only_up() {
    let world = watched().await;
    let (token, _) = world.token("tia", "busy").await;
    let address = world.address;
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let request = Request::get("/auth/verify").token(&token);
            tokio::spawn(async move {
                for _ in 0..50 {
                    assert_eq!(request.send(address).await.status, 200);
                }
            })
        })
        .collect();
    let good = "latchkey_verify_verdicts_total{door=\"verify\",outcome=\"good\",reason=\"good\"}";
    let mut last = 0.0;
    for _ in 0..10 {
        let now = scrape(&world).await[good];
        assert!(now >= last, "{now} after {last}");
        last = now;
    }
    for one in asking {
        one.await.unwrap();
    }
    assert!((scrape(&world).await[good] - 400.0).abs() < f64::EPSILON);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_there_are_none_and_one_that_is_taken_is_named() {
    use server::config::{Configuration, Sections};
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let mut sections = Sections::default();
    sections.server.listen = ([127, 0, 0, 1], 0).into();
    "mem://".clone_into(&mut sections.store.url);
    (sections.hash.memory_kib, sections.hash.passes) = (64, 1);
    let without = Configuration::from_sections(sections.clone()).unwrap();
    let kit = testkit::World::demo(desk::Settings { demo: true, ..without.desk.clone() }).await;
    let running = server::serve::start(&without, kit.desk.clone(), true).await.unwrap();
    assert_eq!(running.metrics_address(), None);
    sections.metrics.listen = Some(address.to_string());
    let with = Configuration::from_sections(sections).unwrap();
    let error = server::serve::start(&with, kit.desk.clone(), true).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("Cannot listen on {address} for metrics"))
            && error.contains("metrics.listen"),
        "{error}"
    );
    running.stop().await.unwrap();
}

/// Name, kind, labels and what it says: a line each, as the document has them.
fn table(text: &str) -> String {
    let mut table = String::from("| metric | kind | labels | what |\n|---|---|---|---|\n");
    let mut help = "";
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if let Some(words) = line.strip_prefix("# HELP ") {
            help = words;
        }
        let Some(kind) = line.strip_prefix("# TYPE ") else { continue };
        let (name, kind) = kind.split_once(' ').unwrap();
        let (_, words) = help.split_once(' ').unwrap();
        let own = lines[at + 1..].iter().take_while(|line| !line.starts_with('#'));
        let labels: BTreeSet<&str> = own.flat_map(|line| labels(line)).collect();
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let _ = writeln!(table, "| `{name}` | {kind} | {} | {words} |", labels.join(", "));
    }
    table
}

/// The names of a sample's labels, but for the steps of a histogram.
fn labels(sample: &str) -> Vec<&str> {
    let Some((_, rest)) = sample.split_once('{') else { return Vec::new() };
    let names = rest.split("=\"").filter_map(|part| part.rsplit(['"', ',', '{']).next());
    names.filter(|name| !name.is_empty() && *name != "le" && !name.contains('}')).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn how_often_a_backup_is_made_by_itself_is_told() {
    const EVERY: &str = "latchkey_backup_interval_seconds";
    assert_eq!(scrape(&watched().await).await.get(EVERY).copied(), Some(0.0));
    let folder = tempfile::tempdir().unwrap();
    let world = world_with(|keys| {
        keys.metrics.listen = Some("127.0.0.1:0".to_owned());
        keys.store.url = format!("rocksdb://{}", folder.path().join("data").display());
        keys.backup.to = Some(folder.path().display().to_string());
        keys.backup.hours = 6;
    })
    .await;
    assert_eq!(scrape(&world).await.get(EVERY).copied(), Some(6.0 * 3600.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_lists_each_metric_that_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("rocksdb://{}", folder.path().join("data").display());
    let world = world_with(|keys| {
        keys.metrics.listen = Some("127.0.0.1:0".to_owned());
        keys.store.url = store;
    })
    .await;
    let text = Request::get("/metrics").send(world.metrics()).await.text();
    let made = table(&text);
    let path = "../docs/operations/metrics.md";
    let document = std::fs::read_to_string(path).unwrap();
    let begins = document.find("| metric | kind |").expect("the table");
    let written = &document[begins..];
    let written = written.find("\n\n").map_or(written, |end| &written[..=end]);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(path, document.replace(written, &made)).unwrap();
        return;
    }
    assert!(written == made, "write it anew with UPDATE_REFERENCE=1:\n{made}");
    world.stop().await;
}
