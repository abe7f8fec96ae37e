//! What is said in a number's chats: received, found again, changed, and the
//! files that come with it.

mod changes;
mod files;
mod kinds;
mod lists;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Phone, Server, eventually, text};

pub(crate) const ANA: &str = "+16001234560";
pub(crate) const BEN: &str = "+16001234561";
pub(crate) const ANA_ID: &str = "16001234560@c.us";
pub(crate) const BEN_ID: &str = "16001234561@c.us";

/// The person does something in a chat, as CONTROL.md of the sandbox lists it;
/// the message's id.
async fn says(phone: &Phone, body: Value) -> String {
    let path = format!("/phones/{}/messages", phone.number.replace('+', "%2B"));
    let sent = phone.control(Method::POST, &path, Some(body)).await.ok();
    text(&sent, "/id").to_owned()
}

/// A message of one kind from one person to another.
async fn says_to(phone: &Phone, to: &str, message: Value) -> String {
    says(phone, json!({ "to": to, "message": message })).await
}

/// What the phone shows of a message, once `wanted` is true of it.
async fn shows(phone: &Phone, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/phones/{}/messages/{id}", phone.number.replace('+', "%2B"));
    eventually(&format!("the phone to show {what}"), || async {
        let message = phone.control(Method::GET, &path, None).await;
        (message.status == 200 && wanted(&message.body)).then_some(message.body)
    })
    .await
}

/// A chat message as the API shows it, once `wanted` is true of it.
async fn message(server: &Server, device: &str, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/v1/chat/{device}/messages/{id}");
    eventually(&format!("the message to show {what}"), || async {
        let message = server.get(&path).await;
        (message.status == 200 && wanted(&message.body)).then_some(message.body)
    })
    .await
}
