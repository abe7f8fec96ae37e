//! Files by the hash of their content, in one folder and up to one size.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;

use tempfile::TempPath;

use super::address::Hash;

struct Entry {
    /// Removes the file when dropped; who has it open may read on.
    path: TempPath,
    length: u64,
    used: u64,
}

/// Files by hash; beyond the capacity the ones not used for longest go.
pub(crate) struct Shelf {
    files: HashMap<Hash, Entry>,
    order: BTreeMap<u64, Hash>,
    uses: u64,
    taken: u64,
    capacity: u64,
}

impl Shelf {
    pub(crate) fn new(capacity: u64) -> Self {
        Self { files: HashMap::new(), order: BTreeMap::new(), uses: 0, taken: 0, capacity }
    }

    /// Puts a file in; the same content is kept once. A file larger than the
    /// shelf is not kept.
    pub(crate) fn put(&mut self, hash: Hash, path: TempPath, length: u64) {
        if self.touch(&hash).is_some() || length > self.capacity {
            return;
        }
        while self.taken + length > self.capacity {
            let Some((_, oldest)) = self.order.pop_first() else {
                break;
            };
            if let Some(entry) = self.files.remove(&oldest) {
                self.taken -= entry.length;
            }
        }
        self.uses += 1;
        self.taken += length;
        self.order.insert(self.uses, hash);
        self.files.insert(hash, Entry { path, length, used: self.uses });
    }

    /// The file and its length in bytes.
    pub(crate) fn open(&mut self, hash: &Hash) -> Option<io::Result<(File, u64)>> {
        let length = self.touch(hash)?;
        let entry = self.files.get(hash)?;
        Some(File::open(&entry.path).map(|file| (file, length)))
    }

    /// Counts as a use; gives back the length.
    pub(crate) fn touch(&mut self, hash: &Hash) -> Option<u64> {
        let entry = self.files.get_mut(hash)?;
        self.order.remove(&entry.used);
        self.uses += 1;
        entry.used = self.uses;
        self.order.insert(self.uses, *hash);
        Some(entry.length)
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// How many bytes lie here.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(folder: &tempfile::TempDir, bytes: usize) -> TempPath {
        let mut file = tempfile::NamedTempFile::new_in(folder).unwrap();
        file.write_all(&vec![0; bytes]).unwrap();
        file.into_temp_path()
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = Shelf::new(10);
        shelf.put([1; 32], file(&folder, 4), 4);
        shelf.put([2; 32], file(&folder, 4), 4);
        assert!(shelf.open(&[1; 32]).is_some());
        shelf.put([3; 32], file(&folder, 4), 4);
        assert!(shelf.open(&[2; 32]).is_none());
        assert_eq!(shelf.open(&[1; 32]).unwrap().unwrap().1, 4);
        assert_eq!((shelf.len(), shelf.taken()), (2, 8));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "its file is gone too");
    }

    #[test]
    fn the_same_content_is_kept_once_and_the_too_large_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = Shelf::new(10);
        shelf.put([1; 32], file(&folder, 4), 4);
        shelf.put([1; 32], file(&folder, 4), 4);
        shelf.put([2; 32], file(&folder, 11), 11);
        assert_eq!((shelf.len(), shelf.taken()), (1, 4));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
