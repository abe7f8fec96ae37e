//! What travels on the socket: WebSocket, frames, Noise, binary XML.
//!
//! Nothing here knows what a stanza means; [`connection`] hands every decoded
//! one to the world and writes what the world answers.

pub(crate) mod certificate;
pub(crate) mod connection;
pub(crate) mod frame;
pub(crate) mod noise;
pub(crate) mod tls;
