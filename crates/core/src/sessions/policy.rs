//! What happens to sessions by the clock: reboots, as `settings.rebootPolicy`
//! asks, and the end of a ban.

use std::time::Duration;

use super::lifecycle::{after_ban, reboot_by_policy};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::views::{DeviceSettings, SessionFacts};

/// How often policies are looked at; the shortest is ten minutes.
const LOOK: Duration = Duration::from_secs(30);

/// Runs until the server stops.
pub(super) async fn follow_the_clock(core: Core) {
    let stop = core.stopping();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = look(&core).await {
            tracing::error!(error = %error, "what sessions do by the clock could not be looked at");
        }
    }
}

async fn look(core: &Core) -> Result<()> {
    let now = core.now();
    let rows = core.store().read().await?.server().all_devices().await?;
    for row in rows {
        let settings: DeviceSettings = serde_json::from_str(&row.settings).map_err(Error::internal)?;
        let facts = SessionFacts::of(&row)?;
        if row.session_status == "blocked"
            && row.wanted == "running"
            && facts.banned_until.is_some_and(|until| until <= now)
            && let Some(number) = core.sessions().known(&row.id)
        {
            after_ban(core, &number).await?;
        }
        let (Some(period), Some(online_at)) = (minutes(&settings.reboot_policy), facts.online_at) else { continue };
        if row.session_status == "online"
            && now - online_at >= period * 60_000
            && let Some(number) = core.sessions().known(&row.id)
        {
            reboot_by_policy(core, &number).await?;
        }
    }
    Ok(())
}

/// `45m` and `2h` in minutes; anything else is no period.
fn minutes(policy: &str) -> Option<i64> {
    let unit = match policy.chars().next_back()? {
        'm' => 1,
        'h' => 60,
        _ => return None,
    };
    policy[..policy.len() - 1].parse::<i64>().ok().map(|n| n * unit)
}

#[cfg(test)]
mod tests {
    use super::minutes;

    #[test]
    fn every_policy_but_disabled_is_a_period() {
        for policy in crate::devices::REBOOT_POLICIES {
            assert_eq!(minutes(policy).is_none(), *policy == "disabled", "{policy}");
        }
        assert_eq!(minutes("2h"), Some(120));
    }
}
