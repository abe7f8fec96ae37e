//! The master key: from the environment, or a file that only its owner may read.

use std::io::Write as _;
use std::path::Path;

use sparkbot_store::seal::{MasterKey, Sealer};

use crate::config::{Config, ensure_data_dir};
use crate::failure::{Failure, Result};

/// The variable that holds the key itself.
pub(crate) const VARIABLE: &str = "SPARKBOT_MASTER_KEY";

/// Where the key came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The variable.
    Environment,
    /// The file, which was there.
    File,
    /// The file, which was made just now.
    Made,
}

/// What seals and opens secrets; makes the key at the first start.
///
/// # Errors
/// When a key can't be read, or others could read it.
pub(crate) fn sealer(config: &Config) -> Result<(Sealer, Origin)> {
    let (current, origin) = match std::env::var(VARIABLE) {
        Ok(text) => (parse(&text, VARIABLE)?, Origin::Environment),
        Err(_) => {
            let file = config.master_key_file();
            if file.exists() {
                (read(&file)?, Origin::File)
            } else {
                if config.master_key.file.is_none() {
                    ensure_data_dir(&config.data_dir)?;
                }
                (make(&file)?, Origin::Made)
            }
        }
    };
    let older = config.master_key.older_files.iter().map(|file| read(file)).collect::<Result<Vec<_>>>()?;
    Ok((Sealer::new(&current, &older), origin))
}

/// Reads a key file.
///
/// # Errors
/// When it can't be read, is no key, or others could read it too.
pub(crate) fn read(file: &Path) -> Result<MasterKey> {
    check_permissions(file)?;
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("the master key {} can't be read: {error}", file.display())))?;
    parse(&text, &file.display().to_string())
}

fn parse(text: &str, source: &str) -> Result<MasterKey> {
    MasterKey::parse(text).map_err(|_| {
        Failure::new(format!("{source} holds no master key"))
            .hint("A master key is 64 hexadecimal digits; `openssl rand -hex 32` makes one, but only the one the data was written with opens it.")
    })
}

fn make(file: &Path) -> Result<MasterKey> {
    let key = MasterKey::random();
    write_secret(file, &key.to_hex()).map_err(|error| error.while_doing("the master key can't be kept"))?;
    Ok(key)
}

/// Writes a secret into a new file that only its owner may read; a file that is
/// there is replaced, so that nobody keeps an open door to it.
///
/// # Errors
/// When the file can't be written.
pub(crate) fn write_secret(file: &Path, secret: &str) -> Result<()> {
    let failed = |error: std::io::Error| {
        Failure::new(format!("{} can't be written: {error}", file.display()))
            .hint("Check that the folder exists and that this user may write there.")
    };
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file).map_err(failed)?;
    writeln!(out, "{secret}").and_then(|()| out.sync_all()).map_err(failed)
}

/// Refuses a secret that others on this machine could read.
///
/// # Errors
/// With the command that mends it.
pub(crate) fn check_permissions(file: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file)
            .map_err(|error| Failure::new(format!("{} can't be read: {error}", file.display())))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(Failure::new(format!(
                "{} can be read by others on this machine (mode {:04o})",
                file.display(),
                mode & 0o7777
            ))
            .hint(format!("chmod 600 {}", file.display())));
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{make, read, write_secret};

    #[test]
    fn a_made_key_is_for_its_owner_only_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("master.key");
        let made = make(&file).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(*read(&file).unwrap().to_hex(), *made.to_hex());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("master.key");
        drop(make(&file).unwrap());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let failure = read(&file).err().unwrap();
        assert!(failure.message().contains("0644"), "{}", failure.message());
        assert!(failure.advice().unwrap().starts_with("chmod 600 "));
        // Written anew, it is closed again.
        write_secret(&file, "00").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(read(&file).err().unwrap().message().contains("no master key"));
    }
}
