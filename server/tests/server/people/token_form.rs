//! Tokens' forms: **Save Changes** changes nothing that it has not shown, and writes nothing down
//! where nothing was changed; a date beside another choice is no date that is silently left out.

use desk::{AuditAction, AuditQuery, Networks, Refusal};

use crate::people::post_redirect_get::follow;
use crate::support::{Request, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_form_widens_no_token() {
    let world = world().await;
    let (_, token) = world.token("tia", "Backup script").await;
    let cookie = world.log_in("tia").await;
    let id = token.id.to_string();
    let send = async |description: &str, networks: &str, was: [(&str, &str); 3]| {
        let typed = [
            ("id", &*id),
            ("description", description),
            ("expires", "keep"),
            ("networks", networks),
        ];
        let fields = [&typed[..], &was[..], &[("own_password", "tia-local-password")]].concat();
        world.send(Request::form("/fn/edit_token", &fields).cookie(&cookie)).await
    };
    let now = async || {
        let permit = world.desk.console().permit::<desk::right::SeeTokensOf>("tia").await.unwrap();
        let tokens = world.desk.tokens_of(&permit).await.unwrap();
        let token = tokens.into_iter().find(|token| token.id.as_str() == id).unwrap();
        (token.description, Networks::parse(&token.networks).unwrap().to_string())
    };
    let first = [("was_description", "Backup script"), ("was_networks", ""), ("was_expires", "")];
    let narrowed = send("Backup script", "10.0.0.0/8", first).await;
    assert_eq!(narrowed.status, 200, "{}", narrowed.text());
    // Drawn before that, in another tab.
    let stale = send("Backup of the printers", "", first).await;
    assert_eq!((stale.status, stale.refusal()), (409, Refusal::TokenChanged));
    assert_eq!(now().await, ("Backup script".to_owned(), "10.0.0.0/8".to_owned()));
    for unreadable in [
        [
            ("was_description", "Backup script"),
            ("was_networks", "10.0.0.0/8"),
            ("was_expires", "tomorrow"),
        ],
        [("was_description", "Backup script"), ("was_networks", "10.0.0.0/8"), ("more", "")],
    ] {
        assert_eq!(
            send("Backup of the printers", "", unreadable).await.status,
            400,
            "{unreadable:?}"
        );
    }
    let seen =
        [("was_description", "Backup script"), ("was_networks", "10.0.0.0/8"), ("was_expires", "")];
    assert_eq!(send("Backup of the printers", "10.0.0.0/8", seen).await.status, 200);
    assert_eq!(now().await.0, "Backup of the printers");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_as_it_was_is_no_change() {
    let world = world().await;
    let (_, token) = world.token("tia", "Backup script").await;
    let cookie = world.log_in("tia").await;
    let fields = [
        ("id", token.id.as_str()),
        ("description", " Backup script "),
        ("expires", "keep"),
        ("networks", ""),
        ("was_description", "Backup script"),
        ("was_networks", ""),
        ("was_expires", ""),
        ("own_password", "tia-local-password"),
    ];
    let saved = world.send(Request::form("/fn/edit_token", &fields).cookie(&cookie)).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert!(saved.text().contains("Nothing was changed"), "{}", saved.text());
    let rows = world.desk.console().audit(&AuditQuery::default()).await.unwrap().rows;
    assert!(
        rows.iter().all(|row| row.action.code() != AuditAction::TokenEdit.code()),
        "a row for nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_beside_another_choice_is_not_left_out_in_silence() {
    let world = world().await;
    let (_, token) = world.token("tia", "Backup script").await;
    let cookie = world.log_in("tia").await;
    let made = [
        ("description", "till Friday"),
        ("access", "full"),
        ("networks", ""),
        ("own_password", "tia-local-password"),
        ("date", "2099-12-04"),
    ];
    let edited = [
        ("id", token.id.as_str()),
        ("description", "Backup script"),
        ("networks", ""),
        ("was_description", "Backup script"),
        ("was_networks", ""),
        ("was_expires", ""),
        ("own_password", "tia-local-password"),
        ("date", "2099-12-04"),
    ];
    for (path, fields, choices) in [
        ("/fn/create_token", &made[..], &["90", "never"][..]),
        ("/fn/edit_token", &edited[..], &["keep", "30"][..]),
    ] {
        for choice in choices {
            let fields = [fields, &[("expires", *choice)]].concat();
            let refused = world.send(Request::plain_form(path, &fields).cookie(&cookie)).await;
            assert_eq!(refused.status, 303, "{path} {choice}");
            let cookies = refused.headers("set-cookie").join("; ");
            assert!(cookies.contains("flash="), "{path} {choice}: {cookies}");
            // By script the date is hidden there, and may be what was typed before.
            if path == "/fn/create_token" {
                let sent = world.send(Request::form(path, &fields).cookie(&cookie)).await;
                assert_eq!(sent.status, 200, "{}", sent.text());
            }
        }
    }
    let permit = world.desk.console().permit::<desk::right::SeeTokensOf>("tia").await.unwrap();
    let tokens = world.desk.tokens_of(&permit).await.unwrap();
    let of = |what: &str| tokens.iter().filter(|token| token.description == what).count();
    assert_eq!((of("till Friday"), of("Backup script")), (2, 1), "only those by script");
    assert!(tokens.iter().all(|token| token.description != "Backup script"
        || token.expires == Some(token.created.plus_days(90))
        || token.expires.is_none()));
}

/// An address opens nothing of a token that has ended. What was typed about it before is kept.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_token_that_is_over_a_form_is_open_only_for_what_was_typed() {
    let world = world().await;
    let (_, token) = world.token("tia", "Backup script").await;
    let id = token.id.as_str();
    let had = format!("latchkey={}", world.log_in("tia").await.expose());
    let open = async |query: &str| {
        let path = format!("/settings/auth-tokens?{query}={id}");
        let page = world.send(Request::get(&path).page().header("cookie", &had)).await.text();
        page.contains(&format!(" id=\"{query}-token-{id}\""))
    };
    for (is_over, is_open) in [(false, true), (true, false)] {
        if is_over {
            world.revoke("tia", &token).await;
        }
        for query in ["edit", "renew", "revoke"] {
            assert_eq!(open(query).await, is_open, "{query}");
        }
    }
    let fields = [
        ("id", id),
        ("description", "typed in vain"),
        ("expires", "keep"),
        ("was_description", "Backup script"),
        ("was_networks", ""),
        ("was_expires", ""),
        ("own_password", "tia-local-password"),
    ];
    let to = format!("/fn/edit_token?from=/settings/auth-tokens?edit={id}");
    let sent = world.send(Request::plain_form(&to, &fields).header("cookie", &had)).await;
    let page = follow(&world, &sent, &had).await.text();
    assert!(page.contains(&Refusal::TokenOver.to_string()), "{page}");
    assert!(page.contains("value=\"typed in vain\""), "{page}");
}
