//! Rows as SurrealDB holds them.

use surrealdb::types::{RecordId, RecordIdKey, SurrealValue};

use crate::store::change::Version;
use crate::store::error::StoreError;
use crate::store::password_hash::PasswordHash;
use crate::{
    Access, Actor, FormerHolder, Holder, LocalPassword, LocalState, Moment, NameParts, NetId,
    Person, ProviderSubject, Revoked, Role, SessionId, Source, TokenId, TokenView, UseDays, Used,
};

/// The text of a record's key.
pub(crate) fn key(id: &RecordId) -> String {
    match &id.key {
        RecordIdKey::String(text) => text.clone(),
        // Every table read this way has string keys.
        _ => String::new(),
    }
}

/// The records of a table with these keys, to be read at once. Made here and not by a closure of
/// the query, which takes half as long again.
pub(crate) fn records(
    table: &str,
    keys: impl IntoIterator<Item = impl AsRef<str>>,
) -> Vec<RecordId> {
    keys.into_iter().map(|key| RecordId::new(table, key.as_ref())).collect()
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct UserRecord {
    pub(crate) id: RecordId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) formatted_name: Option<String>,
    pub(crate) name_of_parts: Option<bool>,
    pub(crate) role: String,
    pub(crate) privileged: bool,
    pub(crate) disabled: bool,
    pub(crate) source: String,
    pub(crate) rev: Option<i64>,
    pub(crate) netid_hash: Option<PasswordHash>,
    pub(crate) local_hash: Option<PasswordHash>,
    pub(crate) local_initial: bool,
    pub(crate) local_set_at: Option<i64>,
    pub(crate) local_set_by: Option<String>,
    pub(crate) local_lapses: Option<i64>,
    pub(crate) departed_at: Option<i64>,
    pub(crate) departed_by: Option<Vec<String>>,
    pub(crate) revocation_pending: Option<bool>,
    pub(crate) external_id: Option<String>,
    pub(crate) pushed_groups: Option<Vec<String>>,
    pub(crate) device_epoch: Option<i64>,
    pub(crate) oidc_issuer: Option<String>,
    pub(crate) oidc_subject: Option<String>,
    pub(crate) directory_id: Option<String>,
    pub(crate) linked: Option<bool>,
    pub(crate) last_log_in: Option<i64>,
    pub(crate) former_at: Option<i64>,
    pub(crate) former_name: Option<String>,
    pub(crate) former_email: Option<String>,
    pub(crate) former_issuer: Option<String>,
    pub(crate) former_subject: Option<String>,
    pub(crate) former_directory_id: Option<String>,
    pub(crate) created: i64,
}

impl UserRecord {
    /// Who had the NetID when a directory no longer had them.
    fn former(&self) -> Option<FormerHolder> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Some(FormerHolder {
            at: Moment(self.former_at?),
            who: Holder {
                name: text(&self.former_name),
                email: text(&self.former_email),
                subject: ProviderSubject::of(
                    self.former_issuer.clone(),
                    self.former_subject.clone(),
                ),
                directory_id: self.former_directory_id.clone(),
            },
        })
    }
}

/// A user whose row has been read into the domain's words.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) person: Person,
    pub(crate) name: String,
    /// The parts of the name, as an identity system has sent them.
    pub(crate) name_parts: NameParts,
    pub(crate) email: String,
    pub(crate) source: Source,
    /// Counts up with whatever the rules look at: role, privilege, disabled, the local password.
    pub(crate) rev: i64,
    pub(crate) local: LocalPassword,
    pub(crate) local_hash: Option<String>,
    pub(crate) netid_hash: Option<String>,
    /// When they were disabled because a directory no longer had them; none where an administrator
    /// had disabled them before.
    pub(crate) departed_at: Option<i64>,
    /// The directories that no longer have them.
    pub(crate) departed_by: Vec<String>,
    /// Their tokens are refused, since they may have none, and not yet revoked.
    pub(crate) revocation_pending: bool,
    pub(crate) external_id: Option<String>,
    /// The groups that an identity system has put them in, as they are compared; none: it never
    /// has.
    pub(crate) pushed_groups: Option<Vec<String>>,
    /// Counts up when the browsers that have logged in as them are not known any more.
    pub(crate) device_epoch: i64,
    /// What the OpenID provider calls them, once they have come by it.
    pub(crate) subject: Option<ProviderSubject>,
    /// What the campus directory calls their entry for good, as far as it said so.
    pub(crate) directory_id: Option<String>,
    /// The campus log-in may take over this account of the desk's own, with its role.
    pub(crate) linked: bool,
    /// When they last logged in; none: not since that is written down.
    pub(crate) last_log_in: Option<Moment>,
    /// Who had the NetID when a directory last no longer had them.
    pub(crate) former: Option<FormerHolder>,
    pub(crate) created: i64,
}

impl User {
    /// Who has the NetID now.
    pub(crate) fn holder(&self) -> Holder {
        Holder {
            name: self.name.clone(),
            email: self.email.clone(),
            subject: self.subject.clone(),
            directory_id: self.directory_id.clone(),
        }
    }

    /// An account of the desk's own with a role, which no directory and no campus log-in takes over
    /// before an operator has said so.
    pub(crate) fn is_guarded(&self) -> bool {
        self.source == Source::BuiltIn && self.person.role > Role::Staff && !self.linked
    }

    /// Kept at the desk itself: it is no directory's to change.
    pub(crate) fn is_kept_here(&self) -> bool {
        self.netid_hash.is_some() || self.is_guarded()
    }

    /// What the rules looked at, for the transaction that relies on it.
    pub(crate) fn version(&self) -> Version {
        Version { netid: self.person.netid.clone(), rev: self.rev }
    }

    /// Whether they are gone by this source's word.
    pub(crate) fn is_gone_by(&self, source: Source) -> bool {
        self.departed_by.iter().any(|by| by == source.code())
    }

    /// Whether `source` alone has disabled them, at `since` or later.
    pub(crate) fn is_gone_since(&self, source: Source, since: Moment) -> bool {
        self.departed_at.is_some_and(|at| at >= since.0) && self.departed_by == [source.code()]
    }

    /// Whether they may be logged in by the word of `source`, where neither an administrator nor
    /// another source keeps them out; none: of the desk itself.
    pub(crate) fn may_log_in(&self, source: Option<Source>) -> bool {
        let comes_back =
            |source: Source| self.departed_at.is_some() && self.departed_by == [source.code()];
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
    type Error = StoreError;

    fn try_from(row: UserRecord) -> Result<Self, StoreError> {
        let state = match (&row.local_hash, row.local_initial) {
            (None, _) => LocalState::None,
            (Some(_), true) => LocalState::Initial,
            (Some(_), false) => LocalState::Own,
        };
        let former = row.former();
        Ok(Self {
            former,
            person: Person {
                netid: NetId::parse(&key(&row.id)).map_err(|_| StoreError::Broken("user"))?,
                role: Role::parse(&row.role).map_err(|_| StoreError::Broken("user"))?,
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
            name_parts: NameParts {
                given: row.given_name.unwrap_or_default(),
                family: row.family_name.unwrap_or_default(),
                formatted: row.formatted_name.unwrap_or_default(),
                are_shown: row.name_of_parts.unwrap_or_default(),
            },
            email: row.email,
            source: Source::parse(&row.source).ok_or(StoreError::Broken("user"))?,
            rev: row.rev.unwrap_or_default(),
            local_hash: row.local_hash.map(PasswordHash::into_text),
            netid_hash: row.netid_hash.map(PasswordHash::into_text),
            departed_at: row.departed_at,
            departed_by: row.departed_by.unwrap_or_default(),
            revocation_pending: row.revocation_pending.unwrap_or_default(),
            external_id: row.external_id,
            pushed_groups: row.pushed_groups,
            device_epoch: row.device_epoch.unwrap_or_default(),
            subject: ProviderSubject::of(row.oidc_issuer, row.oidc_subject),
            directory_id: row.directory_id,
            linked: row.linked.unwrap_or_default(),
            last_log_in: row.last_log_in.map(Moment),
            created: row.created,
        })
    }
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct TokenRecord {
    pub(crate) id: RecordId,
    pub(crate) owner: String,
    pub(crate) description: String,
    pub(crate) access: String,
    pub(crate) networks: String,
    pub(crate) created: i64,
    pub(crate) expires: Option<i64>,
    pub(crate) used_at: Option<i64>,
    pub(crate) used_address: Option<String>,
    pub(crate) use_day: Option<i64>,
    pub(crate) use_days: Option<Vec<i64>>,
    /// The first use of which it is noted whether it may have changed something.
    pub(crate) methods_since: Option<i64>,
    /// One since then may have.
    pub(crate) wrote: Option<bool>,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) revoked_by: Option<String>,
    /// What Request Tracker calls its owner; none: it was made here.
    pub(crate) rt_user: Option<i64>,
}

impl TokenRecord {
    /// A token that was made then: read only, good for ever and from anywhere, and never used.
    pub(crate) fn made(id: &TokenId, owner: &str, created: Moment) -> Self {
        Self {
            id: RecordId::new("token", id.as_str()),
            owner: owner.to_owned(),
            description: String::new(),
            access: Access::Read.word().to_owned(),
            networks: String::new(),
            created: created.0,
            expires: None,
            used_at: None,
            used_address: None,
            use_day: None,
            use_days: None,
            methods_since: None,
            wrote: None,
            revoked_at: None,
            revoked_by: None,
            rt_user: None,
        }
    }

    /// As it is where strings of Request Tracker end then: with them at the latest.
    pub(crate) fn ending(mut self, strings_end: Option<Moment>) -> Self {
        if let (Some(_), Some(Moment(end))) = (self.rt_user, strings_end) {
            self.expires = Some(self.expires.map_or(end, |at| at.min(end)));
        }
        self
    }

    /// The token as a list shows it at `now`.
    pub(crate) fn view(self, now: Moment) -> TokenView {
        let row = self;
        let counts = row
            .use_days
            .unwrap_or_default()
            .into_iter()
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
            .collect();
        TokenView {
            id: TokenId::of(key(&row.id)),
            description: row.description,
            // The schema allows these two only; anything else would be the narrower one.
            access: if row.access == "full" { Access::Full } else { Access::Read },
            networks: row.networks,
            created: Moment(row.created),
            expires: row.expires.map(Moment),
            used: row
                .used_at
                .map(|at| Used { at: Moment(at), address: row.used_address.unwrap_or_default() }),
            days: row.use_day.map(|day| UseDays::new(counts, day).at(now)).unwrap_or_default(),
            revoked: row.revoked_at.map(|at| Revoked {
                at: Moment(at),
                by: Actor::from(row.revoked_by.unwrap_or_default()),
            }),
            waits: false,
            networks_used: Vec::new(),
            used_from: String::new(),
            from_rt: row.rt_user.is_some(),
        }
    }
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct SessionRecord {
    pub(crate) id: RecordId,
    pub(crate) user: String,
    /// The id under which it began.
    pub(crate) family: Option<String>,
    pub(crate) created: i64,
    pub(crate) last_seen: i64,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) confirmed_until: Option<i64>,
    /// Which of the person's versions confirmed it: with the next one the confirmation is over.
    pub(crate) confirmed_rev: Option<i64>,
    pub(crate) replaced_until: Option<i64>,
    pub(crate) proved_at: Option<i64>,
    pub(crate) issuer_subject: Option<String>,
    pub(crate) issuer_session: Option<String>,
}

impl SessionRecord {
    pub(crate) fn id(&self) -> SessionId {
        SessionId::of(key(&self.id))
    }

    /// The id under which it began: the same for all that replaced one another.
    pub(crate) fn family(&self) -> SessionId {
        self.family.clone().map_or_else(|| self.id(), SessionId::of)
    }
}
