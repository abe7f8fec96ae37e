//! What the bytes say they are. What a sender or a name claims is only asked
//! where the bytes can't tell (plain text, unknown formats).

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How a file is sent by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// Something to read.
    Document,
    /// Anything else.
    File,
}

impl Kind {
    /// As the API spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::File => "file",
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileType {
    /// MIME type.
    pub mime: String,
    /// Usual ending, without the dot.
    pub ext: String,
    /// How it is sent by itself.
    pub kind: Kind,
}

impl FileType {
    fn new(mime: &str, ext: &str) -> Self {
        Self { mime: mime.to_owned(), ext: ext.to_owned(), kind: kind_of(mime) }
    }
}

/// Bytes that are looked at.
const HEAD: u64 = 8192;

/// What the bytes of a file say; `name` and `claimed` (a MIME type) settle what
/// they leave open.
///
/// # Errors
/// When the file can't be read.
pub fn sniff(path: &Path, name: Option<&str>, claimed: Option<&str>) -> io::Result<FileType> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(of_bytes(&head, name, claimed))
}

/// The same for the beginning of a file in memory.
#[must_use]
pub fn of_bytes(head: &[u8], name: Option<&str>, claimed: Option<&str>) -> FileType {
    if let Some(own) = own_checks(head) {
        return own;
    }
    if let Some(found) = infer::get(head) {
        // Old Office files and packages look alike inside: the name tells which.
        let (mime, ext) = match found.mime_type() {
            "application/zip" | "application/x-ole-storage" => return container(found, name, claimed),
            "audio/x-wav" => ("audio/wav", "wav"),
            "audio/x-flac" => ("audio/flac", "flac"),
            "audio/m4a" => ("audio/mp4", "m4a"),
            "video/x-m4v" => ("video/mp4", "mp4"),
            "application/x-shellscript" | "text/x-shellscript" => ("text/plain", "sh"),
            mime => (mime, found.extension()),
        };
        return FileType::new(mime, ext);
    }
    if is_text(head) {
        return text(name, claimed);
    }
    from_claims(name, claimed).unwrap_or_else(|| FileType::new("application/octet-stream", "bin"))
}

/// What `infer` does not know, or knows too coarsely.
fn own_checks(head: &[u8]) -> Option<FileType> {
    if head.starts_with(b"OggS") {
        // The first packet tells the codec.
        let codec = head.get(28..).unwrap_or_default();
        return Some(match codec {
            _ if codec.starts_with(b"OpusHead") => FileType::new("audio/ogg; codecs=opus", "ogg"),
            _ if codec.starts_with(b"\x80theora") => FileType::new("video/ogg", "ogv"),
            _ => FileType::new("audio/ogg", "ogg"),
        });
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Some(match head.get(8..12)? {
            b"M4A " | b"M4B " | b"F4A " => FileType::new("audio/mp4", "m4a"),
            b"qt  " => FileType::new("video/quicktime", "mov"),
            b"avif" | b"avis" => FileType::new("image/avif", "avif"),
            b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"hevm" | b"hevs" | b"mif1" | b"msf1" => {
                FileType::new("image/heic", "heic")
            }
            b"3gp4" | b"3gp5" | b"3gp6" | b"3gp7" | b"3gs7" | b"3ge6" => FileType::new("video/3gpp", "3gp"),
            _ => FileType::new("video/mp4", "mp4"),
        });
    }
    // A frame of MPEG sound without tags: 11 bits, then no forbidden value.
    if let [0xff, second, third, ..] = head
        && second & 0xe0 == 0xe0
        && second & 0x18 != 0x08
        && third & 0xf0 != 0xf0
        && third & 0x0c != 0x0c
    {
        return Some(match second & 0x06 {
            0 if second & 0xf6 == 0xf0 => FileType::new("audio/aac", "aac"),
            0 => return None,
            _ => FileType::new("audio/mpeg", "mp3"),
        });
    }
    None
}

fn container(found: infer::Type, name: Option<&str>, claimed: Option<&str>) -> FileType {
    const INSIDE: &[&str] =
        &["docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "apk", "jar", "doc", "xls", "ppt", "msg"];
    from_claims(name, claimed)
        .filter(|claim| INSIDE.contains(&claim.ext.as_str()))
        .unwrap_or_else(|| FileType::new(found.mime_type(), found.extension()))
}

/// Text can't run anywhere as `text/plain`; what would run in a browser keeps
/// its own type, and downloads are served so that it does not.
fn text(name: Option<&str>, claimed: Option<&str>) -> FileType {
    const TEXTS: &[&str] =
        &["txt", "csv", "json", "xml", "html", "svg", "vcf", "ics", "md", "rtf", "css", "js", "yaml", "log", "tsv"];
    from_claims(name, claimed)
        .filter(|claim| TEXTS.contains(&claim.ext.as_str()))
        .unwrap_or_else(|| FileType::new("text/plain", "txt"))
}

/// No zero bytes and valid UTF-8, as far as one sees.
fn is_text(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character may be cut by the end of what is looked at.
        Err(error) => head.len() as u64 == HEAD && error.error_len().is_none(),
    };
    !head.is_empty() && valid && !head.contains(&0)
}

fn from_claims(name: Option<&str>, claimed: Option<&str>) -> Option<FileType> {
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ext)| ext.to_ascii_lowercase());
    if let Some((ext, mime)) = ending.and_then(|ext| ENDINGS.iter().find(|(known, _)| *known == ext)) {
        return Some(FileType::new(mime, ext));
    }
    let essence = claimed?.split(';').next()?.trim().to_ascii_lowercase();
    ENDINGS.iter().find(|(_, mime)| *mime == essence).map(|(ext, mime)| FileType::new(mime, ext))
}

fn kind_of(mime: &str) -> Kind {
    match mime.split(['/', ';']).next() {
        // SVG is a program in a picture's clothes: nobody shows it in a chat.
        Some("image") if mime != "image/svg+xml" => Kind::Image,
        Some("video") => Kind::Video,
        Some("audio") => Kind::Audio,
        Some("text") => Kind::Document,
        _ if ENDINGS.iter().any(|(ext, known)| *known == mime && DOCUMENTS.contains(ext)) => Kind::Document,
        _ => Kind::File,
    }
}

/// Endings of what people read.
const DOCUMENTS: &[&str] =
    &["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "rtf", "epub", "json", "xml"];

/// Endings and their MIME types; the first of a type is its usual one.
const ENDINGS: &[(&str, &str)] = &[
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("rtf", "application/rtf"),
    ("epub", "application/epub+zip"),
    ("msg", "application/vnd.ms-outlook"),
    ("apk", "application/vnd.android.package-archive"),
    ("jar", "application/java-archive"),
    ("zip", "application/zip"),
    ("json", "application/json"),
    ("xml", "application/xml"),
    ("js", "text/javascript"),
    ("txt", "text/plain"),
    ("log", "text/plain"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("html", "text/html"),
    ("css", "text/css"),
    ("md", "text/markdown"),
    ("yaml", "application/yaml"),
    ("vcf", "text/vcard"),
    ("ics", "text/calendar"),
    ("svg", "image/svg+xml"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("mp4", "video/mp4"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("wav", "audio/wav"),
    ("amr", "audio/amr"),
];

#[cfg(test)]
mod tests {
    use super::{Kind, of_bytes};

    fn is(head: &[u8], name: Option<&str>, claimed: Option<&str>) -> (String, String, Kind) {
        let found = of_bytes(head, name, claimed);
        (found.mime, found.ext, found.kind)
    }

    #[track_caller]
    fn check(head: &[u8], name: Option<&str>, claimed: Option<&str>, wanted: (&str, &str, Kind)) {
        assert_eq!(is(head, name, claimed), (wanted.0.to_owned(), wanted.1.to_owned(), wanted.2));
    }

    #[test]
    fn bytes_win_over_what_is_claimed() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        check(png, Some("song.mp3"), Some("audio/mpeg"), ("image/png", "png", Kind::Image));
        check(b"%PDF-1.7\n", None, Some("application/octet-stream"), ("application/pdf", "pdf", Kind::Document));
        check(b"ID3\x04\0\0\0\0\0\0", None, None, ("audio/mpeg", "mp3", Kind::Audio));
        check(&[0xff, 0xfb, 0x90, 0x64, 0, 0], None, None, ("audio/mpeg", "mp3", Kind::Audio));
        check(&[0xff, 0xf1, 0x50, 0x80, 0, 0], None, None, ("audio/aac", "aac", Kind::Audio));
        check(&[0xff, 0xd8, 0xff, 0xe0, 0, 0], None, None, ("image/jpeg", "jpg", Kind::Image));
    }

    #[test]
    fn containers_are_told_apart() {
        let mut ogg = b"OggS".to_vec();
        ogg.resize(28, 0);
        ogg.extend_from_slice(b"OpusHead");
        check(&ogg, None, None, ("audio/ogg; codecs=opus", "ogg", Kind::Audio));
        for (brand, mime, ext, kind) in [
            (b"M4A ", "audio/mp4", "m4a", Kind::Audio),
            (b"isom", "video/mp4", "mp4", Kind::Video),
            (b"qt  ", "video/quicktime", "mov", Kind::Video),
            (b"heic", "image/heic", "heic", Kind::Image),
            (b"avif", "image/avif", "avif", Kind::Image),
        ] {
            let head = [b"\0\0\0\x18ftyp", &brand[..], b"\0\0\0\0"].concat();
            check(&head, None, None, (mime, ext, kind));
        }
    }

    #[test]
    fn what_the_bytes_leave_open_is_settled_by_name_or_claim() {
        let zip = b"PK\x03\x04\x14\0\0\0";
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        check(zip, Some("Letter.DOCX"), None, (docx, "docx", Kind::Document));
        check(zip, Some("a.png"), None, ("application/zip", "zip", Kind::File));
        check(b"a,b\n1,2\n", Some("list.csv"), None, ("text/csv", "csv", Kind::Document));
        check(b"a,b\n1,2\n", Some("list.exe"), Some("text/csv; charset=utf-8"), ("text/csv", "csv", Kind::Document));
        check(b"hello", None, None, ("text/plain", "txt", Kind::Document));
        check(&[1, 2, 3, 0], None, None, ("application/octet-stream", "bin", Kind::File));
        // A claim can't make a picture of bytes that are none.
        check(b"hello", Some("x.png"), Some("image/png"), ("text/plain", "txt", Kind::Document));
    }
}
