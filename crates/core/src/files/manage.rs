//! What people do with files.
//!
//! Who may what: a `public` file may be used, changed and deleted by everybody
//! in the account; a `readonly` one only used; a `private` one is known to
//! nobody but the person who uploaded it, who may everything in each case.

use sparkbot_store::rows::{FileFilter, FileRow};

use super::{FileChanges, rules};
use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, FileId};
use crate::keys::{Caller, Scope};
use crate::page::Page;

/// How far the files of a list are counted beyond the page.
const COUNTED: i64 = 1_000;
/// The same where parts of words are looked for.
const COUNTED_BY_READING: i64 = 100;
/// Files in which parts of words are looked for, the newest ones.
const LOOKED_AT: i64 = 5_000;

/// A page of files.
///
/// # Errors
/// Without the scope `files:read`.
pub async fn list(core: &Core, caller: &Caller, filter: FileFilter) -> Result<Page<FileRow>> {
    caller.need(Scope::FilesRead)?;
    let filter = FileFilter { viewer: caller.user.to_string(), now: core.now(), looked_at: Some(LOOKED_AT), ..filter };
    let reads = filter.search.is_some() || filter.filename.is_some() || !filter.tags.is_empty();
    let beyond = if reads { COUNTED_BY_READING } else { COUNTED };
    let mut reading = core.store().read().await?;
    let mut scope = reading.account(&caller.account);
    let items = scope.files(&filter).await?;
    let total = match filter.skip.checked_add(i64::try_from(items.len()).unwrap_or(i64::MAX)) {
        // The page is the last one: nothing is left to be counted.
        Some(end) if end < filter.skip.saturating_add(filter.size) && (filter.skip == 0 || !items.is_empty()) => end,
        _ => scope.count_files(&filter, filter.skip.saturating_add(filter.size).saturating_add(beyond)).await?,
    };
    Ok(Page { items, total })
}

/// One file.
///
/// # Errors
/// `file:notfound`, also for one that has expired or is somebody else's private one.
pub async fn get(core: &Core, caller: &Caller, id: &FileId) -> Result<FileRow> {
    caller.need(Scope::FilesRead)?;
    read(core, &caller.account, Some(caller.user.as_str()), id).await
}

/// One file, as whoever sends it or holds a token for it reads it; without a
/// viewer, permissions do not matter.
///
/// # Errors
/// `file:notfound`.
pub async fn read(core: &Core, account: &AccountId, viewer: Option<&str>, id: &FileId) -> Result<FileRow> {
    let row = core.store().read().await?.account(account).file(id).await?;
    row.filter(|row| row.expires_at > core.now() && viewer.is_none_or(|viewer| may_see(row, viewer)))
        .ok_or_else(|| unknown(id))
}

/// Changes a file.
///
/// # Errors
/// `file:notfound`, `file:readonly`, and for what may not be said of a file.
pub async fn update(core: &Core, caller: &Caller, id: &FileId, changes: FileChanges) -> Result<FileRow> {
    caller.need(Scope::FilesWrite)?;
    let (account, user, wanted, now) = (caller.account.clone(), caller.user.to_string(), id.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                let mut row = owned(scope.file(&wanted).await?, &wanted, &user, now)?;
                change(&mut row, changes, &user, now)?;
                scope.update_file(&row).await?;
                Ok(row)
            })
        })
        .await
}

fn change(row: &mut FileRow, changes: FileChanges, user: &str, now: i64) -> Result<()> {
    if let Some(name) = changes.filename {
        row.filename = rules::filename(Some(&name), &row.ext)?;
    }
    if let Some(reference) = changes.reference {
        row.reference = rules::reference(reference)?;
    }
    if let Some(format) = changes.format {
        row.format = rules::format(Some(&format))?;
    }
    if let Some(tags) = changes.tags {
        row.tags = rules::tags(&tags)?;
    }
    if let Some(message) = changes.message {
        row.message = rules::message(message)?;
    }
    if let Some(expiration) = changes.expiration {
        row.expires_at = now + expiration.millis();
    }
    if let Some(permission) = changes.permission {
        let permission = rules::permission(Some(&permission))?;
        if permission != row.permission && row.created_by != user {
            return Err(Error::new(
                Kind::Forbidden,
                "file:owner",
                "Only the person who uploaded the file can change its permission.",
            ));
        }
        row.permission = permission;
    }
    row.updated_at = now;
    Ok(())
}

/// Deletes a file; its bytes go soon after.
///
/// # Errors
/// `file:notfound`, `file:readonly`.
pub async fn delete(core: &Core, caller: &Caller, id: &FileId) -> Result<()> {
    caller.need(Scope::FilesWrite)?;
    let (account, user, wanted, now) = (caller.account.clone(), caller.user.to_string(), id.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                let row = owned(scope.file(&wanted).await?, &wanted, &user, now)?;
                scope.delete_file(&row, now).await.map_err(Error::from)
            })
        })
        .await?;
    core.workshop().sweep_soon();
    Ok(())
}

/// What a deletion of several files has done.
#[derive(Debug, Clone, Default)]
pub struct Deletion {
    /// What was deleted.
    pub ids: Vec<FileId>,
    /// Bytes that they had.
    pub size: i64,
    /// How many more there are that match.
    pub left: i64,
}

/// Deletes files that match, the oldest first, `filter.size` of them at most;
/// those that the caller may not delete do not match.
///
/// # Errors
/// Without the scope `files:write`.
pub async fn delete_many(core: &Core, caller: &Caller, filter: FileFilter) -> Result<Deletion> {
    caller.need(Scope::FilesWrite)?;
    let now = core.now();
    let filter = FileFilter { viewer: caller.user.to_string(), changeable: true, now, skip: 0, ..filter };
    let account = caller.account.clone();
    let done = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                let total = scope.count_files(&filter, i64::MAX).await?;
                let mut done = Deletion::default();
                for row in scope.files(&filter).await? {
                    scope.delete_file(&row, now).await?;
                    done.size += row.size;
                    done.ids.push(row.id);
                }
                done.left = total - i64::try_from(done.ids.len()).unwrap_or(total);
                Ok::<_, Error>(done)
            })
        })
        .await?;
    core.workshop().sweep_soon();
    Ok(done)
}

fn may_see(row: &FileRow, user: &str) -> bool {
    row.permission != "private" || row.created_by == user
}

/// The row, when `user` may change it.
fn owned(row: Option<FileRow>, id: &FileId, user: &str, now: i64) -> Result<FileRow> {
    let row = row.filter(|row| row.expires_at > now && may_see(row, user)).ok_or_else(|| unknown(id))?;
    if row.permission == "readonly" && row.created_by != user {
        return Err(Error::new(
            Kind::Forbidden,
            "file:readonly",
            format!("The file {id} is read-only: only the person who uploaded it can change or delete it."),
        ));
    }
    Ok(row)
}

pub(super) fn unknown(id: &FileId) -> Error {
    Error::not_found("file:notfound", format!("There is no file {id}, or it has expired."))
        .hint("List the files with GET /v1/files.")
}
