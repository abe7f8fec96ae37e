//! The OpenAPI document: what the handlers say of themselves, and what is true
//! of all of them.

use std::sync::LazyLock;

use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AnyOf, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Content, ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, Required, Response,
    ResponseBuilder, ServerBuilder,
};

use crate::error::ErrorBody;

/// The resources, in their order.
const TAGS: &[(&str, &str)] = &[
    ("WhatsApp Numbers", "The numbers that this server links as companion devices."),
    ("WhatsApp session", "Linking a number by code or QR, and keeping its link alive."),
    ("Send messages", "Putting messages into a number's queue."),
    ("Outbound Messages", "What became of the messages that were sent."),
    ("Queue", "What waits to be sent, and steering it."),
    ("Chats", "Conversations: how they stand, who looks after them, notes and labels."),
    ("Chat Messages", "What is said in a number's chats, received and sent."),
    ("Chat Contacts", "The people that a number knows: what WhatsApp knows of them and what people add."),
    ("Labels", "What a number's chats can be marked with, here or on the phone, too."),
    ("Chat Files", "Files that came with messages."),
    ("Files", "Files to send, kept until they expire."),
    ("Groups", "Groups and communities of a number, and who is in them."),
    ("Channels", "Channels that a number runs or follows, and WhatsApp's directory of them."),
    ("WhatsApp profile", "What people see of a number."),
    ("Business catalog", "What a number and other businesses sell."),
    ("User Status", "Status updates: posts that are gone after a day."),
    ("Meeting Links", "Links that people join calls by."),
    ("Campaigns", "One message to many people, each exactly once."),
    ("Webhooks", "Events delivered to your own servers, signed and retried."),
    ("Other", "What WhatsApp knows of phone numbers."),
    ("Team", "Who answers, and which numbers they may use."),
    ("Departments", "What a number is divided into, and who works where."),
    ("Quick replies", "Texts that agents keep at hand."),
    ("Account", "Who asks, logging in, and who did what."),
    ("API keys", "Who may ask for what."),
    ("Events", "The log of everything that happens, to read and to follow."),
    ("Service", "Health, metrics and this document; no key needed."),
];

/// Parameters that stand in paths.
const IN_PATH: &[(&str, &str)] = &[
    ("device", "Id of a WhatsApp number."),
    ("messageId", "Id of an outbound message."),
    ("chatId", "A chat: its WhatsApp id, or a phone number in E.164."),
    ("fileId", "Id of a file."),
    ("groupId", "WhatsApp id of a group, `…@g.us`."),
    ("channelId", "WhatsApp id of a channel, `…@newsletter`."),
    ("statusId", "Id of a status update: WhatsApp's, or the outbound message's while it waits."),
    ("webhookId", "Id of a webhook."),
    ("keyId", "Id of an API key."),
    ("campaignId", "Id of a campaign."),
    ("contactId", "A contact: a WhatsApp id, or a phone number in E.164."),
];

/// Operations that take `Idempotency-Key`.
const REPEATABLE: &[&str] = &[
    "campaigns.create",
    "channels.create",
    "devices.create",
    "files.upload",
    "groups.create",
    "messages.send",
    "statuses.post",
    "webhooks.create",
];

/// Operations that answer a list with a total.
const LISTS: &[&str] = &[
    "channels.list",
    "campaigns.contacts.list",
    "campaigns.exclusions.list",
    "campaigns.list",
    "catalog.list",
    "catalog.query",
    "chat.files.list",
    "chat.messages.list",
    "chats.list",
    "chats.messages.sync",
    "chats.participants",
    "contacts.list",
    "devices.list",
    "files.search",
    "groups.list",
    "meetingLinks.list",
    "messages.search",
    "quickReplies.list",
    "statuses.list",
    "team.list",
    "webhooks.list",
    "webhooks.logs",
];

/// What can go wrong everywhere.
const FAILURES: &[(&str, &str)] = &[
    ("400", "Something in the request makes no sense; the sentence names it."),
    ("401", "No API key, or an unknown, expired or revoked one."),
    ("403", "The key lacks the scope, the role does not include it, or there is no access to the number."),
    ("404", "There is no such thing, or it belongs to another account."),
    ("409", "It contradicts what is there; `meta` names it."),
    ("413", "The body is larger than 1 MiB, or a file larger than is taken; `meta.limit` tells."),
    ("415", "The body is not JSON."),
    ("429", "Too often; `Retry-After` tells when to try again."),
    ("500", "A mistake of the server; `meta.requestId` names it in its log."),
    ("503", "WhatsApp or the database can't be reached right now; `Retry-After` tells when to try again."),
];

const ABOUT: &str = "Links WhatsApp numbers as companion devices, sends and receives for them.

Send the API key in the header `Token`, or as `Authorization: Bearer <key>`. Ids have 24 hexadecimal digits, dates are \
ISO 8601 in UTC, phone numbers E.164. Lists are bare arrays, with their total in `X-Total-Count` and their neighbours in \
`Link`; array parameters come as `a,b`, as repeated keys or as `key[]=a`. Unknown properties and parameters are refused \
with a sentence that names them.";

/// The whole API in OpenAPI 3.1.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = crate::router::routes().to_openapi();
    document.info = InfoBuilder::new()
        .title("SparkBot")
        .description(Some(ABOUT))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name("AGPL-3.0-only").identifier(Some("AGPL-3.0-only")).build()))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url("/").build()]);
    document.tags = Some(
        TAGS.iter().map(|(name, about)| TagBuilder::new().name(*name).description(Some(*about)).build()).collect(),
    );
    document.security = Some(vec![
        SecurityRequirement::new("token", Vec::<String>::new()),
        SecurityRequirement::new("bearer", Vec::<String>::new()),
    ]);
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("Token"))));
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let mut schemas = vec![(ErrorBody::name().into_owned(), ErrorBody::schema())];
    ErrorBody::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.values_mut().for_each(either);
    for (status, about) in FAILURES {
        components.responses.insert(failure_name(status), RefOr::T(failure(status, about)));
    }
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            complete(path, operation);
        }
    }
    document
}

/// A thing in full is a brief one too: one of two shapes that both fit is any of them.
fn either(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::OneOf(one)) = schema else { return };
    if one.items.iter().all(|item| matches!(item, RefOr::Ref(_))) {
        let mut any = AnyOf::new();
        any.items = std::mem::take(&mut one.items);
        any.description = one.description.take();
        *schema = RefOr::T(Schema::AnyOf(any));
    }
}

/// The document as it is served and committed, with a line end.
pub(crate) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut text = openapi().to_pretty_json().unwrap_or_default();
        text.push('\n');
        text
    });
    &TEXT
}

fn failure_name(status: &str) -> String {
    format!("Error{status}")
}

fn failure(status: &str, about: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name(ErrorBody::name()))).build();
    let mut failure = ResponseBuilder::new().description(about).content("application/json", body);
    if matches!(status, "429" | "503") {
        failure = failure.header("Retry-After", header(Type::Integer, "Seconds to wait."));
    }
    failure.build()
}

fn header(kind: Type, about: &str) -> utoipa::openapi::header::Header {
    HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(kind).build())).description(Some(about)).build()
}

/// Adds to one operation what its handler need not say.
fn complete(path: &str, operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    let mut parameters: Vec<RefOr<Parameter>> = IN_PATH
        .iter()
        .filter(|(name, _)| path.contains(&format!("{{{name}}}")))
        .map(|(name, about)| match *name {
            "messageId" if path.starts_with("/v1/chat/") => {
                of_whatsapp(name, "WhatsApp's id of a message.", 8, 64).into()
            }
            "statusId" => of_whatsapp(name, about, 8, 64).into(),
            "groupId" | "channelId" | "chatId" | "contactId" => of_whatsapp(name, about, 5, 60).into(),
            _ => in_path(name, about).into(),
        })
        .collect();
    parameters.extend(operation.parameters.take().unwrap_or_default());
    if REPEATABLE.contains(&id.as_str()) {
        parameters.push(idempotency_key().into());
    }
    operation.summary = operation.summary.take().map(|text| text.trim_end_matches('.').to_owned());
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(without_null);
    }
    let open = operation.security.is_some();
    let takes_body = operation.request_body.is_some();
    for (status, _) in FAILURES {
        let fits = match *status {
            "401" | "403" | "429" => !open || id == "login.create",
            // The number that a filter names may not be there.
            "404" => path.contains('{') || takes_body || LISTS.contains(&id.as_str()),
            "409" => !open && (takes_body || path.starts_with("/v1/devices/") || id == "login.delete"),
            "413" | "415" => takes_body,
            "503" => !open || id == "service.ready",
            _ => true,
        };
        if fits {
            let named = RefOr::Ref(Ref::from_response_name(failure_name(status)));
            operation.responses.responses.entry((*status).to_owned()).or_insert(named);
        }
    }
    if LISTS.contains(&id.as_str())
        && let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200")
    {
        answer.headers.insert(
            "X-Total-Count".into(),
            header(Type::Integer, "How many there are in all; long lists are counted up to 10,000.").into(),
        );
        answer
            .headers
            .insert("Link".into(), header(Type::String, "The pages `first`, `prev`, `next` and `last`.").into());
    }
    operation.parameters = (!parameters.is_empty()).then_some(parameters);
}

/// A body that may be absent is still never null.
fn without_null(content: &mut RefOr<Content>) {
    let RefOr::T(content) = content else { return };
    if let Some(RefOr::T(Schema::OneOf(alternatives))) = &content.schema {
        let named = alternatives.items.iter().find(|item| matches!(item, RefOr::Ref(_))).cloned();
        content.schema = named.or(content.schema.take());
    }
}

fn in_path(name: &str, about: &str) -> Parameter {
    let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9A-Fa-f]{24}$")).build();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(id))
        .build()
}

/// What WhatsApp names is named by its id.
fn of_whatsapp(name: &str, about: &str, least: usize, most: usize) -> Parameter {
    let id = ObjectBuilder::new().schema_type(Type::String).min_length(Some(least)).max_length(Some(most)).build();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(id))
        .build()
}

fn idempotency_key() -> Parameter {
    let key = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A key of your own: the same request sent again under it makes nothing new and gets the first answer.",
        ))
        .schema(Some(key))
        .build()
}
