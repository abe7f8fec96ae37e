//! Deleting a message.

use super::{outcome, reachable};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::MessageId;
use crate::keys::{Caller, Scope};
use sparkbot_store::rows::WaitingFilter;

/// Takes a message out of the queue; it ends as `removed`. With `force` the
/// message is also forgotten, in whatever state it is: what was sent stays with
/// its receiver and in its chat.
///
/// # Errors
/// `message:notfound`; `message:processing` while it is being sent;
/// `message:not_queued` without `force` once it has left the queue.
pub async fn delete(core: &Core, caller: &Caller, id: &MessageId, force: bool) -> Result<()> {
    caller.need(Scope::MessagesWrite)?;
    let (caller, account, id, now) = (caller.clone(), caller.account.clone(), id.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let row = reachable(&mut w.account(&account), &caller, &id).await?;
                w.touches("message", id.as_str(), Some(row.device_id.as_str()));
                match row.status.as_str() {
                    "queued" => {
                        if let Some(device) = w.account(&account).device(&row.device_id).await? {
                            let only = WaitingFilter { ids: vec![id.to_string()], ..WaitingFilter::default() };
                            outcome::remove_some(w, &device, &only, 1, "It was deleted.", now).await?;
                        }
                    }
                    "processing" => {
                        return Err(Error::conflict(
                            "message:processing",
                            format!("The message {id} is being sent right now."),
                        )
                        .hint("Try again in a few seconds."));
                    }
                    status if !force => {
                        return Err(Error::conflict(
                            "message:not_queued",
                            format!("The message {id} has left the queue: it is '{status}'."),
                        )
                        .hint(
                            "Pass force=true to forget it here. To delete it for its receivers, use \
                             DELETE /v1/chat/{device}/messages/{id}.",
                        )
                        .with("status", status));
                    }
                    _ => {}
                }
                if force {
                    w.account(&account).delete_message(&id).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await
}
