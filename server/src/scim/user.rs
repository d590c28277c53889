//! A person as a SCIM resource.

use desk::{NameParts, NetId, Push, PushedUser};
use serde_json::{Map, Value, json};

use super::response::ScimError;
use super::{groups, name, patch};
use crate::nearly_json::NO_LETTER;
use crate::web::AppState;

/// The schema of a user (RFC 7643 §8.7.1); what of it is known here is said at `/Schemas`.
pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The most characters of a text, as everywhere at the desk.
const MAX_TEXT: usize = 256;

/// Which attributes an answer shows.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    only: Option<Vec<String>>,
    without: Vec<String>,
}

impl Wanted {
    /// From `attributes` and `excludedAttributes` (RFC 7644 §3.9).
    pub(super) fn new(only: Option<&str>, without: Option<&str>) -> Self {
        let list = |text: &str| {
            text.split(',')
                .map(|name| patch::short(name.trim()).to_owned())
                .filter(|name| !name.is_empty())
                .collect()
        };
        Self {
            only: only.map(list).filter(|names: &Vec<String>| !names.is_empty()),
            without: without.map(list).unwrap_or_default(),
        }
    }

    pub(super) fn shows(&self, name: &str) -> bool {
        // Of `emails.value` the whole is shown.
        let named = |names: &[String]| {
            names.iter().any(|given| {
                given.split('.').next().is_some_and(|first| first.eq_ignore_ascii_case(name))
            })
        };
        name == "schemas"
            || name == "id"
            || (self.only.as_deref().is_none_or(named) && !named(&self.without))
    }
}

/// Where the resource is.
pub(super) fn location(person: &PushedUser, state: &AppState) -> String {
    let base = state.public_url.as_ref().map_or("", |url| url.as_str()).trim_end_matches('/');
    format!("{base}/scim/v2/Users/{}", person.netid)
}

/// The resource.
pub(super) fn shown(person: &PushedUser, state: &AppState, wanted: &Wanted) -> Value {
    let mut all = Map::new();
    let mut show = |name: &str, value: Value| {
        if wanted.shows(name) {
            all.insert(name.to_owned(), value);
        }
    };
    show("schemas", json!([SCHEMA]));
    show("id", json!(person.netid.as_str()));
    show("userName", json!(person.netid.as_str()));
    if let Some(id) = &person.external_id {
        show("externalId", json!(id));
    }
    if !person.name.is_empty() {
        show("displayName", json!(person.name));
    }
    let parts = name::shown(&person.name, &person.name_parts);
    if !parts.is_empty() {
        show("name", Value::Object(parts));
    }
    if !person.email.is_empty() {
        show("emails", json!([{ "value": person.email, "type": "work", "primary": true }]));
    }
    let groups = groups::of(state, person);
    if !groups.is_empty() {
        show("groups", Value::Array(groups));
    }
    show("active", json!(person.active));
    let created = person.created.rfc3339();
    show(
        "meta",
        json!({ "resourceType": "User", "created": created, "location": location(person, state) }),
    );
    Value::Object(all)
}

/// The person of a POST.
pub(super) fn made(body: &Value) -> Result<(NetId, Push), ScimError> {
    let netid = user_name(body)?
        .ok_or_else(|| ScimError::value("userName is missing: it is the NetID."))?;
    let (claimed, wrong) = claimed(body);
    wrong?;
    Ok((
        netid,
        Push {
            active: Some(claimed.active.unwrap_or(true)),
            name: claimed.name.taken(),
            name_parts: Some(claimed.name_parts),
            email: claimed.email.taken(),
            external_id: claimed.external_id.taken(),
        },
    ))
}

/// What becomes of somebody who is there.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) push: Push,
    /// What could not be taken, of somebody who leaves all the same.
    pub(super) left_out: Option<ScimError>,
}

impl Change {
    /// What is wrong, unless somebody leaves: that is told apart from everything else that is said
    /// with it, so that no address or name keeps anybody in.
    pub(super) fn new(push: Push, taken: Result<(), ScimError>) -> Result<Self, ScimError> {
        match taken {
            Err(wrong) if push.active == Some(false) => Ok(Self { push, left_out: Some(wrong) }),
            taken => taken.map(|()| Self { push, left_out: None }),
        }
    }

    /// It is done: what could not be taken is in the log.
    pub(super) fn is_done(&self, netid: &NetId) {
        if let Some(what) = self.left_out.as_ref().map(ScimError::detail) {
            tracing::warn!(
                %netid, %what,
                "the identity system has made somebody inactive, and what else it said with it \
                    could not be taken",
            );
        }
    }
}

/// The person of a PUT: what is left out is emptied, what is there and cannot be read stays as it
/// was, and so does whether they are active. Whoever leaves by it leaves, whatever is wrong with
/// the rest.
pub(super) fn replaced(before: &PushedUser, body: &Value) -> Result<Change, ScimError> {
    let same = user_name(body).and_then(|netid| match netid {
        Some(netid) if netid != before.netid => Err(fixed_name()),
        _ => Ok(()),
    });
    let (claimed, taken) = claimed(body);
    let push = Push {
        name: claimed.name.or_emptied(),
        name_parts: Some(claimed.name_parts),
        email: claimed.email.or_emptied(),
        external_id: claimed.external_id.or_emptied(),
        active: claimed.active,
    };
    Change::new(push, same.and(taken))
}

pub(super) fn fixed_name() -> ScimError {
    ScimError::mutability(
        "userName is the NetID, which never changes: delete this person, and make another one.",
    )
}

fn user_name(body: &Value) -> Result<Option<NetId>, ScimError> {
    match get(body, "userName") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => netid(value).map(Some),
    }
}

/// The NetID that a value is; where it is none, the error says what one looks like.
pub(super) fn netid(value: &Value) -> Result<NetId, ScimError> {
    let wrong = || {
        ScimError::value(
            "userName must be a NetID: letters, digits, dots, hyphens and underscores.",
        )
    };
    plain(value).as_str().and_then(|text| NetId::parse(text).ok()).ok_or_else(wrong)
}

/// What is said of one attribute.
#[derive(Debug)]
enum Part {
    Unsaid,
    /// Something, and nothing that can be taken.
    Unreadable,
    Is(String),
}

impl Part {
    /// What was read; what is wrong with it is kept, if nothing is yet.
    fn of(read: Result<Option<String>, ScimError>, taken: &mut Result<(), ScimError>) -> Self {
        let is_readable = read.is_ok();
        match kept(read, taken) {
            Some(text) => Self::Is(text),
            None if is_readable => Self::Unsaid,
            None => Self::Unreadable,
        }
    }

    fn taken(self) -> Option<String> {
        match self {
            Self::Is(text) => Some(text),
            Self::Unsaid | Self::Unreadable => None,
        }
    }

    /// Nothing, where nothing is said. What cannot be read empties nothing.
    fn or_emptied(self) -> Option<String> {
        if let Self::Unsaid = self { Some(String::new()) } else { self.taken() }
    }
}

/// What is said of a person.
#[derive(Debug)]
struct ClaimedUser {
    name: Part,
    name_parts: NameParts,
    email: Part,
    external_id: Part,
    active: Option<bool>,
}

/// An attribute, its name in any case (RFC 7643 §2.1); also where the whole name with the schema's
/// is written.
fn get<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.as_object()?.iter().find(|(given, _)| patch::is(given, name)).map(|(_, value)| value)
}

/// The attributes that the desk knows, as far as they can be taken, and what is wrong with one that
/// cannot; others are none of its business.
fn claimed(body: &Value) -> (ClaimedUser, Result<(), ScimError>) {
    let part = |name| {
        let claimed = get(body, "name").and_then(|whole| get(whole, name)).and_then(Value::as_str);
        claimed.map(str::trim).unwrap_or_default().to_owned()
    };
    let mut name_parts = NameParts {
        given: part("givenName"),
        family: part("familyName"),
        formatted: part("formatted"),
        are_shown: false,
    };
    let display = get(body, "displayName").map(|value| text(value, "displayName")).transpose();
    let id = get(body, "externalId").map(external_id).transpose();
    // Null is as good as not said.
    let active = get(body, "active").filter(|value| !value.is_null()).map(truth).transpose();
    let mut taken = Ok(());
    let name = match (Part::of(display, &mut taken), name_parts.whole()) {
        (Part::Is(text), _) if !text.is_empty() => Part::Is(text),
        (_, by_parts) if !by_parts.is_empty() => {
            name_parts.are_shown = true;
            Part::Is(by_parts)
        }
        (Part::Is(_), _) => Part::Unsaid,
        (other, _) => other,
    };
    let claimed = ClaimedUser {
        name,
        name_parts,
        email: match get(body, "emails").map(email) {
            None => Part::Unsaid,
            Some(read) => read.map_or(Part::Unreadable, Part::Is),
        },
        external_id: Part::of(id, &mut taken),
        active: kept(active, &mut taken),
    };
    (claimed, taken)
}

/// What was read; what is wrong with it is kept, if nothing is yet.
fn kept<T>(read: Result<Option<T>, ScimError>, taken: &mut Result<(), ScimError>) -> Option<T> {
    read.unwrap_or_else(|wrong| {
        if taken.is_ok() {
            *taken = Err(wrong);
        }
        None
    })
}

/// A value that stands in a list of one, or in an object by the name of `value`: Entra ID writes
/// texts so.
fn plain(value: &Value) -> &Value {
    match value {
        Value::Array(all) => match all.as_slice() {
            [one] => plain(one),
            _ => value,
        },
        Value::Object(parts) => parts.get("value").unwrap_or(value),
        value => value,
    }
}

/// A text of bounded length; null is none.
pub(super) fn text(value: &Value, name: &str) -> Result<String, ScimError> {
    match plain(value) {
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        Value::String(text) if text.chars().count() <= MAX_TEXT => Ok(text.trim().to_owned()),
        Value::String(_) => {
            Err(ScimError::value(&format!("{name}: use at most {MAX_TEXT} characters.")))
        }
        _ => Err(ScimError::value(&format!("{name} must be a string."))),
    }
}

/// What an identity system calls somebody: they are found by it, so that no half of a letter is in
/// it.
pub(super) fn external_id(value: &Value) -> Result<String, ScimError> {
    let id = text(value, "externalId")?;
    if id.contains(NO_LETTER) {
        return Err(ScimError::value("externalId has half a letter in it: send the whole."));
    }
    Ok(id)
}

fn addresses(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    }
}

fn is_primary(address: &Value) -> bool {
    get(address, "primary").is_some_and(|primary| truth(primary).is_ok_and(|primary| primary))
}

/// Whether this is one of the addresses.
pub(super) fn has_address(value: &Value, address: &str) -> bool {
    let is = |one: &Value| {
        get(one, "value")
            .unwrap_or(one)
            .as_str()
            .is_some_and(|one| one.trim().eq_ignore_ascii_case(address))
    };
    addresses(value).iter().any(is)
}

/// Whether one of the addresses is said to be the primary one.
pub(super) fn has_primary(value: &Value) -> bool {
    addresses(value).iter().any(|one| is_primary(one) && address(one).is_some())
}

/// What is written in the place of an address; none: nothing is, or nothing that is a text.
fn written(one: &Value) -> Option<String> {
    let value = if one.is_string() { one } else { get(one, "value")? };
    text(value, "emails").ok()
}

/// The address, where it is one.
fn address(one: &Value) -> Option<String> {
    written(one).filter(|text| desk::is_email_address(text) && !text.contains(NO_LETTER))
}

/// Of several addresses the primary one, else that of work, else the first. What is no address is
/// none of them, whatever it is: somebody is no other person by it, and who leaves must not stay
/// because of it. Where one is empty and none is an address, there is none any more. None: there
/// are some, and none that is one.
pub(super) fn email(value: &Value) -> Option<String> {
    let all = addresses(value);
    let good: Vec<_> = all.iter().filter_map(|one| Some((one, address(one)?))).collect();
    let is_of_work = |one: &Value| {
        get(one, "type").and_then(Value::as_str).is_some_and(|of| of.eq_ignore_ascii_case("work"))
    };
    let primary = good.iter().find(|(one, _)| is_primary(one));
    let chosen = primary.or_else(|| good.iter().find(|(one, _)| is_of_work(one))).or(good.first());
    match chosen {
        Some((_, text)) => Some(text.clone()),
        None => {
            let is_emptied =
                all.is_empty() || all.iter().filter_map(written).any(|text| text.is_empty());
            is_emptied.then(String::new)
        }
    }
}

/// True or false; some identity systems write them as texts.
pub(super) fn truth(value: &Value) -> Result<bool, ScimError> {
    match plain(value) {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(ScimError::value("active must be true or false.")),
    }
}
