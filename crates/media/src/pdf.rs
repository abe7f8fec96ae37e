//! How many pages a PDF has, as far as it says so openly. One whose page tree
//! is compressed keeps it to itself.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes that are looked at: page objects of larger ones are not counted.
const MOST: u64 = 64 * 1024 * 1024;
const CHUNK: usize = 64 * 1024;
/// Longest thing that is looked for, kept over from chunk to chunk.
const OVERLAP: usize = 32;

/// The number of page objects.
///
/// # Errors
/// When the file can't be read.
pub fn pages(path: &Path) -> io::Result<Option<u32>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > MOST {
        return Ok(None);
    }
    let mut reader = file.take(MOST);
    let mut window: Vec<u8> = Vec::with_capacity(CHUNK + OVERLAP);
    let mut chunk = vec![0u8; CHUNK];
    let mut count = 0u32;
    loop {
        let n = reader.read(&mut chunk)?;
        window.extend_from_slice(&chunk[..n]);
        let last = n == 0;
        let end = if last { window.len() } else { window.len().saturating_sub(OVERLAP) };
        count = count.saturating_add(count_in(&window, end));
        if last {
            return Ok((count > 0).then_some(count));
        }
        window.drain(..end);
    }
}

/// Page objects that begin before `end`.
fn count_in(window: &[u8], end: usize) -> u32 {
    let mut count = 0;
    for at in 0..end {
        if window[at] == b'/' && is_page(&window[at..]) {
            count += 1;
        }
    }
    count
}

/// `/Type /Page`, with any white space between, and not `/Pages`.
fn is_page(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"/Type") else { return false };
    let rest = rest.trim_ascii_start();
    let Some(rest) = rest.strip_prefix(b"/Page") else { return false };
    !rest.first().is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::pages;

    fn count(text: &[u8]) -> Option<u32> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        pages(file.path()).unwrap()
    }

    #[test]
    fn page_objects_are_counted_and_their_tree_is_not() {
        let one = b"%PDF-1.4\n<< /Type /Pages /Count 2 >> << /Type /Page /Parent 1 0 R >> <</Type/Page/Parent 1 0 R>>";
        assert_eq!(count(one), Some(2));
        assert_eq!(count(b"%PDF-1.5\n<< /Type /ObjStm >>"), None);
    }

    #[test]
    fn a_page_across_two_reads_counts_once() {
        for shift in 0..40 {
            let mut text = vec![b' '; 64 * 1024 - 20 + shift];
            text.extend_from_slice(b"<< /Type  /Page >>");
            assert_eq!(count(&text), Some(1), "{shift}");
        }
    }
}
