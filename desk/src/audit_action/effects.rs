//! What an action brings with it beside its row: whether it needs room on the store's disk, and
//! which open pages it changes. Each is a match over all actions, so that a new one does not
//! compile before it is in all of them.

use super::AuditAction;

impl AuditAction {
    /// Whether it makes something new, or lets somebody in, and so is refused where the store's
    /// disk is nearly full: what is left of it is for what takes rights away, and for what that
    /// needs (confirming with the local password, changing one that is known).
    pub(crate) const fn needs_room(self) -> bool {
        use AuditAction as A;
        match self {
            A::LogIn
            | A::PasswordFirst
            | A::TokenCreate
            | A::TokenRenew
            | A::TokenEdit
            | A::TokenRestore
            | A::TokenImport
            | A::UserCreate
            | A::UserUpdate
            | A::UserReturned
            | A::UserLink
            | A::UserImport
            | A::ClientAdd
            | A::CalendarSet
            | A::DemoLoad => true,
            A::LogOut
            | A::SessionEnd
            | A::SessionConfirm
            | A::PasswordCheck
            | A::PasswordClosed
            | A::PasswordRehash
            | A::PasswordSet
            | A::PasswordChange
            | A::TokenRevoke
            | A::TokenCleanup
            | A::TokenManage
            | A::TokenSee
            | A::TokenNewNetwork
            | A::TokenLeaked
            | A::TokenNetworkKnown
            | A::TokenReview
            | A::UserGroups
            | A::UserRole
            | A::UserPrivileged
            | A::UserDisabled
            | A::UserOpen
            | A::UserLeft
            | A::UserUnlink
            | A::UserFind
            | A::DirectorySync
            | A::ClientRemove
            | A::NoticesSet
            | A::CalendarEnd
            | A::AuditRead
            | A::AuditPrune
            | A::StoreRestore => false,
        }
    }

    /// Whether it may end tokens, or bring them back: of what makes one, or changes it, the feed of
    /// tokens tells.
    pub(crate) const fn ends_tokens(self) -> bool {
        use AuditAction as A;
        match self {
            A::TokenRevoke
            | A::TokenLeaked
            | A::TokenRestore
            | A::TokenCleanup
            | A::UserCreate
            | A::UserUpdate
            | A::UserGroups
            | A::UserRole
            | A::UserPrivileged
            | A::UserDisabled
            | A::UserLeft
            | A::UserReturned
            | A::UserImport
            | A::DirectorySync
            | A::ClientAdd
            | A::ClientRemove
            | A::DemoLoad => true,
            A::LogIn
            | A::LogOut
            | A::SessionEnd
            | A::SessionConfirm
            | A::PasswordCheck
            | A::PasswordClosed
            | A::PasswordRehash
            | A::PasswordSet
            | A::PasswordFirst
            | A::PasswordChange
            | A::TokenCreate
            | A::TokenRenew
            | A::TokenEdit
            | A::TokenImport
            | A::TokenManage
            | A::TokenSee
            | A::TokenNewNetwork
            | A::TokenNetworkKnown
            | A::TokenReview
            | A::UserOpen
            | A::UserLink
            | A::UserUnlink
            | A::UserFind
            | A::NoticesSet
            | A::CalendarSet
            | A::CalendarEnd
            | A::AuditRead
            | A::AuditPrune
            | A::StoreRestore => false,
        }
    }

    /// Whether it changes what whoever finds a person sees of their account. All else is for them,
    /// and for whoever may see their tokens and history: when somebody logs in is nobody else's
    /// business.
    pub(crate) const fn shows_on_account(self) -> bool {
        use AuditAction as A;
        match self {
            A::PasswordClosed
            | A::PasswordSet
            | A::PasswordFirst
            | A::PasswordChange
            | A::UserCreate
            | A::UserUpdate
            | A::UserGroups
            | A::UserRole
            | A::UserPrivileged
            | A::UserDisabled
            | A::UserOpen
            | A::UserLeft
            | A::UserReturned
            | A::UserImport => true,
            A::LogIn
            | A::LogOut
            | A::SessionEnd
            | A::SessionConfirm
            | A::PasswordCheck
            | A::PasswordRehash
            | A::TokenCreate
            | A::TokenRenew
            | A::TokenEdit
            | A::TokenRevoke
            | A::TokenRestore
            | A::TokenImport
            | A::TokenCleanup
            | A::TokenManage
            | A::TokenSee
            | A::TokenNewNetwork
            | A::TokenLeaked
            | A::TokenNetworkKnown
            | A::TokenReview
            | A::UserLink
            | A::UserUnlink
            | A::UserFind
            | A::DirectorySync
            | A::ClientAdd
            | A::ClientRemove
            | A::NoticesSet
            | A::CalendarSet
            | A::CalendarEnd
            | A::DemoLoad
            | A::AuditRead
            | A::AuditPrune
            | A::StoreRestore => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AuditAction;

    #[test]
    fn what_ends_tokens_has_verify_look_again() {
        for action in AuditAction::ALL.iter().filter(|action| action.ends_tokens()) {
            assert!(action.affects_verify(), "{action:?}");
        }
    }

    #[test]
    fn only_what_changes_an_account_shows_on_it() {
        let shows: Vec<&str> = AuditAction::ALL
            .iter()
            .filter(|action| action.shows_on_account())
            .map(|action| action.code())
            .collect();
        assert_eq!(
            shows,
            [
                "password.closed",
                "password.set",
                "password.first",
                "password.change",
                "user.create",
                "user.update",
                "user.groups",
                "user.role",
                "user.privileged",
                "user.disabled",
                "user.open",
                "user.left",
                "user.returned",
                "user.import",
            ]
        );
    }
}
