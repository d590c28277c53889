use desk::{AuditAction, AuditRow, Outcome, Source};

use crate::parts::directory;

/// The detail without the token's id, which says nothing to its owner, and without the codes of refusals.
pub(super) fn detail(row: &AuditRow) -> String {
    if row.outcome == Outcome::Refused {
        return String::new();
    }
    if row.action.is(AuditAction::LogIn) {
        return Source::parse(&row.detail).map(directory).unwrap_or_default().to_owned();
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
            actor: "sam".to_owned().into(),
            subject: "sam".to_owned(),
            action: action.to_owned().into(),
            outcome: if action == "password.check" { Outcome::Refused } else { Outcome::Done },
            address: String::new(),
            agent: String::new(),
            detail: detail.to_owned(),
        };
        assert_eq!(detail(&row("token.create", "3c9718de5e32a4d8 Backup script")), "Backup script");
        assert_eq!(detail(&row("user.role", "staff to help_desk")), "staff to help_desk");
        assert_eq!(detail(&row("log-in", "ldap")), "LDAP");
        assert_eq!(detail(&row("password.check", "password-incorrect")), "");
    }
}
