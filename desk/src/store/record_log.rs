//! The format in which RocksDB writes its log of changes and its manifest: records in blocks, each
//! record with a checksum. Tests: here.
//!
//! RocksDB itself takes a log to end at the first record that it cannot read, as a crash leaves it,
//! and goes on without all that was written after that. So damage in the middle would undo changes
//! that were acknowledged, and nobody would hear of it. What a crash leaves can be told from
//! damage: a last record that is cut off, or that ends in nothing but zeros.

use std::io::{self, Read};

/// Records do not go beyond the end of a block.
const BLOCK: usize = 32 << 10;

/// Checksum (4 bytes), length (2), kind (1).
const HEADER: usize = 7;

/// The same with the number of the log, for logs that are written over.
const LONG_HEADER: usize = 11;

/// Where the kind is, from where on everything is under the checksum.
const KIND: usize = 6;

/// What a disk writes at once: zeros to the end of the file, so many of them, were never written.
const SECTOR: usize = 512;

/// How a batch of writes begins, which each record of a log is: the number of its first write (8
/// bytes), and how many there are (4).
const BATCH_HEAD: usize = 12;

/// CRC-32C, its bits from right to left.
const POLYNOMIAL: u32 = 0x82F6_3B78;

static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut n: u32 = 0;
    while n < 256 {
        let (mut crc, mut bit) = (n, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[n as usize] = crc;
        n += 1;
    }
    table
};

/// A checksum that is still being made.
#[derive(Clone, Copy, Debug)]
struct Crc(u32);

impl Crc {
    const fn new() -> Self {
        Self(!0)
    }

    fn add(&mut self, byte: u8) {
        self.0 = TABLE[usize::from(self.0.to_le_bytes()[0] ^ byte)] ^ (self.0 >> 8);
    }

    fn of(bytes: &[u8]) -> Self {
        let mut crc = Self::new();
        for byte in bytes {
            crc.add(*byte);
        }
        crc
    }

    /// As it is written: a checksum over bytes with checksums among them would be a weak one.
    fn written(self) -> u32 {
        (!self.0).rotate_right(15).wrapping_add(0xA282_EAD8)
    }
}

/// What a block is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// To its end, or to a record that is cut off at the file's.
    Good,
    /// From there on nothing was written, if nothing follows.
    UnwrittenFrom(usize),
    /// A record there is not as it was written.
    DamagedAt(usize),
}

/// What a log turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it is damaged; none: it is whole, or as a crash leaves it.
    pub(super) damaged_at: Option<u64>,
    /// The highest number of a write of which all is in it, before any damage.
    pub(super) last: Option<u64>,
}

/// The batches of writes in a log, as far as it has been read.
#[derive(Debug, Default)]
struct Batches {
    /// The beginning of one of which more follows.
    head: Option<Vec<u8>>,
    last: Option<u64>,
    /// Nothing of them can be seen.
    is_compressed: bool,
}

impl Batches {
    /// Looks at a part of one, whose checksum fits.
    fn part(&mut self, kind: u8, part: &[u8]) {
        match kind {
            1 | 2 | 5 | 6 => self.head = Some(Vec::with_capacity(BATCH_HEAD)),
            3 | 4 | 7 | 8 => {}
            other => {
                self.is_compressed |= other == 9;
                return;
            }
        }
        let Some(mut head) = self.head.take() else { return };
        let wanted = part.len().min(BATCH_HEAD - head.len());
        head.extend_from_slice(&part[..wanted]);
        if matches!(kind, 1 | 4 | 5 | 8) {
            self.last = self.last.max(last_write(&head));
        } else {
            self.head = Some(head);
        }
    }
}

/// The number of the last write of a batch that begins so.
fn last_write(head: &[u8]) -> Option<u64> {
    let (first, rest) = head.split_first_chunk::<8>()?;
    let (writes, _) = rest.split_first_chunk::<4>()?;
    let writes = u64::from(u32::from_le_bytes(*writes));
    u64::from_le_bytes(*first).checked_add(writes)?.checked_sub(1)
}

/// Reads a log to its end, or to where it is damaged.
///
/// # Errors
/// It cannot be read.
pub(super) fn look(file: impl Read) -> io::Result<Found> {
    let mut batches = Batches::default();
    let damaged_at = damaged_at(file, &mut batches)?;
    Ok(Found { damaged_at, last: batches.last.filter(|_| !batches.is_compressed) })
}

fn damaged_at(mut file: impl Read, batches: &mut Batches) -> io::Result<Option<u64>> {
    let mut buffer = vec![0; BLOCK];
    let mut begins = 0;
    let mut unwritten_from = None;
    loop {
        let length = fill(&mut file, &mut buffer)?;
        let block = &buffer[..length];
        if unwritten_from.is_some() {
            if !is_zero(block) {
                return Ok(unwritten_from);
            }
        } else {
            match look_at(block, batches) {
                Block::Good => {}
                Block::UnwrittenFrom(at) => unwritten_from = Some(begins + at as u64),
                Block::DamagedAt(at) => return Ok(Some(begins + at as u64)),
            }
        }
        if length < BLOCK {
            return Ok(None);
        }
        begins += length as u64;
    }
}

/// Reads until the buffer is full, or the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn look_at(block: &[u8], batches: &mut Batches) -> Block {
    let is_last = block.len() < BLOCK;
    let mut at = 0;
    while block.len() - at >= HEADER {
        let rest = &block[at..];
        if is_zero(rest) {
            // A block is filled up with zeros where no header fits any more.
            let is_filled_up = !is_last && rest.len() < LONG_HEADER;
            return if is_filled_up { Block::Good } else { Block::UnwrittenFrom(at) };
        }
        let stated = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]);
        let length = usize::from(u16::from_le_bytes([rest[4], rest[5]]));
        let end = header(rest[KIND]) + length;
        let Some(covered) = rest.get(KIND..end) else {
            let is_cut_off = is_last && rest.len() < HEADER + length && !ends_within(rest, stated);
            return if is_cut_off { Block::Good } else { Block::DamagedAt(at) };
        };
        if Crc::of(covered).written() != stated {
            let written = rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            let is_unwritten = written < end && rest.len() - written >= SECTOR;
            return if is_unwritten { Block::UnwrittenFrom(at) } else { Block::DamagedAt(at) };
        }
        batches.part(rest[KIND], &rest[header(rest[KIND])..end]);
        at += end;
    }
    Block::Good
}

/// How long the header of such a record is.
const fn header(kind: u8) -> usize {
    match kind {
        5..=8 | 11 | 131 => LONG_HEADER,
        _ => HEADER,
    }
}

/// Whether a record that seems to go on beyond the end of the file is whole with another length: it
/// is the length that is damaged.
fn ends_within(rest: &[u8], stated: u32) -> bool {
    let mut crc = Crc::new();
    rest[KIND..].iter().any(|byte| {
        crc.add(*byte);
        crc.written() == stated
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records of these lengths, as RocksDB writes them; and where each ends.
    fn log(lengths: &[usize]) -> (Vec<u8>, Vec<usize>) {
        let payload = |(n, length): (usize, &usize)| -> Vec<u8> {
            (0..*length).map(|at| (at * 7 + n).to_le_bytes()[0] | 1).collect()
        };
        let payloads: Vec<Vec<u8>> = lengths.iter().enumerate().map(payload).collect();
        log_of(&payloads)
    }

    fn log_of(payloads: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
        let mut log = Vec::new();
        let mut ends = Vec::new();
        for payload in payloads {
            let mut left = payload.as_slice();
            let mut is_first = true;
            loop {
                let room = BLOCK - log.len() % BLOCK;
                if room < HEADER {
                    log.resize(log.len() + room, 0);
                    continue;
                }
                let (part, rest) = left.split_at(left.len().min(room - HEADER));
                let kind = match (is_first, rest.is_empty()) {
                    (true, true) => 1,
                    (true, false) => 2,
                    (false, false) => 3,
                    (false, true) => 4,
                };
                let covered = [&[kind][..], part].concat();
                log.extend(Crc::of(&covered).written().to_le_bytes());
                log.extend(u16::try_from(part.len()).expect("within a block").to_le_bytes());
                log.extend(&covered);
                (left, is_first) = (rest, false);
                if left.is_empty() {
                    break;
                }
            }
            ends.push(log.len());
        }
        (log, ends)
    }

    fn damage(log: &[u8]) -> Option<u64> {
        look(log).expect("it can be read").damaged_at
    }

    #[test]
    fn the_last_write_that_is_whole_is_known_by_its_number() {
        let batch = |first: u64, writes: u32, length: usize| {
            let mut batch = [&first.to_le_bytes()[..], &writes.to_le_bytes()].concat();
            batch.resize(length, 1);
            batch
        };
        // The third begins where five bytes of it fit into the block.
        let room = BLOCK - 3 * HEADER - 100 - 5;
        let batches = [batch(40, 2, 100), batch(42, 1, room), batch(43, 7, 70_000)];
        let (whole, ends) = log_of(&batches);
        let found = |log: &[u8]| look(log).expect("it can be read");
        assert_eq!(found(&whole), Found { damaged_at: None, last: Some(49) });
        assert_eq!(found(&whole[..ends[2] - 1]), Found { damaged_at: None, last: Some(42) });
        assert_eq!(found(&whole[..ends[1] - 1]).last, Some(41));
        assert_eq!(found(&whole[..ends[0] - 1]).last, None);
        let mut damaged = whole;
        damaged[ends[0] + 9] ^= 1;
        assert_eq!(found(&damaged), Found { damaged_at: Some(ends[0] as u64), last: Some(41) });
    }

    #[test]
    fn the_checksum_is_crc_32c_as_it_is_written() {
        assert_eq!(!Crc::of(b"123456789").0, 0xE306_9283);
        let written = Crc::of(b"123456789").written();
        assert_eq!(written.wrapping_sub(0xA282_EAD8).rotate_left(15), 0xE306_9283);
    }

    #[test]
    fn a_log_that_is_whole_or_cut_off_anywhere_is_not_damaged() {
        let (whole, _) = log(&[10, 300, 0, 70_000, 5, 32_000, 900]);
        assert_eq!(damage(&whole), None);
        for length in (0..whole.len()).step_by(13) {
            assert_eq!(damage(&whole[..length]), None, "{length} of {}", whole.len());
        }
    }

    #[test]
    fn a_changed_byte_anywhere_is_damage_the_last_record_among_it() {
        let (whole, ends) = log(&[10, 300, 0, 40_000, 5, 900]);
        for at in (0..whole.len()).step_by(3).chain(ends[4]..whole.len()) {
            for change in [0x01, 0x40, 0x80] {
                let mut damaged = whole.clone();
                damaged[at] ^= change;
                let found = damage(&damaged).unwrap_or_else(|| panic!("{at}: nothing found"));
                assert!(found <= at as u64, "{found} for {at}");
            }
        }
    }

    #[test]
    fn what_was_never_written_at_the_end_is_no_damage_and_is_where_more_follows() {
        let (whole, ends) = log(&[100, 2_000, 3_000]);
        let mut torn = whole.clone();
        torn[ends[1] + 1_000..].fill(0);
        assert_eq!(damage(&torn), None, "the disk had written the beginning of it");
        torn.resize(3 * BLOCK, 0);
        assert_eq!(damage(&torn), None, "and taken more room than was needed");
        torn.extend(&whole);
        assert_eq!(damage(&torn), Some(ends[1] as u64));
        let mut hole = whole;
        hole[ends[0]..ends[1]].fill(0);
        assert_eq!(damage(&hole), Some(ends[0] as u64));
    }
}
