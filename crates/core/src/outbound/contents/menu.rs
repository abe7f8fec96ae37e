//! Things to choose from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::{Count, characters, entries, optional, unlike};
use crate::error::{Error, Result};
use crate::network::content::{Button, Menu, Row, Section};

const BUTTONS: &str = "buttons:invalid";
const LIST: &str = "list:invalid";

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageButton)]
pub struct ButtonEntry {
    /// Comes back when it is pressed.
    #[schema(min_length = 1, max_length = 256)]
    pub id: String,
    /// What stands on it.
    #[schema(min_length = 1, max_length = 20)]
    pub text: String,
}

/// A list that opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageList)]
pub struct ListEntry {
    /// The heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub title: Option<String>,
    /// The text above; the same as the message's own `message`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1024)]
    pub description: Option<String>,
    /// What opens it.
    #[schema(min_length = 1, max_length = 20)]
    pub button: String,
    /// Small text below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub footer: Option<String>,
    /// Its parts; 10 rows in all at most.
    #[schema(min_items = 1, max_items = 10)]
    pub sections: Vec<ListSection>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageListSection)]
pub struct ListSection {
    /// The heading; needed when there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 24)]
    pub title: Option<String>,
    /// Its lines.
    #[schema(min_items = 1, max_items = 10)]
    pub rows: Vec<ListRow>,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageListRow)]
pub struct ListRow {
    /// Comes back when it is chosen.
    #[schema(min_length = 1, max_length = 200)]
    pub id: String,
    /// What it says.
    #[schema(min_length = 1, max_length = 24)]
    pub title: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 72)]
    pub description: Option<String>,
}

pub(super) fn no_text(what: &str) -> Error {
    Error::invalid("message:empty", format!("A message with {what} needs a text above."))
        .hint("Give 'message' 1 to 6000 characters.")
}

pub(super) fn check_buttons(buttons: &[ButtonEntry], footer: Option<&str>) -> Result<()> {
    entries(BUTTONS, "buttons", buttons.len(), Count::from_one_to(3))?;
    for (i, button) in buttons.iter().enumerate() {
        characters(BUTTONS, &format!("buttons[{i}].id"), &button.id, Count::from_one_to(256))?;
        characters(BUTTONS, &format!("buttons[{i}].text"), &button.text, Count::from_one_to(20))?;
    }
    unlike(BUTTONS, "buttons[].id", buttons.iter().map(|button| button.id.as_str()))?;
    optional(BUTTONS, "footer", footer, Count::upto(60))
}

impl ListEntry {
    /// The text that it goes with.
    pub(super) fn check(&self, text: Option<String>) -> Result<String> {
        optional(LIST, "list.title", self.title.as_deref(), Count::upto(60))?;
        optional(LIST, "list.description", self.description.as_deref(), Count::upto(1024))?;
        optional(LIST, "list.footer", self.footer.as_deref(), Count::upto(60))?;
        characters(LIST, "list.button", &self.button, Count::from_one_to(20))?;
        entries(LIST, "list.sections", self.sections.len(), Count::from_one_to(10))?;
        for (i, section) in self.sections.iter().enumerate() {
            let title = section.title.as_deref().unwrap_or_default();
            let wanted = if self.sections.len() > 1 { Count::from_one_to(24) } else { Count::upto(24) };
            characters(LIST, &format!("list.sections[{i}].title"), title, wanted)?;
            entries(LIST, &format!("list.sections[{i}].rows"), section.rows.len(), Count::from_one_to(10))?;
            for (j, row) in section.rows.iter().enumerate() {
                let at = format!("list.sections[{i}].rows[{j}]");
                characters(LIST, &format!("{at}.id"), &row.id, Count::from_one_to(200))?;
                characters(LIST, &format!("{at}.title"), &row.title, Count::from_one_to(24))?;
                optional(LIST, &format!("{at}.description"), row.description.as_deref(), Count::upto(72))?;
            }
        }
        let rows = || self.sections.iter().flat_map(|section| &section.rows);
        entries(LIST, "list.sections[].rows", rows().count(), Count::from_one_to(10))?;
        unlike(LIST, "list.sections[].rows[].id", rows().map(|row| row.id.as_str()))?;
        let own = self.description.clone().filter(|text| !text.trim().is_empty());
        if let (Some(one), Some(other)) = (&text, &own)
            && one != other
        {
            return Err(Error::invalid("message:text", "'message' and 'list.description' are both given and differ.")
                .hint("Give the text above the list once."));
        }
        text.or(own).ok_or_else(|| no_text("a list"))
    }

    /// As the network takes it.
    pub(in crate::outbound) fn to_menu(&self) -> Menu {
        Menu::List {
            title: self.title.clone(),
            footer: self.footer.clone(),
            button: self.button.clone(),
            sections: self
                .sections
                .iter()
                .map(|section| Section {
                    title: section.title.clone().unwrap_or_default(),
                    rows: section
                        .rows
                        .iter()
                        .map(|row| Row {
                            id: row.id.clone(),
                            title: row.title.clone(),
                            description: row.description.clone(),
                        })
                        .collect(),
                })
                .collect(),
        }
    }
}

/// Buttons as the network takes them.
pub(in crate::outbound) fn buttons(footer: Option<&str>, buttons: &[ButtonEntry]) -> Menu {
    Menu::Buttons {
        footer: footer.map(str::to_owned),
        buttons: buttons.iter().map(|b| Button { id: b.id.clone(), text: b.text.clone() }).collect(),
    }
}
