//! The actions: their codes, their words, and what they mean for verify.

use super::*;

#[test]
fn every_code_is_read_as_its_action_and_no_two_are_alike() {
    for action in AuditAction::ALL {
        assert_eq!(AuditAction::parse(action.code()), Some(*action));
        assert_eq!(
            AuditAction::ALL.iter().filter(|other| other.code() == action.code()).count(),
            1,
            "{action:?}"
        );
    }
}

#[test]
fn every_action_has_words_of_its_own_for_each_outcome_and_no_code_in_them() {
    let mut all = Vec::new();
    for action in AuditAction::ALL {
        for outcome in Outcome::ALL {
            let words = action.words(outcome);
            assert!(
                words.starts_with(char::is_uppercase) && !words.contains(['.', '_', ':']),
                "{words}"
            );
            assert_ne!(words.to_lowercase(), action.code(), "{words}");
            assert_eq!(
                AuditAction::called(words),
                Some(*action),
                "{words}: a filter finds the action by them"
            );
            assert!(!all.contains(&words), "{words} is said of two");
            all.push(words);
        }
    }
    assert_eq!(all.len(), AuditAction::ALL.len() * 2);
}

#[test]
fn an_area_is_all_of_its_actions() {
    use AuditAction as A;
    let codes =
        |text: &str| A::all_called(text).iter().map(|action| action.code()).collect::<Vec<_>>();
    assert_eq!(codes("client"), ["client.add", "client.remove"]);
    for text in ["password", "password.", "password.*", " Password.* ", "password*"] {
        let all = codes(text);
        assert!(
            all.len() == 6 && all.iter().all(|code| code.starts_with("password.")),
            "{text}: {all:?}"
        );
    }
    assert_eq!(codes("password.set"), ["password.set"]);
    assert_eq!(codes("Initial local password set"), ["password.set"]);
    for text in ["", "*", ".", ".*", "pass", "password.x", "log", "nonsense"] {
        assert_eq!(A::all_called(text), [], "{text}");
    }
}

#[test]
fn a_code_of_another_version_keeps_its_name_and_makes_verify_look_again() {
    let other = RecordedAction::from("token.freeze".to_owned());
    assert_eq!((other.code(), other.affects_verify()), ("token.freeze", true));
    assert!(RecordedAction::from("token.revoke".to_owned()).is(AuditAction::TokenRevoke));
}

#[test]
fn what_is_done_to_accounts_and_tokens_makes_verify_look_again() {
    use AuditAction as A;
    for action in AuditAction::ALL {
        let code = action.code();
        let touches = ["token.", "user.", "client.", "demo.", "directory."]
            .iter()
            .any(|start| code.starts_with(start));
        let looks_only = matches!(
            action,
            A::TokenManage
                | A::TokenSee
                | A::TokenNewNetwork
                | A::UserFind
                | A::UserOpen
                | A::UserLink
                | A::UserUnlink
        );
        let waited_for = *action == A::LogIn;
        assert_eq!(action.affects_verify(), (touches && !looks_only) || waited_for, "{code}");
    }
}
