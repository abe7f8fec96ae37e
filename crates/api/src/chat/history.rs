//! `/v1/chat/{device}/…/sync`: what the phone knows and this server does not.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sparkbot_core::Core;
use sparkbot_core::history::{self, ChatSync, DeviceSync, SyncedMessages};
use sparkbot_core::ids::DeviceId;
use sparkbot_core::views::ChatMessage;
use utoipa::IntoParams;

use super::{ChatWid, In};
use crate::answer::{Links, List, Paging};
use crate::error::Answer;
use crate::request::{Asked, Authorized, Id};

fn fifty<T: From<u8>>() -> T {
    T::from(50)
}

/// How much of all chats.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeviceSyncOptions {
    /// Chats whose older messages are asked for, the newest chats first.
    #[serde(default = "fifty")]
    #[param(default = 50, minimum = 1, maximum = 500)]
    size: i64,
    /// Older messages of each; 0 asks for none and only compares the state of chats.
    #[serde(default = "fifty")]
    #[param(default = 50, minimum = 0, maximum = 500)]
    messages: u32,
}

/// Sync Device Chats.
///
/// Compares the state of all chats (archived, pinned, muted, read) with WhatsApp, then asks the phone for older messages
/// of the newest chats. The phone must be on for that; what it has not told after 20 seconds comes in later, without
/// another call. Nobody is notified of old messages.
#[utoipa::path(
    post, path = "/v1/chat/{device}/sync", operation_id = "chats.sync", tag = "Chats",
    params(DeviceSyncOptions),
    responses((status = 200, description = "What it has brought.", body = DeviceSync, example = json!(super::examples::device_sync())))
)]
pub(crate) async fn sync_device(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(options): Asked<DeviceSyncOptions>,
) -> Answer<Json<DeviceSync>> {
    let wanted = ChatSync { chats: options.size, messages: options.messages };
    Ok(Json(history::sync_device(&core, &caller, &device, wanted).await?))
}

/// How much of one chat.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChatSyncOptions {
    /// Messages a page.
    #[serde(default = "fifty")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    size: u32,
    /// Which page, from 0: the newest.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 100_000)]
    page: u32,
}

/// Sync Chat Messages.
///
/// Asks the phone for a page of a chat's messages, waits for its answer, and shows the page as it is then, newest first.
/// Go on with `page` to reach back as far as the phone does.
#[utoipa::path(
    get, path = "/v1/chat/{device}/chats/{chatId}/sync", operation_id = "chats.messages.sync", tag = "Chats",
    params(ChatSyncOptions),
    responses((status = 200, description = "The page.", body = [ChatMessage], example = json!([super::examples::image()])))
)]
pub(crate) async fn sync_chat(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    In(device, ChatWid(chat)): In<ChatWid>,
    links: Links,
    Asked(options): Asked<ChatSyncOptions>,
) -> Answer<List<ChatMessage>> {
    let wanted = SyncedMessages { size: options.size, page: options.page };
    let paging = Paging::pages(i64::from(options.size), i64::from(options.page));
    Ok(links.list(history::sync_chat(&core, &caller, &device, &chat, wanted).await?, paging))
}
