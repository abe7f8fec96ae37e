//! `/v1/chat/{device}/contacts`: the people that a number knows.

mod block;
mod examples;
mod request;
mod search;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sparkbot_core::Core;
use sparkbot_core::contacts::{self, ContactId, MetadataPair, SavedContact};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::ContactDetails;

pub(crate) use self::block::{__path_block, __path_unblock, block, unblock};
use self::request::{ChangeContact, ContactToSave, CreateContact, Metadata, SaveOptions};
use self::search::{ContactParts, ContactSearch};
use super::In;
use crate::answer::{Created, Deleted, Links, List};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Body, Id};

/// Get Contacts.
///
/// Whom a number knows: who has written or was written to, who is in the phone's address book, who was added. `search`
/// finds words of names, companies and e-mails and digits of phone numbers, and beginnings of them, all of which must be
/// there. `X-Total-Count` counts up to 10,000 beyond the page; up to 1,000 where words, labels, metadata or dates leave few,
/// and up to 100 where filters leave many.
#[utoipa::path(
    get, path = "/v1/chat/{device}/contacts", operation_id = "contacts.list", tag = "Chat Contacts",
    params(ContactSearch),
    responses((status = 200, description = "A page of contacts.", body = [ContactDetails], example = json!([examples::contact()])))
)]
pub(crate) async fn list(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    links: Links,
    Asked(search): Asked<ContactSearch>,
) -> Answer<List<ContactDetails>> {
    let (paging, with_chat) = (search.paging(), search.with_chat());
    Ok(links.list(contacts::list(&core, &caller, &device, search.into_filter(), with_chat).await?, paging))
}

/// Get Contact Details.
///
/// `contactId` is a WhatsApp id or a phone number. What WhatsApp shows of the person is asked for once a day, beside:
/// the next call has it.
#[utoipa::path(
    get, path = "/v1/chat/{device}/contacts/{contactId}", operation_id = "contacts.get", tag = "Chat Contacts",
    params(ContactParts),
    responses((status = 200, description = "The contact.", body = ContactDetails, example = json!(examples::contact())))
)]
pub(crate) async fn get(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, contact): In<ContactId>,
    Asked(parts): Asked<ContactParts>,
) -> Answer<Json<ContactDetails>> {
    Ok(Json(contacts::get(&core, &caller, &device, &contact, parts.with_chat()).await?))
}

/// Create Contact.
///
/// Somebody who was added before is a 409 with the contact in `meta.contact`, unless `upsert` is set. With `sync`, the
/// name is written into the phone's address book and kept in step with the one here; while the number is offline it
/// waits.
#[utoipa::path(
    post, path = "/v1/chat/{device}/contacts", operation_id = "contacts.create", tag = "Chat Contacts",
    request_body = CreateContact,
    responses((status = 201, description = "The contact.", body = ContactDetails, example = json!(examples::contact())))
)]
pub(crate) async fn create(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Body(new): Body<CreateContact>,
) -> Answer<Created<ContactDetails>> {
    let made = contacts::create(&core, &caller, &device, new.into_new()).await?;
    Ok(Created { path: made.links.contact.url.clone(), made })
}

/// Bulk Create Contacts.
///
/// Up to 500 contacts in one transaction; the answer tells what became of each, in the order given. One that is wrong does
/// not hold up the others. With `upsert=false`, those that are there stay as they are.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/contacts", operation_id = "contacts.createMany", tag = "Chat Contacts",
    params(SaveOptions),
    request_body(
        content = Vec<ContactToSave>,
        example = json!([{"phone": "+16001234561", "name": "Ben", "companyName": "Berg & Co"}, {"phone": "+16001234562"}]),
    ),
    responses((status = 200, description = "What became of each.", body = [SavedContact], example = json!([examples::saved(), examples::failed()])))
)]
pub(crate) async fn create_many(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(options): Asked<SaveOptions>,
    Body(contacts): Body<Vec<ContactToSave>>,
) -> Answer<Json<Vec<SavedContact>>> {
    let contacts = contacts.into_iter().map(ContactToSave::into_new).collect();
    Ok(Json(contacts::create_many(&core, &caller, &device, contacts, options.upsert).await?))
}

/// Update Contact.
///
/// What is not given stays as it is; `$remove` names fields that are taken away. `metadata` is put to what is there.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/contacts/{contactId}", operation_id = "contacts.update", tag = "Chat Contacts",
    request_body = ChangeContact,
    responses((status = 200, description = "The changed contact.", body = ContactDetails, example = json!(examples::contact())))
)]
pub(crate) async fn update(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, contact): In<ContactId>,
    Body(change): Body<ChangeContact>,
) -> Answer<Json<ContactDetails>> {
    Ok(Json(contacts::update(&core, &caller, &device, contact, change.into_changes()).await?))
}

/// Delete Contact.
///
/// Deletes the contact here, with all that was added. The phone's address book and the chat stay; somebody who writes again
/// is a contact again.
#[utoipa::path(
    delete, path = "/v1/chat/{device}/contacts/{contactId}", operation_id = "contacts.delete", tag = "Chat Contacts",
    responses((status = 200, description = "It is deleted.", body = Deleted, example = json!({"id": "16001234561@c.us", "deleted": true})))
)]
pub(crate) async fn delete(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, contact): In<ContactId>,
) -> Answer<Json<Deleted>> {
    Ok(Deleted::of(&contacts::delete(&core, &caller, &device, contact).await?))
}

/// Update Contact Metadata.
///
/// These keys and values are all the contact has from now on.
#[utoipa::path(
    put, path = "/v1/chat/{device}/contacts/{contactId}/metadata", operation_id = "contacts.replaceMetadata",
    tag = "Chat Contacts",
    request_body(content = Vec<Metadata>, example = json!([{"key": "plan", "value": "gold"}])),
    responses((status = 200, description = "The contact's metadata.", body = [MetadataPair], example = json!([examples::pair()])))
)]
pub(crate) async fn replace_metadata(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, contact): In<ContactId>,
    Body(pairs): Body<Vec<Metadata>>,
) -> Answer<Json<Vec<MetadataPair>>> {
    put(&core, &caller, &device, contact, pairs, true).await
}

/// Upsert Contact Metadata.
///
/// These keys and values are put to those that the contact has; a value takes the place of the one before.
#[utoipa::path(
    patch, path = "/v1/chat/{device}/contacts/{contactId}/metadata", operation_id = "contacts.addMetadata",
    tag = "Chat Contacts",
    request_body(content = Vec<Metadata>, example = json!([{"key": "plan", "value": "gold"}])),
    responses((status = 200, description = "The contact's metadata.", body = [MetadataPair], example = json!([examples::pair()])))
)]
pub(crate) async fn add_metadata(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, contact): In<ContactId>,
    Body(pairs): Body<Vec<Metadata>>,
) -> Answer<Json<Vec<MetadataPair>>> {
    put(&core, &caller, &device, contact, pairs, false).await
}

async fn put(
    core: &Core,
    caller: &sparkbot_core::Caller,
    device: &DeviceId,
    contact: ContactId,
    pairs: Vec<Metadata>,
    replace: bool,
) -> Answer<Json<Vec<MetadataPair>>> {
    let pairs = pairs.into_iter().map(Metadata::pair).collect();
    Ok(Json(contacts::put_metadata(core, caller, device, contact, pairs, replace).await?))
}

/// Get Contact Picture.
///
/// The small picture of a contact as JPEG, as far as this number may see it. It is fetched from WhatsApp when it is looked
/// at, and kept for a day.
#[utoipa::path(
    get, path = "/v1/chat/{device}/contacts/{contactId}/picture", operation_id = "contacts.picture",
    tag = "Chat Contacts",
    responses((status = 200, description = "The picture.", body = String, content_type = "image/jpeg"))
)]
pub(crate) async fn picture(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, contact): In<ContactId>,
) -> Answer<Response> {
    let jpeg = contacts::picture(&core, &caller, &device, &contact).await?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "private, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, jpeg).into_response())
}
