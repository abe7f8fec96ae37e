//! Changes of bytes.

use crate::random::Random;

/// Numbers at which something overflows, wraps or is taken for a sign.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "127",
    "128",
    "255",
    "256",
    "32767",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "99999999999999999999999999",
    "1e308",
    "1e-400",
    "0x10",
    "00",
    "1.5",
    "NaN",
];
/// Text that is something else somewhere.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "\r\n",
    "\t",
    "\u{202e}",
    "\u{feff}",
    "\u{1f4a9}",
    "\u{ffff}",
    "é",
    "İ",
    "ß",
    "%00",
    "%2e%2e%2f",
    "../",
    "'",
    "\"",
    "\\",
    "<script>",
    "${x}",
    "{{x}}",
    "{a|b}",
    "=1+1",
    ";",
    ",",
    "&",
    "?",
    "#",
    "@",
    ":",
    "//",
    "null",
    "true",
];
/// The most that one change adds.
const MOST: usize = 4096;

/// Changes an input once.
pub(crate) fn change(random: &mut Random, input: &mut Vec<u8>, pool: &[Vec<u8>], words: &[Vec<u8>]) {
    let at = random.below(input.len() + 1);
    match random.below(14) {
        0 => flip(random, input),
        1 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = random.byte();
            }
        }
        2 => insert(input, at, &[random.byte()]),
        3 => {
            let end = at + random.below(input.len() - at + 1).min(1 + random.below(16));
            drop(input.drain(at..end));
        }
        4 => {
            let part = part(random, input);
            insert(input, at, &part);
        }
        5 => {
            let part = part(random, random_other(pool, at));
            insert(input, at, &part);
        }
        6..=7 if !words.is_empty() => {
            let word = random.pick(words).clone();
            place(random, input, at, &word);
        }
        6..=8 => place(random, input, at, random_text(at).as_bytes()),
        9 => decimal(random, input, at),
        10 => binary(random, input, at),
        11 => input.truncate(at),
        12 => {
            let part = part(random, input);
            let times = (MOST / part.len().max(1)).min(1 + random.below(1000));
            insert(input, at, &part.repeat(times));
        }
        _ => splice(random, input, pool),
    }
}

fn random_other(pool: &[Vec<u8>], at: usize) -> &[u8] {
    pool.get(at % pool.len().max(1)).map_or(&[], Vec::as_slice)
}

fn random_text(at: usize) -> &'static str {
    TEXTS[at % TEXTS.len()]
}

fn flip(random: &mut Random, input: &mut [u8]) {
    let at = random.below(input.len());
    let bit = random.below(8);
    if let Some(byte) = input.get_mut(at) {
        *byte ^= 1 << bit;
    }
}

fn insert(input: &mut Vec<u8>, at: usize, what: &[u8]) {
    drop(input.splice(at..at, what.iter().copied()));
}

/// Puts something in, or in the place of what is there.
fn place(random: &mut Random, input: &mut Vec<u8>, at: usize, what: &[u8]) {
    let end = if random.one_in(2) { at } else { (at + what.len()).min(input.len()) };
    drop(input.splice(at..end, what.iter().copied()));
}

/// A piece of an input.
fn part(random: &mut Random, input: &[u8]) -> Vec<u8> {
    let from = random.below(input.len() + 1);
    let length = random.below((input.len() - from + 1).min(64));
    input[from..from + length].to_vec()
}

/// Puts another number in the place of the next one that is written in digits.
fn decimal(random: &mut Random, input: &mut Vec<u8>, at: usize) {
    let Some(start) = input[at..].iter().position(u8::is_ascii_digit).map(|more| at + more) else { return };
    let end = input[start..].iter().position(|byte| !byte.is_ascii_digit()).map_or(input.len(), |more| start + more);
    drop(input.splice(start..end, random.pick(NUMBERS).bytes()));
}

/// Puts an extreme number over the bytes there, as formats hold lengths.
fn binary(random: &mut Random, input: &mut [u8], at: usize) {
    let width = *random.pick(&[1, 2, 3, 4, 8]);
    let value =
        *random.pick(&[0_u64, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x00ff_ffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX]);
    let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
    let bytes = if random.one_in(2) { &little[..width] } else { &big[8 - width..] };
    for (old, new) in input.iter_mut().skip(at).zip(bytes) {
        *old = *new;
    }
}

/// The beginning of this and the end of another.
fn splice(random: &mut Random, input: &mut Vec<u8>, pool: &[Vec<u8>]) {
    let other = random.pick(pool);
    let (keep, from) = (random.below(input.len() + 1), random.below(other.len() + 1));
    input.truncate(keep);
    input.extend_from_slice(&other[from..]);
}
