//! The names of the keys, taken from the one struct that has them, and the nearest to one misspelled.

use clap::{Args, Command};

use super::Keys;

/// What a variable of the environment that sets a key begins with.
pub(super) const PREFIX: &str = "LATCHKEY_";

/// The keys that no flag may set: the list of processes shows arguments to everybody.
pub(super) const SECRETS: [&str; 5] = ["store_password", "audit_key", "ldap_bind_password", "oidc_client_secret", "scim_token"];

/// Every key's name.
pub(super) fn all() -> Vec<String> {
    let flags = Keys::augment_args(Command::new("keys"));
    let with_flag = flags.get_arguments().map(|arg| arg.get_id().as_str().to_owned()).filter(|name| name != "help" && name != "version");
    with_flag.chain(SECRETS.map(str::to_owned)).collect()
}

/// " Did you mean …?" with the nearest key, or nothing where none is near.
pub(super) fn hint(written: &str) -> String {
    let near = all().into_iter().map(|name| (distance(&written.to_ascii_lowercase(), &name), name)).min();
    match near {
        Some((steps, name)) if steps <= 3.min(written.len() / 2) => format!(" Did you mean “{name}”?"),
        _ => String::new(),
    }
}

/// How many letters to add, drop or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = replaced.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised() {
        assert_eq!(hint("lisen"), " Did you mean “listen”?");
        assert_eq!(hint("Public_URI"), " Did you mean “public_url”?");
        assert_eq!(hint("xyzzy"), "");
    }

    #[test]
    fn every_key_has_a_name() {
        let names = all();
        assert!(names.contains(&"trusted_proxies".to_owned()) && names.contains(&"store_password".to_owned()));
        assert_eq!(names.len(), 59);
    }
}
