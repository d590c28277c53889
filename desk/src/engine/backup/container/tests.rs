//! Of a backup nothing can be cut off, changed, put elsewhere or added without being noticed.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::read::ContainerReader;
use super::write::ContainerWriter;
use super::*;
use crate::engine::backup::error::BackupError;
use crate::engine::backup::header::tests::header;
use crate::engine::backup::header::{BackupTotals, Payload};

type Pairs = BTreeMap<Vec<u8>, Vec<u8>>;

/// A backup of these pairs, with blocks of at least so many bytes.
fn written(pairs: &Pairs, block: usize) -> (Vec<u8>, BackupTotals) {
    let mut writer =
        ContainerWriter::with_blocks(Vec::new(), &header(), block).expect("into memory");
    for (key, value) in pairs {
        writer.pair(key, value).expect("into memory");
    }
    writer.finish().expect("into memory")
}

fn all_of(bytes: &[u8]) -> Result<(Pairs, BackupTotals), BackupError> {
    let mut reader = ContainerReader::open(bytes)?;
    assert_eq!(*reader.header(), header());
    let mut pairs = Pairs::new();
    while let Some(block) = reader.next_block()? {
        pairs.extend(block.pairs().map(|(key, value)| (key.to_vec(), value.to_vec())));
    }
    assert!(reader.next_block()?.is_none(), "and goes on being over");
    Ok((pairs, reader.totals().clone()))
}

fn some_pairs() -> Pairs {
    (0..20_u8).map(|n| (vec![b'k', n], vec![n; usize::from(n)])).collect()
}

#[test]
fn a_backup_that_is_cut_off_anywhere_is_noticed() {
    let (whole, _) = written(&some_pairs(), 64);
    for length in 0..whole.len() {
        let cut = all_of(&whole[..length]).expect_err("cut off");
        assert!(matches!(cut, BackupError::CutShort), "at {length}: {cut}");
    }
}

#[test]
fn a_byte_that_was_changed_anywhere_is_noticed() {
    let (whole, _) = written(&some_pairs(), 64);
    for at in 0..whole.len() {
        for change in [1, 0x80, 0xFF] {
            let mut changed = whole.clone();
            changed[at] ^= change;
            assert!(all_of(&changed).is_err(), "byte {at}");
        }
    }
}

#[test]
fn what_was_added_is_noticed() {
    let (mut whole, _) = written(&some_pairs(), 64);
    whole.push(0);
    assert!(matches!(all_of(&whole), Err(BackupError::Damaged(_))));
}

/// Where the frames of a backup begin, and its end.
fn frames(whole: &[u8]) -> Vec<usize> {
    let (mut at, mut found) = (MAGIC.len() + 4, Vec::new());
    while at < whole.len() {
        found.push(at);
        let length = whole[at + 17..at + 21].try_into().expect("four bytes");
        at += HEAD + 4 + usize::try_from(u32::from_le_bytes(length)).expect("small");
    }
    found.push(at);
    found
}

#[test]
fn blocks_that_are_left_out_doubled_or_changed_places_are_noticed() {
    let (whole, _) = written(&some_pairs(), 64);
    let frames = frames(&whole);
    assert!(frames.len() > 5, "several blocks: {}", frames.len());
    let part = |n: usize| &whole[frames[n]..frames[n + 1]];
    let (head, rest) = (&whole[..frames[1]], &whole[frames[3]..]);
    let orders: [&[&[u8]]; 4] = [
        &[head, part(2), part(1), rest],
        &[head, part(1), rest],
        &[head, part(1), part(1), part(2), rest],
        &[head, &whole[frames[frames.len() - 2]..]],
    ];
    for order in orders {
        assert!(matches!(all_of(&order.concat()), Err(BackupError::Damaged(_))));
    }
    assert!(all_of(&[head, part(1), part(2), rest].concat()).is_ok());
}

#[test]
fn keys_that_are_not_in_their_order_are_noticed() {
    let mut writer =
        ContainerWriter::with_blocks(Vec::new(), &header(), 1 << 10).expect("into memory");
    for key in [b"b", b"a"] {
        writer.pair(key, b"").expect("into memory");
    }
    let (bytes, _) = writer.finish().expect("into memory");
    assert!(matches!(all_of(&bytes), Err(BackupError::Damaged(_))));
}

/// A file of some bytes must not take hundreds of megabytes.
#[test]
fn a_block_that_says_it_is_longer_than_any_is_refused_before_room_is_made() {
    let (none, _) = written(&Pairs::new(), 64);
    let start = &none[..frames(&none)[1]];
    let with_block = |raw: usize| {
        // One pair, of a key and of zeros, so long as it is said to be.
        let mut pair = vec![0; raw];
        pair[..4].copy_from_slice(&1_u32.to_le_bytes());
        pair[4..8].copy_from_slice(&u32::try_from(raw - 9).expect("small").to_le_bytes());
        let payload = zstd::bulk::compress(&pair, 1).expect("compressed");
        let of = |length: usize| u32::try_from(length).expect("small");
        let (raw, length) = (of(raw), of(payload.len()));
        let head = FrameHead { kind: Kind::Block, number: 1, pairs: 1, raw, length }.bytes();
        [start, &head, &checksum(&head, &payload).to_le_bytes(), &payload].concat()
    };
    // Both end there: only the one is looked into.
    let most = Kind::Block.max_raw();
    let within = all_of(&with_block(most));
    assert!(matches!(within, Err(BackupError::CutShort)), "{within:?}");
    let beyond = all_of(&with_block(most + 1));
    assert!(matches!(beyond, Err(BackupError::Damaged(_))), "{beyond:?}");
}

#[test]
fn the_largest_pair_is_read_again_behind_a_block_that_was_nearly_full_and_a_larger_is_told() {
    let largest = vec![7; MAX_PAIR - 8 - 1];
    let pairs: Pairs = [(b"a".to_vec(), vec![1; BLOCK - 8 - 2]), (b"b".to_vec(), largest)].into();
    let (bytes, _) = written(&pairs, BLOCK);
    assert_eq!(frames(&bytes).len(), 4, "one block");
    assert!(all_of(&bytes).is_ok_and(|(read, _)| read == pairs));
    let mut writer = ContainerWriter::begin(Vec::new(), &header()).expect("into memory");
    let refused = writer.pair(b"b", &vec![7; MAX_PAIR - 8]);
    assert!(matches!(refused, Err(BackupError::Write(_))), "{refused:?}");
}

#[test]
fn something_else_and_a_newer_form_are_called_so() {
    let text = b"-- a dump of something that is no backup";
    assert!(matches!(all_of(text), Err(BackupError::NotABackup)));
    let (mut newer, _) = written(&some_pairs(), 64);
    newer[MAGIC.len()] = 2;
    assert!(matches!(all_of(&newer), Err(BackupError::NewerForm(2))));
}

#[test]
fn a_payload_of_a_later_program_is_read_as_one() {
    let later: Payload = serde_json::from_str("\"surql\"").expect("read");
    assert_eq!(later, Payload::Other);
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        pairs in prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(any::<u8>(), 0..300),
            0..60,
        ),
        block in 1_usize..4096,
    ) {
        let (bytes, totals) = written(&pairs, block);
        let (read, found) = all_of(&bytes).expect("as it was written");
        prop_assert_eq!(&read, &pairs);
        prop_assert_eq!(found, totals);
    }

    #[test]
    fn any_bytes_are_no_backup(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(ContainerReader::open(bytes.as_slice()).is_err());
        let after_head = [&MAGIC[..], &FORM.to_le_bytes(), &bytes].concat();
        prop_assert!(ContainerReader::open(after_head.as_slice()).is_err());
    }
}
