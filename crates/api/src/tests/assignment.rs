//! Whom chats are given to by rule: over the API and the inbox, with a clock
//! that is set by hand.

use std::sync::Arc;

use serde_json::{Value, json};
use sparkbot_core::Core;
use sparkbot_core::assignment;

use super::support::{HandClock, Surface};
use super::whatsapp::{Fake, from};

const MINUTE: i64 = 60_000;
/// A Monday, ten o'clock in London.
const MORNING: &str = "2026-01-05T10:00:00Z";

/// A number online with people who answer.
struct Desk {
    surface: Surface,
    fake: Fake,
    clock: Arc<HandClock>,
    device: String,
    messages: std::sync::atomic::AtomicU64,
}

/// A member of the team: id and key.
struct Member(String, String);

impl Desk {
    async fn new() -> Self {
        let (fake, clock) = (Fake::default(), HandClock::at(MORNING));
        let surface = Surface::at(fake.clone(), clock.clone()).await;
        let made = surface.call("POST", "/v1/devices", Some(r#"{"alias":"Support"}"#)).await.json();
        let device = made["id"].as_str().expect("an id").to_owned();
        let started = surface.call("POST", &format!("/v1/devices/{device}/start"), None).await;
        assert!(started.status.is_success(), "{}", started.text);
        fake.comes_online().await;
        Self { surface, fake, clock, device, messages: 0.into() }
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let body = (!body.is_null()).then(|| body.to_string());
        let answer = self.surface.call(method, path, body.as_deref()).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
        answer.json()
    }

    async fn rules(&self, rules: Value) -> Value {
        self.call("PATCH", &format!("/v1/devices/{}", self.device), json!({ "autoAssign": rules })).await
    }

    /// Somebody of the team, who says that they are online.
    async fn member(&self, name: &str, role: &str) -> Member {
        let email = format!("{name}@example.com");
        let new = json!({
            "displayName": name, "email": email, "password": "correct horse battery", "role": role, "color": "teal",
        });
        let made = self.call("POST", &format!("/v1/devices/{}/team", self.device), new).await;
        let login = json!({ "email": email, "password": "correct horse battery" });
        let key = self.call("POST", "/v1/login", login).await["key"].as_str().expect("a key").to_owned();
        let member = Member(made["id"].as_str().expect("an id").to_owned(), key);
        self.says(&member, "online").await;
        member
    }

    async fn says(&self, member: &Member, mode: &str) {
        let request = axum::http::Request::builder()
            .method("PATCH")
            .uri("/v1/team/availability")
            .header("token", &member.1)
            .header("content-type", "application/json")
            .body(axum::body::Body::from(json!({ "mode": mode }).to_string()));
        let answer = self.surface.send(request.expect("a request")).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    }

    /// A person writes; their chat afterwards.
    async fn writes(&self, person: u32) -> Value {
        let number = self.messages.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (wid, id) = (wid(person), format!("3EB0{number:016}"));
        self.fake.delivers(&[from(&wid, &wid, &id, "text", Some("hello"), self.surface.core.now())]).await;
        self.chat(person).await
    }

    async fn chat(&self, person: u32) -> Value {
        self.call("GET", &self.path(person, ""), Value::Null).await
    }

    fn path(&self, person: u32, rest: &str) -> String {
        format!("/v1/chat/{}/chats/{}{rest}", self.device, wid(person))
    }

    async fn agent(&self, person: u32) -> Option<String> {
        self.chat(person).await["owner"]["agent"].as_str().map(str::to_owned)
    }

    /// Time passes, and the server looks at what is due.
    async fn later(&self, minutes: i64) {
        self.clock.forward(minutes * MINUTE);
        assignment::sweep(&self.surface.core).await.expect("looked at");
    }

    async fn updates(&self) -> Vec<Value> {
        let page = self.surface.get("/v1/events?limit=500").await.json();
        let events = page["events"].as_array().or(page.as_array()).cloned().unwrap_or_default();
        events.into_iter().filter(|event| event["event"] == "chat:update").collect()
    }
}

fn wid(person: u32) -> String {
    format!("1600{person:07}@c.us")
}

#[tokio::test]
async fn everybody_who_is_there_gets_chats_in_turn() {
    let desk = Desk::new().await;
    let (ada, bea, cem) =
        (desk.member("ada", "agent").await, desk.member("bea", "agent").await, desk.member("cem", "agent").await);
    let boss = desk.member("boss", "supervisor").await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], Value::Null, "nothing is switched on");
    let set = desk.rules(json!({ "active": true })).await;
    assert_eq!((&set["autoAssign"]["mode"], &set["autoAssign"]["online"]), (&json!("round-robin"), &json!(true)));
    assert!(set["autoAssign"]["updatedBy"].is_string() && set["autoAssign"]["updatedAt"].is_string());

    let first = desk.writes(2).await;
    let order = [&ada.0, &bea.0, &cem.0];
    let mut ids = order.to_vec();
    ids.sort();
    assert_eq!(first["owner"]["agent"], *ids[0]);
    assert_eq!((&first["owner"]["assignmentType"], &first["status"]), (&json!("round-robin"), &json!("active")));
    assert_eq!((&first["owner"]["autoAssignAgent"], &first["owner"]["assigner"]), (&json!(ids[0]), &Value::Null));
    assert!(first["owner"]["autoAssignedAt"].is_string());
    let told = desk.updates().await.into_iter().rfind(|event| event["data"]["chat"]["id"] == wid(2)).expect("told");
    assert_eq!(told["data"]["by"], json!({ "user": null, "message": null, "source": "rule" }));
    assert_eq!(told["data"]["previous"]["agent"], Value::Null);

    for (person, agent) in [(3, ids[1]), (4, ids[2]), (5, ids[0])] {
        assert_eq!(desk.writes(person).await["owner"]["agent"], *agent, "{person}");
    }
    assert_eq!(desk.writes(3).await["owner"]["agent"], *ids[1], "who has a chat keeps it");
    for gone in [&ada, &bea, &cem].into_iter().filter(|member| member.0 != *ids[0]) {
        desk.says(gone, "away").await;
    }
    assert_eq!(desk.writes(6).await["owner"]["agent"], *ids[0]);
    assert_ne!(desk.agent(1).await, Some(boss.0.clone()));
    // In a group nobody is asked.
    let group = "120363012345678901@g.us";
    desk.fake.delivers(&[from(&wid(1), group, "3EB0F1", "text", Some("hi"), desk.surface.core.now())]).await;
    let chat = desk.call("GET", &format!("/v1/chat/{}/chats/{group}", desk.device), Value::Null).await;
    assert_eq!(chat["owner"]["agent"], Value::Null);
}

#[tokio::test]
async fn who_has_least_to_do_gets_the_next_chat() {
    let desk = Desk::new().await;
    let (ada, bea) = (desk.member("ada", "agent").await, desk.member("bea", "agent").await);
    desk.rules(json!({ "active": true, "mode": "least-busy" })).await;
    for person in [1, 2, 3] {
        desk.surface.call("GET", "/v1/me", None).await;
        desk.writes(person).await;
        desk.call("PATCH", &desk.path(person, "/owner"), json!({ "agent": ada.0 })).await;
    }
    for person in [4, 5, 6] {
        let chat = desk.writes(person).await;
        assert_eq!((&chat["owner"]["agent"], &chat["owner"]["assignmentType"]), (&json!(bea.0), &json!("least-busy")));
    }
    // Resolved ones are nobody's work.
    for person in [1, 2] {
        desk.call("PATCH", &desk.path(person, "/status"), json!({ "status": "resolved" })).await;
    }
    assert_eq!(desk.writes(7).await["owner"]["agent"], ada.0);
}

#[tokio::test]
async fn a_chat_goes_back_to_who_had_it_and_to_its_department() {
    let desk = Desk::new().await;
    let mut team = [desk.member("ada", "agent").await, desk.member("bea", "agent").await];
    team.sort_by(|a, b| a.0.cmp(&b.0));
    let [ada, bea] = team;
    let boss = desk.member("boss", "supervisor").await;
    desk.rules(json!({ "active": true, "sticky": true })).await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], ada.0);
    assert_eq!(desk.writes(2).await["owner"]["agent"], bea.0);
    desk.call("DELETE", &desk.path(2, "/owner"), Value::Null).await;
    let back = desk.writes(2).await;
    assert_eq!((&back["owner"]["agent"], &back["owner"]["assignmentType"]), (&json!(bea.0), &json!("sticky")));
    // Not there: somebody else.
    desk.call("DELETE", &desk.path(2, "/owner"), Value::Null).await;
    desk.says(&bea, "offline").await;
    assert_eq!(desk.writes(2).await["owner"]["agent"], ada.0);

    // A department's people, whatever their role.
    let departments = format!("/v1/devices/{}/departments", desk.device);
    let sales = json!({ "name": "Sales", "color": "ruby", "icon": "briefcase", "agents": [boss.0, bea.0] });
    let sales = desk.call("POST", &departments, sales).await["id"].as_str().expect("an id").to_owned();
    let set = desk.rules(json!({ "department": "sales" })).await;
    assert_eq!(set["autoAssign"]["department"], json!(sales));
    let chat = desk.writes(3).await;
    assert_eq!((&chat["owner"]["department"], &chat["owner"]["agent"]), (&json!(sales), &json!(boss.0)));
    assert_eq!(chat["owner"]["autoAssignDepartment"], json!(sales));
    // Nobody of the department is there: it is the department's, and waits.
    desk.says(&boss, "away").await;
    let chat = desk.writes(4).await;
    assert_eq!((&chat["owner"]["department"], &chat["owner"]["agent"]), (&json!(sales), &Value::Null));
    assert_eq!((&chat["owner"]["assignmentType"], &chat["status"]), (&json!("department"), &json!("pending")));
    // Somebody comes.
    desk.says(&bea, "online").await;
    desk.later(0).await;
    assert_eq!(desk.agent(4).await, Some(bea.0.clone()));
    // Only the department: no agent is chosen.
    desk.rules(json!({ "mode": "none", "sticky": false })).await;
    let chat = desk.writes(5).await;
    assert_eq!((&chat["owner"]["department"], &chat["owner"]["agent"]), (&json!(sales), &Value::Null));
    desk.later(10).await;
    assert_eq!(desk.agent(5).await, None);
}

#[tokio::test]
async fn what_is_not_answered_goes_to_somebody_else_also_after_a_restart() {
    let desk = Desk::new().await;
    let mut team = [desk.member("ada", "agent").await, desk.member("bea", "agent").await];
    team.sort_by(|a, b| a.0.cmp(&b.0));
    let [ada, bea] = team;
    desk.rules(json!({ "active": true, "reassignAfter": 5 })).await;
    for person in [1, 2, 3] {
        desk.writes(person).await;
    }
    assert_eq!((desk.agent(1).await, desk.agent(2).await), (Some(ada.0.clone()), Some(bea.0.clone())));
    // Bea answers from the phone; Ada does not, and a second message is no new beginning.
    let own = super::whatsapp::OWN;
    desk.fake.delivers(&[from(own, &wid(2), "3EB0A1", "text", Some("yes?"), desk.surface.core.now())]).await;
    desk.later(4).await;
    desk.writes(1).await;
    assert_eq!(desk.agent(1).await, Some(ada.0.clone()));
    // By hand it is another matter.
    desk.call("PATCH", &desk.path(3, "/owner"), json!({ "agent": bea.0 })).await;
    desk.call("PATCH", &desk.path(3, "/owner"), json!({ "agent": ada.0 })).await;

    desk.clock.forward(2 * MINUTE);
    let again = Core::new(
        desk.surface.core.store().clone(),
        desk.clock.clone(),
        Arc::new(Fake::default()),
        desk.surface.core.settings().clone(),
    );
    assignment::sweep(&again.expect("a core")).await.expect("looked at");
    let chat = desk.chat(1).await;
    assert_eq!((&chat["owner"]["agent"], &chat["owner"]["previousAgent"]), (&json!(bea.0), &json!(ada.0)));
    assert_eq!((desk.agent(2).await, desk.agent(3).await), (Some(bea.0.clone()), Some(ada.0.clone())));
    let told = desk.updates().await.into_iter().rfind(|event| event["data"]["chat"]["id"] == wid(1)).expect("told");
    assert_eq!((&told["data"]["by"]["source"], &told["data"]["previous"]["agent"]), (&json!("rule"), &json!(ada.0)));

    // There is nobody else: it stays where it is, unless it is to be nobody's.
    desk.says(&ada, "offline").await;
    desk.later(6).await;
    assert_eq!(desk.agent(1).await, Some(bea.0.clone()));
    desk.rules(json!({ "reassignOptions": { "unassign": true } })).await;
    desk.later(6).await;
    let chat = desk.chat(1).await;
    assert_eq!((&chat["owner"]["agent"], &chat["status"]), (&Value::Null, &json!("pending")), "{chat:#}");
    assert!(chat["owner"]["autoUnassignedAt"].is_string());
    desk.later(1).await;
    assert_eq!(desk.agent(1).await, None, "not to the one who did not answer");
    desk.says(&ada, "online").await;
    desk.later(0).await;
    assert_eq!(desk.agent(1).await, Some(ada.0.clone()));
    // Once it is resolved nothing is waited for.
    desk.call("PATCH", &desk.path(1, "/status"), json!({ "status": "resolved" })).await;
    desk.later(30).await;
    assert_eq!(desk.agent(1).await, Some(ada.0));
}

#[tokio::test]
async fn chats_leave_who_is_gone_when_their_person_writes_again() {
    let desk = Desk::new().await;
    let mut team = [desk.member("ada", "agent").await, desk.member("bea", "agent").await];
    team.sort_by(|a, b| a.0.cmp(&b.0));
    let [ada, bea] = team;
    desk.rules(json!({ "active": true })).await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], ada.0);
    desk.says(&ada, "away").await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], ada.0, "not switched on");
    desk.rules(json!({ "reassign": true, "reassignOptions": { "resolved": true } })).await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], ada.0, "only resolved ones");
    desk.rules(json!({ "reassignOptions": { "active": true } })).await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], bea.0);
    desk.says(&ada, "online").await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], bea.0, "who is there keeps it");
    desk.call("PATCH", &desk.path(1, "/status"), json!({ "status": "resolved" })).await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], ada.0, "a new matter is anybody's");
    desk.rules(json!({ "sticky": true })).await;
    desk.call("PATCH", &desk.path(1, "/status"), json!({ "status": "resolved" })).await;
    assert_eq!(desk.writes(1).await["owner"]["agent"], ada.0, "or goes back");
}

#[tokio::test]
async fn outside_of_the_hours_nobody_gets_anything() {
    let desk = Desk::new().await;
    let ada = desk.member("ada", "agent").await;
    desk.rules(json!({ "active": true })).await;
    let day = |from: &str, to: &str| json!({ "mode": "hours", "hours": [{ "from": from, "to": to }] });
    let hours = json!({ "monday": day("12:00", "18:00"), "tuesday": { "mode": "24h_closed" } });
    let settings = json!({ "operativeHours": { "enable": true, "timezone": "Europe/London", "hours": hours } });
    let path = format!("/v1/devices/{}", desk.device);
    let set = desk.call("PATCH", &path, json!({ "settings": settings })).await;
    assert_eq!(set["settings"]["operativeHours"]["hours"]["monday"]["hours"][0]["from"], "12:00");
    assert_eq!(desk.writes(1).await["owner"]["agent"], Value::Null);
    desk.later(119).await;
    assert_eq!(desk.agent(1).await, None, "a minute to noon");
    desk.later(1).await;
    assert_eq!(desk.agent(1).await, Some(ada.0.clone()));
    // An exception opens the doors.
    desk.clock.forward(7 * 60 * MINUTE);
    desk.says(&ada, "online").await;
    assert_eq!(desk.writes(2).await["owner"]["agent"], Value::Null);
    let except = json!({ "settings": { "operativeHours": { "exceptUntil": "2026-01-05T22:00:00Z" } } });
    let set = desk.call("PATCH", &path, except).await;
    assert!(set["settings"]["operativeHours"]["exceptUser"].is_string());
    assert_eq!(desk.writes(3).await["owner"]["agent"], ada.0);
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused() {
    let desk = Desk::new().await;
    let path = format!("/v1/devices/{}", desk.device);
    for (body, code, said) in [
        (json!({ "autoAssign": { "mode": "random" } }), "autoassign:invalid", "'random'"),
        (json!({ "autoAssign": { "reassignAfter": 10_081 } }), "autoassign:invalid", "10081"),
        (json!({ "autoAssign": { "active": true, "online": false } }), "autoassign:invalid", "nobody could"),
        (json!({ "autoAssign": { "active": true, "mode": "none" } }), "autoassign:invalid", "'none'"),
        (json!({ "autoAssign": { "department": "Sales" } }), "department:notfound", "'Sales'"),
        (json!({ "autoAssign": { "luck": true } }), "body:unknown_property", "luck"),
        (json!({ "settings": { "operativeHours": { "timezone": "Mars/North" } } }), "hours:timezone", "'Mars/North'"),
        (
            json!({ "settings": { "operativeHours": { "hours": { "monday": { "mode": "some" } } } } }),
            "hours:invalid",
            "hours.monday.mode is 'some'",
        ),
        (json!({ "autoReplies": { "welcome": { "active": true } } }), "autoreply:invalid", "neither"),
        (json!({ "autoReplies": { "busy": { "timeframe": "5 minutes" } } }), "autoreply:invalid", "'5 minutes'"),
        (json!({ "autoReplies": { "away": { "target": "some" } } }), "autoreply:invalid", "'some'"),
        (json!({ "autoReplies": { "call": { "file": "none" } } }), "autoreply:invalid", "'none'"),
        (json!({ "autoReplies": { "away": { "message": "x".repeat(6001) } } }), "autoreply:invalid", "6001"),
    ] {
        let (status, found, sentence) = desk.surface.call("PATCH", &path, Some(&body.to_string())).await.refusal();
        assert_eq!((status, found.as_str()), (400, code), "{body}: {sentence}");
        assert!(sentence.contains(said), "{body}: {sentence}");
    }
    let kept = desk.call("GET", &path, Value::Null).await;
    assert_eq!(kept["autoAssign"]["active"], false);
}
