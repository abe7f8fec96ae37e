//! What each operation needs: one line for each. An operation without a line is
//! refused, and a test names it; what a scope means for a role stands in
//! [`Scope`].

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::Method;
use sparkbot_core::keys::Scope;

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// No key.
    Open,
    /// Any key.
    Key,
    /// This scope, of key and role.
    Scope(Scope),
}

const OPEN: &[&str] = &[
    "service.health",
    "service.ready",
    "service.metrics",
    "service.openapi",
    "service.docs",
    "login.create",
    "team.acceptInvitation",
];

const ANY_KEY: &[&str] = &["me.get", "login.delete"];

/// The operations that each scope opens.
const BY_SCOPE: &[(Scope, &[&str])] = &[
    (
        Scope::DevicesRead,
        &[
            "devices.list",
            "devices.get",
            "session.sync",
            "session.health",
            "profile.get",
            "profile.image",
            "catalog.list",
            "catalog.query",
        ],
    ),
    (
        Scope::DevicesWrite,
        &[
            "devices.update",
            "devices.deleteChats",
            "session.start",
            "session.scan",
            "session.reset",
            "session.reboot",
            "session.authcode",
            "session.authcodeGet",
            "profile.update",
            "profile.setImage",
        ],
    ),
    (Scope::DevicesManage, &["devices.create", "devices.delete"]),
    (Scope::QueueWrite, &["queue.set", "queue.empty", "queue.route"]),
    (
        Scope::MessagesRead,
        &[
            "messages.search",
            "messages.get",
            "queue.get",
            "chat.messages.list",
            "statuses.list",
            "statuses.get",
            "chat.messages.get",
            "chat.messages.ackinfo",
            "chats.sync",
            "chats.messages.sync",
            "chat.files.list",
            "chat.files.get",
            "chat.files.download",
        ],
    ),
    (
        Scope::MessagesWrite,
        &[
            "statuses.post",
            "statuses.delete",
            "messages.send",
            "messages.update",
            "messages.delete",
            "chat.messages.edit",
            "chat.messages.delete",
        ],
    ),
    (Scope::ChatsRead, &["chats.list", "chats.get"]),
    (
        Scope::ChatsWrite,
        &[
            "chats.bulk",
            "chats.delete",
            "chats.typing",
            "chats.unread",
            "chats.status",
            "chats.assign",
            "chats.unassign",
            "chats.notes.create",
            "chats.notes.delete",
            "chats.labels",
            "chats.attributes",
            "chats.archive",
            "chats.unarchive",
        ],
    ),
    (Scope::TeamRead, &["team.list", "team.listOfNumber", "departments.list", "quickReplies.list"]),
    (
        Scope::TeamWrite,
        &[
            "team.create",
            "team.update",
            "team.delete",
            "team.grant",
            "team.revoke",
            "departments.create",
            "departments.update",
            "departments.delete",
        ],
    ),
    (Scope::RepliesWrite, &["quickReplies.create", "quickReplies.update", "quickReplies.delete"]),
    (Scope::SelfWrite, &["team.setAvailability"]),
    (
        Scope::GroupsRead,
        &["groups.list", "groups.get", "chats.participants", "channels.list", "channels.get", "channels.search"],
    ),
    (
        Scope::GroupsWrite,
        &[
            "groups.create",
            "groups.update",
            "groups.image",
            "groups.addParticipants",
            "groups.updateParticipants",
            "groups.removeParticipants",
            "groups.pending",
            "groups.approve",
            "groups.reject",
            "groups.invite",
            "groups.revokeInvite",
            "groups.join",
            "groups.leave",
            "channels.create",
            "channels.update",
            "channels.image",
            "channels.delete",
            "channels.join",
        ],
    ),
    (Scope::ContactsRead, &["contacts.list", "contacts.get", "contacts.picture"]),
    (
        Scope::ContactsWrite,
        &[
            "contacts.create",
            "contacts.createMany",
            "contacts.update",
            "contacts.delete",
            "contacts.replaceMetadata",
            "contacts.addMetadata",
            "contacts.block",
            "contacts.unblock",
        ],
    ),
    (Scope::TeamRead, &["labels.list"]),
    (Scope::TeamWrite, &["labels.create", "labels.update", "labels.delete"]),
    (Scope::FilesRead, &["files.search", "files.get", "files.preview", "files.download"]),
    (Scope::FilesWrite, &["files.upload", "files.update", "files.delete", "files.deleteMany"]),
    (Scope::NumbersRead, &["numbers.exists", "numbers.existMany", "numbers.validate"]),
    (
        Scope::CampaignsRead,
        &["campaigns.list", "campaigns.get", "campaigns.contacts.list", "campaigns.exclusions.list"],
    ),
    (
        Scope::CampaignsWrite,
        &[
            "campaigns.create",
            "campaigns.update",
            "campaigns.status",
            "campaigns.delete",
            "campaigns.contacts.add",
            "campaigns.contacts.remove",
            "campaigns.exclusions.add",
            "campaigns.exclusions.remove",
        ],
    ),
    (Scope::MeetingsRead, &["meetingLinks.list"]),
    (Scope::MeetingsWrite, &["meetingLinks.create", "meetingLinks.delete"]),
    (Scope::WebhooksRead, &["webhooks.list", "webhooks.get", "webhooks.logs"]),
    (
        Scope::WebhooksWrite,
        &["webhooks.create", "webhooks.update", "webhooks.delete", "webhooks.enable", "webhooks.replay"],
    ),
    (Scope::EventsRead, &["events.list", "events.stream"]),
    (Scope::AuditRead, &["audit.list"]),
    (Scope::KeysWrite, &["apikeys.list", "apikeys.create", "apikeys.revoke"]),
];

/// What an operation needs, when it has its line.
pub(crate) fn need(operation: &str) -> Option<Need> {
    if OPEN.contains(&operation) {
        return Some(Need::Open);
    }
    if ANY_KEY.contains(&operation) {
        return Some(Need::Key);
    }
    BY_SCOPE.iter().find(|(_, all)| all.contains(&operation)).map(|(scope, _)| Need::Scope(*scope))
}

/// The id of the operation at a route, as the document names it.
pub(crate) fn operation(method: &Method, route: &str) -> Option<&'static str> {
    static IDS: LazyLock<HashMap<(Method, String), String>> = LazyLock::new(|| {
        let mut ids = HashMap::new();
        for (path, item) in crate::router::routes().to_openapi().paths.paths {
            let operations = [
                (Method::GET, item.get),
                (Method::POST, item.post),
                (Method::PUT, item.put),
                (Method::PATCH, item.patch),
                (Method::DELETE, item.delete),
            ];
            for (method, operation) in operations {
                if let Some(id) = operation.and_then(|operation| operation.operation_id) {
                    ids.insert((method, path.clone()), id);
                }
            }
        }
        ids
    });
    // A HEAD is answered by the GET.
    let method = if method == Method::HEAD { Method::GET } else { method.clone() };
    IDS.get(&(method, route.to_owned())).map(String::as_str)
}
