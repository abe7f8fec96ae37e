//! Keys of more than one part.

/// All parts but the last carry their length in front, so that no two lists of
/// parts make the same key, whatever characters a peer puts into an id.
pub(super) fn compound(leading: &[&str], last: &[u8]) -> Vec<u8> {
    let mut key = prefix(leading);
    key.extend_from_slice(last);
    key
}

/// What all keys with these leading parts start with.
pub(super) fn prefix(leading: &[&str]) -> Vec<u8> {
    let mut key = Vec::with_capacity(leading.iter().map(|part| part.len() + 4).sum());
    for part in leading {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        key.extend_from_slice(&length.to_be_bytes());
        key.extend_from_slice(part.as_bytes());
    }
    key
}

/// The big-endian number at the start of a key or value, and what follows.
pub(super) fn leading_i64(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*number), rest))
}
