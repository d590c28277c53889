//! What pages say of a token that ends with Request Tracker's strings: its owner's card, and the
//! one that the desk sees.

use desk::{RtImport, RtPerson, RtToken};
use testkit::secret;

use crate::support::{Request, World, world_as};

const HASH: &str = "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeOFXDzW4EQy1wzwicdgINX2hhEY/gyBC";

/// Strings end in ten days, and tia has one token of Request Tracker's.
async fn world() -> World {
    let world = world_as(
        |_| {},
        |configuration| {
            let end = configuration.desk.clock.now().plus_days(10);
            configuration.desk.rt_strings_end = Some(end);
        },
    )
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

async fn page(world: &World, netid: &str, path: &str) -> String {
    let cookie = world.log_in(netid).await;
    world.send(Request::get(path).page().cookie(&cookie)).await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_on_which_day_its_string_ends_and_what_to_do() {
    let world = world().await;
    let day = world.desk.now().plus_days(10).day();
    let with = format!("on {day} UTC, with all strings from Request Tracker.");
    for (advance, own, not_own) in [
        (
            9,
            format!("Ends {with} Renew makes a new one in its place."),
            format!("Ends {with} Its owner can renew it until then."),
        ),
        (1, format!("Ended {with} Create a new token in its place."), format!("Ended {with}")),
    ] {
        world.clock.advance(advance * 86_400);
        let text = page(&world, "tia", "/settings/auth-tokens").await;
        assert!(text.contains(&own), "{own}: {text}");
        let text = page(&world, "ada", "/admin/users/tia").await;
        assert!(text.contains(&not_own), "{not_own}: {text}");
    }
    let text = page(&world, "ada", "/admin/tokens?expired=1").await;
    assert!(text.contains("Ended with Request Tracker’s strings "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_made_here_says_nothing_of_it() {
    let world = world().await;
    world.token("rae", "made here").await;
    let text = page(&world, "rae", "/settings/auth-tokens").await;
    assert!(text.contains("made here") && !text.contains("strings from Request Tracker"), "{text}");
}
