//! Setting a local password for somebody whose own is closed: it is said before and after that it
//! stays so, and who opens it. For whose account is disabled none is set at all.

use app::forms::Done;
use desk::{Refusal, right};

use crate::people::closed::close;
use crate::people::post_redirect_get::follow;
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
    answer.decoded::<Done>().notice.expect("what is said").text
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
    for (actor, who) in [
        ("rae", "An administrator can enable it."),
        ("helen", "An administrator can enable it."),
        ("ada", "Enable it first, under Account."),
    ] {
        let seen = page(&world, actor, "dave").await;
        assert!(seen.contains(&format!("account is disabled. {who}")), "{actor}");
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

/// Where a form without script on sam's page is sent,
const SAVE: &str = "/fn/set_local_password?from=/admin/users/sam";

/// and what rae fills in to give sam these words.
fn for_sam(words: &str) -> [(&str, &str); 5] {
    [
        ("netid", "sam"),
        ("own_password", "rae-local-password"),
        ("new", words),
        ("retype", words),
        ("form", "one"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_a_passphrase_is_shown_once_more_when_it_is_saved() {
    let world = world().await;
    let had = format!("latchkey={}", world.log_in("rae").await.expose());
    let words = desk::generate_passphrase();
    let fields = for_sam(&words);
    let sent = world.send(Request::plain_form(SAVE, &fields).header("cookie", &had)).await;
    let session = sent.headers("set-cookie").into_iter().find(|line| line.starts_with("latchkey="));
    let session = session.unwrap().split(';').next().unwrap().to_owned();
    let get = |path: &str| Request::get(path).page().header("cookie", &session);
    let other = world.send(get("/admin/users/tia")).await.text();
    assert!(!other.contains(&words), "nobody else's");
    let page = follow(&world, &sent, &had).await.text();
    assert!(page.contains("Initial local password set for sam."), "{page}");
    assert_eq!(page.matches(&words).count(), 1, "to be read out, and in no field: {page}");
    assert!(page.contains("Saved. Now say to ") && !page.contains("Once saved it is"), "{page}");
    assert!(!world.send(get("/admin/users/sam")).await.text().contains(&words), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_whoever_did_not_see_the_answer_is_told_to_save_another() {
    let world = world().await;
    let had = format!("latchkey={}", world.log_in("rae").await.expose());
    let words = desk::generate_passphrase();
    let fields = for_sam(&words);
    let unseen = "neither noted it nor see it below, choose Generate and save another.";
    let request = Request::plain_form(SAVE, &fields).header("cookie", &had);
    let first = world.send(request.clone()).await;
    assert!(!follow(&world, &first, &had).await.text().contains(unseen));
    let again = world.send(request).await;
    let page = follow(&world, &again, &had).await.text();
    assert!(page.contains("The local password was set the first time"), "{page}");
    assert!(page.contains(unseen), "{page}");
    // With script it is still on the page.
    let by_script = Request::form("/fn/set_local_password", &fields).header("cookie", &had);
    let refused = world.send(by_script).await.refusal();
    assert_eq!(refused, Refusal::sent_already(desk::AuditAction::PasswordSet));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whoever_has_no_way_in_it_is_said_and_nobody_is_told_to_log_in() {
    let world = world().await;
    let new = desk::ImportUser {
        netid: desk::NetId::parse("nora").unwrap(),
        name: Some("Nora New".to_owned()),
        email: None,
        role: None,
        privileged: Some(true),
        disabled: None,
        password: None,
    };
    world.desk.console().import_users(&[new]).await.unwrap();
    let cannot = "Nora New cannot log in yet: ";
    for of in ["nora", "nora?generate=1"] {
        let page = page(&world, "helen", of).await;
        assert!(page.contains(cannot) && !page.contains("Log in with your NetID"), "{page}");
    }
    let after = set(&world, "helen", "nora").await;
    assert!(after.contains(cannot) && !after.contains("About Me"), "{after}");
}
