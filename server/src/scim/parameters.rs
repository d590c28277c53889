//! What is asked: whose id stands in the path, and what of a list, by the address or in a body (RFC
//! 7644 §3.4.2, §3.4.3). Tests: below, and `server/tests/server/scim/mod.rs`.

use axum::extract::{FromRequestParts, Path, Query};
use http::request::Parts;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::response::ScimError;
use super::user::Wanted;

/// The most people in one answer, and how many there are where nobody says.
pub(super) const MAX_LISTED: u32 = 200;

/// What is asked of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Parameters {
    pub(super) filter: Option<String>,
    #[serde(deserialize_with = "number")]
    start_index: Option<i64>,
    #[serde(deserialize_with = "number")]
    count: Option<i64>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
}

/// What is asked in the address; what cannot be read is refused as everything here is.
impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ScimError> {
        let parameters = Query::from_request_parts(parts, state).await;
        parameters.map(|Query(parameters)| parameters).map_err(|_| not_whole())
    }
}

/// An id in the path. One that cannot be read is nobody's, and no group's.
#[derive(Debug)]
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ScimError> {
        let id = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id))
            .map_err(|_| ScimError::not_found("There is nothing with that id."))
    }
}

impl Parameters {
    /// What is asked in a body.
    pub(super) fn in_body(mut body: Value) -> Result<Self, ScimError> {
        // Lists here, and words between commas in a query.
        for name in ["attributes", "excludedAttributes"] {
            if let Some(Value::Array(names)) = body.get(name) {
                body[name] =
                    names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",").into();
            }
        }
        if ["startIndex", "count"]
            .iter()
            .filter_map(|name| body.get(name))
            .any(|value| whole(value).is_none())
        {
            return Err(not_whole());
        }
        serde_json::from_value(body).map_err(|_| ScimError::syntax("That is not a search request."))
    }

    /// Below 1 counts as 1 (RFC 7644 §3.4.2.4).
    pub(super) fn start(&self) -> u32 {
        u32::try_from(self.start_index.unwrap_or(1).max(1)).unwrap_or(u32::MAX)
    }

    /// Below 0 counts as 0 (the same).
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.count.unwrap_or(i64::from(MAX_LISTED)).max(0))
            .unwrap_or(u32::MAX)
            .min(MAX_LISTED)
    }

    pub(super) fn wanted(&self) -> Wanted {
        Wanted::new(self.attributes.as_deref(), self.excluded_attributes.as_deref())
    }
}

fn not_whole() -> ScimError {
    ScimError::value("startIndex and count must be whole numbers.")
}

fn number<'de, D: Deserializer<'de>>(given: D) -> Result<Option<i64>, D::Error> {
    let value = Value::deserialize(given)?;
    whole(&value).ok_or_else(|| serde::de::Error::custom("not a whole number"))
}

/// A whole number, also as a text, as addresses have them; one beyond all bounds is the largest
/// there is, or the smallest. Nothing within: it is not said. None: it is something else.
fn whole(value: &Value) -> Option<Option<i64>> {
    match value {
        Value::Null => Some(None),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Some(Some(whole)),
            (None, Some(far)) if far.fract() == 0.0 => {
                Some(Some(if far < 0.0 { i64::MIN } else { i64::MAX }))
            }
            _ => None,
        },
        Value::String(text) => {
            let text = text.trim();
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            let is_whole = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
            is_whole.then(|| {
                Some(text.parse().unwrap_or(if text.starts_with('-') {
                    i64::MIN
                } else {
                    i64::MAX
                }))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_are_taken_however_large_and_nothing_else() {
        let ten_to_thirty = format!("1{}", "0".repeat(30));
        for (value, expected) in [
            (json!(7), Some(Some(7))),
            (json!("7"), Some(Some(7))),
            (json!(" 7 "), Some(Some(7))),
            (json!(-7), Some(Some(-7))),
            (json!("-7"), Some(Some(-7))),
            (json!(null), Some(None)),
            (json!(1e30), Some(Some(i64::MAX))),
            (json!(-1e30), Some(Some(i64::MIN))),
            (json!(u64::MAX), Some(Some(i64::MAX))),
            (json!(ten_to_thirty), Some(Some(i64::MAX))),
            (json!(format!("-{ten_to_thirty}")), Some(Some(i64::MIN))),
            (json!(1.5), None),
            (json!("many"), None),
            (json!("1.5"), None),
            (json!("1e30"), None),
            (json!(""), None),
            (json!("-"), None),
            (json!([7]), None),
            (json!(true), None),
        ] {
            assert_eq!(whole(&value), expected, "{value}");
        }
    }
}
