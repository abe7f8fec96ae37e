//! Forgetting messages that have ended, as the settings of their number say.
//!
//! `plan_defaults` and `never` keep them. What they became in their chat is the
//! chat's, and stays.

use std::time::Duration;

use crate::app::Core;
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::views::DeviceSettings;

const EVERY: Duration = Duration::from_secs(60);
/// Messages removed in one transaction: the writer is everybody's.
const AT_ONCE: i64 = 500;

/// Starts it; it ends with the server.
pub(crate) fn start_retention(core: &Core) {
    let this = core.clone();
    core.spawn(async move {
        let stop = this.stopping();
        loop {
            if let Err(error) = forget_ended(&this, this.now()).await {
                tracing::warn!(%error, "old messages could not be removed; it is tried again later");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    });
}

/// Removes what has ended longer before `now` than its number keeps it; how many
/// messages.
///
/// # Errors
/// As the database answers.
pub async fn forget_ended(core: &Core, now: Millis) -> Result<u64> {
    let devices = core.store().read().await?.server().all_devices().await?;
    let mut forgotten = 0;
    for device in devices {
        let settings: DeviceSettings = serde_json::from_str(&device.settings).map_err(Error::internal)?;
        let Some(kept) = kept(&settings.retention_policy) else { continue };
        let before = now - kept;
        while !core.stopping().is_cancelled() {
            let id = device.id.clone();
            let gone = core
                .store()
                .write(move |w| Box::pin(async move { w.server().forget_ended_messages(&id, before, AT_ONCE).await }))
                .await?;
            forgotten += gone;
            if gone < AT_ONCE.unsigned_abs() {
                break;
            }
        }
    }
    Ok(forgotten)
}

/// Milliseconds that a policy keeps messages; nothing when it keeps all.
fn kept(policy: &str) -> Option<Millis> {
    let unit = match policy.chars().last()? {
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    policy[..policy.len() - 1].parse::<Millis>().ok().map(|number| number * unit)
}

#[cfg(test)]
mod tests {
    use super::kept;
    use crate::devices::RETENTION_POLICIES;

    #[test]
    fn every_policy_is_a_time_or_keeps_all() {
        let times: Vec<_> = RETENTION_POLICIES.iter().filter_map(|policy| kept(policy)).collect();
        assert_eq!(times.len(), RETENTION_POLICIES.len() - 2);
        assert!(times.is_sorted() && times[0] == 300_000 && times[times.len() - 1] == 864_000_000);
        assert_eq!((kept("never"), kept("plan_defaults")), (None, None));
    }
}
