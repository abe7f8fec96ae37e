//! What the document shows of the team.

use serde_json::{Value, json};

const MEMBER: &str = "697dd0105f3c2b9d8e4a7071";

pub(crate) fn member() -> Value {
    json!({
        "id": MEMBER,
        "displayName": "Ada Lovelace",
        "email": "ada@example.com",
        "role": "agent",
        "status": "active",
        "settings": {"color": "blue"},
        "availability": {"mode": "auto", "state": "online", "message": null, "updatedAt": null},
        "lastLoginAt": "2026-01-31T08:00:00.000Z",
        "lastSeenAt": "2026-01-31T11:59:00.000Z",
        "createdAt": "2026-01-30T12:00:00.000Z",
        "updatedAt": "2026-01-30T12:00:00.000Z"
    })
}

pub(super) fn invited() -> Value {
    let token = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
    let mut value = member();
    value["status"] = json!("pending");
    value["availability"]["state"] = json!("offline");
    value["lastLoginAt"] = Value::Null;
    value["lastSeenAt"] = Value::Null;
    value["invitation"] = json!({
        "token": token,
        "path": format!("/v1/team/invitations/{token}"),
        "expiresAt": "2026-02-06T12:00:00.000Z"
    });
    value
}

pub(super) fn revoked() -> Value {
    json!({"id": MEMBER, "email": "ada@example.com", "removed": false, "status": "active", "chats": 3})
}

pub(super) fn removed() -> Value {
    json!({"users": [{"id": MEMBER, "email": "ada@example.com", "removed": true, "status": "removed", "chats": 12}]})
}
