//! PATCH (RFC 7644 §3.5.2), for the few attributes that there are, in each of the ways in which
//! identity systems write it. What is known here is changed or refused; everything else is none of
//! the desk's business. Tests: `patch_tests.rs`.

use desk::{Push, PushedUser};
use http::StatusCode;
use serde_json::Value;

use super::filter::Filter;
use super::groups;
use super::name::ClaimedName;
use super::response::ScimError;
use super::user::{self, Change, SCHEMA};

/// More operations than there are attributes several times over.
const MAX_OPERATIONS: usize = 100;

/// An attribute's name without its schema's.
pub(super) fn short(name: &str) -> &str {
    let without = |schema: &str| {
        let before = name.get(..schema.len())?;
        before.eq_ignore_ascii_case(schema).then(|| name[schema.len()..].trim_start_matches(':'))
    };
    [SCHEMA, groups::SCHEMA].into_iter().find_map(without).unwrap_or(name)
}

/// Whether this is the attribute `name`, in any case.
pub(super) fn is(given: &str, name: &str) -> bool {
    short(given).eq_ignore_ascii_case(name)
}

/// What one operation does with what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Replace,
    Remove,
}

/// The person after all operations: all of them, or none. But whoever leaves by one of them leaves,
/// whatever is wrong with the others.
pub(super) fn applied(before: &PushedUser, body: &Value) -> Result<Change, ScimError> {
    let mut after = After::new(before);
    let taken = each(operations(body, MAX_OPERATIONS)?, |operation| after.take(operation));
    Change::new(after.push(), taken)
}

/// Takes each of them, also after one that cannot be taken; what is wrong is that of the first.
fn each<T>(
    all: impl IntoIterator<Item = T>,
    mut take: impl FnMut(T) -> Result<(), ScimError>,
) -> Result<(), ScimError> {
    let mut taken = Ok(());
    for one in all {
        let this = take(one);
        taken = taken.and(this);
    }
    taken
}

/// The list of operations, of which there may be so many.
pub(super) fn operations(body: &Value, most: usize) -> Result<&[Value], ScimError> {
    let operations = part(body, "Operations").unwrap_or(&Value::Null);
    // A single one without its list is one of them.
    let operations =
        operations.as_array().map_or_else(|| std::slice::from_ref(operations), Vec::as_slice);
    if operations.is_empty() || operations.len() > most || !operations.iter().all(Value::is_object)
    {
        let detail = format!("Operations must be a list of 1 to {most} of them.");
        return Err(ScimError::syntax(&detail));
    }
    Ok(operations)
}

impl Operation {
    /// What is done, to what, and with which value.
    pub(super) fn read(
        operation: &Value,
    ) -> Result<(Self, Option<&str>, Option<&Value>), ScimError> {
        let op = match part(operation, "op")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "add" => Self::Add,
            "replace" => Self::Replace,
            "remove" => Self::Remove,
            _ => return Err(ScimError::syntax("op must be add, replace or remove.")),
        };
        let path = match part(operation, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path.trim()).filter(|path| !path.is_empty()),
            Some(_) => {
                return Err(ScimError::of(
                    StatusCode::BAD_REQUEST,
                    "invalidPath",
                    "path must be a string.",
                ));
            }
        };
        Ok((op, path, part(operation, "value")))
    }
}

/// A part of an object, its name in any case.
pub(super) fn part<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object
        .as_object()?
        .iter()
        .find(|(given, _)| given.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// A path, taken apart: `emails`, `type eq "work"` and `value` of `emails[type eq "work"].value`.
struct Path<'a> {
    name: &'a str,
    filter: Option<&'a str>,
    sub: Option<&'a str>,
}

impl<'a> Path<'a> {
    fn of(path: &'a str) -> Result<Self, ScimError> {
        let path = short(path).trim();
        let (name, filter, rest) = match (path.find('['), path.rfind(']')) {
            (Some(open), Some(close)) if open < close => {
                (&path[..open], Some(path[open + 1..close].trim()), &path[close + 1..])
            }
            (None, None) => path
                .split_once('.')
                .map_or((path, None, ""), |(name, _)| (name, None, &path[name.len()..])),
            _ => {
                return Err(ScimError::of(
                    StatusCode::BAD_REQUEST,
                    "invalidPath",
                    "The path has a bracket without its counterpart.",
                ));
            }
        };
        Ok(Self { name: name.trim(), filter, sub: rest.trim().strip_prefix('.').map(str::trim) })
    }

    /// Whether it means the whole address, or what is kept of it.
    fn is_whole_address(&self) -> bool {
        self.sub.is_none_or(|sub| is(sub, "value"))
    }
}

/// What becomes of a person, operation by operation.
struct After<'a> {
    before: &'a PushedUser,
    // What is not named stays as it is when this is written, whoever else changes it meanwhile.
    email: Option<String>,
    external_id: Option<String>,
    active: Option<bool>,
    name: ClaimedName,
}

impl<'a> After<'a> {
    fn new(before: &'a PushedUser) -> Self {
        Self { before, email: None, external_id: None, active: None, name: ClaimedName::default() }
    }

    fn push(self) -> Push {
        let (name, name_parts) = self.name.of(self.before);
        Push {
            name,
            name_parts,
            email: self.email,
            external_id: self.external_id,
            active: self.active,
        }
    }

    fn take(&mut self, operation: &Value) -> Result<(), ScimError> {
        match Operation::read(operation)? {
            (Operation::Remove, Some(path), value) => self.remove(path, value),
            (Operation::Remove, None, _) => {
                Err(ScimError::of(StatusCode::BAD_REQUEST, "noTarget", "A removal needs a path."))
            }
            (op, Some(path), Some(value)) => self.set(op, path, value),
            // Without a path the value holds the attributes.
            (op, None, Some(Value::Object(attributes))) => {
                each(attributes, |(name, value)| self.set(op, name, value))
            }
            _ => Err(ScimError::value("value is missing, or without a path no object.")),
        }
    }

    fn set(&mut self, op: Operation, path: &str, value: &Value) -> Result<(), ScimError> {
        let path = Path::of(path)?;
        let name = path.name;
        if is(name, "active") {
            self.active = Some(user::truth(value)?);
        } else if is(name, "displayName") {
            self.name.display = Some(user::text(value, name)?);
        } else if is(name, "name") {
            self.set_name(path.sub, value)?;
        } else if is(name, "emails") {
            self.set_email(op, &path, value)?;
        } else if is(name, "externalId") {
            self.external_id = Some(user::external_id(value)?);
        } else if is(name, "userName") || is(name, "id") {
            if user::netid(value)? != self.before.netid {
                return Err(user::fixed_name());
            }
        } else if let (true, Value::Object(attributes)) = (name.is_empty(), value) {
            // The schema's name alone, and its attributes below.
            each(attributes, |(name, value)| self.set(op, name, value))?;
        }
        // Others are none of the desk's business, as in a POST.
        Ok(())
    }

    fn set_name(&mut self, sub: Option<&str>, value: &Value) -> Result<(), ScimError> {
        let place = match sub.map(str::to_ascii_lowercase).as_deref() {
            Some("formatted") => &mut self.name.formatted,
            Some("givenname") => &mut self.name.given,
            Some("familyname") => &mut self.name.family,
            // A title, or the second of three names: nothing here is told by it.
            Some(_) => return Ok(()),
            None => {
                return match value {
                    Value::Object(parts) => {
                        each(parts, |(part, value)| self.set_name(Some(part), value))
                    }
                    Value::Null => Ok(()),
                    _ => Err(ScimError::value("name must be an object.")),
                };
            }
        };
        *place = Some(user::text(value, "name")?);
        Ok(())
    }

    fn set_email(
        &mut self,
        op: Operation,
        path: &Path<'_>,
        value: &Value,
    ) -> Result<(), ScimError> {
        // One more address is added to those there are: it takes the place of the one that is kept
        // if it is the primary one.
        let one_more = op == Operation::Add
            && path.filter.is_none()
            && !self.kept_email().is_empty()
            && !user::has_primary(value);
        if path.is_whole_address() && self.is_kept_address(path)? && !one_more {
            self.email = user::email(value).or(self.email.take());
        }
        Ok(())
    }

    fn kept_email(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.before.email)
    }

    /// Whether the address that is kept is meant: one address is, of work where kinds are told
    /// apart.
    fn is_kept_address(&self, path: &Path<'_>) -> Result<bool, ScimError> {
        let Some(filter) = path.filter else { return Ok(true) };
        // Where there is none yet, one of work comes in its place.
        let email = if self.kept_email().is_empty() { "-" } else { self.kept_email() };
        Ok(Filter::of_emails(filter)?
            .means(&PushedUser { email: email.to_owned(), ..self.before.clone() }))
    }

    fn remove(&mut self, path: &str, value: Option<&Value>) -> Result<(), ScimError> {
        let path = Path::of(path)?;
        let name = path.name;
        if is(name, "displayName") {
            self.name.display = Some(String::new());
        } else if is(name, "name") {
            for part in ["formatted", "givenName", "familyName"] {
                if path.sub.is_none_or(|sub| is(sub, part)) {
                    self.set_name(Some(part), &Value::Null)?;
                }
            }
        } else if is(name, "emails") {
            // Entra ID names what it takes away in the value too.
            let is_named = value
                .is_none_or(|value| value.is_null() || user::has_address(value, self.kept_email()));
            if path.is_whole_address() && is_named && self.is_kept_address(&path)? {
                self.email = Some(String::new());
            }
        } else if is(name, "externalId") {
            self.external_id = Some(String::new());
        } else if ["userName", "id", "schemas", "active"].into_iter().any(|kept| is(name, kept)) {
            return Err(ScimError::mutability(
                "userName, id, schemas and active cannot be removed.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "patch_tests.rs"]
mod tests;
