//! Programs and directories as people call them: the store knows them by short names, in brackets where they have done something.

use desk::BY_DIRECTORIES;

/// Who did it.
pub(crate) fn by_whom(actor: &str) -> String {
    match actor {
        "(console)" => "the operator",
        by if BY_DIRECTORIES.contains(&by) => "the campus directory",
        name => name,
    }
    .to_owned()
}

/// What says who somebody is, or by what they logged in.
pub(crate) fn directory(source: &str) -> String {
    match source {
        "built-in" => "Built-in",
        "ldap" => "LDAP",
        "oidc" => "OpenID provider",
        "proxy" => "Single sign-on",
        "scim" => "SCIM",
        "desk" => "Kept by an administrator",
        "none" => "None any longer",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_have_their_names_and_programs_words() {
        assert_eq!(["(console)", "(scim)", "helen"].map(by_whom), ["the operator", "the campus directory", "helen"]);
        assert_eq!(["ldap", "proxy", "another"].map(directory), ["LDAP", "Single sign-on", "another"]);
    }
}
