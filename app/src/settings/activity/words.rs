use desk::AuditRow;

use crate::parts::directory;

/// An action of the audit in words; its own name where there are none.
pub(super) fn words(action: &str, refused: bool) -> String {
    let words = match (action, refused) {
        ("log-in" | "login", false) => "Logged in",
        ("log-in" | "login", true) => "Log-in refused",
        ("log-out" | "logout", _) => "Logged out",
        ("session.end", _) => "Session ended",
        ("session.confirm", false) => "Session confirmed with the local password",
        ("session.confirm", true) => "Wrong local password",
        ("password.check", _) => "Wrong password typed",
        ("password.set", false) => "Initial local password set",
        ("password.set", true) => "Setting an initial local password refused",
        ("password.first", false) => "First local password set",
        ("password.change", false) => "Local password changed",
        ("password.change", true) => "Changing the local password refused",
        ("token.create", false) => "Token made",
        ("token.renew", false) => "Token renewed",
        ("token.renew", true) => "Renewing a token refused",
        ("token.create", true) => "Making a token refused",
        ("token.edit", false) => "Token changed",
        ("token.revoke", false) => "Token revoked",
        ("token.restore", false) => "Token works again",
        ("token.restore", true) => "Letting tokens work again refused",
        ("user.create", false) => "Account made by the campus directory",
        ("user.update", false) => "Name or e-mail changed by the campus directory",
        ("user.left", false) => "Left the campus directory",
        ("user.returned", false) => "Back in the campus directory",
        ("user.role", false) => "Role changed",
        ("user.privileged", false) => "Privilege changed",
        ("user.disabled", false) => "Account disabled or enabled",
        ("user.open", false) => "Account opened again",
        ("user.import", false) => "Account taken over from the directory",
        (other, false) => other,
        (other, true) => return format!("{other} refused"),
    };
    words.to_owned()
}

/// The detail without the token's id, which says nothing to its owner, and without the codes of refusals.
pub(super) fn detail(row: &AuditRow) -> String {
    if row.outcome == "refused" || row.action == "password.check" {
        return String::new();
    }
    if row.action == "log-in" {
        return directory(&row.detail);
    }
    match row.detail.split_once(' ') {
        Some((id, rest)) if id.len() == 16 && id.bytes().all(|c| c.is_ascii_hexdigit()) => rest.to_owned(),
        _ => row.detail.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tokens_owner_reads_its_description_not_its_id() {
        let row = |action: &str, detail: &str| AuditRow {
            id: String::new(),
            at: desk::Moment(0),
            actor: "sam".to_owned(),
            subject: "sam".to_owned(),
            action: action.to_owned(),
            outcome: "done".to_owned(),
            address: String::new(),
            agent: String::new(),
            detail: detail.to_owned(),
        };
        assert_eq!(detail(&row("token.create", "3c9718de5e32a4d8 Backup script")), "Backup script");
        assert_eq!(detail(&row("user.role", "staff to help_desk")), "staff to help_desk");
        assert_eq!(detail(&row("log-in", "ldap")), "LDAP");
        assert_eq!(detail(&row("password.check", "password-incorrect")), "");
    }

    #[test]
    fn what_is_not_known_by_words_is_named_by_its_own() {
        assert_eq!(words("token.revoke", false), "Token revoked");
        assert_eq!(words("something.new", false), "something.new");
        assert_eq!(words("something.new", true), "something.new refused");
    }
}
