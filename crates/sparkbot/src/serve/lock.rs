//! One server per data directory and database: two would drive the same numbers and throw
//! each other out of WhatsApp.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::failure::{Failure, Result};

/// Held as long as the server runs; the system lets go of it whatever happens.
pub(crate) struct Lock {
    _file: File,
}

/// Takes the data directory.
///
/// # Errors
/// When another server has it.
pub(crate) fn take(data_dir: &Path) -> Result<Lock> {
    locked(&data_dir.join("server.lock"), data_dir)
}

/// Takes the database's file, which may be that of another data directory.
///
/// # Errors
/// When another server has it.
pub(super) fn take_database(file: &Path) -> Result<Lock> {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    locked(Path::new(&name), file)
}

fn locked(path: &Path, what: &Path) -> Result<Lock> {
    let failed = |error: std::io::Error| {
        Failure::new(format!("{} can't be locked: {error}", path.display()))
            .hint("Check that this user may write to the data directory.")
    };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(Failure::new(format!("another SparkBot server uses {}", what.display()))
            .hint("Stop it first, or give this one a data directory and a database of its own.")),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_second_server_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = super::take(folder.path()).unwrap();
        assert!(super::take(folder.path()).err().unwrap().message().contains("another SparkBot"));
        drop(first);
        assert!(super::take(folder.path()).is_ok());
    }
}
