//! Linking: typing a code, scanning a QR code.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::{Value, json};
use wacore::libsignal::protocol::KeyPair;
use wacore::pair_code::PairCodeUtils;

use super::Context;
use super::error::{Body, OfPhone, Refusal, existing, made};
use super::phones::device_json;
use crate::areas::linking_code::{self, CantTry, Typed};
use crate::areas::linking_qr::{self, CantAdmit};
use crate::hub::Hub;
use crate::ids::{AccountId, ConnId, PhoneNumber};
use crate::phone::linking::{QrCode, normal_code};
use crate::stanza::public_bytes;
use crate::world::World;
use crate::world::links::Outcome;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Code {
    code: String,
}

/// `POST /phones/{phone}/link`: the person types a link code.
pub(super) async fn link(
    State(context): State<Context>,
    OfPhone(number): OfPhone,
    Body(body): Body<Code>,
) -> Result<Json<Value>, Refusal> {
    let code = normal_code(&body.code)
        .ok_or_else(|| Refusal::invalid("a link code has eight letters and digits, like ABCD-EFGH"))?;
    let hub = &context.hub;
    let (reference, wrapped, account, wait) = hub.with(|world| {
        let account = made(world, &number)?;
        let (reference, wrapped) = linking_code::pending(world, &number).map_err(|why| cant_try(why, &number))?;
        Ok::<_, Refusal>((reference, wrapped, account, world.timing.link_wait_ms))
    })?;
    // Two times 131,072 rounds of PBKDF2: not under the lock.
    let typed = tokio::task::spawn_blocking(move || typed(reference, &wrapped, &code)).await.ok().flatten();
    let typed = typed.ok_or_else(|| Refusal::invalid("the companion's sealed key is unusable"))?;
    let attempt = hub
        .with(|world| linking_code::primary_hello(world, &number, account, typed))
        .map_err(|why| cant_try(why, &number))?;
    let outcome = hub.wait_for(Duration::from_millis(wait), |world| world.links.outcome(attempt)).await;
    if outcome.is_none() {
        hub.with(|world| linking_code::give_up(world, &number, attempt));
    }
    answer(hub, outcome, &number)
}

fn typed(reference: String, wrapped: &[u8], code: &str) -> Option<Typed> {
    let companion_ephemeral = PairCodeUtils::decrypt_primary_ephemeral_pub(wrapped, code).ok()?;
    let ephemeral = KeyPair::generate(&mut rand::make_rng::<StdRng>());
    let wrapped = PairCodeUtils::encrypt_ephemeral_pub(&public_bytes(&ephemeral.public_key), code).to_vec();
    Some(Typed { reference, companion_ephemeral, ephemeral, wrapped })
}

fn cant_try(why: CantTry, number: &PhoneNumber) -> Refusal {
    match why {
        CantTry::NoPendingCode => Refusal::new(
            StatusCode::NOT_FOUND,
            "no_pending_code",
            format!("no companion shows a link code for {number}; ask the client for one first"),
        ),
        CantTry::Expired => {
            Refusal::new(StatusCode::GONE, "code_expired", "the link code has expired; ask the client for a new one")
        }
        CantTry::NoTriesLeft => Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_tries",
            "the code was typed wrong too often; ask the client for a new one",
        ),
        CantTry::Busy => {
            Refusal::new(StatusCode::CONFLICT, "busy", "another typed code is being checked; try again when it is done")
        }
    }
}

fn answer(hub: &Hub, outcome: Option<Outcome>, number: &PhoneNumber) -> Result<Json<Value>, Refusal> {
    match outcome {
        Some(Outcome::Linked(device)) => {
            Ok(Json(json!({"phone": number.to_string(), "device": hub.with(|world| device_json(world, device))})))
        }
        Some(Outcome::WrongCode { tries_left }) => Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "wrong_code",
            format!("the code is not the one the companion shows; {tries_left} tries are left"),
        )
        .with("triesLeft", tries_left)),
        Some(Outcome::Refused) => {
            Err(Refusal::new(StatusCode::CONFLICT, "refused", "the companion refused what the phone signed"))
        }
        Some(Outcome::Gone) => Err(Refusal::new(
            StatusCode::GONE,
            "companion_gone",
            "the companion closed its connection before it was linked",
        )),
        None => Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, "no_answer", "the companion did not answer in time")),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Refresh {
    #[serde(default)]
    force_manual: bool,
}

/// `POST /phones/{phone}/refresh-code`: WhatsApp wants another code shown.
pub(super) async fn refresh(
    State(context): State<Context>,
    OfPhone(number): OfPhone,
    Body(body): Body<Refresh>,
) -> Result<StatusCode, Refusal> {
    let asked = context.hub.with(|world| linking_code::refresh(world, &number, body.force_manual));
    if asked { Ok(StatusCode::NO_CONTENT) } else { Err(cant_try(CantTry::NoPendingCode, &number)) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Scan {
    qr: String,
}

fn qr_code(text: &str) -> Result<QrCode, Refusal> {
    QrCode::parse(text)
        .ok_or_else(|| Refusal::invalid("qr must be the text of a WhatsApp QR code, ref,noise,identity,secret"))
}

/// `POST /phones/{phone}/scan`: the person scans a QR code.
pub(super) async fn scan(
    State(context): State<Context>,
    OfPhone(number): OfPhone,
    Body(body): Body<Scan>,
) -> Result<Json<Value>, Refusal> {
    let code = qr_code(&body.qr)?;
    let (attempt, wait) = context.hub.with(|world| {
        let conn = shown_by(world, &code)?;
        let account = made(world, &number)?;
        begin(world, conn, account, &code)
    })?;
    outcome(&context.hub, attempt, wait, &number).await
}

/// `POST /scan`: a new phone scans it.
pub(super) async fn scan_anew(State(context): State<Context>, Body(body): Body<Scan>) -> Result<Json<Value>, Refusal> {
    let code = qr_code(&body.qr)?;
    let (number, (attempt, wait)) = context.hub.with(|world| {
        let conn = shown_by(world, &code)?;
        let number = free_number(world).ok_or_else(Refusal::world_full)?;
        let account = made(world, &number)?;
        Ok::<_, Refusal>((number, begin(world, conn, account, &code)?))
    })?;
    outcome(&context.hub, attempt, wait, &number).await
}

/// A number nobody has, of a range that is never given to anyone.
fn free_number(world: &World) -> Option<PhoneNumber> {
    (0..100_000)
        .map(|n| format!("1600555{n:05}"))
        .filter_map(|digits| PhoneNumber::parse(&digits))
        .find(|number| existing(world, number).is_err())
}

fn shown_by(world: &World, code: &QrCode) -> Result<ConnId, Refusal> {
    let conn = linking_qr::scanned(world, &code.reference).map_err(cant_admit)?;
    let connection = world.connections.get(&conn);
    let same = connection.is_some_and(|connection| {
        connection.client_static == code.noise
            && connection.candidate().is_some_and(|candidate| candidate.keys.identity == code.identity)
    });
    if same {
        Ok(conn)
    } else {
        Err(Refusal::invalid("the keys in the QR code are not those of the companion that shows its ref"))
    }
}

fn begin(world: &mut World, conn: ConnId, account: AccountId, code: &QrCode) -> Result<(u64, u64), Refusal> {
    let attempt = world.links.attempt(conn);
    linking_qr::admit(world, conn, account, &code.secret, attempt).map_err(cant_admit)?;
    Ok((attempt, world.timing.link_wait_ms))
}

fn cant_admit(why: CantAdmit) -> Refusal {
    match why {
        CantAdmit::UnknownRef => {
            Refusal::new(StatusCode::NOT_FOUND, "unknown_ref", "no companion shows this QR code on this sandbox")
        }
        CantAdmit::Expired => {
            Refusal::new(StatusCode::GONE, "qr_expired", "the QR code has expired; scan the one the client shows now")
        }
        CantAdmit::TooManyCompanions => Refusal::new(
            StatusCode::CONFLICT,
            "too_many_companions",
            "the phone has as many companions as it may have; unlink one",
        ),
        CantAdmit::Unusable => {
            Refusal::new(StatusCode::CONFLICT, "already_scanned", "this companion is being linked already")
        }
    }
}

async fn outcome(hub: &Hub, attempt: u64, wait_ms: u64, number: &PhoneNumber) -> Result<Json<Value>, Refusal> {
    let outcome = hub.wait_for(Duration::from_millis(wait_ms), |world| world.links.outcome(attempt)).await;
    answer(hub, outcome, number)
}
