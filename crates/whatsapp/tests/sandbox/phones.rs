//! What people do with their phones, and what these show, beyond texts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use waproto::codec;
use waproto::whatsapp as wa;

use crate::place::{OWN, Place};

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap_or_else(|| panic!("bytes in base64: {value}"))).expect("base64")
}

impl Place {
    /// A message as a phone shows it now, once it has it.
    pub(crate) async fn shows(&self, number: &str, id: &str) -> Value {
        self.sees(number, id).await;
        self.get(&format!("/phones/{number}/messages/{id}")).await
    }

    /// The protobuf of a message as a phone holds it.
    pub(crate) async fn raw(&self, number: &str, id: &str) -> Value {
        self.shows(number, id).await["raw"].clone()
    }

    /// The file of a message, as the phone has fetched and decrypted it.
    pub(crate) async fn file(&self, number: &str, id: &str) -> Vec<u8> {
        self.sees(number, id).await;
        let url = format!("{}/phones/{number}/messages/{id}/media", self.sandbox.control_url());
        let response = self.http.get(url).send().await.expect("the sandbox answers");
        assert!(response.status().is_success(), "{} {:?}", response.status(), response.text().await);
        response.bytes().await.expect("a file").to_vec()
    }

    /// A person sends the number something, as the control API takes it: `{message: …}`
    /// or `{media: …}`. Answers the message's id.
    pub(crate) async fn does(&self, from: &str, mut what: Value) -> String {
        what["to"] = json!(OWN);
        let sent = self.post(&format!("/phones/{from}/messages"), what).await.expect("sent");
        sent["id"].as_str().expect("an id").to_owned()
    }

    /// A person sends a message of one kind.
    pub(crate) async fn says(&self, from: &str, message: Value) -> String {
        self.does(from, json!({"message": message})).await
    }

    /// A person sends a protobuf.
    pub(crate) async fn says_protobuf(&self, from: &str, message: &wa::Message) -> String {
        self.says(from, json!({"protobuf": STANDARD.encode(codec::message_to_vec(message))})).await
    }

    /// A person sends a file, with what else is to be said of it.
    pub(crate) async fn sends_file(&self, from: &str, kind: &str, content: Vec<u8>, mut said: Value) -> String {
        let url = format!("{}/uploads", self.sandbox.control_url());
        let kept = self.http.post(url).body(content).send().await.expect("the sandbox answers");
        let kept: Value = kept.json().await.expect("an answer");
        said["kind"] = json!(kind);
        said["upload"] = kept["upload"].clone();
        self.does(from, json!({"media": said})).await
    }
}
