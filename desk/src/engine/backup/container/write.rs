//! Writing a backup: pairs as they come, a block at a time, with as much memory as a block takes.
//! Tests: `container/tests.rs`.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};

use super::{BLOCK, END, FORM, FrameHead, HEAD, Kind, MAGIC, MAX_PAIR, checksum, shown};
use crate::engine::backup::error::BackupError;
use crate::engine::backup::header::{BackupHeader, BackupTotals};

/// How hard zstd tries: its own default.
const LEVEL: i32 = 3;

/// A backup that is being written.
pub(crate) struct ContainerWriter<W: Write> {
    out: W,
    digest: Sha256,
    /// The pairs of the next block.
    raw: Vec<u8>,
    pairs: u32,
    number: u64,
    totals: BackupTotals,
    block: usize,
}

impl<W: Write> ContainerWriter<W> {
    /// Begins it.
    ///
    /// # Errors
    /// [`BackupError::Write`].
    pub(crate) fn begin(out: W, header: &BackupHeader) -> Result<Self, BackupError> {
        Self::with_blocks(out, header, BLOCK)
    }

    /// With blocks of another length.
    pub(super) fn with_blocks(
        out: W,
        header: &BackupHeader,
        block: usize,
    ) -> Result<Self, BackupError> {
        let mut writer = Self {
            out,
            digest: Sha256::new(),
            raw: Vec::new(),
            pairs: 0,
            number: 0,
            totals: BackupTotals::default(),
            block,
        };
        writer.put(&MAGIC)?;
        writer.put(&FORM.to_le_bytes())?;
        let header = serde_json::to_vec(header).map_err(|error| write_error(error.into()))?;
        writer.frame(Kind::Header, 0, header.len(), &header)?;
        Ok(writer)
    }

    /// Adds a pair; its key comes after all before it. Answers how many bytes were written, where
    /// this ended a block.
    ///
    /// # Errors
    /// [`BackupError::Write`].
    pub(crate) fn pair(&mut self, key: &[u8], value: &[u8]) -> Result<Option<usize>, BackupError> {
        if 8 + key.len() + value.len() > MAX_PAIR {
            return Err(write_error(io::Error::other(
                "the store holds a value of more than 16 MiB",
            )));
        }
        for part in [key, value] {
            self.raw.extend_from_slice(&length(part.len())?.to_le_bytes());
        }
        self.raw.extend_from_slice(key);
        self.raw.extend_from_slice(value);
        self.pairs += 1;
        self.totals.pairs += 1;
        self.totals.bytes += (key.len() + value.len()) as u64;
        if self.raw.len() < self.block {
            return Ok(None);
        }
        let raw = self.raw.len();
        self.end_block()?;
        Ok(Some(raw))
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`BackupError::Write`].
    pub(crate) fn finish(mut self) -> Result<(W, BackupTotals), BackupError> {
        if self.pairs > 0 {
            self.end_block()?;
        }
        let digest = self.digest.clone().finalize();
        self.totals.sha256 = shown(self.digest.clone());
        let mut end = Vec::with_capacity(END);
        end.extend_from_slice(&self.totals.pairs.to_le_bytes());
        end.extend_from_slice(&self.totals.bytes.to_le_bytes());
        end.extend_from_slice(&digest);
        self.frame(Kind::End, 0, end.len(), &end)?;
        self.out.flush().map_err(write_error)?;
        Ok((self.out, self.totals))
    }

    fn end_block(&mut self) -> Result<(), BackupError> {
        let raw = std::mem::take(&mut self.raw);
        let packed = zstd::bulk::compress(&raw, LEVEL).map_err(write_error)?;
        let pairs = std::mem::take(&mut self.pairs);
        self.frame(Kind::Block, pairs, raw.len(), &packed)?;
        // The room of this block is the next one's, unless it had a pair larger than most.
        if raw.capacity() <= self.block.saturating_mul(4) {
            self.raw = raw;
            self.raw.clear();
        }
        Ok(())
    }

    fn frame(
        &mut self,
        kind: Kind,
        pairs: u32,
        raw: usize,
        payload: &[u8],
    ) -> Result<(), BackupError> {
        if raw > kind.max_raw() || payload.len() > kind.max_length() {
            return Err(too_long());
        }
        let (raw, length) = (length(raw)?, length(payload.len())?);
        let head: [u8; HEAD] = FrameHead { kind, number: self.number, pairs, raw, length }.bytes();
        self.number += 1;
        self.put(&head)?;
        self.put(&checksum(&head, payload).to_le_bytes())?;
        self.put(payload)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        self.digest.update(bytes);
        self.out.write_all(bytes).map_err(write_error)
    }
}

/// A length that a frame can have.
fn length(bytes: usize) -> Result<u32, BackupError> {
    u32::try_from(bytes).map_err(|_| too_long())
}

fn too_long() -> BackupError {
    write_error(io::Error::other("one of its parts is longer than it is read"))
}

fn write_error(error: io::Error) -> BackupError {
    BackupError::Write(error)
}
