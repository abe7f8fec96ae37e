//! Values of session state that were used last, of all numbers together.
//!
//! The client asks for a handful of values with each message, and a read-only
//! connection has to fetch their pages anew after each commit. Values are kept
//! sealed, as the rows have them; that there is none is kept, too.
//!
//! The writer puts in what it writes, before the commit: only the owner of the
//! number asks, and it is the one who writes. What readers have found goes in
//! only when nothing was written since they began to look, so an old value never
//! takes the place of a newer one. A transaction that fails empties everything.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hashlink::LruCache;

/// Bytes of values and their keys at most.
const BYTES: usize = 4 * 1024 * 1024;
/// What an entry costs besides.
const ENTRY: usize = 128;
/// Values above this are not kept.
const LARGE: usize = 32 * 1024;

/// What was used last.
pub(crate) struct Recent(Mutex<Kept>);

struct Kept {
    entries: LruCache<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
    /// Grows with everything that is written.
    writes: u64,
    /// Places, and beginnings of places, that the transaction under way has written
    /// and that are not kept: readers would find what was there before.
    open: Vec<Vec<u8>>,
}

impl Default for Recent {
    fn default() -> Self {
        Self(Mutex::new(Kept { entries: LruCache::new_unbounded(), bytes: 0, writes: 0, open: Vec::new() }))
    }
}

/// What an entry counts as.
fn size(place: &[u8], value: Option<&Vec<u8>>) -> usize {
    ENTRY + place.len() + value.map_or(0, Vec::len)
}

impl Kept {
    fn put(&mut self, place: Vec<u8>, value: Option<Vec<u8>>) {
        self.bytes += size(&place, value.as_ref());
        let length = place.len();
        if let Some(before) = self.entries.insert(place, value) {
            self.bytes -= ENTRY + length + before.as_ref().map_or(0, Vec::len);
        }
    }

    fn trim(&mut self) {
        while self.bytes > BYTES
            && let Some((place, value)) = self.entries.remove_lru()
        {
            self.bytes -= size(&place, value.as_ref());
        }
    }

    fn remove(&mut self, place: &[u8]) {
        if let Some((place, value)) = self.entries.remove_entry(place) {
            self.bytes -= size(&place, value.as_ref());
        }
    }
}

impl Recent {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a place: its value, or that it has none; otherwise `Err`
    /// with the mark to hand in with what is found.
    pub(super) fn get(&self, place: &[u8]) -> Result<Option<Vec<u8>>, u64> {
        let mut kept = self.kept();
        let writes = kept.writes;
        kept.entries.get(place).cloned().ok_or(writes)
    }

    /// What was found, unless something was written since `mark` was given.
    pub(super) fn found(&self, place: Vec<u8>, value: Option<Vec<u8>>, mark: u64) {
        let mut kept = self.kept();
        let large = value.as_ref().is_some_and(|value| value.len() > LARGE);
        if kept.writes == mark && !large && !kept.open.iter().any(|open| place.starts_with(open)) {
            kept.put(place, value);
        }
    }

    /// What is written in this moment; `None` when it is removed.
    pub(super) fn written(&self, place: Vec<u8>, value: Option<Vec<u8>>) {
        let mut kept = self.kept();
        kept.writes += 1;
        if value.as_ref().is_some_and(|value| value.len() > LARGE) {
            kept.remove(&place);
            kept.open.push(place);
        } else {
            kept.put(place, value);
        }
    }

    /// It is changed in this moment, if it is there.
    pub(super) fn changed(&self, place: Vec<u8>) {
        let mut kept = self.kept();
        kept.writes += 1;
        kept.remove(&place);
        kept.open.push(place);
    }

    /// Everything that begins like this is something else in this moment.
    pub(super) fn forget(&self, prefix: &[u8]) {
        let mut kept = self.kept();
        kept.writes += 1;
        let gone: Vec<Vec<u8>> =
            kept.entries.iter().map(|(place, _)| place).filter(|place| place.starts_with(prefix)).cloned().collect();
        for place in gone {
            kept.remove(&place);
        }
        kept.open.push(prefix.to_vec());
    }

    /// A transaction is over: what readers have found before may be old. Without
    /// `all` some of it was undone.
    pub(crate) fn ended(&self, all: bool) {
        let mut kept = self.kept();
        kept.writes += 1;
        kept.open.clear();
        if !all {
            kept.entries.clear();
            kept.bytes = 0;
        }
        kept.trim();
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES, LARGE, Recent};

    #[test]
    fn an_old_value_never_takes_the_place_of_a_newer_one() {
        let recent = Recent::default();
        let mark = recent.get(b"a").unwrap_err();
        recent.written(b"a".to_vec(), Some(vec![2]));
        recent.found(b"a".to_vec(), Some(vec![1]), mark);
        assert_eq!(recent.get(b"a"), Ok(Some(vec![2])));
        // One that is too large to be kept counts as written all the same.
        let mark = recent.get(b"b").unwrap_err();
        recent.written(b"b".to_vec(), Some(vec![0; LARGE + 1]));
        recent.found(b"b".to_vec(), None, mark);
        assert!(recent.get(b"b").is_err());
        // A reader that began before the commit has seen what was before it.
        let mark = recent.get(b"b").unwrap_err();
        recent.ended(true);
        recent.found(b"b".to_vec(), None, mark);
        let mark = recent.get(b"b").unwrap_err();
        recent.found(b"b".to_vec(), None, mark);
        assert_eq!(recent.get(b"b"), Ok(None));
    }

    #[test]
    fn what_failed_was_never_there() {
        let recent = Recent::default();
        recent.written(b"a".to_vec(), Some(vec![2]));
        recent.ended(false);
        assert!(recent.get(b"a").is_err());
        assert_eq!(recent.kept().bytes, 0);
    }

    #[test]
    fn it_stays_within_its_bytes() {
        let recent = Recent::default();
        for n in 0..20_000u32 {
            recent.written(n.to_be_bytes().to_vec(), Some(vec![0; 1024]));
            recent.written(0u32.to_be_bytes().to_vec(), None);
            recent.ended(true);
        }
        assert!(recent.kept().bytes <= BYTES);
        assert_eq!(recent.get(&0u32.to_be_bytes()), Ok(None), "what is used stays");
        assert!(recent.get(&1u32.to_be_bytes()).is_err());
        recent.forget(b"");
        let kept = recent.kept();
        assert_eq!((kept.bytes, kept.entries.len()), (0, 0));
    }
}
