//! Groups: made, changed and left here, and seen on the phones of those in them;
//! changed on phones, and seen here.

mod large;
mod relinked;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Device, Phone, Receiver, Server, eventually, text};

const OWN: &str = "+16001234560";
const BEN: &str = "+16001234561";
const CAROL: &str = "+16001234562";
const DORA: &str = "+16001234563";
const EVE: &str = "+16001234564";
const FRANK: &str = "+16001234565";
/// On no phone.
const NOBODY: &str = "+16009999999";
/// 300 × 200 pixels in red.
pub(crate) const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAASwAAADICAIAAADdvUsCAAABsUlEQVR42u3TQQ0AAAgDsSmZfynIQgYPmlTBJZdpgUORAEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYETAgmBEwIJgRMCCYEE6oAJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEEwImBBMCJgQTAiYEE4IJVQATggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJAROCCQETggkBE4IJwYSACcGEgAnhpwX3JRdzPIhA+wAAAABJRU5ErkJggg==";

impl Phone {
    fn at(&self, rest: &str) -> String {
        format!("/phones/{}{rest}", self.number.replace('+', "%2B"))
    }

    /// A group as the phone shows it.
    async fn group(&self, id: &str) -> Value {
        self.control(Method::GET, &self.at(&format!("/groups/{id}")), None).await.body
    }

    /// Waits until the phone shows the group so.
    async fn shows_group(&self, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("{} to show {what}", self.number), || async {
            Some(self.group(id).await).filter(|group| wanted(group))
        })
        .await
    }

    /// The person makes a group.
    async fn makes_group(&self, body: Value) -> String {
        let made = self.control(Method::POST, &self.at("/groups"), Some(body)).await.ok();
        text(&made, "/id").to_owned()
    }

    /// The person does something to members.
    async fn members(&self, group: &str, action: &str, people: &[&str]) {
        let body = json!({ "action": action, "participants": people });
        self.control(Method::POST, &self.at(&format!("/groups/{group}/participants")), Some(body)).await.ok();
    }
}

/// What a person is in a group, as a phone shows it.
fn role<'g>(group: &'g Value, phone: &str) -> Option<&'g str> {
    let people = group["participants"].as_array()?;
    people.iter().find(|person| person["phone"] == phone)?["role"].as_str()
}

/// The same as the API shows it.
fn participant<'g>(group: &'g Value, phone: &str) -> Option<&'g Value> {
    group["participants"].as_array()?.iter().find(|person| person["phone"] == phone)
}

fn path(device: &Device, rest: &str) -> String {
    format!("/v1/devices/{}/groups{rest}", device.id)
}

/// Waits for the event of a change of a group.
async fn changed(receiver: &Receiver, group: &str, change: &str) -> Value {
    let wanted = |event: &Value| {
        event["event"] == "group:update"
            && event["data"]["id"] == group
            && event["data"]["changes"].as_array().is_some_and(|changes| changes.iter().any(|c| c == change))
    };
    receiver.event(&format!("{change} of {group}"), wanted).await["data"].clone()
}

impl Server {
    /// Waits until a group is shown so here.
    async fn shows_group(&self, device: &Device, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = path(device, &format!("/{id}"));
        eventually(&format!("the API to show {what}"), || async {
            Some(self.get(&path).await.body).filter(|group| group["id"] == id && wanted(group))
        })
        .await
    }

    async fn put(&self, path: &str, body: Value) -> crate::support::Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    async fn take_out(&self, path: &str, body: Value) -> crate::support::Answer {
        self.call(Method::DELETE, path, Some(body)).await
    }
}

#[tokio::test]
async fn a_group_is_made_changed_and_left() {
    let server = Server::start().await;
    let own = server.phone(OWN, "Ana").await;
    let (ben, carol) = (server.phone(BEN, "Ben").await, server.phone(CAROL, "Carol").await);
    let (dora, eve) = (server.phone(DORA, "Dora").await, server.phone(EVE, "Eve").await);
    let privacy = json!({ "categories": { "groupadd": "none" } });
    dora.control(Method::PATCH, &dora.at("/privacy"), Some(privacy)).await.ok();
    let device = server.linked("Support", &own).await;
    let receiver = server.receiver(&["group:update"]).await;

    // Made, with everything that can be said of a new group.
    let new = json!({
        "name": "Launch team", "description": "Spring launch", "ephemeral": "7d",
        "permissions": { "edit": "admins", "send": "admins", "invite": "admins", "approval": true },
        "participants": [{ "phone": BEN, "admin": true }, { "phone": CAROL }, { "phone": DORA }, { "phone": NOBODY }],
    });
    let request = server.request(Method::POST, &path(&device, "")).header("Token", &server.key);
    let made = server.answer(request.header("Idempotency-Key", "team-1").json(&new)).await;
    assert_eq!(made.status, 201, "{:#}", made.body);
    let made = made.ok();
    let id = text(&made, "/id").to_owned();
    assert!(id.ends_with("@g.us"));
    let shown = ben.shows_group(&id, "the group", |g| role(g, BEN) == Some("admin")).await;
    assert_eq!((&shown["subject"], &shown["description"]), (&json!("Launch team"), &json!("Spring launch")));
    assert_eq!((role(&shown, OWN), role(&shown, CAROL)), (Some("superadmin"), Some("member")));
    let settings =
        json!({ "locked": true, "announcement": true, "approval": true, "ephemeral": 604_800, "membersAdd": false });
    for (name, value) in settings.as_object().expect("an object") {
        assert_eq!(&shown["settings"][name], value, "{name} in {shown:#}");
    }
    assert_eq!(
        (&made["ephemeral"], &made["role"], &made["totalParticipants"]),
        (&json!("7d"), &json!("owner"), &json!(3))
    );
    let all_admins = json!({ "edit": "admins", "send": "admins", "invite": "admins", "approval": true });
    assert_eq!(made["permissions"], all_admins);
    let refused: Vec<(&str, &str)> = made["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (text(one, "/phone"), text(one, "/errorCode")))
        .collect();
    assert_eq!(refused, [(DORA, "participant:not_allowed"), (NOBODY, "participant:notfound")]);
    assert!(!text(&made["refused"][0], "/invitation/code").is_empty());
    assert_eq!(made["warnings"], json!([]));
    let told = changed(&receiver, &id, "membership").await;
    assert_eq!((&told["name"], &told["by"]["phone"]), (&json!("Launch team"), &json!(OWN)));

    // Sent again, it makes no second group.
    let request = server.request(Method::POST, &path(&device, "")).header("Token", &server.key);
    let again = server.answer(request.header("Idempotency-Key", "team-1").json(&new)).await.ok();
    assert_eq!(again["id"], id);
    let groups = ben.control(Method::GET, &ben.at("/groups"), None).await.ok();
    assert_eq!(groups["groups"].as_array().map(Vec::len), Some(1));

    // Shown with phone number, private id, role and name.
    let one = server.get(&path(&device, &format!("/{id}"))).await.ok();
    let ben_here = participant(&one, BEN).expect("Ben");
    assert!(text(ben_here, "/lid").ends_with("@lid"), "{ben_here:#}");
    assert_eq!((&ben_here["isAdmin"], &ben_here["isSuperAdmin"]), (&json!(true), &json!(false)));
    let own_here = participant(&one, OWN).expect("the number itself");
    assert_eq!((&own_here["isAdmin"], &own_here["isSuperAdmin"]), (&json!(true), &json!(true)));
    let short = id.trim_end_matches("@g.us");
    assert_eq!(server.get(&path(&device, &format!("/{short}"))).await.ok()["id"], id);

    // Changed.
    let change = json!({
        "name": "Launch crew", "description": "Summer launch", "ephemeral": "24h",
        "permissions": { "edit": "all", "send": "all", "invite": "all", "approval": false },
    });
    let now = server.patch(&path(&device, &format!("/{id}")), change).await.ok();
    assert_eq!(
        (&now["name"], &now["description"], &now["ephemeral"]),
        (&json!("Launch crew"), &json!("Summer launch"), &json!("24h"))
    );
    assert_eq!(now["permissions"], json!({ "edit": "all", "send": "all", "invite": "all", "approval": false }));
    let settings =
        json!({ "locked": false, "announcement": false, "approval": false, "ephemeral": 86_400, "membersAdd": true });
    let shown = carol
        .shows_group(&id, "every change", |g| {
            g["subject"] == "Launch crew"
                && g["description"] == "Summer launch"
                && settings.as_object().expect("an object").iter().all(|(name, value)| g["settings"][name] == *value)
        })
        .await;
    assert_eq!(shown["member"], true);
    for change in [
        "name",
        "description",
        "ephemeral",
        "permissions.edit",
        "permissions.send",
        "permissions.invite",
        "permissions.approval",
    ] {
        let told = changed(&receiver, &id, change).await;
        assert_eq!(told["by"]["phone"], OWN, "{change}: {told:#}");
    }
    assert_eq!(changed(&receiver, &id, "name").await["previous"]["name"], "Launch team");
    server.patch(&path(&device, &format!("/{id}")), json!({ "description": "" })).await.ok();
    carol.shows_group(&id, "no description", |g| g["description"].is_null()).await;

    // A picture, from text and from an address.
    let with = server.put(&path(&device, &format!("/{id}/image")), json!({ "image": PICTURE })).await.ok();
    let first = ben.shows_group(&id, "a picture", |g| g["picture"].is_number()).await["picture"].clone();
    let jpeg = picture(&server, text(&with, "/imageUrl")).await;
    assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]), "a JPEG");
    assert_eq!(changed(&receiver, &id, "image").await["by"]["phone"], OWN);
    let address = served(base64(PICTURE)).await;
    server.put(&path(&device, &format!("/{id}/image")), json!({ "url": address })).await.ok();
    ben.shows_group(&id, "another picture", |g| g["picture"].is_number() && g["picture"] != first).await;

    // People come, rise, fall and go.
    let asked = json!({ "participants": [{ "phone": EVE, "admin": true }, { "phone": BEN }, { "phone": DORA }, { "phone": NOBODY }] });
    let added = server.post(&path(&device, &format!("/{id}/participants")), asked).await.ok();
    let outcome = |answer: &Value| -> Vec<(String, String)> {
        let word = |one: &Value| one["errorCode"].as_str().unwrap_or_else(|| text(one, "/status")).to_owned();
        answer["participants"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| (text(one, "/phone").to_owned(), word(one)))
            .collect()
    };
    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    let wanted = [
        (EVE, "added"),
        (BEN, "participant:already"),
        (DORA, "participant:not_allowed"),
        (NOBODY, "participant:notfound"),
    ];
    assert_eq!(outcome(&added), pairs(&wanted));
    eve.shows_group(&id, "herself as an admin", |g| role(g, EVE) == Some("admin")).await;
    let told = receiver.event("Eve's coming", |e| e["data"]["participantsChanged"]["added"][0]["phone"] == EVE).await;
    assert_eq!((&told["data"]["id"], &told["data"]["by"]["phone"]), (&json!(id), &json!(OWN)), "{told:#}");
    let roles = json!({ "participants": [{ "phone": CAROL, "admin": true }, { "phone": EVE, "admin": false }] });
    let done = server.patch(&path(&device, &format!("/{id}/participants")), roles).await.ok();
    assert_eq!(outcome(&done), pairs(&[(CAROL, "promoted"), (EVE, "demoted")]));
    ben.shows_group(&id, "the new roles", |g| role(g, CAROL) == Some("admin") && role(g, EVE) == Some("member")).await;
    let gone = server.take_out(&path(&device, &format!("/{id}/participants")), json!([EVE, NOBODY])).await.ok();
    assert_eq!(outcome(&gone), pairs(&[(EVE, "removed"), (NOBODY, "participant:notfound")]));
    eve.shows_group(&id, "that she is out", |g| g["member"] == false).await;
    ben.shows_group(&id, "that she is out", |g| role(g, EVE).is_none()).await;

    // The link, and who comes by it.
    let invite = server.get(&path(&device, &format!("/{id}/invite"))).await.ok();
    assert_eq!(text(&invite, "/url"), format!("https://chat.whatsapp.com/{}", text(&invite, "/code")));
    assert_eq!(ben.group(&id).await["code"], invite["code"]);
    server.patch(&path(&device, &format!("/{id}")), json!({ "permissions": { "approval": true } })).await.ok();
    let members = path(&device, &format!("/{id}/members"));
    let joining = json!({ "code": invite["code"] });
    dora.control(Method::POST, &dora.at("/groups/join"), Some(joining.clone())).await.ok();
    let told = changed(&receiver, &id, "pending").await;
    assert_eq!(told["pendingMembers"]["added"][0]["phone"], DORA, "{told:#}");
    let waiting = server.get(&members).await.ok();
    assert_eq!(waiting[0]["phone"], DORA, "{waiting:#}");
    assert!(waiting[0]["requestedAt"].is_string());
    let approved = server.post(&members, json!({ "all": true })).await.ok();
    assert_eq!(outcome(&approved), pairs(&[(DORA, "approved")]));
    dora.shows_group(&id, "herself", |g| role(g, DORA) == Some("member")).await;
    let frank = server.phone(FRANK, "Frank").await;
    frank.control(Method::POST, &frank.at("/groups/join"), Some(joining)).await.ok();
    assert_eq!(server.get(&members).await.ok()[0]["phone"], FRANK);
    let rejected = server.take_out(&members, json!({ "phones": [FRANK] })).await.ok();
    assert_eq!(outcome(&rejected), pairs(&[(FRANK, "rejected")]));
    assert_eq!(server.get(&members).await.ok(), json!([]));
    let fresh = server.delete(&path(&device, &format!("/{id}/invite"))).await.ok();
    assert_ne!(fresh["code"], invite["code"]);
    assert_eq!(ben.group(&id).await["code"], fresh["code"]);

    // The list, and who is in the group.
    let listed = server.get(&path(&device, "?kind=group&size=1")).await;
    assert_eq!(listed.headers["x-total-count"], "1");
    assert_eq!(listed.ok()[0]["inviteCode"], fresh["code"]);
    assert_eq!(server.get(&path(&device, "?kind=broadcast,community")).await.ok(), json!([]));
    let people = |query: &str| format!("/v1/chat/{}/chats/{id}/participants{query}", device.id);
    let phones = |answer: Value| -> Vec<String> {
        answer.as_array().expect("a list").iter().map(|one| text(one, "/phone").to_owned()).collect()
    };
    let all = server.get(&people("")).await;
    assert_eq!(all.headers["x-total-count"], "4");
    assert_eq!(phones(all.ok()), [OWN, BEN, CAROL, DORA]);
    assert_eq!(phones(server.get(&people("?role=owner")).await.ok()), [OWN]);
    assert_eq!(phones(server.get(&people("?role=admin")).await.ok()), [OWN, BEN, CAROL]);
    assert_eq!(phones(server.get(&people("?role=participant")).await.ok()), [DORA]);
    assert_eq!(phones(server.get(&people("?phone[]=%2B16001234561&phone[]=%2B16001234563")).await.ok()), [BEN, DORA]);
    assert_eq!(phones(server.get(&people("?search=16001234562")).await.ok()), [CAROL]);
    assert_eq!(phones(server.get(&people("?size=2&page=1")).await.ok()), [CAROL, DORA]);
    ben.control(Method::POST, &ben.at("/messages"), Some(json!({ "to": OWN, "text": "hello" }))).await.ok();
    let known = eventually("Ben's name", || async {
        let found = server.get(&people("?search=ben&include=contact")).await.ok();
        found.get(0).cloned()
    })
    .await;
    assert_eq!(
        (&known["name"], &known["contact"]["phone"], &known["isChatActive"]),
        (&json!("Ben"), &json!(BEN), &json!(true))
    );
    assert_eq!(server.get(&people("?contact=true")).await.ok(), json!([]));
    let card = json!({ "fullName": "Benjamin" });
    own.control(Method::PUT, &own.at(&format!("/contacts/{}", BEN.replace('+', "%2B"))), Some(card)).await.ok();
    eventually("Ben in the address book", || async {
        (phones(server.get(&people("?contact=true")).await.ok()) == [BEN]).then_some(())
    })
    .await;

    // What is said in it carries the group.
    let inbox = server.receiver(&["message:in:new"]).await;
    ben.control(Method::POST, &ben.at("/messages"), Some(json!({ "to": id, "text": "hi all" }))).await.ok();
    let told = inbox.gets("message:in:new", "hi all").await;
    let chat = &told["data"]["chat"];
    assert_eq!((&chat["name"], &chat["group"]["totalParticipants"]), (&json!("Launch crew"), &json!(4)), "{chat:#}");

    // How its chat stands is how the group is shown.
    let at = format!("/v1/chat/{}/chats/{id}", device.id);
    assert_eq!(server.get(&path(&device, &format!("/{id}"))).await.ok()["isPinned"], false);
    server.patch(&format!("{at}/attributes"), json!({ "pinned": true })).await.ok();
    assert_eq!(server.get(&path(&device, &format!("/{id}"))).await.ok()["isPinned"], true);
    assert_eq!(server.get(&path(&device, "")).await.ok()[0]["isPinned"], true);
    server.put(&format!("{at}/archive"), json!({})).await.ok();
    let archived = server.get(&path(&device, &format!("/{id}"))).await.ok();
    assert_eq!((&archived["isArchive"], &archived["isPinned"]), (&json!(true), &json!(false)));

    // Left.
    let left = server.take_out(&path(&device, ""), json!({ "id": id, "remove": false })).await.ok();
    assert_eq!((&left["left"], &left["removed"]), (&json!(true), &json!(false)));
    ben.shows_group(&id, "that Ana has gone", |g| role(g, OWN).is_none()).await;
    let told = changed(&receiver, &id, "role").await;
    assert!(told["role"].is_null() && told["isReadOnly"] == true, "{told:#}");
    let kept = server.get(&path(&device, &format!("/{id}"))).await.ok();
    assert_eq!((&kept["role"], &kept["isReadOnly"]), (&Value::Null, &json!(true)));
    server.take_out(&path(&device, ""), json!({ "id": id, "remove": false })).await.refused(409, "group:left");
    server.take_out(&path(&device, ""), json!({ "id": id })).await.ok();
    server.get(&path(&device, &format!("/{id}"))).await.refused(404, "group:notfound");
    assert_eq!(server.get(&path(&device, "")).await.ok(), json!([]));
}

#[tokio::test]
async fn what_is_done_on_phones_is_told_here() {
    let server = Server::start().await;
    let own = server.phone(OWN, "Ana").await;
    let (ben, carol) = (server.phone(BEN, "Ben").await, server.phone(CAROL, "Carol").await);
    let before = ben.makes_group(json!({ "subject": "Old friends", "participants": [OWN, CAROL] })).await;
    let device = server.linked("Support", &own).await;

    // Groups from before the number was linked are here, without an event.
    let there = server.shows_group(&device, &before, "the group from before", |g| g["totalParticipants"] == 3).await;
    assert_eq!(
        (&there["name"], &there["role"], &there["owner"]),
        (&json!("Old friends"), &json!("participant"), &json!("16001234561@c.us"))
    );
    let log = server.get("/v1/events?events=group:update&limit=500").await.ok();
    assert!(!log.to_string().contains("Old friends"), "{log:#}");
    let receiver = server.receiver(&["group:update"]).await;

    // Each change, and who has made it.
    let groups = ben.at(&format!("/groups/{before}"));
    ben.control(Method::PATCH, &groups, Some(json!({ "subject": "Best friends", "description": "Since school" })))
        .await
        .ok();
    let told = changed(&receiver, &before, "name").await;
    assert_eq!(
        (&told["name"], &told["previous"]["name"], &told["by"]["phone"]),
        (&json!("Best friends"), &json!("Old friends"), &json!(BEN))
    );
    assert_eq!(changed(&receiver, &before, "description").await["description"], "Since school");
    for (settings, change, field, value) in [
        (json!({ "locked": true }), "permissions.edit", "/permissions/edit", json!("admins")),
        (json!({ "announcement": true }), "permissions.send", "/permissions/send", json!("admins")),
        (json!({ "membersAdd": false }), "permissions.invite", "/permissions/invite", json!("admins")),
        (json!({ "approval": true }), "permissions.approval", "/permissions/approval", json!(true)),
        (json!({ "ephemeral": 3600 }), "ephemeral", "/ephemeral", json!("3600s")),
    ] {
        ben.control(Method::PATCH, &groups, Some(json!({ "settings": settings }))).await.ok();
        let told = changed(&receiver, &before, change).await;
        assert_eq!((told.pointer(field), &told["by"]["phone"]), (Some(&value), &json!(BEN)), "{told:#}");
    }
    let shown = server.get(&path(&device, &format!("/{before}"))).await.ok();
    assert_eq!((&shown["isReadOnly"], &shown["name"]), (&json!(true), &json!("Best friends")));
    ben.members(&before, "promote", &[OWN]).await;
    let told = changed(&receiver, &before, "role").await;
    assert_eq!(
        (&told["role"], &told["isReadOnly"], &told["previous"]["role"]),
        (&json!("admin"), &json!(false), &json!("participant"))
    );
    ben.members(&before, "remove", &[CAROL]).await;
    let told = changed(&receiver, &before, "participants").await;
    let removed = receiver
        .event("Carol's removal", |e| e["data"]["participantsChanged"]["removed"][0]["phone"] == CAROL)
        .await["data"]
        .clone();
    assert_eq!((&told["id"], &removed["totalParticipants"]), (&json!(before), &json!(2)));
    let jpeg = json!({ "jpeg": "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//" });
    ben.control(Method::PUT, &format!("{groups}/picture"), Some(jpeg)).await.ok();
    let told = changed(&receiver, &before, "image").await;
    assert_eq!(told["by"]["phone"], BEN);
    assert!(told["imageUrl"].is_string());
    ben.control(Method::PUT, &format!("{groups}/picture"), Some(json!({}))).await.ok();
    server.shows_group(&device, &before, "no picture", |g| g["imageUrl"].is_null()).await;

    // Taken into one, and taken out.
    let new = carol.makes_group(json!({ "subject": "Choir", "participants": [BEN] })).await;
    carol.members(&new, "add", &[OWN]).await;
    let told = changed(&receiver, &new, "membership").await;
    assert_eq!(
        (&told["name"], &told["by"]["phone"], &told["totalParticipants"]),
        (&json!("Choir"), &json!(CAROL), &json!(3))
    );
    carol.members(&new, "remove", &[OWN]).await;
    let told = changed(&receiver, &new, "role").await;
    assert_eq!((&told["role"], &told["by"]["phone"]), (&Value::Null, &json!(CAROL)));

    // A community is shown as what it is.
    let body = json!({ "subject": "Village", "participants": [OWN], "community": { "generalChat": true } });
    let community = ben.makes_group(body).await;
    let told = server.shows_group(&device, &community, "the community", |_| true).await;
    assert_eq!((&told["kind"], &told["isReadOnly"]), (&json!("community"), &json!(true)), "{told:#}");
    let groups = eventually("the community's groups", || async {
        let listed = server.get(&path(&device, "?size=50")).await.ok();
        let inside: Vec<Value> =
            listed.as_array()?.iter().filter(|g| g["communityParentGroup"] == community).cloned().collect();
        (inside.len() >= 2).then_some(inside)
    })
    .await;
    assert_eq!(groups.iter().filter(|g| g["isCommunityAnnounce"] == true && g["isReadOnly"] == true).count(), 1);
    let only = server.get(&path(&device, "?kind=community")).await.ok();
    assert_eq!(
        only.as_array().map(|list| list.iter().map(|g| g["id"].clone()).collect::<Vec<_>>()),
        Some(vec![json!(community)])
    );

    // By link, with the code and with the whole of it; what was missed while the
    // number was away is made up for.
    let open = ben.makes_group(json!({ "subject": "Open", "participants": [CAROL] })).await;
    let link = ben.control(Method::GET, &ben.at(&format!("/groups/{open}/invite")), None).await.ok();
    let joined = server.put(&path(&device, ""), json!({ "url": link["link"] })).await.ok();
    assert_eq!(
        (&joined["status"], &joined["id"], &joined["group"]["role"]),
        (&json!("joined"), &json!(open), &json!("participant"))
    );
    ben.shows_group(&open, "Ana", |g| role(g, OWN) == Some("member")).await;
    server.put(&path(&device, ""), json!({ "code": link["code"] })).await.refused(409, "group:already_member");
    let closed = ben
        .makes_group(json!({ "subject": "Closed", "participants": [CAROL], "settings": { "approval": true } }))
        .await;
    let link = ben.control(Method::GET, &ben.at(&format!("/groups/{closed}/invite")), None).await.ok();
    let asked = server.put(&path(&device, ""), json!({ "code": link["code"] })).await.ok();
    assert_eq!((&asked["status"], &asked["id"]), (&json!("pending"), &json!(closed)));
    ben.members(&closed, "approve", &[OWN]).await;
    changed(&receiver, &closed, "membership").await;
}

#[tokio::test]
async fn what_can_not_be_done_is_refused_with_the_reason() {
    let server = Server::start().await;
    let own = server.phone(OWN, "Ana").await;
    let (ben, _carol) = (server.phone(BEN, "Ben").await, server.phone(CAROL, "Carol").await);
    let device = server.device("Support").await;
    let device = Device { id: device };
    let unknown = "120363000000000001@g.us";
    let new = json!({ "name": "X", "participants": [{ "phone": BEN }] });
    server.post(&path(&device, ""), new.clone()).await.refused(503, "session:offline");
    server.link(&device.id, &own).await;

    // What makes no sense is refused before WhatsApp is asked.
    let many: Vec<Value> = (0..1025).map(|n| json!({ "phone": format!("+1600{:07}", 2_000_000 + n) })).collect();
    for (body, code) in [
        (json!({ "name": "", "participants": [{ "phone": BEN }] }), "group:name"),
        (json!({ "name": "x".repeat(101), "participants": [{ "phone": BEN }] }), "group:name"),
        (
            json!({ "name": "X", "description": "x".repeat(2049), "participants": [{ "phone": BEN }] }),
            "group:description",
        ),
        (json!({ "name": "X", "participants": [] }), "group:count"),
        (json!({ "name": "X", "participants": many }), "group:count"),
        (json!({ "name": "X", "participants": [{ "phone": "12" }] }), "phone:invalid"),
        (json!({ "name": "X", "participants": [{ "phone": BEN, "boss": true }] }), "body:invalid"),
        (json!({ "name": "X", "ephemeral": "1h", "participants": [{ "phone": BEN }] }), "body:invalid"),
        (json!({ "participants": [{ "phone": BEN }] }), "body:invalid"),
    ] {
        let refused = server.post(&path(&device, ""), body).await;
        assert_eq!(refused.status, 400, "{:#}", refused.body);
        if code != "body:invalid" {
            assert_eq!(refused.body["errorCode"], code, "{:#}", refused.body);
        }
    }
    for body in [json!({}), json!({ "code": "AbCdEfGhIjKlMnOpQrStUv", "url": "https://chat.whatsapp.com/x" })] {
        server.put(&path(&device, ""), body).await.refused(400, "group:join");
    }
    server.put(&path(&device, ""), json!({ "code": "?" })).await.refused(400, "group:code");
    server
        .put(&path(&device, ""), json!({ "url": "https://example.com/AbCdEfGhIjKlMnOpQrStUv" }))
        .await
        .refused(400, "group:url");
    server
        .put(&path(&device, ""), json!({ "code": "AbCdEfGhIjKlMnOpQrStUv" }))
        .await
        .refused(404, "group:invite_invalid");
    server.get(&path(&device, "/nonsense")).await.refused(400, "group:invalid");
    assert_eq!(server.get(&path(&device, "?kind=chat")).await.status, 400);

    // Groups that the number is not in.
    server.get(&path(&device, &format!("/{unknown}"))).await.refused(404, "group:notfound");
    server.patch(&path(&device, &format!("/{unknown}")), json!({ "name": "Y" })).await.refused(404, "group:notfound");
    server.take_out(&path(&device, ""), json!({ "id": unknown })).await.refused(404, "group:notfound");

    // Groups in which it is no admin.
    let id = ben
        .makes_group(
            json!({ "subject": "Ben's", "participants": [OWN], "settings": { "locked": true, "membersAdd": false } }),
        )
        .await;
    server.shows_group(&device, &id, "Ben's group", |g| g["role"] == "participant").await;
    let at = |rest: &str| path(&device, &format!("/{id}{rest}"));
    server.patch(&at(""), json!({ "name": "Mine" })).await.refused(403, "group:not_admin");
    server.patch(&at(""), json!({ "permissions": { "send": "admins" } })).await.refused(403, "group:not_admin");
    server.put(&at("/image"), json!({ "image": PICTURE })).await.refused(403, "group:not_admin");
    let one = json!({ "participants": [{ "phone": CAROL }] });
    server.post(&at("/participants"), one.clone()).await.refused(403, "group:not_admin");
    server.patch(&at("/participants"), one).await.refused(403, "group:not_admin");
    server.take_out(&at("/participants"), json!([BEN])).await.refused(403, "group:not_admin");
    server.get(&at("/members")).await.refused(403, "group:not_admin");
    server.delete(&at("/invite")).await.refused(403, "group:not_admin");
    assert_eq!(ben.group(&id).await["subject"], "Ben's");
    for body in [json!({}), json!({ "all": true, "phones": [BEN] })] {
        server.post(&at("/members"), body).await.refused(400, "group:members");
    }
    for (body, code) in [
        (json!({}), "picture:source"),
        (json!({ "image": "***" }), "picture:base64"),
        (json!({ "image": "aGVsbG8=" }), "media:unsupported"),
        (json!({ "url": "ftp://example.com/a.png" }), "picture:url"),
    ] {
        server.put(&at("/image"), body).await.refused(400, code);
    }

    // And in which it no longer is.
    ben.members(&id, "remove", &[OWN]).await;
    server.shows_group(&device, &id, "that it is out", |g| g["role"].is_null()).await;
    server.patch(&at(""), json!({ "name": "Mine" })).await.refused(403, "group:not_member");
    let link = ben.control(Method::GET, &ben.at(&format!("/groups/{id}/invite")), None).await.ok();
    server.put(&path(&device, ""), json!({ "code": link["code"] })).await.refused(403, "group:banned");
    let mine = server.post(&path(&device, ""), new).await.ok();
    assert_eq!(mine["name"], "X");
}

pub(crate) fn base64(uri: &str) -> Vec<u8> {
    use base64::Engine;
    let (_, data) = uri.split_once(',').expect("a data URI");
    base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
}

/// The bytes of a picture, from the sandbox's media host.
pub(crate) async fn picture(server: &Server, url: &str) -> Vec<u8> {
    let about: Value = crate::support::http()
        .get(format!("{}/", server.control))
        .send()
        .await
        .expect("it")
        .json()
        .await
        .expect("JSON");
    let rest = url.splitn(4, '/').nth(3).expect("a path");
    let plain = format!("{}/{rest}", text(&about, "/mediaUrl").trim_end_matches('/'));
    crate::support::http().get(plain).send().await.expect("the media host").bytes().await.expect("bytes").to_vec()
}

/// An address under which these bytes are a PNG.
pub(crate) async fn served(bytes: Vec<u8>) -> String {
    let answer = move || async move { ([("content-type", "image/png")], bytes) };
    let app = axum::Router::new().route("/picture.png", axum::routing::get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    format!("http://{address}/picture.png")
}
