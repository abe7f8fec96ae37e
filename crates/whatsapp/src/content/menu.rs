//! Buttons and lists, as business clients send them.

use sparkbot_network::{Menu, NetworkError};
use whatsapp_rust::NodeBuilder;
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::wacore_binary::Node;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::buttons_message::button::{ButtonText, Type};
use whatsapp_rust::waproto::whatsapp::message::buttons_message::{Button, HeaderType};
use whatsapp_rust::waproto::whatsapp::message::list_message::{ListType, Row, Section};
use whatsapp_rust::waproto::whatsapp::message::{ButtonsMessage, ListMessage};

use super::Draft;

/// As WhatsApp's apps show them.
const BUTTONS: usize = 10;
const ROWS: usize = 100;

pub(super) fn check(menu: &Menu) -> Result<(), NetworkError> {
    let invalid = |what: String| Err(NetworkError::Invalid(what));
    match menu {
        Menu::Buttons { buttons, .. } if buttons.is_empty() || buttons.len() > BUTTONS => {
            invalid(format!("a message has 1 to {BUTTONS} buttons, this one {}", buttons.len()))
        }
        Menu::List { sections, .. } => match sections.iter().map(|section| section.rows.len()).sum::<usize>() {
            1..=ROWS => Ok(()),
            count => invalid(format!("a list has 1 to {ROWS} rows, this one {count}")),
        },
        Menu::Buttons { .. } => Ok(()),
    }
}

pub(super) fn draft(body: &str, menu: &Menu) -> Draft {
    match menu {
        Menu::Buttons { footer, buttons } => {
            let buttons = buttons.iter().map(|button| Button {
                button_id: Some(button.id.clone()),
                button_text: MessageField::some(ButtonText { display_text: Some(button.text.clone()) }),
                r#type: Some(Type::RESPONSE),
                ..Button::default()
            });
            let message = ButtonsMessage {
                content_text: Some(body.to_owned()),
                footer_text: footer.clone(),
                buttons: buttons.collect(),
                header_type: Some(HeaderType::EMPTY),
                ..ButtonsMessage::default()
            };
            let message = wa::Message { buttons_message: MessageField::some(message), ..wa::Message::default() };
            Draft { nodes: vec![business(NodeBuilder::new("buttons"))], ..Draft::new(message) }
        }
        Menu::List { title, footer, button, sections } => {
            let sections = sections.iter().map(|section| Section {
                title: Some(section.title.clone()),
                rows: section.rows.iter().map(row).collect(),
            });
            let message = ListMessage {
                title: title.clone(),
                description: Some(body.to_owned()),
                button_text: Some(button.clone()),
                list_type: Some(ListType::SINGLE_SELECT),
                sections: sections.collect(),
                footer_text: footer.clone(),
                ..ListMessage::default()
            };
            let message = wa::Message { list_message: MessageField::some(message), ..wa::Message::default() };
            let list = NodeBuilder::new("list").attr("v", "2").attr("type", "single_select");
            Draft { nodes: vec![business(list)], ..Draft::new(message) }
        }
    }
}

fn row(row: &sparkbot_network::Row) -> Row {
    Row { row_id: Some(row.id.clone()), title: Some(row.title.clone()), description: row.description.clone() }
}

/// Without it WhatsApp refuses or hides the message.
fn business(kind: NodeBuilder) -> Node {
    NodeBuilder::new("biz").children([kind.build()]).build()
}
