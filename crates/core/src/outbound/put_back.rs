//! The machine's clock is put back while messages wait: what was accepted by a
//! clock that was ahead must not wait for that time to come again.

use std::time::Duration;

use super::deliver::LAST_GAP;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::network::Millis;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// A clock that goes back by less than this is being set right in small steps.
const STEP: Millis = 1000;

/// Starts the look-out; it ends with the server.
pub(crate) fn start_watching_the_clock(core: &Core) {
    let this = core.clone();
    core.spawn(async move {
        let stop = this.stopping();
        // It may have been put back while the server was down.
        let mut before = Millis::MAX;
        loop {
            let now = this.now();
            if now + STEP < before {
                if let Err(error) = bring_forward(&this, now).await {
                    tracing::error!(error = %error, "the clock was put back, and what waits could not be brought forward");
                    before = Millis::MAX;
                } else {
                    before = now;
                }
            } else {
                before = now;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    });
}

/// No gap between two tries is as long as what these would have to wait.
async fn bring_forward(core: &Core, now: Millis) -> Result<()> {
    let latest = now + i64::try_from(LAST_GAP.as_millis()).map_err(Error::internal)? * 2;
    let numbers = core
        .store()
        .write(move |w| {
            Box::pin(async move { w.server().bring_messages_forward(now, latest).await.map_err(Error::from) })
        })
        .await?;
    for device in numbers {
        tracing::warn!(device = %device, "the clock was put back; messages that wait are due now");
        core.sessions().wake(&device.parse().map_err(Error::internal)?);
    }
    Ok(())
}
