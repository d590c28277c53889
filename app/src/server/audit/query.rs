//! What is asked of the audit, read from an address.

use desk::AuditQuery;

use crate::paths::query_value;

/// Reads the query of an address.
pub(crate) fn read(query: &str) -> AuditQuery {
    let get =
        |key| query_value(query, key).map(|value| value.trim().to_owned()).unwrap_or_default();
    AuditQuery {
        actor: get("actor"),
        subject: get("subject"),
        action: get("action"),
        outcome: get("outcome"),
        from: get("from"),
        to: get("to"),
        before: get("before"),
    }
}

/// Whether a browser wrote fields into the query that nothing is typed in: it asks the same without
/// them.
pub(crate) fn has_empty(query: &str) -> bool {
    query.split('&').any(|pair| pair.ends_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_writes_of_empty_fields_is_known() {
        assert!(has_empty("actor=&subject=tia") && has_empty("actor=tia&to="));
        assert!(!has_empty("") && !has_empty("actor=tia&verify") && !has_empty("verify=1"));
    }
}
