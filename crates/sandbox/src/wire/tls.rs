//! TLS for clients that insist on `https` and `wss`.
//!
//! Each sandbox makes a certificate authority of its own at start; the control
//! API tells its certificate. A port takes TLS and plain connections alike: the
//! first byte of a TLS handshake can't begin an HTTP request.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;

/// The names the certificate is good for. WhatsApp's own are among them for
/// clients that can only be led here by a proxy.
const NAMES: [&str; 8] = [
    "localhost",
    "127.0.0.1",
    "::1",
    "web.whatsapp.com",
    "*.whatsapp.com",
    "*.whatsapp.net",
    "*.web.whatsapp.com",
    "*.cdn.whatsapp.net",
];
/// The first byte of a TLS handshake record.
const HANDSHAKE_RECORD: u8 = 22;
/// How long a client may take to say whether it speaks TLS, and to agree on it.
const HANDSHAKE: Duration = Duration::from_secs(20);
/// Connections that are agreed on and wait to be served.
const WAITING: usize = 256;
/// Connections of one port that may be agreeing on TLS at once.
const AGREEING: usize = 4_096;

/// A connection, secured or plain.
pub(crate) type Stream = Either<TcpStream, TlsStream<TcpStream>>;

/// Why there is no certificate; a fault of a cryptographic library.
#[derive(Debug, Error)]
pub(crate) enum TlsError {
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// The sandbox's certificate authority and the server certificate below it.
pub(crate) struct Tls {
    authority_pem: String,
    acceptor: TlsAcceptor,
}

impl Tls {
    /// A new authority with a server certificate for [`NAMES`].
    pub(crate) fn generate() -> Result<Self, TlsError> {
        let named = |name: &str| {
            let mut names = DistinguishedName::new();
            names.push(DnType::CommonName, name);
            names
        };
        let mut authority = CertificateParams::default();
        authority.distinguished_name = named("SparkBot sandbox authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_key = KeyPair::generate()?;
        let certificate = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);

        let mut server = CertificateParams::new(NAMES.map(str::to_owned))?;
        server.distinguished_name = named("SparkBot sandbox");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;
        let server_key = KeyPair::generate()?;
        let server = server.signed_by(&server_key, &issuer)?;

        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
        let chain = vec![server.der().clone(), certificate.der().clone()];
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { authority_pem: certificate.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// The authority's certificate as PEM: what a client must trust.
    pub(crate) fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    /// Agrees on TLS with a client that begins it; others stay plain.
    ///
    /// # Errors
    ///
    /// When the client says nothing in time, or the handshake fails.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        tokio::time::timeout(HANDSHAKE, async {
            let mut first = [0];
            if stream.peek(&mut first).await? == 1 && first[0] == HANDSHAKE_RECORD {
                Ok(Either::Right(self.acceptor.accept(stream).await?))
            } else {
                Ok(Either::Left(stream))
            }
        })
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

/// A listener for axum whose connections have agreed on TLS, or on none.
pub(crate) struct TlsListener {
    accepted: mpsc::Receiver<(Stream, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    /// Takes connections of `listener` until `stop`; a slow handshake holds up
    /// nobody else.
    pub(crate) fn new(listener: TcpListener, tls: Arc<Tls>, stop: CancellationToken) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (ready, accepted) = mpsc::channel(WAITING);
        let slots = Arc::new(tokio::sync::Semaphore::new(AGREEING));
        tokio::spawn(async move {
            loop {
                let (stream, peer) = tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok(accepted) => accepted,
                        Err(error) => {
                            // Out of file descriptors, mostly; it passes.
                            tracing::warn!(%error, "the sandbox could not accept a connection");
                            tokio::time::sleep(Duration::from_millis(100)).await;
                            continue;
                        }
                    },
                    () = stop.cancelled() => return,
                };
                let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
                    continue;
                };
                let (tls, ready) = (Arc::clone(&tls), ready.clone());
                tokio::spawn(async move {
                    let _ = stream.set_nodelay(true);
                    match tls.accept(stream).await {
                        Ok(stream) => drop(ready.send((stream, peer)).await),
                        Err(error) => tracing::debug!(%error, "a client did not agree on TLS"),
                    }
                    drop(slot);
                });
            }
        });
        Ok(Self { accepted, address })
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        match self.accepted.recv().await {
            Some(accepted) => accepted,
            // The sandbox stops; whoever serves hears of it in another way.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
