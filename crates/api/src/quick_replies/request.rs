//! What requests about quick replies may say.

use serde::Deserialize;
use sparkbot_core::quick_replies::{PERMISSIONS, QuickReplyFilter, Said, Which};
use sparkbot_core::{Error, Result};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;
use crate::request::present;
use crate::request::words::words;

words! {
    ScopeWord = &["wa", "chat"];
    PermissionWord = PERMISSIONS;
}

fn size() -> i64 {
    20
}

/// Which quick replies.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct QuickReplySearch {
    /// `chat`: kept here; `wa`: of WhatsApp Business, of which there are none.
    #[param(value_type = Option<ScopeWord>, inline)]
    scope: Option<String>,
    /// Only with one of these permissions.
    #[param(value_type = Vec<PermissionWord>, inline)]
    #[serde(default)]
    permissions: Vec<String>,
    /// Only made by one of these members, by id.
    #[serde(default)]
    agents: Vec<String>,
    /// Quick replies a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
}

impl QuickReplySearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn only_whatsapps(&self) -> bool {
        self.scope.as_deref() == Some("wa")
    }

    pub(super) fn filter(self) -> QuickReplyFilter {
        let paging = self.paging();
        QuickReplyFilter {
            permissions: self.permissions,
            authors: self.agents.into_iter().map(|id| id.to_ascii_lowercase()).collect(),
            size: paging.size(),
            skip: paging.skip(),
            ..QuickReplyFilter::default()
        }
    }
}

/// A new quick reply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"shortcut": "hours", "message": "We are here from 9 to 17.", "keywords": ["opening"]}))]
pub(crate) struct CreateQuickReply {
    /// What is typed for it.
    #[schema(min_length = 1, max_length = 41)]
    shortcut: String,
    /// What is sent.
    #[schema(min_length = 1, max_length = 6000)]
    message: String,
    /// Who sees and who changes it; `public` when absent.
    #[schema(value_type = Option<PermissionWord>, inline)]
    permission: Option<String>,
    /// Id of a file that goes along.
    file: Option<String>,
    /// Words to find it by.
    #[schema(max_items = 20)]
    keywords: Option<Vec<String>>,
}

impl CreateQuickReply {
    pub(super) fn into_said(self) -> Said {
        let Self { shortcut, message, permission, file, keywords } = self;
        Said { shortcut, message, permission, file: file.map(Some), keywords }
    }
}

/// Changes of a quick reply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"shortcut": "hours", "message": "We are here from 8 to 18."}))]
pub(crate) struct ChangeQuickReply {
    /// Which one; the shortcut names it when absent.
    id: Option<String>,
    /// What is typed for it.
    #[schema(min_length = 1, max_length = 41)]
    shortcut: String,
    /// What is sent.
    #[schema(min_length = 1, max_length = 6000)]
    message: String,
    /// Who sees and who changes it.
    #[schema(value_type = Option<PermissionWord>, inline)]
    permission: Option<String>,
    /// Id of a file that goes along; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    file: Option<Option<String>>,
    /// Words to find it by.
    #[schema(max_items = 20)]
    keywords: Option<Vec<String>>,
}

impl ChangeQuickReply {
    pub(super) fn into_said(self) -> (Option<String>, Said) {
        let Self { id, shortcut, message, permission, file, keywords } = self;
        (id, Said { shortcut, message, permission, file, keywords })
    }
}

/// Which quick replies are to be deleted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(max_items = 100, example = json!([{"shortcut": "hours"}]))]
pub(crate) struct DeleteQuickReplies(Vec<DeleteQuickReply>);

/// One of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeleteQuickReply {
    /// By id …
    id: Option<String>,
    /// … or by shortcut.
    shortcut: Option<String>,
}

impl DeleteQuickReplies {
    /// Nothing named means all.
    pub(super) fn read(self) -> Result<Option<Vec<Which>>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let which = self.0.into_iter().map(|one| match (one.id, one.shortcut) {
            (Some(id), None) => Ok(Which::Id(id)),
            (None, Some(shortcut)) => Ok(Which::Shortcut(shortcut)),
            _ => Err(Error::invalid("reply:which", "Each entry names its quick reply by either 'id' or 'shortcut'.")),
        });
        which.collect::<Result<_>>().map(Some)
    }
}
