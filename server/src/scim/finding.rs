//! The people whom a filter means. Where it names somebody (a NetID or its beginning, what an
//! identity system calls them, an address, a name), they are looked up by that; else everybody is
//! looked at, as long as they are not too many for one answer. Tests: here, and
//! `server/tests/server/scim/finding.rs`.

use desk::source::Scim;
use desk::{NetId, PushedBy, PushedUser, SourceDoor};
use http::StatusCode;

use super::filter::{Attribute, Filter, Operator};
use super::response::ScimError;

/// How many people are looked at for one answer.
const MOST_LOOKED_AT: usize = 20_000;

/// How many of them are read at once.
const BATCH: u32 = 1000;

/// How many times somebody may be named in one filter.
const MOST_NAMED: usize = 100;

/// By what people are looked up.
#[derive(Debug, PartialEq, Eq)]
enum By<'a> {
    /// Any of these.
    Named(Vec<Named<'a>>),
    /// By nothing that can be looked up.
    Nothing,
}

/// One way to look people up.
#[derive(Debug, PartialEq, Eq)]
enum Named<'a> {
    NetId(&'a str),
    NetIdStart(&'a str),
    ExternalId(&'a str),
    Email(&'a str),
    Name(&'a str),
}

impl<'a> By<'a> {
    fn of(filter: &'a Filter) -> Self {
        match filter {
            Filter::And(one, other) => match (Self::of(one), Self::of(other)) {
                (Self::Nothing, other) => other,
                (one, Self::Nothing) => one,
                (Self::Named(one), Self::Named(other)) => Self::Named(narrower(one, other)),
            },
            Filter::Or(one, other) => match (Self::of(one), Self::of(other)) {
                (Self::Named(mut one), Self::Named(other)) => {
                    one.extend(other);
                    Self::Named(one)
                }
                _ => Self::Nothing,
            },
            Filter::Not(_) => Self::Nothing,
            Filter::Test { attribute, operator, value } => match (attribute, operator) {
                (Attribute::NetId, Operator::Is) => Self::Named(vec![Named::NetId(value)]),
                (Attribute::NetId, Operator::Begins) => Self::Named(vec![Named::NetIdStart(value)]),
                (Attribute::ExternalId, Operator::Is) => {
                    Self::Named(vec![Named::ExternalId(value)])
                }
                (Attribute::Email, Operator::Is) => Self::Named(vec![Named::Email(value)]),
                (Attribute::Name, Operator::Is) => Self::Named(vec![Named::Name(value)]),
                _ => Self::Nothing,
            },
        }
    }
}

/// Of two ways the one that leads to fewer people, as far as that is known.
fn narrower<'a>(one: Vec<Named<'a>>, other: Vec<Named<'a>>) -> Vec<Named<'a>> {
    let breadth = |named: &[Named<'_>]| {
        let each = named.iter().map(|named| match named {
            Named::NetId(_) => 1,
            Named::ExternalId(_) | Named::Email(_) => 2,
            Named::Name(_) => 100,
            Named::NetIdStart(_) => 10_000,
        });
        each.sum::<usize>()
    };
    if breadth(&other) < breadth(&one) { other } else { one }
}

/// Everybody whom the filter means, in the order of their NetIDs.
pub(super) async fn found(
    door: &SourceDoor<Scim>,
    filter: &Filter,
) -> Result<Vec<PushedUser>, ScimError> {
    let By::Named(named) = By::of(filter) else {
        return among_everybody(door, "", "", filter).await;
    };
    if named.len() > MOST_NAMED {
        return Err(too_many("It names too many people at once."));
    }
    let mut all = Vec::new();
    for named in named {
        all.extend(looked_up(door, &named, filter).await?);
    }
    all.sort_by(|one: &PushedUser, other| one.netid.as_str().cmp(other.netid.as_str()));
    all.dedup_by(|one, other| one.netid == other.netid);
    Ok(all)
}

async fn looked_up(
    door: &SourceDoor<Scim>,
    named: &Named<'_>,
    filter: &Filter,
) -> Result<Vec<PushedUser>, ScimError> {
    let by = match named {
        // What is no NetID is nobody's.
        Named::NetId(netid) => match NetId::parse(netid) {
            Ok(netid) => {
                return Ok(door
                    .pushed_user(&netid)
                    .await?
                    .into_iter()
                    .filter(|one| filter.means(one))
                    .collect());
            }
            Err(_) => return Ok(Vec::new()),
        },
        Named::NetIdStart(start) => {
            let start = start.to_lowercase();
            return among_everybody(door, &start, &start, filter).await;
        }
        Named::ExternalId(id) => PushedBy::ExternalId(id),
        Named::Email(email) => PushedBy::Email(email),
        Named::Name(name) => PushedBy::Name(name),
    };
    let people =
        door.pushed_by(by).await?.ok_or_else(|| too_many("Too many people are called so."))?;
    Ok(people.into_iter().filter(|one| filter.means(one)).collect())
}

/// Those who are meant of the people whose NetIDs begin like this, from `from` on.
async fn among_everybody(
    door: &SourceDoor<Scim>,
    from: &str,
    start: &str,
    filter: &Filter,
) -> Result<Vec<PushedUser>, ScimError> {
    let (mut after, mut looked_at, mut found) = (from.to_owned(), 0, Vec::new());
    if let Some(first) = NetId::parse(from).ok().filter(|netid| netid.as_str() == from) {
        // What is read comes after the one that is named.
        found.extend(door.pushed_user(&first).await?.filter(|one| filter.means(one)));
    }
    loop {
        let people = door.pushed_after(&after, BATCH).await?;
        let Some(last) = people.last() else { return Ok(found) };
        last.netid.as_str().clone_into(&mut after);
        looked_at += people.len();
        let is_last = people.len() < BATCH as usize || !after.starts_with(start);
        found.extend(
            people
                .into_iter()
                .filter(|one| one.netid.as_str().starts_with(start) && filter.means(one)),
        );
        if is_last {
            return Ok(found);
        }
        if looked_at >= MOST_LOOKED_AT {
            return Err(too_many("There are too many people to look at each of them."));
        }
    }
}

fn too_many(why: &str) -> ScimError {
    let detail = format!(
        "{why} Filter by userName eq or sw, externalId eq, emails.value eq or displayName eq, or \
         read everybody page by page without a filter."
    );
    ScimError::of(StatusCode::BAD_REQUEST, "tooMany", &detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_looked_up_by_what_names_them() {
        for (filter, by) in [
            (r#"userName eq "a""#, Some(vec![Named::NetId("a")])),
            (r#"active eq true and externalId eq "x""#, Some(vec![Named::ExternalId("x")])),
            (r#"displayName eq "x" and emails.value eq "e""#, Some(vec![Named::Email("e")])),
            (r#"emails[type eq "work"].value eq "e""#, Some(vec![Named::Email("e")])),
            (
                r#"userName sw "a" or id eq "b""#,
                Some(vec![Named::NetIdStart("a"), Named::NetId("b")]),
            ),
            (r#"userName eq "a" or active eq true"#, None),
            (r#"not (userName eq "a")"#, None),
            (r#"userName co "a""#, None),
        ] {
            let read = Filter::parse(filter).expect(filter);
            assert_eq!(By::of(&read), by.map_or(By::Nothing, By::Named), "{filter}");
        }
    }
}
