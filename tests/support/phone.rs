//! A simulated phone and what a person sees on it.

use serde_json::{Value, json};

use super::server::Answer;
use super::{eventually, text};

pub(crate) struct Phone {
    pub(crate) number: String,
    control: String,
    http: reqwest::Client,
}

impl Phone {
    pub(crate) async fn create(control: &str, number: &str, name: &str) -> Self {
        let phone = Self { number: number.to_owned(), control: control.to_owned(), http: super::http() };
        let there = phone.post("/phones", json!({ "phone": number, "name": name })).await.ok();
        // The sandbox starts with some people of its own.
        if there["name"] != name {
            let rename = Some(json!({ "name": name }));
            phone.control(reqwest::Method::PATCH, &phone.path(""), rename).await.ok();
        }
        phone
    }

    /// The same phone in another hand.
    pub(crate) fn again(&self) -> Self {
        Self { number: self.number.clone(), control: self.control.clone(), http: self.http.clone() }
    }

    /// The path of something of this phone on the control address.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/phones/{}{rest}", self.number.replace('+', "%2B"))
    }

    /// A call to the sandbox's control address.
    pub(crate) async fn control(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.control));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the sandbox answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body").to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, headers, body, bytes }
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.control(reqwest::Method::POST, path, Some(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.control(reqwest::Method::GET, path, None).await.ok()
    }

    /// The person types a code under Linked devices.
    pub(crate) async fn link(&self, code: &str) -> Answer {
        self.post(&self.path("/link"), json!({ "code": code })).await
    }

    /// The person scans a QR.
    pub(crate) async fn scan(&self, qr: &str) -> Answer {
        self.post(&self.path("/scan"), json!({ "qr": qr })).await
    }

    /// The person writes a text; its message id.
    pub(crate) async fn send(&self, to: &str, message: &str) -> String {
        let sent = self.post(&self.path("/messages"), json!({ "to": to, "text": message })).await.ok();
        text(&sent, "/id").to_owned()
    }

    /// Everything the phone shows, oldest first.
    pub(crate) async fn messages(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = 0;
        loop {
            let page = self.get(&self.path(&format!("/messages?after={after}&limit=500"))).await;
            let messages = page["messages"].as_array().cloned().unwrap_or_default();
            let Some(last) = messages.last().and_then(|m| m["seq"].as_u64()) else { return all };
            after = last;
            all.extend(messages);
        }
    }

    /// Waits until the phone shows a text from somebody else.
    pub(crate) async fn receives(&self, message: &str) -> Value {
        eventually(&format!("{} to show '{message}'", self.number), || async {
            self.messages().await.into_iter().find(|m| m["text"] == message && m["fromMe"] == false)
        })
        .await
    }

    /// Waits until the phone shows a message as wanted.
    pub(crate) async fn shows(&self, wa_id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = self.path(&format!("/messages/{wa_id}"));
        eventually(&format!("{wa_id} as wanted on the phone {}", self.number), || async {
            let answer = self.control(reqwest::Method::GET, &path, None).await;
            (answer.status == 200 && wanted(&answer.body)).then_some(answer.body)
        })
        .await
    }

    /// Waits for something that the phone notes beside messages.
    pub(crate) async fn event(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = self.path("/events?limit=1000");
        eventually(&format!("{} to note {what}", self.number), || async {
            let page = self.get(&path).await;
            page["events"].as_array()?.iter().find(|event| wanted(event)).cloned()
        })
        .await
    }

    /// Waits until the phone shows a text that its owner has sent from elsewhere.
    pub(crate) async fn shows_own(&self, message: &str) -> Value {
        eventually(&format!("{} to show its own '{message}'", self.number), || async {
            self.messages().await.into_iter().find(|m| m["text"] == message && m["fromMe"] == true)
        })
        .await
    }

    /// Waits until a message that the phone has sent has a receipt of this kind.
    pub(crate) async fn has_receipt(&self, id: &str, kind: &str) -> Value {
        let path = self.path(&format!("/messages/{id}"));
        eventually(&format!("a {kind} receipt for {id}"), || async {
            let message = self.get(&path).await;
            message["receipts"].as_array()?.iter().find(|r| r["type"] == kind).cloned()
        })
        .await
    }

    /// The person opens a chat.
    pub(crate) async fn reads(&self, chat: &str) {
        self.post(&self.path("/read"), json!({ "chat": chat })).await.ok();
    }

    /// The companions the phone lists under Linked devices.
    pub(crate) async fn companions(&self) -> Vec<Value> {
        self.get(&self.path("")).await["devices"].as_array().cloned().unwrap_or_default()
    }

    /// The person removes every companion.
    pub(crate) async fn unlinks_all(&self) {
        for device in self.companions().await {
            let path = self.path(&format!("/devices/{}", device["id"]));
            self.control(reqwest::Method::DELETE, &path, None).await.ok();
        }
    }

    /// Breaks something for this phone's companions.
    pub(crate) async fn fault(&self, mut fault: Value) -> Value {
        fault["phone"] = json!(self.number);
        self.post("/faults", fault).await.ok()
    }

    /// Changes the sandbox's times.
    pub(crate) async fn settings(&self, settings: Value) {
        self.control(reqwest::Method::PATCH, "/settings", Some(settings)).await.ok();
    }
}
