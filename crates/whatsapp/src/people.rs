//! What the client tells of people and of labels, as core's reports.

use sparkbot_network::{ContactNews, ContactReport, LabelReport, Person, Report};
use whatsapp_rust::types::events::Event;
use whatsapp_rust::wacore_binary::NodeRef;
use whatsapp_rust::waproto::whatsapp::sync_action_value::label_edit_action::ListType;
use whatsapp_rust::{Client, Jid};

use crate::address;
use crate::profile;
use crate::storage::Storage;

/// Events that come in large numbers and are written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    People,
    Labels,
}

/// What sort of event this is, when it is one of those.
pub(crate) fn sort(event: &Event) -> Option<Sort> {
    match event {
        Event::PictureUpdate(update) => is_person(&update.jid).then_some(Sort::People),
        Event::ContactUpdate(_)
        | Event::PushNameUpdate(_)
        | Event::UserAboutUpdate(_)
        | Event::ContactUpdated(_)
        | Event::ContactNumberChanged(_)
        | Event::BusinessStatusUpdate(_) => Some(Sort::People),
        Event::RawNode(node) => is_blocklist(node.get()).then_some(Sort::People),
        Event::LabelEditUpdate(_) | Event::LabelAssociationUpdate(_) => Some(Sort::Labels),
        _ => None,
    }
}

/// Whether it tells of more than a person: of the number's own profile, or of what
/// a business sells.
pub(crate) fn tells_more(client: &Client, event: &Event) -> bool {
    match event {
        Event::PictureUpdate(update) => profile::is_own(client, &update.jid),
        Event::UserAboutUpdate(update) => profile::is_own(client, &update.jid),
        Event::BusinessStatusUpdate(_) => true,
        _ => false,
    }
}

fn is_person(jid: &Jid) -> bool {
    jid.server.is_pn_family() || jid.server.is_lid_family()
}

/// Events of one sort as one report.
pub(crate) async fn report(client: &Client, sort: Sort, events: &[std::sync::Arc<Event>]) -> Report {
    match sort {
        Sort::People => {
            let mut reports = Vec::with_capacity(events.len());
            for event in events {
                person_reports(client, event, &mut reports).await;
            }
            Report::Contacts(reports)
        }
        Sort::Labels => {
            let mut reports = Vec::with_capacity(events.len());
            for event in events {
                reports.extend(label(client, event).await);
            }
            Report::Labels(reports)
        }
    }
}

/// Notes whose entries of the phone's address book are told of, so that it can be
/// told when they are taken away.
pub(crate) async fn note_entries(storage: &Storage, events: &[std::sync::Arc<Event>]) {
    let entry = |event: &std::sync::Arc<Event>| match &**event {
        Event::ContactUpdate(update) => Some(update.jid.to_string()),
        _ => None,
    };
    let jids: Vec<String> = events.iter().filter_map(entry).collect();
    if let Err(error) = storage.note_entries(&jids).await {
        tracing::warn!(%error, "entries of the phone's address book could not be noted; their removal will not be seen");
    }
}

/// What is to be told of entries that were taken away.
pub(crate) fn entries_removed(jids: &[String]) -> Vec<ContactReport> {
    let of = |jid: &String| address::wid(&jid.parse::<Jid>().ok()?);
    let report = |wid| ContactReport {
        person: Person { wid, lid: None },
        news: ContactNews::Book { name: None, first_name: None },
        catching_up: false,
    };
    jids.iter().filter_map(of).map(report).collect()
}

async fn person_reports(client: &Client, event: &Event, into: &mut Vec<ContactReport>) {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (jid, news, catching_up) = match event {
        Event::ContactUpdate(update) => {
            let action = &update.action;
            let name = action.full_name.as_deref().and_then(some);
            let first_name = action.first_name.as_deref().and_then(some);
            (&update.jid, ContactNews::Book { name, first_name }, update.from_full_sync)
        }
        Event::PushNameUpdate(update) => {
            let Some(name) = some(&update.new_push_name) else { return };
            (&update.jid, ContactNews::PushName(name), false)
        }
        Event::UserAboutUpdate(update) => (&update.jid, ContactNews::About(update.status.clone()), false),
        Event::PictureUpdate(update) => {
            let id = if update.removed { None } else { Some(update.picture_id.clone().unwrap_or_default()) };
            (&update.jid, ContactNews::Picture(id), false)
        }
        Event::ContactUpdated(update) => (&update.jid, ContactNews::Picture(Some(String::new())), false),
        Event::BusinessStatusUpdate(update) => {
            (&update.jid, ContactNews::Business { verified_name: update.verified_name.clone() }, false)
        }
        Event::ContactNumberChanged(moved) => {
            let to = address::person(client, &moved.new_jid, moved.new_lid.as_ref()).await;
            let from = address::person(client, &moved.old_jid, moved.old_lid.as_ref()).await;
            if let (Some(from), Some(to)) = (from, to) {
                let news = ContactNews::Moved { to: Person { wid: to.wid, lid: to.lid } };
                let person = Person { wid: from.wid, lid: from.lid };
                into.push(ContactReport { person, news, catching_up: false });
            }
            return;
        }
        Event::RawNode(node) => return blocked(client, node.get(), into).await,
        _ => return,
    };
    if let Some(person) = address::person(client, jid, None).await {
        into.push(ContactReport { person: Person { wid: person.wid, lid: person.lid }, news, catching_up });
    }
}

/// Whether a stanza tells of a change of the list of those blocked; the client
/// itself has no event for it.
pub(crate) fn is_blocklist(node: &NodeRef<'_>) -> bool {
    node.tag.as_ref() == "notification"
        && node.get_attr("type").is_some_and(|kind| kind.as_str() == "account_sync")
        && node.get_optional_child("blocklist").is_some()
}

async fn blocked(client: &Client, node: &NodeRef<'_>, into: &mut Vec<ContactReport>) {
    let Some(list) = node.get_optional_child("blocklist") else { return };
    for item in list.get_children_by_tag("item") {
        let jid = |name: &str| item.get_attr(name).and_then(|text| text.as_str().parse::<Jid>().ok());
        let blocked = match item.get_attr("action").map(|action| action.as_str().into_owned()).as_deref() {
            Some("block") => true,
            Some("unblock") => false,
            _ => continue,
        };
        let Some(of) = jid("jid") else { continue };
        if let Some(person) = address::person(client, &of, jid("pn_jid").as_ref()).await {
            let person = Person { wid: person.wid, lid: person.lid };
            into.push(ContactReport { person, news: ContactNews::Blocked(blocked), catching_up: false });
        }
    }
}

async fn label(client: &Client, event: &Event) -> Option<LabelReport> {
    match event {
        Event::LabelEditUpdate(update) => {
            let (id, action) = (update.label_id.clone(), &update.action);
            if action.deleted == Some(true) {
                return Some(LabelReport::Deleted { id });
            }
            let name = action.name.clone().filter(|name| !name.trim().is_empty() && is_label(action.r#type))?;
            Some(LabelReport::Saved { id, name, color: action.color.unwrap_or_default() })
        }
        Event::LabelAssociationUpdate(update) => {
            let chat = address::person(client, &update.chat_jid, None).await?.wid;
            Some(LabelReport::Chat {
                id: update.label_id.clone(),
                chat,
                on: update.action.labeled == Some(true),
                at: update.timestamp.timestamp_millis(),
            })
        }
        _ => None,
    }
}

/// Lists that WhatsApp makes by itself (unread, groups, favourites…) are no
/// labels.
fn is_label(kind: Option<ListType>) -> bool {
    matches!(kind, None | Some(ListType::NONE | ListType::PREDEFINED | ListType::CUSTOM))
}
