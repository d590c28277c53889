//! Setting a local password for somebody whose own is closed: it is said before and after that it
//! stays so, and who opens it. For whose account is disabled none is set at all.

use app::forms::Done;
use desk::{Refusal, right};

use crate::people::closed::close;
use crate::support::{Request, World, origin, secret, world};

const NEW: &str = "marble-otter-canyon-drift-quiet";

async fn page(world: &World, reader: &str, of: &str) -> String {
    let cookie = world.log_in(reader).await;
    world.send(Request::get(&format!("/admin/users/{of}")).page().cookie(&cookie)).await.text()
}

/// Sets it, and gives what is said then.
async fn set(world: &World, actor: &str, of: &str) -> String {
    let own = format!("{actor}-local-password");
    let form = desk::random_form_key();
    let fields =
        [("netid", of), ("own_password", &own), ("new", NEW), ("retype", NEW), ("form", &form)];
    let cookie = world.log_in(actor).await;
    let answer = world.send(Request::form("/fn/set_local_password", &fields).cookie(&cookie)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.told::<Done>().notice.expect("what is said").text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_one_stays_closed_and_that_is_said() {
    let world = world().await;
    close(&world, "tia").await;
    let stays = "closed after 100 wrong ones, and stays closed when a new one is set.";
    for (actor, how) in [
        ("rae", "The Help Desk can open it."),
        ("helen", "Open it with Open local password, above."),
    ] {
        let before = page(&world, actor, "tia").await;
        assert!(before.contains(stays), "{actor}");
        let opens = actor == "helen";
        assert_eq!(before.contains("Open local password"), opens, "{actor}");
        assert_eq!(before.contains("The Help Desk can open it."), !opens, "{actor}");
        let after = set(&world, actor, "tia").await;
        assert!(
            after.contains("It is still closed after too many wrong ones, and cannot be used.")
                && after.contains(how),
            "{actor}: {after}"
        );
    }
    let tia = world.desk.visitor(&world.log_in("tia").await, &origin()).await.unwrap();
    let change = desk::PasswordChange {
        current: secret(NEW),
        new: secret("walnut-seldom-harbour-mint-9"),
        retype: secret("walnut-seldom-harbour-mint-9"),
    };
    let refused = world.desk.change_own_password(&tia, &change, &origin()).await;
    assert!(matches!(refused, Err(Refusal::AccountClosed(_))), "{refused:?}");
    let permit = world.permit::<right::OpenAccount>("helen", Some("tia")).await.unwrap();
    assert!(world.desk.open_account(&permit).await.unwrap());
    assert!(!page(&world, "helen", "tia").await.contains(stays));
    assert!(world.desk.change_own_password(&tia, &change, &origin()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn for_whose_account_is_disabled_none_is_set_and_it_is_said_who_enables_it() {
    let world = world().await;
    for actor in ["rae", "helen", "ada"] {
        let seen = page(&world, actor, "dave").await;
        assert!(seen.contains("account is disabled. An administrator can enable it."), "{actor}");
        assert!(!seen.contains("New password for dave"), "{actor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_next_page_says_it_and_what_to_say_on_the_telephone() {
    let world = world().await;
    close(&world, "tia").await;
    let rae = world.log_in("rae").await;
    let fields = [
        ("netid", "tia"),
        ("own_password", "rae-local-password"),
        ("new", NEW),
        ("retype", NEW),
        ("form", "one"),
    ];
    let to = "/fn/set_local_password?from=/admin/users/tia";
    let sent = world.send(Request::plain_form(to, &fields).cookie(&rae)).await;
    assert_eq!(sent.status, 303);
    let cookies: Vec<String> = sent
        .headers("set-cookie")
        .iter()
        .map(|line| line.split(';').next().unwrap().to_owned())
        .collect();
    let page = Request::get("/admin/users/tia").page().header("cookie", &cookies.join("; "));
    let text = world.send(page).await.text();
    for words in [
        "It is still closed after too many wrong ones, and cannot be used.",
        "The Help Desk can open it.",
        "Once it is open, say to ",
        ": “Log in with your NetID,",
    ] {
        assert!(text.contains(words), "{words}");
    }
}
