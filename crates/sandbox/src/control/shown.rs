//! A message as a person sees it on the phone.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value, json};
use waproto::whatsapp as wa;

use super::messages::chat_name;
use crate::ids::AccountId;
use crate::phone::content::{self, Wrapper, file};
use crate::phone::conversation::Shown;
use crate::phone::marks::FileState;
use crate::world::World;

fn number(world: &World, id: AccountId) -> Value {
    world.accounts.get(&id).map_or(Value::Null, |account| account.number.to_string().into())
}

/// The number behind an address, or the address where nobody has it.
fn person(world: &World, address: &str) -> Value {
    let account = address.parse().ok().and_then(|jid| world.find(&jid));
    account.map_or_else(|| address.into(), |account| number(world, account))
}

/// A message as the API shows it; what does not apply is left out.
pub(super) fn shown_json(world: &World, me: AccountId, shown: &Shown, raw: bool) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("seq", shown.seq.into());
    put("id", shown.id.as_str().into());
    put("chat", chat_name(world, shown.chat));
    put("from", number(world, shown.from));
    put("fromMe", (shown.from == me).into());
    put("fromDevice", shown.from_device.into());
    put("kind", shown.kind.as_str().into());
    put("text", shown.text.as_deref().into());
    put("timestamp", shown.timestamp.into());
    put("copies", shown.copies.into());
    put("read", shown.read.into());
    if shown.from == me {
        let own = number(world, me);
        put("status", shown.status(own.as_str().unwrap_or_default()).into());
    }
    if let Some(target) = &shown.target {
        put("target", target.as_str().into());
    }
    if raw {
        put("raw", shown.raw());
    }
    marks(world, shown, &mut put);
    context(world, shown, &mut put);
    particulars(world, shown, &mut put);
    Value::Object(fields)
}

/// What was done with it since.
fn marks(world: &World, shown: &Shown, put: &mut impl FnMut(&str, Value)) {
    let marks = &shown.marks;
    if let Some(code) = marks.refused {
        put("error", code.into());
    }
    if let Some(at) = marks.edited_at {
        put("edited", true.into());
        put("editedAt", at.into());
    }
    if let Some(by) = marks.revoked_by {
        put("revoked", true.into());
        put("revokedBy", number(world, by));
    }
    let reactions: Vec<Value> = marks
        .reactions
        .iter()
        .filter(|(_, reaction)| !reaction.value.is_empty())
        .map(|(by, reaction)| json!({"from": number(world, *by), "emoji": reaction.value}))
        .collect();
    if !reactions.is_empty() {
        put("reactions", reactions.into());
    }
    if let Some(until) = marks.pinned_until.filter(|until| *until > world.now_secs()) {
        put("pinnedUntil", until.into());
    }
    if let Some(by) = marks.kept_by {
        put("keptBy", number(world, by));
    }
    if !marks.comments.is_empty() {
        let comments = marks.comments.iter();
        let comments = comments
            .map(|comment| json!({"id": comment.id, "from": number(world, comment.from), "text": comment.text}));
        put("comments", comments.collect());
    }
}

/// What it says of itself.
fn context(world: &World, shown: &Shown, put: &mut impl FnMut(&str, Value)) {
    let (_, around) = content::unwrapped(&shown.message);
    if content::is_view_once(&shown.message) {
        put("viewOnce", true.into());
    }
    let Some(context) = content::context(&shown.message) else {
        if around.contains(&Wrapper::Ephemeral) {
            put("ephemeral", true.into());
        }
        return;
    };
    if around.contains(&Wrapper::Ephemeral) || context.expiration.is_some_and(|seconds| seconds > 0) {
        put("ephemeral", true.into());
        put("expiration", context.expiration.into());
    }
    if let Some(id) = &context.stanza_id {
        let quoted = context.quoted_message.as_option().and_then(content::seen);
        put(
            "quoted",
            json!({
                "id": id,
                "from": context.participant.as_deref().map(|address| person(world, address)),
                "kind": quoted.as_ref().map(|seen| seen.kind.as_str()),
                "text": quoted.as_ref().and_then(|seen| seen.text.as_deref()),
            }),
        );
    }
    if context.is_forwarded == Some(true) {
        put("forwarded", true.into());
        put("forwardingScore", context.forwarding_score.into());
    }
    if !context.mentioned_jid.is_empty() {
        put("mentions", context.mentioned_jid.iter().map(|address| person(world, address)).collect());
    }
}

/// What belongs to its kind.
fn particulars(world: &World, shown: &Shown, put: &mut impl FnMut(&str, Value)) {
    if let Some(media) = media(shown) {
        put("media", media);
    }
    if let Some(poll) = poll(world, shown) {
        put("poll", poll);
    }
    let (message, _) = content::unwrapped(&shown.message);
    if let Some(event) = message.event_message.as_option() {
        put("event", event_json(world, shown, event));
    }
    if let Some(place) = message.location_message.as_option() {
        put("location", location(place));
    }
    if let Some(place) = message.live_location_message.as_option() {
        put(
            "location",
            json!({
                "latitude": place.degrees_latitude, "longitude": place.degrees_longitude, "live": true,
                "caption": place.caption, "sequence": place.sequence_number,
            }),
        );
    }
    let card = |card: &wa::message::ContactMessage| json!({"displayName": card.display_name, "vcard": card.vcard});
    if let Some(contact) = message.contact_message.as_option() {
        put("contacts", json!([card(contact)]));
    }
    if let Some(contacts) = message.contacts_array_message.as_option() {
        put("contacts", contacts.contacts.iter().map(card).collect());
    }
    if let Some(text) = message.extended_text_message.as_option()
        && let Some(url) = &text.matched_text
    {
        let thumbnail = text.jpeg_thumbnail.is_some();
        put(
            "preview",
            json!({"url": url, "title": text.title, "description": text.description, "thumbnail": thumbnail}),
        );
    }
    if let Some(album) = message.album_message.as_option() {
        put("album", json!({"images": album.expected_image_count, "videos": album.expected_video_count}));
    }
    commerce(world, message, put);
    menus(message, put);
}

fn commerce(world: &World, message: &wa::Message, put: &mut impl FnMut(&str, Value)) {
    if let Some(shown) = message.product_message.as_option()
        && let Some(product) = shown.product.as_option()
    {
        put(
            "product",
            json!({
                "id": product.product_id, "title": product.title, "description": product.description,
                "currency": product.currency_code, "price1000": product.price_amount1000,
                "retailerId": product.retailer_id, "url": product.url, "body": shown.body,
                "seller": shown.business_owner_jid.as_deref().map(|address| person(world, address)),
            }),
        );
    }
    if let Some(order) = message.order_message.as_option() {
        put(
            "order",
            json!({
                "id": order.order_id, "title": order.order_title, "message": order.message, "items": order.item_count,
                "total1000": order.total_amount1000, "currency": order.total_currency_code, "token": order.token,
                "seller": order.seller_jid.as_deref().map(|address| person(world, address)),
            }),
        );
    }
    if let Some(invite) = message.group_invite_message.as_option() {
        put(
            "invite",
            json!({
                "group": invite.group_jid, "code": invite.invite_code, "name": invite.group_name,
                "expiration": invite.invite_expiration,
            }),
        );
    }
}

/// Buttons and lists, and what was pressed or chosen.
fn menus(message: &wa::Message, put: &mut impl FnMut(&str, Value)) {
    if let Some(menu) = message.buttons_message.as_option() {
        let text = |button: &wa::message::buttons_message::Button| {
            button.button_text.as_option().and_then(|text| text.display_text.clone())
        };
        let buttons = menu.buttons.iter().map(|button| json!({"id": button.button_id, "text": text(button)}));
        put("buttons", buttons.collect());
        put("footer", menu.footer_text.as_deref().into());
    }
    if let Some(list) = message.list_message.as_option() {
        let sections = list.sections.iter().map(|section| {
            let rows = section.rows.iter();
            let rows = rows.map(|row| json!({"id": row.row_id, "title": row.title, "description": row.description}));
            json!({"title": section.title, "rows": rows.collect::<Vec<_>>()})
        });
        put(
            "list",
            json!({
                "title": list.title, "text": list.description, "button": list.button_text, "footer": list.footer_text,
                "sections": sections.collect::<Vec<_>>(),
            }),
        );
    }
    if let Some(pressed) = message.buttons_response_message.as_option() {
        put("pressed", pressed.selected_button_id.as_deref().into());
    }
    if let Some(pressed) = message.template_button_reply_message.as_option() {
        put("pressed", pressed.selected_id.as_deref().into());
    }
    if let Some(chosen) = message.list_response_message.as_option() {
        let row = chosen.single_select_reply.as_option().and_then(|reply| reply.selected_row_id.as_deref());
        put("chosen", row.into());
    }
}

fn location(place: &wa::message::LocationMessage) -> Value {
    json!({
        "latitude": place.degrees_latitude, "longitude": place.degrees_longitude,
        "name": place.name, "address": place.address, "live": place.is_live.unwrap_or(false),
    })
}

fn media(shown: &Shown) -> Option<Value> {
    let file = file::of(&shown.message)?;
    let (state, error) = match &shown.marks.file {
        FileState::None => ("none", None),
        FileState::Fetching => ("fetching", None),
        FileState::Here(_) => ("here", None),
        FileState::Failed(reason) => ("failed", Some(reason.as_str())),
    };
    let base64 = |bytes: &Vec<u8>| BASE64_STANDARD.encode(bytes);
    Some(json!({
        "kind": file.kind,
        "state": state,
        "error": error,
        "mime": file.mime,
        "bytes": file.length,
        "sha256": file.sha256.as_ref().map(hex::encode),
        "fileName": file.file_name,
        "caption": file.caption,
        "width": file.width,
        "height": file.height,
        "seconds": file.seconds,
        "pages": file.pages,
        "animated": file.animated,
        "thumbnail": file.thumbnail.as_ref().map(base64),
        "waveform": file.waveform.as_ref().map(base64),
    }))
}

fn poll(world: &World, shown: &Shown) -> Option<Value> {
    let poll = content::poll(&shown.message)?;
    let chosen: Vec<(AccountId, Vec<String>)> =
        shown.marks.votes.iter().map(|(voter, vote)| (*voter, shown.chosen(&vote.value).unwrap_or_default())).collect();
    let options = poll.options.iter().filter_map(|option| option.option_name.as_ref()).map(|name| {
        let voters = chosen.iter().filter(|(_, chosen)| chosen.contains(name));
        let voters: Vec<Value> = voters.map(|(voter, _)| number(world, *voter)).collect();
        json!({"name": name, "votes": voters.len(), "voters": voters})
    });
    let correct = poll.correct_answer.as_option().and_then(|answer| answer.option_name.as_deref());
    Some(json!({
        "name": poll.name,
        "selectable": shown.selectable(),
        "options": options.collect::<Vec<_>>(),
        "correct": correct,
    }))
}

fn event_json(world: &World, shown: &Shown, event: &wa::message::EventMessage) -> Value {
    let responses = shown.marks.responses.iter().map(|(by, response)| {
        json!({"from": number(world, *by), "answer": response.value.answer, "guests": response.value.guests})
    });
    json!({
        "name": event.name,
        "description": event.description,
        "location": event.location.as_option().map(location),
        "joinLink": event.join_link,
        "startTime": event.start_time,
        "endTime": event.end_time,
        "canceled": event.is_canceled.unwrap_or(false),
        "responses": responses.collect::<Vec<_>>(),
    })
}
