//! What lies on the media host, and what phones have fetched from it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempDir, TempPath};

use super::address::{Address, Hash, Signer, Unreachable};
use super::shelf::Shelf;
use crate::ids::{AccountId, DeviceRef};

/// The largest file that is taken, as WhatsApp has it, and what encrypting adds.
pub(crate) const MAX_FILE: u64 = (2 << 30) + 1_024;
/// How many bytes the media host keeps; beyond it the files not used for
/// longest are gone.
const UPLOADED: u64 = 6 << 30;
/// How many bytes of decrypted files the phones keep together.
const KEPT: u64 = 6 << 30;
/// How much of a file is read at once.
const CHUNK: usize = 64 << 10;
/// How many broken uploads are kept so that they can be resumed.
const MAX_PARTIAL: usize = 64;
/// How long an upload token is good for, in seconds.
pub(crate) const TOKEN_LIFE_SECS: u64 = 21_600;

/// What a control request is told of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) files: usize,
    pub(crate) bytes: u64,
}

/// The media host's files. Cloned handles share them; the folder goes with the
/// last one.
pub(crate) struct MediaStore {
    signer: Signer,
    hosts: OnceLock<Vec<String>>,
    inner: Mutex<Inner>,
}

struct Inner {
    folder: Option<Arc<TempDir>>,
    uploaded: Shelf,
    kept: Shelf,
    partial: HashMap<Hash, Partial>,
    /// The serial of the newest address, and of the newest that has ended.
    issued: u64,
    ended: u64,
}

struct Partial {
    path: TempPath,
    length: u64,
    order: u64,
}

/// A file that is being written; not on the host until it is whole.
pub(crate) struct Incoming {
    file: File,
    path: TempPath,
    sha256: Sha256,
    length: u64,
}

impl MediaStore {
    /// An empty store; its folder is made when it is first needed.
    pub(crate) fn new(key: [u8; 32]) -> Arc<Self> {
        Arc::new(Self {
            signer: Signer::new(key),
            hosts: OnceLock::new(),
            inner: Mutex::new(Inner {
                folder: None,
                uploaded: Shelf::new(UPLOADED),
                kept: Shelf::new(KEPT),
                partial: HashMap::new(),
                issued: 0,
                ended: 0,
            }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where the host listens, `127.0.0.1:PORT` each; once.
    pub(crate) fn listens(&self, hosts: Vec<String>) {
        let _ = self.hosts.set(hosts);
    }

    /// Where the host listens, the one to be tried first in front.
    pub(crate) fn hosts(&self) -> &[String] {
        self.hosts.get().map_or(&[], Vec::as_slice)
    }

    /// A token for uploads of a device.
    pub(crate) fn token(&self, device: DeviceRef, now_ms: u64) -> String {
        self.signer.token(&format!("{}-{}", device.account.0, device.device), now_ms + TOKEN_LIFE_SECS * 1_000)
    }

    /// The device that may upload with this token, if any.
    pub(crate) fn uploader(&self, token: &str, now_ms: u64) -> Option<DeviceRef> {
        let (account, device) = self.signer.bearer(token, now_ms)?.split_once('-')?;
        Some(DeviceRef { account: AccountId(account.parse().ok()?), device: device.parse().ok()? })
    }

    /// A file to write to.
    pub(crate) fn begin(&self) -> io::Result<Incoming> {
        let folder = {
            let mut inner = self.lock();
            if inner.folder.is_none() {
                inner.folder = Some(Arc::new(tempfile::Builder::new().prefix("sparkbot-sandbox-media-").tempdir()?));
            }
            inner.folder.clone()
        };
        let folder = folder.ok_or(io::ErrorKind::NotFound)?;
        let (file, path) = NamedTempFile::new_in(folder.path())?.into_parts();
        Ok(Incoming { file, path, sha256: Sha256::new(), length: 0 })
    }

    /// Goes on with a broken upload at `offset`; `None` when that much is not
    /// there.
    pub(crate) fn resume(&self, hash: &Hash, offset: u64) -> io::Result<Option<Incoming>> {
        let Some(partial) = self.lock().partial.remove(hash) else {
            return Ok(None);
        };
        if partial.length < offset {
            return Ok(None);
        }
        let mut file = File::options().read(true).write(true).open(&partial.path)?;
        file.set_len(offset)?;
        let mut sha256 = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                count => sha256.update(&chunk[..count]),
            }
        }
        Ok(Some(Incoming { file, path: partial.path, sha256, length: offset }))
    }

    /// How much of a broken upload is there, in bytes.
    pub(crate) fn resumable(&self, hash: &Hash) -> u64 {
        self.lock().partial.get(hash).map_or(0, |partial| partial.length)
    }

    /// Keeps what came of an upload that broke off.
    pub(crate) fn set_aside(&self, hash: Hash, incoming: Incoming) {
        let mut inner = self.lock();
        if inner.partial.get(&hash).is_some_and(|known| known.length >= incoming.length) {
            return;
        }
        if inner.partial.len() >= MAX_PARTIAL
            && let Some(oldest) = inner.partial.iter().min_by_key(|(_, partial)| partial.order).map(|(hash, _)| *hash)
        {
            inner.partial.remove(&oldest);
        }
        inner.issued += 1;
        let order = inner.issued;
        inner.partial.insert(hash, Partial { path: incoming.path, length: incoming.length, order });
    }

    /// Takes a whole file onto the host.
    pub(crate) fn publish(&self, incoming: Incoming) -> io::Result<Hash> {
        let (hash, path, length) = incoming.close()?;
        let mut inner = self.lock();
        inner.partial.remove(&hash);
        inner.uploaded.put(hash, path, length);
        Ok(hash)
    }

    /// Takes bytes onto the host and gives back their direct path, good for
    /// `life_ms`: for what the phones and the server themselves put there.
    pub(crate) fn put(&self, bytes: &[u8], encrypted: bool, now_ms: u64, life_ms: u64) -> io::Result<String> {
        let mut incoming = self.begin()?;
        incoming.write_all(bytes)?;
        let hash = self.publish(incoming)?;
        Ok(self.direct_path(hash, encrypted, now_ms, life_ms))
    }

    /// Whether a file is there.
    pub(crate) fn has(&self, hash: &Hash) -> bool {
        self.lock().uploaded.touch(hash).is_some()
    }

    /// Where a file may be fetched for `life_ms`.
    pub(crate) fn direct_path(&self, hash: Hash, encrypted: bool, now_ms: u64, life_ms: u64) -> String {
        let serial = {
            let mut inner = self.lock();
            inner.issued += 1;
            inner.issued
        };
        let ends_at = (now_ms + life_ms).div_ceil(1_000);
        self.signer.direct_path(Address { hash, ends_at, serial }, encrypted)
    }

    /// The file at a direct path and its length in bytes.
    ///
    /// # Errors
    ///
    /// When there is none, or not any more.
    pub(crate) fn fetch(&self, path_and_query: &str, now_ms: u64) -> Result<(File, u64), Unreachable> {
        let address = self.signer.read(path_and_query)?;
        let mut inner = self.lock();
        if address.ends_at * 1_000 <= now_ms || address.serial <= inner.ended {
            return Err(Unreachable::Expired);
        }
        // A file that had to make room was good once.
        inner.uploaded.open(&address.hash).and_then(Result::ok).ok_or(Unreachable::Expired)
    }

    /// Ends all addresses given out so far.
    pub(crate) fn expire(&self) -> Taken {
        let mut inner = self.lock();
        inner.ended = inner.issued;
        Taken { files: inner.uploaded.len(), bytes: inner.uploaded.taken() }
    }

    /// Keeps a decrypted file for the phones, under the hash of its content.
    pub(crate) fn keep(&self, incoming: Incoming) -> io::Result<(Hash, u64)> {
        let (hash, path, length) = incoming.close()?;
        self.lock().kept.put(hash, path, length);
        Ok((hash, length))
    }

    /// A decrypted file and its length in bytes.
    pub(crate) fn kept(&self, hash: &Hash) -> Option<(File, u64)> {
        self.lock().kept.open(hash)?.ok()
    }
}

impl Incoming {
    /// How many bytes are there.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The hash of what is there.
    pub(crate) fn hash(&self) -> Hash {
        self.sha256.clone().finalize().into()
    }

    fn close(mut self) -> io::Result<(Hash, TempPath, u64)> {
        self.file.flush()?;
        Ok((self.sha256.finalize().into(), self.path, self.length))
    }
}

impl io::Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.length + bytes.len() as u64 > MAX_FILE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let written = self.file.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;
    const DAY: u64 = 86_400_000;

    fn read(fetched: Result<(File, u64), Unreachable>) -> Vec<u8> {
        let (mut file, length) = fetched.unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, length);
        bytes
    }

    #[test]
    fn a_file_is_fetched_until_its_address_ends() {
        let store = MediaStore::new([1; 32]);
        let path = store.put(b"hello", true, NOW, DAY).unwrap();
        assert_eq!(read(store.fetch(&path, NOW)), b"hello");
        assert_eq!(store.fetch(&path, NOW + DAY).unwrap_err(), Unreachable::Expired);
        let again = store.put(b"hello", true, NOW, DAY).unwrap();
        store.expire();
        assert_eq!(store.fetch(&again, NOW).unwrap_err(), Unreachable::Expired);
        let hash = Sha256::digest(b"hello").into();
        assert_eq!(read(store.fetch(&store.direct_path(hash, true, NOW, DAY), NOW)), b"hello");
    }

    #[test]
    fn a_broken_upload_goes_on_where_it_broke() {
        let store = MediaStore::new([1; 32]);
        let hash: Hash = Sha256::digest(b"hello world").into();
        let mut first = store.begin().unwrap();
        first.write_all(b"hello wXX").unwrap();
        store.set_aside(hash, first);
        assert_eq!(store.resumable(&hash), 9);
        assert!(store.resume(&[0; 32], 0).unwrap().is_none());
        let mut rest = store.resume(&hash, 7).unwrap().unwrap();
        rest.write_all(b"orld").unwrap();
        assert_eq!(rest.hash(), hash);
        assert_eq!(store.publish(rest).unwrap(), hash);
        assert_eq!(store.resumable(&hash), 0);
        assert!(store.has(&hash));
    }

    #[test]
    fn the_folder_goes_with_the_store() {
        let store = MediaStore::new([1; 32]);
        store.put(b"hello", true, NOW, DAY).unwrap();
        let folder = store.lock().folder.as_ref().unwrap().path().to_owned();
        assert!(folder.exists());
        drop(store);
        assert!(!folder.exists());
    }
}
