//! Who used the processor: the server, the sandbox, and this program.

use serde::{Deserialize, Serialize};

use crate::failure::Result;
use crate::footprint;
use crate::workplace::Workplace;

/// Processor time in seconds, user and system.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Cpu {
    pub(crate) server: f64,
    pub(crate) sandbox: f64,
    /// The load generator with its receivers.
    pub(crate) generator: f64,
}

impl Cpu {
    /// Until now.
    pub(crate) fn now(place: &Workplace) -> Result<Self> {
        Ok(Self {
            server: footprint::cpu_seconds(place.server.pid)?,
            sandbox: footprint::cpu_seconds(place.sandbox.pid)?,
            generator: footprint::cpu_seconds(std::process::id())?,
        })
    }

    /// Between then and now.
    pub(crate) fn since(place: &Workplace, then: Self) -> Result<Self> {
        let now = Self::now(place)?;
        Ok(Self {
            server: now.server - then.server,
            sandbox: now.sandbox - then.sandbox,
            generator: now.generator - then.generator,
        })
    }
}
