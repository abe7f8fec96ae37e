//! `sparkbot backup`, beside a running server.

use std::time::{Duration, Instant};

use serde_json::json;
use sparkbot_core::clock::{Clock as _, SystemClock, iso};
use sparkbot_store::backup::Snapshot;
use sparkbot_store::blobs::{BlobError, Blobs};

use crate::archive::{End, Manifest, Writer};
use crate::cli::BackupArgs;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::{master_key, terminal};

/// Bytes of files stay that long after a backup was last heard of.
const HELD: Duration = Duration::from_secs(600);
/// How often it is heard of.
const HEARD_EVERY: Duration = Duration::from_secs(60);

pub(super) async fn run(config: &Config, args: &BackupArgs, as_json: bool) -> Result<()> {
    let url = config.database_url();
    if let Some(file) = config.database_file()
        && !file.exists()
    {
        return Err(Failure::new(format!("there is no database at {}", file.display()))
            .hint("Name the server's data directory with --data-dir, or its database with --database."));
    }
    let (sealer, _) = master_key::sealer(config)?;
    let blobs = Blobs::open(&config.core_settings(false).files.storage).map_err(|error| storage(&error))?;
    let mut snapshot = Snapshot::begin(&url, held_until()).await?;
    let taken_at = iso(SystemClock.now());
    let manifest = Manifest::new(&sealer, taken_at.clone(), snapshot.version(), snapshot.tables())?;
    let mut writer = Writer::create(&args.file, &manifest)?;
    let mut heard = Instant::now();
    let mut end = End::default();
    for table in &manifest.tables {
        let rows = snapshot.rows(table, |lines| writer.rows(&table.name, lines)).await?;
        end.rows.insert(table.name.clone(), rows);
        still_there(&mut snapshot, &mut heard).await?;
    }
    let keys = if args.without_files { Vec::new() } else { snapshot.blobs().await? };
    for key in keys {
        match blobs.local(&key).await {
            Ok(file) => {
                let bytes = std::fs::File::open(file.path())
                    .map_err(|error| Failure::new(format!("the file {key} can't be read: {error}")))?;
                writer.blob(&key, bytes)?;
                end.files += 1;
            }
            Err(BlobError::Missing(_)) => end.missing.push(key),
            Err(error) => return Err(storage(&error)),
        }
        still_there(&mut snapshot, &mut heard).await?;
    }
    let size = writer.finish(&end)?;
    snapshot.end().await?;
    let rows: u64 = end.rows.values().sum();
    if as_json {
        terminal::json(&json!({
            "file": args.file, "takenAt": taken_at, "bytes": size,
            "rows": rows, "files": end.files, "missing": end.missing,
        }));
        return Ok(());
    }
    terminal::line(format_args!(
        "{} holds {rows} rows and {} files as they were at {taken_at}.",
        args.file.display(),
        end.files
    ));
    if !end.missing.is_empty() {
        terminal::remark(format_args!(
            "warning: the storage has lost the bytes of {} files: they are not in it",
            end.missing.len()
        ));
    }
    terminal::line("It is of no use without the master key: keep a copy of that too, elsewhere.");
    Ok(())
}

fn held_until() -> i64 {
    SystemClock.now() + i64::try_from(HELD.as_millis()).unwrap_or(i64::MAX / 2)
}

async fn still_there(snapshot: &mut Snapshot, heard: &mut Instant) -> Result<()> {
    if heard.elapsed() >= HEARD_EVERY {
        snapshot.hold(held_until()).await?;
        *heard = Instant::now();
    }
    Ok(())
}

/// A storage's error in words.
pub(super) fn storage(error: &BlobError) -> Failure {
    Failure::new(format!("the storage of files can't be used: {error}"))
        .hint("Check `files.folder` or the settings of the bucket; `sparkbot doctor` tests them.")
}
