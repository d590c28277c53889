//! The import from Request Tracker: planned, and done in parts, each whole and one transaction with
//! its rows in the audit. Whoever was changed by somebody else at the same moment is looked at
//! again. Tests: `desk/tests/desk/request_tracker/import.rs`.

use std::collections::{HashMap, HashSet};

use crate::engine::accounts::words::terms;
use crate::engine::audit::entry::entry;
use crate::engine::counted::counted;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::passwords::imported::{SET_BY, kept};
use crate::engine::request_tracker::plan::{
    NewRtToken, Present, Step, draw, id_of, netids, number,
};
use crate::engine::tokens::named::named_briefly;
use crate::request_tracker::{PASSWORD_AS_IT_IS, RtDone, RtImport, RtPlan, RtToken};
use crate::store::as_read::{Seen, only_all_as_read};
use crate::store::change::{AuditEntry, Change};
use crate::store::error::{Condition, StoreError};
use crate::store::import::{ImportRow, import};
use crate::store::password_hash::PasswordHash;
use crate::store::passwords::{NewLocalPassword, set_local};
use crate::store::request_tracker::{RtKey, RtTokenRow, bring, note_import};
use crate::store::rows::User;
use crate::{Actor, AuditAction, Moment, NetId, Refusal, Role};

/// How many people and tokens one transaction brings: of somebody with more tokens all the same, so
/// that nobody comes by halves. Where other nodes listen, each token is a notification, and a
/// SurrealDB server closes a connection for which more than a hundred wait.
const PEOPLE_AT_ONCE: usize = 25;
const TOKENS_AT_ONCE: usize = 50;

/// How many tokens a row in the audit names: of more there is another row.
const TOKENS_NAMED: usize = 20;

/// How many rows one question reads.
pub(super) const READ_AT_ONCE: usize = 500;

/// How often people are looked at again who were changed by somebody else at the same moment.
const MAX_PLANS: u32 = 3;

/// What there is here of those who come.
#[derive(Default)]
struct Found {
    users: HashMap<NetId, User>,
    brought: HashSet<String>,
    /// Tokens that were brought for somebody else.
    of_others: HashSet<String>,
}

impl Console {
    /// What [`Console::apply_rt_import`] would do now. Nothing is written.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn plan_rt_import(&self, import: &RtImport) -> Result<RtPlan, Refusal> {
        let found = self.found(import).await?;
        Ok(self.drawn(import, &found).0)
    }

    /// Brings what `plan` shows, some people at a time; `progress` hears how many of how many are
    /// done. Cut off, it is begun again with a new plan, and brings the rest.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`] where the plan is not what would be done now: nothing is done
    /// then, or with the people who were changed at the same moment it stops.
    /// [`Refusal::StoreNearlyFull`], [`Refusal::Unavailable`].
    pub async fn apply_rt_import(
        &self,
        import: &RtImport,
        plan: &RtPlan,
        progress: &(dyn Fn(usize, usize) + Send + Sync),
    ) -> Result<RtDone, Refusal> {
        let found = self.found(import).await?;
        let (now_drawn, steps) = self.drawn(import, &found);
        if now_drawn != *plan {
            return Err(Refusal::ChangedMeanwhile);
        }
        let (mut done, mut ready) = (RtDone::default(), 0);
        for part in parts(&steps) {
            let brought = self.bring_part(import, part, &found).await?;
            done.accounts += brought.accounts;
            done.passwords += brought.passwords;
            done.tokens += brought.tokens;
            ready += part.len();
            progress(ready, steps.len());
        }
        Ok(done)
    }

    async fn found(&self, import: &RtImport) -> Result<Found, Refusal> {
        let store = &self.inner.store;
        let mut found = Found::default();
        for some in netids(import).chunks(READ_AT_ONCE) {
            found.users.extend(store.users(some).await?);
        }
        for some in import.tokens.chunks(READ_AT_ONCE) {
            let key = |token: &RtToken| {
                Some(RtKey {
                    id: id_of(token).to_string(),
                    rt_user: number(token.owner)?,
                    rt_id: number(token.id)?,
                })
            };
            let brought = store.rt_brought(some.iter().filter_map(key).collect()).await?;
            found.brought.extend(brought);
            let ids = some.iter().map(|token| id_of(token).to_string());
            let others: Vec<String> = ids.filter(|id| !found.brought.contains(id)).collect();
            if !others.is_empty() {
                let here = store.rt_tokens_now(others).await?;
                found.of_others.extend(here.into_iter().map(|token| token.id));
            }
        }
        Ok(found)
    }

    fn drawn<'a>(&self, import: &'a RtImport, found: &Found) -> (RtPlan, Vec<Step<'a>>) {
        let present = Present {
            users: &found.users,
            brought: &found.brought,
            of_others: &found.of_others,
            reserved: &self.settings().reserved_netids,
            now: self.now(),
        };
        draw(import, &present)
    }

    /// Brings some people, all of it or nothing.
    async fn bring_part(
        &self,
        import: &RtImport,
        part: &[Step<'_>],
        found: &Found,
    ) -> Result<RtDone, Refusal> {
        let mut refused = match self.bring_now(part, found).await {
            Err(error) if is_of_another(&error) => error,
            done => return Ok(done?),
        };
        for _ in 0..MAX_PLANS {
            let found = self.found(import).await?;
            let (_, steps) = self.drawn(import, &found);
            let ids: HashSet<u64> = part.iter().map(|step| step.person.id).collect();
            let again: Vec<Step<'_>> =
                steps.into_iter().filter(|step| ids.contains(&step.person.id)).collect();
            refused = match self.bring_now(&again, &found).await {
                Err(error) if is_of_another(&error) => error,
                done => return Ok(done?),
            };
        }
        Err(refused.into())
    }

    async fn bring_now(&self, steps: &[Step<'_>], found: &Found) -> Result<RtDone, StoreError> {
        let now = self.now();
        let done = RtDone {
            accounts: steps.iter().filter(|step| step.makes_account).count(),
            passwords: steps.iter().filter(|step| step.password.is_some()).count(),
            tokens: steps.iter().map(|step| step.tokens.len()).sum(),
        };
        if done == RtDone::default() {
            return Ok(done);
        }
        let change = entries(steps, done)
            .into_iter()
            .fold(change(steps, found, now).with(note_import(now)), Change::audited);
        self.inner.store.commit(change, now).await.map(|()| done)
    }
}

/// Whether somebody else was there at the same moment: looked at again, it may go.
fn is_of_another(error: &StoreError) -> bool {
    matches!(error, StoreError::Condition(Condition::Stale | Condition::Moved) | StoreError::Exists)
}

/// The people in parts, as many at once as one transaction brings.
fn parts<'s, 'a>(steps: &'s [Step<'a>]) -> Vec<&'s [Step<'a>]> {
    let (mut parts, mut from, mut tokens) = (Vec::new(), 0, 0);
    for (at, step) in steps.iter().enumerate() {
        let is_full = at - from >= PEOPLE_AT_ONCE || tokens + step.tokens.len() > TOKENS_AT_ONCE;
        if at > from && is_full {
            parts.push(&steps[from..at]);
            (from, tokens) = (at, 0);
        }
        tokens += step.tokens.len();
    }
    if from < steps.len() {
        parts.push(&steps[from..]);
    }
    parts
}

/// What is written: accounts that are new, then what those have who may have it. Whoever is here
/// has to be as they were read.
fn change(steps: &[Step<'_>], found: &Found, now: Moment) -> Change {
    let new: Vec<&Step<'_>> = steps.iter().filter(|step| step.makes_account).collect();
    let nobody = new.iter().map(|step| Seen::new(&step.netid, None)).collect();
    let rows = new.iter().map(|step| account(step)).collect();
    let mut change = only_all_as_read(nobody).with(import(rows, now));
    let mut versions: Vec<_> =
        steps.iter().filter_map(|step| found.users.get(&step.netid)).map(User::version).collect();
    // In one order everywhere.
    versions.sort_by(|one, other| one.netid.cmp(&other.netid));
    change = versions.iter().fold(change, Change::only_if_unchanged);
    for step in steps {
        if let Some(stored) = step.password {
            let local = NewLocalPassword {
                hash: PasswordHash::new(kept(stored)),
                initial: false,
                set_at: now,
                set_by: SET_BY.to_owned(),
                lapses_at: None,
            };
            change = change.with(set_local(&step.netid, local));
        }
    }
    let tokens: Vec<RtTokenRow> = steps.iter().flat_map(token_rows).collect();
    if tokens.is_empty() { change } else { change.with(bring(tokens)) }
}

/// An account as it is made: the campus log-in may take it over, as any of the desk's own.
fn account(step: &Step<'_>) -> ImportRow {
    ImportRow {
        netid: step.netid.to_string(),
        terms: terms(&step.name, &step.email),
        name: step.name.clone(),
        email: step.email.clone(),
        role: Role::Staff.word().to_owned(),
        privileged: step.person.privileged,
        disabled: step.person.disabled,
        decides: false,
        privilege_changes: false,
        counts_up: false,
        netid_hash: None,
        netid_hash_was: None,
    }
}

fn token_rows(step: &Step<'_>) -> Vec<RtTokenRow> {
    let row = |new: &NewRtToken<'_>| {
        Some(RtTokenRow {
            id: new.id.to_string(),
            owner: step.netid.to_string(),
            rt_user: number(new.token.owner)?,
            rt_id: number(new.token.id)?,
            hash: PasswordHash::new(new.token.hash.expose().to_owned()),
            description: new.description.clone(),
            created: new.created.0,
            expires: new.token.expires.map(|at| at.0),
            used_at: new.used_at.map(|at| at.0),
        })
    };
    step.tokens.iter().filter_map(row).collect()
}

/// A row for each thing that is brought of a person, in their own history, and one of the whole:
/// by which every node looks again at strings that were nobody's before.
fn entries(steps: &[Step<'_>], done: RtDone) -> Vec<AuditEntry> {
    let of = |subject: &str, action| entry(Actor::Console, subject, action, &Origin::console());
    let mut entries = Vec::new();
    for step in steps {
        let mut note = |action, detail: String| {
            entries.push(of(step.netid.as_str(), action).detailed(detail));
        };
        if step.makes_account {
            let mut words = vec![Role::Staff.to_string(), "from Request Tracker".to_owned()];
            words.extend((!step.person.privileged).then(|| "not privileged".to_owned()));
            words.extend(step.person.disabled.then(|| "disabled".to_owned()));
            note(AuditAction::UserCreate, words.join(", "));
        }
        if step.password.is_some() {
            note(AuditAction::PasswordFirst, PASSWORD_AS_IT_IS.to_owned());
        }
        for some in step.tokens.chunks(TOKENS_NAMED) {
            note(AuditAction::TokenImport, named_tokens(some));
        }
    }
    let whole = format!(
        "from Request Tracker: {}, {}, {}",
        counted(done.accounts, "account"),
        counted(done.passwords, "local password"),
        counted(done.tokens, "token")
    );
    if done.accounts > 0 {
        entries.push(of("", AuditAction::UserImport).detailed(whole.clone()));
    }
    if done.tokens > 0 || done.accounts == 0 {
        entries.push(of("", AuditAction::TokenImport).detailed(whole));
    }
    entries
}

/// One as the audit names it where it is made, of several each: `2 tokens: 3c9718de5e32a4d8
/// backup, …`.
fn named_tokens(tokens: &[NewRtToken<'_>]) -> String {
    let each: Vec<String> =
        tokens.iter().map(|token| named_briefly(&token.id, &token.description)).collect();
    match each.as_slice() {
        [one] => one.clone(),
        several => format!("{}: {}", counted(several.len(), "token"), several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request_tracker::RtPerson;
    use crate::{Secret, TokenId};

    /// Somebody who comes with so many tokens.
    fn step((person, token): &(RtPerson, RtToken), tokens: usize) -> Step<'_> {
        let one = |n: usize| NewRtToken {
            id: TokenId::of(format!("{n:064}")),
            token,
            description: format!("cron {n}"),
            created: Moment(0),
            used_at: None,
        };
        Step {
            person,
            netid: NetId::parse("tia").expect("a NetID"),
            name: String::new(),
            email: String::new(),
            makes_account: true,
            password: None,
            tokens: (0..tokens).map(one).collect(),
        }
    }

    fn of_request_tracker() -> (RtPerson, RtToken) {
        let person = RtPerson {
            id: 14,
            name: String::new(),
            real_name: String::new(),
            email: String::new(),
            password: None,
            disabled: false,
            privileged: true,
            created: None,
        };
        let token = RtToken {
            id: 3,
            owner: 14,
            hash: Secret::default(),
            description: String::new(),
            created: None,
            created_by: 14,
            last_used: None,
            expires: None,
        };
        (person, token)
    }

    #[test]
    fn each_token_has_its_beginning_in_its_owners_history() {
        let rt = of_request_tracker();
        let details = |tokens: usize| -> Vec<String> {
            entries(&[step(&rt, tokens)], RtDone { tokens, ..RtDone::default() })
                .into_iter()
                .filter(|row| row.subject == "tia" && row.action == AuditAction::TokenImport)
                .map(|row| row.detail)
                .collect()
        };
        let first = "0".repeat(16);
        assert_eq!(details(0), [""; 0]);
        assert_eq!(details(1), [format!("{first} cron 0")]);
        assert_eq!(details(2), [format!("2 tokens: {first} cron 0, {first} cron 1")]);
        let many = details(23);
        assert!(many[0].starts_with("20 tokens: ") && many[1].starts_with("3 tokens: "));
        for n in 0..23 {
            let name = format!("{first} cron {n}");
            let names = many.iter().flat_map(|row| row.split([':', ',']));
            assert_eq!(names.filter(|named| named.trim() == name).count(), 1, "{name}: {many:?}");
        }
    }

    #[test]
    fn people_come_in_parts_and_nobody_by_halves() {
        let rt = of_request_tracker();
        let lengths = |tokens: &[usize]| {
            let steps: Vec<_> = tokens.iter().map(|tokens| step(&rt, *tokens)).collect();
            parts(&steps).iter().map(|part| part.len()).collect::<Vec<_>>()
        };
        assert_eq!(lengths(&[]), [0; 0]);
        assert_eq!(lengths(&[0; 60]), [25, 25, 10]);
        assert_eq!(lengths(&[20, 20, 20, 3]), [2, 2]);
        assert_eq!(lengths(&[1, 120, 1]), [1, 1, 1]);
    }
}
