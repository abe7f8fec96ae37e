//! The clock of a server under test, which can be put forward and back while
//! it runs (`serve --sandbox-clock`).

use std::path::PathBuf;
use std::time::Duration;

/// How long the server may take to notice (it looks every 20 ms).
const NOTICED: Duration = Duration::from_millis(60);

pub(crate) struct JumpingClock {
    file: PathBuf,
    ahead: i64,
    _folder: tempfile::TempDir,
}

impl JumpingClock {
    /// One that is right.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Self { file: folder.path().join("clock"), ahead: 0, _folder: folder };
        clock.write();
        clock
    }

    /// What a server that goes by it is started with.
    pub(crate) fn arguments(&self) -> [String; 2] {
        ["--sandbox-clock".to_owned(), self.file.to_str().expect("a plain path").to_owned()]
    }

    /// Puts it forward, or back when negative, milliseconds.
    pub(crate) async fn jump(&mut self, by: i64) {
        self.ahead += by;
        self.write();
        tokio::time::sleep(NOTICED).await;
    }

    /// How far it is ahead, milliseconds.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead
    }

    fn write(&self) {
        // Never half of a number.
        let fresh = self.file.with_extension("new");
        std::fs::write(&fresh, self.ahead.to_string()).expect("the clock's file");
        std::fs::rename(&fresh, &self.file).expect("the clock's file");
    }
}
