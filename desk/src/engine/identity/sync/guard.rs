//! Whether a synchronisation may do what it would: an outage of the directory, or of its groups,
//! must not look like people who left. Pure. Tests: `guard/tests.rs`, a table.

use crate::engine::identity::sync::limit::LeaverLimit;
use crate::engine::identity::sync::plan::{Entitlement, SyncPlan};
use crate::engine::identity::sync::report::SyncError;

/// Whether all of the plan may be done.
///
/// # Errors
/// [`SyncError::Empty`], [`SyncError::TooManyLeaving`], [`SyncError::NobodyLeft`].
pub(crate) fn verdict(plan: &SyncPlan, limit: LeaverLimit) -> Result<(), SyncError> {
    somebody_is_there(plan, limit)?;
    few_enough_lose(plan, limit)?;
    somebody_keeps_it(plan, limit)
}

/// Whether the directory has anybody, where it had somebody before. Known once its NetIDs are read.
///
/// # Errors
/// [`SyncError::Empty`].
pub(crate) fn somebody_is_there(plan: &SyncPlan, limit: LeaverLimit) -> Result<(), SyncError> {
    let departing = plan.departing_count();
    if plan.read > 0 || departing == 0 || limit.is_everybody() {
        return Ok(());
    }
    Err(SyncError::Empty { people: as_u64(departing) })
}

/// Whether those who leave are few enough of the directory's people, and they and those who lose
/// tokens or a role few enough of all whom it concerns. A plan that is not complete yet loses no
/// more than the whole one: what is refused may stop there.
///
/// # Errors
/// [`SyncError::TooManyLeaving`].
pub(crate) fn few_enough_lose(plan: &SyncPlan, limit: LeaverLimit) -> Result<(), SyncError> {
    if limit.is_everybody() {
        return Ok(());
    }
    let leaving = plan.leavers.len();
    for (leaving, people) in
        [(leaving, plan.directory_people), (leaving + plan.losing, plan.people)]
    {
        let (leaving, limit) = (as_u64(leaving), limit.of(people));
        if leaving > limit {
            return Err(SyncError::TooManyLeaving { leaving, people, limit });
        }
    }
    Ok(())
}

/// Whether those whose NetID another person seems to have are too many to be believed, beside those
/// who lose something anyway: a directory may have been built anew, with other names.
pub(crate) fn are_too_many_others(plan: &SyncPlan, others: usize, limit: LeaverLimit) -> bool {
    let losing = as_u64(plan.leavers.len() + plan.losing + others);
    others > 0 && !limit.is_everybody() && losing > limit.of(plan.people)
}

/// Whether somebody is left in the groups that matter, where they decide. One who leaves is one who
/// leaves; several may be a part of the directory that may not be seen any longer.
fn somebody_keeps_it(plan: &SyncPlan, limit: LeaverLimit) -> Result<(), SyncError> {
    let leave_with_role =
        plan.leavers.iter().filter(|leaver| leaver.role > crate::Role::Staff).count();
    let leave_with_tokens = plan.leavers.iter().filter(|leaver| leaver.privileged).count();
    let vanishes = |of: &Entitlement, leaving: usize| {
        let several_leave = plan.says_groups && of.is_by_groups && leaving > 1;
        (of.is_lost || several_leave) && !of.is_given
    };
    if !limit.is_everybody()
        && (vanishes(&plan.roles, leave_with_role) || vanishes(&plan.tokens, leave_with_tokens))
    {
        return Err(SyncError::NobodyLeft);
    }
    Ok(())
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
