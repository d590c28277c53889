//! Finding people, and what the desk shows of one: each is shown what the rules let them see ([`crate::rules`]).
//! Tests: `desk/tests/desk/people.rs`.

use std::collections::HashSet;

use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::passwords::throttle::is_closed;
use crate::rules::Action;
use crate::store::rows::User;
use crate::{AuditAction, AuditQuery, Moment, NetId, Refusal, UserPage, UserRow};

/// The most people a search answers with.
const MAX_FOUND: u32 = 50;

/// What a person is found by, apart from their NetID: the words of the name, the e-mail address and its parts.
pub(crate) fn terms(name: &str, email: &str) -> Vec<String> {
    let (name, email) = (name.to_lowercase(), email.to_lowercase());
    let parts = name.split(|c: char| !c.is_alphanumeric()).chain(email.split(|c: char| !c.is_alphanumeric())).chain([email.as_str()]);
    let mut terms: Vec<String> = parts.filter(|term| !term.is_empty()).map(|term| term.chars().take(64).collect()).collect();
    terms.sort();
    terms.dedup();
    terms
}

impl Desk {
    /// People whose NetID begins with the query, then those of whose names and addresses each word of it begins a
    /// word; at most 50. How many tokens each has is for whoever may see them.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn find_users(&self, permit: &Permit<right::FindUsers>, query: &str) -> Result<Vec<UserRow>, Refusal> {
        let query = query.trim().to_lowercase();
        let words: Vec<&str> = query.split_whitespace().take(8).collect();
        let Some(longest) = words.iter().max_by_key(|word| word.len()) else { return Ok(Vec::new()) };
        let store = &self.inner.store;
        let mut found = if words.len() == 1 { store.users_by_netid(&query, MAX_FOUND).await? } else { Vec::new() };
        let mut by_term = store.users_by_term(longest).await?;
        by_term.retain(|user| {
            let terms = terms(&user.name, &user.email);
            let begins = |word: &&str| user.person.netid.as_str().starts_with(word) || terms.iter().any(|term| term.starts_with(word));
            words.iter().all(begins)
        });
        by_term.sort_by(|one, other| one.person.netid.as_str().cmp(other.person.netid.as_str()));
        found.extend(by_term);
        let mut seen: HashSet<String> = HashSet::new();
        found.retain(|user| seen.insert(user.person.netid.to_string()));
        found.truncate(MAX_FOUND as usize);
        if permit.also_allows::<right::SeeTokensOf>() {
            return self.rows_of(&found).await;
        }
        Ok(found.iter().map(|user| row(user, None)).collect())
    }

    async fn rows_of(&self, users: &[User]) -> Result<Vec<UserRow>, Refusal> {
        let counts = self.inner.store.live_token_counts(users, self.now()).await?;
        let row = |user: &User| row(user, Some(counts.get(user.person.netid.as_str()).copied().unwrap_or(0)));
        Ok(users.iter().map(row).collect())
    }

    /// The subject's page, with all that the actor has the right to see and none of the rest. Who sees somebody else's tokens has
    /// a row in the audit.
    ///
    /// # Errors
    /// [`Refusal::UserUnknown`], [`Refusal::Unavailable`].
    pub async fn user_page(&self, permit: &Permit<right::FindUsers>) -> Result<UserPage, Refusal> {
        let subject = permit.subject().ok_or(Refusal::UserUnknown)?;
        let netid = &subject.person.netid;
        let (mut tokens, mut sessions, mut history, mut count) = (None, None, None, None);
        let sees = permit.also_allows::<right::SeeTokensOf>();
        if sees {
            self.inner.looks.note(permit.entry(AuditAction::TokenSee), &self.inner.store, self.now()).await;
            let mut all = self.tokens_by(netid).await?;
            self.mark_waiting(&mut all, subject);
            let now = self.now();
            count = i64::try_from(all.iter().filter(|token| token.is_live(now)).count()).ok();
            tokens = Some(all);
            sessions = Some(self.sessions_of(netid, None).await?);
            history = Some(self.audit_rows(&AuditQuery { subject: netid.to_string(), ..AuditQuery::default() }).await?.rows);
        }
        Ok(UserPage {
            user: row(subject, count),
            local: subject.local.clone(),
            source: subject.source,
            departed_at: subject.departed_at.map(Moment),
            departed: !subject.departed_by.is_empty(),
            subject: subject.subject.as_ref().filter(|_| sees).map(ToString::to_string),
            linked: sees && subject.linked,
            holder: sees.then(|| subject.holder().to_string()),
            former: subject.former.as_ref().filter(|_| sees).map(ToString::to_string),
            closed: is_closed(&self.inner.store, netid).await?,
            set_password_denied: permit.denied(Action::SetLocalPassword),
            revoke_denied: permit.denied(Action::RevokeTokensOf),
            administer_denied: permit.denied(Action::SetRole),
            open_denied: permit.denied(Action::OpenAccount),
            tokens,
            sessions,
            history,
        })
    }
}

impl Console {
    /// The people who have a reserved name all the same: they were there before.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn people_of_reserved_names(&self) -> Result<Vec<NetId>, Refusal> {
        let there = self.inner.store.users(&self.settings().reserved_netids.names()).await?;
        let mut there: Vec<NetId> = there.into_keys().collect();
        there.sort();
        Ok(there)
    }

    /// People in the order of their NetIDs, after one of them; for the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<UserRow>, Refusal> {
        self.rows_of(&self.inner.store.users_after(after, limit).await?).await
    }
}

fn row(user: &User, tokens: Option<i64>) -> UserRow {
    UserRow {
        netid: user.person.netid.to_string(),
        name: user.name.clone(),
        email: user.email.clone(),
        role: user.person.role,
        privileged: user.person.privileged,
        disabled: user.person.disabled,
        local: user.local.state,
        tokens: tokens.map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX)),
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
