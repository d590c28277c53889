//! Bringing back those whom an identity system took away by mistake.

use desk::{BroughtBack, LeaverLimit, NetId, Source, right};

use super::binding::{oidc, subject};
use super::{active, page, person, rows, sync, token, works, world};
use crate::support::origin;

#[tokio::test]
async fn everybody_whom_it_took_since_then_is_back_with_their_tokens() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let scim = world.source(desk::source::Scim);
    let netid = |netid: &str| NetId::parse(netid).unwrap();
    // Of long ago, and meant.
    scim.push(&netid("otto"), &active(false), &origin()).await.unwrap();
    world.clock.advance(86_400);
    let [nora, pia] = [token(&world, "nora").await, token(&world, "pia").await];
    oidc(&world, "nora", "nora-1").await.unwrap();
    // One revoked before by helen stays so.
    let helen = world.permit::<right::RevokeTokensOf>("helen", Some("pia")).await.unwrap();
    world.revoke_all_tokens(&helen).await.unwrap();
    let since = world.now();
    world.clock.advance(60);
    scim.push(&netid("nora"), &active(false), &origin()).await.unwrap();
    scim.push_out(&netid("pia"), &origin()).await.unwrap();
    world.clock.advance(60);

    let back = |who: &str, tokens| BroughtBack {
        netid: netid(who),
        departed_at: since.plus_seconds(60),
        tokens,
    };
    let expected = vec![back("nora", 1), back("pia", 0)];
    let before = rows(&world, "nora").await;
    assert_eq!(world.console().bring_back(Source::Scim, since, true).await.unwrap(), expected);
    assert_eq!(rows(&world, "nora").await, before, "a plan writes nothing");
    assert_eq!(
        world.console().bring_back(Source::Ldap, since, false).await.unwrap(),
        [],
        "by another's word"
    );
    assert_eq!(world.console().bring_back(Source::Scim, since, false).await.unwrap(), expected);
    assert!(works(&world, &nora).await && !works(&world, &pia).await);
    assert_eq!(
        rows(&world, "nora").await[..2],
        [
            "(console) token.restore done 1 token",
            "(console) user.returned done by the operator, who undoes that they left"
        ]
    );
    for (who, disabled) in [("nora", false), ("pia", false), ("otto", true)] {
        let shown = page(&world, who).await;
        assert_eq!((shown.user.disabled, shown.departed), (disabled, disabled), "{who}");
    }
    // As they were: seen by the identity system, and by the name that the campus log-in has for
    // them.
    assert!(scim.pushed_user(&netid("pia")).await.unwrap().unwrap().active);
    assert_eq!(page(&world, "nora").await.subject, Some(subject("nora-1").to_string()));
    assert!(oidc(&world, "nora", "nora-2").await.is_err());
    assert_eq!(world.console().bring_back(Source::Scim, since, false).await.unwrap(), [], "once");
    // And it may take them away again; the directory, too, has its say.
    scim.push(&netid("nora"), &active(false), &origin()).await.unwrap();
    assert!(page(&world, "nora").await.user.disabled);
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::Percent(100.0)).await.unwrap();
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn whom_another_keeps_out_stays_out() {
    let (world, list) = world().await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    let since = world.now();
    let pia = NetId::parse("pia").unwrap();
    world.source(desk::source::Scim).push(&pia, &active(false), &origin()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    for source in [Source::Scim, Source::Ldap] {
        assert_eq!(world.console().bring_back(source, since, false).await.unwrap(), []);
    }
    super::administer(&world, "otto", super::Set::Disabled(true)).await;
    world
        .source(desk::source::Scim)
        .push(&NetId::parse("otto").unwrap(), &active(false), &origin())
        .await
        .unwrap();
    assert_eq!(world.console().bring_back(Source::Scim, since, false).await.unwrap(), []);
    assert!(page(&world, "otto").await.user.disabled && page(&world, "pia").await.user.disabled);
}
