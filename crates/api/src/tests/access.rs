//! The table, asked of every operation of the document: as administrator,
//! supervisor and agent with and without access, with keys of too few and of
//! just enough scopes, from another account, and without a key.

use std::collections::HashMap;
use std::fmt::Write;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use sparkbot_core::access::{Reach, Role};
use sparkbot_core::accounts;
use sparkbot_core::devices::{self, NewDevice};
use sparkbot_core::error::Error;
use sparkbot_core::ids::{AccountId, DeviceId, UserId};
use sparkbot_core::keys::{self, Caller, NewKey, Scope};
use sparkbot_store::rows::UserRow;

use super::support::Surface;
use crate::access::{Need, need};
use crate::examples::DEVICE;

/// An operation of the document, ready to be called.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Option<String>,
    /// Whether path or body name a number.
    number: bool,
}

pub(super) fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(crate::openapi::text()).expect("JSON");
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
            let body = schema.map(|target| {
                let target = target.as_str().expect("a name").trim_start_matches('#');
                document.pointer(target).expect("the schema")["example"].to_string()
            });
            let required = operation["requestBody"]["required"] == true;
            all.push(Operation {
                id: operation["operationId"].as_str().expect("an id").to_owned(),
                method: method.to_uppercase(),
                number: path.contains("{device}") || body.as_ref().is_some_and(|body| body.contains(DEVICE)),
                path: path.clone(),
                body: body.filter(|_| required || path.contains("{device}")),
            });
        }
    }
    all
}

impl Operation {
    fn request(&self, key: Option<&str>, device: &DeviceId) -> Request<Body> {
        let mut path = String::new();
        for part in self.path.split('/').skip(1) {
            path.push('/');
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                None => path.push_str(part),
                Some("device") => path.push_str(device.as_str()),
                Some("chatId" | "contactId" | "wid" | "phone") => path.push_str("16001234567@c.us"),
                Some("groupId") => path.push_str("120363012345678901@g.us"),
                Some("channelId") => path.push_str("120363012345678901@newsletter"),
                Some(_) => path.push_str("000000000000000000000001"),
            }
        }
        let mut request = Request::builder().method(self.method.as_str()).uri(path);
        if let Some(key) = key {
            request = request.header("token", key);
        }
        let body = self.body.as_ref().map(|body| body.replace(DEVICE, device.as_str()));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        request.body(body.map_or_else(Body::empty, Body::from)).expect("a request")
    }
}

/// Everybody who asks.
struct People<'s> {
    surface: &'s Surface,
    admin: Caller,
    inside: HashMap<Role, (UserId, String)>,
    outside: HashMap<Role, String>,
    scoped: HashMap<&'static str, (String, String)>,
    foreign: String,
}

async fn key(surface: &Surface, account: &AccountId, user: &UserId, scopes: &[Scope]) -> String {
    let key = NewKey::generate(account, user, "test", scopes, None, surface.core.now());
    let (account, row) = (account.clone(), key.row.clone());
    let kept = surface
        .core
        .store()
        .write(move |w| Box::pin(async move { w.account(&account).insert_key(&row).await.map_err(Error::from) }));
    kept.await.expect("a key");
    key.secret
}

async fn person(surface: &Surface, account: &AccountId, role: Role) -> UserId {
    let user = UserRow::new(account, role.word(), role.word(), surface.core.now());
    let (account, id) = (account.clone(), user.id.clone());
    let kept = surface
        .core
        .store()
        .write(move |w| Box::pin(async move { w.account(&account).insert_user(&user).await.map_err(Error::from) }));
    kept.await.expect("a person");
    id
}

impl<'s> People<'s> {
    async fn of(surface: &'s Surface) -> Self {
        let admin = keys::authenticate(&surface.core, &surface.key).await.expect("the administrator");
        let (mut inside, mut outside, mut scoped) = (HashMap::new(), HashMap::new(), HashMap::new());
        for role in [Role::Supervisor, Role::Agent] {
            let user = person(surface, &admin.account, role).await;
            let secret = key(surface, &admin.account, &user, &[Scope::All]).await;
            inside.insert(role, (user, secret));
            let user = person(surface, &admin.account, role).await;
            outside.insert(role, key(surface, &admin.account, &user, &[Scope::All]).await);
        }
        for scope in Scope::ALL {
            let others: Vec<Scope> = Scope::ALL.iter().copied().filter(|s| s != scope && *s != Scope::All).collect();
            let without = key(surface, &admin.account, &admin.user, &others).await;
            let only = key(surface, &admin.account, &admin.user, &[*scope]).await;
            scoped.insert(scope.word(), (without, only));
        }
        let foreign = accounts::create(&surface.core, "Others").await.expect("another account").secret;
        Self { surface, admin, inside, outside, scoped, foreign }
    }

    /// A number that those inside have access to.
    async fn number(&self) -> DeviceId {
        let new = NewDevice {
            alias: "Support".to_owned(),
            agents: self.inside.values().map(|(user, _)| user.to_string()).collect(),
            ..NewDevice::default()
        };
        let made = devices::create(&self.surface.core, &self.admin, new).await.expect("a number");
        made.id.parse().expect("an id")
    }

    /// The status; 0 for a refusal that is about the thing asked for, such as
    /// somebody else's agent, and not about the table.
    async fn status(&self, operation: &Operation, key: Option<&str>, device: &DeviceId) -> u16 {
        let status = self.surface.status(operation.request(key, device)).await.as_u16();
        if status != 403 {
            return status;
        }
        let (_, code, _) = self.surface.send(operation.request(key, device)).await.refusal();
        if code.starts_with("auth:") || code == "device:forbidden" { status } else { 0 }
    }
}

#[tokio::test]
async fn the_table_holds_for_every_operation_and_everybody() {
    let surface = Surface::new().await;
    let people = People::of(&surface).await;
    let mut wrong = String::new();
    for operation in operations() {
        let Some(need) = need(&operation.id) else {
            writeln!(wrong, "{} has no line in crates/api/src/access.rs", operation.id).expect("text");
            continue;
        };
        let mut number = people.number().await;
        let mut check = |who: &str, status: u16, fine: bool| {
            if !fine {
                writeln!(wrong, "{} as {who}: {status}", operation.id).expect("text");
            }
        };
        let nobody = people.status(&operation, None, &number).await;
        // A wrong password is a 401, too.
        let asks = need != Need::Open || operation.id == "login.create";
        check("nobody", nobody, (nobody == 401) == asks && nobody != 403);
        if need == Need::Open {
            continue;
        }
        let unknown = people.status(&operation, Some(&"0".repeat(80)), &number).await;
        check("an unknown key", unknown, matches!(unknown, 401 | 429));
        if let Need::Scope(scope) = need {
            let (without, _) = &people.scoped[scope.word()];
            let status = people.status(&operation, Some(without), &number).await;
            check("a key without the scope", status, status == 403);
        }
        let foreign = people.status(&operation, Some(&people.foreign), &number).await;
        check(
            "another account",
            foreign,
            if operation.number { foreign == 404 } else { !matches!(foreign, 401 | 403) },
        );
        for role in [Role::Supervisor, Role::Agent] {
            let reach = match need {
                Need::Scope(scope) => scope.reach(role),
                _ => Reach::Own,
            };
            let out = people.status(&operation, Some(&people.outside[&role]), &number).await;
            let refused = reach == Reach::Not || operation.number;
            check(&format!("{role} without access"), out, (out == 403) == refused && out != 401);
            let status = people.status(&operation, Some(&people.inside[&role].1), &number).await;
            check(&format!("{role}"), status, (status == 403) == (reach == Reach::Not) && status != 401);
            // It may be gone now.
            number = people.number().await;
        }
        if let Need::Scope(scope) = need {
            let (_, only) = &people.scoped[scope.word()];
            let status = people.status(&operation, Some(only), &number).await;
            // The key of the example could do more than the one that makes it.
            let more = operation.id == "apikeys.create";
            check("a key with only the scope", status, (status == 403) == more && status != 401);
            number = people.number().await;
        }
        let status = people.status(&operation, Some(&surface.key), &number).await;
        check("administrator", status, !matches!(status, 401 | 403));
    }
    assert!(wrong.is_empty(), "the table does not hold:\n{wrong}");
}

/// The table as the documentation shows it.
fn written() -> String {
    let mut text = "| scope | what it opens | admin | supervisor | agent |\n|---|---|---|---|---|\n".to_owned();
    for scope in Scope::ALL.iter().filter(|scope| **scope != Scope::All) {
        let [admin, supervisor, agent] =
            [Role::Admin, Role::Supervisor, Role::Agent].map(|role| scope.reach(role).words());
        writeln!(text, "| `{scope}` | {} | {admin} | {supervisor} | {agent} |", scope.about()).expect("text");
    }
    text
}

#[test]
fn the_documentation_shows_this_table() {
    let page = include_str!("../../../../docs/team.md");
    let table = written();
    assert!(page.contains(&table), "docs/team.md must hold this table:\n{table}");
}
