use crate::support::{Request, world};

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_downloads_the_audit() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    let csv = world.send(Request::get("/admin/audit.csv?subject=ada").cookie(&ada)).await;
    assert_eq!(csv.status, 200);
    assert!(csv.header("content-disposition").unwrap().contains("latchkey-audit.csv"));
    assert!(csv.text().lines().count() >= 2, "{}", csv.text());
    let lines = world.send(Request::get("/admin/audit.jsonl").cookie(&ada)).await.text();
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_does() {
    let world = world().await;
    for path in ["/admin/audit.csv", "/admin/audit.jsonl"] {
        assert_eq!(world.send(Request::get(path)).await.status, 401);
        for netid in ["sam", "tia", "rae", "helen"] {
            let answer = world.send(Request::get(path).cookie(&world.log_in(netid).await)).await;
            assert_eq!((answer.status, answer.text().as_str()), (403, "You do not have the right to do this.\n"), "{netid}");
        }
    }
}
