//! Every route there is, in the order of the resources.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use sparkbot_core::Core;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{ApiOptions, App};
use crate::edge::{self, Edge};
use crate::request::StartsWithAuthorized;
use crate::{
    audit, campaigns, catalog, channels, chat, departments, devices, events, files, groups, keys, labels, login, me,
    meeting_links, messages, numbers, profile, queue, quick_replies, service, session, statuses, team, webhooks,
};

/// Routes that need a key: a handler whose first argument does not prove one
/// does not compile here.
macro_rules! with_key {
    ($($handler:path),+) => {{
        $(proven(&$handler);)+
        routes!($($handler),+)
    }};
}

fn proven<T: StartsWithAuthorized, H: Handler<T, App>>(_: &H) {}

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        // WhatsApp Numbers
        .routes(with_key!(devices::list, devices::create))
        .routes(with_key!(devices::get, devices::update, devices::delete))
        .routes(with_key!(devices::delete_chats))
        // WhatsApp session
        .routes(with_key!(session::sync))
        .routes(with_key!(session::start))
        .routes(with_key!(session::scan))
        .routes(with_key!(session::reset))
        .routes(with_key!(session::reboot))
        .routes(with_key!(session::health))
        .routes(with_key!(session::authcode, session::authcode_get))
        // Send messages, Outbound Messages
        .routes(with_key!(messages::send, messages::search))
        .routes(with_key!(messages::get, messages::update, messages::delete))
        // Queue
        .routes(with_key!(queue::get, queue::set, queue::route, queue::empty))
        // Chats
        .routes(with_key!(chat::chats::list, chat::chats::bulk))
        .routes(with_key!(chat::chats::get, chat::chats::delete))
        .routes(with_key!(chat::chats::typing))
        .routes(with_key!(chat::chats::unread))
        .routes(with_key!(chat::chats::status))
        .routes(with_key!(chat::chats::assign, chat::chats::unassign))
        .routes(with_key!(chat::chats::create_note, chat::chats::delete_notes))
        .routes(with_key!(chat::chats::labels))
        .routes(with_key!(chat::chats::attributes))
        .routes(with_key!(chat::chats::archive, chat::chats::unarchive))
        // Chat Messages
        .routes(with_key!(chat::messages::list))
        .routes(with_key!(chat::messages::get, chat::messages::edit, chat::messages::delete))
        .routes(with_key!(chat::messages::ackinfo))
        // Chats
        .routes(with_key!(chat::history::sync_device))
        .routes(with_key!(chat::history::sync_chat))
        // Chat Files
        .routes(with_key!(chat::files::list))
        .routes(with_key!(chat::files::get))
        .routes(with_key!(chat::files::download))
        // Chat Contacts
        .routes(with_key!(chat::contacts::list, chat::contacts::create, chat::contacts::create_many))
        .routes(with_key!(chat::contacts::get, chat::contacts::update, chat::contacts::delete))
        .routes(with_key!(chat::contacts::replace_metadata, chat::contacts::add_metadata))
        .routes(with_key!(chat::contacts::picture))
        .routes(with_key!(chat::contacts::block, chat::contacts::unblock))
        // Labels
        .routes(with_key!(labels::list, labels::create, labels::update, labels::delete))
        // Files
        .routes(with_key!(files::search, files::upload, files::delete_many))
        .routes(with_key!(files::get, files::update, files::delete))
        .routes(with_key!(files::preview))
        .routes(with_key!(files::bytes))
        // Groups
        .routes(with_key!(groups::list, groups::create, groups::join, groups::leave))
        .routes(with_key!(groups::get, groups::update))
        .routes(with_key!(groups::image))
        .routes(with_key!(groups::members::add, groups::members::update, groups::members::remove))
        .routes(with_key!(groups::members::pending, groups::members::approve, groups::members::reject))
        .routes(with_key!(groups::invite, groups::revoke_invite))
        .routes(with_key!(groups::members::participants))
        // Channels
        .routes(with_key!(channels::list, channels::create, channels::join, channels::search))
        .routes(with_key!(channels::get, channels::update, channels::delete))
        .routes(with_key!(channels::image))
        // WhatsApp profile
        .routes(with_key!(profile::get, profile::update))
        .routes(with_key!(profile::image, profile::set_image))
        // Business catalog
        .routes(with_key!(catalog::list, catalog::query))
        // User Status
        .routes(with_key!(statuses::list, statuses::post, statuses::delete))
        .routes(with_key!(statuses::get))
        // Meeting Links
        .routes(with_key!(meeting_links::list, meeting_links::create, meeting_links::delete))
        // Campaigns
        .routes(with_key!(campaigns::list, campaigns::create))
        .routes(with_key!(campaigns::get, campaigns::update, campaigns::delete))
        .routes(with_key!(campaigns::status))
        .routes(with_key!(campaigns::contacts::list, campaigns::contacts::add, campaigns::contacts::remove))
        .routes(with_key!(campaigns::exclusions::list, campaigns::exclusions::exclude, campaigns::exclusions::include))
        // Webhooks
        .routes(with_key!(webhooks::list, webhooks::create))
        .routes(with_key!(webhooks::get, webhooks::update, webhooks::delete))
        .routes(with_key!(webhooks::enable))
        .routes(with_key!(webhooks::logs))
        .routes(with_key!(webhooks::replay))
        // Other
        .routes(with_key!(numbers::exists))
        .routes(with_key!(numbers::exist_many))
        .routes(with_key!(numbers::validate))
        // Team
        .routes(with_key!(team::list, team::update, team::delete))
        .routes(with_key!(team::set_availability))
        .routes(with_key!(team::list_of_number, team::create, team::grant, team::revoke))
        .routes(routes!(team::accept_invitation))
        // Departments
        .routes(with_key!(departments::list, departments::create, departments::update, departments::delete))
        // Quick replies
        .routes(with_key!(quick_replies::list, quick_replies::create, quick_replies::update, quick_replies::delete))
        // Account
        .routes(routes!(login::create, login::delete))
        .routes(with_key!(me::get))
        // API keys
        .routes(with_key!(keys::list, keys::create))
        .routes(with_key!(keys::revoke))
        .routes(with_key!(audit::list))
        // Events
        .routes(with_key!(events::list))
        .routes(with_key!(events::stream))
        // Service
        .routes(routes!(service::healthz))
        .routes(routes!(service::readyz))
        .routes(routes!(service::metrics))
        .routes(routes!(service::openapi))
        .routes(routes!(service::docs))
        .route("/docs/app.js", get(service::docs_script))
        .route("/docs/style.css", get(service::docs_style))
}

/// The whole surface over `core`, ready to be served.
///
/// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that
/// wrong keys are counted by address.
pub fn router(core: Core, options: ApiOptions) -> Router {
    let edge = Edge::new(&core);
    let (routes, _) = routes().split_for_parts();
    let inside = routes.layer(from_fn_with_state(core.clone(), edge::inside)).with_state(App::new(core, options));
    Router::new().fallback_service(inside).layer(from_fn_with_state(edge, edge::around))
}
