//! Claims, read one by one and leniently where nothing is decided by them: of a list the first, of
//! a number its digits. What says who somebody is must be one text or one number, and what cannot
//! be taken is named.

use serde_json::{Map, Value};

use crate::nearly_json::NO_LETTER;

/// The most characters that the log shows of what somebody else wrote.
const MAX_SHOWN: usize = 80;

/// The most bytes of `sub`, which has 255 ASCII characters at most (OpenID Connect Core §2).
const MAX_SUBJECT: usize = 255;

/// The claim that names those that are elsewhere.
const ELSEWHERE: &str = "_claim_names";

/// The claim by which Entra ID says that there are groups, and not which.
const HAS_GROUPS: &str = "hasgroups";

/// What a provider says of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// The claim; none where it is missing or null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the claim says nothing: it is missing, an empty text or an empty list.
    pub(super) fn is_empty(&self, name: &str) -> bool {
        match self.get(name) {
            None => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(Value::Array(all)) => all.is_empty(),
            Some(_) => false,
        }
    }

    /// Lets these say the claim where it says nothing. Not an address: whether one is verified is
    /// said of the one that stands beside it.
    pub(super) fn leave_to(&mut self, more: &Self, name: &str) {
        if name != "email" && self.is_empty(name) && !more.is_empty(name) {
            self.0.remove(name);
        }
    }

    /// A text by which nothing is decided: of a list the first, of a number its digits.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        texts(self.get(name))
            .into_iter()
            .map(|text| text.trim().to_owned())
            .find(|text| !text.is_empty())
    }

    /// A text that says who somebody is: one, and nothing else.
    pub(crate) fn exact(&self, name: &str) -> Option<String> {
        exact(self.get(name)?)
    }

    /// What the provider calls somebody for good, `sub`: one text of bounded length (OpenID Connect
    /// Core §2), or one whole number, which is its digits. Unlike other claims it is taken out of
    /// no list: by it an account is bound to somebody.
    ///
    /// # Errors
    /// What is there instead.
    pub(crate) fn subject(&self) -> Result<String, String> {
        let Some(value) = self.get("sub") else { return Err("missing".to_owned()) };
        match value {
            Value::String(text) if text.is_empty() => Err("an empty text".to_owned()),
            Value::String(text) if text.contains(NO_LETTER) => {
                Err(format!("a text that is cut off within a letter, {}", shown(value)))
            }
            Value::String(text) if text.len() > MAX_SUBJECT => {
                Err(format!("a text of more than {MAX_SUBJECT} characters, {}", shown(value)))
            }
            Value::Array(_) => Err(format!("a list, {}", shown(value))),
            Value::Object(_) => Err(format!("an object, {}", shown(value))),
            Value::Bool(_) => Err(format!("a truth value, {}", shown(value))),
            value => {
                exact(value).ok_or_else(|| format!("a number that is not whole, {}", shown(value)))
            }
        }
    }

    /// Whether the provider does not vouch for the address that it says: whatever there is in
    /// `email_verified` other than yes. Many say nothing of it.
    pub(super) fn is_address_unverified(&self) -> bool {
        self.get("email_verified").is_some_and(|verified| !yes(verified))
    }

    /// Whether a claim is said to be elsewhere (OpenID Connect Core §5.6.2; of groups Entra ID says
    /// so by `hasgroups`): so providers do where groups are too many for a token.
    pub(super) fn is_elsewhere(&self, name: &str) -> bool {
        let named = self.get(ELSEWHERE).is_some_and(|names| names.get(name).is_some());
        self.get(name).is_none() && (named || self.get(HAS_GROUPS).is_some_and(yes))
    }

    /// A moment, in seconds since 1970.
    pub(crate) fn seconds(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Number(number) => whole(number),
            Value::String(digits) => digits.trim().parse().ok(),
            _ => None,
        }
    }

    /// The names of its claims, for the log: none of their values.
    pub(super) fn names(&self) -> String {
        let names = self.0.keys().take(40).map(|name| printable(name)).collect::<Vec<_>>();
        names.join(", ")
    }

    /// Takes over what it does not say itself.
    pub(super) fn add(&mut self, more: Self) {
        for (name, value) in more.0 {
            match (self.0.get_mut(&name), value) {
                // Of which claims are elsewhere each may say some.
                (Some(Value::Object(names)), Value::Object(others)) if name == ELSEWHERE => {
                    others.into_iter().for_each(|(name, at)| _ = names.entry(name).or_insert(at));
                }
                (_, value) if name == HAS_GROUPS && yes(&value) => _ = self.0.insert(name, value),
                // When somebody proved who they are is what the signed token says, and nothing
                // else.
                (None | Some(Value::Null), value) if name != "auth_time" => {
                    _ = self.0.insert(name, value);
                }
                _ => {}
            }
        }
    }
}

/// A number's whole seconds. Some providers write them with a fraction.
pub(super) fn whole(number: &serde_json::Number) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a fraction of a second is dropped, and what is too large is the largest"
    )]
    number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64))
}

/// One text, or one whole number as its digits, also where it is the only one of a list.
fn exact(value: &Value) -> Option<String> {
    match value {
        // What is cut off within a letter may have been anybody's.
        Value::String(text) => Some(text.clone()).filter(|text| !text.contains(NO_LETTER)),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        Value::Array(all) => match all.as_slice() {
            [only @ (Value::String(_) | Value::Number(_))] => exact(only),
            _ => None,
        },
        _ => None,
    }
}

/// Every text of a list, or the one that is in place of a list. Of an object its `name`: so some
/// write groups.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(named) => named.get("name").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    match value {
        Some(Value::Array(all)) => all.iter().filter_map(text).collect(),
        Some(one) => text(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Whether a value says yes: `true`, or a text that means it.
pub(super) fn yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::String(text) => {
            ["true", "yes", "1"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
        }
        Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    }
}

/// What somebody else wrote, for the log: as JSON, so that a text is told from a number, and short.
pub(crate) fn shown(value: &Value) -> String {
    printable(&value.to_string())
}

/// The same of a text, without what cannot be seen.
pub(super) fn printable(text: &str) -> String {
    let mut shown: String =
        text.chars().map(|c| if desk::is_invisible(c) { '·' } else { c }).take(MAX_SHOWN).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        let Value::Object(map) = value else { panic!("an object") };
        Claims(map)
    }

    #[test]
    fn a_text_by_which_nothing_is_decided_is_taken_in_each_form() {
        for (value, text) in [
            (json!("Pia"), Some("Pia")),
            (json!(["Pia", "Pia R"]), Some("Pia")),
            (json!(["", "Pia"]), Some("Pia")),
            (json!(7), Some("7")),
            (json!(null), None),
            (json!([]), None),
            (json!(true), None),
            (json!({"formatted": "Pia"}), None),
            (json!("  "), None),
        ] {
            assert_eq!(claims(json!({"name": value})).text("name").as_deref(), text, "{value}");
        }
    }

    #[test]
    fn what_says_who_somebody_is_is_one_text_or_one_whole_number() {
        for (value, text) in [
            (json!("pia"), Some("pia")),
            (json!(1_234_567), Some("1234567")),
            (json!(18_446_744_073_709_551_615_u64), Some("18446744073709551615")),
            (json!(["pia"]), Some("pia")),
            (json!([1_234_567]), Some("1234567")),
            (json!(["pia", "admin"]), None),
            (json!([["pia"]]), None),
            (json!(1.5), None),
            (json!(true), None),
            (json!({"name": "pia"}), None),
            (json!(null), None),
            (json!("pia\u{FFFD}"), None),
        ] {
            assert_eq!(claims(json!({"sub": value})).exact("sub").as_deref(), text, "{value}");
        }
    }

    #[test]
    fn what_an_account_is_bound_to_is_one_text_or_one_whole_number_and_in_no_list() {
        for (value, subject) in [
            (json!("pia-7"), Ok("pia-7")),
            (json!(42), Ok("42")),
            (json!(null), Err("missing")),
            (json!(""), Err("an empty text")),
            (json!(["pia-7"]), Err("a list, [\"pia-7\"]")),
            (json!([]), Err("a list, []")),
            (json!({"id": 7}), Err("an object, {\"id\":7}")),
            (json!(true), Err("a truth value, true")),
            (json!("pia\u{FFFD}"), Err("a text that is cut off within a letter, \"pia\u{FFFD}\"")),
            (json!(1.5), Err("a number that is not whole, 1.5")),
        ] {
            let found = claims(json!({"sub": value})).subject();
            assert_eq!(found.as_deref().map_err(String::as_str), subject, "{value}");
        }
    }

    #[test]
    fn what_an_account_is_bound_to_is_no_longer_than_the_standard_has_it() {
        let of = |long: usize| claims(json!({"sub": "7".repeat(long)})).subject();
        assert_eq!(of(255), Ok("7".repeat(255)));
        for long in [256, 500_000] {
            let found = of(long).expect_err("too long");
            assert!(found.starts_with("a text of more than 255 characters, \"777"), "{found}");
            assert!(found.chars().count() < 200, "the log's line is short");
        }
    }

    #[test]
    fn what_is_elsewhere_is_so_whichever_of_the_two_says_it() {
        let names = |names: Value| json!({"_claim_names": names});
        for (token, user_info, is_elsewhere) in [
            (json!({}), json!({}), false),
            (names(json!({"groups": "src1"})), json!({}), true),
            (json!({}), names(json!({"groups": "src1"})), true),
            (names(json!({"address": "src1"})), names(json!({"groups": "src2"})), true),
            (json!({"_claim_names": null}), names(json!({"groups": "src2"})), true),
            (names(json!({"address": "src1"})), json!({}), false),
            (json!({"hasgroups": false}), json!({"hasgroups": "true"}), true),
            (json!({"hasgroups": true}), json!({"hasgroups": false}), true),
            (json!({"hasgroups": true}), json!({"groups": ["staff"]}), false),
            (json!({"groups": ["staff"]}), json!({"hasgroups": true}), false),
        ] {
            let mut both = claims(token.clone());
            both.add(claims(user_info.clone()));
            assert_eq!(both.is_elsewhere("groups"), is_elsewhere, "{token} and {user_info}");
        }
    }

    #[test]
    fn groups_are_read_from_lists_texts_and_objects_and_never_split() {
        let groups = |value: Value| texts(Some(&value));
        assert_eq!(
            groups(json!(["help-desk", 7, {"name": "staff", "id": 1}, null, ["x"]])),
            ["help-desk", "7", "staff"]
        );
        assert_eq!(
            groups(json!("help-desk,staff")),
            ["help-desk,staff"],
            "whoever may name a group could name two"
        );
        assert_eq!(groups(json!({"name": "staff"})), ["staff"]);
        assert!(groups(json!(null)).is_empty() && texts(None).is_empty());
    }

    #[test]
    fn what_says_nothing_is_left_to_who_says_it() {
        for (value, is_kept) in [
            (json!(""), false),
            (json!(" "), false),
            (json!([]), false),
            (json!("pia"), true),
            (json!([""]), true),
            (json!(0), true),
            (json!(false), true),
            (json!({}), true),
        ] {
            let mut all = claims(json!({"uid": value, "email": value}));
            all.leave_to(&claims(json!({"uid": []})), "uid");
            assert_eq!(all.get("uid"), Some(&value), "neither says it");
            let more = claims(json!({"uid": "ada", "email": "ada@example.edu"}));
            all.leave_to(&more, "uid");
            all.leave_to(&more, "email");
            assert_eq!(all.get("uid").is_some(), is_kept, "{value}");
            assert_eq!(all.get("email"), Some(&value));
        }
    }

    #[test]
    fn seconds_may_have_a_fraction_or_be_a_text() {
        for (value, seconds) in [
            (json!(1_700_000_000), Some(1_700_000_000)),
            (json!(1_700_000_000.75), Some(1_700_000_000)),
            (json!("1700000000"), Some(1_700_000_000)),
            (json!("2026-01-01T00:00:00Z"), None),
            (json!([1]), None),
        ] {
            assert_eq!(claims(json!({"iat": value})).seconds("iat"), seconds, "{value}");
        }
    }

    #[test]
    fn an_address_is_vouched_for_by_yes_and_by_nothing_else() {
        let unverified =
            |claimed: &Value| claims(json!({"email_verified": claimed})).is_address_unverified();
        for yes in [json!(true), json!("true"), json!(" True "), json!("yes"), json!(1), json!("1")]
        {
            assert!(!unverified(&yes), "{yes}");
        }
        for other in [
            json!(false),
            json!("false"),
            json!("n"),
            json!("off"),
            json!("unverified"),
            json!("pending"),
            json!(""),
            json!(0),
            json!(0.0),
            json!(2),
            json!(-1),
            json!([]),
            json!([false]),
            json!([true]),
            json!({}),
        ] {
            assert!(unverified(&other), "{other}");
        }
        assert!(!unverified(&json!(null)) && !claims(json!({})).is_address_unverified());
    }

    #[test]
    fn what_the_log_shows_is_short_and_visible() {
        assert_eq!(shown(&json!("EXAMPLE\\sam")), r#""EXAMPLE\\sam""#);
        assert_eq!(shown(&json!("a\u{202e}b\nc")), r#""a·b\nc""#);
        assert_eq!(shown(&json!("x".repeat(1000))).chars().count(), MAX_SHOWN + 1);
        assert_eq!(printable("a\u{7}\u{1b}[1m"), "a··[1m");
    }
}
