//! A name and its parts, and one of which only a part is said. People have one name here, as it is
//! shown; identity systems have its parts, and send what has changed of them. Tests: below.

use serde_json::Value;

/// The name with another given or family name in it; none: not said, and what is known stays.
pub(super) fn renamed(name: &str, given: Option<&str>, family: Option<&str>) -> String {
    let known = Parts::of(name);
    let (given, family) =
        (given.unwrap_or(known.given).trim(), family.unwrap_or(known.family).trim());
    let (first, between, last) =
        if known.family_first { (family, ", ", given) } else { (given, " ", family) };
    if first.is_empty() || last.is_empty() {
        format!("{first}{last}")
    } else {
        format!("{first}{between}{last}")
    }
}

/// A name as an identity system reads it; a part that there is not is left out.
pub(super) fn shown(name: &str) -> Value {
    let Parts { given, family, .. } = Parts::of(name.trim());
    let all = [("formatted", name), ("givenName", given), ("familyName", family)];
    let said = all.into_iter().filter(|(_, text)| !text.is_empty());
    Value::Object(said.map(|(part, text)| (part.to_owned(), text.into())).collect())
}

/// A name, taken apart as far as that is possible.
#[derive(Debug, PartialEq, Eq)]
struct Parts<'a> {
    given: &'a str,
    family: &'a str,
    /// It is written “Family, Given”.
    family_first: bool,
}

impl<'a> Parts<'a> {
    fn of(name: &'a str) -> Self {
        if let Some((family, given)) = name.split_once(',') {
            return Self { given: given.trim(), family: family.trim(), family_first: true };
        }
        // The family's begins with what is written small (“Ludwig van Beethoven”), or else with the
        // last word.
        let starts: Vec<usize> =
            name.match_indices(char::is_whitespace).map(|(at, blank)| at + blank.len()).collect();
        let is_small = |at: &&usize| name[**at..].starts_with(char::is_lowercase);
        let start = starts.iter().find(is_small).or(starts.last()).copied().unwrap_or(name.len());
        let (given, family) = name.split_at(start);
        Self { given: given.trim(), family: family.trim(), family_first: false }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_part_that_is_said_takes_the_place_of_the_one_that_is_known() {
        for (name, given, family, after) in [
            ("Nora Old", None, Some("New"), "Nora New"),
            ("Nora Old", Some("Eleonora"), None, "Eleonora Old"),
            ("Nora Old", Some("A"), Some("B"), "A B"),
            ("Nora Maria Old", None, Some("New"), "Nora Maria New"),
            ("Ludwig van Beethoven", None, Some("Müller"), "Ludwig Müller"),
            ("Ana de la Cruz", Some("Eva"), None, "Eva de la Cruz"),
            ("Old, Nora", None, Some("New"), "New, Nora"),
            ("Old, Nora", Some("Eva"), None, "Old, Eva"),
            ("Nora", None, Some("New"), "Nora New"),
            ("Nora", Some("Eva"), None, "Eva"),
            ("", Some("Eva"), Some("New"), "Eva New"),
            ("Nora Old", None, Some(""), "Nora"),
            ("Nora\u{3000}Old", None, Some("New"), "Nora New"),
        ] {
            assert_eq!(renamed(name, given, family), after, "{name} {given:?} {family:?}");
        }
    }

    #[test]
    fn a_name_is_shown_with_those_of_its_parts_that_it_has() {
        for (name, parts) in [
            ("Nora Old", json!({"givenName": "Nora", "familyName": "Old"})),
            ("Old, Nora", json!({"givenName": "Nora", "familyName": "Old"})),
            ("Ludwig van Beethoven", json!({"givenName": "Ludwig", "familyName": "van Beethoven"})),
            ("Nora", json!({"givenName": "Nora"})),
        ] {
            let mut all = parts.clone();
            all["formatted"] = name.into();
            assert_eq!(shown(name), all, "{name}");
        }
        assert_eq!(shown(""), json!({}));
    }

    proptest! {
        #[test]
        fn any_name_is_taken_apart(name in "\\PC*", part in "\\PC*") {
            let _ = shown(&name);
            let _ = (renamed(&name, Some(&part), None), renamed(&name, None, Some(&part)));
        }
    }
}
