//! GraphQL over iq: persisted queries by number, variables and answers as JSON.
//!
//! Every generation of clients has numbers of its own for the same query, and
//! [`OPERATIONS`] lists them all.

use serde_json::{Map, Value, json};
use wacore_binary::Node;

use super::{Request, channels, groups};
use crate::ids::DeviceRef;
use crate::stanza::{Reading as _, node};
use crate::world::World;

/// The largest variables, in bytes: a picture in base64 fits.
const MAX_VARIABLES: usize = 2 * 1024 * 1024;

/// Why a query fails, as GraphQL's `extensions` tell it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: u32,
    pub(crate) message: String,
}

impl Refused {
    pub(crate) fn new(code: u32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(403, "Forbidden")
    }
}

/// What a query comes with.
pub(crate) struct Query<'a> {
    pub(crate) from: DeviceRef,
    variables: &'a Value,
}

impl<'a> Query<'a> {
    /// A variable, from `input` or one of its other usual wrappings too.
    pub(crate) fn get(&self, name: &str) -> &'a Value {
        let direct = &self.variables[name];
        if !direct.is_null() {
            return direct;
        }
        ["input", "newsletter_input"]
            .into_iter()
            .map(|wrapping| &self.variables[wrapping][name])
            .find(|value| !value.is_null())
            .unwrap_or(&Value::Null)
    }

    /// A text variable, empty when absent.
    pub(crate) fn text(&self, name: &str) -> &'a str {
        self.get(name).as_str().unwrap_or_default()
    }
}

/// A persisted query.
struct Operation {
    /// Its numbers: whatsapp-rust's, Baileys' and whatsmeow's.
    ids: &'static [&'static str],
    /// The field of `data` that holds the answer.
    field: &'static str,
    answer: fn(&mut World, &Query<'_>) -> Result<Value, Refused>,
}

const fn operation(
    ids: &'static [&'static str],
    field: &'static str,
    answer: fn(&mut World, &Query<'_>) -> Result<Value, Refused>,
) -> Operation {
    Operation { ids, field, answer }
}

/// Every query the server answers.
const OPERATIONS: &[Operation] = &[
    operation(
        &["25149874324715067", "8823471724422422", "6234210096708695", "27527996220149684"],
        "xwa2_newsletter_create",
        channels::manage::create,
    ),
    operation(
        &["27456920720571478", "26944199458535748", "6563316087068696", "7272540469429201", "9779843322044422"],
        "xwa2_newsletter",
        channels::metadata::one,
    ),
    operation(&["25399611239711790", "6388546374527196"], "xwa2_newsletter_subscribed", channels::metadata::subscribed),
    operation(
        &["24250201037901610", "7150902998257522", "7839742399440946"],
        "xwa2_newsletter_update",
        channels::manage::update,
    ),
    operation(&["30062808666639665"], "xwa2_newsletter_delete_v2", channels::manage::delete),
    operation(
        &["9546742745432473", "7341777602580933"],
        "xwa2_newsletter_change_owner",
        channels::manage::change_owner,
    ),
    operation(&["9880997548630971"], "xwa2_newsletter_admin_demote", channels::manage::demote),
    operation(&["6551828931592903"], "xwa2_newsletter_demote", channels::manage::demote),
    operation(&["9387141988078609"], "xwa2_newsletter_admin_invite_create", channels::manage::invite_admin),
    operation(&["9580828702035549"], "xwa2_newsletter_admin_invite_accept", channels::manage::accept_admin),
    operation(&["9656078347839416"], "xwa2_newsletter_admin_invite_revoke", channels::manage::revoke_admin),
    operation(
        &["24404358912487870", "9926858900719341", "8621797084555037"],
        "xwa2_newsletter_join_v2",
        channels::follow::join,
    ),
    operation(
        &["9767147403369991", "6392786840836363", "8782612271820087"],
        "xwa2_newsletter_leave_v2",
        channels::follow::leave,
    ),
    operation(&["31938993655691868"], "xwa2_newsletter_update_user_setting", channels::follow::setting),
    operation(
        &["29766401636284406", "6274038279359549", "5971669009605755"],
        "xwa2_newsletter_mute_v2",
        channels::follow::mute,
    ),
    operation(
        &["9864994326891137", "6068417879924485", "6104029483058502"],
        "xwa2_newsletter_unmute_v2",
        channels::follow::unmute,
    ),
    operation(&["27472091235714801"], "xwa2_newsletter_followers", channels::follow::followers),
    operation(
        &["9783111038412085", "9800646650009898", "25403502652570342"],
        "xwa2_newsletter_subscribers",
        channels::follow::subscribers,
    ),
    operation(&["26278439461859188", "7130823597031706"], "xwa2_newsletter_admin", channels::metadata::admin),
    operation(&["26301059626252132"], "xwa2_newsletters_directory_search", channels::directory::search),
    operation(&["26125047313831973", "6190824427689257"], "xwa2_newsletters_directory_list", channels::directory::list),
    operation(
        &["25806748772361516", "7263823273662354", "27256776790637714"],
        "xwa2_newsletters_recommended",
        channels::directory::recommended,
    ),
    operation(&["29575462448733991"], "xwa2_newsletters_reaction_sender_list", channels::posts::reaction_senders),
    operation(&["9418211574894172"], "xwa2_group_update_property", groups::mex::update_property),
    operation(&["9935467776504344", "24079399904996141"], "xwa2_group_query_by_id", groups::mex::subgroups),
    operation(&["23983697327930364"], "xwa2_fetch_account_reachout_timelock", reachout_timelock),
    operation(&["24503548349331633"], "xwa2_message_capping_info", message_capping),
];

/// `<iq xmlns="w:mex"><query query_id="…">{"variables":…}</query></iq>`
pub(crate) fn query(world: &mut World, request: &Request<'_>) {
    let Some((from, asked)) = request.device.zip(request.stanza.child("query")) else {
        return request.error(world, 400, "bad-request");
    };
    let body = asked.body();
    if body.len() > MAX_VARIABLES {
        return request.error(world, 406, "not-acceptable");
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
        return request.error(world, 400, "bad-request");
    };
    let variables = body.get("variables").cloned().unwrap_or_else(|| Value::Object(Map::new()));
    let id = asked.text_of("query_id");
    let answer = match OPERATIONS.iter().find(|operation| operation.ids.contains(&id.as_ref())) {
        Some(operation) => match (operation.answer)(world, &Query { from, variables: &variables }) {
            Ok(data) => json!({ "data": { operation.field: data } }),
            Err(refused) => refusal(operation.field, &refused),
        },
        None => {
            tracing::debug!(query = %id, "a GraphQL query the sandbox does not know");
            refusal("query", &Refused::new(400, format!("unknown query {id}")))
        }
    };
    request.result(world, [answer_node(&answer)]);
}

fn answer_node(answer: &Value) -> Node {
    node("result").bytes(answer.to_string().into_bytes()).build()
}

fn refusal(field: &str, refused: &Refused) -> Value {
    let extensions = json!({
        "error_code": refused.code,
        "is_summary": false,
        "is_retryable": refused.code >= 500,
        "severity": "CRITICAL",
    });
    json!({"data": {field: null}, "errors": [{"message": refused.message, "path": [field], "extensions": extensions}]})
}

/// The account may write to anybody.
fn reachout_timelock(_: &mut World, _: &Query<'_>) -> Result<Value, Refused> {
    Ok(json!({"is_active": false, "time_enforcement_ends": null, "enforcement_type": "DEFAULT"}))
}

/// The account may write as much as it likes.
fn message_capping(_: &mut World, _: &Query<'_>) -> Result<Value, Refused> {
    Ok(json!({"total_quota": null, "used_quota": null, "capping_status": "NONE"}))
}
