//! A group as large as WhatsApp allows: 1,024 people.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{OWN, participant, path};
use crate::support::{Server, eventually, text};

/// Besides the number itself.
const PEOPLE: usize = 1023;

fn number(n: usize) -> String {
    format!("+1601{:07}", 2_000_000 + n)
}

/// Done-when 4 of groups: made, filled, messaged and listed. The long form, since
/// a thousand phones take their time: `SPARKBOT_LARGE_GROUP=1`.
#[tokio::test]
async fn a_group_of_1024_is_made_filled_messaged_and_listed() {
    let people = if std::env::var_os("SPARKBOT_LARGE_GROUP").is_some() { PEOPLE } else { 40 };
    let server = Server::start().await;
    let own = server.phone(OWN, "Ana").await;
    for n in 0..people {
        let body = json!({ "phone": number(n), "name": format!("Member {n}") });
        own.control(Method::POST, "/phones", Some(body)).await.ok();
    }
    let device = server.linked("Support", &own).await;

    // Half of them with the group, half afterwards.
    let named = |from: usize, to: usize| -> Vec<Value> { (from..to).map(|n| json!({ "phone": number(n) })).collect() };
    let began = Instant::now();
    let new = json!({ "name": "All of us", "participants": named(0, people / 2) });
    let made = server.post(&path(&device, ""), new).await.ok();
    let created = began.elapsed();
    assert_eq!((&made["refused"], &made["warnings"]), (&json!([]), &json!([])));
    let id = text(&made, "/id").to_owned();
    let began = Instant::now();
    let rest = json!({ "participants": named(people / 2, people) });
    let added = server.post(&path(&device, &format!("/{id}/participants")), rest).await.ok();
    let filled = began.elapsed();
    assert!(added["participants"].as_array().expect("a list").iter().all(|one| one["status"] == "added"));
    let last = server.phone(&number(people - 1), "Last").await;
    let shown = last.shows_group(&id, "everybody", |g| g["size"] == people + 1).await;
    assert_eq!(shown["member"], true);

    // The first message makes a session with each device; the next ones do not.
    let send = async |body: &str| -> Duration {
        let began = Instant::now();
        let message = json!({ "device": device.id, "group": id, "message": body });
        let sent = server.post("/v1/messages", message).await.ok();
        server.delivery(text(&sent, "/id"), &["sent", "delivered", "read"]).await;
        began.elapsed()
    };
    let first = send("welcome").await;
    for n in [0, people / 2, people - 1] {
        server.phone(&number(n), "Member").await.receives("welcome").await;
    }
    let mut warm = Vec::new();
    for n in 0..5 {
        warm.push(send(&format!("news {n}")).await);
    }
    last.receives("news 4").await;

    let began = Instant::now();
    let one = server.get(&path(&device, &format!("/{id}"))).await.ok();
    let shown = began.elapsed();
    assert_eq!(one["participants"].as_array().map(Vec::len), Some(people + 1));
    assert!(participant(&one, &number(people - 1)).is_some());
    let began = Instant::now();
    let list = format!("/v1/chat/{}/chats/{id}/participants?size=1024", device.id);
    let page = server.get(&list).await;
    let listed = began.elapsed();
    assert_eq!(page.headers["x-total-count"], (people + 1).to_string().as_str());
    let found = server.get(&format!("/v1/chat/{}/chats/{id}/participants?search=2000039", device.id)).await.ok();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    warm.sort();
    println!(
        "{} people: made {created:?}, filled {filled:?}, first message {first:?}, then {:?} (median of 5, largest {:?}), \
         shown {shown:?}, listed {listed:?}",
        people + 1,
        warm[2],
        warm[4]
    );
    // Times depend on the machine: they are asserted where they are asked for, in the long form.
    if people == PEOPLE {
        assert!(warm[2] < Duration::from_secs(2), "a warm message left after {:?}", warm[2]);
    }
    eventually("everybody to be counted", || async {
        let group = server.get(&path(&device, &format!("/{id}"))).await.ok();
        (group["totalParticipants"] == people + 1).then_some(())
    })
    .await;
}
