//! Renewing: a new secret with the same settings, and how long the old one goes on.

use desk::{AuditAction, Expires, GracePeriod, Networks, Refusal, Verdict, right};

use super::support::{get, world, world_with};

fn grace(minutes: &str) -> GracePeriod {
    GracePeriod::parse(minutes).unwrap()
}

#[tokio::test]
async fn renewing_makes_a_new_secret_with_the_same_settings_and_the_old_one_ends_after_the_overlap()
{
    let world = world().await;
    let expires = Expires::At(world.now().plus_days(90));
    let adjust = |new: &mut desk::NewToken| {
        (new.expires, new.networks) = (expires, Networks::parse("192.0.2.0/24").unwrap());
    };
    let (old, first) = world.token_with("tia", "backup", adjust).await;
    world.clock.advance(60 * 86_400);
    let renew = AuditAction::TokenRenew;
    let permit =
        world.permit_by_form::<right::ManageOwnTokens>("tia", None, "tia.1", renew).await.unwrap();
    let (new, view) = world.renew_token(&permit, first.id.as_str(), grace("60")).await.unwrap();
    assert_ne!(old.expose(), new.expose());
    let same = desk::TokenView {
        id: view.id.clone(),
        created: world.now(),
        expires: Some(world.now().plus_days(90)),
        ..first.clone()
    };
    assert_eq!(view, same, "as long a life as the old one was made for");
    for token in [&old, &new] {
        assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    }
    let (action, outcome, detail) = world.last_audit("tia").await;
    assert_eq!((action.as_str(), outcome.as_str()), ("token.renew", "done"));
    assert!(
        detail.contains("backup") && detail.contains(first.id.short()) && detail.contains("1 hour"),
        "{detail}"
    );
    assert_eq!(
        world.renew_token(&permit, first.id.as_str(), grace("60")).await.unwrap_err(),
        Refusal::sent_already(renew)
    );
    world.clock.advance(3600);
    assert_eq!(world.verify(old.expose(), None, &get()).await, Verdict::Refused("expired"));
    assert!(matches!(world.verify(new.expose(), None, &get()).await, Verdict::Good(_)));
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert_eq!(
        world.renew_token(&permit, first.id.as_str(), grace("60")).await.unwrap_err(),
        Refusal::TokenOver
    );
    assert_eq!(world.own_tokens(&world.person("tia").await).await.unwrap().len(), 2);
}

#[tokio::test]
async fn renewing_without_overlap_revokes_the_old_one_and_needs_no_room() {
    let world = world_with(|settings| settings.tokens_per_user = 1).await;
    let (old, first) = world.token("tia", "only").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let refused = world.renew_token(&permit, first.id.as_str(), grace("60")).await.unwrap_err();
    assert_eq!(refused, Refusal::TooManyTokens { most: 1 });
    let (new, view) =
        world.renew_token(&permit, first.id.as_str(), GracePeriod::NONE).await.unwrap();
    assert_eq!(view.expires, None, "never stays never");
    assert_eq!(world.verify(old.expose(), None, &get()).await, Verdict::Refused("revoked"));
    assert!(matches!(world.verify(new.expose(), None, &get()).await, Verdict::Good(_)));
}

#[tokio::test]
async fn a_renewed_token_lives_no_longer_than_the_operator_allows_by_now_and_the_old_one_no_longer_than_it_would()
 {
    let world = world_with(|settings| settings.token_cap_days = Some(30)).await;
    let soon = world.now().plus_days(1);
    let (_, short) = world.token_with("tia", "short", |new| new.expires = Expires::At(soon)).await;
    let (_, long) = world.token_with("tia", "long", |new| new.expires = Expires::Never).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.renew_token(&permit, short.id.as_str(), grace("10080")).await.unwrap();
    let (_, renewed) = world.renew_token(&permit, long.id.as_str(), grace("1440")).await.unwrap();
    assert_eq!(renewed.expires, Some(world.now().plus_days(30)));
    let listed = world.own_tokens(&world.person("tia").await).await.unwrap();
    let expires = |id: &desk::TokenId| listed.iter().find(|token| token.id == *id).unwrap().expires;
    assert_eq!(
        (expires(&short.id), expires(&long.id)),
        (Some(soon), Some(world.now().plus_days(1)))
    );
}

#[tokio::test]
async fn nobody_renews_somebody_elses_token() {
    let world = world().await;
    let (_, view) = world.token("tia", "mine").await;
    let permit = world.permit::<right::ManageOwnTokens>("ada", None).await.unwrap();
    assert_eq!(
        world.renew_token(&permit, view.id.as_str(), GracePeriod::NONE).await.unwrap_err(),
        Refusal::TokenUnknown
    );
}
