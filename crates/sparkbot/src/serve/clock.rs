//! The server's clock: the machine's, or in tests of the sandbox's feature one
//! that can be put forward and back.

use sparkbot_core::clock::SharedClock;

use crate::cli::ServeArgs;
use crate::failure::Result;

/// The clock that everything goes by.
///
/// # Errors
/// When a clock was named that can't be read.
#[cfg(not(feature = "sandbox"))]
pub(super) fn of(_: &ServeArgs) -> Result<SharedClock> {
    Ok(std::sync::Arc::new(sparkbot_core::clock::SystemClock))
}

#[cfg(feature = "sandbox")]
pub(super) use jumping::of;

#[cfg(feature = "sandbox")]
mod jumping {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use sparkbot_core::clock::{Clock, Millis, SystemClock};

    use super::{Result, ServeArgs, SharedClock};
    use crate::failure::Failure;

    /// How often the file is read.
    const LOOK: Duration = Duration::from_millis(20);

    /// The machine's clock with `--sandbox-clock FILE`: ahead of it by the
    /// milliseconds in the file, which may change at any time.
    ///
    /// # Errors
    /// When the file can't be read.
    pub(in crate::serve) fn of(args: &ServeArgs) -> Result<SharedClock> {
        let Some(file) = args.sandbox_clock.clone() else { return Ok(Arc::new(SystemClock)) };
        let ahead =
            read(&file).ok_or_else(|| Failure::new(format!("{} has no number of milliseconds", file.display())))?;
        let clock = Arc::new(Jumping { ahead: AtomicI64::new(ahead) });
        tokio::spawn(follow(clock.clone(), file));
        // The protocol client has no other clock either.
        sparkbot_whatsapp::set_clock(clock.clone());
        Ok(clock)
    }

    struct Jumping {
        ahead: AtomicI64,
    }

    impl Clock for Jumping {
        fn now(&self) -> Millis {
            SystemClock.now() + self.ahead.load(Ordering::Relaxed)
        }
    }

    async fn follow(clock: Arc<Jumping>, file: PathBuf) {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Some(ahead) = read(&file) {
                clock.ahead.store(ahead, Ordering::Relaxed);
            }
        }
    }

    fn read(file: &Path) -> Option<i64> {
        std::fs::read_to_string(file).ok()?.trim().parse().ok()
    }
}
