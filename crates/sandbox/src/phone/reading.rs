//! Reading: the person has seen messages, and their authors learn of it.

use std::collections::BTreeMap;

use wacore_binary::Node;

use crate::ids::{AccountId, Chat, DeviceRef, Domain};
use crate::stanza::node;
use crate::world::World;

/// Ids of a read receipt that fit one stanza.
const RECEIPT_IDS: usize = 256;

/// Marks messages of a chat as read, all that are not when no ids are given,
/// and tells their authors and the account's companions. Gives back the ids.
pub(crate) fn read(world: &mut World, me: AccountId, chat: impl Into<Chat>, ids: Option<&[String]>) -> Vec<String> {
    let chat = chat.into();
    let Some(account) = world.accounts.get_mut(&me) else {
        return Vec::new();
    };
    let default = world.timing.addressing.into();
    let domain = match chat {
        Chat::Person(person) => account.phone.domain_for(person, default),
        Chat::Group(group) => world.groups.get(group).map_or(default, |group| group.addressing),
        Chat::Status => Domain::Lid,
    };
    let mut marked: BTreeMap<AccountId, Vec<String>> = BTreeMap::new();
    for shown in
        account.phone.conversations.iter_mut().filter(|shown| shown.chat == chat && shown.from != me && !shown.read)
    {
        if ids.is_none_or(|ids| ids.contains(&shown.id)) {
            shown.read = true;
            marked.entry(shown.from).or_default().push(shown.id.clone());
        }
    }
    let tell = account.privacy.get("readreceipts").is_none_or(|value| value != "none");
    let companions: Vec<u16> = account.devices.keys().copied().collect();
    let Some(jid) = world.chat_jid(chat, domain) else {
        return Vec::new();
    };
    for (author, ids) in &marked {
        for chunk in ids.chunks(RECEIPT_IDS) {
            let items: Vec<Node> = chunk.iter().skip(1).map(|id| node("item").attr("id", id).build()).collect();
            let list = (!items.is_empty()).then(|| node("list").children(items).build());
            let receipt = |kind: &'static str| {
                node("receipt")
                    .attr("id", &chunk[0])
                    .attr("type", kind)
                    .attr("t", world.now_secs())
                    .children(list.clone())
            };
            let author = world.jid(DeviceRef::phone(*author), domain);
            let own = world.jid(DeviceRef::phone(me), domain);
            let (read, read_self) = match chat {
                Chat::Person(_) => (
                    receipt("read").attr("to", &jid).build(),
                    receipt("read-self").attr("from", own).attr("recipient", &jid).build(),
                ),
                Chat::Group(_) | Chat::Status => (
                    receipt("read").attr("to", &jid).attr("participant", author).build(),
                    receipt("read-self").attr("from", &jid).attr("participant", own).build(),
                ),
            };
            // In a group, reading can't be kept secret.
            if tell || matches!(chat, Chat::Group(_)) {
                crate::areas::receipt::accept(world, DeviceRef::phone(me), &read);
            }
            for device in &companions {
                world.deliver(DeviceRef { account: me, device: *device }, Some(me), read_self.clone());
            }
        }
    }
    world.changed();
    marked.into_values().flatten().collect()
}
