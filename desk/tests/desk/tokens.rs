//! Auth tokens from their making to their end: made, listed, edited, revoked; and that
//! nothing that is kept or said holds the secret.

use desk::{
    Action, AuditAction, Denied, Event, Expires, GracePeriod, Helper, Networks, Refusal, TokenEdit,
    Verdict, right, rules,
};

use super::support::{get, new_token, origin, request, token_edit, world, world_with};

#[tokio::test]
async fn a_token_is_made_listed_and_good() {
    let world = world().await;
    let (token, view) = world.token("tia", "backup").await;
    assert_eq!(view.id, token.id());
    let tia = world.person("tia").await;
    let listed = world.own_tokens(&tia).await.unwrap();
    assert_eq!(listed, [view]);
    let Verdict::Good(principal) = world.verify(token.expose(), None, &get()).await else {
        panic!("good")
    };
    assert_eq!((principal.netid.as_str(), principal.description.as_str()), ("tia", "backup"));
    let (action, outcome, detail) = world.last_audit("tia").await;
    assert_eq!((action.as_str(), outcome.as_str()), ("log-in", "done"), "{detail}");
}

#[tokio::test]
async fn nothing_that_is_kept_or_said_holds_the_secret() {
    let world = world().await;
    let (token, view) = world.token("tia", "backup").await;
    let rows = world.console().audit(&desk::AuditQuery::default()).await.unwrap();
    for text in [format!("{view:?}"), format!("{rows:?}"), format!("{token:?}")] {
        assert!(!text.contains(token.expose()));
    }
}

#[tokio::test]
async fn who_has_no_local_password_of_their_own_makes_no_token() {
    let world = world().await;
    for (netid, denied) in [
        ("sam", Denied::FirstPasswordBySomeoneElse(Helper::HelpDesk)),
        ("guest", Denied::ActorNotPrivileged(Helper::HelpDesk)),
    ] {
        assert_eq!(
            world.permit::<right::ManageOwnTokens>(netid, None).await.unwrap_err(),
            Refusal::NotAllowed(denied)
        );
    }
}

#[tokio::test]
async fn nobody_makes_a_token_for_another() {
    let world = world().await;
    let subject = world.person("sam").await.person().clone();
    for actor in ["tia", "rae", "helen", "ada"] {
        let visitor = world.person(actor).await;
        assert_eq!(
            rules::check(visitor.person(), Action::MakeTokenFor, Some(&subject)),
            Err(Denied::NobodyEver)
        );
        // Nor by naming a subject where only one's own tokens are meant: of no other right is there
        // a permit to make one.
        let own_door =
            world.permit::<right::ManageOwnTokens>(actor, Some("sam")).await.unwrap_err();
        assert_eq!(own_door, Refusal::NotAllowed(Denied::NobodyEver));
    }
    let own_door = world.permit::<right::ManageOwnTokens>("ada", Some("tia")).await.unwrap_err();
    assert_eq!(own_door, Refusal::NotAllowed(Denied::NobodyEver));
    assert!(world.own_tokens(&world.person("sam").await).await.unwrap().is_empty());
    assert!(world.own_tokens(&world.person("tia").await).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_same_form_makes_one_token() {
    let world = world().await;
    let create = AuditAction::TokenCreate;
    let permit =
        world.permit_by_form::<right::ManageOwnTokens>("tia", None, "tia.7", create).await.unwrap();
    world.create_token(&permit, new_token("once")).await.unwrap();
    let refused = world.create_token(&permit, new_token("once")).await.unwrap_err();
    assert_eq!(refused, Refusal::sent_already(create));
    assert_eq!(
        refused.to_string(),
        "This form was already received, and nothing was done twice. Look at the list of tokens \
            before you try again: a token that you never saw is of no use, so revoke it."
    );
    assert_eq!(world.own_tokens(&world.person("tia").await).await.unwrap().len(), 1);
}

#[tokio::test]
async fn there_is_a_most_and_revoking_makes_room() {
    let world = world_with(|settings| settings.tokens_per_user = 2).await;
    let (_, first) = world.token("tia", "one").await;
    world.token("tia", "two").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert_eq!(
        world.create_token(&permit, new_token("three")).await.unwrap_err(),
        Refusal::TooManyTokens { most: 2 }
    );
    world.revoke_token(&permit, first.id.as_str()).await.unwrap();
    world.create_token(&permit, new_token("three")).await.unwrap();
}

#[tokio::test]
async fn editing_changes_description_networks_and_expiry() {
    let world = world().await;
    let (token, view) = world.token("tia", "old").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let expires = Expires::At(world.now().plus_days(1));
    let networks = Networks::parse("10.0.0.0/8").unwrap();
    let edit = TokenEdit { networks, expires, ..token_edit("new") };
    let edited = world.edit_token(&permit, view.id.as_str(), edit.clone()).await.unwrap();
    assert_eq!(
        (edited.description.as_str(), edited.networks.as_str(), edited.expires),
        ("new", "10.0.0.0/8", expires.moment())
    );
    assert_eq!(world.verify(token.expose(), None, &get()).await, Verdict::Forbidden("network"));
    assert!(matches!(
        world.verify(token.expose(), None, &request("GET", "10.9.9.9")).await,
        Verdict::Good(_)
    ));
    world.clock.advance(86_400);
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert_eq!(
        world.edit_token(&permit, view.id.as_str(), edit).await.unwrap_err(),
        Refusal::TokenOver
    );
}

#[tokio::test]
async fn somebody_elses_token_is_as_unknown_as_none() {
    let world = world().await;
    let (token, view) = world.token("tia", "mine").await;
    let permit = world.permit::<right::ManageOwnTokens>("rae", None).await.unwrap();
    assert_eq!(
        world.edit_token(&permit, view.id.as_str(), token_edit("stolen")).await.unwrap_err(),
        Refusal::TokenUnknown
    );
    assert_eq!(
        world.revoke_token(&permit, view.id.as_str()).await.unwrap_err(),
        Refusal::TokenUnknown
    );
    assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
}

#[tokio::test]
async fn what_is_no_id_is_as_unknown_as_one_that_nobody_has() {
    let world = world().await;
    world.token("tia", "mine").await;
    let own = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let of_tia = world.permit::<right::RevokeTokensOf>("helen", Some("tia")).await.unwrap();
    let nobodys = "0".repeat(64);
    for id in
        ["", " ", "no-such-id", "token:x", "\u{0}", &"A".repeat(64), &"0".repeat(63), &nobodys]
    {
        assert_eq!(
            world.edit_token(&own, id, token_edit("new")).await.unwrap_err(),
            Refusal::TokenUnknown,
            "{id:?}"
        );
        assert_eq!(
            world.renew_token(&own, id, GracePeriod::parse("60").unwrap()).await.unwrap_err(),
            Refusal::TokenUnknown,
            "{id:?}"
        );
        assert_eq!(
            world.revoke_token(&own, id).await.unwrap_err(),
            Refusal::TokenUnknown,
            "{id:?}"
        );
        assert_eq!(
            world.revoke_token(&of_tia, id).await.unwrap_err(),
            Refusal::TokenUnknown,
            "{id:?}"
        );
    }
}

#[tokio::test]
async fn revoking_one_leaves_the_others() {
    let world = world().await;
    let (one, first) = world.token("tia", "one").await;
    let (two, _) = world.token("tia", "two").await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.revoke_token(&permit, first.id.as_str()).await.unwrap();
    assert_eq!(world.verify(one.expose(), None, &get()).await, Verdict::Refused("revoked"));
    assert!(matches!(world.verify(two.expose(), None, &get()).await, Verdict::Good(_)));
    assert_eq!(
        world.revoke_token(&permit, first.id.as_str()).await.unwrap_err(),
        Refusal::TokenOver
    );
    let listed = world.own_tokens(&world.person("tia").await).await.unwrap();
    assert_eq!(listed.len(), 2, "the revoked one stays visible");
    world.clock.advance(90 * 86_400);
    assert_eq!(world.own_tokens(&world.person("tia").await).await.unwrap().len(), 1, "for 90 days");
}

#[tokio::test]
async fn the_help_desk_revokes_all_of_anothers() {
    let world = world().await;
    let (one, _) = world.token("tia", "one").await;
    let (two, _) = world.token("tia", "two").await;
    let (own, _) = world.token("helen", "own").await;
    assert!(matches!(
        world.permit::<right::RevokeTokensOf>("rae", Some("tia")).await,
        Err(Refusal::NotAllowed(_))
    ));
    let permit = world.permit::<right::RevokeTokensOf>("helen", Some("tia")).await.unwrap();
    assert_eq!(world.revoke_all_tokens(&permit).await.unwrap(), 2);
    for token in [one, two] {
        assert_eq!(world.verify(token.expose(), None, &get()).await, Verdict::Refused("revoked"));
    }
    assert!(matches!(world.verify(own.expose(), None, &get()).await, Verdict::Good(_)));
    assert_eq!(world.last_audit("tia").await.2, "all 2 tokens");
    world.token("tia", "another").await;
    let permit = world.permit::<right::RevokeTokensOf>("helen", Some("tia")).await.unwrap();
    assert_eq!(world.revoke_all_tokens(&permit).await.unwrap(), 1);
    assert_eq!(world.last_audit("tia").await.2, "the only token");
}

#[tokio::test]
async fn a_token_revokes_itself() {
    let world = world().await;
    let (token, view) = world.token("tia", "suicidal").await;
    world.revoke_itself(&token, &origin()).await.unwrap();
    assert_eq!(world.verify(token.expose(), None, &get()).await, Verdict::Refused("revoked"));
    assert_eq!(world.revoke_itself(&token, &origin()).await.unwrap_err(), Refusal::TokenOver);
    assert!(view.revoked.is_none());
}

#[tokio::test]
async fn a_kept_token_is_taken_once_within_a_minute_with_its_cookie() {
    let world = world().await;
    let (token, view) = world.token("tia", "kept").await;
    let cookie = world.cookie("tia").await;
    let tia = world.look(&cookie).await.unwrap();
    assert!(world.take_for_reveal(&tia, &cookie).await.unwrap().is_none());
    // Where showing it fails, it is not lost by that: this one cannot be shown, again and again.
    let (another, _) = world.token("rae", "another's").await;
    world.keep_for_reveal(&cookie, &another).await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            world.take_for_reveal(&tia, &cookie).await.map(|_| ()),
            Err(Refusal::TokenUnknown)
        );
    }
    world.keep_for_reveal(&cookie, &token).await.unwrap();
    let (taken, of) = world.take_for_reveal(&tia, &cookie).await.unwrap().unwrap();
    assert_eq!((taken.expose(), of.id), (token.expose(), view.id.clone()));
    assert!(world.take_for_reveal(&tia, &cookie).await.unwrap().is_none());
    world.keep_for_reveal(&cookie, &token).await.unwrap();
    world.clock.advance(60);
    assert!(world.take_for_reveal(&tia, &cookie).await.unwrap().is_none());
}

#[tokio::test]
async fn two_tokens_that_are_made_at_once_are_each_shown_once() {
    let world = world().await;
    let (first, _) = world.token("tia", "in one tab").await;
    let (second, _) = world.token("tia", "in another").await;
    let cookie = world.cookie("tia").await;
    let tia = world.look(&cookie).await.unwrap();
    for token in [&first, &second] {
        world.keep_for_reveal(&cookie, token).await.unwrap();
    }
    for (token, description) in [(&first, "in one tab"), (&second, "in another")] {
        let (taken, of) = world.take_for_reveal(&tia, &cookie).await.unwrap().unwrap();
        assert_eq!((taken.expose(), of.description.as_str()), (token.expose(), description));
    }
    assert!(world.take_for_reveal(&tia, &cookie).await.unwrap().is_none());
    // What has waited too long goes, and takes nothing newer with it.
    world.keep_for_reveal(&cookie, &first).await.unwrap();
    world.clock.advance(60);
    world.keep_for_reveal(&cookie, &second).await.unwrap();
    assert_eq!(
        world.take_for_reveal(&tia, &cookie).await.unwrap().unwrap().0.expose(),
        second.expose()
    );
    assert!(world.take_for_reveal(&tia, &cookie).await.unwrap().is_none());
}

#[tokio::test]
async fn open_pages_hear_of_a_token_made_used_and_revoked() {
    let world = world().await;
    let mut changes = world.changes();
    let mine = Event::Tokens("tia".into());
    let (token, view) = world.token("tia", "live").await;
    heard(&mut changes, &mine).await;
    world.verify(token.expose(), None, &get()).await;
    heard(&mut changes, &mine).await;
    let used = world.own_tokens(&world.person("tia").await).await.unwrap()[0].used.clone().unwrap();
    assert_eq!((used.at, used.address.as_str()), (world.now(), "192.0.2.7"));
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.revoke_token(&permit, view.id.as_str()).await.unwrap();
    heard(&mut changes, &mine).await;
}

async fn heard(changes: &mut tokio::sync::broadcast::Receiver<Event>, what: &Event) {
    let hear = async { while changes.recv().await.unwrap() != *what {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), hear)
        .await
        .expect("the change is heard");
}

#[tokio::test]
async fn the_wrong_local_password_makes_nothing() {
    let world = world().await;
    let tia = world.person("tia").await;
    let refused = world.confirm(&tia, "tia-netid-password").await.unwrap_err();
    assert_eq!(refused, Refusal::OwnPasswordIncorrect);
    assert!(world.own_tokens(&tia).await.unwrap().is_empty());
}

#[tokio::test]
async fn those_that_nobody_uses_are_revoked_together_and_no_others() {
    let world = world().await;
    let (idle, _) = world.token("tia", "forgotten").await;
    let (used, _) = world.token("tia", "used").await;
    world.clock.advance(90 * 86_400);
    let (new, _) = world.token("tia", "new").await;
    // Noted, and perhaps not written yet: it counts.
    world.verify(used.expose(), None, &get()).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert_eq!(world.revoke_idle_tokens(&permit).await.unwrap(), 1);
    assert_eq!(world.verify(idle.expose(), None, &get()).await, Verdict::Refused("revoked"));
    for token in [&used, &new] {
        assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    }
    assert_eq!(world.last_audit("tia").await.2, "the only one unused for 90 days");
    assert_eq!(world.revoke_idle_tokens(&permit).await.unwrap(), 0);
}

#[tokio::test]
async fn uses_are_counted_day_by_day_while_they_are_noted_and_once_they_are_written() {
    let world = world().await;
    let (token, _) = world.token("tia", "busy").await;
    let counts = async || {
        let tia = world.person("tia").await;
        world.own_tokens(&tia).await.unwrap()[0].days.counts().to_vec()
    };
    let use_it = async |times: u32| {
        for _ in 0..times {
            world.verify(token.expose(), None, &get()).await;
        }
    };
    assert_eq!(counts().await, [0; 0]);
    use_it(3).await;
    assert_eq!(counts().await[28..], [0, 3]);
    world.clock.advance(86_400);
    use_it(2).await;
    assert_eq!(counts().await[27..], [0, 3, 2], "both days, of which nothing is written yet");
    world.write_noted().await;
    assert_eq!(counts().await[27..], [0, 3, 2], "written");
    use_it(1).await;
    assert_eq!(counts().await[27..], [0, 3, 3], "some of it is");
    world.write_noted().await;
    world.clock.advance(2 * 86_400);
    use_it(1).await;
    world.write_noted().await;
    assert_eq!(counts().await[25..], [0, 3, 3, 0, 1], "a day without use between them");
    world.clock.advance(28 * 86_400);
    assert_eq!(counts().await[..2], [0, 1], "what is older than 30 days is forgotten");
}
