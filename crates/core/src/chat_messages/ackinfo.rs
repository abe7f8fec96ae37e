//! Who has received, read and played a message.

use serde::Serialize;
use utoipa::ToSchema;

use super::show::number as phone;
use super::{found, number};
use crate::app::Core;
use crate::clock::iso;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};

/// What came of a message at each receiver.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AckInfo {
    /// WhatsApp's id of the message.
    pub id: String,
    /// WhatsApp's id of its chat.
    pub chat: String,
    /// How far it has come: `pending`, `sent`, `delivered`, `read`, `played`, `failed`.
    pub ack: String,
    /// When WhatsApp had it, ISO 8601.
    pub sent_at: Option<String>,
    /// Receivers that have it.
    pub delivered: usize,
    /// Receivers that have read it.
    pub read: usize,
    /// Receivers that have played it.
    pub played: usize,
    /// Each receiver that has said anything.
    pub recipients: Vec<AckRecipient>,
}

/// What one receiver has said of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AckRecipient {
    /// WhatsApp id.
    pub id: String,
    /// Number, where known.
    pub phone: Option<String>,
    /// `delivered`, `read` or `played`.
    pub ack: String,
    /// ISO 8601.
    pub delivered_at: Option<String>,
    /// ISO 8601.
    pub read_at: Option<String>,
    /// ISO 8601.
    pub played_at: Option<String>,
}

/// Who has received, read and played a message that this number has sent.
///
/// # Errors
/// `device:notfound`, `message:notfound`; without the scope `messages:read`.
pub async fn ackinfo(core: &Core, caller: &Caller, device: &DeviceId, id: &str) -> Result<AckInfo> {
    caller.need(Scope::MessagesRead)?;
    let (mut reading, device) = number(core, &caller.account, device).await?;
    let mut scope = reading.account(&caller.account);
    let row = found(&mut scope, &device.id, id, &caller.sight()).await?;
    let sent = scope.message_by_wa_id(&device.id, &row.wa_id).await?;
    let outbound = row.flow == "outbound";
    let receipts = if outbound { scope.message_receipts(&device.id, &row.wa_id).await? } else { Vec::new() };
    let recipients: Vec<AckRecipient> =
        receipts.into_iter().map(|r| recipient(r.participant, r.delivered_at, r.read_at, r.played_at)).collect();
    Ok(AckInfo {
        id: row.wa_id,
        chat: row.chat,
        ack: row.ack,
        sent_at: outbound.then(|| iso(sent.and_then(|sent| sent.sent_at).unwrap_or(row.at))),
        delivered: recipients.iter().filter(|one| one.delivered_at.is_some()).count(),
        read: recipients.iter().filter(|one| one.read_at.is_some()).count(),
        played: recipients.iter().filter(|one| one.played_at.is_some()).count(),
        recipients,
    })
}

fn recipient(id: String, delivered: Option<i64>, read: Option<i64>, played: Option<i64>) -> AckRecipient {
    let ack = match (played, read) {
        (Some(_), _) => "played",
        (None, Some(_)) => "read",
        (None, None) => "delivered",
    };
    AckRecipient {
        phone: phone(&id),
        id,
        ack: ack.to_owned(),
        delivered_at: delivered.map(iso),
        read_at: read.map(iso),
        played_at: played.map(iso),
    }
}
