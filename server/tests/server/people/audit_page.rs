//! The audit's page: filters that name what there is not are said, with what is near.

use crate::support::{Request, World, world};

async fn page(world: &World, cookie: &desk::Cookie, query: &str) -> String {
    let answer =
        world.send(Request::get(&format!("/admin/audit?{query}")).page().cookie(cookie)).await;
    assert_eq!(answer.status, 200, "{query}");
    answer.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_not_is_said_and_what_is_near_is_a_click_away() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    for (query, words, link) in [
        ("action=tokn.create", "There is no action “tokn.create”.", "?action=token.create"),
        (
            "action=Logged+inn&actor=ada",
            "There is no action “Logged inn”.",
            "?actor=ada&amp;action=log-in",
        ),
        ("actor=helne", "Nobody has the NetID “helne”", "?actor=helen"),
        ("actor=console", "no program is called so.", "?actor=%28console%29"),
        (
            "subject=tja&outcome=done",
            "Nobody has the NetID “tja”.",
            "?subject=tia&amp;outcome=done",
        ),
        ("outcome=refuse", "There is no outcome “refuse”.", "?outcome=refused"),
    ] {
        let seen = page(&world, &ada, query).await;
        assert!(seen.contains(words), "{query}");
        let link = format!("href=\"/admin/audit{link}\"");
        assert!(seen.contains(&link) || seen.contains(&link.replace("&amp;", "&")), "{query}");
        // Asking for somebody is in the audit too, with whom it was asked for.
        let fits = query.starts_with("subject=");
        assert_ne!(seen.contains("No rows match these filters."), fits, "{query}");
    }
    let seen = page(&world, &ada, "action=tokn.create&actor=helen").await;
    for kept in ["value=\"tokn.create\"", "value=\"helen\""] {
        assert!(seen.contains(kept), "what was typed: {kept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_near_or_the_days_are_wrong_it_is_said_without_a_link() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    for (query, words) in [
        ("action=xyzzy", "There is no action “xyzzy”. Empty the field Action"),
        ("subject=%3Cb%3E", "Nobody has the NetID “&lt;b&gt;”."),
        ("from=2026-13-01", "“2026-13-01” is no day."),
        ("from=2026-11-25&to=2026-11-24", "From is after To"),
    ] {
        let seen = page(&world, &ada, query).await;
        assert!(seen.contains(words) && !seen.contains("Nearest:"), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_and_has_no_rows_is_no_slip() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    for query in [
        "actor=guest",
        "subject=guest&action=token",
        "action=password.closed",
        "actor=%28ldap%29",
        "actor=%28client%29%20rt",
    ] {
        let seen = page(&world, &ada, query).await;
        assert!(seen.contains("No rows match these filters."), "{query}");
        assert!(!seen.contains("Nobody has") && !seen.contains("There is no"), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_fields_that_are_empty_leads_to_the_one_without() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    for (requested, meant) in [
        ("?actor=tia&subject=&action=&outcome=&from=&to=", "?actor=tia"),
        ("?actor=&subject=&action=a+b&outcome=&from=&to=", "?action=a%20b"),
        ("?actor=&subject=&action=&outcome=&from=&to=", ""),
    ] {
        let answer =
            world.send(Request::get(&format!("/admin/audit{requested}")).page().cookie(&ada)).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some(format!("/admin/audit{meant}"))),
            "{requested}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_reads_the_audit_is_told_who_there_is() {
    let world = world().await;
    let helen = world.log_in("helen").await;
    let refused = world.send(Request::get("/admin/audit?actor=tja").page().cookie(&helen)).await;
    assert_eq!(refused.status, 403);
    assert!(!refused.text().contains("Nobody has the NetID"));
}
