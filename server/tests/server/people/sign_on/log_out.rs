//! Logging out at the provider too: with the ID token where it is a page of ours that leads there, and without where it may be
//! anybody's.

use url::Url;

use super::{There, session};
use crate::support::{Answer, Request};

fn hint(answer: &Answer) -> Option<String> {
    let url = Url::parse(&answer.header("location").unwrap()).unwrap();
    assert!(url.path() == "/out" && url.query_pairs().any(|(name, value)| name == "client_id" && value == "latchkey"));
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
    let out = |site: &str, cookies: &str| Request::get("/login/oidc/out").page().header("sec-fetch-site", site).header("cookie", cookies);
    // Still logged in here, or led here by another site: the provider asks, as it does of anybody.
    assert_eq!(hint(&there.send(out("same-origin", &format!("{kept}; latchkey={session}"))).await), None);
    for site in ["cross-site", "same-site", "none"] {
        assert_eq!(hint(&there.send(out(site, &kept)).await), None, "{site}");
    }
    let answer = there.send(out("same-origin", &kept)).await;
    assert_eq!(hint(&answer).as_deref(), kept.strip_prefix("latchkey-hint="));
    assert!(answer.headers("set-cookie").iter().any(|line| line.starts_with("latchkey-hint=;") && line.contains("Max-Age=0")));
    assert_eq!(hint(&there.send(out("same-origin", "")).await), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_that_is_too_large_is_not_kept() {
    let there = There::usual().await;
    there.provider.tell(|says| says.claims["groups"] = vec!["a group with quite a long name"; 200].into());
    let answer = there.log_in().await;
    assert_eq!(answer.status, 303);
    assert!(answer.headers("set-cookie").iter().any(|line| line.starts_with("latchkey-hint=;")));
}
