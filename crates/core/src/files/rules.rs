//! What may be said of a file.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// How long files can be kept.
pub const EXPIRATIONS: &[&str] = &[
    "10m", "30m", "1h", "6h", "12h", "1d", "2d", "3d", "5d", "7d", "15d", "30d", "60d", "90d", "120d", "180d", "1y",
    "2y",
];

/// How long a file is kept when nothing is said.
const USUAL: &str = "30d";
/// Characters of a name at most.
const NAME: usize = 255;
/// Characters of a reference at most.
const REFERENCE: usize = 128;
/// Tags at most.
const TAGS: usize = 20;
/// Characters of a tag at most.
const TAG: usize = 40;
/// Characters of the text that goes along at most: as of every message.
const MESSAGE: usize = 6000;

/// How long a file is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiration(&'static str);

impl Expiration {
    /// In milliseconds; a year has 365 days.
    #[must_use]
    pub fn millis(self) -> i64 {
        let (number, unit) = self.0.split_at(self.0.len() - 1);
        let unit = match unit {
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => 365 * 86_400,
        };
        number.parse::<i64>().unwrap_or(30) * unit * 1000
    }
}

impl Default for Expiration {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl fmt::Display for Expiration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for Expiration {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        EXPIRATIONS.iter().find(|known| **known == text).map(|known| Self(known)).ok_or_else(|| {
            let shown: String = text.chars().take(20).collect();
            Error::invalid(
                "file:expiration",
                format!("A file can't be kept for '{shown}'; it can for {}.", EXPIRATIONS.join(", ")),
            )
        })
    }
}

pub(super) fn format(word: Option<&str>) -> Result<String> {
    one_of("file:format", "format", word.unwrap_or("native"), &["native", "gif", "ptt"])
}

pub(super) fn permission(word: Option<&str>) -> Result<String> {
    one_of("file:permission", "permission", word.unwrap_or("public"), &["public", "readonly", "private"])
}

fn one_of(code: &'static str, what: &str, word: &str, known: &[&str]) -> Result<String> {
    if known.contains(&word) {
        return Ok(word.to_owned());
    }
    let shown: String = word.chars().take(40).collect();
    Err(Error::invalid(code, format!("A file's {what} can't be '{shown}'; it can be {}.", known.join(", "))))
}

/// A name without folders and without what headers and terminals could choke
/// on; from `given`, else from the URL or the type.
pub(super) fn filename(given: Option<&str>, ext: &str) -> Result<String> {
    let Some(given) = given else { return Ok(format!("file.{ext}")) };
    if given.chars().count() > NAME {
        return Err(Error::invalid("file:filename", format!("The file's name has more than {NAME} characters.")));
    }
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    let clean = clean.trim().trim_start_matches('.').trim();
    if clean.is_empty() {
        return Ok(format!("file.{ext}"));
    }
    Ok(clean.to_owned())
}

/// Marks that turn the direction of writing can make `gpj.exe` of `exe.jpg`.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

pub(super) fn reference(text: Option<String>) -> Result<Option<String>> {
    let text = text.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > REFERENCE) {
        return Err(Error::invalid("file:reference", format!("The reference has more than {REFERENCE} characters.")));
    }
    Ok(text)
}

pub(super) fn message(text: Option<String>) -> Result<Option<String>> {
    let text = text.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MESSAGE) {
        return Err(Error::invalid("file:message", format!("The message has more than {MESSAGE} characters.")));
    }
    Ok(text)
}

/// Tags as they are kept: without doubles, in their order.
pub(super) fn tags(given: &[String]) -> Result<String> {
    let mut kept: Vec<&str> = Vec::new();
    for tag in given {
        let tag = tag.trim();
        let fine = !tag.is_empty()
            && tag.chars().count() <= TAG
            && !tag.chars().any(|c| c.is_control() || matches!(c, '"' | '\\' | ','));
        if !fine {
            let shown: String = tag.chars().take(40).collect();
            return Err(Error::invalid(
                "file:tags",
                format!(
                    "'{shown}' is no tag: tags have 1 to {TAG} characters, without quotation marks, commas and backslashes."
                ),
            ));
        }
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    if kept.len() > TAGS {
        return Err(Error::invalid("file:tags", format!("There are {} tags; a file has {TAGS} at most.", kept.len())));
    }
    serde_json::to_string(&kept).map_err(Error::internal)
}

/// A number of bytes as people say it.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: &[(u64, &str)] = &[(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    UNITS.iter().find(|(unit, _)| count >= *unit && count.is_multiple_of(*unit / 4)).map_or_else(
        || format!("{count} bytes"),
        |(unit, word)| {
            let (whole, rest) = (count / unit, count % unit * 100 / unit);
            if rest == 0 { format!("{whole} {word}") } else { format!("{whole}.{rest:02} {word}") }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::{EXPIRATIONS, Expiration, bytes, filename, tags};

    #[test]
    fn expirations_grow_in_their_order() {
        let millis: Vec<i64> = EXPIRATIONS.iter().map(|word| word.parse::<Expiration>().unwrap().millis()).collect();
        assert!(millis.is_sorted() && millis[0] == 600_000 && millis[17] == 2 * 365 * 86_400_000);
        assert_eq!(Expiration::default().millis(), 30 * 86_400_000);
        assert!("3h".parse::<Expiration>().is_err());
    }

    #[test]
    fn names_hold_no_folders_and_nothing_invisible() {
        for (given, wanted) in [
            (Some("../../etc/passwd"), "passwd"),
            (Some("C:\\temp\\a.pdf"), "a.pdf"),
            (Some("x\u{202e}gpj.exe\r\n"), "xgpj.exe"),
            (Some(".htaccess"), "htaccess"),
            (Some(" / "), "file.jpg"),
            (None, "file.jpg"),
        ] {
            assert_eq!(filename(given, "jpg").unwrap(), wanted);
        }
        assert!(filename(Some(&"x".repeat(256)), "jpg").is_err());
    }

    #[test]
    fn tags_are_words_without_doubles() {
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(tags(&list(&["a", " b ", "a"])).unwrap(), r#"["a","b"]"#);
        assert!(tags(&list(&["a\"b"])).is_err() && tags(&list(&[""])).is_err());
        let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
        assert!(tags(&many).is_err());
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(bytes(256 << 20), "256 MiB");
        assert_eq!(bytes(1 << 29), "512 MiB");
        assert_eq!(bytes(1536), "1.50 KiB");
        assert_eq!(bytes(1000), "1000 bytes");
    }
}
