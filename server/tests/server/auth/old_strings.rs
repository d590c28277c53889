//! Old strings of Request Tracker at `/auth/verify`: in every form in which one is presented, and
//! in a flood of invented ones. What they are is the desk's: `desk/tests/desk/request_tracker/`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{RtImport, RtPerson, RtToken};
use testkit::secret;

use crate::support::{Request, World, world_with};

const SECRET: &str = "ac7938d40cfc2307e2bf325d28e7884e";
const HASH: &str = "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeOFXDzW4EQy1wzwicdgINX2hhEY/gyBC";

/// A server behind a proxy on which tia has one token of Request Tracker's.
async fn world() -> World {
    let world = world_with(|keys| {
        keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
        keys.metrics.listen = Some("127.0.0.1:0".to_owned());
    })
    .await;
    let tia = RtPerson {
        id: 14,
        name: "tia".to_owned(),
        real_name: String::new(),
        email: String::new(),
        password: None,
        disabled: false,
        privileged: true,
        created: None,
    };
    let token = RtToken {
        id: 3,
        owner: 14,
        hash: secret(HASH),
        description: "nightly".to_owned(),
        created: None,
        created_by: 14,
        last_used: None,
        expires: None,
    };
    let import = RtImport { people: vec![tia], tokens: vec![token], ..RtImport::default() };
    let console = world.desk.console();
    let plan = console.plan_rt_import(&import).await.unwrap();
    console.apply_rt_import(&import, &plan, &|_, _| ()).await.unwrap();
    world
}

fn presented(authorization: &str, client: &str) -> Request {
    Request::get("/auth/verify")
        .header("authorization", authorization)
        .header("x-forwarded-for", client)
        .header("x-original-method", "GET")
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_taken_in_every_form_and_what_is_not_it_is_refused() {
    let world = world().await;
    let old = format!("1-14-{SECRET}");
    for form in [
        format!("token {old}"),
        format!("Bearer {old}"),
        basic(&format!("tia:{old}")),
        basic(&format!(":{old}")),
        basic(&format!("{old}:")),
    ] {
        let answer = world.send(presented(&form, "203.0.113.5")).await;
        assert_eq!(answer.status, 200, "{form}");
        assert_eq!(answer.header("remote-user").as_deref(), Some("tia"));
    }
    for form in [
        format!("token 1-14-{}", SECRET.to_uppercase()),
        format!("token 1-15-{SECRET}"),
        format!("token {HASH}"),
        basic(&format!("sam:{old}")),
        basic(&format!("{old}:another")),
    ] {
        let answer = world.send(presented(&form, "203.0.113.5")).await;
        assert_eq!((answer.status, answer.body.len()), (401, 0), "{form}");
    }
    let page = Request::get("/settings/auth-tokens").page().cookie(&world.log_in("tia").await);
    let page = world.send(page).await.text();
    assert!(page.contains("From Request Tracker") && page.contains("nightly"), "{page}");
    assert!(!page.contains("bcrypt") && !page.contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_it_in_the_hand_reads_of_it_and_ends_it_at_the_machine_api() {
    let world = world().await;
    let send = async |method: &'static str, end: &str| {
        let old = format!("token 1-14-{end}");
        world.send(Request::new(method, "/api/v1/token").header("authorization", &old)).await
    };
    let invented = "0".repeat(32);
    for method in ["GET", "DELETE"] {
        assert_eq!(send(method, &invented).await.status, 401, "{method}");
    }
    let read = send("GET", SECRET).await;
    assert_eq!(read.status, 200);
    assert_eq!(read.json()["description"].as_str(), Some("nightly"));
    assert_eq!(send("DELETE", SECRET).await.status, 204);
    assert_eq!(send("DELETE", SECRET).await.status, 401);
    let old = format!("token 1-14-{SECRET}");
    assert_eq!(world.send(presented(&old, "203.0.113.5")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_invented_ones_is_held_up_as_strangers_are() {
    let world = world().await;
    let mut sent = 0;
    loop {
        let invented = format!("token 1-14-{sent:032x}");
        let answer = world.send(presented(&invented, "203.0.113.5")).await;
        if answer.status == 429 {
            break;
        }
        assert_eq!(answer.status, 401);
        sent += 1;
        assert!(sent < 1000, "never held up");
    }
    // From elsewhere the right one is taken, and from there too once it is known.
    let right = format!("token 1-14-{SECRET}");
    for client in ["198.51.100.7", "203.0.113.5"] {
        assert_eq!(world.send(presented(&right, client)).await.status, 200, "{client}");
    }
    let figures = Request::get("/metrics").send(world.metrics()).await.text();
    for line in [
        format!("latchkey_rt_hashes_total {}", sent + 1),
        format!("latchkey_rt_strings_total{{outcome=\"unknown\"}} {sent}"),
        "latchkey_rt_strings_total{outcome=\"moved\"} 1".to_owned(),
    ] {
        assert!(figures.contains(&line), "{line}\n{figures}");
    }
}
