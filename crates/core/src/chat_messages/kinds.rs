//! The words for kinds of messages: one table for what is shown and for what is
//! filtered by.

/// A kind, and a subtype where a word is about one; `Some("")` is the kind
/// without a subtype.
type Meaning = (&'static str, Option<&'static str>);

/// What is filtered by, and what it means.
const FILTERS: &[(&str, &[Meaning])] = &[
    ("text", &[("text", None)]),
    ("image", &[("image", None)]),
    ("audio", &[("audio", Some(""))]),
    ("voice", &[("audio", Some("voice"))]),
    ("video", &[("video", None)]),
    ("document", &[("document", None)]),
    ("contact", &[("contacts", None)]),
    ("location", &[("location", None)]),
    ("system", &[("system", None), ("call", None)]),
    ("sticker", &[("sticker", None)]),
    ("poll", &[("poll", None)]),
    ("event", &[("event", None)]),
    ("list", &[("list", None)]),
    ("buttons", &[("buttons", None)]),
    ("product", &[("product", None)]),
    ("order", &[("order", None)]),
    ("note", &[("note", None)]),
];

/// Every word that can be filtered by.
pub const KINDS: &[&str] = &[
    "text", "image", "audio", "voice", "video", "document", "contact", "location", "system", "sticker", "poll",
    "event", "list", "buttons", "product", "order", "note",
];

/// Kinds and subtypes that a filter's words mean.
#[must_use]
pub fn filtered(words: &[String]) -> Vec<(String, Option<String>)> {
    FILTERS
        .iter()
        .filter(|(word, _)| words.iter().any(|asked| asked == word))
        .flat_map(|(_, kinds)| kinds.iter())
        .map(|(kind, subtype)| ((*kind).to_owned(), subtype.map(str::to_owned)))
        .collect()
}

/// The kind as it is shown, from the queue's or the adapter's word for it.
#[must_use]
pub(crate) fn shown(word: &str) -> &str {
    match word {
        "voice" | "ptt" => "audio",
        "gif" | "ptv" | "video_note" => "video",
        "contact" => "contacts",
        "view_once" => "unknown",
        other => other,
    }
}

/// Kinds that bring a file.
pub(crate) fn has_file(kind: &str) -> bool {
    matches!(kind, "image" | "video" | "audio" | "document" | "sticker" | "product")
}

#[cfg(test)]
mod tests {
    use super::{FILTERS, KINDS, filtered};

    #[test]
    fn every_word_means_something() {
        let known: Vec<&str> = FILTERS.iter().map(|(word, _)| *word).collect();
        assert_eq!(known, KINDS);
        for word in KINDS {
            assert!(!filtered(&[(*word).to_owned()]).is_empty(), "{word}");
        }
    }

    #[test]
    fn recordings_are_told_from_other_sound() {
        let of = |word: &str| filtered(&[word.to_owned()]);
        assert_eq!(of("voice"), [("audio".to_owned(), Some("voice".to_owned()))]);
        assert_eq!(of("audio"), [("audio".to_owned(), Some(String::new()))]);
    }
}
