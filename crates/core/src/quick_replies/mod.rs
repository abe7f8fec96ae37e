//! Quick replies: texts that agents keep at hand, by a shortcut.
//!
//! Who may what: a `public` one is seen and changed by everybody who may use the
//! number; a `readonly` one is changed only by its author, supervisors and
//! administrators; a `private` one is known to its author alone. They are of
//! scope `chat`: those of WhatsApp Business itself (`wa`) are not reported by
//! the protocol client.

use serde::Serialize;
pub use sparkbot_store::rows::QuickReplyFilter;
use sparkbot_store::rows::QuickReplyRow;
use sparkbot_store::{StoreError, Writing};
use utoipa::ToSchema;

use crate::access::Role;
use crate::app::Core;
use crate::clock::iso;
use crate::devices;
use crate::error::{Error, Kind, Result};
use crate::ids::{DeviceId, FileId, QuickReplyId};
use crate::keys::{Caller, Scope};
use crate::page::Page;
use crate::views::Ref;

/// Quick replies of one number at most.
const MOST: i64 = 2000;
/// Characters of a shortcut at most.
const SHORTCUT: usize = 40;
/// Characters of a message at most: as of every message.
const MESSAGE: usize = 6000;
/// Keywords at most.
const KEYWORDS: usize = 20;
/// Characters of a keyword at most.
const KEYWORD: usize = 40;
/// Entries of one deletion at most.
const ENTRIES: usize = 100;

/// Who sees and who changes.
pub const PERMISSIONS: &[&str] = &["public", "readonly", "private"];

/// A quick reply as it is shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuickReply {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Always `chat`.
    pub scope: &'static str,
    /// Always true.
    pub active: bool,
    /// What is typed for it.
    pub shortcut: String,
    /// What is sent.
    pub message: String,
    /// `public`, `readonly` or `private`.
    pub permission: String,
    /// A file that goes along.
    pub file: Option<Ref>,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// Who made it.
    pub user: Ref,
    /// ISO 8601.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// ISO 8601.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
}

impl QuickReply {
    fn of(row: QuickReplyRow) -> Result<Self> {
        Ok(Self {
            id: row.id.to_string(),
            scope: "chat",
            active: true,
            shortcut: row.shortcut,
            message: row.message,
            permission: row.permission,
            file: row.file_id.map(|id| Ref { id }),
            keywords: serde_json::from_str(&row.keywords).map_err(Error::internal)?,
            user: Ref { id: row.created_by },
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
        })
    }
}

/// What a request says of a quick reply; absent is as usual, or stays.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What is typed for it; a leading slash is left out.
    pub shortcut: String,
    /// What is sent.
    pub message: String,
    /// One of [`PERMISSIONS`].
    pub permission: Option<String>,
    /// Id of a file; `Some(None)` takes it away.
    pub file: Option<Option<String>>,
    /// Words to find it by.
    pub keywords: Option<Vec<String>>,
}

/// One that is to be deleted.
#[derive(Debug, Clone)]
pub enum Which {
    /// By id.
    Id(String),
    /// By shortcut.
    Shortcut(String),
}

/// A page of a number's quick replies that the caller sees, by shortcut.
///
/// # Errors
/// `device:notfound`, `device:forbidden`.
pub async fn list(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    filter: QuickReplyFilter,
) -> Result<Page<QuickReply>> {
    caller.need(Scope::TeamRead)?;
    devices::row(core, &caller.account, device).await?;
    let filter = QuickReplyFilter { viewer: caller.user.to_string(), ..filter };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let total = scope.count_quick_replies(device, &filter).await?;
    let rows = scope.quick_replies(device, &filter).await?;
    Ok(Page { items: rows.into_iter().map(QuickReply::of).collect::<Result<_>>()?, total })
}

/// Makes a quick reply.
///
/// # Errors
/// `device:notfound`; `reply:shortcut` when it is taken; `file:notfound`; for
/// values out of range.
pub async fn create(core: &Core, caller: &Caller, device: &DeviceId, said: Said) -> Result<QuickReply> {
    caller.need(Scope::RepliesWrite)?;
    let now = core.now();
    let mut row = QuickReplyRow {
        id: QuickReplyId::new(now),
        account_id: caller.account.clone(),
        device_id: device.clone(),
        owner: String::new(),
        shortcut: String::new(),
        shortcut_key: String::new(),
        message: String::new(),
        permission: "public".to_owned(),
        file_id: None,
        keywords: "[]".to_owned(),
        created_by: caller.user.to_string(),
        created_at: now,
        updated_at: now,
    };
    put(&mut row, &said)?;
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let account = &row.account_id;
                w.account(account).device(&row.device_id).await?.ok_or_else(|| devices::not_found(&row.device_id))?;
                if w.account(account).all_quick_replies(&row.device_id).await? >= MOST {
                    return Err(Error::conflict("reply:full", format!("A number has {MOST} quick replies at most.")));
                }
                check_file(w, &row, now).await?;
                w.touches("quickReply", row.id.as_str(), Some(row.device_id.as_str()));
                w.account(account).insert_quick_reply(&row).await.map_err(|error| taken(error, &row.shortcut))?;
                QuickReply::of(row)
            })
        })
        .await
}

/// Changes a quick reply, named by id or else by its shortcut.
///
/// # Errors
/// `reply:notfound`, `reply:readonly`, `reply:owner`, and as for a new one.
pub async fn update(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    id: Option<String>,
    said: Said,
) -> Result<QuickReply> {
    caller.need(Scope::RepliesWrite)?;
    let which = match id {
        Some(id) => Which::Id(id),
        None => Which::Shortcut(said.shortcut.clone()),
    };
    let (caller, device, now) = (caller.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                w.account(&caller.account).device(&device).await?.ok_or_else(|| devices::not_found(&device))?;
                let mut row = changeable(w, &caller, &device, &which).await?;
                let before = row.permission.clone();
                put(&mut row, &said)?;
                if row.permission != before && row.created_by != caller.user.as_str() {
                    return Err(Error::new(
                        Kind::Forbidden,
                        "reply:owner",
                        "Only the person who made a quick reply can change its permission.",
                    ));
                }
                row.updated_at = now;
                check_file(w, &row, now).await?;
                w.touches("quickReply", row.id.as_str(), Some(device.as_str()));
                w.account(&caller.account)
                    .update_quick_reply(&row)
                    .await
                    .map_err(|error| taken(error, &row.shortcut))?;
                QuickReply::of(row)
            })
        })
        .await
}

/// Deletes those named, or all that the caller may change; their ids. Nothing
/// is deleted when one of those named can't be.
///
/// # Errors
/// `reply:notfound`, `reply:readonly`.
pub async fn delete(core: &Core, caller: &Caller, device: &DeviceId, which: Option<Vec<Which>>) -> Result<Vec<String>> {
    caller.need(Scope::RepliesWrite)?;
    if let Some(count) = which.as_ref().map(Vec::len).filter(|count| *count > ENTRIES) {
        return Err(Error::invalid(
            "reply:count",
            format!("There are {count} entries; a request deletes at most {ENTRIES}."),
        ));
    }
    let (caller, device) = (caller.clone(), device.clone());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                w.account(&caller.account).device(&device).await?.ok_or_else(|| devices::not_found(&device))?;
                let mut rows = Vec::new();
                if let Some(which) = which {
                    for which in &which {
                        rows.push(changeable(w, &caller, &device, which).await?);
                    }
                } else {
                    let viewer = caller.user.to_string();
                    let filter = QuickReplyFilter { viewer, size: MOST, ..QuickReplyFilter::default() };
                    rows = w.account(&caller.account).quick_replies(&device, &filter).await?;
                    rows.retain(|row| may_change(&caller, row));
                }
                let mut ids = Vec::with_capacity(rows.len());
                for row in rows {
                    w.touches("quickReply", row.id.as_str(), Some(device.as_str()));
                    w.account(&caller.account).delete_quick_reply(&row.id).await?;
                    ids.push(row.id.to_string());
                }
                Ok(ids)
            })
        })
        .await
}

async fn changeable(w: &mut Writing, caller: &Caller, device: &DeviceId, which: &Which) -> Result<QuickReplyRow> {
    let (id, shortcut) = match which {
        Which::Id(id) => (Some(id.to_ascii_lowercase()), None),
        Which::Shortcut(text) => (None, Some(shortcut(text)?.to_lowercase())),
    };
    let found = w
        .account(&caller.account)
        .quick_reply(device, caller.user.as_str(), id.as_deref(), shortcut.as_deref())
        .await?;
    let row = found.ok_or_else(|| {
        let shown: String = id.or(shortcut).unwrap_or_default().chars().take(SHORTCUT).collect();
        Error::not_found("reply:notfound", format!("There is no quick reply '{shown}' in this WhatsApp number."))
            .hint("GET /v1/devices/{id}/quickReplies lists them.")
    })?;
    if may_change(caller, &row) {
        return Ok(row);
    }
    Err(Error::new(
        Kind::Forbidden,
        "reply:readonly",
        format!(
            "The quick reply '{}' is read-only: its author, supervisors and administrators change it.",
            row.shortcut
        ),
    ))
}

fn may_change(caller: &Caller, row: &QuickReplyRow) -> bool {
    row.permission == "public" || row.created_by == caller.user.as_str() || caller.role != Role::Agent
}

fn put(row: &mut QuickReplyRow, said: &Said) -> Result<()> {
    row.shortcut = shortcut(&said.shortcut)?;
    row.shortcut_key = row.shortcut.to_lowercase();
    let length = said.message.chars().count();
    if length > MESSAGE || said.message.trim().is_empty() {
        return Err(Error::invalid(
            "reply:message",
            format!("The message has {length} characters; it needs 1 to {MESSAGE}."),
        ));
    }
    row.message.clone_from(&said.message);
    if let Some(permission) = &said.permission {
        if !PERMISSIONS.contains(&permission.as_str()) {
            return Err(Error::invalid(
                "reply:permission",
                format!("The permission is '{permission}'; it must be one of {}.", PERMISSIONS.join(", ")),
            ));
        }
        row.permission.clone_from(permission);
    }
    row.owner = if row.permission == "private" { row.created_by.clone() } else { String::new() };
    if let Some(file) = &said.file {
        row.file_id = file.as_ref().map(|id| id.to_ascii_lowercase());
    }
    if let Some(keywords) = &said.keywords {
        row.keywords = serde_json::to_string(&check_keywords(keywords)?).map_err(Error::internal)?;
    }
    Ok(())
}

fn shortcut(text: &str) -> Result<String> {
    let text = text.trim();
    let text = text.strip_prefix('/').unwrap_or(text);
    let length = text.chars().count();
    if length == 0 || length > SHORTCUT || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Error::invalid(
            "reply:shortcut",
            format!("The shortcut has {length} characters; it needs 1 to {SHORTCUT}, without spaces."),
        ));
    }
    Ok(text.to_owned())
}

fn check_keywords(keywords: &[String]) -> Result<Vec<String>> {
    let wrong = |text: String| Err(Error::invalid("reply:keywords", text));
    if keywords.len() > KEYWORDS {
        return wrong(format!("There are {} keywords; {KEYWORDS} are possible.", keywords.len()));
    }
    let mut all: Vec<String> = Vec::with_capacity(keywords.len());
    for keyword in keywords {
        let keyword = keyword.trim();
        let length = keyword.chars().count();
        if length == 0 || length > KEYWORD {
            return wrong(format!("A keyword has {length} characters; each needs 1 to {KEYWORD}."));
        }
        if !all.iter().any(|known| known.to_lowercase() == keyword.to_lowercase()) {
            all.push(keyword.to_owned());
        }
    }
    Ok(all)
}

/// The file must be there, and be seen by everybody who sees the reply.
async fn check_file(w: &mut Writing, row: &QuickReplyRow, now: i64) -> Result<()> {
    let Some(id) = &row.file_id else { return Ok(()) };
    let unknown = || {
        Error::invalid("file:notfound", format!("There is no file '{id}', or it has expired."))
            .hint("List the files with GET /v1/files.")
    };
    let id: FileId = id.parse().map_err(|_| unknown())?;
    let file = w.account(&row.account_id).file(&id).await?;
    let seen = |file: &sparkbot_store::rows::FileRow| file.permission != "private" || file.created_by == row.created_by;
    let file = file.filter(|file| file.expires_at > now && seen(file)).ok_or_else(unknown)?;
    if file.permission == "private" && row.permission != "private" {
        return Err(Error::conflict("reply:file", format!("The file {id} is private, but the quick reply is not."))
            .hint("Change the file's permission with PATCH /v1/files/{id}, or make the quick reply private."));
    }
    Ok(())
}

fn taken(error: StoreError, shortcut: &str) -> Error {
    match error {
        StoreError::Duplicate(_) => Error::conflict(
            "reply:shortcut",
            format!("There is a quick reply '{shortcut}' in this WhatsApp number already."),
        ),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_keywords, shortcut};

    #[test]
    fn shortcuts_are_one_word() {
        assert_eq!(shortcut("/hello").expect("a shortcut"), "hello");
        for bad in ["", "/", "two words", &"x".repeat(41)] {
            assert_eq!(shortcut(bad).expect_err(bad).code, "reply:shortcut");
        }
    }

    #[test]
    fn keywords_stand_once() {
        let all = ["Hi", " hi ", "bye"].map(str::to_owned);
        assert_eq!(check_keywords(&all).expect("keywords"), ["Hi", "bye"]);
        assert!(check_keywords(&vec!["x".to_owned(); 21]).is_err());
        assert!(check_keywords(&["x".repeat(41)]).is_err());
    }
}
