//! A store of before takes every change, under today's conditions.

use desk::{
    Access, AccountChange, AuditAction, Changed, Expires, ImportUser, LocalState, NetId, Networks,
    NewToken, PasswordChange, Refusal, Role, TokenEdit, Verdict, right,
};

use super::{names, old};
use crate::support::{disabled, get, new_token, origin, privileged, role, secret, token_edit};

#[tokio::test]
async fn tokens_are_made_changed_and_revoked() {
    for name in names() {
        let old = old(&name).await;
        let create = AuditAction::TokenCreate;
        let once = old
            .permit_by_form::<right::ManageOwnTokens>("tia", None, "form-tia-new", create)
            .await
            .unwrap();
        let permit = old.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
        let before = old.tokens("tia").await.as_array().unwrap().len();
        let (token, view) = old.create_token(&once, new_token("of today")).await.unwrap();
        assert_eq!(
            old.create_token(&once, new_token("of today")).await.unwrap_err(),
            Refusal::sent_already(create),
            "{name}"
        );
        let narrow = Networks::parse("10.0.0.0/8").unwrap();
        let other = NewToken {
            access: Access::Read,
            networks: narrow.clone(),
            expires: Expires::Never,
            ..new_token("another")
        };
        old.create_token(&permit, other).await.unwrap();
        assert!(
            matches!(old.verify(token.expose(), None, &get()).await, Verdict::Good(_)),
            "{name}"
        );
        let edit = TokenEdit { networks: narrow, ..token_edit("changed") };
        old.edit_token(&permit, view.id.as_str(), edit).await.unwrap();
        assert_eq!(
            old.verify(token.expose(), None, &get()).await,
            Verdict::Forbidden("network"),
            "{name}"
        );
        // What was there before is counted with them, and goes with them.
        assert_eq!(old.tokens("tia").await.as_array().unwrap().len(), before + 2, "{name}");
        let good = |answer: &str| answer == "good";
        let live = old.was.tokens.iter().filter(|token| {
            token.owner == "tia" && token.answers.values().any(|answer| good(answer))
        });
        let live: Vec<&str> = live.map(|token| token.token.as_str()).collect();
        assert_eq!(
            old.revoke_all_tokens(&permit).await.unwrap() as usize,
            live.len() + 2,
            "{name}"
        );
        for token in live.into_iter().chain([token.expose()]) {
            assert_eq!(
                old.verify(token, None, &get()).await,
                Verdict::Refused("revoked"),
                "{name}"
            );
        }
        // Of those that ended, none is kept for ever.
        old.clock.advance(1000 * 86_400);
        old.console().clean_up_tokens().await.unwrap();
        assert_eq!(old.tokens("tia").await.as_array().unwrap().len(), 0, "{name}");
        assert!(old.console().verify_audit().await.unwrap().faults.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn accounts_are_changed_and_what_was_allowed_before_is_not_written() {
    for name in names() {
        let old = old(&name).await;
        let console = old.console();
        let [one, other] = [
            console.permit::<right::SetRole>("tia").await.unwrap(),
            console.permit("tia").await.unwrap(),
        ];
        let made_before = old.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
        old.change_account(&role(&one, Role::Staff, Role::Rep)).await.unwrap();
        assert_eq!(old.page("tia").await.user.role, Role::Rep, "{name}");
        assert_eq!(
            old.change_account(&role(&other, Role::Staff, Role::Admin)).await,
            Err(Refusal::ChangedMeanwhile),
            "{name}"
        );
        assert!(
            old.create_token(&made_before, new_token("by an earlier word")).await.is_err(),
            "{name}"
        );
        // A local password set by another: the permit of before is over, and the session's
        // confirmation with it.
        let set = old.permit::<right::SetLocalPassword>("helen", Some("tia")).await.unwrap();
        let initial = secret("marble-otter-canyon-drift");
        old.set_local_password(&set, &initial, &initial).await.unwrap();
        assert_eq!(old.page("tia").await.local.state, LocalState::Initial, "{name}");
        let tia = old.person("tia").await;
        let own = secret("seven otters cross the weir");
        let change = PasswordChange { current: initial, new: own.clone(), retype: own.clone() };
        old.change_own_password(&tia, &change, &origin()).await.unwrap();
        let tia = old.person("tia").await;
        old.authorise::<right::ManageOwnTokens>(&tia, None, Some(&own), &origin()).await.unwrap();
        // Disabled and enabled, deprived and privileged.
        let permit = old.console().permit::<right::SetDisabled>("tia").await.unwrap();
        old.change_account(&disabled(&permit, true)).await.unwrap();
        assert!(!old.comes_in("tia").await, "{name}");
        old.change_account(&disabled(&old.console().permit("tia").await.unwrap(), false))
            .await
            .unwrap();
        assert!(old.comes_in("tia").await, "{name}");
        old.change_account(&privileged(&old.console().permit("tia").await.unwrap(), false))
            .await
            .unwrap();
        old.change_account(&privileged(&old.console().permit("yan").await.unwrap(), true))
            .await
            .unwrap();
        for token in
            old.was.tokens.iter().filter(|token| ["tia", "yan"].contains(&token.owner.as_str()))
        {
            let good = matches!(old.verify(&token.token, None, &get()).await, Verdict::Good(_));
            assert_eq!(good, token.owner == "yan", "{name}: {} of {}", token.token, token.owner);
        }
        // The last administrator remains one.
        let last = old.console().permit::<right::SetRole>("ada").await.unwrap();
        assert!(
            old.change_account(&role(&last, Role::Admin, Role::Staff)).await.is_err(),
            "{name}"
        );
        assert!(old.console().verify_audit().await.unwrap().faults.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_form_that_was_sent_before_is_not_done_again_and_people_are_imported_anew() {
    for name in names() {
        let old = old(&name).await;
        // The second of tia's was made a moment ago: forms are not remembered for ever.
        if !old.was.tokens.is_empty() {
            let create = AuditAction::TokenCreate;
            let again = old
                .permit_by_form::<right::ManageOwnTokens>("tia", None, "form-tia-1", create)
                .await
                .map(drop);
            let refused = Refusal::sent_already(create);
            assert_eq!(again.unwrap_err(), refused, "{name}");
        }
        let vic = ImportUser {
            netid: NetId::parse("vic").unwrap(),
            name: Some("Vic Again".to_owned()),
            email: Some("vic@example.edu".to_owned()),
            role: Some(Role::Rep),
            privileged: Some(true),
            disabled: Some(false),
            password: Some(secret("vic-netid-password")),
        };
        old.console().import_users(&[vic]).await.unwrap();
        assert_eq!(old.page("vic").await.user.name, "Vic Again", "{name}");
        old.person("vic").await;
        let helen = old.person("helen").await;
        let permit = old.admit::<right::FindUsers>(&helen, None, &origin()).await.unwrap();
        for (query, many) in [("again", 1), ("renamed", 0), ("überall", 1), ("uma", 1)] {
            assert_eq!(
                old.find_users(&permit, query).await.unwrap().len(),
                many,
                "{name}: {query}"
            );
        }
        // Two changes of one person at once, as their page sends them.
        let change = AccountChange {
            role: Some(Changed {
                permit: old.console().permit("vic").await.unwrap(),
                from: Role::Rep,
                to: Role::HelpDesk,
            }),
            privileged: Some(Changed {
                permit: old.console().permit("vic").await.unwrap(),
                from: true,
                to: false,
            }),
            ..AccountChange::default()
        };
        old.change_account(&change).await.unwrap();
        let vic = old.page("vic").await.user;
        assert_eq!((vic.role, vic.privileged), (Role::HelpDesk, false), "{name}");
    }
}
