//! The figures of a campaign: what each of its people counts for.
//!
//! Nobody counts rows. Whoever changes a contact changes the figures by the
//! difference between what it counted for before and after, in the same
//! transaction ([`change`]), so that they always add up:
//! total = pending + queued + sent + failed + excluded + invalid + removed, and
//! sent ≥ delivered ≥ read.

use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignContactRow, CampaignCounts};

use crate::error::Result;

/// What one contact counts for.
pub(super) fn counts(contact: &CampaignContactRow) -> CampaignCounts {
    let mut counts = CampaignCounts {
        total: 1,
        replied: i64::from(contact.replied_at.is_some()),
        opted_out: i64::from(contact.opted_out_at.is_some()),
        ..CampaignCounts::default()
    };
    match contact.status.as_str() {
        "pending" => counts.pending = 1,
        "processing" => counts.queued = 1,
        "delivered" => {
            counts.sent = 1;
            counts.delivered = i64::from(contact.delivered_at.is_some());
            counts.read = i64::from(contact.read_at.is_some());
        }
        "excluded" => counts.excluded = 1,
        "invalid" => counts.invalid = 1,
        "removed" => counts.removed = 1,
        _ => counts.failed = 1,
    }
    counts
}

/// What has to be added to get from one to the other.
pub(super) fn difference(before: &CampaignCounts, after: &CampaignCounts) -> CampaignCounts {
    CampaignCounts {
        total: after.total - before.total,
        pending: after.pending - before.pending,
        queued: after.queued - before.queued,
        sent: after.sent - before.sent,
        delivered: after.delivered - before.delivered,
        read: after.read - before.read,
        failed: after.failed - before.failed,
        excluded: after.excluded - before.excluded,
        invalid: after.invalid - before.invalid,
        removed: after.removed - before.removed,
        replied: after.replied - before.replied,
        opted_out: after.opted_out - before.opted_out,
    }
}

/// Writes a contact as it is now, with what that changes in the figures of its
/// campaign and of its number. `refused` when WhatsApp has said no.
pub(super) async fn change(
    w: &mut Writing,
    before: &CampaignContactRow,
    after: &CampaignContactRow,
    refused: bool,
) -> Result<()> {
    let mut scope = w.account(&after.account_id);
    scope.update_campaign_contact(after).await?;
    let by = difference(&counts(before), &counts(after));
    if by != CampaignCounts::default() {
        scope.count_campaign(&after.campaign_id, &by).await?;
    }
    let open = |contact: &CampaignContactRow| contact.status == "processing";
    let refusals = if refused {
        Some(1)
    } else if by.sent > 0 {
        Some(0)
    } else {
        None
    };
    if before.device_id == after.device_id {
        let change = i64::from(open(after)) - i64::from(open(before));
        if let Some(device) = &after.device_id
            && (change != 0 || refusals.is_some())
        {
            scope.count_campaign_device(&after.campaign_id, device, change, refusals).await?;
        }
        return Ok(());
    }
    if let Some(device) = &before.device_id
        && open(before)
    {
        scope.count_campaign_device(&after.campaign_id, device, -1, None).await?;
    }
    if let Some(device) = &after.device_id {
        scope.count_campaign_device(&after.campaign_id, device, i64::from(open(after)), refusals).await?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use sparkbot_store::rows::{CampaignContactRow, CampaignCounts};

    use super::{counts, difference};
    use crate::ids::{AccountId, CampaignContactId, CampaignId};

    pub(in super::super) fn contact(status: &str) -> CampaignContactRow {
        CampaignContactRow {
            seq: 1,
            id: CampaignContactId::new(0),
            campaign_id: CampaignId::new(0),
            account_id: AccountId::new(0),
            kind: "user".to_owned(),
            wid: "16001234561@c.us".to_owned(),
            name: None,
            reference: None,
            message: None,
            variables: "[]".to_owned(),
            status: status.to_owned(),
            ack: "pending".to_owned(),
            error: None,
            error_message: None,
            device_id: None,
            message_id: None,
            chat: None,
            retries: 0,
            date: 0,
            queued_at: None,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            failed_at: None,
            replied_at: None,
            reply: None,
            opted_out_at: None,
            created_at: 0,
        }
    }

    #[test]
    fn everybody_counts_once_whatever_their_state() {
        for status in ["pending", "processing", "delivered", "failed", "excluded", "invalid", "removed"] {
            let c = counts(&contact(status));
            let parts = c.pending + c.queued + c.sent + c.failed + c.excluded + c.invalid + c.removed;
            assert_eq!((c.total, parts), (1, 1), "{status}");
        }
    }

    #[test]
    fn receipts_count_for_what_was_sent_alone() {
        let read = |status: &str| CampaignContactRow { delivered_at: Some(2), read_at: Some(3), ..contact(status) };
        let sent = counts(&read("delivered"));
        assert_eq!((sent.sent, sent.delivered, sent.read), (1, 1, 1));
        let queued = counts(&read("processing"));
        assert_eq!((queued.queued, queued.delivered, queued.read), (1, 0, 0), "the acknowledgement is still to come");
    }

    #[test]
    fn a_change_adds_nobody() {
        let before = contact("processing");
        let after = CampaignContactRow { replied_at: Some(1), ..contact("delivered") };
        let by = difference(&counts(&before), &counts(&after));
        assert_eq!(by, CampaignCounts { queued: -1, sent: 1, replied: 1, ..CampaignCounts::default() });
    }
}
