//! One client's socket: WebSocket, handshake, then stanzas both ways.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rand::rngs::StdRng;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio_websockets::{CloseCode, Config, Limits, Message, ServerBuilder, WebSocketStream};
use wacore_binary::marshal::unmarshal_ref;
use wacore_binary::util;

use super::frame::{FrameError, FrameReader, MAX_FRAME, frame};
use super::noise::{Answer, Established, NoiseError, answer_hello};
use crate::hub::{Hub, Orders, Write};
use crate::ids::ConnId;
use crate::wire::tls::{Stream, Tls};

/// How long a client may take for its handshake.
const HANDSHAKE: Duration = Duration::from_secs(20);
/// How long writing one stanza may take.
const WRITING: Duration = Duration::from_secs(30);
/// How long a client may take to close a connection that is over.
const LINGER: Duration = Duration::from_millis(1_000);
/// How many sockets may be open at once.
const MAX_CONNECTIONS: usize = 20_000;
/// The deepest nesting of a stanza that is taken.
const MAX_DEPTH: usize = 64;

/// Why a connection ended.
#[derive(Debug, Error)]
enum Ended {
    #[error("the client closed the connection")]
    Closed,
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Noise(#[from] NoiseError),
    #[error(transparent)]
    WebSocket(#[from] tokio_websockets::Error),
    #[error(transparent)]
    Tls(#[from] std::io::Error),
    #[error("the client takes too long for its handshake or does not read")]
    TooSlow,
    #[error("the client sent {0} frames")]
    CounterExhausted(u32),
    #[error("a frame can't be decrypted")]
    Undecryptable,
}

/// Takes connections until the sandbox stops.
pub(crate) async fn listen(hub: Arc<Hub>, listener: TcpListener, tls: Arc<Tls>) {
    let slots = Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, mostly; it passes.
                    tracing::warn!(%error, "the sandbox could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = hub.stop.cancelled() => return,
        };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
            continue;
        };
        let (hub, tls) = (Arc::clone(&hub), Arc::clone(&tls));
        tokio::spawn(async move {
            let stopped = hub.stop.clone();
            tokio::select! {
                ended = serve(&hub, stream, &tls) => {
                    if let Err(ended) = ended {
                        tracing::debug!(%ended, "a connection ended");
                    }
                }
                () = stopped.cancelled() => {}
            }
            drop(slot);
        });
    }
}

type Socket = WebSocketStream<Stream>;

async fn serve(hub: &Arc<Hub>, stream: TcpStream, tls: &Tls) -> Result<(), Ended> {
    // Small stanzas must not wait for each other.
    let _ = stream.set_nodelay(true);
    let stream = tls.accept(stream).await?;
    let limits = Limits::default().max_payload_len(Some(MAX_FRAME + 4096));
    let server = ServerBuilder::new().limits(limits).config(Config::default());
    let (_, mut socket) =
        tokio::time::timeout(HANDSHAKE, server.accept(stream)).await.map_err(|_| Ended::TooSlow)??;
    let mut reader = FrameReader::default();
    let established = tokio::time::timeout(HANDSHAKE, shake_hands(hub, &mut socket, &mut reader))
        .await
        .map_err(|_| Ended::TooSlow)??;
    let (conn, orders) = hub.open(established.pattern.name(), established.client_static, &established.payload);
    let guard = Open { hub, conn };
    exchange(hub, guard.conn, socket, reader, established, orders).await
}

/// Tells the world that the connection is closed, however that came.
struct Open<'a> {
    hub: &'a Hub,
    conn: ConnId,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.hub.closed(self.conn);
    }
}

async fn next_frame(socket: &mut Socket, reader: &mut FrameReader) -> Result<Vec<u8>, Ended> {
    loop {
        if let Some(frame) = reader.next()? {
            return Ok(frame);
        }
        let message = socket.next().await.ok_or(Ended::Closed)??;
        if message.is_close() {
            return Err(Ended::Closed);
        }
        if message.is_binary() {
            reader.feed(message.as_payload());
        }
    }
}

async fn shake_hands(hub: &Hub, socket: &mut Socket, reader: &mut FrameReader) -> Result<Established, Ended> {
    let hello = next_frame(socket, reader).await?;
    let header = reader.header().ok_or(Ended::Closed)?;
    // Ephemeral keys are not part of what a seed repeats.
    let answer = answer_hello(&hello, &header, &hub.identity, &mut rand::make_rng::<StdRng>())?;
    match answer {
        Answer::Done(bytes, established) => {
            write(socket, &bytes).await?;
            Ok(*established)
        }
        Answer::Expecting(bytes, awaiting) => {
            write(socket, &bytes).await?;
            let finish = next_frame(socket, reader).await?;
            Ok(awaiting.finish(&finish)?)
        }
    }
}

async fn write(socket: &mut Socket, payload: &[u8]) -> Result<(), Ended> {
    let framed = frame(payload).ok_or(Ended::Frame(FrameError::TooLong(payload.len())))?;
    tokio::time::timeout(WRITING, socket.send(Message::binary(framed))).await.map_err(|_| Ended::TooSlow)??;
    Ok(())
}

async fn exchange(
    hub: &Arc<Hub>,
    conn: ConnId,
    socket: Socket,
    mut reader: FrameReader,
    established: Established,
    orders: Orders,
) -> Result<(), Ended> {
    let (mut sink, mut stream) = socket.split();
    let Established { read, write, .. } = established;
    let Orders { mut writes, waiting, cut } = orders;
    let writing = async {
        let mut counter: u32 = 0;
        while let Some(next) = writes.recv().await {
            let mut written = 0;
            let sealed = match next {
                Write::Close => {
                    // A client that sees the close before it has worked off the
                    // last stanza never learns why; Baileys is one.
                    tokio::time::sleep(LINGER).await;
                    break;
                }
                Write::Cut => return Ok(()),
                Write::Garbage => {
                    // A frame damaged on its way: it has its place in the count.
                    counter = counter.checked_add(1).ok_or(Ended::CounterExhausted(counter))?;
                    vec![0x5a; 48]
                }
                Write::Stanza(plain) => {
                    written = plain.len();
                    let sealed =
                        write.encrypt_with_counter(counter, &plain).map_err(|_| Ended::CounterExhausted(counter))?;
                    counter = counter.checked_add(1).ok_or(Ended::CounterExhausted(counter))?;
                    sealed
                }
            };
            let framed = frame(&sealed).ok_or(Ended::Frame(FrameError::TooLong(sealed.len())))?;
            tokio::time::timeout(WRITING, sink.send(Message::binary(framed))).await.map_err(|_| Ended::TooSlow)??;
            waiting.fetch_sub(written, Ordering::Relaxed);
        }
        let close = Message::close(Some(CloseCode::NORMAL_CLOSURE), "");
        let _ = tokio::time::timeout(WRITING, sink.send(close)).await;
        Ok::<(), Ended>(())
    };
    let reading = async {
        let mut counter: u32 = 0;
        loop {
            while let Some(mut frame) = reader.next()? {
                read.decrypt_in_place_with_counter(counter, &mut frame).map_err(|_| Ended::Undecryptable)?;
                counter = counter.checked_add(1).ok_or(Ended::CounterExhausted(counter))?;
                if let Some(node) = decode(&frame) {
                    hub.with(|world| world.received(conn, &node));
                }
            }
            let message = stream.next().await.ok_or(Ended::Closed)??;
            if message.is_close() {
                return Err(Ended::Closed);
            }
            if message.is_binary() {
                reader.feed(message.as_payload());
            }
        }
    };
    tokio::select! {
        written = writing => written,
        read = reading => read,
        () = cut.cancelled() => Err(Ended::TooSlow),
    }
}

/// A stanza from decrypted bytes; one that can't be read is dropped.
pub(crate) fn decode(bytes: &[u8]) -> Option<wacore_binary::Node> {
    let unpacked = util::unpack(bytes).ok()?;
    let node = unmarshal_ref(&unpacked).ok()?.to_owned();
    (depth(&node) <= MAX_DEPTH).then_some(node)
}

fn depth(node: &wacore_binary::Node) -> usize {
    let mut deepest = 0;
    let mut pending = vec![(node, 1)];
    while let Some((node, depth)) = pending.pop() {
        deepest = deepest.max(depth);
        pending.extend(node.children().unwrap_or_default().iter().map(|child| (child, depth + 1)));
    }
    deepest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decoding_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
            let _ = decode(&bytes);
        }
    }
}
