//! The form of a backup: a head, what it says of itself, blocks of keys and values, and an end that
//! holds SHA-256 over all before it. Whatever is cut off, changed, put elsewhere or added is
//! noticed, and before a byte of it is believed.
//!
//! ```text
//! magic  16 bytes   form  u32
//! frame  kind u8, number u64, pairs u32, raw length u32, length u32, CRC-32 u32, payload
//! ```
//!
//! Numbers are little-endian. The first frame is the header (JSON), the last one the end; those
//! between are blocks, compressed by zstd, of pairs in the order of their keys: two lengths, key,
//! value. The CRC is over the frame's head and its payload. Tests: `container/tests.rs`.

pub(crate) mod read;
#[cfg(test)]
mod tests;
pub(crate) mod write;

use sha2::{Digest as _, Sha256};

use crate::engine::secret::hex;

/// How a backup begins.
pub(crate) const MAGIC: [u8; 16] = *b"latchkey-backup\n";

/// The form that this program writes, and the newest that it reads.
const FORM: u32 = 1;

/// How many bytes of pairs a block has before it is written.
const BLOCK: usize = 1 << 20;

/// How many bytes a pair takes in a block at the most; Latchkey's own are some thousand long. A
/// larger one is told where it is written, so that whoever reads needs no room for more.
const MAX_PAIR: usize = 16 << 20;

/// How long a header may be: it names the ends of the audit's chains, one of each node.
const MAX_HEADER: usize = 1 << 20;

/// How long the end is.
const END: usize = 8 + 8 + 32;

/// The bytes of a frame's head before its CRC.
const HEAD: usize = 1 + 8 + 4 + 4 + 4;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Header,
    Block,
    End,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Header => b'H',
            Self::Block => b'B',
            Self::End => b'E',
        }
    }

    /// How long the payload is at the most, before it is compressed.
    const fn max_raw(self) -> usize {
        match self {
            Self::Header => MAX_HEADER,
            // One that is nearly full takes one more pair.
            Self::Block => BLOCK + MAX_PAIR,
            Self::End => END,
        }
    }

    /// How long it is at the most in the file: what cannot be compressed gets a little longer.
    const fn max_length(self) -> usize {
        let raw = self.max_raw();
        match self {
            Self::Block => raw + (raw >> 7) + 1024,
            Self::Header | Self::End => raw,
        }
    }

    fn of(code: u8) -> Option<Self> {
        [Self::Header, Self::Block, Self::End].into_iter().find(|kind| kind.code() == code)
    }
}

/// A frame but for its payload.
#[derive(Clone, Copy, Debug)]
struct FrameHead {
    kind: Kind,
    /// Its place among all frames, from 0.
    number: u64,
    /// How many pairs there are in it.
    pairs: u32,
    /// How long its payload is once it is no longer compressed.
    raw: u32,
    /// How long its payload is.
    length: u32,
}

impl FrameHead {
    fn bytes(&self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[0] = self.kind.code();
        bytes[1..9].copy_from_slice(&self.number.to_le_bytes());
        bytes[9..13].copy_from_slice(&self.pairs.to_le_bytes());
        bytes[13..17].copy_from_slice(&self.raw.to_le_bytes());
        bytes[17..21].copy_from_slice(&self.length.to_le_bytes());
        bytes
    }
}

/// The CRC-32 of a frame.
fn checksum(head: &[u8; HEAD], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(payload);
    hasher.finalize()
}

/// A SHA-256 as it is shown.
fn shown(digest: Sha256) -> String {
    hex(&digest.finalize())
}
