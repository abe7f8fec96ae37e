//! GraphQL queries (`w:mex`), which clients name by a number and never send in
//! full.

use serde_json::{Value, json};

use super::{Request, groups};
use crate::ids::AccountId;
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// Why a query can't be answered: an HTTP-like code and a sentence.
pub(crate) type Failure = (u32, String);

/// One query, by the number clients know it under.
struct Query {
    id: &'static str,
    run: fn(&mut World, AccountId, &Value) -> Result<Value, Failure>,
}

const QUERIES: &[Query] = &[
    Query { id: "9418211574894172", run: groups::mex::update_property },
    Query { id: "9935467776504344", run: groups::mex::subgroups },
    Query { id: "24079399904996141", run: groups::mex::subgroup_sizes },
];

/// `<query query_id>{"variables": …}</query>`.
pub(crate) fn query(world: &mut World, request: &Request<'_>) {
    let (Some(me), Some(query)) = (request.device, request.stanza.child("query")) else {
        return request.error(world, 400, "bad-request");
    };
    let id = query.text_of("query_id");
    let variables: Value = serde_json::from_slice::<Value>(query.body())
        .ok()
        .and_then(|body| body.get("variables").cloned())
        .unwrap_or(Value::Null);
    let answer = match QUERIES.iter().find(|known| known.id == id) {
        Some(query) => (query.run)(world, me.account, &variables),
        None => Err((404, format!("the sandbox knows no query {id}"))),
    };
    let answer = match answer {
        Ok(data) => json!({ "data": data }),
        Err((code, message)) => json!({
            "data": null,
            "errors": [{
                "message": message,
                "extensions": {"error_code": code, "is_retryable": false, "severity": "CRITICAL"},
            }],
        }),
    };
    request.result(world, [node("result").bytes(answer.to_string().into_bytes()).build()]);
}
