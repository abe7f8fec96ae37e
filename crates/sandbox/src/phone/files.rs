//! The files of a phone's messages: fetched on arrival, uploaded again on
//! request.

use buffa::Message as _;
use rand::Rng as _;
use wacore::libsignal::crypto::{aes_256_gcm_decrypt, aes_256_gcm_encrypt};
use wacore_binary::{Jid, Node};
use waproto::whatsapp as wa;

use super::arrival::Arrival;
use super::content::file;
use super::marks::FileState;
use crate::ids::{AccountId, DeviceRef, Domain};
use crate::media::address::Hash;
use crate::media::cipher::{self, Wanted};
use crate::stanza::{Reading as _, node};
use crate::world::{Output, World};

/// What the key of a media retry is made for (`wacore::media_retry`).
const RETRY_INFO: &[u8] = b"WhatsApp Media Retry Notification";
/// Codes of a `mediaretry` notification that brings no file.
const GENERAL_ERROR: u32 = 1;
const NOT_FOUND: u32 = 2;
const UNREADABLE: u32 = 3;

/// What a phone fetches for a message, if it refers to a file.
pub(super) fn wanted(me: AccountId, arrival: &Arrival) -> Option<Wanted> {
    let file = file::of(&arrival.message)?;
    let media_type = file.media_type();
    Some(Wanted {
        phone: me,
        from: arrival.from.account,
        id: arrival.id.clone(),
        direct_path: file.direct_path?,
        key: file.key,
        media_type,
        sha256: file.sha256.and_then(|hash| hash.try_into().ok()),
    })
}

/// Begins to fetch a file.
pub(super) fn want(world: &mut World, wanted: Wanted) {
    if let Some(account) = world.accounts.get_mut(&wanted.phone)
        && let Some(shown) = account.phone.conversations.of(wanted.from, &wanted.id)
    {
        shown.marks.file = FileState::Fetching;
        world.output(Output::Fetch(Box::new(wanted)));
    }
}

/// What came of fetching a file.
pub(crate) fn fetched(world: &mut World, wanted: &Wanted, result: Result<Hash, cipher::Failure>) {
    world.changed();
    let Some(account) = world.accounts.get_mut(&wanted.phone) else {
        return;
    };
    let Some(shown) = account.phone.conversations.of(wanted.from, &wanted.id) else {
        return;
    };
    match result {
        Ok(hash) => shown.marks.file = FileState::Here(hash),
        Err(failure) => {
            shown.marks.file = FileState::Failed(failure.to_string());
            if failure.is_gone() && !shown.marks.asked_again {
                shown.marks.asked_again = true;
                ask_again(world, wanted);
            }
        }
    }
}

/// Asks the sender of a message to upload its file again.
fn ask_again(world: &mut World, wanted: &Wanted) {
    let Wanted { phone: me, from, id, key: Some(key), .. } = wanted else {
        return;
    };
    let receipt = wa::ServerErrorReceipt { stanza_id: Some(id.clone()) }.encode_to_vec();
    let Some(encrypt) = seal(world, key, id, &receipt) else {
        return;
    };
    let to = world.jid(DeviceRef::phone(*from), Domain::Lid);
    let own = world.jid(DeviceRef::phone(*me), Domain::Lid);
    let about = node("rmr").attr("jid", own).attr("from_me", "false").build();
    let receipt = node("receipt")
        .attr("to", to)
        .attr("id", id.as_str())
        .attr("type", "server-error")
        .children([encrypt, about])
        .build();
    crate::areas::receipt::accept(world, DeviceRef::phone(*me), &receipt);
}

/// `<receipt type="server-error">`: a file has expired for somebody. The phone
/// uploads it again and tells where, or says why not.
pub(super) fn upload_again(world: &mut World, me: AccountId, from: DeviceRef, receipt: &Node) {
    let id = receipt.text_of("id").into_owned();
    let answer = anew(world, me, from, &id, receipt);
    let mut notification = node("notification")
        .attr("type", "mediaretry")
        .attr("id", id.as_str())
        .attr("from", world.jid(DeviceRef::phone(me), Domain::Pn))
        .attr("t", world.now_secs());
    let answer = match answer {
        Ok(encrypt) => encrypt,
        Err(code) => node("error").attr("code", code).build(),
    };
    let about = receipt.child("rmr").cloned();
    notification = notification.children(std::iter::once(answer).chain(about));
    world.deliver(from, Some(me), notification.build());
}

/// The sealed direct path of a file that was uploaded again; the error is the
/// code to answer with.
fn anew(world: &mut World, me: AccountId, from: DeviceRef, id: &str, receipt: &Node) -> Result<Node, u32> {
    let about = receipt.child("rmr");
    let author = match about {
        // Asked by a receiver, who names himself as the chat: it is our own.
        _ if from.account != me => me,
        Some(about) if about.text_of("from_me") == "true" => me,
        Some(about) => {
            let author = about.jid_of("participant").or_else(|| about.jid_of("jid"));
            author.and_then(|jid: Jid| world.find(&jid)).ok_or(NOT_FOUND)?
        }
        None => me,
    };
    let shown =
        world.accounts.get(&me).and_then(|account| account.phone.conversations.known(author, id)).ok_or(NOT_FOUND)?;
    let file = file::of(&shown.message).ok_or(NOT_FOUND)?;
    let (FileState::Here(hash), Some(key)) = (&shown.marks.file, &file.key) else {
        return Err(NOT_FOUND);
    };
    let (hash, key) = (*hash, key.clone());
    if open(&key, id, receipt).is_none_or(|plain| {
        wa::ServerErrorReceipt::decode_from_slice(&plain).ok().and_then(|asked| asked.stanza_id).as_deref() != Some(id)
    }) {
        return Err(UNREADABLE);
    }
    let key_bytes: [u8; 32] = key.as_slice().try_into().map_err(|_| UNREADABLE)?;
    let (file_there, _) = world.media.kept(&hash).ok_or(NOT_FOUND)?;
    let (now, life) = (world.now_ms(), world.timing.media_life_ms);
    let sealed =
        cipher::upload(&world.media, file_there, file.media_type(), key_bytes, now, life).map_err(|_| GENERAL_ERROR)?;
    if let Some(shown) = world.accounts.get_mut(&me).and_then(|account| account.phone.conversations.of(author, id)) {
        file::relocate(&mut shown.message, &sealed.direct_path);
    }
    let found = wa::MediaRetryNotification {
        stanza_id: Some(id.to_owned()),
        direct_path: Some(sealed.direct_path),
        result: Some(wa::media_retry_notification::ResultType::SUCCESS),
        ..Default::default()
    };
    seal(world, &key, id, &found.encode_to_vec()).ok_or(GENERAL_ERROR)
}

/// `<notification type="mediaretry">`: the file is there again, or never will be.
pub(super) fn retried(world: &mut World, me: AccountId, stanza: &Node) {
    let Some(from) = stanza.jid_of("from").and_then(|jid| world.find(&jid)) else {
        return;
    };
    let id = stanza.text_of("id").into_owned();
    let Some(shown) = world.accounts.get_mut(&me).and_then(|account| account.phone.conversations.of(from, &id)) else {
        return;
    };
    let Some(key) = file::of(&shown.message).and_then(|file| file.key) else {
        return;
    };
    let direct_path = open(&key, &id, stanza)
        .and_then(|plain| wa::MediaRetryNotification::decode_from_slice(&plain).ok())
        .and_then(|answer| answer.direct_path);
    let Some(direct_path) = direct_path else {
        shown.marks.file = FileState::Failed("its sender does not have it any more".to_owned());
        return;
    };
    file::relocate(&mut shown.message, &direct_path);
    let arrival = Arrival {
        id,
        chat: shown.chat,
        from: DeviceRef { account: shown.from, device: shown.from_device },
        timestamp: shown.timestamp,
        message: (*shown.message).clone(),
    };
    if let Some(wanted) = wanted(me, &arrival) {
        want(world, wanted);
    }
}

fn retry_key(media_key: &[u8]) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    wacore::crypto::hkdf_sha256_into(media_key, None, RETRY_INFO, &mut key).ok()?;
    Some(key)
}

fn seal(world: &mut World, media_key: &[u8], id: &str, plain: &[u8]) -> Option<Node> {
    let mut iv = [0; 12];
    world.rng.fill_bytes(&mut iv);
    let mut sealed = Vec::new();
    aes_256_gcm_encrypt(&retry_key(media_key)?, &iv, id.as_bytes(), plain, &mut sealed).ok()?;
    let parts = [node("enc_p").bytes(sealed).build(), node("enc_iv").bytes(iv.to_vec()).build()];
    Some(node("encrypt").children(parts).build())
}

fn open(media_key: &[u8], id: &str, stanza: &Node) -> Option<Vec<u8>> {
    let encrypt = stanza.child("encrypt")?;
    let iv: [u8; 12] = encrypt.body_of("enc_iv").try_into().ok()?;
    let mut plain = Vec::new();
    aes_256_gcm_decrypt(&retry_key(media_key)?, &iv, id.as_bytes(), encrypt.body_of("enc_p"), &mut plain).ok()?;
    Some(plain)
}
