//! What is sent: without a length, beside large ones that do not come, and with very many values.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{TOKEN, ask, pushed_to};
use crate::support::Request;

/// A large request of which nothing comes once it is asked for.
async fn stalls(address: std::net::SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/scim+json\r\ncontent-length: 1000000\r\n\
         expect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut begins = [0; 12];
    stream.read_exact(&mut begins).await.unwrap();
    assert_eq!(&begins, b"HTTP/1.1 100", "it has its turn, and is read");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_body_without_a_length_waits_for_no_large_one() {
    let world = pushed_to().await;
    let large = [stalls(world.address).await, stalls(world.address).await];
    let body = json!({ "userName": "nora" }).to_string();
    let request = Request::new("POST", "/scim/v2/Users")
        .header("authorization", &format!("Bearer {TOKEN}"))
        .header("content-type", "application/scim+json")
        .header("transfer-encoding", "chunked")
        .body(format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).into_bytes());
    assert_eq!(world.send(request).await.status, 201);
    drop(large);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_values_than_anybody_says_of_twenty_thousand_members_are_refused() {
    let world = pushed_to().await;
    let with = |many: usize| json!({ "userName": "nora", "more": vec![json!({}); many] });
    let refused = ask(&world, "POST", "/scim/v2/Users", Some(with(100_001))).await;
    assert_eq!((refused.status, &refused.json()["status"]), (413, &json!("413")));
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/nora", None).await.status, 404);
    let made = ask(&world, "POST", "/scim/v2/Users", Some(with(99_000))).await;
    assert_eq!((made.status, made.json()["active"].clone()), (201, Value::Bool(true)));
}
