//! Files.

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::FileRow;
use utoipa::ToSchema;

use super::Ref;
use crate::app::Core;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::files;

/// A file.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Owner.
    pub account: String,
    /// Who uploaded it.
    pub user: Ref,
    /// `public`: everybody in the account may use, change and delete it. `readonly`: others may only use it.
    /// `private`: nobody but its uploader knows of it.
    pub permission: String,
    /// Always `active`: one that has expired is gone.
    pub status: &'static str,
    /// `upload`, or `remote` for one that was fetched by its URL.
    pub origin: String,
    /// How it is sent: `native`, `gif` (a film that repeats) or `ptt` (a recording made in the chat).
    pub format: String,
    /// Where it was fetched from, without query.
    pub url: Option<String>,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha2: String,
    /// The uploader's own id.
    pub reference: Option<String>,
    /// What it is called.
    pub filename: String,
    /// Bytes.
    pub size: i64,
    /// MIME type, as its bytes say.
    pub mime: String,
    /// `image`, `video`, `audio`, `document` or `file`.
    pub kind: String,
    /// Ending of its kind, without the dot.
    pub ext: String,
    /// Text that goes along with it.
    pub message: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What is in it.
    pub meta: FileMeta,
    /// Its small picture, if one can be made.
    pub preview: Option<FilePreview>,
    /// How often it was used.
    pub stats: FileStats,
    /// The number for which it was made, if for one.
    pub device: Option<Ref>,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub updated_at: String,
    /// It is gone from then on.
    pub expires_at: String,
    /// When it was last downloaded.
    pub last_access_at: Option<String>,
    /// When it was last sent.
    pub last_delivery_at: Option<String>,
    /// Where it is.
    pub links: FileLinks,
}

/// What is in a file; what could not be found out is absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct FileMeta {
    /// Pixels, upright.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels, upright.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// Codec of film or sound: `avc1`, `mp3`, `opus`…
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// Pages of a PDF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_count: Option<u32>,
    /// A picture that moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub animated: Option<bool>,
}

/// A small picture of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FilePreview {
    /// Always `image/jpeg`.
    pub mime: &'static str,
    /// Where it is.
    pub image: String,
}

/// How often a file was used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FileStats {
    /// Downloads.
    pub downloads: i64,
    /// Messages with it.
    pub deliveries: i64,
}

/// Where a file is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FileLinks {
    /// The file's description.
    pub resource: String,
    /// Its bytes; works for an hour without a key.
    pub download: String,
}

impl File {
    /// From its row.
    ///
    /// # Errors
    /// When the row is unreadable.
    pub fn of(core: &Core, row: &FileRow) -> Result<Self> {
        let path = format!("/v1/files/{}", row.id);
        Ok(Self {
            id: row.id.to_string(),
            account: row.account_id.to_string(),
            user: Ref { id: row.created_by.clone() },
            permission: row.permission.clone(),
            status: "active",
            origin: row.origin.clone(),
            format: row.format.clone(),
            url: row.url.clone(),
            sha2: row.sha2.clone(),
            reference: row.reference.clone(),
            filename: row.filename.clone(),
            size: row.size,
            mime: row.mime.clone(),
            kind: row.kind.clone(),
            ext: row.ext.clone(),
            message: row.message.clone(),
            tags: serde_json::from_str(&row.tags).map_err(Error::internal)?,
            meta: serde_json::from_str(&row.meta).map_err(Error::internal)?,
            preview: files::has_preview(row)
                .then(|| FilePreview { mime: "image/jpeg", image: format!("{path}/preview") }),
            stats: FileStats { downloads: row.downloads, deliveries: row.deliveries },
            device: row.device_id.clone().map(|id| Ref { id }),
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
            expires_at: iso(row.expires_at),
            last_access_at: row.last_access_at.map(iso),
            last_delivery_at: row.last_delivery_at.map(iso),
            links: FileLinks {
                download: format!("{path}/download?token={}", files::token(core, row)?),
                resource: path,
            },
        })
    }
}
