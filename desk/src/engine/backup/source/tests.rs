//! Whether a source can tell what had happened since a copy.

use super::*;
use crate::Moment;
use crate::engine::backup::header::Payload;
use crate::store::chain::Chain;
use crate::store::change::AuditEntry;
use crate::store::retention::ChainStart;

/// A chain's rows; those of another detail are another desk's.
fn rows(count: usize, detail: &str) -> Vec<AuditRow> {
    let chain = Chain { node: "main".to_owned(), ..Chain::default() };
    let entry = || AuditEntry::sample().detailed(detail.to_owned());
    let entries: Vec<AuditEntry> = (0..count).map(|_| entry()).collect();
    let moments = vec![Moment(1000); count];
    chain.rows(&entries, &moments, None).1.into_iter().map(AuditRow::from).collect()
}

/// A copy that has the chain up to this row.
fn header(row: &AuditRow) -> BackupHeader {
    let ChainLink { node, seq, hash, .. } = row.link.clone();
    BackupHeader {
        latchkey: String::new(),
        engine: String::new(),
        schema: 10,
        payload: Payload::Pairs,
        database: "latchkey".to_owned(),
        demo: false,
        moment: Moment(1000),
        chains: vec![ChainPoint { node, seq, hash }],
    }
}

/// The row of another chain which says that rows up to this one were removed.
fn checkpoint_for(last: &AuditRow) -> AuditRow {
    let start = ChainStart {
        node: last.link.node.clone(),
        first: 1,
        seq: last.link.seq,
        hash: last.link.hash.clone(),
        marked: true,
        from_at: 0,
        to_at: 0,
        at: 0,
    };
    let chain = Chain { node: "other".to_owned(), ..Chain::default() };
    let entry = AuditEntry {
        action: AuditAction::AuditPrune,
        subject: start.subject(),
        ..AuditEntry::sample()
    };
    let entry = entry.detailed(start.detail());
    AuditRow::from(chain.rows(&[entry], &[Moment(2000)], None).1.remove(0))
}

/// What is said of a source with these rows, in either order.
fn judged<'a>(
    header: &BackupHeader,
    rows: impl IntoIterator<Item = &'a AuditRow>,
) -> Result<Vec<String>, String> {
    let rows: Vec<&AuditRow> = rows.into_iter().collect();
    let (mut forward, mut backward) = (Source::default(), Source::default());
    for row in &rows {
        forward.add(header, row);
    }
    rows.iter().rev().for_each(|row| backward.add(header, row));
    assert_eq!(forward.judged(header), backward.judged(header));
    forward.judged(header)
}

fn refused<'a>(header: &BackupHeader, rows: impl IntoIterator<Item = &'a AuditRow>) -> String {
    let why = judged(header, rows).expect_err("it cannot know");
    assert!(why.ends_with(WANTED), "{why}");
    why
}

#[test]
fn a_source_with_every_row_from_the_copys_last_on_can_tell() {
    let all = rows(9, "");
    let header = header(&all[4]);
    for from in [0, 4] {
        assert_eq!(judged(&header, &all[from..]), Ok(Vec::new()));
    }
    assert_eq!(judged(&header, &all[..5]), Ok(Vec::new()), "nothing had happened");
    assert_eq!(judged(&header, all.iter().chain(&all[6..])), Ok(Vec::new()), "some twice");
}

#[test]
fn a_source_that_cannot_know_is_refused_by_its_chain() {
    let all = rows(9, "");
    let header = header(&all[4]);
    let older = refused(&header, &all[..4]);
    assert!(older.contains("older than the backup: of node main it ends with row 4"), "{older}");
    assert!(refused(&header, &all[..0]).contains("neither row 5 of node main"));
    assert!(refused(&header, &rows(9, "another's")).contains("it is another desk's: row 5"));
    let gap = |left_out: std::ops::Range<usize>| {
        refused(&header, all[..left_out.start].iter().chain(&all[left_out.end..]))
    };
    assert!(gap(4..5).contains("row 5 of node main is missing"));
    assert!(gap(5..6).contains("row 6 of node main is missing"));
    assert!(gap(6..8).contains("rows 7 to 8 of node main are missing"));
    let mut changed = all.clone();
    changed[6].detail = "otherwise".to_owned();
    let why = refused(&header, &changed[..7]);
    assert!(why.contains("row 7 of node main is not as it was written"), "{why}");
    let another = rows(9, "another's");
    let why = refused(&header, all[..6].iter().chain(&another[6..]));
    assert!(why.contains("row 7 of node main does not follow"), "{why}");
}

#[test]
fn a_chain_that_the_copy_has_not_is_there_from_its_first_row() {
    let all = rows(4, "");
    let header = BackupHeader { chains: Vec::new(), ..header(&all[0]) };
    assert_eq!(judged(&header, &all), Ok(Vec::new()));
    assert!(refused(&header, &all[1..]).contains("row 1 of node main is missing"));
}

#[test]
fn rows_that_were_removed_since_are_told() {
    let all = rows(9, "");
    let header = header(&all[4]);
    let with = |last: usize, left: &[AuditRow]| {
        let checkpoint = checkpoint_for(&all[last]);
        judged(&header, left.iter().chain([&checkpoint]))
    };
    assert_eq!(with(4, &all[5..]), Ok(Vec::new()), "the copy's last, and none after it");
    assert_eq!(with(2, &all[3..]), Ok(Vec::new()), "what the copy has");
    assert_eq!(with(7, &all), Ok(Vec::new()), "they are all in it nevertheless");
    for left in [&all[7..], &all[9..]] {
        let last = 9 - left.len();
        let gaps = with(last - 1, left).expect("it is the desk's");
        let begins = format!("Rows 6 to {last} of node main were removed since the copy");
        assert!(gaps.len() == 1 && gaps[0].starts_with(&begins), "{gaps:?}");
    }
    let other = checkpoint_for(&rows(9, "another's")[4]);
    assert!(refused(&header, [&other]).contains("another desk's"));
    let early = checkpoint_for(&all[6]);
    let why = refused(&header, all[8..].iter().chain([&early]));
    assert!(why.contains("of node main are missing"), "{why}");
}
