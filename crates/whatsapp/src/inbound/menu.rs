//! Buttons and lists, and what was chosen from them.

use serde::Deserialize;
use sparkbot_network::{Button, Choice, Menu, Row, Section};
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::buttons_response_message::Response;
use whatsapp_rust::waproto::whatsapp::message::interactive_message::InteractiveMessage as Interactive;
use whatsapp_rust::waproto::whatsapp::message::interactive_response_message::InteractiveResponseMessage as Answer;

use super::some;

/// A button of a native flow, as its JSON says it.
#[derive(Deserialize)]
struct FlowButton {
    id: Option<String>,
    display_text: Option<String>,
}

pub(super) fn menu(base: &wa::Message) -> Option<Menu> {
    if let Some(list) = base.list_message.as_option() {
        return Some(Menu::List {
            title: some(list.title.as_deref()),
            footer: some(list.footer_text.as_deref()),
            button: list.button_text.clone().unwrap_or_default(),
            sections: list.sections.iter().map(section).collect(),
        });
    }
    if let Some(message) = base.buttons_message.as_option() {
        let buttons = message.buttons.iter().map(|button| Button {
            id: button.button_id.clone().unwrap_or_default(),
            text: button.button_text.as_option().and_then(|text| text.display_text.clone()).unwrap_or_default(),
        });
        return Some(Menu::Buttons { footer: some(message.footer_text.as_deref()), buttons: buttons.collect() });
    }
    let message = base.interactive_message.as_option()?;
    let Some(Interactive::NativeFlowMessage(flow)) = &message.interactive_message else { return None };
    let buttons = flow.buttons.iter().filter_map(|button| {
        let said: FlowButton = serde_json::from_str(button.button_params_json.as_deref()?).ok()?;
        Some(Button { id: said.id.unwrap_or_default(), text: said.display_text? })
    });
    let footer = message.footer.as_option().and_then(|footer| some(footer.text.as_deref()));
    Some(Menu::Buttons { footer, buttons: buttons.collect() })
}

fn section(section: &wa::message::list_message::Section) -> Section {
    Section {
        title: section.title.clone().unwrap_or_default(),
        rows: section
            .rows
            .iter()
            .map(|row| Row {
                id: row.row_id.clone().unwrap_or_default(),
                title: row.title.clone().unwrap_or_default(),
                description: some(row.description.as_deref()),
            })
            .collect(),
    }
}

pub(super) fn choice(base: &wa::Message) -> Option<Choice> {
    if let Some(answer) = base.list_response_message.as_option() {
        let id = answer.single_select_reply.as_option()?.selected_row_id.clone()?;
        let description = some(answer.description.as_deref());
        return Some(Choice { id, title: some(answer.title.as_deref()), description });
    }
    if let Some(answer) = base.buttons_response_message.as_option() {
        let title = answer.response.as_ref().and_then(|response| {
            let Response::SelectedDisplayText(text) = response;
            some(Some(text))
        });
        return Some(Choice { id: answer.selected_button_id.clone()?, title, description: None });
    }
    if let Some(answer) = base.template_button_reply_message.as_option() {
        let title = some(answer.selected_display_text.as_deref());
        return Some(Choice { id: answer.selected_id.clone()?, title, description: None });
    }
    let answer = base.interactive_response_message.as_option()?;
    let Some(Answer::NativeFlowResponseMessage(flow)) = &answer.interactive_response_message else { return None };
    let said: FlowButton = serde_json::from_str(flow.params_json.as_deref()?).ok()?;
    let title = answer.body.as_option().and_then(|body| some(body.text.as_deref()));
    Some(Choice { id: said.id?, title, description: None })
}
