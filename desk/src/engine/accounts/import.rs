//! Bringing people into the built-in directory from a file.

use surrealdb::types::SurrealValue;

use crate::engine::accounts::users::terms;
use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::secret::Secret;
use crate::store::change::Change;
use crate::store::vars::vars;
use crate::{Actor, AuditAction, NetId, Refusal, Role};

/// One person of the built-in directory.
#[derive(Clone, Debug)]
pub struct ImportUser {
    /// NetID.
    pub netid: NetId,
    /// Full name.
    pub name: String,
    /// E-mail address, may be empty.
    pub email: String,
    /// Role.
    pub role: Role,
    /// May have a local password and tokens.
    pub privileged: bool,
    /// May do nothing.
    pub disabled: bool,
    /// NetID password; none: the present one stays, a new person cannot log in.
    pub password: Option<Secret>,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// People who were not there.
    pub created: u32,
    /// People who were.
    pub updated: u32,
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct ImportRow {
    netid: String,
    name: String,
    email: String,
    role: String,
    privileged: bool,
    disabled: bool,
    netid_hash: Option<String>,
    terms: Vec<String>,
}

impl Desk {
    /// Brings people into the built-in directory: all of them in one transaction, or none. Local passwords and tokens of
    /// those who are there already stay.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]; nothing was changed then.
    pub async fn import_users(&self, users: Vec<ImportUser>) -> Result<ImportReport, Refusal> {
        let netids: Vec<String> = users.iter().map(|user| user.netid.to_string()).collect();
        let sql = "SELECT VALUE record::id(id) FROM $netids.map(|$netid| type::record('user', $netid))";
        let known: Vec<String> = self.inner.store.rows(sql, vars! { "netids" => netids }).await?;
        let total = users.len();
        let mut rows = Vec::with_capacity(total);
        for user in users {
            let netid_hash = match &user.password {
                Some(password) => Some(self.inner.hasher.hash(password).await?),
                None => None,
            };
            rows.push(ImportRow {
                netid: user.netid.to_string(),
                terms: terms(&user.name, &user.email),
                name: user.name,
                email: user.email,
                role: user.role.word().to_owned(),
                privileged: user.privileged,
                disabled: user.disabled,
                netid_hash,
            });
        }
        let entry = entry(Actor::Console, "", AuditAction::UserImport, &Origin::console()).detailed(format!("{total} people"));
        let change = Change::new(
            "FOR $row IN $rows {
                LET $user = type::record('user', $row.netid);
                LET $old = (SELECT * FROM ONLY $user);
                FOR $term IN $old.terms ?? [] { DELETE type::record('term', [$term, $row.netid]) };
                FOR $term IN $row.terms { UPSERT type::record('term', [$term, $row.netid]) };
                UPSERT $user SET name = $row.name, email = $row.email, role = $row.role, privileged = $row.privileged,
                    disabled = $row.disabled, rev = ($old.rev ?? 0) + 1, departed_at = NONE, departed_by = NONE, source = 'built-in', created = $old.created ?? $now, terms = $row.terms,
                    netid_hash = $row.netid_hash ?? $old.netid_hash;
                IF $row.disabled { DELETE session WHERE user = $row.netid };
            }",
            vars! { "rows" => rows, "now" => self.now().0 },
        );
        self.inner.store.commit(change.audited(entry), self.now()).await?;
        let updated = u32::try_from(known.len()).unwrap_or(u32::MAX);
        Ok(ImportReport { created: u32::try_from(total).unwrap_or(u32::MAX).saturating_sub(updated), updated })
    }
}
