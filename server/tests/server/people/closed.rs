//! A local password closed after too many wrong ones: what the Help Desk sees, says on the
//! telephone, and does.

use desk::{Helper, Refusal, right};

use crate::support::{Request, World, origin, secret, world};

/// helen opens somebody's local password.
async fn open(world: &World, netid: &str) {
    let fields = [("netid", netid), ("own_password", "helen-local-password")];
    let helen = world.log_in("helen").await;
    let opened = world.send(Request::form("/fn/open_account", &fields).cookie(&helen)).await;
    assert_eq!(opened.status, 200);
}

pub(super) async fn close(world: &World, netid: &str) {
    guess(world, netid, 100).await;
}

async fn guess(world: &World, netid: &str, times: usize) {
    let visitor = world.desk.visitor(&world.log_in(netid).await, &origin()).await.unwrap();
    for _ in 0..times {
        world.clock.advance(10);
        let guess = secret("a guess of a thief");
        world
            .desk
            .authorise::<right::ManageOwnTokens>(&visitor, None, Some(&guess), &origin())
            .await
            .unwrap_err();
    }
}

async fn page(world: &World, reader: &str, of: &str) -> String {
    at(world, reader, &format!("/admin/users/{of}")).await
}

/// A page as it is without script; with script it comes to life as it is.
async fn at(world: &World, reader: &str, path: &str) -> String {
    let answer = world.send(Request::get(path).page().cookie(&world.log_in(reader).await)).await;
    assert_eq!(answer.status, 200);
    answer.text()
}

/// How many red badges say so.
fn badges(page: &str) -> usize {
    let is_one = |tag: &&str| {
        let (attributes, rest) = tag.split_once('>').unwrap_or_default();
        attributes.contains("class=\"badge\"")
            && attributes.contains("data-kind=\"bad\"")
            && rest.starts_with("Closed<")
    };
    page.split("<span ").filter(is_one).count()
}

const CLOSED: &str = "This person’s local password is closed";

#[tokio::test(flavor = "multi_thread")]
async fn the_help_desk_reads_what_to_ask_and_opens_it() {
    let world = world().await;
    close(&world, "tia").await;
    let seen = page(&world, "helen", "tia").await;
    for words in
        [CLOSED, "Have you typed your local password wrong many times?", "Open local password"]
    {
        assert!(seen.contains(words), "{words}");
    }
    let by_rep = page(&world, "rae", "tia").await;
    assert!(
        by_rep.contains(CLOSED)
            && by_rep.contains("The Help Desk can open it.")
            && !by_rep.contains("Open local password")
    );
    // The owner is told what to do, and may log in as before.
    let tia = world.log_in("tia").await;
    let own = [("own_password", "tia-local-password")];
    let request = Request::form("/fn/revoke_idle_tokens", &own).cookie(&tia);
    let refused = world.send(request.clone()).await;
    assert_eq!(
        (refused.status, refused.refusal()),
        (429, Refusal::AccountClosed(Helper::HelpDesk))
    );
    let activity = world.send(Request::get("/settings/activity").page().cookie(&tia)).await.text();
    assert!(activity.contains("Local password closed after too many wrong ones"));
    open(&world, "tia").await;
    assert!(!page(&world, "helen", "tia").await.contains(CLOSED));
    assert_eq!(world.send(request).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_is_not_the_help_desks_to_open() {
    let world = world().await;
    close(&world, "ada").await;
    let seen = page(&world, "helen", "ada").await;
    assert!(
        seen.contains(CLOSED)
            && seen.contains("You cannot do this for someone whose role is above your own.")
    );
    assert!(!seen.contains("Open local password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_badge_says_so_in_the_list_and_on_the_page() {
    let world = world().await;
    close(&world, "tia").await;
    for reader in ["rae", "helen", "ada"] {
        assert_eq!(badges(&at(&world, reader, "/admin/users?q=t").await), 1, "{reader}");
        assert_eq!(badges(&page(&world, reader, "tia").await), 1, "{reader}");
        assert_eq!(badges(&page(&world, reader, "sam").await), 0, "{reader}");
    }
    open(&world, "tia").await;
    assert_eq!(badges(&at(&world, "helen", "/admin/users?q=t").await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_owner_reads_before_typing_what_to_say_on_the_telephone_and_what_happens_then() {
    let world = world().await;
    let (token, view) = world.token("tia", "made before").await;
    let words = [
        "Your local password has been closed after too many wrong attempts. Contact the Help Desk \
            and ask them to open it.",
        "Help Desk: the Help Desk, extension 4711",
        "Say: “My NetID is tia. My local password is closed. Please open it.”",
        "They ask whether it was you who typed it wrong.",
        "You can log in as before, and your auth tokens go on working.",
    ];
    let pages = [
        "/settings/about-me",
        "/settings/auth-tokens",
        "/settings/auth-tokens?create",
        "/settings/auth-tokens?revoke-all",
    ];
    for path in pages {
        assert!(!at(&world, "tia", path).await.contains(words[0]), "{path}");
    }
    close(&world, "tia").await;
    for path in pages {
        let seen = at(&world, "tia", path).await;
        for words in words {
            assert!(seen.contains(words), "{path}: {words}");
        }
    }
    let about_me = at(&world, "tia", "/settings/about-me").await;
    assert!(!about_me.contains("Current password"), "no form that could not be answered");
    for opens in ["create", "renew", "edit", "revoke", "revoke-all", "revoke-unused"] {
        let path = format!("/settings/auth-tokens?{opens}={}", view.id);
        let seen = at(&world, "tia", &path).await;
        assert!(seen.contains(words[0]), "{path}");
        for form in ["<dialog", ">Your local password<", "Create token", "Renew", "/fn/"] {
            let main = seen.split_once("<main").unwrap().1;
            assert!(!main.contains(form), "{path}: no form that could only fail: {form}");
        }
    }
    // Whoever sends it all the same is told so, not that a password is missing.
    let tia = world.log_in("tia").await;
    for own in ["", "tia-local-password"] {
        let fields = [
            ("form", "1"),
            ("description", "x"),
            ("expires", "30"),
            ("access", "full"),
            ("own_password", own),
        ];
        let refused =
            world.send(Request::form("/fn/create_token", &fields).cookie(&tia)).await.refusal();
        assert_eq!(refused, Refusal::AccountClosed(Helper::HelpDesk));
    }
    assert_eq!(world.send(Request::get("/auth/verify").token(&token)).await.status, 200);
    open(&world, "tia").await;
    for path in pages {
        assert!(!at(&world, "tia", path).await.contains(words[0]), "{path}");
    }
    assert!(at(&world, "tia", "/settings/about-me").await.contains("Current password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_confirmed_before_goes_on_as_it_needs_no_password() {
    let world = world().await;
    guess(&world, "tia", 98).await;
    world.clock.advance(10);
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let confirmed = permit.cookie().unwrap().clone();
    guess(&world, "tia", 3).await;
    assert!(at(&world, "tia", "/settings/auth-tokens").await.contains("closed after too many"));
    let page = Request::get("/settings/auth-tokens?create").page().cookie(&confirmed);
    let seen = world.send(page).await.text();
    assert!(seen.contains("<dialog") && seen.contains("Create token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_help_desks_own_closed_one_is_said_where_it_is_asked_for() {
    let world = world().await;
    let seen = page(&world, "helen", "tia").await;
    assert!(!seen.contains("Contact an administrator"));
    close(&world, "helen").await;
    let seen = page(&world, "helen", "tia").await;
    let (_, request) = seen.split_once(">Your local password<").unwrap();
    let (paragraph, _) = request.split_once("<input").unwrap();
    assert!(paragraph.contains("Contact an administrator and ask them to open it."), "{paragraph}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_reads_whom_to_ask() {
    let world = world().await;
    for (netid, whom) in [
        ("rae", "Contact the Help Desk and ask them to open it."),
        ("helen", "Contact an administrator and ask them to open it."),
        ("ada", "Contact whoever runs the server and ask them to open it."),
    ] {
        close(&world, netid).await;
        let seen = at(&world, netid, "/settings/about-me").await;
        assert!(seen.contains(whom), "{netid}");
        assert_eq!(seen.contains("They run: latchkey user open ada"), netid == "ada", "{netid}");
    }
}
