//! A small company with its customers, so that there is something to look at.
//!
//! Everything is asked of the control API, as a person at the phones would do
//! it, so that it is what any other client of the API can make too. The server's
//! clock is set back meanwhile: the conversations are some days old.

mod company;
mod documents;
mod pictures;
mod shop;

use std::collections::HashMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use thiserror::Error;
use tower::ServiceExt as _;

use company::{Content, GROUPS, Line, PEOPLE, Person, TALK};

/// The longest answer that is read.
const MAX_ANSWER: usize = 1 << 20;
/// Milliseconds in a minute.
const MINUTE: i64 = 60_000;

/// Why the data can't be made: the control API refused something.
#[derive(Debug, Error)]
#[error("{method} {path} was refused: {answer}")]
pub(crate) struct SeedError {
    method: Method,
    path: String,
    answer: String,
}

/// Asks the control API in the name of the people.
struct Seeder {
    router: Router,
    /// Message ids by the label of their line.
    ids: HashMap<&'static str, String>,
    /// Addresses of groups by their subject.
    groups: HashMap<&'static str, String>,
}

/// Makes the people, their shop and channel, their groups and what they have
/// said.
pub(crate) async fn fill(router: Router) -> Result<(), SeedError> {
    let mut seeder = Seeder { router, ids: HashMap::new(), groups: HashMap::new() };
    for person in &PEOPLE {
        seeder.person(person).await?;
    }
    shop::catalog(&seeder).await?;
    shop::channel(&seeder).await?;
    let begin = TALK.iter().map(|line| line.ago).max().unwrap_or(0);
    seeder.clock(begin + 1).await?;
    for group in &GROUPS {
        let members: Vec<&str> = group.members.to_vec();
        let path = format!("/phones/{}/groups", group.owner);
        let made = seeder
            .ask(
                Method::POST,
                &path,
                json!({"subject": group.subject, "description": group.description, "participants": members}),
            )
            .await?;
        let jid = made["id"].as_str().unwrap_or_default();
        seeder.groups.insert(group.subject, jid.to_owned());
    }
    for line in &TALK {
        seeder.clock(line.ago).await?;
        seeder.say(line).await?;
    }
    seeder.ask(Method::DELETE, "/faults", Value::Null).await?;
    Ok(())
}

impl Seeder {
    async fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value, SeedError> {
        let refused = |answer: String| SeedError { method: method.clone(), path: path.to_owned(), answer };
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder().method(method.clone()).uri(path).body(body);
        let request = request.map_err(|error| refused(error.to_string()))?;
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), MAX_ANSWER).await.map_err(|error| refused(error.to_string()))?;
        if !status.is_success() {
            return Err(refused(String::from_utf8_lossy(&bytes).into_owned()));
        }
        Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Sets the server's clock back by minutes.
    async fn clock(&self, ago: i64) -> Result<(), SeedError> {
        self.ask(Method::DELETE, "/faults", Value::Null).await?;
        self.ask(Method::POST, "/faults", json!({"kind": "skew_clock", "skewMs": -ago * MINUTE})).await?;
        Ok(())
    }

    async fn person(&self, person: &Person) -> Result<(), SeedError> {
        let Person { phone, name, about, .. } = person;
        self.ask(Method::POST, "/phones", json!({"phone": phone, "name": name})).await?;
        self.ask(Method::PUT, &format!("/phones/{phone}/about"), json!({"about": about})).await?;
        let picture = BASE64_STANDARD.encode(pictures::portrait(person.colour, person.shape));
        self.ask(Method::PUT, &format!("/phones/{phone}/picture"), json!({"jpeg": picture})).await?;
        Ok(())
    }

    async fn say(&mut self, line: &Line) -> Result<(), SeedError> {
        let to = self.groups.get(line.to).map_or(line.to, String::as_str);
        let id = |label: &str| self.ids.get(label).cloned().unwrap_or_default();
        let base64 = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        let mut kind = "message";
        let message = match line.content {
            Content::Text(text) => json!({ "text": text }),
            Content::Poll(name, options) => json!({"poll": {"name": name, "options": options, "selectable": 1}}),
            Content::Vote(label, option) => json!({"vote": {"id": id(label), "options": [option]}}),
            Content::Bicycle(colour, caption) => {
                kind = "media";
                let (picture, width, height) = pictures::bicycle(colour, 1);
                let (thumbnail, ..) = pictures::bicycle(colour, 8);
                json!({"kind": "image", "base64": base64(&picture), "caption": caption, "width": width,
                    "height": height, "thumbnail": base64(&thumbnail)})
            }
            Content::Document(name, lines) => {
                kind = "media";
                json!({"kind": "document", "base64": base64(&documents::pdf(lines)), "mime": "application/pdf",
                    "fileName": name, "pages": 1})
            }
            Content::Answer(label, text) => json!({"quote": {"id": id(label), "text": text}}),
            Content::Reaction(label, emoji) => json!({"reaction": {"id": id(label), "emoji": emoji}}),
            Content::Edit(label, text) => json!({"edit": {"id": id(label), "text": text}}),
            Content::Revoke(label) => json!({"revoke": {"id": id(label)}}),
            Content::Location { latitude, longitude, name, address } => {
                json!({"location": {"latitude": latitude, "longitude": longitude, "name": name, "address": address}})
            }
            Content::Contact(name, phone) => {
                let vcard = format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;type=CELL:{phone}\nEND:VCARD");
                json!({"contact": {"displayName": name, "vcard": vcard}})
            }
            Content::Read => {
                let path = format!("/phones/{}/read", line.from);
                self.ask(Method::POST, &path, json!({ "chat": to })).await?;
                return Ok(());
            }
        };
        let path = format!("/phones/{}/messages", line.from);
        let sent = self.ask(Method::POST, &path, json!({"to": to, kind: message})).await?;
        if let (Some(label), Some(id)) = (line.label, sent["id"].as_str()) {
            self.ids.insert(label, id.to_owned());
        }
        Ok(())
    }
}
