//! Writing a backup's file.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{END, End, MANIFEST, Manifest};
use crate::failure::{Failure, Result};

/// A backup on its way into a file, which is there under its name only when it
/// is whole.
pub(crate) struct Writer {
    tar: tar::Builder<GzEncoder<BufWriter<File>>>,
    file: PathBuf,
    partial: PathBuf,
    entries: u64,
    done: bool,
}

impl Writer {
    /// Begins a new file that only its owner may read.
    ///
    /// # Errors
    /// When it can't be written, or is there already.
    pub(crate) fn create(file: &Path, manifest: &Manifest) -> Result<Self> {
        if file.exists() {
            return Err(Failure::usage(format!("{} is there already", file.display()))
                .hint("Name a new file; a backup replaces nothing."));
        }
        let mut partial = file.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let out = options.open(&partial).map_err(|error| {
            Failure::new(format!("{} can't be written: {error}", partial.display()))
                .hint("Check that the folder exists and that this user may write there.")
        })?;
        let tar = tar::Builder::new(GzEncoder::new(BufWriter::new(out), Compression::fast()));
        let mut writer = Self { tar, file: file.to_owned(), partial, entries: 0, done: false };
        writer.json(MANIFEST, manifest)?;
        Ok(writer)
    }

    /// Adds rows of a table.
    ///
    /// # Errors
    /// When the disk is full.
    pub(crate) fn rows(&mut self, table: &str, lines: &[u8]) -> Result<()> {
        self.entries += 1;
        let name = format!("tables/{table}/{:08}.jsonl", self.entries);
        self.add(&name, lines.len() as u64, lines)
    }

    /// Adds a blob's bytes.
    ///
    /// # Errors
    /// When they can't be read, or the disk is full.
    pub(crate) fn blob(&mut self, key: &str, bytes: File) -> Result<()> {
        let size = bytes.metadata().map_err(|error| self.failed(&error))?.len();
        self.add(&format!("blobs/{key}"), size, bytes.take(size))
    }

    /// Ends the file: it is durable and under its name. How large it is, in bytes.
    ///
    /// # Errors
    /// When the disk is full.
    pub(crate) fn finish(mut self, end: &End) -> Result<u64> {
        self.json(END, end)?;
        let closed = self.close().map_err(|error| self.failed(&error))?;
        self.done = true;
        Ok(closed)
    }

    fn close(&mut self) -> std::io::Result<u64> {
        self.tar.finish()?;
        let packed = self.tar.get_mut();
        packed.try_finish()?;
        let out = packed.get_mut();
        out.flush()?;
        out.get_ref().sync_all()?;
        let size = out.get_ref().metadata()?.len();
        std::fs::rename(&self.partial, &self.file)?;
        if let Some(folder) = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(size)
    }

    fn json(&mut self, name: &str, value: &impl serde::Serialize) -> Result<()> {
        let text = serde_json::to_vec_pretty(value).map_err(|error| Failure::new(error.to_string()))?;
        self.add(name, text.len() as u64, text.as_slice())
    }

    fn add(&mut self, name: &str, size: u64, bytes: impl Read) -> Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o600);
        self.tar.append_data(&mut header, name, bytes).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("{} can't be written: {error}", self.partial.display()))
            .hint("Check that there is room on the disk.")
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // What is not whole is nobody's backup.
        if !self.done {
            drop(std::fs::remove_file(&self.partial));
        }
    }
}
