//! Filters (RFC 7644 §3.4.2.2): what is asked, and whether somebody is meant. Text without quotes
//! or between single ones is taken where it is one word: some identity systems write it so. How
//! people are looked for by one is in [`super::finding`].

use desk::PushedUser;
use http::StatusCode;

use super::patch::short;
use super::response::ScimError;

/// The longest filter, in bytes: no identity system writes one of a tenth of it.
const LONGEST: usize = 4096;

/// The schema of what employers know of people (RFC 7643 §4.3), as it stands before a name.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:";

/// How deep parentheses and `not` may go.
const DEEPEST: usize = 16;

/// A filter, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Test { attribute: Attribute, operator: Operator, value: String },
}

/// What is known of people here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    /// `userName` and `id`: the NetID.
    NetId,
    ExternalId,
    /// `displayName` and `name.formatted`.
    Name,
    Email,
    /// One address is known, and it is that of work.
    EmailType,
    EmailPrimary,
    Active,
    /// Of groups: somebody's NetID.
    Member,
    /// Nobody has one here: Entra ID asks whether it is this or that one.
    Manager,
}

/// How it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    IsNot,
    Contains,
    Begins,
    Ends,
    Present,
}

impl Filter {
    /// Reads a filter.
    pub(super) fn parse(text: &str) -> Result<Self, ScimError> {
        Self::read(text, false)
    }

    /// Reads a filter of groups.
    pub(super) fn of_groups(text: &str) -> Result<Self, ScimError> {
        Self::read(text, true).map_err(|_| {
            let detail = "This filter is not understood. What works of groups: displayName, id, \
                externalId, members and members.value, by eq, ne, co, sw, ew and pr, with and, or, \
                not and parentheses.";
            ScimError::of(StatusCode::BAD_REQUEST, "invalidFilter", detail)
        })
    }

    fn read(text: &str, of_groups: bool) -> Result<Self, ScimError> {
        if text.len() > LONGEST {
            return Err(wrong("it is too long"));
        }
        let mut parser = Parser { rest: text, within: "", depth: 0, of_groups };
        let filter = parser.either()?;
        if parser.rest.trim().is_empty() { Ok(filter) } else { Err(parser.unexpected()) }
    }

    /// Reads what stands between the brackets of `emails[…]`.
    pub(super) fn of_emails(text: &str) -> Result<Self, ScimError> {
        Self::parse(&format!("emails[{text}]"))
    }

    /// Whether this person is meant.
    pub(super) fn means(&self, person: &PushedUser) -> bool {
        let holds = self.holds(&|attribute, operator, wanted| {
            Some(operator.holds(attribute.of(person), attribute, wanted))
        });
        holds == Some(true)
    }

    /// Whether it holds, where each of its tests is made by this, which may not know; none: that
    /// depends on what is not known.
    pub(super) fn holds(
        &self,
        test: &impl Fn(Attribute, Operator, &str) -> Option<bool>,
    ) -> Option<bool> {
        // Decides by itself, whatever the other one is.
        let joined = |one: &Self, other: &Self, decides: bool| match one.holds(test) {
            Some(one) if one == decides => Some(decides),
            one => match other.holds(test) {
                Some(other) if other == decides => Some(decides),
                other => one.and(other),
            },
        };
        match self {
            Self::And(one, other) => joined(one, other, false),
            Self::Or(one, other) => joined(one, other, true),
            Self::Not(one) => one.holds(test).map(|holds| !holds),
            Self::Test { attribute, operator, value } => test(*attribute, *operator, value),
        }
    }

    /// Those whom it names as members.
    pub(super) fn members_named(&self) -> Vec<&str> {
        match self {
            Self::And(one, other) | Self::Or(one, other) => {
                [one.members_named(), other.members_named()].concat()
            }
            Self::Not(one) => one.members_named(),
            Self::Test {
                attribute: Attribute::Member,
                operator: Operator::Is | Operator::IsNot,
                value,
            } => vec![value.as_str()],
            Self::Test { .. } => Vec::new(),
        }
    }
}

impl Attribute {
    fn parse(name: &str, of_groups: bool) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Some(match name.strip_prefix(ENTERPRISE).unwrap_or(&name) {
            "members" | "members.value" if of_groups => Self::Member,
            _ if of_groups && name.starts_with("members.") => return None,
            "manager" | "manager.value" => Self::Manager,
            "username" | "id" => Self::NetId,
            "externalid" => Self::ExternalId,
            "displayname" | "name.formatted" => Self::Name,
            "emails" | "emails.value" => Self::Email,
            "emails.type" => Self::EmailType,
            "emails.primary" => Self::EmailPrimary,
            "active" => Self::Active,
            _ => return None,
        })
    }

    /// What it is of somebody; none: they have none.
    fn of(self, person: &PushedUser) -> Option<&str> {
        let email = Some(person.email.as_str()).filter(|email| !email.is_empty());
        match self {
            Self::NetId => Some(person.netid.as_str()),
            Self::ExternalId => person.external_id.as_deref(),
            Self::Name => Some(person.name.as_str()).filter(|name| !name.is_empty()),
            Self::Email => email,
            Self::EmailType => email.map(|_| "work"),
            Self::EmailPrimary => email.map(|_| "true"),
            Self::Active => Some(if person.active { "true" } else { "false" }),
            Self::Member | Self::Manager => None,
        }
    }

    fn is_truth(self) -> bool {
        matches!(self, Self::EmailPrimary | Self::Active)
    }
}

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Is,
            "ne" => Self::IsNot,
            "co" => Self::Contains,
            "sw" => Self::Begins,
            "ew" => Self::Ends,
            "pr" => Self::Present,
            _ => return None,
        })
    }

    /// Whether it holds of one of several; that it is another one, of each.
    pub(super) fn holds_of_any<'a>(
        self,
        mut known: impl Iterator<Item = &'a str>,
        attribute: Attribute,
        wanted: &str,
    ) -> bool {
        match self {
            Self::IsNot => !known.any(|one| Self::Is.holds(Some(one), attribute, wanted)),
            _ => known.any(|one| self.holds(Some(one), attribute, wanted)),
        }
    }

    /// Whether it holds of what is known.
    pub(super) fn holds(self, known: Option<&str>, attribute: Attribute, wanted: &str) -> bool {
        let Some(known) = known else { return self == Self::IsNot };
        // Capitals matter in what identity systems call people (RFC 7643 §3.1), and in nothing else
        // here.
        let same_case = |text: &str| {
            if attribute == Attribute::ExternalId { text.to_owned() } else { text.to_lowercase() }
        };
        let (known, wanted) = (same_case(known), same_case(wanted));
        match self {
            Self::Is => known == wanted,
            Self::IsNot => known != wanted,
            Self::Contains => known.contains(&wanted),
            Self::Begins => known.starts_with(&wanted),
            Self::Ends => known.ends_with(&wanted),
            Self::Present => true,
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    /// Before an attribute within brackets: `emails.`.
    within: &'static str,
    depth: usize,
    of_groups: bool,
}

impl<'a> Parser<'a> {
    /// Tests joined by `or`, which binds less than `and`.
    fn either(&mut self) -> Result<Filter, ScimError> {
        let mut all = self.both()?;
        while self.takes_word("or") {
            all = Filter::Or(Box::new(all), Box::new(self.both()?));
        }
        Ok(all)
    }

    fn both(&mut self) -> Result<Filter, ScimError> {
        let mut all = self.one()?;
        while self.takes_word("and") {
            all = Filter::And(Box::new(all), Box::new(self.one()?));
        }
        Ok(all)
    }

    fn one(&mut self) -> Result<Filter, ScimError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(wrong("it is too deep"));
        }
        let filter = if self.takes_word("not") {
            Filter::Not(Box::new(self.one()?))
        } else if self.takes('(') {
            let filter = self.either()?;
            if !self.takes(')') {
                return Err(self.unexpected());
            }
            filter
        } else {
            self.test()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn test(&mut self) -> Result<Filter, ScimError> {
        let name = short(self.word());
        let several = if self.of_groups { "members." } else { "emails." };
        if self.within.is_empty()
            && name.eq_ignore_ascii_case(several.trim_end_matches('.'))
            && self.takes('[')
        {
            return self.bracket(several);
        }
        let name = format!("{}{name}", self.within);
        let attribute = Attribute::parse(&name, self.of_groups)
            .ok_or_else(|| wrong(&format!("“{name}” is nothing that is known of people here")))?;
        let operator = self.operator()?;
        let value = if operator == Operator::Present { String::new() } else { self.value()? };
        let is_compared = !matches!(operator, Operator::Is | Operator::IsNot | Operator::Present);
        if attribute.is_truth()
            && (is_compared
                || !["", "true", "false"].contains(&value.to_ascii_lowercase().as_str()))
        {
            return Err(wrong(&format!("{name} is true or false")));
        }
        Ok(Filter::Test { attribute, operator, value })
    }

    /// `[type eq "work"]`, and what may follow: `.value eq "…"`.
    fn bracket(&mut self, of: &'static str) -> Result<Filter, ScimError> {
        self.within = of;
        let inside = self.either()?;
        if !self.takes(']') {
            return Err(self.unexpected());
        }
        let follows = self.rest.starts_with('.');
        let filter = if follows {
            self.rest = &self.rest[1..];
            Filter::And(Box::new(inside), Box::new(self.test()?))
        } else {
            inside
        };
        self.within = "";
        Ok(filter)
    }

    fn operator(&mut self) -> Result<Operator, ScimError> {
        let word = self.word();
        Operator::parse(word).ok_or_else(|| wrong(&format!("“{word}” compares nothing here")))
    }

    /// A string of JSON, or a word.
    fn value(&mut self) -> Result<String, ScimError> {
        self.rest = self.rest.trim_start();
        let quote = self.rest.chars().next().filter(|first| matches!(first, '"' | '\''));
        let Some(quote) = quote else {
            let word = self.word();
            return if word.is_empty() { Err(self.unexpected()) } else { Ok(word.to_owned()) };
        };
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, letter)| {
            let ends = *letter == quote && !is_escaped;
            is_escaped = *letter == '\\' && !is_escaped;
            ends
        });
        let Some((end, _)) = end else { return Err(wrong("a quotation mark is missing")) };
        let (value, rest) = self.rest.split_at(end + 1);
        self.rest = rest;
        let inside = &value[1..end];
        if quote == '\'' {
            return Ok(inside.replace("\\'", "'"));
        }
        serde_json::from_str(value).map_err(|_| wrong(&format!("“{inside}” is no string of JSON")))
    }

    /// Everything up to a blank, a parenthesis or a bracket.
    fn word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let ends =
            |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '[' | ']' | '"');
        let (word, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// Takes this word, if it is the next one.
    fn takes_word(&mut self, word: &str) -> bool {
        let before = self.rest;
        let takes = self.word().eq_ignore_ascii_case(word);
        if !takes {
            self.rest = before;
        }
        takes
    }

    fn takes(&mut self, mark: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn unexpected(&self) -> ScimError {
        let rest: String = self.rest.trim().chars().take(40).collect();
        if rest.is_empty() {
            wrong("it ends too early")
        } else {
            wrong(&format!("“{rest}” is not expected there"))
        }
    }
}

fn wrong(what: &str) -> ScimError {
    let what: String = what.chars().filter(|c| !c.is_control()).take(120).collect();
    let detail = format!(
        "This filter is not understood: {what}. What works: userName, id, externalId, displayName, \
         name.formatted, emails, emails.value, emails[type eq \"work\"].value and active, by eq, \
         ne, co, sw, ew and pr, with and, or, not and parentheses."
    );
    ScimError::of(StatusCode::BAD_REQUEST, "invalidFilter", &detail)
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
