use desk::{Action, Refusal, Verdict};

use super::support::{get, new_token, origin, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twenty_times_at_once_makes_one_token() {
    let world = world().await;
    let permit = world.permit("tia", Action::ManageOwnTokens, None).await.unwrap();
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (desk, permit) = (world.desk.clone(), permit.clone());
            tokio::spawn(async move { desk.create_token(&permit, new_token("once"), "the same", &origin()).await })
        })
        .collect();
    let mut made = 0;
    for outcome in tries {
        match outcome.await.unwrap() {
            Ok(_) => made += 1,
            Err(refusal) => assert_eq!(refusal, Refusal::SentAlready),
        }
    }
    assert_eq!(made, 1);
    assert!(world.verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_by_everybody_once_revoking_returned() {
    let world = world().await;
    for round in 0..25 {
        let (token, view) = world.token("tia", &format!("round {round}")).await;
        let permit = world.permit("tia", Action::ManageOwnTokens, None).await.unwrap();
        let verifiers: Vec<_> = (0..4)
            .map(|_| {
                let (desk, token) = (world.desk.clone(), token.clone());
                tokio::spawn(async move { while matches!(desk.verify(token.expose(), None, &get()).await, Verdict::Good(_)) {} })
            })
            .collect();
        world.revoke_token(&permit, &view.id, &origin()).await.unwrap();
        assert_eq!(world.verify(token.expose(), None, &get()).await, Verdict::Refused("revoked"));
        for verifier in verifiers {
            verifier.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_from_many_hands_form_one_unbroken_chain() {
    let world = world().await;
    let permit = world.permit("tia", Action::ManageOwnTokens, None).await.unwrap();
    let many: Vec<_> = (0..40)
        .map(|n| {
            let (desk, permit) = (world.desk.clone(), permit.clone());
            tokio::spawn(async move { desk.create_token(&permit, new_token(&format!("token {n}")), "", &origin()).await.unwrap() })
        })
        .collect();
    for made in many {
        made.await.unwrap();
    }
    let report = world.verify_audit().await.unwrap();
    assert!(report.faults.is_empty() && report.rows >= 40, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_of_one_session_at_once_are_all_answered() {
    let world = world().await;
    let cookie = world.cookie("tia").await;
    world.clock.advance(120);
    let requests: Vec<_> = (0..30)
        .map(|_| {
            let (desk, cookie) = (world.desk.clone(), cookie.clone());
            tokio::spawn(async move { desk.visitor(&cookie, &origin()).await.map(|visitor| visitor.me().netid) })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap().unwrap(), "tia");
    }
}
