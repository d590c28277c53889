//! What an import from Request Tracker does with each person and each token: a pure function of
//! what is handed over and of what there is. Accounts that are there stay as they are, and nothing
//! that was done here is undone. Tests: `plan/tests.rs`, and
//! `desk/tests/desk/request_tracker/import.rs`.

use std::collections::{HashMap, HashSet};

use crate::engine::identity::reserved::ReservedNames;
use crate::engine::passwords::imported::kept;
use crate::engine::request_tracker::hashes;
use crate::engine::secret::{Secret, sha256_hex};
use crate::request_tracker::{
    LeftOut, LeftOutWhy, PlannedPerson, PlannedWhat, RtImport, RtPerson, RtPlan, RtToken,
};
use crate::store::rows::User;
use crate::{
    DESCRIPTION_MAX, Description, LocalState, Moment, NetId, Role, Source, TokenId,
    is_email_address, plain_line,
};

/// What a token is for of which nothing was said.
const NO_DESCRIPTION: &str = "From Request Tracker";

/// The users of Request Tracker that are nobody: they stay behind.
const NOBODY: [&str; 2] = ["RT_System", "Nobody"];

/// What there is at the desk.
#[derive(Debug)]
pub(crate) struct Present<'a> {
    /// Those who come and have an account already.
    pub(crate) users: &'a HashMap<NetId, User>,
    /// Tokens that were brought before.
    pub(crate) brought: &'a HashSet<String>,
    /// Tokens that are here already, and were brought for somebody else.
    pub(crate) of_others: &'a HashSet<String>,
    pub(crate) reserved: &'a ReservedNames,
    pub(crate) now: Moment,
}

/// What is done with one person, where something is.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) person: &'a RtPerson,
    pub(crate) netid: NetId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) makes_account: bool,
    pub(crate) password: Option<&'a Secret>,
    pub(crate) tokens: Vec<NewRtToken<'a>>,
}

/// A token that comes.
#[derive(Debug)]
pub(crate) struct NewRtToken<'a> {
    pub(crate) id: TokenId,
    pub(crate) token: &'a RtToken,
    pub(crate) description: String,
    pub(crate) created: Moment,
    pub(crate) used_at: Option<Moment>,
}

/// Under which id a token is kept here: nothing that can be presented has it.
pub(crate) fn id_of(token: &RtToken) -> TokenId {
    let text = Secret::new(format!("latchkey:rt-token:{}:{}", token.hash.expose(), token.id));
    TokenId::of(sha256_hex(text.expose().as_bytes()))
}

/// A number of Request Tracker's as the store has it; none: none there is so large.
pub(crate) fn number(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

/// A person's number there, as their strings have it; none: no string of theirs is one.
fn number_of_person(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}

/// What is to be known of all the tokens that are handed over before each is looked at.
#[derive(Default)]
struct Tokens<'a> {
    by_owner: HashMap<u64, Vec<&'a RtToken>>,
    /// Those that stand there for two people, by the id that they would have here.
    of_two: HashSet<TokenId>,
}

impl<'a> Tokens<'a> {
    fn of(import: &'a RtImport) -> Self {
        let mut tokens = Self::default();
        let mut owners: HashMap<TokenId, u64> = HashMap::new();
        for token in &import.tokens {
            tokens.by_owner.entry(token.owner).or_default().push(token);
            let id = id_of(token);
            if *owners.entry(id.clone()).or_insert(token.owner) != token.owner {
                tokens.of_two.insert(id);
            }
        }
        tokens
    }
}

/// Who somebody is here.
fn netid_of(import: &RtImport, person: &RtPerson) -> Result<NetId, LeftOutWhy> {
    match import.map.get(&person.name) {
        Some(Some(netid)) => Ok(netid.clone()),
        Some(None) => Err(LeftOutWhy::ByMap),
        // Capitals, or anything else that is not wholly a NetID: it may be another's.
        None => NetId::parse(&person.name)
            .ok()
            .filter(|netid| netid.as_str() == person.name)
            .ok_or(LeftOutWhy::NoNetId),
    }
}

fn is_somebody(person: &RtPerson) -> bool {
    !NOBODY.contains(&person.name.as_str())
}

/// The NetIDs of those who may come.
pub(crate) fn netids(import: &RtImport) -> Vec<NetId> {
    let people = import.people.iter().filter(|person| is_somebody(person));
    people.filter_map(|person| netid_of(import, person).ok()).collect()
}

/// What is done, and how it is shown.
pub(crate) fn draw<'a>(import: &'a RtImport, present: &Present<'_>) -> (RtPlan, Vec<Step<'a>>) {
    let mut plan = RtPlan::default();
    let mut names: HashMap<NetId, usize> = HashMap::new();
    for netid in netids(import) {
        *names.entry(netid).or_default() += 1;
    }
    let Tokens { by_owner: mut tokens, of_two } = Tokens::of(import);
    let mut steps = Vec::new();
    for person in &import.people {
        let tokens = tokens.remove(&person.id).unwrap_or_default();
        if !is_somebody(person) {
            continue;
        }
        let netid = netid_of(import, person).and_then(|netid| {
            let known = present.users.get(&netid);
            if number_of_person(person.id).is_none() {
                Err(LeftOutWhy::NumberTooLarge)
            } else if names.get(&netid).is_some_and(|many| *many > 1) {
                Err(LeftOutWhy::SameNetId)
            } else if present.reserved.forbid(&netid, known, Source::BuiltIn) {
                Err(LeftOutWhy::Reserved)
            } else {
                Ok(netid)
            }
        });
        match netid {
            Ok(netid) => {
                let tokens = TheirTokens { all: tokens, of_two: &of_two };
                let step = person_step(import, person, netid, tokens, present, &mut plan);
                steps.extend(step);
            }
            Err(why) => {
                leave_out(&mut plan, person, None, why);
                for token in tokens {
                    leave_out(&mut plan, person, Some(token.id), LeftOutWhy::OwnerLeftOut);
                }
            }
        }
    }
    let mut nobodys: Vec<&RtToken> = tokens.into_values().flatten().collect();
    nobodys.sort_by_key(|token| token.id);
    for token in nobodys {
        let rt_name = format!("user {}", token.owner);
        let why = LeftOutWhy::OwnerUnknown;
        plan.left_out.push(LeftOut { rt_name, token: Some(token.id), why });
    }
    (plan, steps)
}

fn leave_out(plan: &mut RtPlan, person: &RtPerson, token: Option<u64>, why: LeftOutWhy) {
    plan.left_out.push(LeftOut { rt_name: person.name.clone(), token, why });
}

/// The tokens of one person, and those that are somebody else's too.
struct TheirTokens<'a, 'p> {
    all: Vec<&'a RtToken>,
    of_two: &'p HashSet<TokenId>,
}

impl<'a> TheirTokens<'a, '_> {
    /// Those that come; `may_have_none`: none does, for that.
    fn coming(
        self,
        person: &RtPerson,
        may_have_none: Option<LeftOutWhy>,
        present: &Present<'_>,
        plan: &mut RtPlan,
    ) -> Vec<NewRtToken<'a>> {
        let (mut come, mut seen) = (Vec::new(), HashSet::new());
        for token in self.all {
            let id = id_of(token);
            let why = if self.of_two.contains(&id) || present.of_others.contains(id.as_str()) {
                Some(LeftOutWhy::OfAnother)
            } else if !seen.insert(id.clone()) {
                Some(LeftOutWhy::Twice)
            } else if present.brought.contains(id.as_str()) {
                plan.tokens_already += 1;
                continue;
            } else {
                may_have_none.or_else(|| why_not_token(token, present.now))
            };
            match why {
                Some(why) => leave_out(plan, person, Some(token.id), why),
                None => come.push(new_token(token, id, present.now, plan)),
            }
        }
        come
    }
}

/// What of a token itself keeps it from coming.
fn why_not_token(token: &RtToken, now: Moment) -> Option<LeftOutWhy> {
    if token.expires.is_some_and(|at| at <= now) {
        Some(LeftOutWhy::Expired)
    } else if number(token.id).is_none() {
        Some(LeftOutWhy::NumberTooLarge)
    } else if hashes::is_too_dear(token.hash.expose()) {
        Some(LeftOutWhy::HashTooDear)
    } else {
        (!hashes::is_token(token.hash.expose())).then_some(LeftOutWhy::HashUnknown)
    }
}

/// One person who comes; none where nothing is left to be done.
fn person_step<'a>(
    import: &RtImport,
    person: &'a RtPerson,
    netid: NetId,
    tokens: TheirTokens<'a, '_>,
    present: &Present<'_>,
    plan: &mut RtPlan,
) -> Option<Step<'a>> {
    let known = present.users.get(&netid);
    let may_have_none = why_not(person, known);
    let password =
        if import.passwords { password(person, known, may_have_none, plan) } else { None };
    let come = tokens.coming(person, may_have_none, present, plan);
    plan.tokens_new += come.len();
    let makes_account = known.is_none();
    plan.people.push(PlannedPerson {
        netid: netid.clone(),
        rt_name: person.name.clone(),
        role: known.map(|user| user.person.role),
        what: if makes_account { PlannedWhat::MakeAccount } else { PlannedWhat::Already },
        brings_password: password.is_some(),
        disabled: makes_account && person.disabled,
        tokens: come.len(),
    });
    let name = Some(plain_line(&person.real_name)).filter(|name| !name.is_empty());
    let email = Some(plain_line(&person.email)).filter(|email| is_email_address(email));
    (makes_account || password.is_some() || !come.is_empty()).then(|| Step {
        person,
        name: name.unwrap_or_else(|| netid.to_string()),
        email: email.unwrap_or_default(),
        netid,
        makes_account,
        password,
        tokens: come,
    })
}

/// Why somebody gets no tokens here, and no local password; none: they do. Whoever is disabled
/// there and has no account here gets one that is disabled, with their tokens.
fn why_not(person: &RtPerson, known: Option<&User>) -> Option<LeftOutWhy> {
    let Some(user) = known else {
        return (!person.privileged).then_some(LeftOutWhy::NotPrivileged);
    };
    if user.person.disabled {
        Some(LeftOutWhy::AccountDisabled)
    } else if person.disabled {
        Some(LeftOutWhy::DisabledThere)
    } else {
        (!user.person.privileged).then_some(LeftOutWhy::NotPrivileged)
    }
}

/// The password that comes.
fn password<'a>(
    person: &'a RtPerson,
    known: Option<&User>,
    may_have_none: Option<LeftOutWhy>,
    plan: &mut RtPlan,
) -> Option<&'a Secret> {
    let is_some = |stored: &&Secret| hashes::is_some_password(stored.expose());
    let stored = person.password.as_ref().filter(is_some)?;
    let has_one = known.is_some_and(|user| user.person.local != LocalState::None);
    // The one that came before is no news, nor is that of somebody who may do nothing.
    if known.and_then(|user| user.local_hash.as_deref()) == Some(kept(stored).as_str())
        || (known.is_none() && person.disabled)
    {
        return None;
    }
    // Whoever had theirs there, by whatever way, would have what the role may here.
    let has_role = known.is_some_and(|user| user.person.role != Role::Staff);
    let dear = hashes::is_too_dear(stored.expose()).then_some(LeftOutWhy::HashTooDear);
    let form = (!hashes::is_password(stored.expose())).then_some(LeftOutWhy::PasswordUnknown);
    let why = may_have_none
        .or(has_one.then_some(LeftOutWhy::HasLocalPassword))
        .or(has_role.then_some(LeftOutWhy::HasRole))
        .or(dear)
        .or(form);
    if let Some(why) = why {
        leave_out(plan, person, None, why);
        return None;
    }
    Some(stored)
}

fn new_token<'a>(
    token: &'a RtToken,
    id: TokenId,
    now: Moment,
    plan: &mut RtPlan,
) -> NewRtToken<'a> {
    let description = description(&token.description);
    if description != token.description.trim() {
        plan.descriptions_changed += 1;
    }
    if token.created_by != token.owner {
        plan.made_by_others.push(token.id);
    }
    // What cannot have been yet was written by a clock that was wrong.
    let been = |at: &Moment| *at <= now;
    NewRtToken {
        id,
        description,
        created: token.created.filter(been).unwrap_or(now),
        used_at: token.last_used.filter(been),
        token,
    }
}

/// What a token is for, as a list may show it.
fn description(text: &str) -> String {
    let line: String = plain_line(text).chars().take(DESCRIPTION_MAX).collect();
    Description::parse(&line).map_or_else(|_| NO_DESCRIPTION.to_owned(), |line| line.to_string())
}

#[cfg(test)]
mod tests;
