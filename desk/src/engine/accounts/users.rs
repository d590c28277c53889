//! Finding people, and what the desk shows of one.

use std::collections::{HashMap, HashSet};

use surrealdb::types::SurrealValue;

use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::passwords::throttle::{CLOSED_AFTER, failures};
use crate::rules::{self, Action};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{User, UserRecord, key};
use crate::store::vars::vars;
use crate::{Actor, AuditQuery, Moment, NetId, Refusal, UserPage, UserRow};

/// The most people a search answers with.
const MOST_FOUND: usize = 50;

/// How many people a word of the query may lead to before the other words sift them.
const MOST_BY_TERM: i64 = 500;

/// What a person is found by, apart from their NetID: the words of the name, the e-mail address and its parts.
pub(crate) fn terms(name: &str, email: &str) -> Vec<String> {
    let (name, email) = (name.to_lowercase(), email.to_lowercase());
    let parts = name.split(|c: char| !c.is_alphanumeric()).chain(email.split(|c: char| !c.is_alphanumeric())).chain([email.as_str()]);
    let mut terms: Vec<String> = parts.filter(|term| !term.is_empty()).map(|term| term.chars().take(64).collect()).collect();
    terms.sort();
    terms.dedup();
    terms
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Count {
    owner: String,
    n: i64,
}

impl Desk {
    /// People whose NetID begins with the query, then those of whose names and addresses each word of it begins a
    /// word; at most 50.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn find_users(&self, permit: &Permit<right::FindUsers>, query: &str) -> Result<Vec<UserRow>, Refusal> {
        let query = query.trim().to_lowercase();
        let words: Vec<&str> = query.split_whitespace().take(8).collect();
        let Some(longest) = words.iter().max_by_key(|word| word.len()) else { return Ok(Vec::new()) };
        let store = &self.inner.store;
        let mut found: Vec<UserRecord> = Vec::new();
        if words.len() == 1 {
            let by_netid = "SELECT * FROM type::record('user', $from..$below) LIMIT 50";
            // A range of record ids, here and below: a condition on `id` would read the whole table.
            found = store.rows(by_netid, vars! { "from" => query.clone(), "below" => after_prefix(&query) }).await?;
        }
        let by_term = "LET $netids = (SELECT VALUE record::id(id)[1] FROM term:[$from]..[$below] LIMIT $most);
            SELECT * FROM $netids.map(|$netid| type::record('user', $netid))";
        let values = vars! { "from" => (*longest).to_owned(), "below" => after_prefix(longest), "most" => MOST_BY_TERM };
        let mut by_term: Vec<UserRecord> = store.rows(by_term, values).await?;
        by_term.retain(|user| {
            let terms = terms(&user.name, &user.email);
            words.iter().all(|word| key(&user.id).starts_with(word) || terms.iter().any(|term| term.starts_with(word)))
        });
        by_term.sort_by_key(|user| key(&user.id));
        let mut seen: HashSet<String> = HashSet::new();
        found.extend(by_term);
        found.retain(|user| seen.insert(key(&user.id)));
        found.truncate(MOST_FOUND);
        self.rows_of(found).await
    }

    /// People in the order of their NetIDs, after one of them; for the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<UserRow>, Refusal> {
        let sql = "SELECT * FROM user WHERE id > type::record('user', $above) ORDER BY id LIMIT $limit";
        // A record id cannot be empty; every NetID comes after a hyphen.
        let after = if after.is_empty() { "-" } else { after };
        let rows = self.inner.store.rows(sql, vars! { "above" => after.to_owned(), "limit" => i64::from(limit) }).await?;
        self.rows_of(rows).await
    }

    async fn rows_of(&self, users: Vec<UserRecord>) -> Result<Vec<UserRow>, Refusal> {
        let users = users.into_iter().map(User::try_from).collect::<Result<Vec<_>, _>>()?;
        let owners: Vec<String> = users.iter().map(|user| user.person.netid.to_string()).collect();
        let sql = "SELECT owner, count() AS n FROM token WHERE owner IN $owners AND revoked_at IS NONE AND (expires IS NONE OR expires > $now) GROUP BY owner";
        let counts: Vec<Count> = self.inner.store.rows(sql, vars! { "owners" => owners, "now" => self.now().0 }).await?;
        let counts: HashMap<String, i64> = counts.into_iter().map(|count| (count.owner, count.n)).collect();
        let row = |user: &User| row(user, counts.get(user.person.netid.as_str()).copied().unwrap_or(0));
        Ok(users.iter().map(row).collect())
    }

    /// The subject's page, with all that the actor has the right to see and none of the rest.
    ///
    /// # Errors
    /// [`Refusal::UserUnknown`], [`Refusal::Unavailable`].
    pub async fn user_page(&self, permit: &Permit<right::FindUsers>) -> Result<UserPage, Refusal> {
        let subject = permit.subject().ok_or(Refusal::UserUnknown)?;
        let netid = &subject.person.netid;
        let denied = |action| permit.actor_person().and_then(|actor| rules::check(actor, action, Some(&subject.person)).err());
        let (mut tokens, mut sessions, mut history) = (None, None, None);
        let live = self.tokens_by(netid).await?;
        let now = self.now();
        let count = live.iter().filter(|token| token.is_live(now)).count();
        if denied(Action::SeeTokensOf).is_none() {
            tokens = Some(live);
            sessions = Some(self.sessions_of(netid, None).await?);
            history = Some(self.audit_rows(&AuditQuery { subject: netid.to_string(), ..AuditQuery::default() }).await?.rows);
        }
        Ok(UserPage {
            user: row(subject, i64::try_from(count).unwrap_or(i64::MAX)),
            local: subject.local.clone(),
            source: subject.source,
            departed_at: subject.departed_at.map(Moment),
            departed: !subject.departed_by.is_empty(),
            closed: failures(&self.inner.store, netid).await?.failures >= CLOSED_AFTER,
            set_password_denied: denied(Action::SetLocalPassword),
            revoke_denied: denied(Action::RevokeTokensOf),
            administer_denied: denied(Action::SetRole),
            tokens,
            sessions,
            history,
        })
    }
}

/// The smallest text above every text that begins with `prefix`.
fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

fn row(user: &User, tokens: i64) -> UserRow {
    UserRow {
        netid: user.person.netid.to_string(),
        name: user.name.clone(),
        email: user.email.clone(),
        role: user.person.role,
        privileged: user.person.privileged,
        disabled: user.person.disabled,
        local: user.local.state,
        tokens: u32::try_from(tokens).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_by_each_word_of_name_and_address() {
        assert_eq!(terms("Zoë O’Neil-Smith", "zoe@Example.edu"), ["edu", "example", "neil", "o", "smith", "zoe", "zoe@example.edu", "zoë"]);
        assert_eq!(terms("", ""), Vec::<String>::new());
    }
}
