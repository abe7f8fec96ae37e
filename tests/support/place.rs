//! What most tests of messages stand on: a server with one linked number, Ana's,
//! and Ben, to whom she writes.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Device, Phone, Server, eventually, text};

pub(crate) const ANA: &str = "+16001234560";
pub(crate) const BEN: &str = "+16001234561";

pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) ana: Phone,
    pub(crate) ben: Phone,
    pub(crate) device: Device,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::on(Server::start().await).await
    }

    /// The same on a server that was started otherwise.
    pub(crate) async fn on(server: Server) -> Self {
        let ana = server.phone(ANA, "Ana").await;
        let ben = server.phone(BEN, "Ben").await;
        let device = server.linked("Support", &ana).await;
        Self { server, ana, ben, device }
    }

    /// Posts a message, to Ben unless another receiver is named; as it was
    /// accepted.
    pub(crate) async fn post(&self, body: Value) -> Value {
        let answer = self.server.post("/v1/messages", self.body(&body)).await;
        assert_eq!(answer.status, 201, "{body}: {:#}", answer.body);
        answer.ok()
    }

    /// The same, which must be refused.
    pub(crate) async fn refuses(&self, body: Value, status: u16, code: &str) -> Value {
        self.server.post("/v1/messages", self.body(&body)).await.refused(status, code)
    }

    fn body(&self, body: &Value) -> Value {
        let mut full = json!({ "device": self.device.id });
        if ["phone", "group", "channel"].iter().all(|receiver| body.get(receiver).is_none()) {
            full["phone"] = json!(BEN);
        }
        for (name, value) in body.as_object().expect("an object") {
            full[name] = value.clone();
        }
        full
    }

    /// Posts a message to Ben and waits until his phone shows it.
    pub(crate) async fn arrives(&self, body: Value) -> (Value, Value) {
        let sent = self.post(body).await;
        let shown = self.shown(&sent).await;
        let done = self.server.delivery(text(&sent, "/id"), &["sent", "delivered", "read"]).await;
        (done, shown)
    }

    /// What Ben's phone shows of a message.
    pub(crate) async fn shown(&self, sent: &Value) -> Value {
        self.shows(text(sent, "/waId"), |_| true).await
    }

    /// Waits until Ben's phone shows a message as wanted.
    pub(crate) async fn shows(&self, wa_id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.ben.shows(wa_id, wanted).await
    }

    /// A file as Ben's phone has decrypted it.
    pub(crate) async fn file(&self, wa_id: &str) -> Vec<u8> {
        let path = format!("/phones/16001234561/messages/{wa_id}/media");
        let answer = self.ben.control(Method::GET, &path, None).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        answer.bytes
    }

    /// A chat message as the API shows it, once `wanted` is true of it.
    pub(crate) async fn chat_message(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/v1/chat/{}/messages/{id}", self.device.id);
        eventually(&format!("the chat message {id} as wanted"), || async {
            let message = self.server.get(&path).await;
            (message.status == 200 && wanted(&message.body)).then_some(message.body)
        })
        .await
    }
}
