//! What people have chosen of their notices, and the private addresses of their calendars. Tests:
//! `desk/tests/desk/notices/own.rs`.

use surrealdb::types::SurrealValue;

use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;
use crate::{Moment, NetId};

/// What a person has chosen.
#[derive(Clone, Debug, Default, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct ChoiceRow {
    /// The kinds that they do not want.
    pub(crate) off: Vec<String>,
    /// When they last switched off what is told for some days more.
    pub(crate) muted_at: Option<i64>,
    /// The key of their calendar's address.
    pub(crate) calendar: Option<String>,
    /// When they made it.
    pub(crate) calendar_made: Option<i64>,
}

/// Whose calendar an address leads to.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct CalendarRow {
    pub(crate) netid: String,
    pub(crate) made: i64,
}

impl Store {
    /// What a person has chosen; who has not, wants everything.
    pub(crate) async fn notice_choice(&self, netid: &NetId) -> Result<ChoiceRow, StoreError> {
        let sql = "SELECT off, muted_at, calendar, calendar_made FROM \
            type::record('notice_choice', $netid)";
        let row = self.row(sql, vars! { "netid" => netid.as_str().to_owned() }).await?;
        Ok(row.unwrap_or_default())
    }

    /// Whose calendar the address with this key leads to.
    pub(crate) async fn calendar(&self, id: &str) -> Result<Option<CalendarRow>, StoreError> {
        let sql = "SELECT netid, made FROM type::record('calendar', $id)";
        self.row(sql, vars! { "id" => id.to_owned() }).await
    }
}

/// Sets which kinds a person does not want, and when they switched off what is told on.
pub(crate) fn choose(netid: &NetId, off: Vec<String>, muted_at: Option<Moment>) -> Change {
    let values = vars! {
        "netid" => netid.as_str().to_owned(), "off" => off,
        "muted_at" => muted_at.map(|at| at.0),
    };
    Change::new(
        "UPSERT type::record('notice_choice', $netid) SET off = $off, muted_at = $muted_at \
         RETURN NONE",
        values,
    )
}

/// Gives a person's calendar an address, in the place of the one that it had.
pub(crate) fn set_calendar(netid: &NetId, id: String, now: Moment) -> Change {
    let values = vars! { "netid" => netid.as_str().to_owned(), "id" => id, "now" => now.0 };
    end_calendar(netid).and(
        "CREATE type::record('calendar', $id) CONTENT { netid: $netid, made: $now } RETURN NONE;
         UPSERT type::record('notice_choice', $netid) SET off = off ?? [], calendar = $id, \
         calendar_made = $now RETURN NONE",
        values,
    )
}

/// Ends the address of a person's calendar, where there is one.
pub(crate) fn end_calendar(netid: &NetId) -> Change {
    Change::new(
        "LET $choice = type::record('notice_choice', $netid);
         LET $old = (SELECT VALUE calendar FROM ONLY $choice);
         IF $old IS NOT NONE {
            DELETE type::record('calendar', $old) RETURN NONE;
            UPDATE $choice SET calendar = NONE, calendar_made = NONE RETURN NONE
         }",
        vars! { "netid" => netid.as_str().to_owned() },
    )
}
