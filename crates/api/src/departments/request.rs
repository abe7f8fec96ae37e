//! What requests about departments may say.

use serde::Deserialize;
use sparkbot_core::departments::{COLORS, DepartmentChanges, ICONS, NewDepartment};
use utoipa::ToSchema;

use crate::request::present;
use crate::request::words::words;

words! {
    ColorWord = COLORS;
    IconWord = ICONS;
}

/// A new department.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Sales", "color": "emerald", "icon": "briefcase", "agents": []}))]
pub(crate) struct CreateDepartment {
    /// Unique in the number, whatever the case.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// Colour in lists; `emerald` when absent.
    #[schema(value_type = Option<ColorWord>, inline)]
    color: Option<String>,
    /// Icon in lists; `briefcase` when absent.
    #[schema(value_type = Option<IconWord>, inline)]
    icon: Option<String>,
    /// Free text.
    #[schema(max_length = 300)]
    description: Option<String>,
    /// Who works in it: ids or emails of members with access to the number.
    #[serde(default)]
    #[schema(max_items = 500)]
    agents: Vec<String>,
}

impl CreateDepartment {
    pub(super) fn into_new(self) -> NewDepartment {
        let Self { name, color, icon, description, agents } = self;
        let color = color.unwrap_or_else(|| "emerald".to_owned());
        let icon = icon.unwrap_or_else(|| "briefcase".to_owned());
        NewDepartment { name, color, icon, description, agents }
    }
}

/// Changes of a department.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"department": "Sales", "name": "Sales and orders"}))]
pub(crate) struct ChangeDepartment {
    /// Which one: id or name.
    #[schema(min_length = 1, max_length = 60)]
    department: String,
    /// New name.
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    /// New colour.
    #[schema(value_type = Option<ColorWord>, inline)]
    color: Option<String>,
    /// New icon.
    #[schema(value_type = Option<IconWord>, inline)]
    icon: Option<String>,
    /// New description; empty or null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 300)]
    description: Option<Option<String>>,
    /// Who works in it from now on: ids or emails.
    #[schema(max_items = 500)]
    agents: Option<Vec<String>>,
}

impl ChangeDepartment {
    pub(super) fn into_changes(self) -> (String, DepartmentChanges) {
        let Self { department, name, color, icon, description, agents } = self;
        (department, DepartmentChanges { name, color, icon, description, agents })
    }
}

/// Which department.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"department": "Sales"}))]
pub(crate) struct DeleteDepartment {
    /// Id or name.
    #[schema(min_length = 1, max_length = 60)]
    pub(super) department: String,
}
