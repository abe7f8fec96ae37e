//! Files as the outside sees them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sparkbot_store::rows::ChatFileRow;

use crate::clock::iso;
use crate::error::{Error, Result};
use crate::views::{
    ChatFile, ChatFileLinks, ChatFileMeta, ChatFilePreview, ChatFileStats, ChatMedia, ChatMediaLinks, Link,
};

/// Endings for types that come without a name.
const ENDINGS: &[(&str, &str)] = &[
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("video/mp4", "mp4"),
    ("video/3gpp", "3gp"),
    ("video/quicktime", "mov"),
    ("audio/ogg", "ogg"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/aac", "aac"),
    ("audio/amr", "amr"),
    ("application/pdf", "pdf"),
    ("application/zip", "zip"),
    ("application/json", "json"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("text/vcard", "vcf"),
];

/// `image/jpeg` of `image/jpeg; charset=…`.
pub(super) fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The ending of the name, or the one that the type has by custom.
fn extension(row: &ChatFileRow) -> Option<String> {
    let named = row.filename.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    let plain = |ending: &&str| (1..=10).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    if let Some(ending) = named.filter(plain) {
        return Some(ending.to_ascii_lowercase());
    }
    let mime = essence(row.mime.as_deref()?);
    ENDINGS.iter().find(|(known, _)| *known == mime).map(|(_, ending)| (*ending).to_owned())
}

/// The name it came under, or one made of its message's id.
pub(super) fn filename(row: &ChatFileRow) -> String {
    if let Some(name) = row.filename.as_deref().filter(|name| !name.trim().is_empty()) {
        return name.to_owned();
    }
    match extension(row) {
        Some(ending) => format!("{}.{ending}", row.wa_id),
        None => row.wa_id.clone(),
    }
}

/// Kind and format as the API has them.
fn kind(row: &ChatFileRow) -> (&str, &'static str) {
    match row.kind.as_str() {
        "gif" => ("video", "gif"),
        "video_note" => ("video", "ptv"),
        "ptt" => ("ptt", "ptt"),
        other => (other, "native"),
    }
}

fn preview(row: &ChatFileRow) -> Option<ChatFilePreview> {
    let image = BASE64_STANDARD.encode(row.preview.as_ref()?);
    Some(ChatFilePreview { image, mime: "image/jpeg".to_owned() })
}

fn meta(row: &ChatFileRow) -> Result<ChatFileMeta> {
    serde_json::from_str(&row.meta).map_err(Error::internal)
}

fn get(url: String) -> Link {
    Link { method: "GET", url }
}

fn base(row: &ChatFileRow) -> String {
    format!("/v1/chat/{}/files/{}", row.device_id, row.id)
}

/// A file along with its message.
pub(crate) fn media(row: &ChatFileRow, with_preview: bool) -> Result<ChatMedia> {
    let (kind, format) = kind(row);
    Ok(ChatMedia {
        id: row.id.to_string(),
        kind: if kind == "ptt" { "audio" } else { kind }.to_owned(),
        format: format.to_owned(),
        status: row.status.clone(),
        caption: row.caption.clone(),
        mime: row.mime.clone(),
        size: row.size,
        filename: row.filename.clone(),
        extension: extension(row),
        sha2: row.sha2.clone(),
        meta: meta(row)?,
        preview: if with_preview { preview(row) } else { None },
        links: ChatMediaLinks { resource: get(base(row)), download: get(format!("{}/download", base(row))) },
    })
}

/// A file by itself; `token` makes its download's address work without a key.
pub(super) fn file(row: &ChatFileRow, token: &str) -> Result<ChatFile> {
    let (kind, format) = kind(row);
    Ok(ChatFile {
        id: row.id.to_string(),
        message: row.wa_id.clone(),
        chat: row.chat.clone(),
        flow: if row.flow == "inbound" { "in" } else { "out" }.to_owned(),
        status: row.status.clone(),
        error_code: row.error_code.clone(),
        error: row.error.clone(),
        caption: row.caption.clone(),
        kind: kind.to_owned(),
        format: format.to_owned(),
        size: row.size,
        mime: row.mime.clone(),
        extension: extension(row),
        filename: filename(row),
        sha2: row.sha2.clone(),
        created_at: iso(row.at),
        uploaded_at: row.fetched_at.map(iso),
        expires_at: row.expires_at.map(iso),
        meta: meta(row)?,
        preview: preview(row),
        stats: ChatFileStats { downloads: row.downloads },
        links: ChatFileLinks {
            resource: get(base(row)),
            download: get(format!("{}/download?token={token}", base(row))),
            message: get(format!("/v1/chat/{}/messages/{}", row.device_id, row.wa_id)),
            chat: get(format!("/v1/chat/{}/messages?chat={}", row.device_id, row.chat)),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::{essence, extension, filename};
    use crate::ids::{AccountId, ChatFileId, DeviceId};
    use sparkbot_store::rows::ChatFileRow;

    fn row(filename: Option<&str>, mime: Option<&str>) -> ChatFileRow {
        ChatFileRow {
            id: ChatFileId::new(0),
            account_id: AccountId::new(0),
            device_id: DeviceId::new(0),
            message: 1,
            chat: "1@c.us".to_owned(),
            author: "1@c.us".to_owned(),
            wa_id: "3EB0AA".to_owned(),
            flow: "inbound".to_owned(),
            kind: "document".to_owned(),
            status: "new".to_owned(),
            mime: mime.map(str::to_owned),
            size: None,
            filename: filename.map(str::to_owned),
            caption: None,
            sha2: None,
            meta: "{}".to_owned(),
            preview: None,
            blob: None,
            error_code: None,
            error: None,
            attempts: 0,
            next_attempt_at: None,
            downloads: 0,
            at: 0,
            created_at: 0,
            fetched_at: None,
            expires_at: None,
        }
    }

    #[test]
    fn a_file_without_a_name_gets_one() {
        assert_eq!(filename(&row(None, Some("audio/ogg; codecs=opus"))), "3EB0AA.ogg");
        assert_eq!(filename(&row(None, Some("application/x-unheard-of"))), "3EB0AA");
        assert_eq!(filename(&row(Some("Invoice 7.PDF"), Some("application/pdf"))), "Invoice 7.PDF");
        assert_eq!(extension(&row(Some("Invoice 7.PDF"), None)).as_deref(), Some("pdf"));
        assert_eq!(extension(&row(Some("no ending. here"), Some("image/png"))).as_deref(), Some("png"));
        assert_eq!(essence("Image/JPEG; x=y"), "image/jpeg");
    }
}
