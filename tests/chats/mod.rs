//! Conversations: in step with the phone in both directions, found by every
//! filter, looked after by a team.

mod lists;
mod offline;
mod phone;
mod team;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Device, Phone, Receiver, Server, eventually};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
const CLEO: &str = "+16001234562";
const BEN_ID: &str = "16001234561@c.us";
const CLEO_ID: &str = "16001234562@c.us";

/// Where the API has the chats of a number.
fn chats(device: &Device, rest: &str) -> String {
    format!("/v1/chat/{}/chats{rest}", device.id)
}

/// A chat as the API shows it, once `wanted` is true of it.
async fn chat(server: &Server, device: &Device, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = chats(device, &format!("/{id}"));
    eventually(&format!("the chat {id} to show {what}"), || async {
        let chat = server.get(&path).await;
        (chat.status == 200 && wanted(&chat.body)).then_some(chat.body)
    })
    .await
}

fn on_phone(phone: &Phone, rest: &str) -> String {
    format!("/phones/{}{rest}", phone.number.replace('+', "%2B"))
}

/// The person changes a chat on the phone.
async fn changes(phone: &Phone, chat: &str, changes: Value) {
    let path = on_phone(phone, &format!("/chats/{}", chat.replace('+', "%2B")));
    phone.control(Method::PUT, &path, Some(changes)).await.ok();
}

/// A chat as the phone shows it, once `wanted` is true of it.
async fn shows(phone: &Phone, chat: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = on_phone(phone, &format!("/chats/{}", chat.replace('+', "%2B")));
    eventually(&format!("the phone to show {what}"), || async {
        let chat = phone.control(Method::GET, &path, None).await;
        (chat.status == 200 && wanted(&chat.body)).then_some(chat.body)
    })
    .await
}

/// Waits until a chat has changed in this way, as a webhook hears it.
async fn told(receiver: &Receiver, chat: &str, word: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    receiver
        .event(&format!("that '{word}' of {chat} changed"), |event| {
            let data = &event["data"];
            event["event"] == "chat:update"
                && data["chat"]["id"] == chat
                && data["changes"].as_array().is_some_and(|words| words.iter().any(|one| one == word))
                && wanted(data)
        })
        .await
}

/// Ana's number, linked, with a chat with Ben and one with Cleo.
async fn inbox(server: &Server, receiver: &Receiver) -> (Device, Phone, Phone, Phone) {
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let cleo = server.phone(CLEO, "Cleo").await;
    let device = server.linked("Support", &ana).await;
    ben.send(ANA, "hello from Ben").await;
    receiver.gets("message:in:new", "hello from Ben").await;
    cleo.send(ANA, "hello from Cleo").await;
    receiver.gets("message:in:new", "hello from Cleo").await;
    (device, ana, ben, cleo)
}

const EVENTS: &[&str] = &["chat:update", "message:in:new", "message:update"];

fn unread(value: bool) -> Value {
    json!({ "unread": value })
}
