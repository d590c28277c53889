//! What `/auth/verify` says of a token that ends soon.

use desk::Expires;

use crate::support::{Request, world};

#[tokio::test(flavor = "multi_thread")]
async fn in_its_last_fourteen_days_the_answer_says_when_a_token_ends() {
    let world = world().await;
    let now = world.desk.now();
    let soon = now.plus_days(13);
    for (expires, expected) in [
        (Expires::At(soon), Some(soon.rfc3339())),
        (Expires::At(now.plus_days(15)), None),
        (Expires::Never, None),
    ] {
        let (token, _) = world.token_with("tia", "an end", |new| new.expires = expires).await;
        let answer = world.send(Request::get("/auth/verify").token(&token)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("latchkey-token-expires"), expected);
    }
    let nothing = Request::get("/auth/verify").header("authorization", "Bearer nothing");
    let refused = world.send(nothing).await;
    assert_eq!((refused.status, refused.header("latchkey-token-expires")), (401, None));
}
