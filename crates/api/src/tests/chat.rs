//! Chat messages and files, with a WhatsApp that delivers out of order, twice,
//! and what was forged.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sparkbot_core::network::{Change, Content, MediaInfo, MediaKind, Poll, Received, ReceivedContent, Target};

use super::support::Surface;
use super::whatsapp::{FILE, Fake, OWN, from};

const BEN: &str = "16001234561@c.us";
const CLEO: &str = "16001234562@c.us";
const GROUP: &str = "120363012345678901@g.us";
const ID: &str = "3EB0000000000000000001";

/// A surface with one number online.
pub(super) struct Linked {
    pub(super) surface: Surface,
    pub(super) fake: Fake,
    device: String,
    pub(super) now: i64,
}

pub(super) async fn linked() -> Linked {
    let fake = Fake::default();
    let surface = Surface::over(fake.clone()).await;
    surface.core.start().await.expect("started");
    let made = surface.call("POST", "/v1/devices", Some(r#"{"alias":"Support"}"#)).await.json();
    let device = made["id"].as_str().expect("an id").to_owned();
    let started = surface.call("POST", &format!("/v1/devices/{device}/start"), None).await;
    assert!(started.status.is_success(), "{}", started.text);
    fake.comes_online().await;
    let now = surface.core.now();
    Linked { surface, fake, device, now }
}

impl Linked {
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/v1/chat/{}/{rest}", self.device)
    }

    async fn message(&self, id: &str) -> Value {
        self.surface.get(&self.path(&format!("messages/{id}"))).await.json()
    }

    async fn events(&self) -> Vec<Value> {
        let page = self.surface.get("/v1/events?limit=500").await.json();
        let events = page["events"].as_array().or(page.as_array()).cloned().unwrap_or_default();
        events.into_iter().filter(|event| event["object"] == "message").collect()
    }
}

fn change(author: &str, chat: &str, id: &str, of: (&str, &str), change: Change, at: i64) -> Received {
    let target = Target {
        id: of.1.to_owned(),
        chat: chat.parse().expect("a chat"),
        author: of.0.parse().expect("an author"),
        from_me: of.0 == OWN,
    };
    Received { content: ReceivedContent::Change { of: target, change }, ..from(author, chat, id, "change", None, at) }
}

#[tokio::test]
async fn changes_that_come_first_count_once_their_message_is_there() {
    let it = linked().await;
    let thumb = Change::Reaction(Some("👍".to_owned()));
    it.fake.delivers(&[change(OWN, BEN, "3EB0A1", (BEN, ID), thumb, it.now)]).await;
    it.fake.delivers(&[change(BEN, BEN, "3EB0A2", (BEN, ID), Change::Edit(Some("new".to_owned())), it.now)]).await;
    it.fake.delivers(&[from(BEN, BEN, ID, "text", Some("old"), it.now - 1000)]).await;
    let shown = it.message(ID).await;
    assert_eq!((&shown["body"], &shown["edits"][0]["body"]), (&json!("new"), &json!("old")), "{shown:#}");
    assert_eq!((&shown["reactions"][0]["emoji"], &shown["reactions"][0]["from"]), (&json!("👍"), &json!(OWN)));
    let told = it.events().await.len();
    it.fake.delivers(&[change(BEN, BEN, "3EB0A2", (BEN, ID), Change::Edit(Some("new".to_owned())), it.now)]).await;
    it.fake.delivers(&[from(BEN, BEN, ID, "text", Some("old"), it.now - 1000)]).await;
    assert_eq!(it.events().await.len(), told, "what comes twice is told once");
    assert_eq!(it.message(ID).await["body"], "new");
}

#[tokio::test]
async fn nobody_changes_what_another_person_wrote() {
    let it = linked().await;
    it.fake.delivers(&[from(BEN, GROUP, ID, "text", Some("mine"), it.now)]).await;
    let forged = Change::Edit(Some("forged".to_owned()));
    it.fake.delivers(&[change(CLEO, GROUP, "3EB0B1", (CLEO, ID), forged, it.now + 1)]).await;
    it.fake.delivers(&[change(CLEO, GROUP, "3EB0B2", (CLEO, ID), Change::Revoke, it.now + 2)]).await;
    let shown = it.message(ID).await;
    assert_eq!((&shown["body"], &shown["status"], &shown["author"]), (&json!("mine"), &json!("active"), &json!(BEN)));
    // The adapter lets somebody else's deletion through only when an admin made it.
    it.fake.delivers(&[change(CLEO, GROUP, "3EB0B3", (BEN, ID), Change::Revoke, it.now + 3)]).await;
    assert_eq!(it.message(ID).await["status"], "revoked");
}

#[tokio::test]
async fn a_persons_last_vote_counts_whatever_arrives_last() {
    let it = linked().await;
    let options = ["Pizza", "Soup"].map(str::to_owned).to_vec();
    let poll = Poll { name: "Lunch?".to_owned(), options, selectable: 1 };
    let asked = Received { content: ReceivedContent::Poll(poll), ..from(BEN, GROUP, ID, "poll", None, it.now) };
    it.fake.delivers(&[asked]).await;
    let vote = |person, id, option: &str, at| {
        let hash: [u8; 32] = Sha256::digest(option.as_bytes()).into();
        change(person, GROUP, id, (BEN, ID), Change::Vote(vec![hash]), at)
    };
    let late = vote(CLEO, "3EB0C1", "Soup", it.now + 10_000);
    it.fake.delivers(&[late, vote(CLEO, "3EB0C2", "Pizza", it.now + 5_000), vote(BEN, "3EB0C3", "Cake", it.now)]).await;
    let poll = it.message(ID).await["poll"].clone();
    assert_eq!((&poll["options"][0]["votes"], &poll["options"][1]["votes"]), (&json!(0), &json!(1)), "{poll:#}");
    assert_eq!((&poll["participants"], &poll["options"][1]["voters"][0]["id"]), (&json!(1), &json!(CLEO)));
}

#[tokio::test]
async fn edits_and_deletions_go_out_and_take_effect_here() {
    let it = linked().await;
    it.fake.delivers(&[from(OWN, BEN, ID, "text", Some("fuor"), it.now)]).await;
    let path = it.path(&format!("messages/{ID}"));
    let edited = it.surface.call("PATCH", &path, Some(r#"{"message":"four"}"#)).await;
    assert_eq!(edited.json()["body"], "four", "{}", edited.text);
    let (of, text) = it.fake.asked(|asked| match &asked.sent[0].content {
        Content::Edit { of, body, .. } => (of.clone(), body.clone()),
        other => panic!("{other:?} was sent"),
    });
    assert_eq!((of.id.as_str(), of.from_me, text.as_str()), (ID, true, "four"));
    let refused = it.surface.call("PATCH", &path, Some(r#"{"message":"refuse this"}"#)).await;
    assert_eq!(refused.refusal().1, "message:refused");
    assert_eq!(it.message(ID).await["body"], "four");
    let deleted = it.surface.call("DELETE", &format!("{path}?revoke=true"), None).await.json();
    assert_eq!((&deleted["revoked"], &deleted["removed"]), (&json!(true), &json!(false)));
    assert!(it.fake.asked(|asked| matches!(&asked.sent[1].content, Content::Revoke { of } if of.id == ID)));
    assert_eq!(it.message(ID).await["status"], "revoked");
    let deleted = it.surface.call("DELETE", &path, None).await.json();
    assert_eq!(deleted["removed"], true);
    assert_eq!(it.fake.asked(|asked| asked.deleted[0].id.clone()), ID);
    assert_eq!(it.surface.get(&path).await.refusal().1, "message:notfound");
    it.fake.delivers(&[from(OWN, BEN, ID, "text", Some("fuor"), it.now)]).await;
    assert_eq!(it.surface.get(&path).await.refusal().1, "message:notfound", "a copy does not bring it back");
}

#[tokio::test]
async fn a_file_is_fetched_by_itself_and_handed_out() {
    let it = linked().await;
    it.fake.asked(|asked| asked.failures = 1);
    let media = MediaInfo {
        kind: MediaKind::Document,
        mime: Some("application/pdf".to_owned()),
        size: Some(FILE.len() as u64),
        sha256: None,
        file_name: Some("Invoice 7.pdf".to_owned()),
        width: None,
        height: None,
        seconds: None,
        pages: Some(2),
        thumbnail: None,
        waveform: None,
        view_once: false,
    };
    let content = ReceivedContent::Media(Box::new(media));
    it.fake.delivers(&[Received { content, ..from(BEN, BEN, ID, "document", Some("as promised"), it.now) }]).await;
    let listed = tokio::time::timeout(Duration::from_secs(60), async {
        loop {
            let files = it.surface.get(&it.path(&format!("files?message={ID}"))).await.json();
            if files[0]["status"] == "available" {
                return files[0].clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let file = listed.await.expect("fetched in time, although the first try failed");
    assert_eq!(
        (&file["filename"], &file["flow"], &file["meta"]["pageCount"]),
        (&json!("Invoice 7.pdf"), &json!("in"), &json!(2))
    );
    assert_eq!(file["sha2"], hex::encode(Sha256::digest(FILE)));
    let path = it.path(&format!("files/{}/download", file["id"].as_str().expect("an id")));
    let whole = it.surface.get(&path).await;
    assert_eq!((whole.status, whole.text.as_bytes()), (StatusCode::OK, FILE));
    assert_eq!(whole.header("content-disposition"), "attachment; filename=\"Invoice 7.pdf\"");
    let link = file["links"]["download"]["url"].as_str().expect("a link");
    let by_link = it.surface.knock(link, &[("range", "bytes=0-9")], [127, 0, 0, 1]).await;
    assert_eq!((by_link.status, by_link.text.as_str()), (StatusCode::PARTIAL_CONTENT, "0123456789"));
    let forged = it.surface.knock(&format!("{path}?token=AAAA"), &[], [127, 0, 0, 1]).await;
    assert_eq!(forged.refusal().1, "auth:token");
    let told = it.events().await;
    assert!(told.iter().any(|event| event["data"]["update"]["type"] == "media"), "{told:#?}");
}

#[tokio::test]
async fn messages_are_found_by_words_and_numbers_by_both_spellings() {
    let it = linked().await;
    let said = [("3EB0D1", "Apples and Pears 100%"), ("3EB0D2", "Äpfel 👍"), ("3EB0D3", "plums")];
    for (at, (id, text)) in (0i64..).zip(said) {
        it.fake.delivers(&[from(BEN, BEN, id, "text", Some(text), it.now + at)]).await;
    }
    for (query, wanted) in [
        ("search=apple", "3EB0D1"),
        ("search=PEAR%20app", "3EB0D1"),
        ("search=%C3%84pf", "3EB0D2"),
        ("search=%F0%9F%91%8D", "3EB0D2"),
        ("search=%25", "3EB0D1"),
        ("search=pples", ""),
        ("sort=date:asc&from=%2B16001234561&size=1", "3EB0D1"),
        ("begin=3EB0D2&sort=date:asc&size=1", "3EB0D2"),
        ("end=3EB0D2&size=1&skip=1", "3EB0D1"),
        ("type=group", ""),
    ] {
        let found = it.surface.get(&it.path(&format!("messages?{query}"))).await.json();
        assert_eq!(found[0]["id"].as_str().unwrap_or_default(), wanted, "{query}: {found:#}");
    }
    let known = it.surface.call("POST", "/v1/numbers/exists", Some(r#"{"phone":"+5531987654321"}"#)).await.json();
    assert_eq!((&known["wid"], &known["knownAs"]), (&json!("553187654321@c.us"), &json!("+553187654321")));
    assert_eq!((&known["phone"], &known["country"]["name"]), (&json!("+5531987654321"), &json!("Brazil")));
}

/// The link may know that the connection is gone before the session does.
#[tokio::test]
async fn messages_to_one_chat_keep_their_order_over_a_connection_that_is_gone() {
    let Linked { surface, fake, device, .. } = linked().await;
    fake.asked(|asked| asked.unreachable = 3);
    for n in 0..5 {
        let body = json!({"device": device, "phone": "+16001234561", "message": format!("{n}")}).to_string();
        assert_eq!(surface.call("POST", "/v1/messages", Some(&body)).await.status, StatusCode::CREATED);
    }
    let texts = || {
        let of = |message: &sparkbot_core::network::Outgoing| match &message.content {
            Content::Text { body, .. } => body.clone(),
            other => panic!("{other:?}"),
        };
        fake.asked(|asked| asked.sent.iter().map(of).collect::<Vec<_>>())
    };
    let all = async {
        while texts().len() < 5 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("all sent");
    assert_eq!(texts(), ["0", "1", "2", "3", "4"]);
}

/// The phone has no notes: asked for what lies before one, it is asked for what
/// lies before a message beside it.
#[tokio::test]
async fn history_is_asked_for_beside_notes() {
    let it = linked().await;
    it.fake.delivers(&[from(BEN, BEN, ID, "text", Some("old"), it.now - 1000)]).await;
    for note in ["call back", "called"] {
        let body = json!({ "message": note }).to_string();
        let made = it.surface.call("POST", &it.path(&format!("chats/{BEN}/notes")), Some(&body)).await;
        assert_eq!(made.status.as_u16() / 100, 2, "{}", made.text);
    }
    for query in ["size=1&page=1", "size=1&page=2", "size=2&page=1", "size=2&page=9"] {
        let asked = it.surface.get(&it.path(&format!("chats/{BEN}/sync?{query}"))).await;
        let (status, code, sentence) = asked.refusal();
        assert_eq!(status, 503, "{query}: {code} {sentence}");
    }
}
