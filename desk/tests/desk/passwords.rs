//! Local passwords: who sets whose, what a change ends, when an initial one lapses.

use desk::{AuditAction, Cookie, Denied, Helper, LocalState, Refusal, Visitor, right};
use testkit::by_hand;

use super::support::{World, origin, password_change, privileged, secret, world, world_with};

const NEW: &str = "wandering otter parade";

async fn try_change(
    world: &World,
    visitor: &Visitor,
    current: &str,
    new: &str,
    retype: &str,
) -> Result<Cookie, Refusal> {
    world.change_own_password(visitor, &password_change(current, new, retype), &origin()).await
}

#[tokio::test]
async fn one_changes_ones_own_password_and_the_tokens_keep_working() {
    let world = world().await;
    let (token, _) = world.token("tia", "before").await;
    let tia = world.person("tia").await;
    let cookie = try_change(&world, &tia, "tia-local-password", NEW, NEW).await.unwrap();
    let tia = world.look(&cookie).await.unwrap();
    assert!(tia.me().confirmed_until.is_some());
    let refused = world.confirm(&tia, "tia-local-password").await.unwrap_err();
    assert_eq!(refused, Refusal::OwnPasswordIncorrect);
    world.confirm(&tia, NEW).await.unwrap();
    assert!(matches!(
        world.verify(token.expose(), None, &super::support::get()).await,
        desk::Verdict::Good(_)
    ));
}

#[tokio::test]
async fn a_change_ends_what_the_earlier_password_had_confirmed_in_other_sessions() {
    let world = world().await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let elsewhere = permit.cookie().unwrap().clone();
    let tia = world.person("tia").await;
    let here = try_change(&world, &tia, "tia-local-password", NEW, NEW).await.unwrap();
    let elsewhere = world.look(&elsewhere).await.unwrap();
    assert_eq!(elsewhere.me().confirmed_until, None);
    let refused = world
        .authorise::<right::ManageOwnTokens>(&elsewhere, None, None, &origin())
        .await
        .unwrap_err();
    assert_eq!(refused, Refusal::OwnPasswordMissing);
    let made = world
        .create_token(&permit, super::support::new_token("by a permit of before"))
        .await
        .map(|_| ());
    assert_eq!(made, Err(Refusal::ChangedMeanwhile));
    assert!(world.look(&here).await.unwrap().me().confirmed_until.is_some());
}

#[tokio::test]
async fn each_bad_form_is_refused_and_changes_nothing() {
    let world = world().await;
    let tia = world.person("tia").await;
    let long = "Жук и ёж ".repeat(30);
    for (current, new, retype, refusal) in [
        ("", NEW, NEW, Refusal::CurrentPasswordMissing),
        ("wrong", NEW, NEW, Refusal::CurrentPasswordIncorrect),
        ("tia-local-password", NEW, "wandering otter parades", Refusal::PasswordsDiffer),
        ("tia-local-password", "short", "short", Refusal::PasswordTooShort),
        ("tia-local-password", "", "", Refusal::PasswordTooShort),
        ("tia-local-password", &long, &long, Refusal::PasswordTooLong),
        (
            "tia-local-password",
            "wandering otter parade ",
            "wandering otter parade ",
            Refusal::PasswordSpace,
        ),
    ] {
        assert_eq!(
            try_change(&world, &tia, current, new, retype).await.unwrap_err(),
            refusal,
            "{current} {new}"
        );
    }
    for weak in ["passwordpassword", "tia@example.edu", "aaaaaaaaaaaaaaaaaa"] {
        let refused = try_change(&world, &tia, "tia-local-password", weak, weak).await.unwrap_err();
        assert!(matches!(refused, Refusal::PasswordTooEasy { .. }), "{weak}: {refused}");
    }
    world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
}

#[tokio::test]
async fn a_blank_at_an_end_of_a_wrong_password_is_said_and_of_the_right_one_nothing() {
    let world = world().await;
    let tia = world.person("tia").await;
    // Right but for the blank, or wrong altogether: the same.
    assert_eq!(
        try_change(&world, &tia, "tia-local-password ", NEW, NEW).await.unwrap_err(),
        Refusal::CurrentPasswordIncorrectSpace
    );
    assert_eq!(
        world.confirm(&tia, " wrong").await.unwrap_err(),
        Refusal::OwnPasswordIncorrectSpace
    );
    assert_eq!(
        world.last_audit("tia").await,
        ("password.check".into(), "refused".into(), "password-incorrect".into())
    );
    for (netid, password) in
        [("tia", "tia-netid-password "), ("dave", "dave-netid-password\u{a0}"), ("nobody", " x")]
    {
        assert_eq!(
            world.log_in(netid, &secret(password), &origin()).await.unwrap_err(),
            Refusal::LoginIncorrectSpace,
            "{netid}"
        );
    }
}

#[tokio::test]
async fn the_current_one_is_not_a_new_one() {
    let world = world().await;
    let tia = world.person("tia").await;
    let cookie = try_change(&world, &tia, "tia-local-password", NEW, NEW).await.unwrap();
    let tia = world.look(&cookie).await.unwrap();
    assert_eq!(
        try_change(&world, &tia, NEW, NEW, NEW).await.unwrap_err(),
        Refusal::PasswordUnchanged
    );
}

#[tokio::test]
async fn without_a_local_password_there_is_nothing_to_change_and_no_way_to_set_one() {
    let world = world().await;
    let sam = world.person("sam").await;
    let denied = Refusal::NotAllowed(Denied::FirstPasswordBySomeoneElse(Helper::HelpDesk));
    assert_eq!(try_change(&world, &sam, "anything", NEW, NEW).await.unwrap_err(), denied);
    assert_eq!(
        world
            .set_own_first_password(&sam, &password_change("", NEW, NEW), &origin())
            .await
            .unwrap_err(),
        denied
    );
    assert_eq!(
        world.last_audit("sam").await,
        ("password.first".into(), "refused".into(), "first-password-by-someone-else".into())
    );
    assert_eq!(world.person("sam").await.me().local.state, LocalState::None);
}

#[tokio::test]
async fn an_initial_password_is_good_for_choosing_ones_own_and_nothing_else() {
    let world = world().await;
    world.give_initial("sam", "marble-otter-canyon-drift").await;
    let sam = world.person("sam").await;
    let local = sam.me().local;
    assert_eq!(
        (local.state, local.set_by.as_str(), local.lapses_at),
        (LocalState::Initial, "Helen Helpdesk", Some(world.now().plus_days(7)))
    );
    let refused = world.confirm(&sam, "marble-otter-canyon-drift").await.unwrap_err();
    assert_eq!(refused, Refusal::NotAllowed(Denied::OnlyInitial));
    let cookie = try_change(&world, &sam, "marble-otter-canyon-drift", NEW, NEW).await.unwrap();
    let sam = world.look(&cookie).await.unwrap();
    assert_eq!(sam.me().local.state, LocalState::Own);
    world.authorise::<right::ManageOwnTokens>(&sam, None, None, &origin()).await.unwrap();
}

#[tokio::test]
async fn an_initial_password_lapses_after_seven_days() {
    let world = world().await;
    world.give_initial("sam", "marble-otter-canyon-drift").await;
    world.clock.advance(7 * 86_400);
    let sam = world.person("sam").await;
    assert_eq!(
        try_change(&world, &sam, "marble-otter-canyon-drift", NEW, NEW).await.unwrap_err(),
        Refusal::InitialLapsed(Helper::HelpDesk)
    );
}

#[tokio::test]
async fn setting_anothers_password_follows_the_rules() {
    let world = world().await;
    for (actor, subject, refusal) in [
        ("tia", "sam", Refusal::NotAllowed(Denied::RoleTooLow)),
        ("helen", "ada", Refusal::NotAllowed(Denied::SubjectAbove { role: desk::Role::Admin })),
        ("rae", "helen", Refusal::NotAllowed(Denied::SubjectAbove { role: desk::Role::HelpDesk })),
        ("helen", "HELEN", Refusal::NotAllowed(Denied::Oneself)),
        ("helen", "guest", Refusal::NotAllowed(Denied::SubjectNotPrivileged)),
        ("helen", "dave", Refusal::NotAllowed(Denied::SubjectDisabled)),
        ("helen", "nobody", Refusal::UserUnknown),
        ("helen", "no body", Refusal::UserUnknown),
    ] {
        assert_eq!(
            world.permit::<right::SetLocalPassword>(actor, Some(subject)).await.unwrap_err(),
            refusal,
            "{actor} → {subject}"
        );
    }
    assert_eq!(
        world.last_audit("guest").await,
        ("password.set".into(), "refused".into(), "subject-not-privileged".into())
    );
    world.permit::<right::SetLocalPassword>("rae", Some(" Sam ")).await.unwrap();
}

#[tokio::test]
async fn setting_anothers_password_takes_ones_own() {
    let world = world().await;
    let helen = world.person("helen").await;
    assert_eq!(
        world
            .authorise::<right::SetLocalPassword>(&helen, Some("sam"), None, &origin())
            .await
            .unwrap_err(),
        Refusal::OwnPasswordMissing
    );
    let wrong = world
        .authorise::<right::SetLocalPassword>(
            &helen,
            Some("sam"),
            Some(&secret("helen-netid-password")),
            &origin(),
        )
        .await;
    assert_eq!(wrong.unwrap_err(), Refusal::OwnPasswordIncorrect);
}

#[tokio::test]
async fn a_permit_is_good_only_for_what_was_seen() {
    let world = world().await;
    let permit = world.permit::<right::SetLocalPassword>("helen", Some("sam")).await.unwrap();
    let taking = world.permit::<right::SetPrivileged>("ada", Some("sam")).await.unwrap();
    world.change_account(&privileged(&taking, false)).await.unwrap();
    let refused = world.set_local_password(&permit, &secret(NEW), &secret(NEW)).await.unwrap_err();
    assert_eq!(refused, Refusal::ChangedMeanwhile);
    assert_eq!(world.person("sam").await.me().local.state, LocalState::None);
}

#[tokio::test]
async fn the_same_form_is_done_once() {
    let world = world().await;
    let set = AuditAction::PasswordSet;
    let permit = world
        .permit_by_form::<right::SetLocalPassword>("helen", Some("sam"), "helen.1", set)
        .await
        .unwrap();
    world.set_local_password(&permit, &secret(NEW), &secret(NEW)).await.unwrap();
    let again = world.set_local_password(&permit, &secret(NEW), &secret(NEW)).await.unwrap_err();
    assert_eq!(again, Refusal::sent_already(set));
    assert_eq!(
        again.to_string(),
        "This form was already received, and nothing was done twice. The local password was set \
            the first time, as the form was filled in then. If you have filled in anything else \
            since, send it again."
    );
}

#[tokio::test]
async fn self_service_lets_a_fresh_log_in_set_its_first_password() {
    let world = world_with(|settings| settings.first_password_self_service = true).await;
    let sam = world.person("sam").await;
    assert!(sam.me().may_set_first_password);
    let cookie = world
        .set_own_first_password(&sam, &password_change("", NEW, NEW), &origin())
        .await
        .unwrap();
    assert_eq!(world.look(&cookie).await.unwrap().me().local.state, LocalState::Own);
    let tia = world.person("tia").await;
    let refused = world
        .set_own_first_password(&tia, &password_change("", NEW, NEW), &origin())
        .await
        .unwrap_err();
    assert_eq!(refused, Refusal::NotAllowed(Denied::HasLocalPassword));
}

#[tokio::test]
async fn self_service_takes_a_log_in_less_than_five_minutes_old() {
    let world = world_with(|settings| settings.first_password_self_service = true).await;
    let cookie = world.cookie("sam").await;
    world.clock.advance(300);
    let sam = world.look(&cookie).await.unwrap();
    assert!(!sam.me().may_set_first_password);
    assert_eq!(
        world
            .set_own_first_password(&sam, &password_change("", NEW, NEW), &origin())
            .await
            .unwrap_err(),
        Refusal::NotAllowed(Denied::LoginNotFresh)
    );
}

#[tokio::test]
async fn a_password_is_hashed_anew_when_the_parameters_rise() {
    let world = world().await;
    if !world.settings.store.starts_with("rocksdb") && !world.settings.store.starts_with("ws") {
        // Memory forgets at closing: on files and on a server this is tried.
        return;
    }
    let mut settings = world.settings.clone();
    settings.hash_passes = 2;
    drop(world.desk);
    let desk = super::support::reopen(settings).await;
    let tia = desk.log_in("tia", &secret("tia-netid-password"), &origin()).await.unwrap().0;
    let tia = desk.visitor(&tia, &origin()).await.unwrap();
    by_hand::confirm(&desk, &tia, "tia-local-password").await.unwrap();
    let rows = desk
        .console()
        .audit(&desk::AuditQuery { action: "password.rehash".into(), ..Default::default() })
        .await
        .unwrap()
        .rows;
    assert_eq!(rows.len(), 2, "the NetID password and the local one");
    by_hand::confirm(&desk, &tia, "tia-local-password").await.unwrap();
}

#[tokio::test]
async fn the_console_sets_an_own_password_for_the_first_administrator() {
    let world = world().await;
    let permit = world.console().permit::<right::SetLocalPassword>("sam").await.unwrap();
    world.console().set_local_password(&permit, &secret(NEW), &secret(NEW), true).await.unwrap();
    assert_eq!(world.person("sam").await.me().local.state, LocalState::Own);
    assert_eq!(
        world.console().permit::<right::SetLocalPassword>("guest").await.unwrap_err(),
        Refusal::NotAllowed(Denied::SubjectNotPrivileged)
    );
    assert_eq!(
        world.console().permit::<right::ManageOwnTokens>("sam").await.unwrap_err(),
        Refusal::NotAllowed(Denied::NobodyEver)
    );
    // A person on the command line is bound by the rules.
    let as_helen = world
        .console()
        .permit_as::<right::SetLocalPassword>(
            "helen",
            &secret("helen-local-password"),
            Some("ada"),
            &origin(),
        )
        .await;
    assert!(matches!(as_helen, Err(Refusal::NotAllowed(Denied::SubjectAbove { .. }))));
    let permit = world
        .console()
        .permit_as::<right::SetLocalPassword>(
            "helen",
            &secret("helen-local-password"),
            Some("sam"),
            &origin(),
        )
        .await
        .unwrap();
    assert!(
        world
            .console()
            .set_local_password(&permit, &secret(NEW), &secret(NEW), true)
            .await
            .is_err(),
        "only the operator sets an own one"
    );
}
