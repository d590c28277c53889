//! Finding people, and what the desk shows of one: each is shown what the rules let them see
//! ([`crate::rules`]). Tests: `desk/tests/desk/people.rs`.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::future::try_join_all;
use tokio::sync::Semaphore;

use crate::engine::accounts::words::{Meant, Query};
use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::passwords::throttle::is_closed;
use crate::rules::Action;
use crate::store::rows::User;
use crate::{AuditAction, Moment, NetId, Refusal, UserPage, UserRow};

/// The most people a search answers with.
const MAX_FOUND: u32 = 50;

/// How many people a word may lead to before it says too little by itself.
const MAX_BY_TERM: u32 = 500;

/// How many people are looked at for one query, and how many at once: often the first of them are
/// enough.
const MAX_SIFTED: usize = 500;
const SIFTED_AT_ONCE: usize = 100;

/// How many of a query's words and phrases are looked up side by side: whoever asks has so many
/// questions on their way to the store, and not as many as they type.
const LOOKED_UP_AT_ONCE: usize = 4;

/// How many are looked at where each word leads to very many: beside those whose whole name begins
/// with the query they are some of the others, and not all of them.
const MAX_OF_MANY: usize = 200;

/// Whom a word leads to.
struct Led {
    netids: Vec<String>,
    /// Whether there are no others.
    are_all: bool,
}

impl Desk {
    /// People whose NetID begins with the query, then those whom each word of it means, by their
    /// names and addresses however those are written ([`crate::engine::accounts::words`]), and
    /// whose NetID stands before an `@`; at most 50. How many tokens each has is for whoever may
    /// see them.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn find_users(
        &self,
        permit: &Permit<right::FindUsers>,
        query: &str,
    ) -> Result<Vec<UserRow>, Refusal> {
        let Some(query) = Query::parse(query) else { return Ok(Vec::new()) };
        let store = &self.inner.store;
        let mut found = match query.netid() {
            Some(start) => store.users_by_netid(start, MAX_FOUND).await?,
            None => Vec::new(),
        };
        // Behind so many nobody else is shown. Nor is anybody looked up before that is known: the
        // store goes on with a question that nobody waits for any more.
        let is_full = found.len() >= MAX_FOUND as usize;
        let perhaps = if is_full { Vec::new() } else { self.perhaps_meant(&query).await? };
        let phrases = query.phrases();
        let mut by_term: Vec<(Meant, User)> = Vec::new();
        for some in perhaps.chunks(SIFTED_AT_ONCE) {
            let (some, others) = some.split_at(some.len().min(SIFTED_AT_ONCE / 2));
            let (some, others) = tokio::try_join!(store.users(some), async {
                if others.is_empty() { Ok(HashMap::new()) } else { store.users(others).await }
            })?;
            let people = some.into_values().chain(others.into_values());
            by_term.extend(people.filter_map(|user| Some((query.means(&user, &phrases)?, user))));
            if by_term.len() >= MAX_FOUND as usize {
                break;
            }
        }
        by_term.sort_by_cached_key(|(meant, user)| (*meant, user.person.netid.to_string()));
        found.extend(by_term.into_iter().map(|(_, user)| user));
        if let Some(netid) = query.netid_at_campus() {
            found.extend(store.user(&netid).await?);
        }
        let mut seen: HashSet<String> = HashSet::new();
        found.retain(|user| seen.insert(user.person.netid.to_string()));
        found.truncate(MAX_FOUND as usize);
        if permit.also_allows::<right::SeeTokensOf>() {
            return self.rows_of(&found).await;
        }
        let closed = self.closed_of(&found).await?;
        Ok(found.iter().map(|user| row(user, None, closed.contains(&user.person.netid))).collect())
    }

    /// Who may be meant: whoever each word leads to that does not lead to very many. A word that
    /// does (a domain that everybody has in their address) hides nobody by that; where each word
    /// does, those whose whole name begins with the query come first, and then some of the others.
    async fn perhaps_meant(&self, query: &Query) -> Result<Vec<NetId>, Refusal> {
        let (phrases, words) = (query.phrases(), query.leads());
        let room = Semaphore::new(LOOKED_UP_AT_ONCE);
        let by_phrase = phrases.iter().map(|phrase| self.begin_with(phrase, &room));
        let by_lead = words.iter().flatten().map(|lead| self.led_to(lead, &room));
        let (by_phrase, by_lead) =
            tokio::try_join!(try_join_all(by_phrase), try_join_all(by_lead))?;
        let (mut netids, mut by_lead) = (by_phrase.concat(), by_lead.into_iter());
        let (mut by_each, mut by_some): (Option<BTreeSet<String>>, Vec<String>) =
            (None, Vec::new());
        for leads in &words {
            let by_word: Vec<Led> = by_lead.by_ref().take(leads.len()).collect();
            let are_all = by_word.iter().all(|led| led.are_all);
            let all = by_word.into_iter().flat_map(|led| led.netids);
            if are_all {
                let all: BTreeSet<String> = all.collect();
                by_each = Some(by_each.map_or_else(
                    || all.clone(),
                    |before| before.intersection(&all).cloned().collect(),
                ));
            } else if by_some.is_empty() {
                by_some = all.collect();
            }
        }
        by_some.truncate(MAX_OF_MANY);
        netids.extend(by_each.map_or(by_some, |all| all.into_iter().collect()));
        let mut seen = HashSet::new();
        netids.retain(|netid| seen.insert(netid.clone()));
        Ok(netids.iter().filter_map(|netid| NetId::parse(netid).ok()).take(MAX_SIFTED).collect())
    }

    /// Those whose whole name begins like this.
    async fn begin_with(&self, phrase: &str, room: &Semaphore) -> Result<Vec<String>, Refusal> {
        let _place = room.acquire().await.map_err(|_| Refusal::Unavailable)?;
        Ok(self.inner.store.netids_by_term(phrase, MAX_FOUND).await?)
    }

    /// Whom a word leads to by their terms, and then by their NetIDs. Of one that leads to very
    /// many the rest would say no more.
    async fn led_to(&self, lead: &str, room: &Semaphore) -> Result<Led, Refusal> {
        let _place = room.acquire().await.map_err(|_| Refusal::Unavailable)?;
        let store = &self.inner.store;
        let are_all = |netids: &[String]| netids.len() < MAX_BY_TERM as usize;
        let mut netids = store.netids_by_term(lead, MAX_BY_TERM).await?;
        if !are_all(&netids) {
            return Ok(Led { netids, are_all: false });
        }
        let by_netid = store.netids_beginning(lead, MAX_BY_TERM).await?;
        let are_all = are_all(&by_netid);
        netids.extend(by_netid);
        Ok(Led { netids, are_all })
    }

    async fn rows_of(&self, users: &[User]) -> Result<Vec<UserRow>, Refusal> {
        let now = self.now();
        let old_strings = !self.have_old_strings_ended(now);
        let counts =
            async { Ok(self.inner.store.live_token_counts(users, old_strings, now).await?) };
        let (counts, closed) = tokio::try_join!(counts, self.closed_of(users))?;
        let count = |user: &User| counts.get(user.person.netid.as_str()).copied().unwrap_or(0);
        Ok(users
            .iter()
            .map(|user| row(user, Some(count(user)), closed.contains(&user.person.netid)))
            .collect())
    }

    /// The subject's page, with all that the actor has the right to see and none of the rest. Who
    /// sees somebody else's tokens has a row in the audit.
    ///
    /// # Errors
    /// [`Refusal::UserUnknown`], [`Refusal::Unavailable`].
    pub async fn user_page(&self, permit: &Permit<right::FindUsers>) -> Result<UserPage, Refusal> {
        self.user_page_from(permit, "").await
    }

    /// The same, with what happened before the row `before`, unless that is empty.
    ///
    /// # Errors
    /// As [`Desk::user_page`].
    pub async fn user_page_from(
        &self,
        permit: &Permit<right::FindUsers>,
        before: &str,
    ) -> Result<UserPage, Refusal> {
        let subject = permit.subject().ok_or(Refusal::UserUnknown)?;
        let netid = &subject.person.netid;
        let (mut tokens, mut sessions, mut history, mut count) = (None, None, None, None);
        let sees = permit.also_allows::<right::SeeTokensOf>();
        if sees {
            self.inner
                .looks
                .note(permit.entry(AuditAction::TokenSee), &self.inner.store, self.now())
                .await;
            let mut all = self.tokens_by(netid).await?;
            self.fill_in_networks(&mut all).await?;
            self.end_with_strings(&mut all);
            self.mark_waiting(&mut all, subject);
            let now = self.now();
            count = i64::try_from(all.iter().filter(|token| token.is_live(now)).count()).ok();
            tokens = Some(all);
            sessions = Some(self.sessions_of(netid, None).await?);
            history = Some(self.history_of(netid, before).await?);
        }
        let closed = is_closed(&self.inner.store, netid).await?;
        let denied = async |action: Action| match (permit.denied(action), permit.actor_person()) {
            (Some(denied), Some(actor)) => self.naming_helper(&actor.netid, denied).await.map(Some),
            (denied, _) => Ok(denied),
        };
        Ok(UserPage {
            user: row(subject, count, closed),
            local: subject.local.clone(),
            source: subject.source,
            departed_at: subject.departed_at.map(Moment),
            departed: !subject.departed_by.is_empty(),
            subject: subject.subject.as_ref().filter(|_| sees).map(ToString::to_string),
            linked: sees && subject.linked,
            holder: sees.then(|| subject.holder().to_string()),
            former: subject.former.as_ref().filter(|_| sees).map(ToString::to_string),
            closed,
            set_password_denied: denied(Action::SetLocalPassword).await?,
            revoke_denied: denied(Action::RevokeTokensOf).await?,
            administer_denied: denied(Action::SetRole).await?,
            open_denied: denied(Action::OpenAccount).await?,
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

fn row(user: &User, tokens: Option<i64>, closed: bool) -> UserRow {
    UserRow {
        netid: user.person.netid.to_string(),
        name: user.name.clone(),
        email: user.email.clone(),
        role: user.person.role,
        privileged: user.person.privileged,
        disabled: user.person.disabled,
        local: user.local.state,
        closed,
        tokens: tokens.map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX)),
    }
}
