//! Bodies larger than any form are refused, in words that fit who asked.

use desk::Refusal;

use crate::support::{Request, world};

const TEN_MB: usize = 10 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_ten_megabytes_is_refused() {
    let world = world().await;
    let request = || Request::form("/fn/log_in", &[]).body(vec![b'a'; TEN_MB]);
    let answer = world.send(request()).await;
    assert_eq!((answer.status, answer.refusal()), (413, Refusal::TooLarge));
    let page = world.send(request().page()).await;
    assert_eq!(page.status, 413);
    assert!(page.text().contains("That is too much for this form."), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_length_is_refused_as_it_grows() {
    let world = world().await;
    let chunk = format!("{:x}\r\n{}\r\n", 100_000, "a".repeat(100_000));
    let request = Request::form("/fn/log_in", &[])
        .header("transfer-encoding", "chunked")
        .body(chunk.into_bytes());
    assert_eq!(world.send(request).await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_so_too() {
    let answer =
        world().await.send(Request::new("POST", "/api/v1/me").body(vec![b'a'; 100_000])).await;
    assert_eq!(
        (answer.status, answer.header("content-type").as_deref()),
        (413, Some("application/problem+json"))
    );
}
