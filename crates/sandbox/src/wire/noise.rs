//! The responder's side of WhatsApp's three Noise patterns.
//!
//! * **XX**, the first time: hello, server hello, finish with the login payload.
//! * **IK**, when the client kept the server's static key: the login payload
//!   comes with the hello (0-RTT).
//! * **XXfallback**, when an IK hello was made for another static key: answered
//!   like XX, over the ephemeral the client has already sent.
//!
//! The order of the tokens is read from the initiator in
//! `wacore_noise::handshake`.

use buffa::{Message as _, MessageField};
use rand::rngs::StdRng;
use thiserror::Error;
use wacore::libsignal::protocol::KeyPair;
use wacore_binary::consts::{NOISE_PATTERN_IK, NOISE_PATTERN_XX, NOISE_PATTERN_XXFALLBACK};
use wacore_noise::{HandshakeError, NoiseCipher, NoiseHandshake};
use waproto::whatsapp::HandshakeMessage;
use waproto::whatsapp::handshake_message::{ClientHello, ServerHello};

use super::certificate::ServerIdentity;
use crate::stanza::public_bytes;

/// Why a handshake failed; the connection is then closed without a word.
#[derive(Debug, Error)]
pub(crate) enum NoiseError {
    #[error("the handshake message can't be read: {0}")]
    Decode(#[from] buffa::DecodeError),
    #[error("the handshake message has no {0}")]
    Missing(&'static str),
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error("a key of the handshake is not 32 bytes long")]
    KeyLength,
}

/// Which pattern a connection used; told in the list of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    Xx,
    Ik,
    XxFallback,
}

impl Pattern {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Xx => "XX",
            Self::Ik => "IK",
            Self::XxFallback => "XXfallback",
        }
    }
}

/// A finished handshake.
pub(crate) struct Established {
    /// Opens what the client sends.
    pub(crate) read: NoiseCipher,
    /// Seals what the server sends.
    pub(crate) write: NoiseCipher,
    /// The client's long-term Noise key, by which a device is recognised.
    pub(crate) client_static: [u8; 32],
    /// The encoded `ClientPayload`.
    pub(crate) payload: Vec<u8>,
    pub(crate) pattern: Pattern,
}

/// The server's answer to a client hello.
pub(crate) enum Answer {
    /// IK: the answer, and the handshake is over.
    Done(Vec<u8>, Box<Established>),
    /// XX and XXfallback: the answer, and a finish is still to come.
    Expecting(Vec<u8>, Box<AwaitingFinish>),
}

/// A handshake that waits for the client's finish.
pub(crate) struct AwaitingFinish {
    noise: NoiseHandshake,
    ephemeral: KeyPair,
    pattern: Pattern,
}

/// Answers the first frame of a connection.
pub(crate) fn answer_hello(
    frame: &[u8],
    header: &[u8],
    server: &ServerIdentity,
    rng: &mut StdRng,
) -> Result<Answer, NoiseError> {
    let hello = HandshakeMessage::decode_from_slice(frame)?
        .client_hello
        .into_option()
        .ok_or(NoiseError::Missing("client hello"))?;
    let client_ephemeral = key32(hello.ephemeral.as_deref().ok_or(NoiseError::Missing("ephemeral key"))?)?;
    let ephemeral = KeyPair::generate(rng);
    if hello.r#static.is_some() && hello.payload.is_some() {
        if let Ok((answer, established)) = resume(&hello, client_ephemeral, header, server, &ephemeral) {
            return Ok(Answer::Done(answer, Box::new(established)));
        }
        return exchange(Pattern::XxFallback, client_ephemeral, header, server, ephemeral);
    }
    exchange(Pattern::Xx, client_ephemeral, header, server, ephemeral)
}

fn resume(
    hello: &ClientHello,
    client_ephemeral: [u8; 32],
    header: &[u8],
    server: &ServerIdentity,
    ephemeral: &KeyPair,
) -> Result<(Vec<u8>, Established), NoiseError> {
    let (Some(sealed_static), Some(sealed_payload)) = (&hello.r#static, &hello.payload) else {
        return Err(NoiseError::Missing("0-RTT payload"));
    };
    let server_static = server.leaf.private_key.serialize();
    let mut noise = NoiseHandshake::new(NOISE_PATTERN_IK, header)?;
    noise.authenticate(&public_bytes(&server.leaf.public_key));
    noise.authenticate(&client_ephemeral);
    noise.mix_shared_secret(server_static, &client_ephemeral)?;
    let client_static = key32(&noise.decrypt(sealed_static)?)?;
    noise.mix_shared_secret(server_static, &client_static)?;
    let payload = noise.decrypt(sealed_payload)?;

    let ephemeral_public = public_bytes(&ephemeral.public_key);
    noise.authenticate(&ephemeral_public);
    noise.mix_shared_secret(ephemeral.private_key.serialize(), &client_ephemeral)?;
    noise.mix_shared_secret(ephemeral.private_key.serialize(), &client_static)?;
    let certificate = noise.encrypt(&server.chain)?;
    let answer = server_hello(ephemeral_public, None, certificate);
    Ok((answer, established(noise, client_static, payload, Pattern::Ik)?))
}

fn exchange(
    pattern: Pattern,
    client_ephemeral: [u8; 32],
    header: &[u8],
    server: &ServerIdentity,
    ephemeral: KeyPair,
) -> Result<Answer, NoiseError> {
    let name = if pattern == Pattern::Xx { NOISE_PATTERN_XX } else { NOISE_PATTERN_XXFALLBACK };
    let ephemeral_public = public_bytes(&ephemeral.public_key);
    let mut noise = NoiseHandshake::new(name, header)?;
    noise.authenticate(&client_ephemeral);
    noise.authenticate(&ephemeral_public);
    noise.mix_shared_secret(ephemeral.private_key.serialize(), &client_ephemeral)?;
    let sealed_static = noise.encrypt(&public_bytes(&server.leaf.public_key))?;
    noise.mix_shared_secret(server.leaf.private_key.serialize(), &client_ephemeral)?;
    let certificate = noise.encrypt(&server.chain)?;
    let answer = server_hello(ephemeral_public, Some(sealed_static), certificate);
    Ok(Answer::Expecting(answer, Box::new(AwaitingFinish { noise, ephemeral, pattern })))
}

impl AwaitingFinish {
    /// Reads the client's finish and ends the handshake.
    pub(crate) fn finish(self, frame: &[u8]) -> Result<Established, NoiseError> {
        let Self { mut noise, ephemeral, pattern } = self;
        let finish = HandshakeMessage::decode_from_slice(frame)?
            .client_finish
            .into_option()
            .ok_or(NoiseError::Missing("client finish"))?;
        let sealed_static = finish.r#static.ok_or(NoiseError::Missing("static key"))?;
        let sealed_payload = finish.payload.ok_or(NoiseError::Missing("payload"))?;
        let client_static = key32(&noise.decrypt(&sealed_static)?)?;
        noise.mix_shared_secret(ephemeral.private_key.serialize(), &client_static)?;
        let payload = noise.decrypt(&sealed_payload)?;
        established(noise, client_static, payload, pattern)
    }
}

fn established(
    noise: NoiseHandshake,
    client_static: [u8; 32],
    payload: Vec<u8>,
    pattern: Pattern,
) -> Result<Established, NoiseError> {
    // `finish` names the ciphers from the initiator's side.
    let (read, write) = noise.finish()?;
    Ok(Established { read, write, client_static, payload, pattern })
}

fn server_hello(ephemeral: [u8; 32], sealed_static: Option<Vec<u8>>, certificate: Vec<u8>) -> Vec<u8> {
    HandshakeMessage {
        server_hello: MessageField::some(ServerHello {
            ephemeral: Some(ephemeral.to_vec()),
            r#static: sealed_static,
            payload: Some(certificate),
            ..Default::default()
        }),
        ..Default::default()
    }
    .encode_to_vec()
}

fn key32(bytes: &[u8]) -> Result<[u8; 32], NoiseError> {
    bytes.try_into().map_err(|_| NoiseError::KeyLength)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use wacore_binary::consts::WA_CONN_HEADER;
    use wacore_noise::{IkHandshakeState, IkServerHelloOutcome};
    use waproto::whatsapp::handshake_message::ClientFinish;

    use super::*;

    fn server(seed: u64) -> (ServerIdentity, StdRng) {
        let mut rng = StdRng::seed_from_u64(seed);
        (ServerIdentity::generate(&mut rng).unwrap(), rng)
    }

    /// What the client writes the server reads, and the other way round.
    fn assert_joined(
        established: &Established,
        client_write: &NoiseCipher,
        client_read: &NoiseCipher,
        client: &KeyPair,
    ) {
        for (from, to) in [(client_write, &established.read), (&established.write, client_read)] {
            let mut sealed = from.encrypt_with_counter(0, b"hello").unwrap();
            to.decrypt_in_place_with_counter(0, &mut sealed).unwrap();
            assert_eq!(sealed, b"hello");
        }
        assert_eq!(established.client_static, public_bytes(&client.public_key));
        assert_eq!(established.payload, b"login");
    }

    /// The initiator's half of XX and XXfallback, without a look at the
    /// certificate: its root is not WhatsApp's.
    fn initiate(
        name: &str,
        hello: &[u8],
        ephemeral: &KeyPair,
        client: &KeyPair,
        expected_chain: &[u8],
    ) -> (Vec<u8>, NoiseCipher, NoiseCipher) {
        let answer = HandshakeMessage::decode_from_slice(hello).unwrap().server_hello.into_option().unwrap();
        let server_ephemeral: [u8; 32] = answer.ephemeral.unwrap().try_into().unwrap();
        let mut noise = NoiseHandshake::new(name, &WA_CONN_HEADER).unwrap();
        noise.authenticate(&public_bytes(&ephemeral.public_key));
        noise.authenticate(&server_ephemeral);
        noise.mix_shared_secret(ephemeral.private_key.serialize(), &server_ephemeral).unwrap();
        let server_static: [u8; 32] = noise.decrypt(&answer.r#static.unwrap()).unwrap().try_into().unwrap();
        noise.mix_shared_secret(ephemeral.private_key.serialize(), &server_static).unwrap();
        assert_eq!(noise.decrypt(&answer.payload.unwrap()).unwrap(), expected_chain);
        let sealed_static = noise.encrypt(&public_bytes(&client.public_key)).unwrap();
        noise.mix_shared_secret(client.private_key.serialize(), &server_ephemeral).unwrap();
        let sealed_payload = noise.encrypt(b"login").unwrap();
        let finish = HandshakeMessage {
            client_finish: MessageField::some(ClientFinish {
                r#static: Some(sealed_static),
                payload: Some(sealed_payload),
                ..Default::default()
            }),
            ..Default::default()
        };
        let (write, read) = noise.finish().unwrap();
        (finish.encode_to_vec(), write, read)
    }

    #[test]
    fn a_first_connection_takes_three_messages() {
        let (server, mut rng) = server(1);
        let (client, ephemeral) = (KeyPair::generate(&mut rng), KeyPair::generate(&mut rng));
        let hello = HandshakeMessage {
            client_hello: MessageField::some(ClientHello {
                ephemeral: Some(public_bytes(&ephemeral.public_key).to_vec()),
                ..Default::default()
            }),
            ..Default::default()
        };
        let Answer::Expecting(answer, awaiting) =
            answer_hello(&hello.encode_to_vec(), &WA_CONN_HEADER, &server, &mut rng).unwrap()
        else {
            panic!("an XX hello needs a finish");
        };
        let (finish, write, read) = initiate(NOISE_PATTERN_XX, &answer, &ephemeral, &client, &server.chain);
        let established = awaiting.finish(&finish).unwrap();
        assert_eq!(established.pattern, Pattern::Xx);
        assert_joined(&established, &write, &read, &client);
    }

    #[test]
    fn a_client_that_knows_the_server_logs_in_with_its_hello() {
        let (server, mut rng) = server(1);
        let client = KeyPair::generate(&mut rng);
        let mut state = IkHandshakeState::new(
            client.clone(),
            public_bytes(&server.leaf.public_key),
            b"login".to_vec(),
            &WA_CONN_HEADER,
        )
        .unwrap();
        let hello = state.build_client_hello().unwrap();
        let Answer::Done(answer, established) = answer_hello(&hello, &WA_CONN_HEADER, &server, &mut rng).unwrap()
        else {
            panic!("an IK hello is answered at once");
        };
        let IkServerHelloOutcome::Continue(outcome) = state.read_server_hello(&answer).unwrap() else {
            panic!("the client goes on with IK");
        };
        assert_eq!(established.pattern, Pattern::Ik);
        assert_joined(&established, &outcome.write_cipher, &outcome.read_cipher, &client);
    }

    #[test]
    fn a_client_that_knows_another_server_falls_back() {
        let (before, mut rng) = server(1);
        let (now, _) = server(2);
        let client = KeyPair::generate(&mut rng);
        let mut state = IkHandshakeState::new(
            client.clone(),
            public_bytes(&before.leaf.public_key),
            b"login".to_vec(),
            &WA_CONN_HEADER,
        )
        .unwrap();
        let hello = state.build_client_hello().unwrap();
        let Answer::Expecting(answer, awaiting) = answer_hello(&hello, &WA_CONN_HEADER, &now, &mut rng).unwrap() else {
            panic!("the hello can't be opened with the new key");
        };
        let IkServerHelloOutcome::Fallback(inputs) = state.read_server_hello(&answer).unwrap() else {
            panic!("the client falls back");
        };
        let (finish, write, read) =
            initiate(NOISE_PATTERN_XXFALLBACK, &answer, &inputs.ephemeral_kp, &inputs.static_kp, &now.chain);
        let established = awaiting.finish(&finish).unwrap();
        assert_eq!(established.pattern, Pattern::XxFallback);
        assert_joined(&established, &write, &read, &client);
    }

    proptest::proptest! {
        #[test]
        fn a_broken_hello_is_an_error(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..256)) {
            let (server, mut rng) = server(1);
            let _ = answer_hello(&bytes, &WA_CONN_HEADER, &server, &mut rng);
        }
    }
}
