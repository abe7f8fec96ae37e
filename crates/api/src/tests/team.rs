//! People: how they get in, who manages whom, what they leave behind.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::support::{Answer, Surface};

impl Surface {
    async fn as_of(&self, key: &str, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header("token", key);
        let (request, body) = match body {
            Value::Null => (request, Body::empty()),
            body => (request.header("content-type", "application/json"), Body::from(body.to_string())),
        };
        self.send(request.body(body).expect("a request")).await
    }

    async fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.as_of(&self.key, method, path, body).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
        answer.json()
    }

    async fn number(&self, alias: &str) -> String {
        text(&self.admin("POST", "/v1/devices", json!({"alias": alias})).await["id"])
    }

    async fn member(&self, device: &str, email: &str, role: &str) -> (String, String) {
        let body = json!({"displayName": email, "email": email, "password": PASSWORD, "role": role, "color": "teal"});
        let made = self.admin("POST", &format!("/v1/devices/{device}/team"), body).await;
        let come = self.log_in(email, PASSWORD).await;
        assert_eq!(come.status, 200, "{}", come.text);
        (text(&made["id"]), text(&come.json()["key"]))
    }

    async fn log_in(&self, email: &str, password: &str) -> Answer {
        self.as_of("", "POST", "/v1/login", json!({"email": email, "password": password})).await
    }
}

const PASSWORD: &str = "correct horse battery";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn refused(answer: &Answer, status: u16, code: &str) {
    let (found, error, _) = answer.refusal();
    assert_eq!((found, error.as_str()), (status, code), "{}", answer.text);
}

#[tokio::test]
async fn people_come_in_by_invitation_or_password_and_leave_again() {
    let surface = Surface::new().await;
    let device = surface.number("Support").await;
    let team = format!("/v1/devices/{device}/team");

    // By invitation: no password works before, the link works once.
    let new =
        json!({"displayName": "Ada", "email": "Ada@Example.com", "role": "agent", "color": "blue", "invite": true});
    let ada = surface.admin("POST", &team, new.clone()).await;
    assert_eq!((&ada["email"], &ada["status"]), (&json!("ada@example.com"), &json!("pending")));
    let path = text(&ada["invitation"]["path"]);
    refused(&surface.as_of(&surface.key, "POST", &team, new).await, 409, "team:email");
    refused(&surface.log_in("ada@example.com", PASSWORD).await, 401, "login:wrong");
    refused(&surface.as_of("", "POST", &path, json!({"password": "ada@example.com"})).await, 400, "team:password");
    let active = surface.as_of("", "POST", &path, json!({"password": PASSWORD})).await;
    assert_eq!(active.json()["status"], "active", "{}", active.text);
    refused(&surface.as_of("", "POST", &path, json!({"password": PASSWORD})).await, 404, "invitation:notfound");
    let come = surface.log_in("ADA@example.com", PASSWORD).await.json();
    assert!(come["user"]["lastLoginAt"].is_string() && come["user"]["availability"]["state"] == "online");
    let key = text(&come["key"]);
    assert_eq!(surface.as_of(&key, "GET", "/v1/me", Value::Null).await.json()["user"]["role"], "agent");

    // Only what is said changes.
    let away = surface.as_of(&key, "PATCH", "/v1/team/availability", json!({"mode": "away", "message": "Lunch"})).await;
    assert_eq!(away.json()["availability"]["state"], "away", "{}", away.text);
    let changed = surface.admin("PATCH", "/v1/team", json!({"id": "ada@example.com", "color": "pink"})).await;
    assert_eq!((&changed["settings"]["color"], &changed["displayName"]), (&json!("pink"), &json!("Ada")));
    assert_eq!(changed["availability"]["message"], "Lunch");

    // A new password ends the logins; suspending ends everything.
    surface.admin("PATCH", "/v1/team", json!({"id": ada["id"], "password": "another good one"})).await;
    refused(&surface.as_of(&key, "GET", "/v1/me", Value::Null).await, 401, "auth:invalid");
    refused(&surface.log_in("ada@example.com", PASSWORD).await, 401, "login:wrong");
    let key = text(&surface.log_in("ada@example.com", "another good one").await.json()["key"]);
    surface.as_of(&key, "DELETE", "/v1/login", Value::Null).await;
    refused(&surface.as_of(&key, "GET", "/v1/me", Value::Null).await, 401, "auth:invalid");
    let key = text(&surface.log_in("ada@example.com", "another good one").await.json()["key"]);
    surface.admin("DELETE", "/v1/team", json!({"users": [{"email": "ada@example.com"}]})).await;
    refused(&surface.as_of(&key, "GET", "/v1/me", Value::Null).await, 401, "auth:invalid");
    refused(&surface.log_in("ada@example.com", "another good one").await, 403, "login:suspended");
    let listed = surface.admin("GET", "/v1/team?status=suspended&search=ADA", Value::Null).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    surface.admin("PATCH", "/v1/team", json!({"id": ada["id"], "status": "active"})).await;
    assert_eq!(surface.log_in("ada@example.com", "another good one").await.status, 200);
    let gone = surface.admin("DELETE", "/v1/team", json!({"users": [{"id": ada["id"], "remove": true}]})).await;
    assert_eq!(gone["users"][0]["removed"], true);
    let both = json!({"users": [{"id": ada["id"]}]});
    refused(&surface.as_of(&surface.key, "DELETE", "/v1/team", both).await, 404, "agent:notfound");
    let none = surface.admin("DELETE", "/v1/team", json!({"force": true, "users": [{"id": ada["id"]}]})).await;
    assert_eq!(none["users"], json!([]));
}

#[tokio::test]
async fn an_account_never_loses_its_last_administrator() {
    let surface = Surface::new().await;
    let device = surface.number("Support").await;
    let me = text(&surface.admin("GET", "/v1/me", Value::Null).await["user"]["id"]);
    let demote = json!({"id": me, "role": "agent"});
    refused(&surface.as_of(&surface.key, "PATCH", "/v1/team", demote.clone()).await, 409, "team:last_admin");
    let suspend = json!({"id": me, "status": "suspended"});
    refused(&surface.as_of(&surface.key, "PATCH", "/v1/team", suspend).await, 409, "team:last_admin");
    let (second, key) = surface.member(&device, "eve@example.com", "admin").await;
    let removal = json!({"users": [{"id": me, "remove": true}]});
    refused(&surface.as_of(&surface.key, "DELETE", "/v1/team", removal).await, 409, "team:self");
    assert_eq!(surface.as_of(&surface.key, "PATCH", "/v1/team", demote).await.status, 200);
    let last = json!({"id": second, "role": "supervisor"});
    refused(&surface.as_of(&key, "PATCH", "/v1/team", last).await, 409, "team:last_admin");
}

#[tokio::test]
async fn supervisors_run_the_team_of_their_numbers_and_no_other() {
    let surface = Surface::new().await;
    let (here, there) = (surface.number("Here").await, surface.number("There").await);
    let (_, boss) = surface.member(&here, "boss@example.com", "supervisor").await;
    let (mine, agent) = surface.member(&here, "mine@example.com", "agent").await;
    let (other, _) = surface.member(&there, "other@example.com", "agent").await;
    let team = |device: &str| format!("/v1/devices/{device}/team");

    let seen = surface.as_of(&boss, "GET", "/v1/team?size=200", Value::Null).await;
    assert!(seen.text.contains(&mine) && !seen.text.contains(&other), "{}", seen.text);
    let numbers = surface.as_of(&boss, "GET", "/v1/devices", Value::Null).await;
    assert!(numbers.text.contains(&here) && !numbers.text.contains(&there) && numbers.header("x-total-count") == "1");
    refused(&surface.as_of(&boss, "GET", &team(&there), Value::Null).await, 403, "device:forbidden");
    refused(&surface.as_of(&agent, "GET", &team(&there), Value::Null).await, 403, "device:forbidden");

    let new = |role: &str, email: &str| json!({"displayName": "N", "email": email, "password": PASSWORD, "role": role});
    let made = surface.as_of(&boss, "POST", &team(&here), new("supervisor", "n1@example.com")).await;
    refused(&made, 403, "team:forbidden");
    assert_eq!(surface.as_of(&boss, "POST", &team(&here), new("agent", "n2@example.com")).await.status, 201);
    let rename = |id: &str| json!({"id": id, "displayName": "Renamed"});
    assert_eq!(surface.as_of(&boss, "PATCH", "/v1/team", rename(&mine)).await.status, 200);
    refused(&surface.as_of(&boss, "PATCH", "/v1/team", rename(&other)).await, 403, "team:forbidden");
    refused(
        &surface.as_of(&boss, "PATCH", "/v1/team", json!({"id": mine, "role": "admin"})).await,
        403,
        "team:forbidden",
    );

    // Access comes and goes at once.
    assert_eq!(surface.as_of(&boss, "PATCH", &team(&here), json!({"id": other})).await.status, 200);
    let own = format!("/v1/devices/{here}");
    assert_eq!(surface.as_of(&agent, "GET", &own, Value::Null).await.status, 200);
    let taken =
        surface.as_of(&boss, "DELETE", &team(&here), json!({"email": "mine@example.com", "action": "unassign"})).await;
    assert_eq!((&taken.json()["removed"], &taken.json()["chats"]), (&json!(false), &json!(0)), "{}", taken.text);
    refused(&surface.as_of(&agent, "GET", &own, Value::Null).await, 403, "device:forbidden");
    refused(&surface.as_of(&boss, "DELETE", &team(&here), json!({"id": mine})).await, 409, "team:no_access");
}

#[tokio::test]
async fn departments_have_one_name_and_people_with_access() {
    let surface = Surface::new().await;
    let device = surface.number("Support").await;
    let (ada, agent) = surface.member(&device, "ada@example.com", "agent").await;
    let elsewhere = surface.number("Elsewhere").await;
    let (bob, _) = surface.member(&elsewhere, "bob@example.com", "agent").await;
    let path = format!("/v1/devices/{device}/departments");
    let new = json!({"name": "Sales", "color": "emerald", "icon": "briefcase", "agents": ["ada@example.com", ada]});
    let made = surface.admin("POST", &path, new.clone()).await;
    assert_eq!(made["agents"], json!([{"id": ada, "name": "ada@example.com", "role": "agent"}]));
    let again = json!({"name": "sALES", "agents": []});
    refused(&surface.as_of(&surface.key, "POST", &path, again).await, 409, "department:name");
    let without = json!({"name": "Support", "agents": [bob]});
    refused(&surface.as_of(&surface.key, "POST", &path, without).await, 409, "agent:unable");
    refused(&surface.as_of(&agent, "POST", &path, new).await, 403, "auth:role");
    let change = json!({"department": "SALES", "name": "Orders", "icon": "rocket", "description": "x", "agents": []});
    let changed = surface.admin("PATCH", &path, change).await;
    assert_eq!((&changed["id"], &changed["agents"]), (&made["id"], &json!([])));
    let listed = surface.as_of(&agent, "GET", &path, Value::Null).await.json();
    assert_eq!((&listed[0]["name"], &listed[0]["icon"]), (&json!("Orders"), &json!("rocket")));
    surface.admin("DELETE", &path, json!({"department": made["id"]})).await;
    let gone = surface.as_of(&surface.key, "DELETE", &path, json!({"department": "Orders"})).await;
    refused(&gone, 404, "department:notfound");
}

#[tokio::test]
async fn quick_replies_are_seen_and_changed_by_whom_they_say() {
    let surface = Surface::new().await;
    let device = surface.number("Support").await;
    let (_, ada) = surface.member(&device, "ada@example.com", "agent").await;
    let (_, bob) = surface.member(&device, "bob@example.com", "agent").await;
    let path = format!("/v1/devices/{device}/quickReplies");
    let said = |shortcut: &str, permission: &str| json!({"shortcut": shortcut, "message": format!("{permission} text"), "permission": permission, "keywords": ["a", "A"]});
    for permission in ["public", "readonly", "private"] {
        let made = surface.as_of(&ada, "POST", &path, said(&format!("/{permission}"), permission)).await;
        assert_eq!((made.status.as_u16(), &made.json()["keywords"]), (201, &json!(["a"])), "{}", made.text);
    }
    refused(&surface.as_of(&bob, "POST", &path, said("PUBLIC", "public")).await, 409, "reply:shortcut");
    let seen = surface.as_of(&bob, "GET", &path, Value::Null).await;
    assert_eq!(seen.header("x-total-count"), "2");
    assert!(!seen.text.contains("private text"));
    let own = surface.as_of(&ada, "GET", &format!("{path}?permissions=private"), Value::Null).await;
    assert_eq!(own.header("x-total-count"), "1");
    assert_eq!(surface.as_of(&ada, "GET", &format!("{path}?scope=wa"), Value::Null).await.json(), json!([]));
    let change = |shortcut: &str| json!({"shortcut": shortcut, "message": "changed"});
    assert_eq!(surface.as_of(&bob, "PATCH", &path, change("public")).await.json()["message"], "changed");
    refused(&surface.as_of(&bob, "PATCH", &path, change("readonly")).await, 403, "reply:readonly");
    refused(&surface.as_of(&bob, "PATCH", &path, change("private")).await, 404, "reply:notfound");
    refused(&surface.as_of(&bob, "PATCH", &path, said("public", "private")).await, 403, "reply:owner");
    let file = json!({"shortcut": "f", "message": "x", "file": "000000000000000000000001"});
    refused(&surface.as_of(&bob, "POST", &path, file).await, 400, "file:notfound");
    // All or nothing, and "all" is what one may change.
    let some = json!([{"shortcut": "public"}, {"shortcut": "readonly"}]);
    refused(&surface.as_of(&bob, "DELETE", &path, some).await, 403, "reply:readonly");
    assert_eq!(surface.as_of(&bob, "DELETE", &path, Value::Null).await.json()["deleted"], 1);
    assert_eq!(surface.as_of(&ada, "DELETE", &path, json!([{"shortcut": "private"}])).await.json()["deleted"], 1);
    assert_eq!(surface.admin("DELETE", &path, Value::Null).await["deleted"], 1);
}

#[tokio::test]
async fn every_change_has_one_line_that_says_who_did_it() {
    let surface = Surface::new().await;
    let device = surface.number("Support").await;
    let (boss, key) = surface.member(&device, "boss@example.com", "supervisor").await;
    let path = format!("/v1/devices/{device}/departments");
    let made = surface.as_of(&key, "POST", &path, json!({"name": "Sales", "agents": []})).await.json();
    // Neither what was refused nor what only looked leaves a line.
    surface.as_of(&key, "POST", &path, json!({"name": "Sales", "agents": []})).await;
    surface.as_of(&key, "GET", &path, Value::Null).await;
    let mine = surface.admin("GET", &format!("/v1/audit?users={boss}"), Value::Null).await;
    let actions: Vec<_> = mine["entries"].as_array().expect("lines").iter().map(|line| text(&line["action"])).collect();
    assert_eq!(actions, ["departments.create", "login.create"]);
    let line = &mine["entries"][0];
    assert_eq!(line["object"], json!({"kind": "department", "id": made["id"]}));
    assert_eq!((&line["device"], &line["by"]["role"]), (&json!(device), &json!("supervisor")));
    assert_eq!(line["by"]["name"], "boss@example.com");
    // The queue is set: the event says who did it, too.
    surface.as_of(&key, "POST", &format!("/v1/devices/{device}/queue"), json!({"status": "pause"})).await;
    let log = surface.admin("GET", "/v1/events?events=number:session", Value::Null).await;
    let last = log["events"].as_array().and_then(|all| all.last()).expect("an event");
    assert_eq!(last["by"]["user"], json!(boss), "{last}");
    // Page after page, each line once.
    let whole = surface.admin("GET", "/v1/audit?size=500", Value::Null).await;
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = surface.admin("GET", &format!("/v1/audit?size=2{cursor}"), Value::Null).await;
        all.extend(page["entries"].as_array().expect("lines").clone());
        let Some(next) = page["cursor"].as_i64() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(json!(all), whole["entries"]);
    assert!(all.len() >= 4 && !whole.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn passwords_are_not_to_be_tried_out() {
    let surface = Surface::new().await;
    let device = surface.number("Support").await;
    surface.member(&device, "ada@example.com", "agent").await;
    let mut all = Vec::new();
    for n in 0..11 {
        all.push(surface.log_in("ada@example.com", &format!("guess {n}")).await.status.as_u16());
    }
    assert_eq!((all[..10].to_vec(), all[10]), (vec![401; 10], 429));
    // The right one waits with them, and says how long.
    let late = surface.log_in("ada@example.com", PASSWORD).await;
    refused(&late, 429, "login:too_many");
    assert!(late.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 800));
    refused(&surface.log_in("nobody@example.com", PASSWORD).await, 401, "login:wrong");
}
