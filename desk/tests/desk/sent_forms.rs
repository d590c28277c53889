//! A form whose answer was lost is sent again: whatever it is, it is told that it was done, before
//! anything else is judged, and nothing is counted or written. And a page that was made for one
//! person does nothing as another.

use desk::{
    AuditAction, AuditQuery, FormKey, GracePeriod, LocalState, Permit, Refusal, Right, Role,
    SeenToken, TokenEdit, Visitor, right,
};

use super::support::{
    World, new_token, origin, password_change, role, secret, token_edit, world, world_with,
};

const NEW: &str = "plain copper teapot garden";

async fn rows(world: &World) -> usize {
    world.console().audit(&AuditQuery::default()).await.unwrap().rows.len()
}

/// Lets `netid` send a form that does this, and send it again under the same id of their session,
/// as a browser does that never heard of a new one.
async fn sent_twice(
    world: &World,
    netid: &str,
    action: AuditAction,
    act: impl AsyncFnOnce(Visitor) -> Result<(), Refusal>,
) {
    let cookie = world.cookie(netid).await;
    let key = FormKey::text(netid, &desk::random_form_key());
    let send = async || world.sender(world.look(&cookie).await.unwrap(), &key, action).await;
    act(send().await.unwrap()).await.unwrap_or_else(|refusal| panic!("{action:?}: {refusal}"));
    let before = rows(world).await;
    assert_eq!(send().await.map(drop), Err(Refusal::sent_already(action)), "{action:?}");
    assert_eq!(rows(world).await, before, "{action:?}");
    let other = FormKey::text(netid, &desk::random_form_key());
    world.sender(world.look(&cookie).await.unwrap(), &other, action).await.unwrap();
}

/// A permit by their local password.
async fn by<R: Right>(
    world: &World,
    visitor: Visitor,
    subject: &str,
) -> Result<Permit<R>, Refusal> {
    let own = secret(&format!("{}-local-password", visitor.netid()));
    world.authorise(&visitor, Some(subject), Some(&own), &origin()).await
}

fn edit(seen: &str, description: &str) -> TokenEdit {
    TokenEdit {
        seen: Some(SeenToken {
            description: seen.to_owned(),
            networks: String::new(),
            expires: None,
        }),
        ..token_edit(description)
    }
}

#[tokio::test]
async fn each_form_of_ones_own_tokens_is_done_once_and_told_so() {
    use AuditAction as A;
    let world = world().await;
    let (_, first) = world.token("tia", "first").await;
    let id = first.id.as_str();
    let own = async |visitor: Visitor| world.confirm(&visitor, "tia-local-password").await;
    sent_twice(&world, "tia", A::TokenCreate, async |visitor| {
        world.create_token(&own(visitor).await?, new_token("second")).await.map(drop)
    })
    .await;
    sent_twice(&world, "tia", A::TokenEdit, async |visitor| {
        world.edit_token(&own(visitor).await?, id, edit("first", "changed")).await.map(drop)
    })
    .await;
    sent_twice(&world, "tia", A::TokenRenew, async |visitor| {
        let hour = GracePeriod::parse("60").unwrap();
        world.renew_token(&own(visitor).await?, id, hour).await.map(drop)
    })
    .await;
    sent_twice(&world, "tia", A::TokenRevoke, async |visitor| {
        world.revoke_token(&own(visitor).await?, id).await
    })
    .await;
    sent_twice(&world, "tia", A::TokenRevoke, async |visitor| {
        world.revoke_all_tokens(&own(visitor).await?).await.map(|many| assert_eq!(many, 2))
    })
    .await;
    world.token("tia", "forgotten").await;
    world.clock.advance(90 * 86_400);
    sent_twice(&world, "tia", A::TokenRevoke, async |visitor| {
        world.revoke_idle_tokens(&own(visitor).await?).await.map(|many| assert_eq!(many, 1))
    })
    .await;
}

#[tokio::test]
async fn each_form_of_ones_own_sessions_is_done_once_and_told_so() {
    let world = world().await;
    let ends = AuditAction::SessionEnd;
    let elsewhere = world.person("tia").await;
    let all = world.own_sessions(&elsewhere).await.unwrap();
    let id = all.iter().find(|session| session.this).unwrap().id.to_string();
    sent_twice(&world, "tia", ends, async |tia| world.end_own_session(&tia, &id, &origin()).await)
        .await;
    sent_twice(&world, "tia", ends, async |tia| {
        world.end_other_own_sessions(&tia, &origin()).await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn each_form_about_somebody_else_is_done_once_and_told_so() {
    use AuditAction as A;
    let world = world().await;
    world.token("tia", "one").await;
    let (_, view) = world.token("tia", "another").await;
    sent_twice(&world, "helen", A::TokenRevoke, async |helen| {
        let permit = by::<right::RevokeTokensOf>(&world, helen, "tia").await?;
        world.revoke_token(&permit, view.id.as_str()).await
    })
    .await;
    sent_twice(&world, "helen", A::TokenRevoke, async |helen| {
        let permit = by::<right::RevokeTokensOf>(&world, helen, "tia").await?;
        world.revoke_all_tokens(&permit).await.map(drop)
    })
    .await;
    let tia = world.person("tia").await;
    world.confirm(&tia, "not it, not it").await.unwrap_err();
    sent_twice(&world, "helen", A::UserOpen, async |helen| {
        let permit = by::<right::OpenAccount>(&world, helen, "tia").await?;
        world.open_account(&permit).await.map(|any| assert!(any))
    })
    .await;
    sent_twice(&world, "helen", A::SessionEnd, async |helen| {
        let permit = by::<right::EndSessionsOf>(&world, helen, "tia").await?;
        world.end_sessions_of(&permit).await.map(drop)
    })
    .await;
    sent_twice(&world, "ada", A::UserRole, async |ada| {
        let permit = by::<right::SetRole>(&world, ada, "sam").await?;
        world.change_account(&role(&permit, Role::Staff, Role::Rep)).await
    })
    .await;
    sent_twice(&world, "helen", A::PasswordSet, async |helen| {
        let permit = by::<right::SetLocalPassword>(&world, helen, "sam").await?;
        world.set_local_password(&permit, &secret(NEW), &secret(NEW)).await
    })
    .await;
    assert_eq!(world.person("sam").await.me().local.state, LocalState::Initial);
}

#[tokio::test]
async fn ones_own_password_changed_and_sent_again_is_no_wrong_try() {
    let world = world_with(|settings| settings.first_password_self_service = true).await;
    let change = password_change("tia-local-password", NEW, NEW);
    sent_twice(&world, "tia", AuditAction::PasswordChange, async |tia| {
        world.change_own_password(&tia, &change, &origin()).await.map(drop)
    })
    .await;
    let first = password_change("", NEW, NEW);
    sent_twice(&world, "sam", AuditAction::PasswordFirst, async |sam| {
        world.set_own_first_password(&sam, &first, &origin()).await.map(drop)
    })
    .await;
    let refused = AuditQuery { outcome: "refused".to_owned(), ..AuditQuery::default() };
    assert!(world.console().audit(&refused).await.unwrap().rows.is_empty());
    assert_eq!(
        Refusal::sent_already(AuditAction::PasswordChange).to_string(),
        "This form was already received, and nothing was done twice. Your local password was \
            changed the first time, as the form was filled in then. If you have filled in anything \
            else since, send it again."
    );
}

#[tokio::test]
async fn that_a_form_was_done_is_known_after_its_session_has_ended_by_who_has_its_cookie() {
    let world = world().await;
    let (cookie, other) = (world.cookie("tia").await, world.cookie("rae").await);
    let key = FormKey::text("tia", "7f3a");
    let tia = world.look(&cookie).await.unwrap();
    assert!(!world.was_sent_before_it_ended(&cookie, &key).await.unwrap());
    let tia = world.sender(tia, &key, AuditAction::PasswordChange).await.unwrap();
    let change = password_change("tia-local-password", NEW, NEW);
    world.change_own_password(&tia, &change, &origin()).await.unwrap();
    // The browser never heard of the new id.
    world.clock.advance(11);
    assert_eq!(world.look(&cookie).await.map(drop), Err(Refusal::SessionEnded));
    assert!(world.was_sent_before_it_ended(&cookie, &key).await.unwrap());
    for (cookie, key) in [(&other, &key), (&cookie, &FormKey::text("tia", "7f3b"))] {
        assert!(!world.was_sent_before_it_ended(cookie, key).await.unwrap());
    }
    assert!(!world.was_sent_before_it_ended(&cookie, "").await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_sent_at_once_is_judged_once() {
    let world = world().await;
    let (_, token) = world.token("tia", "first").await;
    let cookie = world.cookie("tia").await;
    let key = FormKey::text("tia", "7f3a");
    let tries: Vec<_> = (0..12)
        .map(|_| {
            let (desk, cookie, key, id) =
                (world.desk.clone(), cookie.clone(), key.clone(), token.id.to_string());
            tokio::spawn(async move {
                let tia = desk.visitor(&cookie, &origin()).await?;
                let tia = desk.sender(tia, &key, AuditAction::TokenEdit).await?;
                let own = secret("tia-local-password");
                let permit = desk.authorise(&tia, None, Some(&own), &origin()).await?;
                desk.edit_token(&permit, &id, edit("first", "changed")).await.map(drop)
            })
        })
        .collect();
    let refusals: Vec<_> = futures::future::join_all(tries)
        .await
        .into_iter()
        .filter_map(|refusals| refusals.unwrap().err())
        .collect();
    assert_eq!(refusals, vec![Refusal::sent_already(AuditAction::TokenEdit); 11]);
}

#[tokio::test]
async fn a_page_made_for_one_person_does_nothing_as_another() {
    let world = world().await;
    let before = rows(&world).await;
    let ada = world.person("ada").await;
    let key = FormKey::text("rae", "7f3a");
    let refused = world.sender(ada.clone(), &key, AuditAction::TokenCreate).await.unwrap_err();
    let (page, now) = ("rae".to_owned(), "ada".to_owned());
    assert_eq!(refused, Refusal::PageOfAnother { page, now });
    assert_eq!(
        refused.to_string(),
        "You are logged in as ada now, and this page was made for rae, so nothing was done. Load \
            the page again to go on as ada, or log in as rae."
    );
    assert_eq!(rows(&world).await, before + 1, "the log-in, and no more");
    for unreadable in ["<b>.7f3a", "rae smith.7f3a"] {
        let refused = world.sender(ada.clone(), unreadable, AuditAction::TokenCreate).await;
        assert_eq!(refused.map(drop), Err(Refusal::Unreadable), "{unreadable}");
    }
}

/// What a program sends that has drawn no form: it is one of each person's.
#[tokio::test]
async fn a_key_that_names_nobody_is_kept_by_person() {
    let world = world().await;
    for netid in ["tia", "rae"] {
        let create = AuditAction::TokenCreate;
        let permit =
            world.permit_by_form::<right::ManageOwnTokens>(netid, None, "7f3a", create).await;
        world.create_token(&permit.unwrap(), new_token("once")).await.unwrap();
        let again =
            world.permit_by_form::<right::ManageOwnTokens>(netid, None, "7f3a", create).await;
        assert_eq!(again.map(drop), Err(Refusal::sent_already(create)), "{netid}");
    }
}
