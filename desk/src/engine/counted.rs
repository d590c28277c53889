//! Numbers with their noun.

/// "1 token", "2 tokens".
pub(crate) fn counted(many: usize, what: &str) -> String {
    format!("{many} {what}{}", if many == 1 { "" } else { "s" })
}
