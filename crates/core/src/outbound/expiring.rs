//! Messages that come to their end unsent, whether their number runs or not.

use std::time::Duration;

use super::outcome;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::DeviceId;

/// How often messages past their end are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Starts the look-out; it ends with the server.
pub(crate) fn start_expiring(core: &Core) {
    let this = core.clone();
    core.spawn(async move {
        let stop = this.stopping();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            if let Err(error) = expire(&this).await {
                tracing::error!(error = %error, "messages past their end could not be looked at");
            }
        }
    });
}

async fn expire(core: &Core) -> Result<()> {
    let now = core.now();
    let devices = core.store().read().await?.server().devices_with_expired(now).await?;
    for device in devices {
        let device: DeviceId = device.parse().map_err(Error::internal)?;
        core.store().write(move |w| Box::pin(async move { outcome::expired(w, &device, now).await })).await?;
    }
    Ok(())
}
