//! A light client on its socket, and the commands it takes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;
use tokio::sync::mpsc;

use super::session::{Session, digits};
use super::socket::{Reader, Writer, connect};
use super::{Counts, Load, LoadError, http};
use crate::stanza::{Reading as _, node};

/// How many messages may wait to be written by one client.
const WAITING: usize = 10_000;

/// The way to a client that runs.
pub(super) struct Link(mpsc::Sender<()>);

/// The ways to all clients.
pub(super) struct Links(Vec<Link>);

impl Links {
    pub(super) fn new(links: Vec<Link>) -> Self {
        Self(links)
    }

    /// Lets the client whose turn it is send a message.
    pub(super) fn send(&self, turn: u64) {
        let at = usize::try_from(turn % (self.0.len().max(1) as u64)).unwrap_or(0);
        if let Some(link) = self.0.get(at) {
            // A client that is gone or too slow shows in what is acknowledged.
            let _ = link.0.try_send(());
        }
    }

    /// How many clients are connected.
    pub(super) fn connected(&self) -> usize {
        self.0.iter().filter(|link| !link.0.is_closed()).count()
    }
}

/// Makes light clients.
pub(super) struct Client;

impl Client {
    /// Links a companion, logs it in, uploads its keys and lets it run.
    pub(super) async fn link(
        socket: &str,
        control: &str,
        account: u32,
        companion: u16,
        load: Load,
        counts: Arc<Counts>,
    ) -> Result<Link, LoadError> {
        let unexpected = |what: &str| LoadError::Unexpected(what.to_owned());
        let mut session = Session::new(account, companion, load).ok_or_else(|| unexpected("no keys"))?;
        let registration = session.registration().ok_or_else(|| unexpected("no keys"))?;
        pair(socket, control, account, &mut session, &registration).await?;

        let noise = session.noise.clone();
        let login = session.login();
        let (mut writer, mut reader) = connect(socket, None, &noise, &login, &mut session.rng).await?;
        let begin = session.begin().ok_or_else(|| unexpected("no keys"))?;
        for stanza in &begin {
            writer.send(stanza).await?;
        }
        // Both iqs are answered in order.
        let mut answers = 0;
        while answers < begin.len() {
            let stanza = reader.next().await?.ok_or_else(|| unexpected("the login was refused"))?;
            if stanza.tag == "iq" {
                answers += 1;
            }
            for answer in session.hear(&stanza).answers {
                writer.send(&answer).await?;
            }
        }
        let (commands, orders) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            if run(session, writer, reader, orders, &counts).await.is_err() {
                counts.lost.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Link(commands))
    }
}

/// Shows a QR, has it scanned, and confirms.
async fn pair(
    socket: &str,
    control: &str,
    account: u32,
    session: &mut Session,
    registration: &[u8],
) -> Result<(), LoadError> {
    let broken = || LoadError::Unexpected("the link was broken off".to_owned());
    let noise = session.noise.clone();
    let (mut writer, mut reader) = connect(socket, None, &noise, registration, &mut session.rng).await?;
    let mut scan = None;
    loop {
        let stanza = reader.next().await?.ok_or_else(broken)?;
        if let Some(refs) = stanza.child("pair-device") {
            let answer = node("iq").attr("id", stanza.text_of("id").as_ref()).attr("type", "result");
            let from = stanza.jid_of("from").unwrap_or_default();
            writer.send(&answer.attr("to", from).build()).await?;
            let reference = refs.child("ref").map(|reference| String::from_utf8_lossy(reference.body()).into_owned());
            let qr = session.qr(&reference.ok_or_else(broken)?);
            let path = format!("/phones/{}/scan", digits(account));
            let control = control.to_owned();
            scan = Some(tokio::spawn(async move { http::post(&control, &path, &json!({ "qr": qr })).await }));
        } else if stanza.child("pair-success").is_some() {
            let confirmed = session.confirm(&stanza)?;
            writer.send(&confirmed).await?;
        } else if stanza.tag == "stream:error" {
            break;
        }
    }
    scan.ok_or_else(broken)?.await??;
    Ok(())
}

async fn run(
    mut session: Session,
    mut writer: Writer,
    mut reader: Reader,
    mut orders: mpsc::Receiver<()>,
    counts: &Counts,
) -> Result<(), LoadError> {
    loop {
        let answers = tokio::select! {
            order = orders.recv() => match order {
                Some(()) => Vec::from_iter(session.write()),
                // The measurement is over.
                None => return Ok(()),
            },
            stanza = reader.next() => {
                let stanza = stanza?.ok_or_else(|| LoadError::Unexpected("the connection was closed".to_owned()))?;
                let heard = session.hear(&stanza);
                counts.received.fetch_add(heard.received, Ordering::Relaxed);
                counts.undecryptable.fetch_add(heard.undecryptable, Ordering::Relaxed);
                if let Some(since) = heard.acknowledged {
                    counts.acknowledged.fetch_add(1, Ordering::Relaxed);
                    let micros = u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX);
                    counts.ack_micros.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(micros);
                }
                heard.answers
            }
        };
        for answer in &answers {
            writer.send(answer).await?;
        }
    }
}
