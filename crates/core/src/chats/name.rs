//! What chats are found and sorted by: their names and numbers.

use serde_json::{Map, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatRow, ContactRow, DeviceRow};

use super::change::{self, By};
use crate::contacts;
use crate::error::Result;
use crate::network::Millis;
use crate::wid::Wid;

/// Characters of a name that count.
const LENGTH: usize = 200;

/// Brings what a chat is found by up to date; the row is not written.
pub(super) async fn refresh(w: &mut Writing, device: &DeviceRow, chat: &mut ChatRow) -> Result<()> {
    let mut scope = w.account(&device.account_id);
    let contact = if chat.kind == "chat" { scope.contact(&device.id, &chat.wid).await? } else { None };
    let (sort_name, found_by) = texts(chat, contact.as_ref());
    if chat.found_by != found_by {
        scope.set_chat_words(&device.id, &chat.wid, &chat.found_by, &found_by).await?;
    }
    (chat.sort_name, chat.found_by) = (sort_name, found_by);
    Ok(())
}

/// Brings what a chat is found by up to date, after it was written in bulk.
pub(crate) async fn refresh_by_id(w: &mut Writing, device: &DeviceRow, wid: &str) -> Result<()> {
    let Some(before) = w.account(&device.account_id).chat(&device.id, wid).await? else { return Ok(()) };
    let mut chat = before.clone();
    refresh(w, device, &mut chat).await?;
    if chat != before {
        w.account(&device.account_id).put_chat(&device.id, &chat).await?;
    }
    Ok(())
}

/// The name to sort by, and the text whose words find a chat.
fn texts(chat: &ChatRow, contact: Option<&ContactRow>) -> (String, String) {
    let number = chat.wid.parse::<Wid>().ok().and_then(|wid| wid.phone()).map(String::from);
    let names = [
        contact.and_then(|contact| contacts::brief(contact.clone()).name),
        chat.name.clone(),
        contact.and_then(|contact| contact.push_name.clone()),
        number,
    ];
    let sort = names.iter().flatten().next().cloned().unwrap_or_else(|| chat.wid.clone());
    let mut found: Vec<String> = Vec::new();
    for name in names.into_iter().flatten() {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    let short = |text: &str| text.chars().take(LENGTH).collect::<String>();
    (short(&sort.to_lowercase()), found.iter().map(|name| short(name)).collect::<Vec<_>>().join("\n"))
}

/// The name of a chat, or of its person, may have changed: it is found by it from
/// now on. `subject` is the group's or channel's new name.
pub(crate) async fn renamed(
    w: &mut Writing,
    device: &DeviceRow,
    wid: &str,
    subject: Option<&str>,
    by: &By,
    now: Millis,
) -> Result<()> {
    let Some(before) = w.account(&device.account_id).chat_named(&device.id, wid).await? else { return Ok(()) };
    let mut chat = before.clone();
    if let Some(subject) = subject {
        chat.name = Some(subject.to_owned()).filter(|subject| !subject.is_empty());
    }
    refresh(w, device, &mut chat).await?;
    if chat == before {
        return Ok(());
    }
    chat.updated_at = now;
    w.account(&device.account_id).put_chat(&device.id, &chat).await?;
    if chat.name != before.name {
        let changes = Map::from_iter([("name".to_owned(), json!(before.name))]);
        change::tell(w, device, &chat, changes, by, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::{ChatRow, ContactRow};

    use super::texts;

    #[test]
    fn the_address_book_names_before_the_person_does() {
        let chat = ChatRow { name: Some("benny".to_owned()), ..ChatRow::new("16001234561@c.us", "chat", 0) };
        let contact = ContactRow {
            wid: chat.wid.clone(),
            phone: Some("+16001234561".to_owned()),
            name: Some("Ben Miller".to_owned()),
            push_name: Some("benny".to_owned()),
            ..ContactRow::default()
        };
        assert_eq!(
            texts(&chat, Some(&contact)),
            ("ben miller".to_owned(), "Ben Miller\nbenny\n+16001234561".to_owned())
        );
        assert_eq!(texts(&chat, None).0, "benny");
        let nameless = ChatRow::new("16001234561@c.us", "chat", 0);
        assert_eq!(texts(&nameless, None), ("+16001234561".to_owned(), "+16001234561".to_owned()));
    }
}
