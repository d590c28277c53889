//! Frames: a length in four bytes, and so many bytes. Neither end takes one that is larger than the
//! other would send. Tests: below.

use std::io::{self, ErrorKind, Read};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// How large a frame is at most, without its length.
pub(in crate::cli) const MAX_FRAME: usize = 256 * 1024;

/// How much of a file or a text goes in one frame.
pub(in crate::cli) const CHUNK: usize = 128 * 1024;

/// How much is read of a connection at a time.
const READ_AT_ONCE: usize = 16 * 1024;

/// A frame's length, before it.
type Head = [u8; 4];

fn too_large() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "a frame is too large")
}

fn length(head: Head) -> io::Result<usize> {
    let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if length > MAX_FRAME { Err(too_large()) } else { Ok(length) }
}

/// The bytes with their length before them.
pub(in crate::cli) fn framed(body: &[u8]) -> io::Result<Vec<u8>> {
    if body.len() > MAX_FRAME {
        return Err(too_large());
    }
    let length = u32::try_from(body.len()).map_err(|_| too_large())?;
    let mut frame = Vec::with_capacity(size_of::<Head>() + body.len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(body);
    Ok(frame)
}

/// Waits for the next frame on a thread of its own.
pub(in crate::cli) fn read(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Head::default();
    from.read_exact(&mut head)?;
    let mut body = vec![0; length(head)?];
    from.read_exact(&mut body)?;
    Ok(body)
}

/// The frames of a connection.
#[derive(Debug)]
pub(in crate::cli) struct Frames<R> {
    from: R,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub(in crate::cli) fn new(from: R) -> Self {
        Self { from, buffer: Vec::new() }
    }

    /// The next one; none: there are no more. Whoever no longer waits for it has lost nothing.
    pub(in crate::cli) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(body) = self.whole()? {
                return Ok(Some(body));
            }
            self.buffer.reserve(READ_AT_ONCE);
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                let is_cut = !self.buffer.is_empty();
                return if is_cut { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
            }
        }
    }

    /// The first one that has come whole.
    fn whole(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(head) = self.buffer.first_chunk::<{ size_of::<Head>() }>() else {
            return Ok(None);
        };
        let end = head.len() + length(*head)?;
        if self.buffer.len() < end {
            return Ok(None);
        }
        let body = self.buffer[size_of::<Head>()..end].to_vec();
        self.buffer.drain(..end);
        Ok(Some(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_come_as_they_were_sent_however_they_are_cut() {
        let large = vec![7; MAX_FRAME];
        let bodies: [&[u8]; 4] = [b"", b"one", &large, b"last"];
        let sent: Vec<u8> = bodies.iter().flat_map(|body| framed(body).expect("small")).collect();
        let mut frames = Frames::new(sent.as_slice());
        let mut at_once = sent.as_slice();
        for body in bodies {
            assert_eq!(frames.next().await.expect("read").as_deref(), Some(body));
            assert_eq!(read(&mut at_once).expect("read"), body);
        }
        assert_eq!(frames.next().await.expect("read"), None);
        for cut in [1, 3, 5, sent.len() - 1] {
            let mut frames = Frames::new(&sent[..cut]);
            let end = loop {
                match frames.next().await {
                    Ok(Some(_)) => {}
                    end => break end,
                }
            };
            assert!(end.is_err(), "{cut}");
        }
    }

    #[tokio::test]
    async fn a_frame_that_is_too_large_is_neither_sent_nor_waited_for() {
        assert!(framed(&vec![0; MAX_FRAME + 1]).is_err());
        for head in [u32::MAX, u32::try_from(MAX_FRAME).expect("small") + 1] {
            let bytes = head.to_be_bytes();
            // There is no more of it: whoever waited would be told so.
            let error = Frames::new(bytes.as_slice()).next().await.expect_err("too large");
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            let error = read(&mut bytes.as_slice()).expect_err("too large");
            assert_eq!(error.kind(), ErrorKind::InvalidData);
        }
    }
}
