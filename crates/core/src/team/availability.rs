//! Whether people are there.

use sparkbot_store::rows::UserRow;

use super::show::{KeptAvailability, Member};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::keys::{Caller, Scope};

/// What people may set; with `auto` the server goes by their requests.
pub const AVAILABILITY_MODES: &[&str] = &["auto", "online", "away", "unavailable", "offline"];

/// How long after their last request somebody counts as there.
const THERE: i64 = 5 * 60 * 1000;
/// And how long as away after that.
const AWAY: i64 = 30 * 60 * 1000;
/// Characters of the message at most.
const MESSAGE: usize = 140;

/// What somebody says of themselves; absent stays.
#[derive(Debug, Clone, Default)]
pub struct AvailabilityChange {
    /// One of [`AVAILABILITY_MODES`].
    pub mode: Option<String>,
    /// A few words; `Some(None)` removes them.
    pub message: Option<Option<String>>,
}

/// `online`, `away`, `unavailable` or `offline`: what somebody has set or, with
/// `auto`, `online` within 5 minutes of their last request, `away` within 30.
///
/// # Errors
/// When the row is unreadable.
pub fn state_of(row: &UserRow, now: i64) -> Result<&'static str> {
    let kept = KeptAvailability::of(row)?;
    let set = kept.mode.as_deref().unwrap_or("auto");
    let known = AVAILABILITY_MODES.iter().copied().find(|mode| *mode == set && set != "auto");
    Ok(known.unwrap_or(match row.last_seen_at {
        _ if row.status != "active" => "offline",
        Some(at) if now - at <= THERE => "online",
        Some(at) if now - at <= AWAY => "away",
        _ => "offline",
    }))
}

/// Sets whether the caller is there.
///
/// # Errors
/// `team:availability` for an unknown mode or a message that is too long.
pub async fn set_availability(core: &Core, caller: &Caller, change: AvailabilityChange) -> Result<Member> {
    caller.need(Scope::SelfWrite)?;
    let wrong = |text: String| Err(Error::invalid("team:availability", text));
    if let Some(mode) = change.mode.as_deref().filter(|mode| !AVAILABILITY_MODES.contains(mode)) {
        return wrong(format!("The mode is '{mode}'; it must be one of {}.", AVAILABILITY_MODES.join(", ")));
    }
    if let Some(Some(message)) = &change.message
        && message.chars().count() > MESSAGE
    {
        let length = message.chars().count();
        return wrong(format!("The message has {length} characters; at most {MESSAGE} are kept."));
    }
    let (account, user, now) = (caller.account.clone(), caller.user.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).user(&user).await?;
                let mut row = row.ok_or_else(|| Error::internal("the caller's own row is gone"))?;
                let mut kept = KeptAvailability::of(&row)?;
                kept.mode = change.mode.or(kept.mode);
                if let Some(message) = change.message {
                    kept.message = message.filter(|message| !message.trim().is_empty());
                }
                kept.updated_at = Some(now);
                row.availability = serde_json::to_string(&kept).map_err(Error::internal)?;
                w.touches("user", user.as_str(), None);
                w.account(&account).update_user(&row).await?;
                // Chats may wait for somebody.
                crate::assignment::hurry(w, &account, now).await?;
                Member::of(&row, now)
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::UserRow;

    use super::state_of;
    use crate::ids::AccountId;

    #[test]
    fn what_is_set_goes_before_what_is_seen() {
        let mut row = UserRow::new(&AccountId::new(0), "Ada", "agent", 0);
        assert_eq!(state_of(&row, 0).expect("a state"), "offline");
        row.last_seen_at = Some(1_000);
        for (now, state) in [(1_000, "online"), (301_000, "online"), (301_001, "away"), (1_900_000, "offline")] {
            assert_eq!(state_of(&row, now).expect("a state"), state, "{now}");
        }
        row.availability = r#"{"mode":"unavailable"}"#.to_owned();
        assert_eq!(state_of(&row, 1_000).expect("a state"), "unavailable");
        row.availability = r#"{"mode":"auto"}"#.to_owned();
        row.status = "suspended".to_owned();
        assert_eq!(state_of(&row, 1_000).expect("a state"), "offline");
    }
}
