//! Lines of the log that hold neither control characters nor phone numbers,
//! whoever wrote them.
//!
//! Our own types mask numbers, and what people have written is not logged at
//! all. This is the net below: an error of a library may repeat a name with a
//! line break in it, or somebody's address.

use std::io::{self, Write};

/// What WhatsApp's addresses end with.
const SERVERS: [&str; 5] = ["@s.whatsapp.net", "@c.us", "@lid", "@hosted", "@hosted.lid"];
/// Digits of a phone number, or of a private id.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=20;
/// Digits of it that are shown.
const SHOWN: usize = 2;

/// Writes whole lines; the formatter gives one event at a time.
#[derive(Debug)]
pub(super) struct Plain<W> {
    to: W,
    /// Colours are written for a terminal; those in values are escaped before.
    coloured: bool,
}

impl<W: Write> Plain<W> {
    pub(super) fn new(to: W, coloured: bool) -> Self {
        Self { to, coloured }
    }
}

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        let (line, end) = text.strip_suffix('\n').map_or((&*text, ""), |line| (line, "\n"));
        let mut written = masked(&one_line(line, self.coloured));
        written.push_str(end);
        self.to.write_all(written.as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// With escapes in the place of control characters.
fn one_line(line: &str, coloured: bool) -> String {
    let mut plain = String::with_capacity(line.len());
    for c in line.chars() {
        // Those that turn the direction of writing hide what stands there.
        let turns = matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if turns || (c.is_control() && c != '\t' && !(coloured && c == '\u{1b}')) {
            plain.extend(c.escape_unicode());
        } else {
            plain.push(c);
        }
    }
    plain
}

/// With most of each phone number and private id masked: digits after a `+`, and
/// those before `@` and one of WhatsApp's servers.
fn masked(line: &str) -> String {
    let mut written = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let digits = from.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = from.split_at(digits);
        written.push_str(before);
        let is_number = DIGITS.contains(&digits) && (before.ends_with('+') || is_address(after));
        if is_number {
            written.push_str(&number[..SHOWN]);
            written.push('…');
        } else {
            written.push_str(number);
        }
        rest = after;
    }
    written.push_str(rest);
    written
}

/// Whether what follows a number makes it an address, with or without the number
/// of a device: `@lid`, `:12@s.whatsapp.net`, `.0:12@lid`.
fn is_address(after: &str) -> bool {
    let server = after.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | '_' | '-'));
    // Old groups are named after the number of who made them.
    SERVERS.iter().any(|name| server.starts_with(name)) || (after.starts_with('-') && server.starts_with("@g.us"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::Plain;

    fn written(text: &str, coloured: bool) -> String {
        let mut all = Vec::new();
        Plain::new(&mut all, coloured).write_all(text.as_bytes()).expect("written");
        String::from_utf8(all).expect("text")
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let forged = "WARN the name 'x\n2026-01-01 ERROR forged\r\u{1b}[2J\u{202e}' is odd\n";
        let line = written(forged, false);
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        assert!(line.ends_with("is odd\n") && !line.contains(['\r', '\u{1b}', '\u{202e}']), "{line}");
        assert!(line.contains(r"'x\u{a}2026-01-01"), "{line}");
        assert_eq!(written("a\tb ✓ ä\n", false), "a\tb ✓ ä\n");
        assert_eq!(written("\u{1b}[32m INFO\u{1b}[0m x\ny\n", true), "\u{1b}[32m INFO\u{1b}[0m x\\u{a}y\n");
    }

    #[test]
    fn numbers_of_people_are_masked() {
        for (line, wanted) in [
            ("from 16001234561@s.whatsapp.net: x", "from 16…@s.whatsapp.net: x"),
            ("100000000000002:12@lid and 16001234561.0:3@lid", "10…:12@lid and 16….0:3@lid"),
            ("call +16001234561 back", "call +16… back"),
            ("16001234561@c.us", "16…@c.us"),
            ("16001234561-1500000000@g.us", "16…-1500000000@g.us"),
            // What is no person's stays.
            ("2026-07-01T12:00:00.123456Z took 12345678 ns", "2026-07-01T12:00:00.123456Z took 12345678 ns"),
            ("120363012345678901@g.us, port 12345, +5", "120363012345678901@g.us, port 12345, +5"),
            ("id 0123456789abcdef01234567", "id 0123456789abcdef01234567"),
        ] {
            assert_eq!(written(line, false), wanted);
        }
    }
}
