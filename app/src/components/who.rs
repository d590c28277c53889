//! Where people are known from, as people call it.

use desk::Source;

/// What says who somebody is, or by what they logged in.
pub(crate) fn directory(source: Source) -> &'static str {
    match source {
        Source::BuiltIn => "Built-in",
        Source::Ldap => "LDAP",
        Source::Oidc => "OpenID provider",
        Source::Proxy => "Single sign-on",
        Source::Scim => "SCIM",
        Source::Desk => "Kept by an administrator",
        Source::None => "No longer in any directory",
    }
}
