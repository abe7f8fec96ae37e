//! The initiator's side of a connection: WebSocket, Noise XX, frames.

use buffa::{Message as _, MessageField};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use rand::rngs::StdRng;
use tokio::net::TcpStream;
use tokio_websockets::{ClientBuilder, MaybeTlsStream, Message, WebSocketStream};
use wacore::libsignal::protocol::KeyPair;
use wacore_binary::Node;
use wacore_binary::consts::{NOISE_PATTERN_XX, WA_CONN_HEADER};
use wacore_binary::marshal::marshal;
use wacore_noise::{NoiseCipher, NoiseHandshake};
use waproto::whatsapp::HandshakeMessage;
use waproto::whatsapp::handshake_message::{ClientFinish, ClientHello};

use super::LoadError;
use crate::stanza::public_bytes;
use crate::wire::connection::decode;
use crate::wire::frame::frame;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where stanzas are written.
pub(crate) struct Writer {
    sink: SplitSink<Stream, Message>,
    cipher: NoiseCipher,
    counter: u32,
}

/// Where stanzas come from.
pub(crate) struct Reader {
    stream: SplitStream<Stream>,
    cipher: NoiseCipher,
    counter: u32,
    buffer: Vec<u8>,
}

fn unexpected(what: impl std::fmt::Display) -> LoadError {
    LoadError::Unexpected(what.to_string())
}

/// Connects with Noise XX and the login or registration given, after an
/// edge-routing prefix when there is routing. The server's certificate is not
/// looked at.
pub(crate) async fn connect(
    url: &str,
    routing: Option<&[u8]>,
    noise_key: &KeyPair,
    payload: &[u8],
    rng: &mut StdRng,
) -> Result<(Writer, Reader), LoadError> {
    let uri = url.parse().map_err(unexpected)?;
    let (mut socket, _) = ClientBuilder::from_uri(uri).connect().await?;
    let ephemeral = KeyPair::generate(rng);
    let hello = HandshakeMessage {
        client_hello: MessageField::some(ClientHello {
            ephemeral: Some(public_bytes(&ephemeral.public_key).to_vec()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut first = Vec::new();
    if let Some(routing) = routing {
        first.extend(b"ED\x00\x01");
        first.extend(frame(routing).unwrap_or_default());
    }
    first.extend(WA_CONN_HEADER);
    first.extend(frame(&hello.encode_to_vec()).unwrap_or_default());
    socket.send(Message::binary(first)).await?;
    let mut buffer = Vec::new();
    let answer = loop {
        if let Some(answer) = cut(&mut buffer) {
            break answer;
        }
        let message = socket.next().await.ok_or_else(|| unexpected("the handshake was broken off"))??;
        buffer.extend_from_slice(message.as_payload());
    };
    let answer = HandshakeMessage::decode_from_slice(&answer)
        .ok()
        .and_then(|answer| answer.server_hello.into_option())
        .ok_or_else(|| unexpected("no server hello"))?;
    let theirs: [u8; 32] =
        answer.ephemeral.and_then(|key| key.try_into().ok()).ok_or_else(|| unexpected("no ephemeral key"))?;
    let mut noise = NoiseHandshake::new(NOISE_PATTERN_XX, &WA_CONN_HEADER).map_err(unexpected)?;
    noise.authenticate(&public_bytes(&ephemeral.public_key));
    noise.authenticate(&theirs);
    noise.mix_shared_secret(ephemeral.private_key.serialize(), &theirs).map_err(unexpected)?;
    let server = noise.decrypt(&answer.r#static.unwrap_or_default()).map_err(unexpected)?;
    let server: [u8; 32] = server.try_into().map_err(|_| unexpected("no static key"))?;
    noise.mix_shared_secret(ephemeral.private_key.serialize(), &server).map_err(unexpected)?;
    noise.decrypt(&answer.payload.unwrap_or_default()).map_err(unexpected)?;
    let sealed_static = noise.encrypt(&public_bytes(&noise_key.public_key)).map_err(unexpected)?;
    noise.mix_shared_secret(noise_key.private_key.serialize(), &theirs).map_err(unexpected)?;
    let sealed_payload = noise.encrypt(payload).map_err(unexpected)?;
    let finish = HandshakeMessage {
        client_finish: MessageField::some(ClientFinish {
            r#static: Some(sealed_static),
            payload: Some(sealed_payload),
            ..Default::default()
        }),
        ..Default::default()
    };
    let finish = frame(&finish.encode_to_vec()).ok_or_else(|| unexpected("a payload that is too long"))?;
    socket.send(Message::binary(finish)).await?;
    let (write, read) = noise.finish().map_err(unexpected)?;
    let (sink, stream) = socket.split();
    Ok((Writer { sink, cipher: write, counter: 0 }, Reader { stream, cipher: read, counter: 0, buffer }))
}

/// Takes the next whole frame out of what has arrived.
fn cut(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let [a, b, c] = *buffer.first_chunk::<3>()?;
    let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
    let frame = buffer.get(3..3 + length)?.to_vec();
    buffer.drain(..3 + length);
    Some(frame)
}

impl Writer {
    pub(crate) async fn send(&mut self, stanza: &Node) -> Result<(), LoadError> {
        let plain = marshal(stanza).map_err(unexpected)?;
        let sealed = self.cipher.encrypt_with_counter(self.counter, &plain).map_err(unexpected)?;
        self.counter += 1;
        let framed = frame(&sealed).ok_or_else(|| unexpected("a stanza that is too long"))?;
        self.sink.send(Message::binary(framed)).await?;
        Ok(())
    }
}

impl Reader {
    /// The next stanza; `None` when the server has closed the connection.
    pub(crate) async fn next(&mut self) -> Result<Option<Node>, LoadError> {
        loop {
            while let Some(mut frame) = cut(&mut self.buffer) {
                self.cipher.decrypt_in_place_with_counter(self.counter, &mut frame).map_err(unexpected)?;
                self.counter += 1;
                if let Some(node) = decode(&frame) {
                    return Ok(Some(node));
                }
            }
            match self.stream.next().await {
                None => return Ok(None),
                Some(message) => {
                    let message = message?;
                    if message.is_close() {
                        return Ok(None);
                    }
                    self.buffer.extend_from_slice(message.as_payload());
                }
            }
        }
    }
}
