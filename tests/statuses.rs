//! Status updates: posted here and seen on phones, posted on phones and seen
//! here, taken back.

use reqwest::Method;
use serde_json::{Value, json};

use crate::groups::served;
use crate::support::{Device, Phone, Sandbox, Server, eventually, text};

const OWN: &str = "+16001234560";
const BEN: &str = "+16001234561";
const CAROL: &str = "+16001234562";
/// Not in the address book.
const DORA: &str = "+16001234563";
const STATUS: &str = "status@broadcast";
const TEA: &[u8] = include_bytes!("fixtures/tea.jpg");
const CLIP: &[u8] = include_bytes!("fixtures/clip.mp4");
const TONE: &[u8] = include_bytes!("../crates/media/fixtures/tone.mp3");

fn path(device: &Device, rest: &str) -> String {
    format!("/v1/chat/{}/status{rest}", device.id)
}

/// People in the address book of the number, and known as such here.
async fn know(server: &Server, own: &Phone, device: &Device, people: &[(&str, &str)]) {
    for (number, name) in people {
        let at = own.path(&format!("/contacts/{}", number.replace('+', "%2B")));
        own.control(Method::PUT, &at, Some(json!({ "fullName": name }))).await.ok();
    }
    // What the phone says of its address book comes in order: the last is told of in a chat.
    for (number, name) in people {
        let probe = format!("/v1/chat/{}/chats/{}", device.id, number.replace('+', "%2B"));
        server.send(&device.id, number, &format!("hello {name}")).await;
        eventually(&format!("{name} to be in the address book"), || async {
            let chat = server.get(&probe).await;
            (chat.status == 200 && chat.body["contact"]["name"] == *name).then_some(())
        })
        .await;
    }
}

async fn seen(phone: &Phone) -> Vec<Value> {
    let page = phone.control(Method::GET, &phone.path(&format!("/messages?chat={STATUS}&limit=500")), None).await.ok();
    page["messages"].as_array().cloned().unwrap_or_default()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|status| text(status, "/id")).collect()
}

async fn put_away(server: &Server, device: &Device, body: Option<Value>) -> Value {
    server.call(Method::DELETE, &path(device, ""), body).await.ok()
}

#[tokio::test]
async fn a_status_is_seen_by_the_address_book_counted_and_taken_back() {
    let sandbox = Sandbox::start(1).await;
    let server = Server::on(&sandbox, &[]).await;
    let own = server.phone(OWN, "Ana").await;
    let (ben, carol, dora) =
        (server.phone(BEN, "Ben").await, server.phone(CAROL, "Carol").await, server.phone(DORA, "Dora").await);
    let device = server.linked("Support", &own).await;
    know(&server, &own, &device, &[(BEN, "Benjamin"), (CAROL, "Caroline")]).await;
    server.send(&device.id, DORA, "hello Dora").await;
    dora.receives("hello Dora").await;
    let receiver = server.receiver(&["status:update", "message:out:new", "message:in:new"]).await;

    // A text with colour and font, for those in the address book and nobody else.
    let post = json!({ "message": "Open until eight", "color": "moss_green", "font": "serif", "reference": "evening" });
    let ask = || server.request(Method::POST, &path(&device, "")).header("Token", &server.key);
    let posted = server.answer(ask().header("Idempotency-Key", "evening-1").json(&post)).await;
    assert_eq!(posted.status, 201, "{:#}", posted.body);
    let posted = posted.ok();
    let evening = text(&posted, "/id").to_owned();
    assert_eq!(
        (&posted["mtype"], &posted["meta"]["color"], &posted["meta"]["font"]),
        (&json!("status"), &json!("moss_green"), &json!("serif"))
    );
    let again = server.answer(ask().header("Idempotency-Key", "evening-1").json(&post)).await.ok();
    assert_eq!(again["id"], evening.as_str());
    for phone in [&own, &ben, &carol] {
        let shown = phone.shows(&evening, |message| message["text"] == "Open until eight").await;
        assert_eq!((&shown["chat"], &shown["copies"]), (&json!(STATUS), &json!(1)), "{shown:#}");
        let look = &shown["raw"]["extended_text_message"];
        assert_eq!(look["background_argb"], 0xff90_a841_u32, "{shown:#}");
        assert!(look["font"] == "SYSTEM_TEXT" || look["font"] == 1, "{shown:#}");
    }
    let told = receiver.gets("status:update", "Open until eight").await;
    assert_eq!((&told["data"]["id"], &told["data"]["flow"]), (&json!(evening), &json!("outbound")));
    assert_eq!(told["data"]["meta"]["color"], "moss_green");

    // Every colour and font is taken.
    let plain = server.post(&path(&device, ""), json!({ "message": "plain" })).await.ok();
    assert_eq!((&plain["meta"]["color"], &plain["meta"]["font"]), (&json!("sky_blue"), &json!("helvetica")));
    let shown = ben.shows(text(&plain, "/id"), |message| message["text"] == "plain").await;
    assert_eq!(shown["raw"]["extended_text_message"]["background_argb"], 0xff26_c4dc_u32, "{shown:#}");
    let script =
        server.post(&path(&device, ""), json!({ "message": "script", "font": "norican", "color": "charcoal" })).await;
    let script = text(&script.ok(), "/id").to_owned();
    let shown = ben.shows(&script, |message| message["text"] == "script").await;
    let font = &shown["raw"]["extended_text_message"]["font"];
    assert!(font == "FB_SCRIPT" || font == 2, "{shown:#}");

    // A picture by its address, a film and a sound by their ids.
    let address = served(TEA.to_vec()).await;
    let picture =
        json!({ "media": { "url": address, "message": "Tea time", "filename": "tea.jpg", "format": "native" } });
    let picture = text(&server.post(&path(&device, ""), picture).await.ok(), "/id").to_owned();
    let shown = ben.shows(&picture, |message| message["kind"] == "image").await;
    assert_eq!((&shown["text"], &shown["chat"]), (&json!("Tea time"), &json!(STATUS)), "{shown:#}");
    let file = async |name: &str, bytes: &[u8]| {
        let upload = server.request(Method::POST, &format!("/v1/files?filename={name}")).header("Token", &server.key);
        let upload = upload.header("content-type", "application/octet-stream").body(bytes.to_vec());
        text(&server.answer(upload).await.ok(), "/0/id").to_owned()
    };
    let film = json!({ "media": { "file": file("clip.mp4", CLIP).await } });
    let film = text(&server.post(&path(&device, ""), film).await.ok(), "/id").to_owned();
    ben.shows(&film, |message| message["kind"] == "video").await;
    let sound = json!({ "media": { "file": file("tone.mp3", TONE).await, "format": "ptt" } });
    let sound = text(&server.post(&path(&device, ""), sound).await.ok(), "/id").to_owned();
    ben.shows(&sound, |message| message["kind"] == "voice" || message["kind"] == "audio").await;
    assert!(seen(&dora).await.is_empty(), "Dora is in nobody's address book");

    // Who looks is counted, each once.
    for phone in [&ben, &carol, &ben] {
        let read = json!({ "chat": STATUS, "ids": [evening] });
        phone.control(Method::POST, &phone.path("/read"), Some(read)).await.ok();
    }
    let one = eventually("both to have looked", || async {
        let one = server.get(&path(&device, &format!("/{evening}"))).await.ok();
        (one["views"]["count"] == 2).then_some(one)
    })
    .await;
    assert_eq!(one["ack"], "read", "{one:#}");
    let mut names: Vec<&str> =
        one["views"]["viewers"].as_array().expect("a list").iter().map(|viewer| text(viewer, "/name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["Benjamin", "Caroline"]);
    let looked = |who: &'static str| {
        move |event: &Value| event["data"]["update"]["type"] == "view" && event["data"]["update"]["fromNumber"] == who
    };
    for who in [BEN, CAROL] {
        let told = receiver.event("a look", looked(who)).await;
        assert_eq!((&told["event"], &told["data"]["id"]), (&json!("status:update"), &json!(evening)));
        assert_eq!(receiver.events().iter().filter(|&event| looked(who)(event)).count(), 1);
    }
    assert!(receiver.events().iter().all(|event| event["event"] != "message:out:new"));

    // Found by each filter.
    let list = async |query: &str| server.get(&path(&device, query)).await;
    let all = list("?sort=date:asc&size=50").await;
    assert_eq!(all.headers["x-total-count"], "6");
    assert_eq!(ids(&all.ok()), [evening.as_str(), text(&plain, "/id"), &script, &picture, &film, &sound]);
    assert_eq!(ids(&list("?sort=date:desc&size=1&page=1").await.ok()), [&film]);
    assert_eq!(ids(&list("?type=image,video").await.ok()), [&film, &picture]);
    assert_eq!(ids(&list("?type=text&ack=read").await.ok()), [&evening]);
    assert_eq!(ids(&list("?search=until%20eight").await.ok()), [&evening]);
    assert_eq!(ids(&list("?reference=evening&mine=true&flow=outbound").await.ok()), [&evening]);
    assert_eq!(ids(&list(&format!("?wid[]={evening}&wid[]={script}&sort=date:asc")).await.ok()), [&evening, &script]);
    assert_eq!(ids(&list(&format!("?begin={picture}&end={film}&sort=date:asc")).await.ok()), [&picture, &film]);
    assert_eq!(ids(&list("?phone=%2B16001234560&type=video").await.ok()), [&film]);
    assert_eq!(list("?phone=%2B16001234561").await.ok(), json!([]));
    assert_eq!(list("?flow=inbound").await.ok(), json!([]));
    let middle = text(&one, "/date").to_owned();
    assert_eq!(list(&format!("?before={middle}")).await.ok(), json!([]));
    assert!(!ids(&list(&format!("?after={middle}")).await.ok()).contains(&evening.as_str()));

    // Taken back, from the phones as well; the same after a restart.
    let server = server.kill_and_restart().await;
    server.online(&device.id).await;
    let done = put_away(&server, &device, Some(json!({ "status": [evening, "3EB0000000000000FFFF"] }))).await;
    assert_eq!((&done["status"], &done["scheduled"]), (&json!([evening]), &json!([])), "{done:#}");
    assert_eq!(
        (&done["failed"][0]["id"], &done["failed"][0]["errorCode"]),
        (&json!("3EB0000000000000FFFF"), &json!("status:notfound"))
    );
    for phone in [&ben, &carol] {
        eventually("the status to be taken back", || async {
            seen(phone).await.into_iter().find(|m| m["kind"] == "revoke" && m["target"] == evening.as_str())
        })
        .await;
    }
    server.get(&path(&device, &format!("/{evening}"))).await.refused(404, "status:notfound");
    receiver
        .event("the deletion", |e| e["data"]["id"] == evening.as_str() && e["data"]["update"]["type"] == "delete")
        .await;

    // All of them at once, those that wait included.
    let later =
        server.post(&path(&device, ""), json!({ "message": "later", "schedule": { "delayTo": "1h" } })).await.ok();
    let done = put_away(&server, &device, None).await;
    assert_eq!(done["scheduled"], json!([later["id"]]), "{done:#}");
    assert_eq!((done["status"].as_array().map(Vec::len), &done["failed"]), (Some(5), &json!([])), "{done:#}");
    assert_eq!(server.get(&path(&device, "")).await.ok(), json!([]));
    eventually("the film to be taken back", || async {
        seen(&ben).await.into_iter().find(|m| m["kind"] == "revoke" && m["target"] == film.as_str())
    })
    .await;
}

#[tokio::test]
async fn a_status_waits_for_its_time_and_can_be_called_off() {
    let server = Server::start().await;
    let (own, ben) = (server.phone(OWN, "Ana").await, server.phone(BEN, "Ben").await);
    let device = server.linked("Support", &own).await;
    know(&server, &own, &device, &[(BEN, "Benjamin")]).await;
    let post = async |schedule: Value, message: &str| {
        server.post(&path(&device, ""), json!({ "message": message, "schedule": schedule })).await.ok()
    };
    let soon = (crate::support::now() + jiff::SignedDuration::from_secs(2)).to_string();
    let dated = post(json!({ "date": soon }), "at its time").await;
    let delayed = post(json!({ "delay": 1 }), "in a second").await;
    let far = post(json!({ "delayTo": "2h" }), "in two hours").await;
    assert_eq!((&far["scheduled"], &far["ack"]), (&json!(true), &json!("pending")), "{far:#}");
    let waiting = server.get(&path(&device, "?scheduled=true&search=hours")).await.ok();
    assert_eq!(ids(&waiting), [text(&far, "/id")]);
    assert_eq!(ids(&server.get(&path(&device, "?ack=pending&search=hours")).await.ok()), [text(&far, "/id")]);
    for (status, words) in [(&delayed, "in a second"), (&dated, "at its time")] {
        let shown = ben.shows(text(status, "/id"), |message| message["text"] == words).await;
        let due = text(status, "/date").parse::<jiff::Timestamp>().expect("a date").as_second();
        assert!(shown["timestamp"].as_i64().expect("seconds") >= due, "{shown:#}");
    }
    let one = eventually("it to be posted", || async {
        let one = server.get(&path(&device, &format!("/{}", text(&dated, "/id")))).await.ok();
        (one["scheduled"] == false && one["outbound"].is_null()).then_some(one)
    })
    .await;
    assert_eq!(one["body"], "at its time");
    let by_outbound = server.get(&path(&device, &format!("/{}", text(&far, "/outbound")))).await.ok();
    assert_eq!(by_outbound["id"], far["id"]);
    let done = put_away(&server, &device, Some(json!({ "scheduled": [far["id"], dated["id"]] }))).await;
    assert_eq!(done["scheduled"], json!([far["id"]]), "{done:#}");
    assert_eq!(done["failed"][0]["errorCode"], "status:notfound", "{done:#}");
    assert!(seen(&ben).await.iter().all(|message| message["id"] != far["id"]));
    assert_eq!(server.get(&path(&device, "?scheduled=true")).await.ok(), json!([]));
}

#[tokio::test]
async fn what_others_post_is_seen_here_and_refusals_name_the_reason() {
    let server = Server::start().await;
    let (own, ben) = (server.phone(OWN, "Ana").await, server.phone(BEN, "Ben").await);
    let device = server.linked("Support", &own).await;
    let receiver = server.receiver(&["status:update"]).await;
    let posting = json!({ "to": STATUS, "text": "my day", "audience": [OWN] });
    let theirs = ben.control(Method::POST, &ben.path("/messages"), Some(posting)).await.ok();
    let told = receiver.gets("status:update", "my day").await;
    assert_eq!((&told["data"]["id"], &told["data"]["flow"]), (&theirs["id"], &json!("inbound")));
    let one = server.get(&path(&device, &format!("/{}", text(&theirs, "/id")))).await.ok();
    assert_eq!(
        (&one["author"], &one["fromNumber"], &one["mtype"]),
        (&json!("16001234561@c.us"), &json!(BEN), &json!("status"))
    );
    assert!(one["views"].is_null(), "{one:#}");
    for query in ["?flow=inbound", "?phone=%2B16001234561", "?chat=16001234561@c.us", "?chat=status@broadcast"] {
        assert_eq!(ids(&server.get(&path(&device, query)).await.ok()), [text(&theirs, "/id")], "{query}");
    }
    assert_eq!(server.get(&path(&device, "?mine=true")).await.ok(), json!([]));
    // One that its author takes back is gone; one that is deleted here stays with the others.
    let second = json!({ "to": STATUS, "text": "my night", "audience": [OWN] });
    let second = ben.control(Method::POST, &ben.path("/messages"), Some(second)).await.ok();
    receiver.gets("status:update", "my night").await;
    let revoke = json!({ "to": STATUS, "message": { "revoke": { "id": second["id"] } }, "audience": [OWN] });
    ben.control(Method::POST, &ben.path("/messages"), Some(revoke)).await.ok();
    receiver.event("that it was taken back", |e| e["data"]["update"]["type"] == "revoke").await;
    assert_eq!(ids(&server.get(&path(&device, "")).await.ok()), [text(&theirs, "/id")]);
    let done = put_away(&server, &device, Some(json!({ "status": [theirs["id"]] }))).await;
    assert_eq!(done["status"], json!([theirs["id"]]), "{done:#}");
    assert_eq!(server.get(&path(&device, "")).await.ok(), json!([]));
    assert!(seen(&own).await.iter().any(|message| message["id"] == theirs["id"]));

    for (body, code) in [
        (json!({}), "status:content"),
        (json!({ "message": " " }), "status:content"),
        (json!({ "message": "x", "media": { "url": "https://example.com/a.png" } }), "status:content"),
        (json!({ "color": "salmon", "media": { "url": "https://example.com/a.png" } }), "status:look"),
        (json!({ "message": "x".repeat(701) }), "status:text"),
        (json!({ "media": {} }), "media:invalid"),
        (json!({ "message": "x", "schedule": {} }), "message:schedule"),
        (json!({ "message": "x", "reference": "" }), "message:reference"),
    ] {
        server.post(&path(&device, ""), body).await.refused(400, code);
    }
    for body in [
        json!({ "message": "x", "color": "mauve" }),
        json!({ "message": "x", "font": "wingdings" }),
        json!({ "text": "x" }),
    ] {
        assert_eq!(server.post(&path(&device, ""), body).await.status, 400);
    }
    for query in ["?chat=16001234561@c.us&phone=%2B16001234561", "?phone=nobody"] {
        assert_eq!(server.get(&path(&device, query)).await.status, 400, "{query}");
    }
    server.get(&path(&device, "?begin=3EB0000000000000FFFF")).await.refused(404, "status:notfound");
    server.get(&path(&device, "/3EB0000000000000FFFF")).await.refused(404, "status:notfound");
    for list in [json!([]), json!(vec!["3EB0000000000000FFFF"; 101])] {
        let refused = server.call(Method::DELETE, &path(&device, ""), Some(json!({ "status": list }))).await;
        assert_eq!(refused.status, 400);
    }
    // A document is no status: it fails, and says so.
    let document = json!({ "media": { "url": "data:application/pdf;base64,JVBERi0xLjQKJSVFT0YK" } });
    let failed = text(&server.post(&path(&device, ""), document).await.ok(), "/id").to_owned();
    let failed = eventually("the document to fail", || async {
        let found = server.get(&path(&device, "?ack=failed")).await.ok();
        found.as_array()?.iter().find(|status| status["id"] == failed.as_str()).cloned()
    })
    .await;
    assert!(text(&failed, "/failureReason").contains("application/pdf"), "{failed:#}");
}
