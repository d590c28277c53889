//! Notices that wait to be sent, and those that were: each is there once, by its key. Who makes
//! them: [`crate::engine::notices`]. Tests: `store/reading_tests.rs`, `desk/tests/desk/notices/`.

use surrealdb::types::{RecordId, SurrealValue};

use crate::Moment;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{TokenRecord, key};
use crate::store::users::after_prefix;
use crate::store::vars::vars;

/// How many notices are counted: of more it is enough to know that they are so many.
const MAX_COUNTED: i64 = 10_000;

/// What becomes of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeState {
    Sent,
    /// Nobody is to be told of it any more.
    Dropped,
    /// There is no address to send it to.
    Undeliverable,
    GivenUp,
}

impl NoticeState {
    const fn code(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Dropped => "dropped",
            Self::Undeliverable => "undeliverable",
            Self::GivenUp => "given-up",
        }
    }
}

/// A notice as it is written.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct NoticeRow {
    pub(crate) channel: String,
    pub(crate) kind: String,
    pub(crate) netid: String,
    pub(crate) at: i64,
    pub(crate) made: i64,
    pub(crate) made_on: i64,
    pub(crate) state: String,
    pub(crate) due: i64,
    pub(crate) tries: i64,
    pub(crate) token_id: Option<String>,
    pub(crate) actor: String,
    pub(crate) address: String,
    pub(crate) network: String,
    pub(crate) detail: String,
    pub(crate) quoted: String,
    pub(crate) about: String,
    /// The key of the one that gathers it; of one that comes by itself to an administrator, the
    /// hour in which it counts.
    pub(crate) summary: Option<String>,
    pub(crate) gathers: bool,
}

/// A notice that may be written, and those that tell of it with others where there are too many.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct NewNotice {
    pub(crate) id: String,
    pub(crate) row: NoticeRow,
    /// The key of the one that gathers others like it, and when that is due.
    pub(crate) summary: String,
    pub(crate) summary_due: i64,
    /// The key of the one that gathers whatever is too much in its hour, and whether this one may
    /// wait for that.
    pub(crate) whole: String,
    pub(crate) may_wait: bool,
}

/// How many mails there are at most; what is more is gathered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaxMails {
    /// Of one kind (and about one person, to administrators) to a person of a day.
    pub(crate) of_kind: i64,
    /// To an administrator in an hour.
    pub(crate) of_hour: i64,
}

/// A notice that was taken up to be sent.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct ClaimedNotice {
    id: RecordId,
    pub(crate) kind: String,
    pub(crate) netid: String,
    pub(crate) at: i64,
    pub(crate) tries: i64,
    pub(crate) token_id: Option<String>,
    pub(crate) actor: String,
    pub(crate) address: String,
    pub(crate) network: String,
    pub(crate) detail: String,
    /// Both are none where an earlier program wrote it.
    pub(crate) quoted: Option<String>,
    pub(crate) about: Option<String>,
    pub(crate) gathers: bool,
}

impl ClaimedNotice {
    pub(crate) fn key(&self) -> String {
        key(&self.id)
    }
}

#[derive(Debug, Default, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Claimed {
    rows: Vec<ClaimedNotice>,
}

/// How many notices there are in which state.
#[derive(Clone, Copy, Debug, Default, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct NoticeCounts {
    pub(crate) waiting: i64,
    /// When the oldest of those was made.
    pub(crate) oldest: Option<i64>,
    pub(crate) given_up: i64,
}

/// When a notice is taken up again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claiming {
    pub(crate) now: Moment,
    /// When another may take it up, where this one is not heard of again.
    pub(crate) lease: Moment,
    /// What is due only after that was written by a clock that was wrong.
    pub(crate) ahead: Moment,
}

/// Each is there once. Of one kind a person has so many mails of a day, as an administrator of each
/// kind and person that they are about; what is more is gathered in one of the hour. And so many
/// has an administrator in an hour, those that gather among them: what may wait is gathered then in
/// one that tells of all of it.
const ADD: &str = "FOR $new IN $all {
    LET $record = type::record('notice', $new.id);
    IF !record::exists($record) {
        LET $netid = $new.row.netid;
        LET $channel = $new.row.channel;
        LET $kind = $new.row.kind;
        LET $day = $new.row.made_on;
        LET $about = $new.row.about;
        LET $hour = $new.row.summary ?? '';
        LET $same = (SELECT VALUE id FROM notice WITH INDEX notice_of_day WHERE netid = $netid AND \
        channel = $channel AND kind = $kind AND about = $about AND made_on = $day LIMIT $most);
        LET $in_hour = (SELECT VALUE id FROM notice WITH INDEX notice_summary WHERE summary = \
        $hour LIMIT $most_of_hour);
        LET $is_full = $new.may_wait AND array::len($in_hour) >= $most_of_hour;
        LET $gatherer = type::record('notice', $new.summary);
        CREATE $record CONTENT $new.row RETURN NONE;
        IF $channel = 'mail' AND array::len($same) >= $most AND (!$is_full OR \
        record::exists($gatherer)) {
            UPDATE $record SET state = 'gathered', summary = $new.summary RETURN NONE;
            IF !record::exists($gatherer) {
                CREATE $gatherer CONTENT $new.row RETURN NONE;
                UPDATE $gatherer SET gathers = true, due = $new.summary_due, token_id = NONE, \
                quoted = '' RETURN NONE
            }
        } ELSE IF $is_full {
            UPDATE $record SET state = 'gathered', summary = $new.whole RETURN NONE;
            LET $whole = type::record('notice', $new.whole);
            IF !record::exists($whole) {
                CREATE $whole CONTENT $new.row RETURN NONE;
                UPDATE $whole SET gathers = true, due = $new.summary_due, token_id = NONE, \
                summary = NONE, about = '', actor = '', address = '', network = '', detail = '', \
                quoted = '' RETURN NONE
            }
        }
    }
}";

/// One statement is one transaction: of two nodes that take up at one moment one is tried anew.
const CLAIM: &str = "RETURN {
    LET $due = (SELECT VALUE id FROM notice WITH INDEX notice_due WHERE channel = $channel AND \
    state = 'waiting' AND due <= $now LIMIT $limit);
    LET $wrong = (SELECT VALUE id FROM notice WITH INDEX notice_due WHERE channel = $channel AND \
    state = 'waiting' AND due > $ahead LIMIT $limit);
    LET $all = array::concat($due, $wrong);
    LET $rows = (UPDATE $all SET due = $lease RETURN AFTER);
    RETURN { rows: $rows }
}";

impl Store {
    /// Adds notices, as far as they are not there.
    pub(crate) async fn add_notices(
        &self,
        all: Vec<NewNotice>,
        most: MaxMails,
    ) -> Result<(), StoreError> {
        let values = vars! {
            "all" => all, "most" => most.of_kind, "most_of_hour" => most.of_hour,
        };
        self.note(ADD, values).await
    }

    /// Takes up some that are due.
    pub(crate) async fn claim_notices(
        &self,
        channel: &str,
        limit: usize,
        claiming: Claiming,
    ) -> Result<Vec<ClaimedNotice>, StoreError> {
        let values = vars! {
            "channel" => channel.to_owned(), "now" => claiming.now.0,
            "lease" => claiming.lease.0, "ahead" => claiming.ahead.0,
            "limit" => i64::try_from(limit).unwrap_or(i64::MAX),
        };
        Ok(self.note_and_read::<Claimed>(CLAIM, values).await?.unwrap_or_default().rows)
    }

    /// How many there are that a notice gathers.
    pub(crate) async fn gathered_notices(&self, summary: &str) -> Result<i64, StoreError> {
        let sql = "RETURN array::len((SELECT VALUE id FROM notice WITH INDEX notice_summary WHERE \
            summary = $summary LIMIT $most))";
        let values = vars! { "summary" => summary.to_owned(), "most" => MAX_COUNTED };
        Ok(self.row(sql, values).await?.unwrap_or(0))
    }

    /// Notes what became of one that waits, and why.
    pub(crate) async fn end_notice(
        &self,
        id: &str,
        state: NoticeState,
        why: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE type::record('notice', $id) SET state = $state, why = $why \
            WHERE state = 'waiting' RETURN NONE";
        let values = vars! {
            "id" => id.to_owned(), "state" => state.code().to_owned(),
            "why" => why.map(str::to_owned),
        };
        self.note(sql, values).await
    }

    /// Notes that it was tried in vain, and when it may be tried again; not where another node has
    /// noted that since it was taken up, after so many tries.
    pub(crate) async fn put_off_notice(
        &self,
        id: &str,
        tries: u32,
        due: Moment,
        why: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE type::record('notice', $id) SET tries = tries + 1, due = $due, \
            why = $why WHERE state = 'waiting' AND tries = $tries RETURN NONE";
        let values = vars! {
            "id" => id.to_owned(), "tries" => i64::from(tries), "due" => due.0,
            "why" => why.to_owned(),
        };
        self.note(sql, values).await
    }

    /// Takes one out as if it had never been made: its time has not come.
    pub(crate) async fn forget_notice(&self, id: &str) -> Result<(), StoreError> {
        self.note("DELETE type::record('notice', $id)", vars! { "id" => id.to_owned() }).await
    }

    /// Takes out some that wait for a channel that is off; answers whether there may be more.
    pub(crate) async fn forget_waiting_notices(&self, channel: &str) -> Result<bool, StoreError> {
        const BATCH: i64 = 500;
        let sql = "RETURN { LET $gone = (SELECT VALUE id FROM notice WITH INDEX notice_due WHERE \
            channel = $channel AND state = 'waiting' LIMIT $batch); DELETE $gone RETURN NONE; \
            RETURN array::len($gone) }";
        let values = vars! { "channel" => channel.to_owned(), "batch" => BATCH };
        Ok(self.note_and_read::<i64>(sql, values).await? == Some(BATCH))
    }

    /// How many wait, since when, and how many were given up.
    pub(crate) async fn notice_counts(&self) -> Result<NoticeCounts, StoreError> {
        let sql = "RETURN {
            waiting: array::len((SELECT VALUE id FROM notice WITH INDEX notice_state WHERE state = \
            'waiting' LIMIT $most)),
            oldest: (SELECT VALUE made FROM notice WITH INDEX notice_state WHERE state = 'waiting' \
            ORDER BY made LIMIT 1)[0],
            given_up: array::len((SELECT VALUE id FROM notice WITH INDEX notice_state WHERE state \
            = 'given-up' LIMIT $most))
        }";
        Ok(self.row(sql, vars! { "most" => MAX_COUNTED }).await?.unwrap_or_default())
    }

    /// Up to when tokens were looked through for those that end soon; none: never.
    pub(crate) async fn notices_scanned(&self) -> Result<Option<Moment>, StoreError> {
        let at: Option<i64> = self.row("SELECT VALUE at FROM meta:notices", vars! {}).await?;
        Ok(at.map(Moment))
    }

    pub(crate) async fn note_notices_scanned(&self, at: Moment) -> Result<(), StoreError> {
        self.note("UPSERT meta:notices SET at = $at RETURN NONE", vars! { "at" => at.0 }).await
    }

    /// Of which day old strings were last looked for, and at which threshold; none: of none.
    pub(crate) async fn old_strings_looked_for(&self) -> Result<Option<String>, StoreError> {
        self.row("SELECT VALUE looked FROM meta:notices_old_strings", vars! {}).await
    }

    pub(crate) async fn note_old_strings_looked_for(&self, what: &str) -> Result<(), StoreError> {
        let sql = "UPSERT meta:notices_old_strings SET looked = $looked RETURN NONE";
        self.note(sql, vars! { "looked" => what.to_owned() }).await
    }

    /// The token whose id begins so.
    pub(crate) async fn token_beginning(
        &self,
        start: &str,
    ) -> Result<Option<TokenRecord>, StoreError> {
        // A range of record ids.
        let sql = "SELECT * FROM type::record('token', $from..$below) LIMIT 1";
        let values = vars! { "from" => start.to_owned(), "below" => after_prefix(start) };
        self.row(sql, values).await
    }

    /// The NetIDs of enabled administrators; of very many, some.
    pub(crate) async fn some_administrators(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT VALUE record::id(id) FROM user WITH INDEX user_role WHERE role = \
            'admin' AND disabled = false LIMIT $limit";
        self.rows(sql, vars! { "limit" => i64::from(limit) }).await
    }
}
