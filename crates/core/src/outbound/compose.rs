//! A message of the queue as the network takes it.

use serde_json::Value;
use sparkbot_store::rows::MessageRow;

use super::contents::{Said, menu_of_buttons};
use super::payload::Payload;
use super::{media, preview, targets};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::network::content::Attendance;
use crate::network::status::StatusPost;
use crate::network::{Content, Link, MediaKind, Outgoing, Quote};
use crate::statuses;
use crate::wid::Wid;

/// A message ready to be sent, with what must stay until it is.
pub(super) struct Composed {
    pub(super) message: Outgoing,
    /// The files that it is made of.
    pub(super) files: Vec<media::Kept>,
}

/// Makes it.
///
/// # Errors
/// When something that it is about or made of is not there; the code becomes
/// the message's failure.
pub(super) async fn compose(core: &Core, link: &dyn Link, row: &MessageRow) -> Result<Composed> {
    let to: Wid = row.chat.parse().map_err(Error::internal)?;
    let payload = Payload::of(row)?;
    let said = payload.contents.said(row.body.as_deref())?;
    let mut files = Vec::new();
    let content = content(core, link, row, &payload, said, &mut files).await?;
    let quote = match &payload.quote {
        Some(id) => quoted(core, row, id, &to).await?,
        None => None,
    };
    let secret = match &row.secret {
        Some(bytes) => Some(<[u8; 32]>::try_from(bytes.as_slice()).map_err(Error::internal)?),
        None => None,
    };
    let mentions =
        payload.options.mentions.iter().map(|wid| wid.parse().map_err(Error::internal)).collect::<Result<_>>()?;
    let status = if row.chat == statuses::CHAT { Some(post(core, row, &payload, &content).await?) } else { None };
    let message = Outgoing { quote, mentions, secret, status, ..Outgoing::new(row.wa_id.clone(), to, content) };
    Ok(Composed { message, files })
}

/// Who sees a status update, and how it looks.
async fn post(core: &Core, row: &MessageRow, payload: &Payload, content: &Content) -> Result<StatusPost> {
    if let Content::Media(media) = content
        && matches!(media.kind, MediaKind::Document | MediaKind::Sticker)
    {
        let what = media.mime.as_str();
        return Err(Error::invalid("media:invalid_file", format!("A status shows no files of the type '{what}'")));
    }
    let look = payload.options.status.as_ref().and_then(|look| statuses::look::look(&look.color, &look.font));
    let audience = statuses::audience(core, &row.account_id, &row.device_id, &row.wa_id).await?;
    Ok(StatusPost { audience, look })
}

async fn content(
    core: &Core,
    link: &dyn Link,
    row: &MessageRow,
    payload: &Payload,
    said: Said,
    files: &mut Vec<media::Kept>,
) -> Result<Content> {
    let (account, device) = (&row.account_id, &row.device_id);
    Ok(match said {
        Said::Text(body) => {
            let preview = match payload.options.preview_url {
                Some(false) => None,
                _ => preview::of(core, &body).await.map(Box::new),
            };
            Content::Text { body, preview }
        }
        Said::Media(entry, caption) => {
            let (media, kept) = media::of(core, row, &entry, caption).await?;
            files.push(kept);
            Content::Media(Box::new(media))
        }
        Said::Poll(poll) => Content::Poll(poll.to_network()),
        Said::Vote(vote) => {
            let found = targets::find(core, account, device, "vote.poll", &vote.poll, None).await?;
            let options = match targets::poll(core, account, device, &found).await? {
                Some(poll) => vote.chosen(&poll)?,
                None => vote.options.iter().filter_map(|option| option.value.clone()).collect(),
            };
            Content::Vote { raw: found.raw()?, poll: found.target, options }
        }
        Said::Event(event) => Content::Event(event.to_network()?),
        Said::Attend(reply) => {
            let found = targets::find(core, account, device, "attend.event", &reply.event, None).await?;
            let answer = if reply.confirm { Attendance::Going } else { Attendance::NotGoing };
            Content::Attend { raw: found.raw()?, event: found.target, answer }
        }
        Said::Location(location) => location.to_content(),
        Said::Contacts(contacts) => {
            Content::Contacts(contacts.iter().map(super::ContactEntry::card).collect::<Result<_>>()?)
        }
        Said::Reaction { of, emoji } => {
            let found = targets::find(core, account, device, "reactionMessage", &of, None).await?;
            Content::Reaction { of: found.target, emoji }
        }
        Said::Product(id, body) => product(core, link, row, &id, body, files).await?,
        Said::Forward(forward) => {
            let chat = forward.chat_wid()?;
            let found =
                targets::find(core, account, device, "forward.message", &forward.message, chat.as_ref()).await?;
            Content::Forward { raw: found.raw()? }
        }
        Said::Buttons { body, footer, buttons } => {
            Content::Menu { body, menu: menu_of_buttons(footer.as_deref(), &buttons) }
        }
        Said::List { body, list } => Content::Menu { body, menu: list.to_menu() },
    })
}

/// A product of the own catalog, as it is there now.
async fn product(
    core: &Core,
    link: &dyn Link,
    row: &MessageRow,
    id: &str,
    body: Option<String>,
    files: &mut Vec<media::Kept>,
) -> Result<Content> {
    let own = core.store().read().await?.account(&row.account_id).device(&row.device_id).await?;
    let seller: Wid = own
        .and_then(|device| device.wid)
        .ok_or_else(|| Error::conflict("session:not_linked", "The number is not linked"))?
        .parse()
        .map_err(Error::internal)?;
    let found = link.product(&seller, id).await.map_err(crate::sessions::network_error)?;
    let Some((product, picture)) = found else {
        return Err(Error::not_found("product:notfound", format!("The own catalog has no product '{id}'")));
    };
    let image = match picture {
        Some(url) => match media::picture(core, row, &url).await {
            Ok((media, kept)) => {
                files.push(kept);
                Some(Box::new(media))
            }
            // A card without its picture is still the card.
            Err(error) => {
                tracing::info!(message = %row.id, error = %error, "a product's picture could not be fetched");
                None
            }
        },
        None => None,
    };
    Ok(Content::Product { product: Box::new(product), image, body })
}

/// What is known of a message to be quoted.
async fn quoted(core: &Core, row: &MessageRow, id: &str, to: &Wid) -> Result<Option<Quote>> {
    let found = match targets::find(core, &row.account_id, &row.device_id, "quote", id, None).await {
        Ok(found) => found,
        // It was there when this one was accepted: its chat was deleted since.
        Err(error) if error.code == "message:notfound" => return Ok(None),
        Err(error) => return Err(error),
    };
    let text = found.row.body.clone().unwrap_or_else(|| title(&found.row.doc));
    let chat = (found.target.chat != *to).then(|| found.target.chat.clone());
    Ok(Some(Quote {
        id: found.target.id,
        chat,
        author: found.target.author,
        text,
        raw: found.row.raw.map(bytes::Bytes::from),
    }))
}

/// What a message without a text is called in a quote.
fn title(doc: &str) -> String {
    let doc: Value = serde_json::from_str(doc).unwrap_or_default();
    let name = ["/poll/name", "/event/name", "/location/name", "/media/filename"];
    name.iter().find_map(|at| doc.pointer(at)?.as_str()).unwrap_or_default().to_owned()
}
