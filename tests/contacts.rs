//! The people a number knows: what is added here, what WhatsApp knows, and the
//! phone's address book and list of those blocked, in step with both.

use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Device, Phone, Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";
const CLEO: &str = "+16001234562";
const DORA: &str = "+491701234567";
const BEN_ID: &str = "16001234561@c.us";
const CLEO_ID: &str = "16001234562@c.us";
const DORA_ID: &str = "491701234567@c.us";

fn path(device: &Device, rest: &str) -> String {
    format!("/v1/chat/{}/contacts{rest}", device.id)
}

/// A contact once `wanted` is true of it.
async fn contact(server: &Server, device: &Device, wid: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = path(device, &format!("/{wid}"));
    eventually(&format!("the contact {wid} to have {what}"), || async {
        let answer = server.get(&path).await;
        (answer.status == 200 && wanted(&answer.body)).then_some(answer.body)
    })
    .await
}

/// The wids of a list, and its total.
async fn listed(server: &Server, device: &Device, query: &str) -> (Vec<String>, usize) {
    let answer = server.get(&path(device, &format!("?{query}"))).await;
    let total = answer.headers.get("x-total-count").and_then(|total| total.to_str().ok()?.parse().ok());
    let list = answer.ok();
    let wids = list.as_array().expect("a list").iter().map(|one| text(one, "/wid").to_owned()).collect();
    (wids, total.expect("a total"))
}

async fn phone_does(phone: &Phone, method: Method, rest: &str, body: Option<Value>) -> Value {
    let path = format!("/phones/{}{rest}", phone.number.replace('+', "%2B"));
    phone.control(method, &path, body).await.ok()
}

/// The entry of somebody in the phone's address book, once `wanted` is true of it.
async fn book(phone: &Phone, number: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(&format!("the phone's address book to have {what}"), || async {
        let book = phone_does(phone, Method::GET, "/contacts", None).await;
        let entry = book["contacts"].as_array()?.iter().find(|entry| entry["contact"] == number)?.clone();
        wanted(&entry).then_some(entry)
    })
    .await
}

async fn blocks(phone: &Phone, number: &str, wanted: bool) {
    eventually(&format!("the phone to have {number} blocked: {wanted}"), || async {
        let shown = phone_does(phone, Method::GET, "", None).await;
        let has = shown["blocked"].as_array()?.iter().any(|one| one == number);
        (has == wanted).then_some(())
    })
    .await;
}

/// Everything that can be said of a contact.
fn everything() -> Value {
    json!({
        "phone": DORA, "name": "Dora", "surname": "Dorn", "title": "Dr", "kind": "business", "gender": "female",
        "altPhone": "+49 170 1234568", "email": "dora@dorn.example", "description": "Grows pears",
        "languages": ["DE", "en"], "links": ["https://dorn.example"], "companyName": "Dorn Fruit", "companyCode": "D-1",
        "companyTaxId": "DE123", "companyRole": "Owner", "companyWebsite": "https://dorn.example",
        "companyEmail": "office@dorn.example", "companyPhone": "+491701234569", "companyCountry": "at",
        "currency": "eur", "address": "Obstweg 1", "city": "Bonn", "postalCode": "53111", "country": "de",
        "notes": "Calls in the morning", "birthday": "1990-04-12T00:00:00Z", "notifications": "mute",
        "timezone": "Europe/Berlin", "crm": "hub", "crmRef": "77", "sync": false,
        "metadata": [{ "key": "plan", "value": "gold" }, { "key": "since", "value": "2020" }],
    })
}

#[tokio::test]
async fn people_add_to_contacts() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Benny B").await;
    let receiver = server.receiver(&["contact:update", "message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let at = |rest: &str| path(&device, rest);

    // Made with every field, told with who did it.
    let made = server.post(&at(""), everything()).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let given = everything();
    for (name, value) in given.as_object().expect("fields") {
        let wanted = match name.as_str() {
            "phone" | "metadata" => continue,
            "altPhone" => json!("+491701234568"),
            "languages" => json!(["de", "en"]),
            "companyCountry" => json!("AT"),
            "currency" => json!("EUR"),
            "country" => json!("DE"),
            "birthday" => json!("1990-04-12T00:00:00.000Z"),
            _ => value.clone(),
        };
        assert_eq!(made["info"][name], wanted, "{name}");
    }
    assert_eq!(made["metadata"], given["metadata"]);
    assert_eq!((text(&made, "/wid"), text(&made, "/phone"), text(&made, "/type")), (DORA_ID, DORA, "user"));
    assert_eq!((text(&made, "/displayName"), text(&made, "/formattedName")), ("Dora Dorn", "Dr Dora Dorn"));
    assert_eq!((text(&made, "/shortName"), &made["countryCode"]), ("Dora", &json!(49)));
    assert_eq!((text(&made, "/locationInfo/alpha2"), text(&made, "/locationInfo/emoji")), ("DE", "🇩🇪"));
    let me = server.get("/v1/me").await.ok();
    let told = receiver
        .event("the new contact", |e| e["event"] == "contact:update" && e["data"]["contact"]["wid"] == DORA_ID)
        .await;
    assert_eq!(told["object"], "contact");
    assert_eq!(told["data"]["by"]["user"], me["user"]["id"], "{told:#}");
    assert!(told["data"]["changes"].as_array().expect("changes").contains(&json!("companyName")), "{told:#}");

    // A second time only with upsert.
    let again = server.post(&at(""), json!({ "phone": DORA, "city": "Köln" })).await.refused(409, "contact:exists");
    assert_eq!(again["meta"]["contact"], DORA_ID);
    let over = server.post(&at(""), json!({ "phone": DORA, "city": "Köln", "upsert": true })).await.ok();
    assert_eq!((text(&over, "/info/city"), text(&over, "/info/postalCode")), ("Köln", "53111"));

    // Changed by any of its names; what is named goes away.
    let change = json!({ "title": "", "surname": "Dornbusch", "$remove": ["altPhone", "languages", "birthday", "gender"],
        "metadata": [{ "key": "plan", "value": "silver" }] });
    let changed = server.patch(&at(&format!("/{DORA_ID}")), change).await.ok();
    assert_eq!(text(&changed, "/formattedName"), "Dora Dornbusch");
    for gone in ["altPhone", "languages", "birthday", "gender", "title"] {
        assert!(changed["info"].get(gone).is_none(), "{gone}: {changed:#}");
    }
    assert_eq!(changed["metadata"], json!([{ "key": "plan", "value": "silver" }, { "key": "since", "value": "2020" }]));
    let told = receiver
        .event("the change", |e| {
            e["data"]["changes"].as_array().is_some_and(|list| list.contains(&json!("surname")))
                && e["data"]["contact"]["info"]["surname"] == "Dornbusch"
        })
        .await;
    assert!(told["data"]["changes"].as_array().expect("changes").contains(&json!("metadata")));
    server.patch(&at("/+491709999999"), json!({ "name": "X" })).await.refused(404, "contact:notfound");
    let fresh = server.patch(&at("/+491709999999"), json!({ "name": "Xaver", "upsert": true })).await.ok();
    assert_eq!(fresh["wid"], "491709999999@c.us");

    // Everything that was written can be taken away, apart from the sort and the notifications, which are always one of several.
    let mut all = everything();
    all["phone"] = json!("+491701234570");
    server.post(&at(""), all.clone()).await.ok();
    let fields = all.as_object().expect("fields").keys();
    let names: Vec<&String> =
        fields.filter(|name| !["phone", "metadata", "kind", "notifications"].contains(&name.as_str())).collect();
    let bare = server.patch(&at("/+491701234570"), json!({ "$remove": names })).await.ok();
    for name in &names {
        assert!(bare["info"].get(name.as_str()).is_none(), "{name}: {bare:#}");
    }
    assert_eq!((&bare["name"], &bare["info"]["notifications"]), (&Value::Null, &json!("mute")));
    server.patch(&at("/+491701234570"), json!({ "$remove": ["kind"] })).await.refused(400, "body:invalid");
    server.delete(&at("/+491701234570")).await.ok();

    // Metadata: over what is there, or in place of it.
    let pairs = server.patch(&at(&format!("/{DORA_ID}/metadata")), json!([{ "key": "tier", "value": "1" }])).await.ok();
    assert_eq!(pairs.as_array().map(Vec::len), Some(3));
    let pairs = server
        .call(Method::PUT, &at("/491701234567/metadata"), Some(json!([{ "key": "tier", "value": "2" }])))
        .await
        .ok();
    assert_eq!(pairs, json!([{ "key": "tier", "value": "2" }]));
    let long = json!([{ "key": "k".repeat(31), "value": "1" }]);
    server.patch(&at(&format!("/{DORA_ID}/metadata")), long).await.refused(400, "metadata:invalid");

    // Whoever writes is a contact, and taken up without a conflict.
    ben.send(ANA, "hello").await;
    receiver.gets("message:in:new", "hello").await;
    let heard = server.get(&at("/+16001234561?include=chat")).await.ok();
    assert_eq!(
        (text(&heard, "/name"), text(&heard, "/meta/notifyName"), text(&heard, "/chat/id")),
        ("Benny B", "Benny B", BEN_ID)
    );
    let agent = text(&me, "/user/id");
    let up = server.post(&at(""), json!({ "phone": BEN, "email": "ben@berg.example", "assign": agent })).await;
    assert_eq!(up.status, 201, "{:#}", up.body);
    assert_eq!(text(&up.body, "/name"), "Benny B");
    let assigned = server.get(&at(&format!("/{BEN_ID}?include=chat"))).await.ok();
    assert!(assigned["chat"]["owner"]["agent"].to_string().contains(agent), "{assigned:#}");

    // Many at once.
    let many = json!([
        { "phone": CLEO, "name": "Cleo", "surname": "Clark", "email": "cleo@clark.example", "companyName": "Clark & Sons" },
        { "phone": DORA, "name": "Theodora" },
        { "phone": "12", "name": "Nobody" },
        { "phone": "+5511987654321", "name": "Bia", "email": "nonsense" },
    ]);
    let done = server.patch(&at("?upsert=false"), many.clone()).await.ok();
    let states: Vec<&str> = done.as_array().expect("outcomes").iter().map(|one| text(one, "/status")).collect();
    assert_eq!(states, ["saved", "exists", "failed", "failed"], "{done:#}");
    assert_eq!((text(&done, "/2/errorCode"), text(&done, "/3/errorCode")), ("phone:invalid", "contact:invalid"));
    let done = server.patch(&at(""), many).await.ok();
    assert_eq!((text(&done, "/0/status"), text(&done, "/1/contact/info/name")), ("saved", "Theodora"));
    assert_eq!(done[0]["contact"]["meta"]["isImport"], true);
    server.patch(&at(""), json!([])).await.refused(400, "contacts:count");

    every_filter(&server, &device).await;
    wrong_requests(&server, &device).await;

    // Gone with what was added; who writes again is heard of again.
    let gone = server.delete(&at(&format!("/{CLEO_ID}"))).await.ok();
    assert_eq!(gone, json!({ "id": CLEO_ID, "deleted": true }));
    server.get(&at(&format!("/{CLEO_ID}"))).await.refused(404, "contact:notfound");
    server.delete(&at(&format!("/{CLEO_ID}"))).await.refused(404, "contact:notfound");
    receiver.event("the deletion", |e| e["data"]["changes"] == json!(["deleted"])).await;
    assert_eq!(listed(&server, &device, "search=clark").await.1, 0);
}

/// Ben has a chat and an e-mail, Cleo an e-mail, Theodora Dornbusch is a business
/// with metadata, Xaver has nothing but his name.
async fn every_filter(server: &Server, device: &Device) {
    let soon = "2099-01-01T00:00:00Z";
    let names = [(BEN_ID, 'b'), (CLEO_ID, 'c'), (DORA_ID, 'd'), ("491709999999@c.us", 'x')];
    for (query, wanted) in [
        ("", "bcdx"),
        ("sort=name:asc", "bcdx"),
        ("sort=name:desc", "xdcb"),
        ("sort=createdAt:asc", "dxbc"),
        ("sort=createdAt:desc", "cbxd"),
        ("sort=updatedAt:asc", "xbcd"),
        ("sort=updatedAt:desc", "dcbx"),
        ("size=2", "bc"),
        ("size=2&page=1", "dx"),
        ("search=clark", "c"),
        ("search=DORN%20theo", "d"),
        ("search=%2B1600123", "bc"),
        ("search=cleo@clark.example", "c"),
        ("search=nobody", ""),
        ("type=user", "bcdx"),
        ("type=personal", "bcx"),
        ("type=business", "d"),
        ("type=private", ""),
        ("type[]=group&type[]=channel", ""),
        ("has=email", "bcd"),
        ("has=chat", "b"),
        ("has=email,chat", "b"),
        ("hasChat=true", "b"),
        ("hasChat=false", "cdx"),
        ("country=de", "dx"),
        ("country=DE,BR", "dx"),
        ("country=BR", ""),
        ("metadataKey=tier", "d"),
        ("metadataValue=2", "d"),
        ("metadataKey=tier&metadataValue=2", "d"),
        ("metadataKey=tier&metadataValue=3", ""),
        ("metadataKey=plan", ""),
        ("after=2020-01-01T00:00:00Z", "bcdx"),
        (&format!("after={soon}"), ""),
        (&format!("before={soon}"), "bcdx"),
        ("updatedAfter=2020-01-01T00:00:00Z", "bcdx"),
        (&format!("updatedBefore={soon}"), "bcdx"),
        ("updatedBefore=2020-01-01T00:00:00Z", ""),
        ("lastMessageAfter=2020-01-01T00:00:00Z", "b"),
        (&format!("lastMessageBefore={soon}"), "b"),
        ("lastMessageBefore=2020-01-01T00:00:00Z", ""),
        ("metadataKey=tier&type=business&search=dornb&country=DE", "d"),
    ] {
        let (wids, total) = listed(server, device, query).await;
        let found: String =
            wids.iter().filter_map(|wid| names.iter().find(|(known, _)| known == wid)).map(|(_, c)| c).collect();
        assert_eq!(found, wanted, "{query}");
        assert_eq!(total, if query.starts_with("size") { 4 } else { wanted.len() }, "{query}");
    }
    let with_chat = server.get(&path(device, "?hasChat=true&include=chat")).await.ok();
    assert_eq!(with_chat[0]["chat"]["id"], BEN_ID);
}

async fn wrong_requests(server: &Server, device: &Device) {
    let at = path(device, "");
    for (body, code) in [
        (json!({ "name": "No number" }), "body:invalid"),
        (json!({ "phone": "12" }), "phone:invalid"),
        (json!({ "phone": "+16001234569", "nickname": "X" }), "body:unknown_property"),
        (json!({ "phone": "+16001234569", "kind": "alien" }), "body:invalid"),
        (json!({ "phone": "+16001234569", "name": "n".repeat(61) }), "contact:invalid"),
        (json!({ "phone": "+16001234569", "email": "x" }), "contact:invalid"),
        (json!({ "phone": "+16001234569", "assign": "nobody" }), "agent:notfound"),
    ] {
        let answer = server.post(&at, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {:#}", answer.body);
        let said = [&answer.body["errorCode"], &answer.body["errors"][0]["code"]];
        assert!(said.iter().any(|said| **said == code), "{body}: {:#}", answer.body);
    }
    server.get(&format!("{at}?sort=size:asc")).await.refused(400, "query:invalid");
    server.get(&format!("{at}/nonsense")).await.refused(400, "contact:invalid");
    server.get("/v1/chat/697dcb1a5f3c2b9d8e4a7061/contacts").await.refused(404, "device:notfound");
}

#[tokio::test]
async fn the_phone_and_its_contacts_agree() {
    let server = Server::start().await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Benny").await;
    let cleo = server.phone(CLEO, "Cleo").await;
    // Blocked before it was linked.
    server.phone(DORA, "Dora").await;
    phone_does(&ana, Method::PUT, "/block", Some(json!({ "contact": DORA, "blocked": true }))).await;
    phone_does(
        &ana,
        Method::PUT,
        &format!("/contacts/{CLEO}"),
        Some(json!({ "fullName": "Cleo from school", "firstName": "Cleo" })),
    )
    .await;
    let receiver = server.receiver(&["contact:update"]).await;
    // Written while the number is not there yet, into the phone's address book when it is.
    let device = Device { id: server.device("Support").await };
    let early = json!({ "phone": "+16001234563", "name": "Early", "surname": "Bird", "sync": true });
    let early = server.post(&path(&device, ""), early).await.ok();
    assert_eq!(early["meta"]["isSyncPending"], true);
    server.link(&device.id, &ana).await;
    book(&ana, "+16001234563", "Early Bird", |entry| entry["fullName"] == "Early Bird").await;
    contact(&server, &device, "16001234563@c.us", "been written", |c| c["meta"]["isSyncPending"] == false).await;

    // What the phone has is here.
    let there = contact(&server, &device, CLEO_ID, "its name", |c| c["name"] == "Cleo from school").await;
    assert_eq!(
        (&there["meta"]["isContact"], text(&there, "/meta/addressBookName")),
        (&json!(true), "Cleo from school")
    );
    contact(&server, &device, DORA_ID, "been blocked", |c| c["status"] == "blocked").await;

    // The address book, both ways.
    let new = json!({ "phone": BEN, "name": "Ben", "surname": "Berg", "sync": true });
    let made = server.post(&path(&device, ""), new).await.ok();
    assert_eq!(made["meta"]["isSyncPending"], false, "{made:#}");
    let entry = book(&ana, BEN, "Ben Berg", |entry| entry["fullName"] == "Ben Berg").await;
    assert_eq!(entry["firstName"], "Ben");
    server.patch(&path(&device, &format!("/{BEN_ID}")), json!({ "surname": "Bergmann" })).await.ok();
    book(&ana, BEN, "Ben Bergmann", |entry| entry["fullName"] == "Ben Bergmann").await;
    phone_does(&ana, Method::PUT, &format!("/contacts/{CLEO}"), Some(json!({ "fullName": "Cleo Clark" }))).await;
    contact(&server, &device, CLEO_ID, "its new name", |c| c["name"] == "Cleo Clark").await;
    let told = receiver.event("the new name", |e| e["data"]["contact"]["name"] == "Cleo Clark").await;
    assert_eq!((&told["data"]["by"]["source"], &told["data"]["changes"]), (&json!("phone"), &json!(["addressBook"])));

    // Taken out of the address book on the phone, whoever has written the entry: what was written here stays.
    phone_does(&ana, Method::DELETE, &format!("/contacts/{CLEO}"), None).await;
    let gone = contact(&server, &device, CLEO_ID, "no entry any more", |c| c["meta"]["isContact"] == false).await;
    assert_eq!((&gone["meta"]["addressBookName"], &gone["meta"]["source"]), (&Value::Null, &json!("phone")));
    let told = receiver
        .event("the removal", |e| {
            e["data"]["contact"]["wid"] == CLEO_ID && e["data"]["contact"]["meta"]["isContact"] == false
        })
        .await;
    assert_eq!((&told["data"]["by"]["source"], &told["data"]["changes"]), (&json!("phone"), &json!(["addressBook"])));
    phone_does(&ana, Method::DELETE, &format!("/contacts/{BEN}"), None).await;
    let gone = contact(&server, &device, BEN_ID, "no entry any more", |c| c["meta"]["isContact"] == false).await;
    assert_eq!(text(&gone, "/name"), "Ben Bergmann");
    phone_does(&ana, Method::PUT, &format!("/contacts/{CLEO}"), Some(json!({ "fullName": "Cleo again" }))).await;
    contact(&server, &device, CLEO_ID, "its entry again", |c| c["meta"]["addressBookName"] == "Cleo again").await;

    // Blocked and unblocked here.
    let people = json!({ "contacts": [BEN, "16001234562@c.us", "+16009999999"] });
    let done = server.post(&format!("/v1/devices/{}/block", device.id), people).await.ok();
    let states: Vec<&str> = done.as_array().expect("outcomes").iter().map(|one| text(one, "/status")).collect();
    assert_eq!(states, ["blocked", "blocked", "failed"], "{done:#}");
    assert_eq!(done[2]["errorCode"], "number:notfound");
    blocks(&ana, BEN, true).await;
    blocks(&ana, CLEO, true).await;
    contact(&server, &device, BEN_ID, "been blocked", |c| c["meta"]["isContactBlocked"] == true).await;
    let people = json!({ "contacts": [BEN_ID, DORA] });
    let done = server.call(Method::DELETE, &format!("/v1/devices/{}/block", device.id), Some(people)).await.ok();
    assert_eq!((text(&done, "/0/status"), text(&done, "/1/status")), ("unblocked", "unblocked"));
    blocks(&ana, BEN, false).await;
    blocks(&ana, DORA, false).await;
    let none = json!({ "contacts": [] });
    server.post(&format!("/v1/devices/{}/block", device.id), none).await.refused(400, "contacts:count");

    // Blocked and unblocked on the phone.
    phone_does(&ana, Method::PUT, "/block", Some(json!({ "contact": BEN, "blocked": true }))).await;
    contact(&server, &device, BEN_ID, "been blocked on the phone", |c| c["status"] == "blocked").await;
    let told = receiver
        .event("the block", |e| {
            e["data"]["contact"]["wid"] == BEN_ID
                && e["data"]["by"]["source"] == "phone"
                && e["data"]["changes"] == json!(["blocked"])
        })
        .await;
    assert_eq!(told["data"]["contact"]["status"], "blocked");
    phone_does(&ana, Method::PUT, "/block", Some(json!({ "contact": BEN, "blocked": false }))).await;
    contact(&server, &device, BEN_ID, "been unblocked on the phone", |c| c["status"] == "active").await;

    how_people_look(&server, &device, &ben, &cleo).await;
}

/// About texts, pictures, business profiles, and the names that people give.
async fn how_people_look(server: &Server, device: &Device, ben: &Phone, cleo: &Phone) {
    let jpeg = base64::engine::general_purpose::STANDARD.encode(PICTURE);
    phone_does(cleo, Method::PUT, "/about", Some(json!({ "about": "Swimming" }))).await;
    phone_does(cleo, Method::PUT, "/picture", Some(json!({ "jpeg": jpeg }))).await;
    let shop = json!({ "verifiedName": "Clark & Sons", "description": "Boats", "email": "boats@clark.example",
        "address": "Quay 1", "websites": ["https://clark.example"], "timezone": "Europe/London" });
    phone_does(cleo, Method::PUT, "/business", Some(shop)).await;
    // A person of whom nothing was asked yet.
    let eve = server.phone("+16001234565", "Eve").await;
    let shop = json!({ "verifiedName": "Eve's", "description": "Apples", "email": "eve@example.com", "websites": ["https://eve.example"] });
    phone_does(&eve, Method::PUT, "/business", Some(shop)).await;
    phone_does(&eve, Method::PUT, "/about", Some(json!({ "about": "In the garden" }))).await;
    phone_does(&eve, Method::PUT, "/picture", Some(json!({ "jpeg": jpeg }))).await;
    server.post(&path(device, ""), json!({ "phone": eve.number })).await.ok();
    let wid = "16001234565@c.us";
    let known = contact(server, device, wid, "what WhatsApp shows", |c| !c["syncedAt"].is_null()).await;
    assert_eq!((text(&known, "/about"), text(&known, "/meta/verifiedName")), ("In the garden", "Eve's"), "{known:#}");
    assert_eq!(
        (text(&known, "/businessInfo/description"), text(&known, "/businessInfo/email")),
        ("Apples", "eve@example.com")
    );
    assert_eq!((&known["meta"]["isBusiness"], text(&known, "/name")), (&json!(true), "Eve's"));
    assert!(text(&known, "/lid").ends_with("@lid"));
    let picture = server.get(text(&known, "/image/url")).await;
    assert_eq!((picture.status, picture.headers["content-type"].to_str().ok()), (200, Some("image/jpeg")));
    assert_eq!(picture.bytes, PICTURE);
    // Changed and taken away.
    server.send(&device.id, &eve.number, "hello").await;
    eve.receives("hello").await;
    phone_does(&eve, Method::PUT, "/about", Some(json!({ "about": "Gone fishing" }))).await;
    contact(server, device, wid, "the new about text", |c| c["about"] == "Gone fishing").await;
    phone_does(&eve, Method::PUT, "/picture", Some(json!({}))).await;
    contact(server, device, wid, "no picture", |c| c["image"].is_null()).await;
    server.get(&path(device, &format!("/{wid}/picture"))).await.refused(404, "contact:no_picture");
    // The name that a person gives comes with messages.
    ben.send(ANA, "first").await;
    contact(server, device, BEN_ID, "the name it gives", |c| c["meta"]["notifyName"] == "Benny").await;
    phone_does(ben, Method::PATCH, "", Some(json!({ "name": "Benjamin" }))).await;
    ben.send(ANA, "second").await;
    contact(server, device, BEN_ID, "the new name it gives", |c| c["meta"]["notifyName"] == "Benjamin").await;
}

/// The smallest JPEG there is: a grey point.
const PICTURE: &[u8] = &[
    0xFF, 0xD8, 0xFF, 0xDB, 0x00, 0x43, 0x00, 0x03, 0x02, 0x02, 0x02, 0x02, 0x02, 0x03, 0x02, 0x02, 0x02, 0x03, 0x03,
    0x03, 0x03, 0x04, 0x06, 0x04, 0x04, 0x04, 0x04, 0x04, 0x08, 0x06, 0x06, 0x05, 0x06, 0x09, 0x08, 0x0A, 0x0A, 0x09,
    0x08, 0x09, 0x09, 0x0A, 0x0C, 0x0F, 0x0C, 0x0A, 0x0B, 0x0E, 0x0B, 0x09, 0x09, 0x0D, 0x11, 0x0D, 0x0E, 0x0F, 0x10,
    0x10, 0x11, 0x10, 0x0A, 0x0C, 0x12, 0x13, 0x12, 0x10, 0x13, 0x0F, 0x10, 0x10, 0x10, 0xFF, 0xC9, 0x00, 0x0B, 0x08,
    0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x11, 0x00, 0xFF, 0xCC, 0x00, 0x06, 0x00, 0x10, 0x10, 0x05, 0xFF, 0xDA, 0x00,
    0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0xD2, 0xCF, 0x20, 0xFF, 0xD9,
];
