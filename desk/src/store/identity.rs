//! Who people are, by the names that others give them for good; when they last logged in; and how
//! many an identity system has taken away. Tests:
//! `desk/tests/desk/directory/{binding,bring_back,leavers,presence}.rs`.

use surrealdb::types::SurrealValue;

use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::{User, UserRecord};
use crate::store::vars::vars;
use crate::{Moment, NetId, ProviderSubject, Source};

/// People read at once where everybody is looked at.
const PAGE: i64 = 1000;

/// Notes that somebody has logged in, and by which names; the first that a provider gives them is
/// bound to them, in this same transaction: of two that come at one moment one is another person.
pub(crate) fn note_login(
    netid: &NetId,
    called: Option<&ProviderSubject>,
    directory_id: Option<&str>,
    now: Moment,
) -> Change {
    Change::new(
        "LET $person = type::record('user', $netid);
         LET $bound = (SELECT oidc_issuer, oidc_subject FROM ONLY $person);
         IF $subject IS NOT NONE AND $bound.oidc_subject IS NOT NONE
            AND ($bound.oidc_subject != $subject OR $bound.oidc_issuer != $issuer) { THROW 'moved' \
            };
         UPDATE $person SET last_log_in = $now, oidc_issuer = $issuer ?? oidc_issuer, oidc_subject \
         = $subject ?? oidc_subject,
            directory_id = $directory_id ?? directory_id RETURN NONE",
        vars! {
            "netid" => netid.as_str().to_owned(), "now" => now.0,
            "issuer" => called.map(|called| called.issuer.clone()),
            "subject" => called.map(|called| called.subject.clone()),
            "directory_id" => directory_id.map(str::to_owned),
        },
    )
}

/// Lets the campus log-in take over an account: by this identity of a provider alone, or by
/// whichever comes first.
pub(crate) fn link(netid: &NetId, called: Option<&ProviderSubject>) -> Change {
    Change::new(
        "UPDATE type::record('user', $netid) SET linked = true, oidc_issuer = $issuer, \
            oidc_subject = $subject RETURN NONE",
        vars! {
            "netid" => netid.as_str().to_owned(),
            "issuer" => called.map(|called| called.issuer.clone()),
            "subject" => called.map(|called| called.subject.clone()),
        },
    )
}

/// Ends a NetID password of the desk's own, and with it the browsers that were known by it.
pub(crate) fn end_netid_password(netid: &NetId) -> Change {
    Change::new(
        "UPDATE type::record('user', $netid) SET netid_hash = NONE, device_epoch = (device_epoch \
            ?? 0) + 1 RETURN NONE",
        vars! { "netid" => netid.as_str().to_owned() },
    )
}

/// Forgets by which identity somebody comes, and that the campus log-in may take their account
/// over.
pub(crate) fn unlink(netid: &NetId) -> Change {
    Change::new(
        "UPDATE type::record('user', $netid) SET linked = NONE, oidc_issuer = NONE, oidc_subject = \
            NONE, directory_id = NONE
            RETURN NONE",
        vars! { "netid" => netid.as_str().to_owned() },
    )
}

/// The condition that an identity system takes away no more than `limit` people in the window that
/// began with the first of them, these and so many `still` to come among them, who are not counted
/// yet. Whoever was counted in that window is not counted again. It counts in one record, so that
/// every node counts the same, and a restart does not begin anew.
pub(crate) fn count_leavers(
    leavers: &[NetId],
    still: u64,
    limit: u64,
    now: Moment,
    window: i64,
) -> Change {
    let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
    let netids: Vec<String> = leavers.iter().map(NetId::to_string).collect();
    Change::new(
        "LET $before = (SELECT since, count FROM ONLY meta:scim_leavers);
         LET $same = $before.since IS NOT NONE AND math::abs($now - $before.since) < $window;
         LET $begun = IF $same { $before.since } ELSE { $now };
         LET $counted = (SELECT VALUE id FROM $netids.map(|$netid| type::record('meta', \
         ['scim_leaver', $netid])) WHERE since = $begun);
         LET $many = array::len($netids) - array::len($counted);
         LET $count = IF $same { $before.count + $many } ELSE { $many };
         IF $many + $still > 0 AND $still > $limit - $count { THROW 'too-many-leavers' };
         UPSERT meta:scim_leavers SET since = $begun, count = $count RETURN NONE;
         FOR $netid IN $netids {
            UPSERT type::record('meta', ['scim_leaver', $netid]) SET since = $begun RETURN NONE
         }",
        vars! {
            "now" => now.0, "window" => window, "limit" => number(limit), "netids" => netids,
            "still" => number(still),
        },
    )
}

/// Lets somebody no longer count as one whom an identity system has taken away: they are back.
pub(crate) fn uncount_leaver(netid: &NetId) -> Change {
    Change::new(
        "LET $leaver = type::record('meta', ['scim_leaver', $netid]);
         LET $counted = (SELECT since FROM ONLY $leaver);
         LET $before = (SELECT since, count FROM ONLY meta:scim_leavers);
         IF $counted.since IS NOT NONE {
            IF $counted.since = $before.since AND $before.count > 0 {
                UPDATE meta:scim_leavers SET count = $before.count - 1 RETURN NONE
            };
            DELETE $leaver
         }",
        vars! { "netid" => netid.as_str().to_owned() },
    )
}

/// The condition that nobody else who is there is called so by an identity system. It writes one
/// record, so that of two who are called alike at one moment one is tried again and finds the
/// other.
pub(crate) fn only_one_called(netid: &NetId, external_id: &str) -> Change {
    Change::new(
        "UPSERT meta:external_ids SET changes = (changes ?? 0) + 1 RETURN NONE;
         LET $others = (SELECT VALUE id FROM user WITH INDEX user_external_id
            WHERE external_id = $external_id AND id != type::record('user', $netid) AND disabled = \
            false AND source != $deleted LIMIT 1);
         IF array::len($others) > 0 { THROW 'called-so' }",
        vars! {
            "netid" => netid.as_str().to_owned(), "external_id" => external_id.to_owned(),
            "deleted" => Source::None.code().to_owned(),
        },
    )
}

/// Undoes that `source` no longer had somebody: enabled, and the source's again. What they lost by
/// it besides, role and local password, is not remembered.
pub(crate) fn bring_back(netid: &NetId, source: Source) -> Change {
    Change::new(
        "LET $back = (UPDATE type::record('user', $netid) SET disabled = false, departed_at = \
            NONE, departed_by = NONE,
            source = IF source = $deleted { $source } ELSE { source }, oidc_issuer = oidc_issuer \
            ?? former_issuer,
            oidc_subject = oidc_subject ?? former_subject, directory_id = directory_id ?? \
            former_directory_id,
            last_log_in = NONE, rev = (rev ?? 0) + 1
            WHERE departed_at IS NOT NONE AND departed_by = [$source]);
         IF array::len($back) = 0 { THROW 'stale' }",
        vars! {
            "netid" => netid.as_str().to_owned(), "source" => source.code().to_owned(),
            "deleted" => Source::None.code().to_owned(),
        },
    )
}

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Since {
    since: i64,
}

impl Store {
    /// From when on log-ins are written down.
    pub(crate) async fn log_ins_since(&self) -> Result<Moment, StoreError> {
        let row: Option<Since> = self.row("SELECT since FROM meta:log_ins", vars! {}).await?;
        Ok(Moment(row.map_or(0, |row| row.since)))
    }

    /// When the window of leavers began.
    pub(crate) async fn leavers_since(&self) -> Result<Option<Moment>, StoreError> {
        let row: Option<Since> = self.row("SELECT since FROM meta:scim_leavers", vars! {}).await?;
        Ok(row.map(|row| Moment(row.since)))
    }

    /// Those of these people who are counted as leavers in the window that began then.
    pub(crate) async fn counted_leavers(
        &self,
        netids: &[NetId],
        since: Moment,
    ) -> Result<Vec<String>, StoreError> {
        let netids: Vec<String> = netids.iter().map(NetId::to_string).collect();
        let sql = "SELECT VALUE record::id(id)[1] FROM $netids.map(|$netid| type::record('meta', \
            ['scim_leaver', $netid])) WHERE since = $since";
        self.rows(sql, vars! { "netids" => netids, "since" => since.0 }).await
    }

    /// Some of those whom `source` alone has disabled at `since` or later, after `after` (empty:
    /// from the first), and after whom the next page begins; none: this was the last.
    pub(crate) async fn departed_since(
        &self,
        after: &str,
        source: Source,
        since: Moment,
    ) -> Result<(Vec<User>, Option<String>), StoreError> {
        // A range of record ids: each page costs the same. No NetID begins before a hyphen.
        let after = if after.is_empty() { "-" } else { after };
        let rows: Vec<UserRecord> = self
            .rows(
                "SELECT * FROM type::record('user', $after>..) LIMIT $limit",
                vars! { "after" => after.to_owned(), "limit" => PAGE },
            )
            .await?;
        let next = rows.last().map(|row| crate::store::rows::key(&row.id));
        let mut gone = Vec::new();
        for row in rows {
            let user = User::try_from(row)?;
            if user.is_gone_since(source, since) {
                gone.push(user);
            }
        }
        Ok((gone, next))
    }
}
