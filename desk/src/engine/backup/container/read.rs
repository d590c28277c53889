//! Reading a backup: block after block, each held against its CRC before it is believed, and all of
//! it against its end. Tests: `container/tests.rs`.

use std::io::Read;

use sha2::{Digest as _, Sha256};

use super::{END, FORM, FrameHead, HEAD, Kind, MAGIC, checksum, shown};
use crate::engine::backup::error::BackupError;
use crate::engine::backup::header::{BackupHeader, BackupTotals};

/// A backup that is being read.
pub(crate) struct ContainerReader<R: Read> {
    input: R,
    digest: Sha256,
    number: u64,
    header: BackupHeader,
    totals: BackupTotals,
    last_key: Option<Vec<u8>>,
    is_over: bool,
}

/// Some of its pairs.
pub(crate) struct Block {
    raw: Vec<u8>,
    pairs: u32,
}

impl Block {
    /// Key and value, in the order of the keys.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = self.raw.as_slice();
        std::iter::from_fn(move || {
            let (pair, after) = first_pair(rest)?;
            rest = after;
            Some(pair)
        })
    }
}

/// A key with its value.
type Pair<'a> = (&'a [u8], &'a [u8]);

/// The first pair of some, and those after it; none: there is none that is whole.
fn first_pair(raw: &[u8]) -> Option<(Pair<'_>, &[u8])> {
    let (key, raw) = raw.split_first_chunk::<4>()?;
    let (value, raw) = raw.split_first_chunk::<4>()?;
    let (key, value) = (u32::from_le_bytes(*key), u32::from_le_bytes(*value));
    let (key, raw) = raw.split_at_checked(usize::try_from(key).ok()?)?;
    let (value, raw) = raw.split_at_checked(usize::try_from(value).ok()?)?;
    Some(((key, value), raw))
}

impl<R: Read> ContainerReader<R> {
    /// Reads what it says of itself.
    ///
    /// # Errors
    /// [`BackupError::NotABackup`], [`BackupError::NewerForm`], [`BackupError::CutShort`],
    /// [`BackupError::Damaged`], [`BackupError::Read`].
    pub(crate) fn open(mut input: R) -> Result<Self, BackupError> {
        let mut digest = Sha256::new();
        let mut magic = [0; MAGIC.len()];
        input.read_exact(&mut magic).map_err(BackupError::of_reading)?;
        if magic != MAGIC {
            return Err(BackupError::NotABackup);
        }
        let mut form = [0; 4];
        input.read_exact(&mut form).map_err(BackupError::of_reading)?;
        digest.update(magic);
        digest.update(form);
        let form = u32::from_le_bytes(form);
        if form != FORM {
            return Err(BackupError::NewerForm(form));
        }
        let (head, payload) = frame(&mut input, &mut digest, 0)?;
        if head.kind != Kind::Header {
            return Err(BackupError::Damaged("its header is not there"));
        }
        let header = serde_json::from_slice(&payload)
            .map_err(|_| BackupError::Damaged("its header cannot be read"))?;
        Ok(Self {
            input,
            digest,
            number: 1,
            header,
            totals: BackupTotals::default(),
            last_key: None,
            is_over: false,
        })
    }

    /// What it says of itself.
    pub(crate) fn header(&self) -> &BackupHeader {
        &self.header
    }

    /// What was read so far; at the end all of it.
    pub(crate) fn totals(&self) -> &BackupTotals {
        &self.totals
    }

    /// The next pairs; none once all are read, and were as they were written.
    ///
    /// # Errors
    /// [`BackupError::CutShort`], [`BackupError::Damaged`], [`BackupError::Read`].
    pub(crate) fn next_block(&mut self) -> Result<Option<Block>, BackupError> {
        if self.is_over {
            return Ok(None);
        }
        let before = self.digest.clone();
        let (head, payload) = frame(&mut self.input, &mut self.digest, self.number)?;
        self.number += 1;
        match head.kind {
            Kind::Header => Err(BackupError::Damaged("it has two headers")),
            Kind::End => self.end(&payload, before).map(|()| None),
            Kind::Block => self.block(head, &payload).map(Some),
        }
    }

    fn block(&mut self, head: FrameHead, payload: &[u8]) -> Result<Block, BackupError> {
        let wrong = || BackupError::Damaged("one of its blocks cannot be read");
        let capacity = usize::try_from(head.raw).map_err(|_| wrong())?;
        let raw = zstd::bulk::decompress(payload, capacity).map_err(|_| wrong())?;
        if raw.len() != capacity {
            return Err(wrong());
        }
        let block = Block { raw, pairs: head.pairs };
        let (mut pairs, mut bytes, mut length) = (0_u32, 0_u64, 0_usize);
        let mut last = self.last_key.take();
        for (key, value) in block.pairs() {
            if last.as_deref().is_some_and(|last| last >= key) {
                return Err(BackupError::Damaged("its keys are not in their order"));
            }
            let mut next = last.take().unwrap_or_default();
            next.clear();
            next.extend_from_slice(key);
            last = Some(next);
            pairs += 1;
            bytes += (key.len() + value.len()) as u64;
            length += 8 + key.len() + value.len();
        }
        if pairs != block.pairs || length != block.raw.len() {
            return Err(wrong());
        }
        self.last_key = last;
        self.totals.pairs += u64::from(pairs);
        self.totals.bytes += bytes;
        Ok(block)
    }

    /// Holds all that was read against the end.
    fn end(&mut self, payload: &[u8], before: Sha256) -> Result<(), BackupError> {
        let mut expected = Vec::with_capacity(END);
        expected.extend_from_slice(&self.totals.pairs.to_le_bytes());
        expected.extend_from_slice(&self.totals.bytes.to_le_bytes());
        expected.extend_from_slice(&before.clone().finalize());
        if payload != expected {
            return Err(BackupError::Damaged("its end does not fit the rest"));
        }
        let mut more = [0; 1];
        if self.input.read(&mut more).map_err(BackupError::of_reading)? > 0 {
            return Err(BackupError::Damaged("something was added to it"));
        }
        self.totals.sha256 = shown(before);
        self.is_over = true;
        Ok(())
    }
}

/// Reads the next frame, which has this number.
fn frame<R: Read>(
    input: &mut R,
    digest: &mut Sha256,
    number: u64,
) -> Result<(FrameHead, Vec<u8>), BackupError> {
    let mut bytes = [0; HEAD];
    input.read_exact(&mut bytes).map_err(BackupError::of_reading)?;
    let mut crc = [0; 4];
    input.read_exact(&mut crc).map_err(BackupError::of_reading)?;
    let damaged = || BackupError::Damaged("a checksum does not fit");
    let head = parsed(&bytes).ok_or_else(damaged)?;
    // What says that it is longer is no backup of ours, and no room is made for it.
    let is_within = |length: u32, most: usize| usize::try_from(length).is_ok_and(|it| it <= most);
    if !is_within(head.raw, head.kind.max_raw()) || !is_within(head.length, head.kind.max_length())
    {
        return Err(damaged());
    }
    // No more memory than there are bytes: a length that was changed is noticed by the checksum.
    let mut payload = Vec::new();
    let read = input.by_ref().take(u64::from(head.length)).read_to_end(&mut payload);
    read.map_err(BackupError::of_reading)?;
    if payload.len() as u64 != u64::from(head.length) {
        return Err(BackupError::CutShort);
    }
    if checksum(&bytes, &payload) != u32::from_le_bytes(crc) {
        return Err(damaged());
    }
    if head.number != number {
        return Err(BackupError::Damaged("its blocks are not in their order"));
    }
    digest.update(bytes);
    digest.update(crc);
    digest.update(&payload);
    Ok((head, payload))
}

fn parsed(bytes: &[u8; HEAD]) -> Option<FrameHead> {
    let (kind, rest) = bytes.split_first()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let (pairs, rest) = rest.split_first_chunk::<4>()?;
    let (raw, rest) = rest.split_first_chunk::<4>()?;
    let (length, _) = rest.split_first_chunk::<4>()?;
    Some(FrameHead {
        kind: Kind::of(*kind)?,
        number: u64::from_le_bytes(*number),
        pairs: u32::from_le_bytes(*pairs),
        raw: u32::from_le_bytes(*raw),
        length: u32::from_le_bytes(*length),
    })
}
