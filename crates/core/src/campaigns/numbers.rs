//! Which of a campaign's numbers can take people right now.

use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignDeviceRow, DeviceRow, QueueRow};

use super::pace;
use crate::clock::iso;
use crate::error::Result;
use crate::ids::AccountId;
use crate::network::Millis;
use crate::queue;

/// How a number stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It takes people.
    Ready,
    /// It will again in a moment: its connection is being made.
    Briefly,
    /// It does not for now, and others may take its people.
    Away(String, Option<Millis>),
    /// WhatsApp has refused too much of this campaign.
    Refused,
    /// It was deleted.
    Gone,
}

/// A number of a campaign.
pub(super) struct Number {
    pub(super) place: CampaignDeviceRow,
    pub(super) device: Option<DeviceRow>,
    pub(super) standing: Standing,
}

/// The numbers of a campaign as they are now, those that were taken out of it
/// at the end.
pub(super) async fn of(
    w: &mut Writing,
    account: &AccountId,
    places: Vec<CampaignDeviceRow>,
    now: Millis,
) -> Result<Vec<Number>> {
    let mut numbers = Vec::new();
    for place in places {
        let device = w.account(account).device(&place.device_id).await?;
        let queue = w.account(account).queue(&place.device_id).await?;
        let standing = match &device {
            None => Standing::Gone,
            Some(_) if place.position < 0 => Standing::Away("It no longer sends this campaign.".to_owned(), None),
            Some(device) => standing(device, &queue, place.refusals, now),
        };
        numbers.push(Number { place, device, standing });
    }
    Ok(numbers)
}

fn standing(device: &DeviceRow, queue: &QueueRow, refusals: i64, now: Millis) -> Standing {
    if device.status == "disabled" {
        return Standing::Away("is disabled".to_owned(), None);
    }
    if queue.status != "active" {
        return Standing::Away(format!("has its queue set to '{}'", queue.status), None);
    }
    if refusals >= pace::REFUSALS {
        return Standing::Refused;
    }
    if let Some((_, until)) = queue::held(queue, now) {
        return Standing::Away(format!("is held back by WhatsApp until {}", iso(until)), Some(until));
    }
    match device.session_status.as_str() {
        "online" => Standing::Ready,
        "loading" | "timeout" | "timeout_sync" => Standing::Briefly,
        other => Standing::Away(format!("is not online; its session is '{other}'"), None),
    }
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::{DeviceRow, QueueRow};

    use super::{Standing, standing};
    use crate::ids::{AccountId, DeviceId};

    fn device(status: &str, session: &str) -> DeviceRow {
        DeviceRow {
            id: DeviceId::new(0),
            account_id: AccountId::new(0),
            alias: String::new(),
            description: None,
            plan: String::new(),
            status: status.to_owned(),
            session_status: session.to_owned(),
            phone: None,
            wid: None,
            lid: None,
            push_name: None,
            wanted: "running".to_owned(),
            auto_assign: "{}".to_owned(),
            auto_replies: "{}".to_owned(),
            settings: "{}".to_owned(),
            session: "{}".to_owned(),
            created_by: String::new(),
            created_at: 0,
            updated_at: 0,
            removed_at: None,
        }
    }

    #[test]
    fn a_number_takes_people_while_it_can_send() {
        let queue = QueueRow::default();
        let held = QueueRow { held: Some("first".to_owned()), held_until: Some(100), ..QueueRow::default() };
        let paused = QueueRow { status: "pause".to_owned(), ..QueueRow::default() };
        let online = device("operative", "online");
        assert_eq!(standing(&online, &queue, 4, 50), Standing::Ready);
        assert_eq!(standing(&online, &queue, 5, 50), Standing::Refused);
        assert!(matches!(standing(&online, &held, 0, 50), Standing::Away(_, Some(100))));
        assert_eq!(standing(&online, &held, 0, 100), Standing::Ready, "the hold is over");
        assert!(matches!(standing(&online, &paused, 0, 50), Standing::Away(_, None)));
        assert_eq!(standing(&device("operative", "timeout"), &queue, 0, 50), Standing::Briefly);
        assert!(matches!(standing(&device("pending", "authorize"), &queue, 0, 50), Standing::Away(_, None)));
        assert!(matches!(standing(&device("disabled", "offline:modal"), &queue, 0, 50), Standing::Away(_, None)));
    }
}
