//! Logging out at the provider too: with the ID token where it is a page of ours that leads there,
//! and without where it may be anybody's.

use desk::Cookie;
use serde_json::json;
use url::Url;

use super::{There, session};
use crate::support::{Answer, Request, origin};

fn hint(answer: &Answer) -> Option<String> {
    let url = Url::parse(&answer.header("location").unwrap()).unwrap();
    assert!(
        url.path() == "/out"
            && url.query_pairs().any(|(name, value)| name == "client_id" && value == "latchkey")
    );
    url.query_pairs().find(|(name, _)| name == "id_token_hint").map(|(_, token)| token.into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_is_told_who_leaves_where_they_do_so_themselves() {
    let there = There::usual().await;
    let answer = there.log_in().await;
    let lines = answer.headers("set-cookie");
    let kept = lines.iter().find(|line| line.starts_with("latchkey-hint=")).unwrap();
    assert!(kept.contains("; Path=/login/oidc/out; HttpOnly"), "{kept}");
    let kept = kept.split(';').next().unwrap().to_owned();
    let session = session(&answer).unwrap();
    let out = |site: &str, cookies: &str| {
        Request::get("/login/oidc/out")
            .page()
            .header("sec-fetch-site", site)
            .header("cookie", cookies)
    };
    // Still logged in here, or led here by another site: the provider asks, as it does of anybody.
    assert_eq!(
        hint(&there.send(out("same-origin", &format!("{kept}; latchkey={session}"))).await),
        None
    );
    for site in ["cross-site", "same-site", "none"] {
        assert_eq!(hint(&there.send(out(site, &kept)).await), None, "{site}");
    }
    let answer = there.send(out("same-origin", &kept)).await;
    assert_eq!(hint(&answer).as_deref(), kept.strip_prefix("latchkey-hint="));
    assert!(
        answer
            .headers("set-cookie")
            .iter()
            .any(|line| line.starts_with("latchkey-hint=;") && line.contains("Max-Age=0"))
    );
    assert_eq!(hint(&there.send(out("same-origin", "")).await), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_that_is_too_large_is_not_kept() {
    let there = There::usual().await;
    there
        .provider
        .tell(|says| says.claims["groups"] = vec!["a group with quite a long name"; 200].into());
    let answer = there.log_in().await;
    assert_eq!(answer.status, 303);
    assert!(answer.headers("set-cookie").iter().any(|line| line.starts_with("latchkey-hint=;")));
}

async fn tell(there: &There, token: &str) -> u16 {
    there.send(Request::form("/login/oidc/log-out", &[("logout_token", token)])).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_ends_what_it_has_begun_by_a_token_that_is_one_of_log_out() {
    let there = There::usual().await;
    let goes_on = async |answer: &Answer| {
        let cookie = Cookie::parse(&session(answer).unwrap()).unwrap();
        there.world.desk.visitor(&cookie, &origin()).await.is_ok()
    };
    let answer = there.log_in().await;
    for (wrong, why) in [
        (json!({"nonce": "n"}), "an ID token has one"),
        (json!({"nonce": ""}), "it must not be there at all"),
        (json!({"nonce": 0}), "whatever it is"),
        (json!({"events": null}), "it is no log-out token"),
        (json!({"events": {"another": {}}}), "of another event"),
        (json!({"sub": null}), "nobody is named"),
        (json!({"sub": ["pia-7"]}), "one text, and no list"),
        (json!({"sub": ["pia-7"], "sid": "s"}), "beside a session too"),
        (json!({"jti": null}), "it could be told twice"),
        (json!({"aud": "another"}), "it is another's"),
        (json!({"iat": 1_700_000_000}), "it is old"),
    ] {
        assert_eq!(
            tell(&there, &there.provider.log_out_token(&wrong)).await,
            400,
            "{wrong}: {why}"
        );
        assert!(goes_on(&answer).await, "{wrong}");
    }
    // Null is a value, and a claim that has it is there (OpenID Connect Back-Channel Logout 1.0
    // §2.4).
    assert_eq!(tell(&there, &there.provider.log_out_token_with_null("nonce")).await, 400);
    assert!(goes_on(&answer).await);
    assert_eq!(tell(&there, &there.provider.log_out_token(&json!({}))).await, 200);
    assert!(!goes_on(&answer).await);
    assert_eq!(
        tell(&there, &there.provider.log_out_token(&json!({}))).await,
        400,
        "it was used before"
    );
}
