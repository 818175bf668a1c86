//! The file that a backup is: sealed in pieces, so that it needs little memory however large it is.
//!
//! ```text
//! "karvan-backup 1\n"                        16 bytes; the digit is the version of this format
//! length of the head                          u32, big endian
//! head                                        JSON: {"key":"1a2b3c4d","salt":"<32 bytes, base64url>"}
//! pieces: mark, length, ciphertext            u8 (0 more follow, 1 the last), u32 big endian, ≤ 64 KiB + 16 bytes
//! ```
//!
//! `key` is the id of the `SECRET_KEY` that sealed it. The key of a file is HMAC-SHA256 of that key over
//! `karvan backup 1` and the salt, so no nonce is ever used twice. Pieces are sealed with XChaCha20-Poly1305 as in the
//! STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce is 19 zero bytes, the piece's number (u32,
//! big endian) and its mark; the associated data is SHA-256 over all that stands before the first piece. So a changed
//! bit, a piece left out, moved or doubled, a file cut off or added to, and a changed head are all noticed.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BackupError;
use crate::store::secrets::{SecretKey, Secrets};

/// What every file begins with, up to the version.
const MAGIC: &[u8] = b"karvan-backup ";
/// The version of the format.
const VERSION: &[u8] = b"1\n";
/// Plain bytes of a piece, but for the last one.
const PIECE: usize = 64 * 1024;
/// Bytes that sealing adds.
const TAG: usize = 16;
/// No head is longer.
const HEAD: usize = 4096;
/// What the key of a file is derived for.
const PURPOSE: &[u8] = b"karvan backup 1";

#[derive(Serialize, Deserialize)]
struct Head {
    key: String,
    salt: String,
}

/// What seals the pieces of one file.
struct Pieces {
    cipher: XChaCha20Poly1305,
    before: [u8; 32],
    number: u32,
}

impl Pieces {
    fn new(key: &SecretKey, salt: &[u8], before: &[u8]) -> Self {
        let mut mac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.bytes()).expect("a MAC takes any key");
        mac.update(PURPOSE);
        mac.update(salt);
        let key: [u8; 32] = mac.finalize().into_bytes().into();
        Self {
            cipher: XChaCha20Poly1305::new(&Key::from(key)),
            before: Sha256::digest(before).into(),
            number: 0,
        }
    }

    fn nonce(&self, mark: u8) -> XNonce {
        let mut nonce = [0; 24];
        nonce[19..23].copy_from_slice(&self.number.to_be_bytes());
        nonce[23] = mark;
        XNonce::from(nonce)
    }

    fn seal(&mut self, mark: u8, plain: &[u8]) -> io::Result<Vec<u8>> {
        let payload = Payload { msg: plain, aad: &self.before };
        let sealed = self.cipher.encrypt(&self.nonce(mark), payload);
        self.number = self.number.checked_add(1).ok_or_else(|| io::Error::other("a backup of 256 TiB"))?;
        sealed.map_err(|_| io::Error::other("a piece cannot be sealed"))
    }

    fn open(&mut self, mark: u8, sealed: &[u8]) -> Result<Vec<u8>, BackupError> {
        let payload = Payload { msg: sealed, aad: &self.before };
        let plain = self.cipher.decrypt(&self.nonce(mark), payload).map_err(|_| BackupError::Damaged)?;
        self.number = self.number.checked_add(1).ok_or(BackupError::Damaged)?;
        Ok(plain)
    }
}

/// Writes a sealed file. What is not finished is not whole, and is refused when it is read.
pub struct Writer<W: Write> {
    out: W,
    pieces: Pieces,
    plain: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins a file in `out`, sealed with the present key.
    ///
    /// # Errors
    /// `out`.
    pub fn begin(mut out: W, secrets: &Secrets, rng: &mut impl Rng) -> io::Result<Self> {
        let salt: [u8; 32] = rng.random();
        let head = Head { key: secrets.current(), salt: URL_SAFE_NO_PAD.encode(salt) };
        let head = serde_json::to_vec(&head)?;
        let mut before = [MAGIC, VERSION].concat();
        before.extend(u32::try_from(head.len()).map_err(io::Error::other)?.to_be_bytes());
        before.extend(head);
        out.write_all(&before)?;
        let pieces = Pieces::new(secrets.key(), &salt, &before);
        Ok(Self { out, pieces, plain: Vec::with_capacity(PIECE) })
    }

    fn piece(&mut self, mark: u8) -> io::Result<()> {
        let sealed = self.pieces.seal(mark, &self.plain)?;
        self.plain.clear();
        self.out.write_all(&[mark])?;
        self.out.write_all(&u32::try_from(sealed.len()).map_err(io::Error::other)?.to_be_bytes())?;
        self.out.write_all(&sealed)
    }

    /// Writes the last piece.
    ///
    /// # Errors
    /// `out`.
    pub fn finish(mut self) -> io::Result<W> {
        self.piece(1)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.plain.len() == PIECE {
            self.piece(0)?;
        }
        let taken = data.len().min(PIECE - self.plain.len());
        self.plain.extend(&data[..taken]);
        Ok(taken)
    }

    /// Only whole pieces are written: those that wait stay.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads a sealed file. No byte is given out before its piece is known to be ours.
pub struct Reader<R: Read> {
    input: R,
    pieces: Pieces,
    plain: Vec<u8>,
    at: usize,
    last: bool,
}

impl<R: Read> Reader<R> {
    /// Begins to read a file.
    ///
    /// # Errors
    /// It is no backup, a newer one, or sealed with a key we do not have.
    pub fn begin(mut input: R, secrets: &Secrets) -> Result<Self, BackupError> {
        let mut before = vec![0; MAGIC.len() + VERSION.len() + 4];
        read(&mut input, &mut before, BackupError::NotOurs)?;
        if !before.starts_with(MAGIC) {
            return Err(BackupError::NotOurs);
        }
        if before[MAGIC.len()..MAGIC.len() + VERSION.len()] != *VERSION {
            return Err(BackupError::Newer);
        }
        let length = before.last_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes)) as usize;
        if length > HEAD {
            return Err(BackupError::Damaged);
        }
        let mut head = vec![0; length];
        read(&mut input, &mut head, BackupError::Short)?;
        before.extend(&head);
        let head: Head = serde_json::from_slice(&head).map_err(|_| BackupError::Damaged)?;
        let salt = URL_SAFE_NO_PAD.decode(&head.salt).map_err(|_| BackupError::Damaged)?;
        let key = secrets.key_of(&head.key).ok_or(BackupError::WrongKey { needed: head.key })?;
        let pieces = Pieces::new(key, &salt, &before);
        Ok(Self { input, pieces, plain: Vec::new(), at: 0, last: false })
    }

    /// The next piece; `false`: there is no more, and nothing behind the last one.
    fn next(&mut self) -> Result<bool, BackupError> {
        if self.last {
            let mut more = [0; 1];
            return match self.input.read(&mut more).map_err(BackupError::File)? {
                0 => Ok(false),
                _ => Err(BackupError::Damaged),
            };
        }
        let mut head = [0; 5];
        read(&mut self.input, &mut head, BackupError::Short)?;
        let [mark, length @ ..] = head;
        let length = u32::from_be_bytes(length) as usize;
        if mark > 1 || !(TAG..=PIECE + TAG).contains(&length) {
            return Err(BackupError::Damaged);
        }
        let mut sealed = vec![0; length];
        read(&mut self.input, &mut sealed, BackupError::Short)?;
        (self.plain, self.at, self.last) = (self.pieces.open(mark, &sealed)?, 0, mark == 1);
        Ok(true)
    }
}

/// Fills `buffer`; an end before that is `short`.
fn read(input: &mut impl Read, buffer: &mut [u8], short: BackupError) -> Result<(), BackupError> {
    input.read_exact(buffer).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => short,
        _ => BackupError::File(error),
    })
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.plain.len() {
            if !self.next().map_err(io::Error::other)? {
                return Ok(0);
            }
        }
        let given = buffer.len().min(self.plain.len() - self.at);
        buffer[..given].copy_from_slice(&self.plain[self.at..self.at + given]);
        self.at += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::new(SecretKey::generate(&mut rand::rng()), Vec::new())
    }

    fn sealed(secrets: &Secrets, plain: &[u8]) -> Vec<u8> {
        let mut writer = Writer::begin(Vec::new(), secrets, &mut rand::rng()).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap()
    }

    fn opened(secrets: &Secrets, file: &[u8]) -> Result<Vec<u8>, BackupError> {
        let mut plain = Vec::new();
        Reader::begin(file, secrets)?.read_to_end(&mut plain).map_err(BackupError::from)?;
        Ok(plain)
    }

    /// A little more than two pieces, and bytes that tell where they belong.
    fn long() -> Vec<u8> {
        (0..2 * PIECE + 100).map(|at| (at / 7 % 251) as u8).collect()
    }

    #[test]
    fn what_went_in_comes_out() {
        let secrets = secrets();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE] {
            let plain = &long()[..length];
            let file = sealed(&secrets, plain);
            assert_eq!(opened(&secrets, &file).unwrap(), plain, "{length}");
        }
        let file = sealed(&secrets, b"all the keys");
        assert!(!file.windows(4).any(|part| part == b"keys"));
        assert_ne!(file, sealed(&secrets, b"all the keys"), "no two files are sealed alike");
    }

    #[test]
    fn a_file_cut_off_anywhere_is_refused() {
        let secrets = secrets();
        let file = sealed(&secrets, &long());
        let edges = [0, 10, 16, 20, 60, file.len() - 1];
        let everywhere = (0..file.len()).step_by(997).chain(edges);
        for length in everywhere {
            assert!(opened(&secrets, &file[..length]).is_err(), "{length} of {} bytes", file.len());
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused() {
        let secrets = secrets();
        let file = sealed(&secrets, &long());
        for at in (0..file.len()).step_by(613).chain(0..120) {
            let mut changed = file.clone();
            changed[at] ^= 1 << (at % 8);
            assert!(opened(&secrets, &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn pieces_neither_move_nor_vanish_nor_come_twice() {
        let secrets = secrets();
        let file = sealed(&secrets, &long());
        let head = file.len() - (2 * (PIECE + TAG + 5) + 100 + TAG + 5);
        let whole = PIECE + TAG + 5;
        let (before, rest) = file.split_at(head);
        let (one, rest) = rest.split_at(whole);
        let (two, last) = rest.split_at(whole);
        assert_eq!(opened(&secrets, &[before, one, two, last].concat()).unwrap(), long());
        for wrong in [
            [before, two, one, last].concat(),
            [before, one, last].concat(),
            [before, one, one, last].concat(),
            [before, one, two].concat(),
            [before, one, two, last, last].concat(),
            [before, one, two, last, b"x"].concat(),
        ] {
            assert!(opened(&secrets, &wrong).is_err());
        }
        // Nor are they taken from another file of the same key.
        let other = sealed(&secrets, &long());
        assert!(opened(&secrets, &[&other[..head], one, two, last].concat()).is_err());
    }

    #[test]
    fn why_it_cannot_be_read_is_told_apart() {
        let ours = secrets();
        let file = sealed(&ours, b"x");
        let other = secrets();
        let needed = ours.current();
        assert!(matches!(opened(&other, &file), Err(BackupError::WrongKey { needed: id }) if id == needed));
        let rotated = Secrets::new(SecretKey::generate(&mut rand::rng()), vec![ours.key().clone()]);
        assert_eq!(opened(&rotated, &file).unwrap(), b"x");
        assert!(matches!(opened(&ours, b"SQLite format 3\0..........."), Err(BackupError::NotOurs)));
        assert!(matches!(opened(&ours, b""), Err(BackupError::NotOurs)));
        let newer = [MAGIC, b"2\n", &file[16..]].concat();
        assert!(matches!(opened(&ours, &newer), Err(BackupError::Newer)));
        assert!(matches!(opened(&ours, &file[..file.len() - 3]), Err(BackupError::Short)));
    }
}
