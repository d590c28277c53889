//! The people whom a filter means. Where it names somebody (a NetID or its beginning, what an
//! identity system calls them, an address, a name), they are looked up by that; else everybody is
//! looked at, as long as they are not too many for one answer. Tests: here, and
//! `server/tests/server/scim/finding.rs`.

use std::collections::{BTreeMap, BTreeSet};

use desk::source::Scim;
use desk::{NetId, PushedBy, PushedUser, SourceDoor};
use http::StatusCode;

use super::filter::{Attribute, Filter, Operator};
use super::response::ScimError;

/// How many people are looked at for one answer, by all that the filter names together.
const MAX_LOOKED_AT: usize = 20_000;

/// How many of them are read at once.
const BATCH: u32 = 1000;

/// How many times somebody may be named in one filter.
const MAX_NAMED: usize = 100;

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

/// Each way once: none that is there twice, and none that another one leads to anyway.
fn distinct(named: Vec<Named<'_>>) -> Vec<Named<'_>> {
    let starts: BTreeSet<String> = named
        .iter()
        .filter_map(|named| match named {
            Named::NetIdStart(start) => Some(start.to_lowercase()),
            _ => None,
        })
        .collect();
    // The shortest of them that a NetID, or its beginning, begins with.
    let shortest = |text: &str| {
        let starts_at = |length: usize| text.get(..length).filter(|start| starts.contains(*start));
        (0..=text.len()).find_map(starts_at).map(str::to_owned)
    };
    let mut seen = BTreeSet::new();
    let is_new = |named: &Named<'_>| match named {
        Named::NetId(netid) => {
            let netid = netid.to_lowercase();
            shortest(&netid).is_none() && seen.insert(("netid", netid))
        }
        Named::NetIdStart(start) => {
            let start = start.to_lowercase();
            shortest(&start).as_ref() == Some(&start) && seen.insert(("start", start))
        }
        Named::ExternalId(id) => seen.insert(("external id", (*id).to_owned())),
        Named::Email(email) => seen.insert(("email", (*email).to_owned())),
        Named::Name(name) => seen.insert(("name", (*name).to_owned())),
    };
    named.into_iter().filter(is_new).collect()
}

/// How many people may still be looked at for this answer, by all its ways together.
#[derive(Debug)]
struct Budget(usize);

impl Budget {
    fn spend(&mut self, people: usize) -> Result<(), ScimError> {
        match self.0.checked_sub(people) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(too_many("There are too many people to look at each of them.")),
        }
    }
}

/// Everybody whom the filter means, in the order of their NetIDs.
pub(super) async fn found(
    door: &SourceDoor<Scim>,
    filter: &Filter,
) -> Result<Vec<PushedUser>, ScimError> {
    let mut look = Look { door, filter, budget: Budget(MAX_LOOKED_AT), found: BTreeMap::new() };
    match By::of(filter) {
        By::Nothing => look.among_everybody("").await?,
        By::Named(named) => {
            let named = distinct(named);
            if named.len() > MAX_NAMED {
                return Err(too_many("It names too many people at once."));
            }
            for named in named {
                look.up(&named).await?;
            }
        }
    }
    Ok(look.found.into_values().collect())
}

/// Looking for those who are meant.
struct Look<'a> {
    door: &'a SourceDoor<Scim>,
    filter: &'a Filter,
    budget: Budget,
    /// By their NetIDs.
    found: BTreeMap<String, PushedUser>,
}

impl Look<'_> {
    /// Takes those of them who are meant.
    fn take(&mut self, people: impl IntoIterator<Item = PushedUser>) {
        for one in people {
            if self.filter.means(&one) {
                self.found.insert(one.netid.as_str().to_owned(), one);
            }
        }
    }

    async fn up(&mut self, named: &Named<'_>) -> Result<(), ScimError> {
        let by = match named {
            Named::NetId(netid) => {
                // What is no NetID is nobody's.
                let Ok(netid) = NetId::parse(netid) else { return Ok(()) };
                self.budget.spend(1)?;
                let person = self.door.pushed_user(&netid).await?;
                self.take(person);
                return Ok(());
            }
            Named::NetIdStart(start) => return self.among_everybody(&start.to_lowercase()).await,
            Named::ExternalId(id) => PushedBy::ExternalId(id),
            Named::Email(email) => PushedBy::Email(email),
            Named::Name(name) => PushedBy::Name(name),
        };
        let people = self.door.pushed_by(by).await?;
        let people = people.ok_or_else(|| too_many("Too many people are called so."))?;
        self.budget.spend(people.len())?;
        self.take(people);
        Ok(())
    }

    /// Looks at everybody whose NetID begins like this.
    async fn among_everybody(&mut self, start: &str) -> Result<(), ScimError> {
        let mut after = start.to_owned();
        if let Some(first) = NetId::parse(start).ok().filter(|netid| netid.as_str() == start) {
            // What is read comes after the one that is named.
            let person = self.door.pushed_user(&first).await?;
            self.take(person);
        }
        loop {
            let people = self.door.pushed_after(&after, BATCH).await?;
            let Some(last) = people.last() else { return Ok(()) };
            last.netid.as_str().clone_into(&mut after);
            self.budget.spend(people.len())?;
            let is_last = people.len() < BATCH as usize || !after.starts_with(start);
            self.take(people.into_iter().filter(|one| one.netid.as_str().starts_with(start)));
            if is_last {
                return Ok(());
            }
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
    fn a_filter_that_says_the_same_again_and_again_is_looked_up_once() {
        let ways = |filter: &str| match By::of(&Filter::parse(filter).expect(filter)) {
            By::Named(named) => distinct(named).len(),
            By::Nothing => panic!("{filter}"),
        };
        for (part, many) in [
            ("userName sw u", 100),
            ("userName eq u", 100),
            ("externalId eq x", 100),
            ("emails.value eq e", 100),
            ("displayName eq n", 100),
        ] {
            assert_eq!(ways(&vec![part; many].join(" or ")), 1, "{part}");
        }
        for (filter, many) in [
            (r#"userName sw "u" or userName sw "U1" or userName sw "u12""#, 1),
            (r#"userName sw "u12" or userName sw "U1" or userName sw "u""#, 1),
            (r#"userName sw "" or userName sw "a" or userName sw "b""#, 1),
            (r#"userName sw "u1" or userName sw "u2""#, 2),
            (r#"userName eq "u" or userName eq "v""#, 2),
            (r#"externalId eq "x" or externalId eq "X""#, 2),
        ] {
            assert_eq!(ways(filter), many, "{filter}");
        }
    }

    #[test]
    fn all_ways_together_look_at_so_many_people() {
        let mut budget = Budget(3);
        assert!(budget.spend(2).is_ok() && budget.spend(1).is_ok() && budget.spend(0).is_ok());
        assert!(budget.spend(1).is_err());
    }

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
