//! Who may do what, written out as a table of its own, and held against the rules.

use super::*;

/// Somebody with all that the rules may ask for.
pub(crate) fn person(netid: &str, role: Role) -> Person {
    Person {
        netid: NetId::parse(netid).expect("a NetID"),
        role,
        privileged: true,
        disabled: false,
        local: LocalState::Own,
    }
}

/// The rules written out: for each action, whether staff, rep, `help_desk` and admin may.
const TABLE: [(Action, [bool; 4]); 16] = [
    (Action::ManageOwnTokens, [true, true, true, true]),
    (Action::ChangeOwnLocalPassword, [true, true, true, true]),
    (Action::SetOwnFirstLocalPassword, [false, false, false, false]),
    (Action::EndOwnSessions, [true, true, true, true]),
    (Action::FindUsers, [false, true, true, true]),
    (Action::SetLocalPassword, [false, true, true, true]),
    (Action::SeeTokensOf, [false, false, true, true]),
    (Action::RevokeTokensOf, [false, false, true, true]),
    (Action::EndSessionsOf, [false, false, true, true]),
    (Action::MakeTokenFor, [false, false, false, false]),
    (Action::SetRole, [false, false, false, true]),
    (Action::SetPrivileged, [false, false, false, true]),
    (Action::SetDisabled, [false, false, false, true]),
    (Action::OpenAccount, [false, false, true, true]),
    (Action::ReadAudit, [false, false, false, true]),
    (Action::ReviewTokens, [false, false, false, true]),
];

#[test]
fn the_table_holds_for_every_role_subject_and_action() {
    assert_eq!(TABLE.map(|(action, _)| action), Action::ALL, "every action has its row");
    for (action, allowed) in TABLE {
        for (actor_role, may) in Role::ALL.into_iter().zip(allowed) {
            for subject_role in Role::ALL {
                let actor = person("actor", actor_role);
                let subject =
                    if action.is_own() { actor.clone() } else { person("subject", subject_role) };
                let expected = may && (!action.changes_another() || subject.role <= actor_role);
                let verdict = check(&actor, action, Some(&subject));
                assert_eq!(
                    verdict.is_ok(),
                    expected,
                    "{actor_role} {action:?} {subject_role}: {verdict:?}"
                );
            }
        }
    }
}

#[test]
fn a_door_for_ones_own_account_leads_to_nobody_elses() {
    for role in Role::ALL {
        for action in Action::ALL.into_iter().filter(|action| action.is_own()) {
            assert!(
                check(&person("actor", role), action, Some(&person("subject", Role::Staff)))
                    .is_err(),
                "{role} {action:?}"
            );
        }
    }
    assert_eq!(
        check(
            &person("ada", Role::Admin),
            Action::ManageOwnTokens,
            Some(&person("sam", Role::Staff))
        ),
        Err(Denied::NobodyEver)
    );
}

#[test]
fn a_disabled_actor_may_nothing() {
    for role in Role::ALL {
        for action in Action::ALL {
            let actor = Person { disabled: true, ..person("actor", role) };
            assert_eq!(
                check(&actor, action, Some(&person("subject", Role::Staff))),
                Err(Denied::ActorDisabled)
            );
        }
    }
}

#[test]
fn an_unprivileged_actor_has_no_tokens_and_no_local_password() {
    let actor =
        Person { privileged: false, local: LocalState::None, ..person("actor", Role::Admin) };
    for action in Action::ALL.into_iter().filter(|action| action.takes_own_password()) {
        let subject = if action.is_own() { actor.clone() } else { person("subject", Role::Staff) };
        assert_eq!(
            check(&actor, action, Some(&subject)),
            Err(Denied::ActorNotPrivileged(Helper::AnotherAdministrator)),
            "{action:?}"
        );
    }
    assert_eq!(
        check(&actor, Action::ChangeOwnLocalPassword, None),
        Err(Denied::ActorNotPrivileged(Helper::AnotherAdministrator))
    );
}

#[test]
fn an_initial_local_password_is_good_only_for_choosing_ones_own() {
    let actor = Person { local: LocalState::Initial, ..person("actor", Role::Admin) };
    assert_eq!(check(&actor, Action::ChangeOwnLocalPassword, None), Ok(()));
    for action in Action::ALL.into_iter().filter(|action| action.takes_own_password()) {
        let subject = if action.is_own() { actor.clone() } else { person("subject", Role::Staff) };
        assert_eq!(check(&actor, action, Some(&subject)), Err(Denied::OnlyInitial), "{action:?}");
    }
}

#[test]
fn each_role_is_told_to_ask_somebody_who_may_help() {
    let cases = [
        (Role::Staff, "Contact the Help Desk and"),
        (Role::Rep, "Contact the Help Desk and"),
        (Role::HelpDesk, "Contact an administrator and"),
        (Role::Admin, "Contact another administrator and"),
    ];
    for (role, words) in cases {
        let without = Person { local: LocalState::None, ..person("actor", role) };
        let (policy, now) = (Policy::default(), Moment(0));
        for denied in [
            check(&without, Action::ManageOwnTokens, None).unwrap_err(),
            check(&without, Action::ChangeOwnLocalPassword, None).unwrap_err(),
            check(&without, Action::SetOwnFirstLocalPassword, None).unwrap_err(),
            check_first_password(&without, policy, None, now).unwrap_err(),
        ] {
            assert_eq!(denied, Denied::FirstPasswordBySomeoneElse(Helper::of(role)));
            assert!(denied.to_string().contains(words), "{role}: {denied}");
        }
        let unprivileged = Person { privileged: false, ..without };
        let denied = check(&unprivileged, Action::ManageOwnTokens, None).unwrap_err();
        assert!(
            denied.to_string().contains(words.strip_suffix(" and").unwrap()),
            "{role}: {denied}"
        );
    }
    let alone =
        Denied::FirstPasswordBySomeoneElse(Helper::AnotherAdministrator).asking(Helper::Operator);
    assert!(alone.to_string().contains("Contact whoever runs the server and"), "{alone}");
}

#[test]
fn without_a_local_password_one_is_told_how_to_get_one() {
    let actor = Person { local: LocalState::None, ..person("actor", Role::Admin) };
    assert_eq!(
        check(&actor, Action::ManageOwnTokens, None),
        Err(Denied::FirstPasswordBySomeoneElse(Helper::AnotherAdministrator))
    );
    assert_eq!(
        check(&actor, Action::ChangeOwnLocalPassword, None),
        Err(Denied::FirstPasswordBySomeoneElse(Helper::AnotherAdministrator))
    );
    assert_eq!(
        check(&actor, Action::SetLocalPassword, Some(&person("subject", Role::Staff))),
        Err(Denied::NoOwnLocalPassword)
    );
}

#[test]
fn nobody_sets_their_own_password_or_account_by_the_admin_door() {
    for role in [Role::Rep, Role::HelpDesk, Role::Admin] {
        let actor = person("actor", role);
        assert_eq!(check(&actor, Action::SetLocalPassword, Some(&actor)), Err(Denied::Oneself));
    }
    let ada = person("ada", Role::Admin);
    for action in [Action::SetRole, Action::SetPrivileged, Action::SetDisabled, Action::OpenAccount]
    {
        assert_eq!(
            check(&ada, action, Some(&ada)),
            Err(Denied::OwnAccount(Helper::AnotherAdministrator))
        );
    }
}

#[test]
fn a_subject_that_cannot_have_a_local_password_gets_none() {
    let helen = person("helen", Role::HelpDesk);
    let guest = Person { privileged: false, ..person("guest", Role::Staff) };
    let dave = Person { disabled: true, ..person("dave", Role::Staff) };
    assert_eq!(
        check(&helen, Action::SetLocalPassword, Some(&guest)),
        Err(Denied::SubjectNotPrivileged)
    );
    assert_eq!(check(&helen, Action::SetLocalPassword, Some(&dave)), Err(Denied::SubjectDisabled));
    // Their tokens can still be revoked.
    assert_eq!(check(&helen, Action::RevokeTokensOf, Some(&dave)), Ok(()));
}

#[test]
fn a_first_local_password_by_oneself_takes_the_policy_and_a_fresh_log_in() {
    let policy = Policy { self_service_first_password: true };
    let sam = Person { local: LocalState::None, ..person("sam", Role::Staff) };
    let (then, now) = (Some(Moment(0)), Moment(0).plus_seconds(FRESH_LOGIN_SECONDS - 1));
    assert_eq!(check_first_password(&sam, policy, then, now), Ok(()));
    assert_eq!(
        check_first_password(&sam, Policy::default(), then, now),
        Err(Denied::FirstPasswordBySomeoneElse(Helper::HelpDesk))
    );
    assert_eq!(
        check_first_password(&sam, policy, then, now.plus_seconds(1)),
        Err(Denied::LoginNotFresh)
    );
    // A provider's clock may be ahead; what it says of next year it says by a wrong one.
    for (ahead, says) in [(60, Ok(())), (3600, Ok(())), (3601, Err(Denied::LoginNotFresh))] {
        let proved = Some(now.plus_seconds(ahead));
        assert_eq!(check_first_password(&sam, policy, proved, now), says, "{ahead}");
    }
    assert_eq!(
        check_first_password(&sam, policy, None, now),
        Err(Denied::LoginNotFresh),
        "not known when"
    );
    assert_eq!(
        check_first_password(&Person { local: LocalState::Own, ..sam.clone() }, policy, then, now),
        Err(Denied::HasLocalPassword)
    );
    assert_eq!(
        check_first_password(&Person { privileged: false, ..sam.clone() }, policy, then, now),
        Err(Denied::ActorNotPrivileged(Helper::HelpDesk))
    );
    assert_eq!(
        check_first_password(&Person { disabled: true, ..sam }, policy, then, now),
        Err(Denied::ActorDisabled)
    );
}
