//! History sync: a phone tells a new companion what was said before.
//!
//! What is told is planned when the companion is linked, and made and sent piece
//! by piece, so that a long past neither holds the server up nor lies in memory
//! twice.

mod conversation;
mod web_message;

use std::collections::VecDeque;
use std::io::Write as _;

use buffa::{Message as _, MessageField};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use wacore::download::MediaType;
use waproto::whatsapp as wa;
use waproto::whatsapp::history_sync::HistorySyncType as Kind;
use waproto::whatsapp::message::peer_data_operation_request_message::HistorySyncOnDemandRequest;
use waproto::whatsapp::message::protocol_message::Type;

use super::{outgoing, sync_keys};
use crate::ids::AccountId;
use crate::world::World;
use crate::world::timers::Timer;
use conversation::Piece;

/// How many messages of each chat the first part carries.
const FIRST: usize = 10;
/// How many messages one part carries, about.
const PER_PART: usize = 1_000;
/// How many chats one part carries.
const CHATS_PER_PART: usize = 500;
/// What the recent part of a past is, in seconds: 90 days.
const RECENT_SECS: u64 = 90 * 86_400;
/// A compressed part up to this many bytes needs no file on the media host.
const INLINE: usize = 32 * 1024;
/// The most messages given on demand.
const MAX_ON_DEMAND: usize = 500;

/// A part that is still to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    kind: Kind,
    pieces: Vec<Piece>,
    chunk: u32,
    progress: u32,
}

/// Everything a companion has still to be told.
pub(crate) type Plan = VecDeque<Planned>;

/// Begins to tell a companion; the first part goes at once.
pub(crate) fn begin(world: &mut World, me: AccountId, device: u16) {
    let plan = plan(world, me, device);
    if let Some(account) = world.accounts.get_mut(&me) {
        account.phone.telling.insert(device, plan);
    }
    go_on(world, me, device);
}

/// Sends the next part, and comes back for the one after it.
pub(crate) fn go_on(world: &mut World, me: AccountId, device: u16) {
    let Some(account) = world.accounts.get_mut(&me).filter(|account| account.phone.online) else {
        return;
    };
    if !account.devices.contains_key(&device) {
        account.phone.telling.remove(&device);
        return;
    }
    let Some(part) = account.phone.telling.get_mut(&device).and_then(VecDeque::pop_front) else {
        account.phone.telling.remove(&device);
        return;
    };
    let history = content(world, me, &part);
    send(world, me, device, &history, None);
    let due = world.now_ms() + 1;
    world.timers.set(due, Timer::History(me, device));
}

/// Goes on with everybody after the phone was off.
pub(crate) fn resume(world: &mut World, me: AccountId) {
    let devices: Vec<u16> =
        world.accounts.get(&me).map(|account| account.phone.telling.keys().copied().collect()).unwrap_or_default();
    for device in devices {
        go_on(world, me, device);
    }
}

fn plan(world: &World, me: AccountId, device: u16) -> Plan {
    let since = world.now_secs().saturating_sub(RECENT_SECS);
    let full = world
        .accounts
        .get(&me)
        .and_then(|account| account.devices.get(&device))
        .is_some_and(|companion| companion.wants_full_history);
    let chats = conversation::chats(world, me, since);
    let first = chats.iter().map(|chat| Piece {
        chat: chat.name.clone(),
        from: chat.messages.saturating_sub(FIRST),
        to: chat.messages,
        last: chat.messages <= FIRST,
    });
    let mut plan = Plan::new();
    in_parts(&mut plan, Kind::INITIAL_BOOTSTRAP, first);
    if chats.is_empty() {
        return plan;
    }
    plan.push_back(Planned { kind: Kind::PUSH_NAME, pieces: Vec::new(), chunk: 1, progress: 100 });
    let recent = chats.iter().map(|chat| Piece {
        chat: chat.name.clone(),
        from: chat.recent_from,
        to: chat.messages.saturating_sub(FIRST),
        last: chat.recent_from == 0,
    });
    in_parts(&mut plan, Kind::RECENT, recent.filter(|piece| piece.from < piece.to));
    if full {
        let older = chats.iter().map(|chat| Piece {
            chat: chat.name.clone(),
            from: 0,
            to: chat.recent_from.min(chat.messages.saturating_sub(FIRST)),
            last: true,
        });
        in_parts(&mut plan, Kind::FULL, older.filter(|piece| piece.from < piece.to));
    }
    plan.push_back(Planned { kind: Kind::NON_BLOCKING_DATA, pieces: Vec::new(), chunk: 1, progress: 100 });
    plan.push_back(Planned { kind: Kind::INITIAL_STATUS_V3, pieces: Vec::new(), chunk: 1, progress: 100 });
    plan
}

/// Cuts pieces of chats into parts of a bearable size; at least one part for
/// the first of all.
fn in_parts(plan: &mut Plan, kind: Kind, pieces: impl Iterator<Item = Piece>) {
    let mut parts: Vec<Vec<Piece>> = Vec::new();
    let mut part: Vec<Piece> = Vec::new();
    let mut messages = 0;
    for mut piece in pieces {
        // A long chat is told from its end, as a person would scroll.
        while piece.to - piece.from > PER_PART {
            let cut = piece.to - PER_PART;
            parts.push(vec![Piece { from: cut, last: false, ..piece.clone() }]);
            piece.to = cut;
        }
        messages += piece.to - piece.from;
        part.push(piece);
        if messages >= PER_PART || part.len() >= CHATS_PER_PART {
            parts.push(std::mem::take(&mut part));
            messages = 0;
        }
    }
    if !part.is_empty() || (parts.is_empty() && kind == Kind::INITIAL_BOOTSTRAP) {
        parts.push(part);
    }
    let count = parts.len();
    for (at, pieces) in parts.into_iter().enumerate() {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        plan.push_back(Planned { kind, pieces, chunk: number(at + 1), progress: number((at + 1) * 100 / count) });
    }
}

fn content(world: &World, me: AccountId, part: &Planned) -> wa::HistorySync {
    let mut history = wa::HistorySync {
        sync_type: part.kind,
        chunk_order: Some(part.chunk),
        progress: Some(part.progress),
        ..Default::default()
    };
    match part.kind {
        Kind::PUSH_NAME => history.pushnames = conversation::push_names(world, me),
        Kind::INITIAL_STATUS_V3 => history.status_v3_messages = conversation::statuses(world, me),
        _ => {
            history.conversations = conversation::conversations(world, me, &part.pieces);
            history.phone_number_to_lid_mappings = conversation::mappings(world, &part.pieces);
        }
    }
    if part.kind == Kind::INITIAL_BOOTSTRAP && part.chunk == 1 {
        let account = world.accounts.get(&me);
        history.nct_salt = account.and_then(|account| account.new_chat_salt.clone());
        history.global_settings = account
            .map(|account| wa::GlobalSettings {
                auto_unarchive_chats: account.phone.book.unarchive_chats,
                disappearing_mode_duration: i32::try_from(account.disappearing.0).ok(),
                disappearing_mode_timestamp: i64::try_from(account.disappearing.1).ok(),
                ..Default::default()
            })
            .into();
    }
    history
}

/// Sends one part: inside the notification when it is small, else on the media
/// host.
fn send(world: &mut World, me: AccountId, device: u16, history: &wa::HistorySync, session: Option<&str>) {
    let messages = history.conversations.iter().flat_map(|conversation| &conversation.messages);
    let oldest = messages.filter_map(|message| message.message.as_option()?.message_timestamp).min();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let Some(packed) = encoder.write_all(&history.encode_to_vec()).and_then(|()| encoder.finish()).ok() else {
        return;
    };
    let mut notification = wa::message::HistorySyncNotification {
        sync_type: Some(told_as(history.sync_type)),
        chunk_order: history.chunk_order,
        progress: history.progress,
        oldest_msg_in_chunk_timestamp_sec: oldest.and_then(|oldest| i64::try_from(oldest).ok()),
        peer_data_request_session_id: session.map(str::to_owned),
        ..Default::default()
    };
    let outside = if packed.len() > INLINE { world.put_outside(MediaType::History, &packed) } else { None };
    match outside {
        Some(reference) => {
            notification.file_sha256 = reference.file_sha256;
            notification.file_length = reference.file_size_bytes;
            notification.media_key = reference.media_key;
            notification.file_enc_sha256 = reference.file_enc_sha256;
            notification.direct_path = reference.direct_path;
            notification.enc_handle = reference.handle;
        }
        None => notification.initial_hist_bootstrap_inline_payload = Some(packed),
    }
    let message = sync_keys::peer(Type::HISTORY_SYNC_NOTIFICATION, |message| {
        message.history_sync_notification = MessageField::some(notification);
    });
    outgoing::send_peer(world, me, device, &message);
}

fn told_as(kind: Kind) -> wa::message::HistorySyncType {
    match kind {
        Kind::INITIAL_BOOTSTRAP => wa::message::HistorySyncType::INITIAL_BOOTSTRAP,
        Kind::INITIAL_STATUS_V3 => wa::message::HistorySyncType::INITIAL_STATUS_V3,
        Kind::FULL => wa::message::HistorySyncType::FULL,
        Kind::RECENT => wa::message::HistorySyncType::RECENT,
        Kind::PUSH_NAME => wa::message::HistorySyncType::PUSH_NAME,
        Kind::NON_BLOCKING_DATA => wa::message::HistorySyncType::NON_BLOCKING_DATA,
        Kind::ON_DEMAND => wa::message::HistorySyncType::ON_DEMAND,
    }
}

/// A companion scrolled further up than it knows: the messages before the
/// oldest it has. `session` is the id of its request.
pub(crate) fn on_demand(
    world: &mut World,
    me: AccountId,
    device: u16,
    session: &str,
    request: &HistorySyncOnDemandRequest,
) {
    let Some(chat) = request.chat_jid.as_deref().and_then(|chat| chat.parse().ok()) else {
        return;
    };
    let chat = super::app_state::chat_name(world, &chat);
    let count = usize::try_from(request.on_demand_msg_count.unwrap_or(50)).unwrap_or(0).clamp(1, MAX_ON_DEMAND);
    let oldest = request.oldest_msg_timestamp_ms.and_then(|ms| u64::try_from(ms / 1000).ok());
    let to = conversation::position(world, me, &chat, request.oldest_msg_id.as_deref(), oldest);
    let from = to.saturating_sub(count);
    let piece = Piece { chat, from, to, last: from == 0 };
    let history = wa::HistorySync {
        sync_type: Kind::ON_DEMAND,
        conversations: conversation::on_demand(world, me, &piece),
        chunk_order: Some(1),
        progress: Some(100),
        ..Default::default()
    };
    send(world, me, device, &history, Some(session));
}
