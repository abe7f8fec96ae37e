//! Buttons, lists and products, and what is pressed or chosen.

use buffa::MessageField;
use serde_json::Value;
use waproto::whatsapp as wa;

use super::make::{Target, Unmakeable, Words, quoting};

pub(super) fn buttons(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    use wa::message::buttons_message::{Button, HeaderType, button};
    let of = |value: &Value| {
        let words = Words { kind: "buttons.buttons", value };
        Ok(Button {
            button_id: Some(words.needed("id")?),
            button_text: MessageField::some(button::ButtonText { display_text: Some(words.needed("text")?) }),
            r#type: Some(button::Type::RESPONSE),
            ..Default::default()
        })
    };
    let buttons: Result<Vec<_>, Unmakeable> = words.list("buttons")?.iter().map(of).collect();
    Ok(wa::Message {
        buttons_message: MessageField::some(wa::message::ButtonsMessage {
            content_text: Some(words.needed("text")?),
            footer_text: words.text("footer"),
            header_type: Some(HeaderType::EMPTY),
            buttons: buttons?,
            ..Default::default()
        }),
        ..Default::default()
    })
}

pub(super) fn list(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    use wa::message::list_message::{ListType, Row, Section};
    let row = |value: &Value| {
        let words = Words { kind: "list.sections.rows", value };
        Ok(Row {
            row_id: Some(words.needed("id")?),
            title: Some(words.needed("title")?),
            description: words.text("description"),
        })
    };
    let section = |value: &Value| {
        let words = Words { kind: "list.sections", value };
        let rows: Result<Vec<_>, Unmakeable> = words.list("rows")?.iter().map(row).collect();
        Ok(Section { title: words.text("title"), rows: rows? })
    };
    let sections: Result<Vec<_>, Unmakeable> = words.list("sections")?.iter().map(section).collect();
    Ok(wa::Message {
        list_message: MessageField::some(wa::message::ListMessage {
            title: words.text("title"),
            description: Some(words.needed("text")?),
            button_text: Some(words.needed("button")?),
            footer_text: words.text("footer"),
            list_type: Some(ListType::SINGLE_SELECT),
            sections: sections?,
            ..Default::default()
        }),
        ..Default::default()
    })
}

/// A button of a message is pressed.
pub(super) fn press(words: &Words<'_>, target: &Target) -> Result<wa::Message, Unmakeable> {
    use wa::message::buttons_response_message::{Response, Type};
    let wanted = words.needed("button")?;
    let (inner, _) = super::unwrapped(&target.message);
    let button = inner
        .buttons_message
        .as_option()
        .and_then(|buttons| buttons.buttons.iter().find(|button| button.button_id.as_deref() == Some(&wanted)))
        .ok_or_else(|| format!("the message has no button {wanted}"))?;
    let text = button.button_text.as_option().and_then(|text| text.display_text.clone()).unwrap_or_default();
    Ok(wa::Message {
        buttons_response_message: MessageField::some(wa::message::ButtonsResponseMessage {
            selected_button_id: Some(wanted),
            context_info: MessageField::some(quoting(target)),
            r#type: Some(Type::DISPLAY_TEXT),
            response: Some(Response::SelectedDisplayText(text)),
        }),
        ..Default::default()
    })
}

/// A row of a list is chosen.
pub(super) fn choose(words: &Words<'_>, target: &Target) -> Result<wa::Message, Unmakeable> {
    use wa::message::list_response_message::{ListType, SingleSelectReply};
    let wanted = words.needed("row")?;
    let (inner, _) = super::unwrapped(&target.message);
    let sections = inner.list_message.as_option().map(|list| list.sections.as_slice()).unwrap_or_default();
    let row = sections
        .iter()
        .flat_map(|section| &section.rows)
        .find(|row| row.row_id.as_deref() == Some(&wanted))
        .ok_or_else(|| format!("the message has no row {wanted}"))?;
    Ok(wa::Message {
        list_response_message: MessageField::some(wa::message::ListResponseMessage {
            title: row.title.clone(),
            description: row.description.clone(),
            list_type: Some(ListType::SINGLE_SELECT),
            single_select_reply: MessageField::some(SingleSelectReply { selected_row_id: Some(wanted) }),
            context_info: MessageField::some(quoting(target)),
        }),
        ..Default::default()
    })
}

pub(super) fn product(words: &Words<'_>) -> Result<wa::Message, Unmakeable> {
    Ok(wa::Message {
        product_message: MessageField::some(wa::message::ProductMessage {
            product: MessageField::some(wa::message::product_message::ProductSnapshot {
                product_id: Some(words.needed("id")?),
                title: Some(words.needed("title")?),
                description: words.text("description"),
                currency_code: words.text("currency"),
                price_amount1000: words.whole("price1000"),
                retailer_id: words.text("retailerId"),
                url: words.text("url"),
                ..Default::default()
            }),
            business_owner_jid: words.text("seller"),
            body: words.text("body"),
            ..Default::default()
        }),
        ..Default::default()
    })
}
