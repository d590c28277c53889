//! What the pieces of verify cost, one by one.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![expect(missing_docs, reason = "written by criterion_group!")]

use criterion::{Criterion, criterion_group, criterion_main};
use desk::{Desk, Networks, PlainToken, Settings, VerifyRequest};
use std::hint::black_box;
use testkit::by_hand;

/// A desk in memory with one token of the demo account tia's.
async fn desk_with_token() -> (Desk, PlainToken) {
    let desk = Desk::open(Settings {
        demo: true,
        hash_memory_kib: 64,
        hash_passes: 1,
        ..Settings::default()
    })
    .await
    .unwrap();
    desk.console().load_demo().await.unwrap();
    let (token, _) = by_hand::token_with(&desk, "tia", "measured", |_| {}).await;
    (desk, token)
}

fn verify_parts(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(10 << 20)
        .build()
        .unwrap();
    let (desk, token) = runtime.block_on(desk_with_token());
    let request = VerifyRequest { method: "GET", address: Some([192, 0, 2, 1].into()) };
    let networks = Networks::parse("10.0.0.0/8, 192.0.2.0/24, 2001:db8::/32").unwrap();

    criterion.bench_function("token: format and checksum", |b| {
        b.iter(|| PlainToken::parse(black_box(token.expose())));
    });
    criterion.bench_function("token: SHA-256", |b| b.iter(|| black_box(&token).id()));
    criterion.bench_function("networks: three of them", |b| {
        b.iter(|| networks.allow(black_box([192, 0, 2, 1].into())));
    });
    criterion.bench_function("verify: good, remembered", |b| {
        b.iter(|| runtime.block_on(desk.verify(black_box(token.expose()), None, &request)));
    });
    criterion.bench_function("verify: malformed", |b| {
        b.iter(|| runtime.block_on(desk.verify(black_box("latchkey_x"), None, &request)));
    });
}

criterion_group!(benches, verify_parts);
criterion_main!(benches);
