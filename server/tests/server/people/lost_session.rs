//! Who comes with a session that is over is told so by the log-in, and led back to where they were;
//! and what else the log-in says around its form.

use desk::{Cookie, right};

use crate::support::{Request, World, origin, secret, world, world_with};

const ENDED: &str = "Your session has ended. Log in again";
const TO_GO_ON: &str = "Your session has ended. Log in again to go on where you were.";

/// A session of tia's that was ended elsewhere.
async fn over(world: &World) -> Cookie {
    let cookie = world.log_in("tia").await;
    let visitor = world.desk.visitor(&cookie, &origin()).await.unwrap();
    world.desk.log_out(&visitor, &origin()).await.unwrap();
    cookie
}

async fn seen(world: &World, path: &str, cookie: &str) -> String {
    let request = Request::get(path).page().header("cookie", cookie);
    world.send(request).await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_with_a_session_that_is_over_is_told_so_and_led_back() {
    let world = world().await;
    let over = over(&world).await;
    let requested = Request::get("/settings/auth-tokens?create=").page().cookie(&over);
    let led = world.send(requested).await;
    assert_eq!(led.status, 303);
    let log_in = led.header("location").unwrap();
    assert_eq!(log_in, "/login?next=/settings/auth-tokens%3Fcreate%3D");
    let over = format!("latchkey={}", over.expose());
    let page = seen(&world, &log_in, &over).await;
    assert!(page.contains(TO_GO_ON), "{page}");
    // What is shown once may have been on it.
    assert!(page.contains("renew it to get another"), "{page}");
    assert!(!seen(&world, "/login?next=/settings/activity", &over).await.contains("renew it"));
    assert!(page.contains("name=\"next\" value=\"/settings/auth-tokens?create=\""), "{page}");
    let start = seen(&world, "/login", &over).await;
    assert!(start.contains(ENDED) && !start.contains(TO_GO_ON), "{start}");
    // One that never was is over too: nobody learns which sessions there have been.
    let never = format!("latchkey={}", "a".repeat(64));
    assert!(seen(&world, &log_in, &never).await.contains(TO_GO_ON));
    for stranger in ["", "latchkey=x", "other=1"] {
        assert!(!seen(&world, &log_in, stranger).await.contains(ENDED), "{stranger}");
    }
    // Without script too: what is wrong with the form is said in its place.
    let form = [("netid", "tia"), ("password", "wrong-wrong-wrong")];
    let refused = Request::plain_form("/fn/log_in?from=/login", &form).header("cookie", &over);
    let refused = world.send(refused).await;
    let flash = refused.headers("set-cookie").join("; ");
    let flash = flash.split(';').find(|pair| pair.contains("latchkey-flash=")).unwrap().trim();
    let page = seen(&world, "/login", &format!("{over}; {flash}")).await;
    assert!(page.contains("Your NetID or password is incorrect.") && !page.contains(ENDED));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_asked_for_by_its_link_leads_to_the_log_in_and_back_to_the_page() {
    let world = world().await;
    let over = over(&world).await;
    for path in ["/admin/audit.csv?actor=tia", "/admin/audit.jsonl?actor=tia"] {
        let led = world.send(Request::get(path).page().cookie(&over)).await;
        let to = led.header("location");
        assert_eq!(
            (led.status, to.as_deref()),
            (303, Some("/login?next=/admin/audit%3Factor%3Dtia")),
            "{path}"
        );
        // A program is told, and led nowhere.
        let reported = world.send(Request::get(path).cookie(&over)).await;
        assert_eq!(
            (reported.status, reported.text().as_str()),
            (401, "Your session has ended. Log in again.\n")
        );
        let tia = world.log_in("tia").await;
        assert_eq!(world.send(Request::get(path).page().cookie(&tia)).await.status, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_says_which_password_it_is_and_where_there_is_help() {
    let page = seen(&world().await, "/login", "").await;
    assert!(page.contains("Your NetID password, not your local password."), "{page}");
    assert!(page.contains("<a href=\"/help\">Help</a>"), "{page}");
    assert!(page.contains("Help Desk: the Help Desk, extension 4711"), "{page}");
    let heads = |words: &str| page.contains(&format!("<th scope=\"col\">{words}<"));
    assert!(heads("NetID password") && !heads("Password"), "{page}");
    let nobody = world_with(|keys| keys.people.help_desk_contact = None).await;
    let page = seen(&nobody, "/login", "").await;
    assert!(page.contains("<a href=\"/help\">Help</a>") && !page.contains("Help Desk:"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_password_that_has_lapsed_has_no_form_and_whom_to_ask() {
    let world = world().await;
    let permit = world.permit::<right::SetLocalPassword>("helen", Some("sam")).await.unwrap();
    let initial = secret("seven otters cross the weir");
    world.desk.set_local_password(&permit, &initial, &initial).await.unwrap();
    let as_of = async |netid: &str, path: &str| {
        let cookie = world.log_in(netid).await;
        world.send(Request::get(path).page().cookie(&cookie)).await.text()
    };
    let choose = "Choose your own local password first";
    let say = "Say: “My NetID is sam. My initial local password has lapsed. Please set a new one.”";
    assert!(as_of("sam", "/settings/auth-tokens").await.contains(choose));
    assert!(as_of("sam", "/settings/about-me").await.contains("name=\"current\""));
    assert!(as_of("helen", "/admin/users/sam").await.contains(", lapses on "));
    world.clock.advance(7 * 86_400);
    for path in ["/settings/auth-tokens", "/settings/about-me"] {
        let page = as_of("sam", path).await;
        for words in ["has lapsed. Contact the Help Desk", "extension 4711", say] {
            assert!(page.contains(words), "{path}: {words}: {page}");
        }
        assert!(!page.contains(choose) && !page.contains("name=\"current\""), "{path}: {page}");
    }
    let page = as_of("helen", "/admin/users/sam").await;
    assert!(page.contains(", lapsed on ") && !page.contains(", lapses on "), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_top_bar_has_a_landmark_for_whoever_has_a_link_in_it_alone() {
    let world = world().await;
    for (netid, has) in [("tia", false), ("rae", true), ("ada", true)] {
        let cookie = world.log_in(netid).await;
        let page = world.send(Request::get("/settings/sessions").page().cookie(&cookie)).await;
        assert_eq!(page.text().contains("<nav aria-label=\"Main\">"), has, "{netid}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_so_without_script_alone_is_said_there_alone() {
    let world = world().await;
    let cookie = world.log_in("helen").await;
    let page = Request::get("/admin/users/sam?generate=1").page().cookie(&cookie);
    let page = world.send(page).await.text();
    let (before, _) = page.split_once("A save that is refused makes a new one").unwrap();
    assert!(before.trim_end().ends_with("<span class=\"unscripted\">"), "{before}");
}
