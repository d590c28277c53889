//! A backup that is encrypted to age recipients, or is not. Tests: below.

use std::fmt;
use std::io::{self, BufReader, Cursor, Read, Write};

use age::stream::StreamWriter;
use age::x25519::Identity;
use age::{DecryptError, Decryptor, Encryptor};

use crate::engine::backup::container::MAGIC;
use crate::engine::backup::error::BackupError;
use crate::engine::backup::recipient::BackupRecipient;
use crate::engine::secret::Secret;

/// How a file of age's begins.
const AGE: &[u8] = b"age-encryption.org/";

/// What a line of an identity file begins with that has an identity.
const IDENTITY: &str = "AGE-SECRET-KEY-1";

/// What a backup is opened with. Its Debug prints nothing of them.
#[derive(Clone, Default)]
pub struct BackupIdentities(Vec<Identity>);

impl BackupIdentities {
    /// Reads the lines of an identity file, as `age-keygen` writes it.
    ///
    /// # Errors
    /// [`BackupError::NoIdentity`].
    pub fn parse(file: &Secret) -> Result<Self, BackupError> {
        let lines = file.expose().lines().map(str::trim);
        let found: Vec<Identity> = lines
            .filter(|line| line.starts_with(IDENTITY))
            .map(|line| line.parse().map_err(|_| BackupError::NoIdentity))
            .collect::<Result<_, _>>()?;
        if found.is_empty() { Err(BackupError::NoIdentity) } else { Ok(Self(found)) }
    }
}

impl fmt::Debug for BackupIdentities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupIdentities")
    }
}

/// What a backup is written to.
pub(crate) enum Sealed<W: Write> {
    Plain(W),
    Age(Box<StreamWriter<W>>),
}

impl<W: Write> Sealed<W> {
    /// Encrypts to these; to nobody: not.
    ///
    /// # Errors
    /// [`BackupError::Write`].
    pub(crate) fn begin(out: W, recipients: &[BackupRecipient]) -> Result<Self, BackupError> {
        if recipients.is_empty() {
            return Ok(Self::Plain(out));
        }
        let keys = recipients.iter().map(|recipient| recipient.key() as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(keys)
            .map_err(|error| BackupError::Write(io::Error::other(error.to_string())))?;
        let writer = encryptor.wrap_output(out).map_err(BackupError::Write)?;
        Ok(Self::Age(Box::new(writer)))
    }

    /// Writes what is kept back, and gives back what it was written to.
    ///
    /// # Errors
    /// [`BackupError::Write`].
    pub(crate) fn finish(self) -> Result<W, BackupError> {
        let finished = match self {
            Self::Plain(out) => Ok(out),
            Self::Age(writer) => writer.finish(),
        };
        let mut out = finished.map_err(BackupError::Write)?;
        out.flush().map_err(BackupError::Write)?;
        Ok(out)
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Age(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Age(writer) => writer.flush(),
        }
    }
}

/// A backup as it was before it was encrypted.
///
/// # Errors
/// [`BackupError::NotABackup`], [`BackupError::NeedsIdentity`], [`BackupError::NoIdentityFits`],
/// [`BackupError::CutShort`], [`BackupError::Damaged`], [`BackupError::Read`].
pub(crate) fn opened(
    mut input: Box<dyn Read + Send>,
    identities: &BackupIdentities,
) -> Result<Box<dyn Read + Send>, BackupError> {
    let mut begins = Vec::new();
    let head = input.by_ref().take(MAGIC.len().max(AGE.len()) as u64).read_to_end(&mut begins);
    head.map_err(BackupError::of_reading)?;
    let (is_age, is_plain) = (begins.starts_with(AGE), begins.starts_with(&MAGIC));
    let is_cut = MAGIC.starts_with(&begins) || AGE.starts_with(&begins);
    let whole = BufReader::new(Cursor::new(begins).chain(input));
    if is_plain {
        return Ok(Box::new(whole));
    }
    if !is_age {
        return Err(if is_cut { BackupError::CutShort } else { BackupError::NotABackup });
    }
    if identities.0.is_empty() {
        return Err(BackupError::NeedsIdentity);
    }
    let wrong = |error| match error {
        DecryptError::NoMatchingKeys => BackupError::NoIdentityFits,
        DecryptError::Io(error) => BackupError::of_reading(error),
        _ => BackupError::Damaged("its encryption does not hold"),
    };
    let decryptor = Decryptor::new_buffered(whole).map_err(wrong)?;
    let keys = identities.0.iter().map(|identity| identity as &dyn age::Identity);
    let reader = decryptor.decrypt(keys).map_err(wrong)?;
    Ok(Box::new(reader))
}

#[cfg(test)]
mod tests {
    use age::secrecy::ExposeSecret as _;

    use super::*;

    const TEXT: &[u8] = b"latchkey-backup\nand more than that";

    fn identity() -> (BackupIdentities, BackupRecipient) {
        let identity = Identity::generate();
        let recipient = identity.to_public().to_string().parse().expect("a recipient");
        let file = format!("# created\n{}\n", identity.to_string().expose_secret());
        let identities = BackupIdentities::parse(&Secret::new(file)).expect("an identity");
        (identities, recipient)
    }

    fn sealed(recipients: &[BackupRecipient]) -> Vec<u8> {
        let mut sealed = Sealed::begin(Vec::new(), recipients).expect("into memory");
        sealed.write_all(TEXT).expect("into memory");
        sealed.finish().expect("into memory")
    }

    fn read(bytes: &[u8], identities: &BackupIdentities) -> Result<Vec<u8>, BackupError> {
        let mut read = Vec::new();
        let input = Box::new(Cursor::new(bytes.to_vec()));
        opened(input, identities)?.read_to_end(&mut read).map_err(BackupError::of_reading)?;
        Ok(read)
    }

    #[test]
    fn each_recipient_opens_it_and_nobody_else_does() {
        let (ours, to_us) = identity();
        let (theirs, to_them) = identity();
        let (strangers, _) = identity();
        let bytes = sealed(&[to_us, to_them]);
        assert!(!bytes.windows(8).any(|window| TEXT.starts_with(window)), "in the clear");
        for identities in [&ours, &theirs] {
            assert_eq!(read(&bytes, identities).expect("opened"), TEXT);
        }
        assert!(matches!(read(&bytes, &strangers), Err(BackupError::NoIdentityFits)));
        let none = BackupIdentities::default();
        assert!(matches!(read(&bytes, &none), Err(BackupError::NeedsIdentity)));
    }

    #[test]
    fn whatever_is_done_to_an_encrypted_one_is_noticed() {
        let (ours, to_us) = identity();
        let whole = sealed(&[to_us]);
        for at in 0..whole.len() {
            assert!(read(&whole[..at], &ours).is_err(), "cut at {at}");
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(read(&changed, &ours).is_err(), "byte {at}");
        }
    }

    #[test]
    fn one_that_is_not_encrypted_is_read_as_it_is_with_identities_and_without() {
        let (ours, _) = identity();
        assert_eq!(sealed(&[]), TEXT);
        for identities in [&ours, &BackupIdentities::default()] {
            assert_eq!(read(TEXT, identities).expect("read"), TEXT);
        }
        assert!(matches!(read(b"something else", &ours), Err(BackupError::NotABackup)));
        for cut in [&b""[..], b"latch", b"age-enc"] {
            assert!(matches!(read(cut, &ours), Err(BackupError::CutShort)));
        }
    }

    #[test]
    fn a_file_without_an_identity_is_told_so_and_nothing_of_it_is_shown() {
        for text in ["", "# AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1HUNTER2", "age1something"] {
            let error = BackupIdentities::parse(&Secret::new(text.to_owned())).expect_err("none");
            assert!(matches!(error, BackupError::NoIdentity), "{text}");
            assert!(!error.to_string().contains("HUNTER2"));
        }
        let (ours, _) = identity();
        assert_eq!(format!("{ours:?}"), "BackupIdentities");
    }
}
