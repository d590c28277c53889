//! A name and its parts. `displayName` is the name that is shown; the parts are kept beside it and
//! answered as they were sent, so that whoever compares them finds nothing to send again. Where no
//! `displayName` was ever said, the name is made of the parts. No name is taken apart: nobody can
//! tell which word of it is whose. Tests: below, and `server/tests/server/scim/names.rs`.

use desk::{NameParts, PushedUser};
use serde_json::{Map, Value};

/// What a PATCH says of a name; none: not said. An empty text takes away.
#[derive(Debug, Default)]
pub(super) struct ClaimedName {
    pub(super) display: Option<String>,
    pub(super) formatted: Option<String>,
    pub(super) given: Option<String>,
    pub(super) family: Option<String>,
}

impl ClaimedName {
    /// The name that is shown, and the parts, after this was said; none: what is known stays.
    pub(super) fn of(self, before: &PushedUser) -> (Option<String>, Option<NameParts>) {
        let Self { display, formatted, given, family } = self;
        let known = &before.name_parts;
        let says_parts = formatted.is_some() || given.is_some() || family.is_some();
        if display.is_none() && !says_parts {
            return (None, None);
        }
        let is_whole_given = formatted.is_some();
        let mut parts = NameParts {
            given: given.unwrap_or_else(|| known.given.clone()),
            family: family.unwrap_or_else(|| known.family.clone()),
            formatted: formatted.unwrap_or_else(|| known.formatted.clone()),
            are_shown: match &display {
                Some(text) => text.is_empty(),
                None => known.are_shown || before.name.is_empty(),
            },
        };
        if !parts.are_shown {
            return (display, Some(parts));
        }
        // Who has another family name is no longer called what both were in one. One part alone is
        // no name that could take its place.
        let differ = parts.given != known.given || parts.family != known.family;
        let are_both = !parts.given.is_empty() && !parts.family.is_empty();
        if differ && are_both && !is_whole_given {
            parts.formatted.clear();
        }
        (Some(parts.whole()), Some(parts))
    }
}

/// A name as an identity system reads it; a part that there is not is left out.
pub(super) fn shown(name: &str, parts: &NameParts) -> Map<String, Value> {
    let formatted = if parts.formatted.is_empty() { name } else { parts.formatted.as_str() };
    let all = [
        ("formatted", formatted),
        ("givenName", parts.given.as_str()),
        ("familyName", parts.family.as_str()),
    ];
    let claimed = all.into_iter().filter(|(_, text)| !text.is_empty());
    claimed.map(|(part, text)| (part.to_owned(), text.into())).collect()
}

#[cfg(test)]
mod tests {
    use desk::{Moment, NetId};

    use super::*;

    /// A name, its given and family name, both in one, and whether these are shown.
    type Name = (&'static str, &'static str, &'static str, &'static str, bool);

    fn nora((name, given, family, formatted, are_shown): Name) -> PushedUser {
        PushedUser {
            netid: NetId::parse("nora").expect("a NetID"),
            name: name.to_owned(),
            name_parts: NameParts {
                given: given.to_owned(),
                family: family.to_owned(),
                formatted: formatted.to_owned(),
                are_shown,
            },
            email: String::new(),
            external_id: None,
            groups: Vec::new(),
            active: true,
            created: Moment::default(),
        }
    }

    #[test]
    fn the_name_that_was_said_stays_and_one_of_parts_follows_them() {
        let of_parts = ("Nora Old", "Nora", "Old", "", true);
        let in_one = ("Dr. Nora Old", "Nora", "Old", "Dr. Nora Old", true);
        let whole = ("Nora Old", "", "", "Nora Old", true);
        let claimed = ("Old, Nora", "Nora", "Old", "Nora Old", false);
        let unknown = ("Nora Old", "", "", "", false);
        let nothing = ("", "", "", "", false);
        // What is known, what is said (display name, both in one, given, family), and what becomes
        // of it.
        for (before, [display, formatted, given, family], after) in [
            (of_parts, ["-", "-", "-", "New"], ("Nora New", "Nora", "New", "", true)),
            (of_parts, ["-", "-", "Eva", "-"], ("Eva Old", "Eva", "Old", "", true)),
            (of_parts, ["-", "-", "-", ""], ("Nora", "Nora", "", "", true)),
            (of_parts, ["-", "N. Old", "-", "-"], ("N. Old", "Nora", "Old", "N. Old", true)),
            (of_parts, ["Old, Nora", "-", "-", "-"], ("Old, Nora", "Nora", "Old", "", false)),
            (in_one, ["-", "-", "Nora", "Old"], in_one),
            (whole, ["-", "-", "-", "New"], ("Nora Old", "", "New", "Nora Old", true)),
            (in_one, ["-", "-", "-", "New"], ("Nora New", "Nora", "New", "", true)),
            (
                in_one,
                ["-", "Dr. N. New", "-", "New"],
                ("Dr. N. New", "Nora", "New", "Dr. N. New", true),
            ),
            (
                claimed,
                ["-", "Nora New", "-", "New"],
                ("Old, Nora", "Nora", "New", "Nora New", false),
            ),
            (
                claimed,
                ["New, Nora", "-", "-", "New"],
                ("New, Nora", "Nora", "New", "Nora Old", false),
            ),
            (claimed, ["", "-", "-", "-"], ("Nora Old", "Nora", "Old", "Nora Old", true)),
            (unknown, ["-", "-", "Nora", "Old"], ("Nora Old", "Nora", "Old", "", false)),
            (unknown, ["", "-", "-", "-"], ("", "", "", "", true)),
            (nothing, ["-", "-", "Nora", "-"], ("Nora", "Nora", "", "", true)),
        ] {
            let text = |text: &str| (text != "-").then(|| text.to_owned());
            let person = nora(before);
            let (name, parts) = ClaimedName {
                display: text(display),
                formatted: text(formatted),
                given: text(given),
                family: text(family),
            }
            .of(&person);
            let expected = nora(after);
            assert_eq!(
                (name.unwrap_or(person.name), parts.unwrap_or(person.name_parts)),
                (expected.name, expected.name_parts),
                "{before:?} {:?}",
                [display, formatted, given, family]
            );
        }
        assert_eq!(ClaimedName::default().of(&nora(claimed)), (None, None));
    }

    #[test]
    fn the_parts_are_answered_as_they_were_sent_and_no_name_is_taken_apart() {
        let answered = |name: Name| {
            let person = nora(name);
            Value::Object(shown(&person.name, &person.name_parts))
        };
        for name in ["Smith, Jo", "Kovács Anna", "王小明", "Jo Dyk (Physics)"] {
            let unknown = (name, "", "", "", false);
            assert_eq!(answered(unknown), serde_json::json!({ "formatted": name }), "{name}");
        }
        assert_eq!(
            answered(("Smith, Jo", "Jo", "Smith", "Jo Smith", false)),
            serde_json::json!({
                "formatted": "Jo Smith", "givenName": "Jo", "familyName": "Smith",
            })
        );
        assert_eq!(answered(("", "", "", "", false)), serde_json::json!({}));
    }
}
