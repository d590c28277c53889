//! What is said of an initial local password that is set for somebody, to whoever sets it and by
//! them: where theirs is closed, the new one is so too. Made on the server, so that no page loads
//! the words. Tests: below, and `server/tests/server/people/set_password.rs`.

use desk::Hurdle;

/// What whoever has set an initial local password for somebody tells them.
const TO_SAY: &str = "“Log in with your NetID, go to Settings, About Me, and choose a \
    password of your own. Until then this one is good for nothing else.”";

/// Of a passphrase that is set and that nobody can be shown any more.
pub(super) const LOST: &str = "It cannot be shown again: if you have not noted it, choose Generate \
    and save another.";

/// Of one whose answer was lost: it may be shown below once more, or no more.
pub(super) const UNSEEN: &str = "If it was generated, and you have neither noted it nor see it \
    below, choose Generate and save another.";

/// What is said of somebody who has no way in (`can`: they have one), so that no local password is
/// of any use to them.
pub(super) fn no_way_in(called: &str) -> String {
    format!(
        "{called} cannot log in yet: Latchkey keeps no NetID password for them, and no campus \
            log-in is set up that lets them in. Ask whoever runs Latchkey for that first."
    )
}

/// What is said once it is set.
pub(super) fn words(hurdle: Hurdle, can: bool, netid: &str, called: &str) -> String {
    if can {
        set(hurdle, netid, called)
    } else {
        // Nobody is told to do what they cannot.
        format!("Initial local password set for {netid}. {}", no_way_in(called))
    }
}

fn set(hurdle: Hurdle, netid: &str, called: &str) -> String {
    let set = format!("Initial local password set for {netid}.");
    let open = match hurdle {
        Hurdle::None => {
            return format!(
                "{set} It takes effect immediately. Ask {called} to change it under Settings → \
                    About Me."
            );
        }
        Hurdle::MayOpen => "Open it with Open local password, above.",
        Hurdle::MayNotOpen => "The Help Desk can open it.",
    };
    format!(
        "{set} It is still closed after too many wrong ones, and cannot be used. {open} Then ask \
            {called} to change it under Settings → About Me."
    )
}

/// What they are told on the telephone as long as it is not saved.
pub(super) fn then_say(hurdle: Hurdle, can: bool, called: &str) -> String {
    match hurdle {
        _ if !can => no_way_in(called),
        Hurdle::None => format!("Once it is saved, say to {called}: {TO_SAY}"),
        _ => format!("Once it is saved and open, say to {called}: {TO_SAY}"),
    }
}

/// The same once it is.
pub(super) fn now_say(hurdle: Hurdle, can: bool, called: &str) -> String {
    match hurdle {
        _ if !can => no_way_in(called),
        Hurdle::None => format!("Now say to {called}: {TO_SAY}"),
        _ => format!("Once it is open, say to {called}: {TO_SAY}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_is_in_the_way_it_takes_effect_at_once() {
        assert_eq!(
            words(Hurdle::None, true, "sam", "Sam Staff"),
            "Initial local password set for sam. It takes effect immediately. Ask Sam Staff to \
                change it under Settings → About Me."
        );
        assert_eq!(now_say(Hurdle::None, true, "Sam"), format!("Now say to Sam: {TO_SAY}"));
    }

    #[test]
    fn that_it_stays_closed_is_said_with_who_opens_it() {
        for (hurdle, open) in [
            (Hurdle::MayOpen, "Open it with Open local password, above."),
            (Hurdle::MayNotOpen, "The Help Desk can open it."),
        ] {
            let stated = words(hurdle, true, "tia", "Tia");
            assert!(stated.contains(open) && !stated.contains("immediately"), "{stated}");
            assert!(stated.ends_with("Then ask Tia to change it under Settings → About Me."));
            assert!(now_say(hurdle, true, "Tia").starts_with("Once it is open, say to Tia: “"));
        }
    }

    #[test]
    fn whoever_has_no_way_in_is_not_told_to_log_in() {
        for hurdle in [Hurdle::None, Hurdle::MayOpen, Hurdle::MayNotOpen] {
            let (set, say) = (words(hurdle, false, "sam", "Sam"), now_say(hurdle, false, "Sam"));
            assert!(set.starts_with("Initial local password set for sam."), "{set}");
            for text in [set, say] {
                assert!(text.contains("Sam cannot log in yet"), "{text}");
                assert!(!text.contains("Log in with your NetID"), "{text}");
                assert!(!text.contains("About Me"), "{text}");
            }
        }
    }
}
