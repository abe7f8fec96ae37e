//! What a message is and what it says, in 63 bits: a signature, as search
//! engines call it. It stands beside each of a message's words in the index, so
//! that a search of several words, or of words with filters, passes over nearly
//! all entries that don't fit without looking anything up. A signature may fit by
//! chance, so what passes is looked up still; what doesn't fit is never a match.
//!
//! `scripts/scale_fill.py` makes the same signatures.

use super::message::{ChatMessageRow, chat_kind};
use super::words::stands_alone;
use crate::sql::Sql;

/// Of a message whose words are not all known: fits every search.
pub(super) const UNKNOWN: i64 = -1;

/// Bits that words share.
const WORD_BITS: u32 = 48;
const INBOUND: i64 = 1 << 48;
const OUTBOUND: i64 = 1 << 49;
const WITH_FILE: i64 = 1 << 50;
/// Kinds that have a bit of their own, from this one on; all others share the last.
const KINDS: [&str; 6] = ["text", "image", "audio", "video", "document", "sticker"];
const FIRST_KIND: u32 = 51;
const PAIR: i64 = 1 << 58;
const GROUP: i64 = 1 << 59;
const OTHER_CHAT: i64 = 1 << 60;

/// The signature of a message with these words.
pub(super) fn of<'w>(row: &ChatMessageRow, words: impl IntoIterator<Item = &'w String>, with_file: bool) -> i64 {
    let said = words.into_iter().fold(0, |bits, word| bits | of_word(word));
    let file = if with_file { WITH_FILE } else { 0 };
    said | file | of_flow(&row.flow) | of_kind(&row.kind) | of_chat_kind(chat_kind(&row.chat))
}

/// What a search demands of signatures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::rows) struct Demand {
    /// Bits that must all be there.
    all: i64,
    /// Of each of these at least one bit.
    any: Vec<i64>,
}

impl Demand {
    /// That a word is there, or one that begins with it.
    pub(in crate::rows) fn word(&mut self, word: &str) {
        // A single letter begins too many different words to have a bit; signs are whole words.
        if word.chars().nth(1).is_some() || word.chars().all(stands_alone) {
            self.all |= of_word(word);
        }
    }

    /// Adds it to a query; `column` has the signature.
    pub(in crate::rows) fn of(&self, sql: &mut Sql, column: &'static str) {
        if self.all != 0 {
            sql.and("(").push(column).push(" & ").bind(self.all).push(") = ").bind(self.all);
        }
        for bits in &self.any {
            sql.and("(").push(column).push(" & ").bind(*bits).push(") <> 0");
        }
    }

    /// That a file is along with it.
    pub(in crate::rows) fn with_file(&mut self) {
        self.all |= WITH_FILE;
    }

    /// Received, or sent.
    pub(in crate::rows) fn flow(&mut self, flow: &str) {
        self.all |= of_flow(flow);
    }

    /// One of these kinds.
    pub(super) fn kinds<'k>(&mut self, kinds: impl IntoIterator<Item = &'k str>) {
        self.one_of(kinds.into_iter().fold(0, |bits, kind| bits | of_kind(kind)));
    }

    /// In a chat of one of these kinds.
    pub(super) fn chat_kinds<'k>(&mut self, kinds: impl IntoIterator<Item = &'k str>) {
        self.one_of(kinds.into_iter().fold(0, |bits, kind| bits | of_chat_kind(kind)));
    }

    fn one_of(&mut self, bits: i64) {
        if bits != 0 {
            self.any.push(bits);
        }
    }
}

/// A bit for the first two signs of a word, and one for the first four: so that
/// the beginning of a word has some of its bits.
fn of_word(word: &str) -> i64 {
    let signs = word.chars().count();
    let first = bit(word.chars().take(2));
    if signs < 4 { first } else { first | bit(word.chars().take(4)) }
}

/// FNV-1a of the signs' bytes, as one of the bits.
fn bit(signs: impl Iterator<Item = char>) -> i64 {
    let text: String = signs.collect();
    let hash = text.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    1 << ((hash ^ (hash >> 16)) % WORD_BITS)
}

fn of_flow(flow: &str) -> i64 {
    if flow == "inbound" { INBOUND } else { OUTBOUND }
}

fn of_kind(kind: &str) -> i64 {
    let place = KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len());
    1 << (FIRST_KIND as usize + place)
}

fn of_chat_kind(kind: &str) -> i64 {
    match kind {
        "chat" => PAIR,
        "group" => GROUP,
        _ => OTHER_CHAT,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words_of;
    use super::{ChatMessageRow, Demand, UNKNOWN, of};

    fn message(text: &str, kind: &str, flow: &str) -> i64 {
        let row = ChatMessageRow {
            kind: kind.to_owned(),
            flow: flow.to_owned(),
            chat: "1@g.us".to_owned(),
            ..ChatMessageRow::default()
        };
        of(&row, &words_of(text), kind != "text")
    }

    fn fits(signature: i64, demand: &Demand) -> bool {
        signature & demand.all == demand.all && demand.any.iter().all(|bits| signature & bits != 0)
    }

    #[test]
    fn what_a_message_has_fits_however_short_it_is_asked_for() {
        let text = "Grüße aus München, 東京 and 12 Äpfel 👍 x";
        let signature = message(text, "image", "inbound");
        for word in words_of(text) {
            for signs in 1..=word.chars().count() {
                let mut demand = Demand::default();
                demand.word(&word.chars().take(signs).collect::<String>());
                demand.flow("inbound");
                demand.kinds(["poll", "image"]);
                demand.chat_kinds(["group"]);
                demand.with_file();
                assert!(fits(signature, &demand), "{word}, {signs} signs");
                assert!(fits(UNKNOWN, &demand));
            }
        }
    }

    #[test]
    fn most_of_what_a_message_has_not_does_not_fit() {
        let signature = message("one two three four five six seven eight", "text", "outbound");
        let fitting = (0..1000)
            .filter(|n| {
                let mut demand = Demand::default();
                demand.word(&format!(
                    "{}{}word{n}",
                    char::from(b'a' + (n % 26) as u8),
                    char::from(b'a' + (n / 26 % 26) as u8)
                ));
                fits(signature, &demand)
            })
            .count();
        assert!(fitting < 200, "{fitting} of 1000 others fit");
        let mut demand = Demand::default();
        demand.flow("inbound");
        assert!(!fits(signature, &demand));
        let mut demand = Demand::default();
        demand.kinds(["image", "poll"]);
        assert!(!fits(signature, &demand));
        let mut demand = Demand::default();
        demand.with_file();
        assert!(!fits(signature, &demand));
    }
}
