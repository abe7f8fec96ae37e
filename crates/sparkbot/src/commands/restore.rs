//! `sparkbot restore`, into a data directory and a database that are empty.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::json;
use sparkbot_store::StoreError;
use sparkbot_store::backup::Loading;
use sparkbot_store::blobs::Blobs;
use sparkbot_whatsapp::NOT_RESTORED;
use tokio::io::AsyncWriteExt as _;

use super::backup::storage;
use crate::archive::{End, Manifest, Part, Reader, torn};
use crate::cli::RestoreArgs;
use crate::config::{Config, ensure_data_dir};
use crate::failure::{Failure, Result};
use crate::{master_key, serve, terminal};

/// Bytes of a file that are in memory at once.
const CHUNK: usize = 64 * 1024;

pub(super) async fn run(config: &Config, args: &RestoreArgs, as_json: bool) -> Result<()> {
    let mut reader = Reader::open(&args.file)?;
    let (manifest, mut parts) = reader.begin()?;
    manifest.check_key(&key(config)?)?;
    ensure_data_dir(&config.data_dir)?;
    let _lock = serve::lock(&config.data_dir)?;
    let blobs = Blobs::open(&config.core_settings(false).files.storage).map_err(|error| storage(&error))?;
    let mut loading = Loading::begin(&config.database_url(), manifest.schema).await.map_err(not_empty)?;

    let (mut rows, mut files) = (BTreeMap::<String, u64>::new(), 0);
    let mut said = None;
    while let Some(part) = parts.next()? {
        match part {
            Part::Rows(name, lines) => {
                let table = manifest.tables.iter().find(|table| table.name == name);
                let table = table.ok_or_else(|| torn(format!("its manifest names no table {name}")))?;
                *rows.entry(name).or_default() += loading.rows(table, &lines).await?;
            }
            Part::Blob(key, bytes) => {
                if !loading.knows_blob(&key).await? {
                    return Err(torn(format!("no row knows the file {key}")));
                }
                put(&blobs, &key, bytes.size(), bytes).await?;
                files += 1;
            }
            Part::End(end) => said = Some(end),
        }
    }
    check(&manifest, &said.unwrap_or_default(), &rows, files)?;
    loading.forget_session_state(NOT_RESTORED).await?;
    loading.commit(&manifest.tables).await?;
    let rows: u64 = rows.values().sum();
    if as_json {
        terminal::json(&json!({ "takenAt": manifest.taken_at, "rows": rows, "files": files }));
    } else {
        terminal::line(format_args!("Restored {rows} rows and {files} files as they were at {}.", manifest.taken_at));
        terminal::line("Start the server with `sparkbot serve`; the one it was taken from must not run any more.");
    }
    Ok(())
}

/// The master key, which is never made here: a new one would open nothing.
fn key(config: &Config) -> Result<sparkbot_store::seal::Sealer> {
    let file = config.master_key_file();
    if std::env::var_os(master_key::VARIABLE).is_none() && !file.exists() {
        return Err(Failure::new(format!("there is no master key at {}", file.display()))
            .hint("Put the master.key of the server the backup was taken from there first, or name its content in SPARKBOT_MASTER_KEY."));
    }
    Ok(master_key::sealer(config)?.0)
}

fn not_empty(error: StoreError) -> Failure {
    let empty = matches!(error, StoreError::NotEmpty);
    let failure = Failure::from(error);
    if empty {
        return failure.hint(
            "Restore into a new data directory (--data-dir) or a new database (--database); nothing is overwritten.",
        );
    }
    failure
}

async fn put(blobs: &Blobs, key: &str, size: u64, mut bytes: impl Read) -> Result<()> {
    let (mut entrance, mut exit) = tokio::io::duplex(CHUNK);
    let fill = async {
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = bytes.read(&mut buffer).map_err(torn)?;
            if read == 0 {
                drop(entrance);
                return Ok::<_, Failure>(());
            }
            // The storage's own error says more than that it went away.
            if entrance.write_all(&buffer[..read]).await.is_err() {
                return Ok(());
            }
        }
    };
    let (filled, written) = tokio::join!(fill, blobs.put(key, &mut exit, size));
    filled?;
    match written.map_err(|error| storage(&error))?.size == size {
        true => Ok(()),
        false => Err(torn(format!("the file {key} breaks off"))),
    }
}

fn check(manifest: &Manifest, end: &End, rows: &BTreeMap<String, u64>, files: u64) -> Result<()> {
    for table in &manifest.tables {
        let (said, found) = (end.rows.get(&table.name), rows.get(&table.name).copied().unwrap_or(0));
        if said != Some(&found) {
            return Err(torn(format!("{} has {found} rows instead of {}", table.name, said.copied().unwrap_or(0))));
        }
    }
    if end.files != files {
        return Err(torn(format!("it has {files} files instead of {}", end.files)));
    }
    Ok(())
}
