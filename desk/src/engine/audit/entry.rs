//! Audit rows as features write them.

use crate::engine::origin::Origin;
use crate::store::change::AuditEntry;
use crate::{Actor, AuditAction, NetId, Outcome};

/// An audit row of something done by `actor` to `subject` (a NetID, or empty).
pub(crate) fn entry(
    actor: impl Into<Actor>,
    subject: &str,
    action: AuditAction,
    origin: &Origin,
) -> AuditEntry {
    AuditEntry {
        actor: actor.into(),
        subject: subject.to_owned(),
        action,
        outcome: Outcome::Done,
        address: origin.address.to_string(),
        agent: origin.agent.chars().take(256).collect(),
        detail: String::new(),
    }
}

/// An audit row of what a person did to their own account.
pub(crate) fn own_entry(netid: &NetId, action: AuditAction, origin: &Origin) -> AuditEntry {
    entry(netid, netid.as_str(), action, origin)
}
