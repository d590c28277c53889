//! Rows as SurrealDB holds them.

use surrealdb::types::{RecordId, RecordIdKey, SurrealValue};

use crate::{Access, LocalPassword, LocalState, Moment, NetId, Person, Refusal, Revoked, Role, TokenView, UseDays, Used};

/// The text of a record's key.
pub(in crate::engine) fn key(id: &RecordId) -> String {
    match &id.key {
        RecordIdKey::String(text) => text.clone(),
        // Every table read this way has string keys.
        _ => String::new(),
    }
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(in crate::engine) struct UserRecord {
    pub(in crate::engine) id: RecordId,
    pub(in crate::engine) name: String,
    pub(in crate::engine) email: String,
    pub(in crate::engine) role: String,
    pub(in crate::engine) privileged: bool,
    pub(in crate::engine) disabled: bool,
    pub(in crate::engine) source: String,
    pub(in crate::engine) netid_hash: Option<String>,
    pub(in crate::engine) local_hash: Option<String>,
    pub(in crate::engine) local_initial: bool,
    pub(in crate::engine) local_set_at: Option<i64>,
    pub(in crate::engine) local_set_by: Option<String>,
    pub(in crate::engine) local_lapses: Option<i64>,
    pub(in crate::engine) left_at: Option<i64>,
    pub(in crate::engine) left_by: Option<Vec<String>>,
    pub(in crate::engine) spared: Option<bool>,
    pub(in crate::engine) external_id: Option<String>,
    pub(in crate::engine) created: i64,
}

/// A user whose row has been read into the domain's words.
#[derive(Clone)]
pub(in crate::engine) struct User {
    pub(in crate::engine) person: Person,
    pub(in crate::engine) name: String,
    pub(in crate::engine) email: String,
    pub(in crate::engine) source: String,
    pub(in crate::engine) local: LocalPassword,
    pub(in crate::engine) local_hash: Option<String>,
    pub(in crate::engine) netid_hash: Option<String>,
    /// When they were disabled because a directory no longer had them; none where an administrator had disabled them before.
    pub(in crate::engine) left_at: Option<i64>,
    /// The directories that no longer have them.
    pub(in crate::engine) left_by: Vec<String>,
    /// Their tokens are refused, since they may have none, and not yet revoked.
    pub(in crate::engine) spared: bool,
    pub(in crate::engine) external_id: Option<String>,
    pub(in crate::engine) created: i64,
}

impl User {
    /// Whether they are gone by this source's word.
    pub(in crate::engine) fn is_gone_by(&self, source: &str) -> bool {
        self.left_by.iter().any(|by| by == source)
    }

    /// Whether they may be logged in by the word of `source`, where neither an administrator nor another source keeps them out;
    /// none: of the desk itself.
    pub(in crate::engine) fn may_log_in(&self, source: Option<&str>) -> bool {
        let comes_back = |source: &str| self.left_at.is_some() && self.left_by == [source];
        !self.person.disabled || source.is_some_and(comes_back)
    }
}

/// Without the hashes.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("person", &self.person).finish_non_exhaustive()
    }
}

impl TryFrom<UserRecord> for User {
    type Error = Refusal;

    fn try_from(row: UserRecord) -> Result<Self, Refusal> {
        let broken = |_| {
            tracing::error!("a user row holds a NetID or role that is none");
            Refusal::Unavailable
        };
        let state = match (&row.local_hash, row.local_initial) {
            (None, _) => LocalState::None,
            (Some(_), true) => LocalState::Initial,
            (Some(_), false) => LocalState::Own,
        };
        Ok(Self {
            person: Person {
                netid: NetId::parse(&key(&row.id)).map_err(broken)?,
                role: Role::parse(&row.role).map_err(broken)?,
                privileged: row.privileged,
                disabled: row.disabled,
                local: state,
            },
            local: LocalPassword {
                state,
                set_at: row.local_set_at.map(Moment),
                set_by: row.local_set_by.unwrap_or_default(),
                lapses_at: row.local_lapses.map(Moment),
            },
            name: row.name,
            email: row.email,
            source: row.source,
            local_hash: row.local_hash,
            netid_hash: row.netid_hash,
            left_at: row.left_at,
            left_by: row.left_by.unwrap_or_default(),
            spared: row.spared.unwrap_or_default(),
            external_id: row.external_id,
            created: row.created,
        })
    }
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(in crate::engine) struct TokenRecord {
    pub(in crate::engine) id: RecordId,
    pub(in crate::engine) owner: String,
    pub(in crate::engine) description: String,
    pub(in crate::engine) access: String,
    pub(in crate::engine) networks: String,
    pub(in crate::engine) created: i64,
    pub(in crate::engine) expires: Option<i64>,
    pub(in crate::engine) used_at: Option<i64>,
    pub(in crate::engine) used_address: Option<String>,
    pub(in crate::engine) use_day: Option<i64>,
    pub(in crate::engine) use_days: Option<Vec<i64>>,
    pub(in crate::engine) revoked_at: Option<i64>,
    pub(in crate::engine) revoked_by: Option<String>,
}

impl TokenRecord {
    /// The token as a list shows it at `now`.
    pub(in crate::engine) fn view(self, now: Moment) -> TokenView {
        let row = self;
        let counts = row.use_days.unwrap_or_default().into_iter().map(|count| u32::try_from(count).unwrap_or(u32::MAX)).collect();
        TokenView {
            id: key(&row.id),
            description: row.description,
            // The schema allows these two only; anything else would be the narrower one.
            access: if row.access == "full" { Access::Full } else { Access::Read },
            networks: row.networks,
            created: Moment(row.created),
            expires: row.expires.map(Moment),
            used: row.used_at.map(|at| Used { at: Moment(at), address: row.used_address.unwrap_or_default() }),
            days: row.use_day.map(|day| UseDays::new(counts, day).at(now)).unwrap_or_default(),
            revoked: row.revoked_at.map(|at| Revoked { at: Moment(at), by: row.revoked_by.unwrap_or_default() }),
        }
    }
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(in crate::engine) struct SessionRecord {
    pub(in crate::engine) id: RecordId,
    pub(in crate::engine) user: String,
    pub(in crate::engine) created: i64,
    pub(in crate::engine) last_seen: i64,
    pub(in crate::engine) address: String,
    pub(in crate::engine) agent: String,
    pub(in crate::engine) confirmed_until: Option<i64>,
    pub(in crate::engine) replaced_until: Option<i64>,
    pub(in crate::engine) proved_at: Option<i64>,
    pub(in crate::engine) issuer_subject: Option<String>,
    pub(in crate::engine) issuer_session: Option<String>,
}
