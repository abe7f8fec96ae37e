//! What faults do to files on their way to and from the media host.

use std::time::Duration;

use super::Kind;
use crate::ids::DeviceRef;
use crate::world::World;

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// From this device to the media host.
    Upload(DeviceRef),
    /// From the media host to whoever knows the address.
    Download,
}

/// What goes wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// Refused with this HTTP status.
    Refused(u16),
    /// Half of it passes, then the connection is gone.
    Cut,
    /// It takes so much longer.
    Slow(Duration),
    /// Every part of it has a wrong byte.
    Damaged,
}

impl World {
    /// What goes wrong with a transfer that begins now.
    pub(crate) fn mishap(&mut self, transfer: Transfer) -> Option<Mishap> {
        let (device, fail, cut, slow) = match transfer {
            Transfer::Upload(device) => (Some(device), Kind::FailUploads, Kind::CutUploads, Kind::SlowUploads),
            Transfer::Download => (None, Kind::FailDownloads, Kind::CutDownloads, Kind::SlowDownloads),
        };
        if let Some(body) = self.struck(device, fail, None) {
            let code = body.code.and_then(|code| u16::try_from(code).ok());
            return Some(Mishap::Refused(code.unwrap_or(500)));
        }
        if self.struck(device, cut, None).is_some() {
            return Some(Mishap::Cut);
        }
        if transfer == Transfer::Download && self.struck(None, Kind::DamageDownloads, None).is_some() {
            return Some(Mishap::Damaged);
        }
        let slow = self.struck(device, slow, None)?;
        Some(Mishap::Slow(Duration::from_millis(slow.ms?)))
    }
}
