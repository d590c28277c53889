//! What a card says of the networks that a token was used from: **It was me** and **Revoke**, by
//! script and without, and for nobody but the token's owner.

use desk::{AuditAction, AuditQuery, Cookie, FormKey, PlainToken, Refusal, TokenView};

use crate::people::post_redirect_get::follow;
use crate::support::{Request, World, person, world};

const PAGE: &str = "/settings/auth-tokens";

/// A token of tia's that has learned 192.0.2.0/24, and was then used from 198.51.100.0/24 for the
/// first time.
async fn used_from_elsewhere(world: &World) -> (PlainToken, TokenView) {
    let (token, view) = world.token("tia", "Backup script").await;
    for address in ["192.0.2.7", "198.51.100.1"] {
        world.verify(token.expose(), None, &testkit::forms::request("GET", address)).await;
        world.write_noted().await;
        world.clock.advance(8 * 86_400);
    }
    (token, view)
}

fn recognise<'a>(token: &'a TokenView, network: &'a str) -> [(&'a str, &'a str); 2] {
    [("id", token.id.as_str()), ("network", network)]
}

async fn page(world: &World, path: &str, cookie: &Cookie) -> String {
    world.send(Request::get(path).page().cookie(cookie)).await.text()
}

/// Whether tia's token still has a network that nobody has answered.
async fn is_open(world: &World, token: &TokenView) -> bool {
    let tokens = person(world, "tia").await.tokens.unwrap();
    let token = tokens.into_iter().find(|other| other.id == token.id).unwrap();
    token.networks_used.iter().any(|used| !used.answered)
}

async fn recognised(world: &World) -> usize {
    let action = AuditAction::TokenNetworkKnown.code().to_owned();
    let query = AuditQuery { action, ..AuditQuery::default() };
    world.desk.console().audit(&query).await.unwrap().rows.len()
}

/// The value of a hidden field as the page has it.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once("/fn/recognise_network").expect("the form");
    let (_, rest) = rest.split_once(&format!("name=\"{name}\" value=\"")).expect("the field");
    rest.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_one_post_says_that_it_was_its_owner_and_no_password_is_asked_for() {
    let world = world().await;
    let (_, token) = used_from_elsewhere(&world).await;
    let cookie = world.log_in("tia").await;
    let text = page(&world, PAGE, &cookie).await;
    for words in [
        "Used from 2 networks",
        "192.0.2.0/24, last on ",
        "Used from 198.51.100.0/24 for the first time on ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let fields = ["form", "id", "network"].map(|name| (name, field(&text, name)));
    assert_eq!(fields[1..], recognise(&token, "198.51.100.0/24"));
    let had = format!("latchkey={}", cookie.expose());
    let to = format!("/fn/recognise_network?from={PAGE}");
    let request = Request::plain_form(&to, &fields).header("cookie", &had);
    let answer = world.send(request.clone()).await;
    assert_eq!(answer.header("location").as_deref(), Some(PAGE));
    let next = follow(&world, &answer, &had).await.text();
    assert!(next.contains("Noted: it was you who used the token from 198.51.100.0/24."), "{next}");
    assert!(next.contains("Used from 2 networks") && !next.contains("It was me"), "{next}");
    assert!(!is_open(&world, &token).await);
    // Sent twice it is done once.
    let again = world.send(request).await;
    let next = follow(&world, &again, &had).await.text();
    let words = Refusal::sent_already(AuditAction::TokenNetworkKnown).to_string();
    assert!(next.contains(&words), "{next}");
    assert_eq!(recognised(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_beside_it_opens_the_question_and_the_token_goes() {
    let world = world().await;
    let (secret, token) = used_from_elsewhere(&world).await;
    let cookie = world.log_in("tia").await;
    let id = token.id.as_str();
    let text = page(&world, PAGE, &cookie).await;
    let (_, news) = text.split_once("It was me").expect("it is asked");
    let button = format!("name=\"revoke\" value=\"{id}\"");
    assert!(news.split("</form>").nth(1).unwrap().contains(&button), "{news}");
    let question = page(&world, &format!("{PAGE}?revoke={id}"), &cookie).await;
    assert!(question.contains("Revoke Backup script?"), "{question}");
    let fields = [("id", id), ("own_password", "tia-local-password")];
    let revoked = world.send(Request::form("/fn/revoke_token", &fields).cookie(&cookie)).await;
    assert_eq!(revoked.status, 200);
    let get = testkit::forms::request("GET", "198.51.100.1");
    let verdict = world.verify(secret.expose(), None, &get).await;
    assert_eq!(verdict, desk::Verdict::Refused("revoked"));
    let cookie = world.log_in("tia").await;
    let text = page(&world, PAGE, &cookie).await;
    assert!(text.contains("Used from 2 networks") && !text.contains("It was me"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_sends_answers_nothing() {
    let world = world().await;
    let (_, token) = used_from_elsewhere(&world).await;
    let cookie = world.log_in("tia").await;
    let fields = recognise(&token, "198.51.100.0/24");
    let sent = || Request::form("/fn/recognise_network", &fields).cookie(&cookie);
    for request in [
        sent().without("sec-fetch-site"),
        sent().without("sec-fetch-site").header("sec-fetch-site", "cross-site"),
        sent().without("sec-fetch-site").header("origin", "https://evil.example"),
    ] {
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.refusal()), (403, Refusal::CrossSite));
    }
    assert!(is_open(&world, &token).await);
    assert_eq!(world.send(sent()).await.status, 200);
    assert!(!is_open(&world, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_token_and_anothers_page_are_refused_and_nobody_at_all_is_logged_in_first() {
    let world = world().await;
    let (_, token) = used_from_elsewhere(&world).await;
    let fields = recognise(&token, "198.51.100.0/24");
    let send = async |netid: &str, more: &[(&str, &str)]| {
        let fields = [&fields[..], more].concat();
        let cookie = world.log_in(netid).await;
        let request = Request::form("/fn/recognise_network", &fields).cookie(&cookie);
        world.send(request).await.refusal()
    };
    for netid in ["sam", "rae", "helen", "ada"] {
        assert_eq!(send(netid, &[]).await, Refusal::TokenUnknown, "{netid}");
    }
    // A page that was made for tia, sent by ada; and the other way round.
    let (page, now) = ("tia".to_owned(), "ada".to_owned());
    let of_tia = FormKey::text("tia", "1");
    assert_eq!(send("ada", &[("form", &*of_tia)]).await, Refusal::PageOfAnother { page, now });
    let nobody = world.send(Request::form("/fn/recognise_network", &fields)).await;
    assert_eq!((nobody.status, nobody.refusal()), (401, Refusal::SessionEnded));
    assert!(is_open(&world, &token).await);
    assert_eq!(recognised(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_see_anothers_tokens_reads_it_and_has_no_button() {
    let world = world().await;
    used_from_elsewhere(&world).await;
    let cookie = world.log_in("helen").await;
    let text = page(&world, "/admin/users/tia", &cookie).await;
    assert!(text.contains("Used from 198.51.100.0/24 for the first time on "), "{text}");
    assert!(text.contains("Its owner has not said whether it was them."), "{text}");
    assert!(!text.contains("It was me") && !text.contains("recognise_network"), "{text}");
    // A rep sees nobody's tokens.
    let cookie = world.log_in("rae").await;
    let text = page(&world, "/admin/users/tia", &cookie).await;
    assert!(!text.contains("198.51.100.0/24"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_script_asks_for_again_is_the_same_to_the_letter() {
    let world = world().await;
    used_from_elsewhere(&world).await;
    let cookie = world.log_in("tia").await;
    let ask = async || world.send(Request::form("/fn/own_tokens", &[]).cookie(&cookie)).await.body;
    let (first, again) = (ask().await, ask().await);
    assert!(String::from_utf8_lossy(&first).contains("It was me"));
    assert_eq!(first, again, "or each answer would draw the card anew");
}
