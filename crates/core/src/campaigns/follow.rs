//! What became of a campaign's message becomes the state of its person.

use sparkbot_store::Writing;
use sparkbot_store::rows::{CampaignContactRow, MessageRow};

use super::{SOURCE, statistics};
use crate::error::Result;
use crate::network::Millis;

/// Writes how far a message is, in the transaction that changed it. Messages of
/// others are left alone.
pub(crate) async fn follow(w: &mut Writing, message: &MessageRow, now: Millis) -> Result<()> {
    if message.source != SOURCE {
        return Ok(());
    }
    let Some(before) = w.account(&message.account_id).campaign_contact_of(message.id.as_str()).await? else {
        return Ok(());
    };
    // A deleted number has taken its queue along; its people go to another one.
    let gone = message.status == "removed"
        && message.attempts == 0
        && w.account(&message.account_id).device(&message.device_id).await?.is_none();
    let (after, refused) = if gone { (waiting_again(&before, now), false) } else { moved(&before, message, now) };
    statistics::change(w, &before, &after, refused).await?;
    if before.status == "processing" && after.status != "processing" {
        w.account(&message.account_id).wake_campaign(&before.campaign_id, now).await?;
    }
    Ok(())
}

/// Somebody whose message was taken out of a queue untried: their turn is still
/// to come.
pub(super) fn waiting_again(before: &CampaignContactRow, now: Millis) -> CampaignContactRow {
    CampaignContactRow {
        status: "pending".to_owned(),
        ack: "pending".to_owned(),
        device_id: None,
        message_id: None,
        chat: None,
        queued_at: None,
        date: now,
        ..before.clone()
    }
}

/// Somebody as their message is, and whether WhatsApp has refused it.
fn moved(before: &CampaignContactRow, message: &MessageRow, now: Millis) -> (CampaignContactRow, bool) {
    let mut after = before.clone();
    after.retries = message.retry_count;
    let mut refused = false;
    match message.status.as_str() {
        "processed" => {
            "delivered".clone_into(&mut after.status);
            after.device_id = Some(message.device_id.to_string());
            after.chat = Some(message.chat.clone());
            after.sent_at = message.sent_at.or(Some(now));
            after.delivered_at = message.delivered_at;
            after.read_at = message.read_at;
            after.error = None;
            after.error_message = None;
            after.ack = match (after.delivered_at, after.read_at) {
                (_, Some(_)) => "read",
                (Some(_), None) => "delivered",
                (None, None) => "sent",
            }
            .to_owned();
        }
        "failed" | "expired" => {
            let code = message.failure_code.as_deref().unwrap_or("error");
            refused = matches!(code, "message:forbidden" | "message:forbidden_first_message");
            let invalid = code == "number:notfound";
            if invalid { "invalid" } else { "failed" }.clone_into(&mut after.status);
            "failed".clone_into(&mut after.ack);
            after.error = Some(contact_error(code).to_owned());
            after.error_message.clone_from(&message.failure_reason);
            after.failed_at = Some(now);
        }
        "removed" => {
            "removed".clone_into(&mut after.status);
            after.error = Some("message:removed".to_owned());
            after.error_message.clone_from(&message.failure_reason);
        }
        // It waits in the queue, or is on its way.
        _ => return (after, false),
    }
    if after.status != before.status || after.ack != before.ack {
        after.date = now;
    }
    (after, refused)
}

/// The word for a failure that the API has for contacts of campaigns, where it
/// differs from that for messages.
fn contact_error(code: &str) -> &str {
    match code {
        "error:max_retries" => "max_retries",
        "file:notfound" => "file:not_found",
        other => other,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use sparkbot_store::rows::MessageRow;

    use super::super::statistics::tests::contact;
    use super::moved;
    use crate::ids::{AccountId, DeviceId, MessageId};

    fn message(status: &str) -> MessageRow {
        MessageRow {
            id: MessageId::new(0),
            account_id: AccountId::new(0),
            device_id: DeviceId::new(0),
            wa_id: "3EB0".to_owned(),
            chat: "16001234561@c.us".to_owned(),
            target: "user".to_owned(),
            kind: "text".to_owned(),
            body: None,
            payload: "{}".to_owned(),
            source: super::SOURCE.to_owned(),
            status: status.to_owned(),
            delivery_status: String::new(),
            webhook_status: String::new(),
            priority: 0,
            rank: 0,
            ordered: 0,
            attempts: 1,
            secret: None,
            reference: None,
            agent_id: None,
            created_by: String::new(),
            deliver_at: 0,
            next_attempt_at: 0,
            expires_at: None,
            retry_max: 0,
            retry_count: 2,
            last_retry_at: None,
            failure_code: None,
            failure_reason: None,
            created_at: 0,
            processed_at: None,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            failed_at: None,
            expired_at: None,
        }
    }

    #[test]
    fn a_person_is_as_far_as_their_message() {
        let processing = contact("processing");
        let (same, _) = moved(&processing, &message("processing"), 9);
        assert_eq!((same.status.as_str(), same.date), ("processing", 0));
        let sent = MessageRow { sent_at: Some(5), ..message("processed") };
        let (after, refused) = moved(&processing, &sent, 9);
        assert_eq!(
            (after.status.as_str(), after.ack.as_str(), after.sent_at, after.retries),
            ("delivered", "sent", Some(5), 2)
        );
        assert!(!refused && after.date == 9);
        let read = MessageRow { delivered_at: Some(6), read_at: Some(7), ..sent };
        let (after, _) = moved(&after, &read, 10);
        assert_eq!((after.ack.as_str(), after.read_at, after.date), ("read", Some(7), 10));
        assert_eq!(moved(&after, &read, 11).0.date, 10, "nothing new");
    }

    #[test]
    fn failures_have_the_words_of_campaigns() {
        for (code, status, error, refused) in [
            ("number:notfound", "invalid", "number:notfound", false),
            ("message:forbidden", "failed", "message:forbidden", true),
            ("error:max_retries", "failed", "max_retries", false),
            ("file:notfound", "failed", "file:not_found", false),
            ("media:invalid_file", "failed", "media:invalid_file", false),
        ] {
            let failed = MessageRow { failure_code: Some(code.to_owned()), ..message("failed") };
            let (after, no) = moved(&contact("processing"), &failed, 9);
            assert_eq!((after.status.as_str(), after.error.as_deref(), no), (status, Some(error), refused), "{code}");
        }
    }
}
