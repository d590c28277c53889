//! Rows of the audit by what is looked for, newest first, page by page. Along one index, in which
//! as much as can be stands before the row's id; what else is looked for is compared here, over
//! windows of the index, so that no page reads more than so many rows. Tests: below, in
//! `store/reading_tests.rs`, and `desk/tests/desk/audit.rs`.

use crate::store::chain::StoredAudit;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;
use crate::{Actor, Outcome, RecordedAction};

/// What is looked for among the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditFilter {
    pub(crate) subject: Option<String>,
    pub(crate) actor: Option<Actor>,
    /// Any of these; none: whatever was done.
    pub(crate) actions: Vec<RecordedAction>,
    pub(crate) outcome: Option<Outcome>,
    /// Only rows whose id is below this text; none: from the newest.
    pub(crate) below: Option<String>,
    /// Only rows whose id is this text or above; none: to the oldest.
    pub(crate) from: Option<String>,
}

/// How many rows are read for one page where not each of them fits: a filter that few rows fit must
/// not keep the store with the whole audit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// At once, at the most: at first as many as a page may need, then twice as many each time.
    window: usize,
    /// In all: when so many are read, the page is cut short.
    most: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { window: 1000, most: 3000 }
    }
}

/// The newest rows that fit, newest first.
#[derive(Debug, Default)]
pub(crate) struct AuditPart {
    pub(crate) rows: Vec<StoredAudit>,
    /// No row below this id was looked at: it was too many already. None: there is no end to what
    /// was looked at but the rows themselves.
    pub(crate) looked_down_to: Option<String>,
}

/// A part of an index that is walked: what stands in the columns before the row's id.
#[derive(Clone, Debug)]
struct Way {
    index: &'static str,
    columns: Vec<(&'static str, String)>,
}

/// Each of these with each of these values in its next column.
fn each(ways: &[Way], column: &'static str, values: &[String]) -> Vec<Way> {
    let with = |way: &Way, value: &String| {
        let mut way = way.clone();
        way.columns.push((column, value.clone()));
        way
    };
    ways.iter().flat_map(|way| values.iter().map(move |value| with(way, value))).collect()
}

impl AuditFilter {
    /// Along what the rows are read that may fit: along one index, one part of it for each action
    /// and outcome. One after the other: by several at once the index would not be in order.
    fn ways(&self) -> Vec<Way> {
        let whose = match (&self.subject, &self.actor) {
            (Some(subject), _) => Some(("subject", subject.clone())),
            (None, Some(actor)) => Some(("actor", actor.code())),
            (None, None) => None,
        };
        let index = match (&whose, self.actions.is_empty()) {
            (Some(("subject", _)), true) => "audit_subject",
            (Some(("subject", _)), false) => "audit_subject_action",
            (Some(_), true) => "audit_actor",
            (Some(_), false) => "audit_actor_action",
            (None, true) => "audit_outcome",
            (None, false) => "audit_action_outcome",
        };
        let has_outcome = whose.is_none() || !self.actions.is_empty();
        let mut ways = vec![Way { index, columns: whose.into_iter().collect() }];
        if !self.actions.is_empty() {
            let codes = self.actions.iter().map(|action| action.code().to_owned());
            ways = each(&ways, "action", &codes.collect::<Vec<_>>());
        }
        if has_outcome {
            let is_wanted = |one: &Outcome| self.outcome.is_none_or(|outcome| outcome == *one);
            let codes = Outcome::ALL.into_iter().filter(is_wanted).map(|one| one.code().to_owned());
            ways = each(&ways, "outcome", &codes.collect::<Vec<_>>());
        }
        ways
    }

    /// Whether each row on its way fits, down to `from`.
    fn is_all_on_its_way(&self) -> bool {
        let (subject, actor) = (self.subject.is_some(), self.actor.is_some());
        let is_outcome_on_it = !self.actions.is_empty() || !subject && !actor;
        !(subject && actor) && (self.outcome.is_none() || is_outcome_on_it)
    }

    fn fits(&self, row: &StoredAudit) -> bool {
        self.subject.as_ref().is_none_or(|subject| row.subject == *subject)
            && self.actor.as_ref().is_none_or(|actor| row.actor == actor.code())
            && self.outcome.is_none_or(|outcome| row.outcome == outcome.code())
            && (self.actions.is_empty()
                || self.actions.iter().any(|action| row.action == action.code()))
            && !self.is_past(row)
    }

    fn is_past(&self, row: &StoredAudit) -> bool {
        self.from.as_ref().is_some_and(|from| row.uuid < *from)
    }
}

impl Store {
    /// The newest rows that fit, newest first, at most `limit`; fewer, although there are more,
    /// where the budget is spent.
    pub(crate) async fn audit_page(
        &self,
        filter: &AuditFilter,
        limit: usize,
        budget: Budget,
    ) -> Result<AuditPart, StoreError> {
        let ways = filter.ways();
        let most = (budget.most / ways.len().max(1)).max(1);
        let each = Budget { window: budget.window.min(most), most };
        let mut part = AuditPart::default();
        for way in &ways {
            let AuditPart { rows, looked_down_to } =
                self.audit_along(way, filter, limit, each).await?;
            part.rows.extend(rows);
            part.looked_down_to = part.looked_down_to.max(looked_down_to);
        }
        part.rows.sort_unstable_by(|one, other| other.uuid.cmp(&one.uuid));
        // Below that another way may have some that it did not come to.
        if let Some(down_to) = &part.looked_down_to {
            part.rows.retain(|row| row.uuid >= *down_to);
        }
        part.rows.truncate(limit);
        Ok(part)
    }

    async fn audit_along(
        &self,
        way: &Way,
        filter: &AuditFilter,
        limit: usize,
        budget: Budget,
    ) -> Result<AuditPart, StoreError> {
        let all_fit = filter.is_all_on_its_way();
        let mut window =
            if all_fit { limit } else { limit.saturating_mul(2).clamp(1, budget.window) };
        // "g" is above every hex digit.
        let mut below = filter.below.clone().unwrap_or_else(|| "g".to_owned());
        let (mut part, mut read) = (AuditPart::default(), 0);
        loop {
            let rows = self.audit_window(way, &below, window).await?;
            read += rows.len();
            let last = rows.last().filter(|last| rows.len() == window && !filter.is_past(last));
            let last = last.map(|last| last.uuid.clone());
            part.rows.extend(rows.into_iter().filter(|row| filter.fits(row)));
            match last {
                Some(last) if part.rows.len() < limit => {
                    below = last;
                    window = window.max(window.saturating_mul(2).min(budget.window));
                }
                _ => return Ok(part),
            }
            if read >= budget.most {
                part.looked_down_to = Some(below);
                return Ok(part);
            }
        }
    }

    /// The next rows along an index, from below this id.
    async fn audit_window(
        &self,
        way: &Way,
        below: &str,
        window: usize,
    ) -> Result<Vec<StoredAudit>, StoreError> {
        // The index by its name: of two that begin alike the store might walk the other, and sort.
        // One bound, so that it is walked from there.
        let mut sql = format!("SELECT * FROM audit WITH INDEX {} WHERE uuid < $below", way.index);
        let mut values = vars! {
            "below" => below.to_owned(), "window" => i64::try_from(window).unwrap_or(i64::MAX),
        };
        for (column, value) in &way.columns {
            sql.push_str(&format!(" AND {column} = ${column}"));
            values.insert(*column, value.clone());
        }
        sql.push_str(" ORDER BY uuid DESC LIMIT $window");
        self.rows(&sql, values).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::desk::Desk;
    use crate::engine::desk_for_tests::{demo_desk, secret};
    use crate::engine::origin::Origin;

    /// Page after page with a budget of so many rows; and how many of the pages were cut short.
    async fn read_within(
        desk: &Desk,
        filter: &AuditFilter,
        budget: Budget,
    ) -> (Vec<String>, usize) {
        let (mut filter, mut ids, mut cut) = (filter.clone(), Vec::new(), 0);
        for _ in 0..1000 {
            let part = desk.inner.store.audit_page(&filter, 3, budget).await.expect("a page");
            ids.extend(part.rows.iter().map(|row| row.uuid.clone()));
            let full = part.rows.last().filter(|_| part.rows.len() == 3);
            cut += usize::from(full.is_none() && part.looked_down_to.is_some());
            match full.map(|last| last.uuid.clone()).or(part.looked_down_to) {
                Some(below) => filter.below = Some(below),
                None => return (ids, cut),
            }
        }
        panic!("it goes on for ever");
    }

    #[tokio::test]
    async fn a_page_reads_no_more_than_its_budget_and_the_next_one_goes_on() {
        let (desk, _) = demo_desk().await;
        // Whoever is refused again within a minute has no row of its own.
        let mut guessed_at = ["sam", "tia", "rae", "helen", "ada"].into_iter();
        for n in 0..40 {
            let guessed = if n % 8 == 0 { guessed_at.next() } else { None };
            let (netid, password) =
                guessed.map_or(("sam", "sam-netid-password"), |netid| (netid, "wrong"));
            let _ = desk.log_in(netid, &secret(password), &Origin::console()).await;
            // Its row among the others, and not with those that follow.
            desk.inner.unwaited.settled().await;
        }
        let action = |code: &str| RecordedAction::from(code.to_owned());
        let all = AuditFilter::default();
        let refused = AuditFilter { outcome: Some(Outcome::Refused), ..all.clone() };
        // Not by one index: among what happened to somebody, what was refused.
        let refused_to_sam = AuditFilter { subject: Some("sam".to_owned()), ..refused.clone() };
        let of_sam = AuditFilter {
            subject: Some("sam".to_owned()),
            actions: vec![action("log-in"), action("user.create")],
            ..all.clone()
        };
        let of_two = AuditFilter {
            actions: vec![action("user.create"), action("log-in")],
            outcome: Some(Outcome::Refused),
            ..all.clone()
        };
        let (whole, _) = read_within(&desk, &all, Budget::default()).await;
        let old = AuditFilter { from: whole.get(30).cloned(), ..refused.clone() };
        let never = AuditFilter { from: Some("f".to_owned()), ..refused.clone() };
        for (filter, many, is_cut) in [
            (&refused, 5, false),
            (&of_sam, 1, false),
            (&of_two, 5, false),
            (&refused_to_sam, 1, true),
            (&old, 1, false),
            (&never, 0, false),
        ] {
            let (unbounded, cut) =
                read_within(&desk, filter, Budget { window: 500, most: 5000 }).await;
            assert!(unbounded.len() >= many && cut == 0, "{filter:?}: {unbounded:?}");
            let (bounded, cut) = read_within(&desk, filter, Budget { window: 4, most: 8 }).await;
            assert_eq!(bounded, unbounded, "{filter:?}");
            assert_eq!(cut > 0, is_cut, "{filter:?}");
        }
        let (bounded, cut) = read_within(&desk, &all, Budget { window: 1, most: 1 }).await;
        assert_eq!((bounded, cut), (whole, 0), "where each row fits no more are read anyway");
    }
}
