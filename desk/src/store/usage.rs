//! When tokens were used, as the store has it.

use surrealdb::types::SurrealValue;

use crate::moment::MAX_CLOCK_SKEW;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// Uses of one token to be added to what is written: the latest, and how many on its day and the
/// day before.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct UseRow {
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) address: String,
    pub(crate) day: i64,
    pub(crate) today: i64,
    pub(crate) yesterday: i64,
    /// One of them may have changed something.
    pub(crate) wrote: bool,
}

impl Store {
    /// Adds uses to what is written: one update a token, for each is a notification where other
    /// nodes listen. The last use goes back from no moment but one that cannot have been by then.
    /// `use_days` ends with the day `use_day`; where another node has begun a later day, what this
    /// one still had of the day before is left out; from a day further ahead, which a wrong clock
    /// has begun, it goes back to this use's.
    pub(crate) async fn write_uses(&self, uses: Vec<UseRow>) -> Result<(), StoreError> {
        let skew = MAX_CLOCK_SKEW * 1000;
        self.note(WRITE, vars! { "uses" => uses, "skew" => skew }).await
    }
}

const WRITE: &str = "FOR $use IN $uses {
    LET $row = type::record('token', $use.id);
    LET $old = (SELECT used_at, use_day ?? $use.day AS day, use_days ?? array::repeat(0, 30) AS \
    days FROM ONLY $row);
    IF $old IS NOT NONE {
        LET $ahead = math::min([30, $old.day - $use.day]);
        LET $was = IF $ahead >= 30 { array::repeat(0, 30) } ELSE IF $ahead > 1 {
            array::concat(array::repeat(0, $ahead), array::slice($old.days, 0, 30 - $ahead))
        } ELSE { $old.days };
        LET $day = IF $ahead > 1 { $use.day } ELSE { $old.day };
        LET $by = math::min([30, $use.day - $day]);
        LET $days = IF $by > 0 { array::concat(array::slice($was, $by), array::repeat(0, $by)) } \
        ELSE { $was };
        LET $later = $old.used_at IS NONE OR $old.used_at < $use.at OR $old.used_at > $use.at + \
        $skew;
        UPDATE $row SET
            used_address = IF $later { $use.address } ELSE { used_address },
            used_at = IF $later { $use.at } ELSE { used_at },
            methods_since = math::min([methods_since ?? $use.at, $use.at]),
            wrote = IF $use.wrote { true } ELSE { wrote },
            use_day = math::max([$use.day, $day]),
            use_days = IF $by < 0 { $days } ELSE {
                array::concat(array::slice($days, 0, 28), [$days[28] + $use.yesterday, $days[29] + \
                $use.today])
            };
    }
}";
