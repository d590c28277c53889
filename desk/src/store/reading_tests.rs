//! No question of ours reads a table from end to end, or more rows than it has to: on a campus, all
//! that pages, doors and what runs by itself ask is noted, and the store is asked how it answers
//! each of that. Rows are counted, and not time.

mod statements;

use std::collections::BTreeSet;

use statements::{closures, selects, variables, writes};
use surrealdb::types::Value;

use crate::engine::campus::plan::Campus;
use crate::engine::desk::Desk;
use crate::engine::doors::source;
use crate::engine::identity::scim::PushedBy;
use crate::engine::lock::lock;
use crate::engine::settings::Settings;
use crate::store::change::AuditEntry;
use crate::store::cleanup::Over;
use crate::store::handle::Store;
use crate::store::notices::Claiming;
use crate::store::token_list::EndsPlace;
use crate::store::{provision, sessions};
use crate::{AuditQuery, NetId, PlainToken, SessionId, Source, TokenFilter, TokenQuery, right};

/// So many people, with some two thousand tokens, and rows of the audit: whatever reads all of
/// something reads more than it may.
const PEOPLE: u32 = 400;
const AUDIT_ROWS: u32 = 1400;

/// Tables that are small at any size of the campus.
const SMALL: [&str; 4] = ["client", "chain", "chain_mark", "chain_start"];

/// What was asked, and how many rows each of it may read.
struct Tour {
    desk: Desk,
    wrong: Vec<String>,
    looked_at: usize,
}

impl Tour {
    async fn begin() -> Self {
        let settings =
            Settings { demo: true, hash_memory_kib: 64, hash_passes: 1, ..Settings::default() };
        let desk = Desk::open(settings).await.expect("a desk");
        let campus = Campus { people: PEOPLE, audit_rows: AUDIT_ROWS, seed: 1, now: desk.now() };
        desk.console().load_campus(&campus, |_| ()).await.expect("a campus");
        Self { desk, wrong: Vec::new(), looked_at: 0 }
    }

    fn store(&self) -> &Store {
        &self.desk.inner.store
    }

    /// Notes what is asked from now on.
    fn listen(&self) {
        *lock(&self.store().queries) = Some(Vec::new());
    }

    /// Looks at how what was asked since is answered: none of it by more than `most` rows.
    async fn look(&mut self, what: &str, most: u64) {
        let queries = lock(&self.store().queries).take().unwrap_or_default();
        assert!(!queries.is_empty(), "{what}: nothing is asked");
        for (sql, mut vars) in queries {
            for (all, each) in closures(&sql) {
                if let Some(Value::Array(all)) = vars.get(&all)
                    && let Some(first) = all.first().cloned()
                {
                    vars.insert(each, first);
                }
            }
            let bound: BTreeSet<String> = vars.clone().into_iter().map(|(name, _)| name).collect();
            for select in selects(&sql) {
                // What an earlier statement of its own found is not here any more.
                if !variables(&select).all(|name| bound.contains(name)) {
                    continue;
                }
                let explain = format!("EXPLAIN ANALYZE {select}");
                let plan = self.store().ask(&explain, vars.clone()).await.expect("asked");
                let plan = plan.check().and_then(|mut plan| plan.take::<Option<String>>(0));
                let plan = match plan {
                    Ok(plan) => plan.unwrap_or_default(),
                    Err(error) => format!("TableScan? {error}"),
                };
                self.looked_at += 1;
                if let Some(fault) = fault(&plan, most) {
                    self.wrong.push(format!("{what}: {fault}\n{select}\n{plan}"));
                }
            }
            for write in writes(&sql) {
                if !variables(&write).all(|name| bound.contains(name)) {
                    continue;
                }
                let explain = format!("{write} EXPLAIN");
                let plan = self.store().ask(&explain, vars.clone()).await.expect("asked");
                let plan = plan.check().and_then(|mut plan| plan.take::<Vec<Value>>(0));
                self.looked_at += 1;
                let plan = format!("{plan:?}");
                if !plan.contains("Iterate Index") {
                    self.wrong.push(format!("{what}: a whole table\n{write}\n{plan}"));
                }
                // Somebody may have made and ended as many as they liked.
                if write.starts_with("UPDATE token ") && !plan.contains("ranges") {
                    self.wrong.push(format!("{what}: what has ended too\n{write}\n{plan}"));
                }
            }
        }
    }
}

/// What is wrong with a plan: each line of it is a step, with how many rows came out of it.
fn fault(plan: &str, most: u64) -> Option<String> {
    for line in plan.lines() {
        let is_small = SMALL.iter().any(|table| line.contains(&format!("[table: {table},")));
        // The first few of a table, whichever they are.
        let is_few = line.contains(", limit: ") && !line.contains("predicate: ");
        if line.contains("TableScan") && !is_small && !is_few {
            return Some("a whole table".to_owned());
        }
        let rows = line.split_once("{rows: ").and_then(|(_, rest)| rest.split(',').next());
        let rows = rows.and_then(|rows| rows.parse::<u64>().ok()).unwrap_or(0);
        if line.contains("Scan [") && rows > most {
            return Some(format!("{rows} rows"));
        }
    }
    None
}

#[test]
fn a_plan_that_reads_too_much_is_known() {
    let scan = "Limit {rows: 3, batches: 1}\n  TableScan [ctx: Db] [table: user, direction: \
        Forward] {rows: 3, batches: 1}";
    assert!(fault(scan, 10).is_some());
    assert!(fault(&scan.replace("user", "chain"), 10).is_none());
    let many = "IndexScan [ctx: Db] [index: a] {rows: 11, batches: 1, elapsed: 1ms}";
    assert!(fault(many, 10).is_some() && fault(many, 11).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_question_reads_a_whole_table() {
    let mut tour = Tour::begin().await;
    look_for_people(&mut tour).await;
    look_at_the_audit(&mut tour).await;
    look_at_tokens_and_sessions(&mut tour).await;
    what_others_ask(&mut tour).await;
    what_runs_by_itself(&mut tour).await;
    assert!(tour.looked_at > 60, "{}", tour.looked_at);
    assert!(tour.wrong.is_empty(), "{}", tour.wrong.join("\n\n"));
}

async fn look_for_people(tour: &mut Tour) {
    let desk = tour.desk.clone();
    let console = desk.console();
    let permit = console.permit::<right::FindUsers>("ada").await.expect("a permit");
    for query in [
        "sch",
        "ana",
        "smith",
        "ana smith",
        "garcia example",
        "m",
        "example.edu",
        "zz",
        "o'brien",
        "Наталья",
        "ana-1",
        "smith, ana",
        "cs.example.edu",
    ] {
        tour.listen();
        desk.find_users(&permit, query).await.expect("people");
        // So many of those whom a word leads to, and the tokens of those who are shown.
        tour.look(query, 550).await;
    }
    let first = console.list_users("", 50).await.expect("people");
    let last = first.last().expect("people").netid.clone();
    tour.listen();
    console.list_users("", 50).await.expect("people");
    console.list_users(&last, 50).await.expect("people");
    tour.look("the list of people", 550).await;
    let permit = console.permit::<right::FindUsers>(&last).await.expect("a permit");
    tour.listen();
    desk.user_page(&permit).await.expect("a page");
    tour.look("a person's page", 210).await;
}

async fn look_at_the_audit(tour: &mut Tour) {
    let desk = tour.desk.clone();
    let rows = desk.console().audit(&AuditQuery::default()).await.expect("rows").rows;
    let (subject, middle) = (rows[5].subject.clone(), rows[20].id.clone());
    let texts = |text: &str| text.to_owned();
    let query = |actor: &str, action: &str, subject: &str, outcome: &str| AuditQuery {
        actor: texts(actor),
        action: texts(action),
        subject: texts(subject),
        outcome: texts(outcome),
        ..AuditQuery::default()
    };
    for (queries, most) in [
        (query("", "", "", ""), 60),
        (query("(ldap)", "", "", ""), 60),
        (query("(ldap)", "user.create", "", ""), 60),
        (query("(ldap)", "user.role", "", ""), 60),
        (query("", "log-in", "", "refused"), 60),
        (query("", "log-in", "", ""), 60),
        (query("", "user.role", "", ""), 60),
        (query("", "", "", "refused"), 60),
        (query("", "", &subject, ""), 60),
        (query("", "log-in", &subject, ""), 60),
        (AuditQuery { before: middle, ..query("", "", "", "done") }, 60),
        (AuditQuery { from: texts("2001-01-01"), ..query("", "log-in", "", "") }, 60),
        // Along one of both: a window, and never all.
        (query("(ldap)", "", &subject, ""), 1000),
        (query("(ldap)", "", "", "refused"), 1000),
    ] {
        tour.listen();
        desk.console().audit(&queries).await.expect("rows");
        tour.look(&format!("{queries:?}"), most).await;
    }
    tour.listen();
    let reading = tour.store().chain_part("campus", 700, 50);
    reading.await.expect("rows");
    tour.store().audit_changes("campus", 700, 720).await.expect("rows");
    tour.store().next_node_with_rows(Some("campus")).await.expect("a node");
    tour.store().chain_row("campus", 7).await.expect("a row");
    tour.look("a chain", 60).await;
}

async fn look_at_tokens_and_sessions(tour: &mut Tour) {
    let desk = tour.desk.clone();
    let (store, now) = (&desk.inner.store, desk.now());
    let somebody = desk.console().list_users("", 1).await.expect("people").remove(0).netid;
    let owner = NetId::parse(&somebody).expect("a NetID");
    tour.listen();
    store.tokens_of(&owner, now, now.plus_days(-90), 100).await.expect("tokens");
    store.token_with_owner(PlainToken::random().id().as_str()).await.expect("none");
    store.live_tokens_of(std::slice::from_ref(&somebody), now).await.expect("tokens");
    store.owners_after("", 20).await.expect("people");
    store.owners_named(std::slice::from_ref(&somebody)).await.expect("people");
    store.token_ids("", 50).await.expect("ids");
    store.token_networks(vec!["a".repeat(64)]).await.expect("none");
    store.sessions_of(&owner).await.expect("sessions");
    store.sessions_of_issuer_session("s").await.expect("sessions");
    store.sessions_of_issuer_subject("s").await.expect("sessions");
    tour.look("somebody's tokens and sessions", 110).await;
    tour.listen();
    let query = TokenQuery::of([TokenFilter::NeverUsed, TokenFilter::Expired]);
    desk.console().find_tokens(&query, "").await.expect("tokens");
    desk.console().rt_not_moved("").await.expect("none");
    tour.look("everybody's tokens", 550).await;
    tour.listen();
    let place = EndsPlace::after(now);
    let (_, others) = store.tokens_ending(place, now.plus_days(7), 1).await.expect("tokens");
    // Those that end at the same moment as the last.
    store.tokens_ending(others.expect("one"), now, 50).await.expect("tokens");
    // So many of an index of one column, however few are wanted.
    tour.look("what ends soon", 1000).await;
    tour.listen();
    let ends =
        sessions::end_all(&owner, None).with(sessions::end(&owner, &SessionId::of("a".repeat(64))));
    let ends = ends.audited(AuditEntry::sample());
    store.commit(ends, now).await.expect("ended");
    let administrator = crate::store::administration::one_administrator_remains();
    store.commit(administrator.audited(AuditEntry::sample()), now).await.expect("one remains");
    store.able_administrators(5).await.expect("people");
    tour.look("ending sessions", 60).await;
}

async fn what_others_ask(tour: &mut Tour) {
    let desk = tour.desk.clone();
    let door = desk.source(source::Scim);
    tour.listen();
    door.pushed_users(0, 50).await.expect("people");
    door.pushed_users(50, 50).await.expect("people");
    for by in [
        PushedBy::ExternalId("nobody"),
        PushedBy::Email("ana.smith1@example.edu"),
        PushedBy::Name("Ana Smith"),
    ] {
        door.pushed_by(by).await.expect("people");
    }
    desk.inner.store.members_of("staff", 50).await.expect("members");
    desk.inner.store.members_after("staff", "", 50).await.expect("members");
    desk.console().rights_of_unheard_groups().await.expect("nobody");
    desk.inner.store.count_not_deleted().await.expect("a number");
    tour.look("an identity system", 110).await;
    tour.listen();
    desk.inner.store.members("", Source::Ldap).await.expect("people");
    desk.inner.store.count_not_deleted_of(desk.now()).await.expect("a number");
    tour.look("synchronising", 1000).await;
    tour.listen();
    let gone = NetId::parse(&desk.console().list_users("", 1).await.expect("people")[0].netid);
    let departs = provision::depart(&[gone.expect("a NetID")], Source::Scim, desk.now());
    desk.inner.store.commit(departs.audited(AuditEntry::sample()), desk.now()).await.expect("gone");
    tour.look("a departure", 60).await;
}

async fn what_runs_by_itself(tour: &mut Tour) {
    let desk = tour.desk.clone();
    let (store, now) = (&desk.inner.store, desk.now());
    let then = now.plus_days(-300);
    tour.listen();
    let over =
        Over { now: then, sessions: then, ahead: now, replaced: then, forms: then, notices: then };
    store.clean_up(over).await.expect("swept");
    store.owners_of_ended(then).await.expect("nobody");
    tour.look("sweeping", 10).await;
    tour.listen();
    store.reckoned().await.expect("a moment");
    store.chain_heads().await.expect("chains");
    store.chain_marks().await.expect("marks");
    store.has_people().await.expect("there are");
    store
        .mark_chain(
            &crate::ChainPoint { node: "campus".to_owned(), seq: 0, hash: String::new() },
            now,
        )
        .await
        .expect("read");
    tour.look("what is noted", 10).await;
    tour.listen();
    let claiming = Claiming { now, lease: now, ahead: now };
    store.claim_notices("mail", 20, claiming).await.expect("none");
    store.gathered_notices("none").await.expect("a number");
    store.notice_counts().await.expect("numbers");
    store.some_administrators(20).await.expect("people");
    store.token_beginning("0123456789abcdef").await.expect("none");
    store.old_strings_looked_for().await.expect("none");
    store.rt_brought_after(None, 50).await.expect("none");
    store.rt_tokens_now(vec!["a".repeat(64)]).await.expect("none");
    store.rt_tokens_left(vec!["a".repeat(64)]).await.expect("none");
    store.noted_strings_end().await.expect("none");
    tour.look("notices", 60).await;
    tour.listen();
    // Of an index of one column the store reads a thousand rows at once.
    let place = EndsPlace::after(now);
    store.tokens_ending(place, now.plus_days(1), 50).await.expect("tokens");
    tour.look("tokens that end soon", 1000).await;
}
