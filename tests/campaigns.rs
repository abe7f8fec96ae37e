//! One message to many people: what each of them reads, when, and what they
//! answer. What is asserted is on their phones.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ANA, BEN, Phone, Place, Server, eventually, text};

mod many;
mod numbers;
mod replies;
mod steering;

pub(crate) const CAM: &str = "+16001234562";
pub(crate) const DEA: &str = "+16001234563";
/// Nobody has this number.
const NOBODY: &str = "+16009999999";

/// Calls about one campaign.
pub(crate) struct Campaign<'s> {
    server: &'s Server,
    pub(crate) id: String,
}

impl<'s> Campaign<'s> {
    /// Made as the body says; it goes as fast as it can unless that says otherwise.
    pub(crate) async fn new(server: &'s Server, mut body: Value) -> (Self, Value) {
        if body.get("name").is_none() {
            body["name"] = json!("Spring");
        }
        if body.pointer("/settings/speed").is_none() {
            body["settings"]["speed"] = json!(0);
        }
        let answer = server.post("/v1/campaigns", body).await;
        assert_eq!(answer.status, 201, "{:#}", answer.body);
        let made = answer.ok();
        (Self { server, id: text(&made, "/id").to_owned() }, made)
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/campaigns/{}{rest}", self.id)
    }

    pub(crate) async fn get(&self) -> Value {
        self.server.get(&self.path("")).await.ok()
    }

    pub(crate) async fn act(&self, action: &str) -> Value {
        self.server.call(Method::PUT, &self.path("/status"), Some(json!({ "action": action }))).await.ok()
    }

    pub(crate) async fn once(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("the campaign to {what}"), || async {
            let campaign = self.get().await;
            wanted(&campaign).then_some(campaign)
        })
        .await
    }

    /// Starts it and waits until everybody had their turn.
    pub(crate) async fn runs(&self) -> Value {
        self.act("start").await;
        self.once("be completed", |campaign| campaign["status"] == "completed").await
    }

    pub(crate) async fn contacts(&self, query: &str) -> Vec<Value> {
        let list = self.server.get(&self.path(&format!("/contacts?{query}"))).await.ok();
        list.as_array().expect("a list").clone()
    }

    pub(crate) async fn contact(&self, phone: &str) -> Value {
        let found = self.contacts(&format!("target={}", phone.replace('+', "%2B"))).await;
        assert_eq!(found.len(), 1, "{phone}: {found:#?}");
        found[0].clone()
    }

    pub(crate) async fn add(&self, body: Value) -> Value {
        let answer = self.server.post(&self.path("/contacts"), body).await;
        assert_eq!(answer.status, 201, "{:#}", answer.body);
        answer.ok()
    }
}

/// What others have written to a phone.
pub(crate) async fn inbox(phone: &Phone) -> Vec<String> {
    let shown = phone.messages().await;
    shown.iter().filter(|m| m["fromMe"] == false).map(|m| text(m, "/text").to_owned()).collect()
}

/// The figures add up, and are those of the lists.
pub(crate) async fn adds_up(server: &Server, campaign: &Campaign<'_>) -> Value {
    let stats = campaign.get().await["stats"].clone();
    let n = |name: &str| stats[name].as_i64().unwrap_or_else(|| panic!("no figure {name} in {stats:#}"));
    let parts = ["pending", "queued", "sent", "failed", "excluded", "invalid", "removed"];
    assert_eq!(n("total"), parts.iter().map(|part| n(part)).sum::<i64>(), "{stats:#}");
    assert_eq!(n("processed"), n("total") - n("pending") - n("queued"), "{stats:#}");
    assert_eq!(n("skipped"), n("excluded") + n("invalid"), "{stats:#}");
    assert!(n("sent") >= n("delivered") && n("delivered") >= n("read"), "{stats:#}");
    for (figure, query) in [
        ("pending", "status=pending"),
        ("queued", "status=processing"),
        ("sent", "status=delivered"),
        ("failed", "status=failed"),
        ("excluded", "status=excluded"),
        ("invalid", "status=invalid"),
        ("removed", "status=removed"),
        ("delivered", "status=delivered&ack=delivered,read"),
        ("read", "ack=read"),
    ] {
        let list = server.get(&campaign.path(&format!("/contacts?size=1&{query}"))).await;
        assert_eq!(list.headers["x-total-count"], n(figure).to_string().as_str(), "{figure}: {stats:#}");
    }
    stats
}

#[tokio::test]
async fn everybody_reads_a_text_of_their_own_once() {
    let place = Place::new().await;
    let server = &place.server;
    let receiver = server.receiver(&["campaign:update", "message:out:sent"]).await;
    let (cam, dea) = (server.phone(CAM, "Cam").await, server.phone(DEA, "Dea").await);
    let message = "{Hi|Hello} {{name|friend}}, your {{plan|usual}} plan {ends|is over} soon.";
    let (campaign, made) = Campaign::new(
        server,
        json!({
            "device": place.device.id, "message": message,
            "contacts": [
                { "phone": "+1 (600) 123-4561", "name": "{Ben|B}", "reference": "customer-1", "variables": [{ "key": "Plan", "value": "Gold" }] },
                { "phone": BEN, "name": "Twice" },
                { "phone": CAM },
                { "phone": "6001234567", "name": "No country" },
            ],
        }),
    )
    .await;
    assert_eq!(
        (&made["status"], &made["mode"], &made["source"]),
        (&json!("draft"), &json!("single"), &json!("import"))
    );
    assert_eq!(made["import"]["added"], 2, "{made:#}");
    assert_eq!(made["import"]["duplicates"], 1);
    assert_eq!(made["import"]["rejected"][0]["row"], 4);
    assert_eq!(made["import"]["rejected"][0]["code"], "phone:invalid");

    // A table adds others, and one of them again.
    let table = format!(
        "phone;name;plan;message\r\n16001234563;Dea;Silver;\"Only for {{{{name}}}};\"\r\n{BEN};;;\r\n{NOBODY};Nobody;;\r\n1,6E+10;;;\r\n"
    );
    let request = server.request(Method::POST, &campaign.path("/contacts")).header("Token", &server.key);
    let added = server.answer(request.header("content-type", "text/csv").body(table)).await.ok();
    assert_eq!(
        (&added["added"], &added["duplicates"], &added["invalid"]),
        (&json!(2), &json!(1), &json!(1)),
        "{added:#}"
    );
    assert_eq!((&added["rejected"][0]["row"], &added["total"]), (&json!(5), &json!(4)));

    let done = campaign.runs().await;
    assert!(done["startedAt"].is_string() && done["completedAt"].is_string(), "{done:#}");
    let ben = place.ben.messages().await;
    let said = text(&ben[0], "/text");
    let mut possible = Vec::new();
    for hello in ["Hi", "Hello"] {
        possible.extend(["ends", "is over"].map(|end| format!("{hello} {{Ben|B}}, your Gold plan {end} soon.")));
    }
    assert!(possible.iter().any(|text| text == said), "{said}");
    let cam_read = cam.messages().await;
    assert!(text(&cam_read[0], "/text").contains("friend, your usual plan"), "{cam_read:#?}");
    dea.receives("Only for Dea;").await;
    for phone in [&place.ben, &cam, &dea] {
        assert_eq!(inbox(phone).await.len(), 1, "{}", phone.number);
    }
    let nobody = campaign.contact(NOBODY).await;
    assert_eq!((&nobody["status"], &nobody["error"]), (&json!("invalid"), &json!("number:notfound")), "{nobody:#}");
    let stats = campaign.once("hear of their phones", |c| c["stats"]["delivered"] == 3).await["stats"].clone();
    assert_eq!((&stats["sent"], &stats["invalid"], &stats["read"]), (&json!(3), &json!(1), &json!(0)));
    place.ben.reads(ANA).await;
    campaign.once("hear that it was read", |c| c["stats"]["read"] == 1).await;
    adds_up(server, &campaign).await;

    let contact = campaign.contact(BEN).await;
    for (field, wanted) in [
        ("status", json!("delivered")),
        ("ack", json!("read")),
        ("kind", json!("user")),
        ("phone", json!(BEN)),
        ("name", json!("{Ben|B}")),
        ("reference", json!("customer-1")),
        ("variables", json!([{ "key": "plan", "value": "Gold" }])),
        ("device", json!({ "id": place.device.id })),
        ("error", Value::Null),
    ] {
        assert_eq!(contact[field], wanted, "{field}: {contact:#}");
    }
    let sent = server.get(&format!("/v1/messages/{}", text(&contact, "/messageId"))).await.ok();
    assert_eq!((&sent["source"], &sent["priority"]), (&json!("campaign"), &json!("low")));
    assert_eq!(sent["reference"], json!(format!("{}:{}", campaign.id, text(&contact, "/id"))));

    for (query, wanted) in [
        ("search=ben", vec![BEN]),
        ("search=customer-1", vec![BEN]),
        ("search=1234562", vec![CAM]),
        ("target=%2B16001234561,%2B16001234562&sort=date:asc", vec![CAM, BEN]),
        ("wid=16001234562@c.us", vec![CAM]),
        ("wid=16001234562@c.us&target=%2B16001234561", vec![]),
        ("status=invalid", vec![NOBODY]),
        ("status=failed,pending,processing", vec![]),
        ("ack=read", vec![BEN]),
        ("ack=failed", vec![NOBODY]),
        ("ack=pending&kind=phone", vec![]),
        ("kind=group", vec![]),
        ("size=1", vec![BEN]),
    ] {
        let found = campaign.contacts(query).await;
        let mut phones: Vec<&str> = found.iter().map(|contact| text(contact, "/phone")).collect();
        let mut wanted = wanted;
        if query.starts_with("target") {
            phones.sort_unstable();
            wanted.sort_unstable();
        }
        assert_eq!(phones, wanted, "{query}");
    }

    let news = |what: &'static str| {
        receiver.event(what, move |e| {
            e["event"] == "campaign:update"
                && e["data"]["changes"].as_array().is_some_and(|all| all.contains(&json!(what)))
        })
    };
    let created = news("created").await;
    assert_eq!((&created["object"], &created["by"]["role"]), (&json!("campaign"), &json!("admin")), "{created:#}");
    assert_eq!(created["data"]["campaign"]["id"], campaign.id);
    assert_eq!(news("contacts").await["data"]["count"], 2);
    receiver
        .event("the end", |e| e["data"]["campaign"]["status"] == "completed" && e["data"]["by"]["source"] == "rule")
        .await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_name() {
    let place = Place::new().await;
    let server = &place.server;
    let create = async |change: Value, code: &str| {
        let mut body = json!({ "device": place.device.id, "name": "Spring", "message": "hi" });
        for (key, value) in change.as_object().expect("an object") {
            body[key] = value.clone();
        }
        server.post("/v1/campaigns", body).await.refused(400, code)
    };
    create(json!({ "name": "" }), "campaign:name").await;
    create(json!({ "name": " " }), "campaign:name").await;
    create(json!({ "nmae": "x" }), "body:unknown_property").await;
    create(json!({ "devices": [place.device.id] }), "campaign:devices").await;
    create(json!({ "device": "x" }), "device:invalid").await;
    create(json!({ "message": "{a|b" }), "campaign:template").await;
    create(json!({ "settings": { "speed": 151 } }), "campaign:speed").await;
    create(json!({ "settings": { "timezone": "Mars" } }), "campaign:timezone").await;
    create(json!({ "settings": { "hours": { "start": 9, "end": 9 } } }), "campaign:hours").await;
    create(json!({ "settings": { "expiration": "2020-01-01T00:00:00Z" } }), "campaign:expiration").await;
    create(json!({ "unsubscribe": { "active": true } }), "campaign:unsubscribe").await;
    create(json!({ "owner": "nobody@example.com" }), "agent:notfound").await;
    create(json!({ "csv": "name\nAda" }), "campaign:csv").await;
    create(json!({ "csv": "phone\n", "contacts": [{ "phone": BEN }] }), "campaign:contacts").await;
    let body = json!({ "device": "0123456789abcdef01234567", "name": "Spring", "message": "hi" });
    server.post("/v1/campaigns", body).await.refused(404, "device:notfound");
    let body = json!({ "device": place.device.id, "name": "Spring", "media": { "file": "0123456789abcdef01234567" } });
    server.post("/v1/campaigns", body).await.refused(404, "file:notfound");
    server.get("/v1/campaigns/0123456789abcdef01234567").await.refused(404, "campaign:notfound");

    let (campaign, _) = Campaign::new(server, json!({ "device": place.device.id, "message": "hi {{plan}}" })).await;
    server
        .call(Method::PUT, &campaign.path("/status"), Some(json!({ "action": "start" })))
        .await
        .refused(409, "campaign:status");
    server.post(&campaign.path("/contacts"), json!({})).await.refused(400, "campaign:contacts");
    campaign.add(json!({ "contacts": [{ "phone": BEN }] })).await;
    let done = campaign.runs().await;
    assert_eq!(done["stats"]["failed"], 1);
    let contact = campaign.contact(BEN).await;
    assert_eq!((&contact["status"], &contact["error"]), (&json!("failed"), &json!("message:variable")), "{contact:#}");
    assert_eq!(inbox(&place.ben).await.len(), 0);
}

#[tokio::test]
async fn files_go_to_people_and_groups_and_people_are_picked_from_chats() {
    const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAH0lEQVR42gXBAQEAAAiDMIIZjGAPQSw3oCNpBHamzR53ogrxwe3tywAAAABJRU5ErkJggg==";
    let place = Place::new().await;
    let server = &place.server;
    let cam = server.phone(CAM, "Cam").await;
    let body = json!({ "subject": "Team", "participants": [CAM] });
    let group = place.ana.control(Method::POST, &place.ana.path("/groups"), Some(body)).await.ok();
    let group = text(&group, "/id").to_owned();
    let (campaign, made) = Campaign::new(
        server,
        json!({
            "device": place.device.id, "message": "look, {{name|all}}",
            "media": { "url": format!("data:image/png;base64,{PICTURE}"), "kind": "document", "filename": "menu.png" },
            "contacts": [{ "phone": BEN, "name": "Ben" }, { "group": group }],
        }),
    )
    .await;
    let file = text(&made, "/file/id").to_owned();
    assert_eq!((&made["media"]["file"], &made["media"]["url"]), (&json!(file), &Value::Null), "taken in once");
    campaign.runs().await;
    let message = async |target: &str| {
        let contact = campaign.contacts(&format!("target={target}")).await.remove(0);
        let sent = server.get(&format!("/v1/messages/{}", text(&contact, "/messageId"))).await.ok();
        text(&sent, "/waId").to_owned()
    };
    let to_ben = message("%2B16001234561").await;
    let shown = place.shows(&to_ben, |shown| shown["media"]["state"] == "here").await;
    assert_eq!(shown["media"]["caption"], "look, Ben", "{shown:#}");
    use base64::Engine;
    assert_eq!(place.file(&to_ben).await, base64::prelude::BASE64_STANDARD.decode(PICTURE).expect("a picture"));
    let to_group = message(&group).await;
    let shown = cam.shows(&to_group, |shown| shown["media"]["state"] == "here").await;
    assert_eq!((&shown["chat"], &shown["media"]["caption"]), (&json!(group), &json!("look, all")), "{shown:#}");
    let found = campaign.contacts("kind=group").await;
    assert_eq!(
        (&found[0]["group"], &found[0]["kind"], &found[0]["target"]),
        (&json!(group), &json!("group"), &json!(group))
    );
    let by_group = server.get(&format!("/v1/campaigns?group={group}")).await.ok();
    assert_eq!(by_group[0]["id"], campaign.id);

    // From the chats that this has made, and from those with a label.
    let chats = json!({ "pick": { "device": place.device.id } });
    let (second, made) =
        Campaign::new(server, json!({ "device": place.device.id, "message": "again", "pick": chats["pick"] })).await;
    assert_eq!((&made["source"], &made["import"]["added"]), (&json!("contacts"), &json!(1)), "{made:#}");
    assert_eq!(second.add(json!({ "pick": { "device": place.device.id, "labels": ["nobody"] } })).await["added"], 0);
    let all = second.add(json!({ "pick": { "device": place.device.id, "groups": true } })).await;
    assert_eq!((&all["added"], &all["duplicates"], &all["total"]), (&json!(1), &json!(1), &json!(2)));
    // The text and the file can be others until it starts.
    server.patch(&second.path(""), json!({ "media": { "file": file }, "message": null })).await.ok();
    let changed = server.patch(&second.path(""), json!({ "media": null, "message": "once more" })).await.ok();
    assert_eq!((&changed["media"], &changed["message"]), (&Value::Null, &json!("once more")));
    second.runs().await;
    place.ben.receives("once more").await;
    cam.receives("once more").await;
}
