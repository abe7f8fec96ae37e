//! What a message asks for once WhatsApp has it.

use serde_json::{Value, json};

use crate::support::{Place, text};

#[tokio::test]
async fn each_action_is_carried_out_once_whatsapp_has_the_message() {
    let place = Place::new().await;
    let receiver = place.server.receiver(&["chat:update", "message:out:sent"]).await;
    let me = place.server.get("/v1/me").await.ok();
    let me = text(&me, "/user/id").to_owned();
    let after = async |name: &str, changed: &str, params: Value| {
        let action =
            if params.is_null() { json!({ "action": name }) } else { json!({ "action": name, "params": params }) };
        let sent = place.post(json!({ "message": name, "actions": [action] })).await;
        place.ben.receives(name).await;
        let told =
            receiver.event(name, |e| e["event"] == "chat:update" && e["data"]["by"]["message"] == sent["id"]).await;
        assert_eq!(told["data"]["changes"], json!([changed]), "{told:#}");
        told["data"]["chat"].clone()
    };
    assert_eq!(after("labels:set", "labels", json!({ "labels": ["b", "a"] })).await["labels"], json!(["b", "a"]));
    assert_eq!(after("labels:add", "labels", json!({ "labels": ["c", "a"] })).await["labels"], json!(["b", "a", "c"]));
    assert_eq!(after("labels:remove", "labels", json!({ "labels": ["a", "z"] })).await["labels"], json!(["b", "c"]));
    assert_eq!(after("chat:resolve", "status", Value::Null).await["status"], "resolved");
    assert_eq!(after("chat:unresolve", "status", Value::Null).await["status"], "active");
    assert!(after("chat:assign", "agent", json!({ "agent": me })).await["owner"].to_string().contains(&me));
    assert!(!after("chat:unassign", "agent", Value::Null).await["owner"]["agent"].to_string().contains(&me));
    let sales = json!({ "name": "Sales", "color": "emerald", "icon": "briefcase" });
    let sales = place.server.post(&format!("/v1/devices/{}/departments", place.device.id), sales).await.ok();
    let given = after("chat:assign", "department", json!({ "department": "Sales" })).await;
    assert_eq!(given["owner"]["department"], sales["id"], "{sales:#}");
    for (name, params) in [
        ("metadata:set", json!({ "metadata": [{ "key": "plan", "value": "gold" }] })),
        ("metadata:add", json!({ "metadata": [{ "key": "since", "value": "May" }] })),
        ("metadata:remove", json!({ "keys": ["plan"] })),
    ] {
        after(name, "metadata", params).await;
    }
    after("chat:unread", "unread", Value::Null).await;
    after("chat:read", "unread", Value::Null).await;
    let nobody = json!([{ "action": "chat:assign", "params": { "agent": "0123456789abcdef01234567" } }]);
    place.refuses(json!({ "message": "no", "actions": nobody }), 400, "agent:notfound").await;
    let nowhere = json!([{ "action": "chat:assign", "params": { "department": "nowhere" } }]);
    place.refuses(json!({ "message": "no", "actions": nowhere }), 400, "department:notfound").await;
    // A message that is never sent changes nothing.
    let failed = json!({ "phone": "+16009999999", "message": "to nobody", "actions": [{ "action": "chat:resolve" }] });
    let failed = place.post(failed).await;
    place.server.delivery(text(&failed, "/id"), &["failed"]).await;
    place.server.send(&place.device.id, "+16001234561", "the last one").await;
    receiver
        .event("the last one", |e| e["event"] == "message:out:sent" && e["data"]["message"] == "the last one")
        .await;
    assert!(receiver.events().iter().all(|e| e["data"]["by"]["message"] != failed["id"]));
}
