//! Whether this build checks that a server is WhatsApp, found out by trying.
//!
//! The client's root key is a constant and its check can only be switched off
//! for a whole build. Our cargo feature `sandbox` does that, so a build with it
//! must never talk to WhatsApp, and a build without it must never be without
//! the check. Neither is believed: both are proved at start-up with a
//! certificate chain whose signatures are zeros.

use whatsapp_rust::buffa::{Message, MessageField};
use whatsapp_rust::wacore::noise::HandshakeUtils;
use whatsapp_rust::waproto::whatsapp::CertChain;
use whatsapp_rust::waproto::whatsapp::cert_chain::NoiseCertificate;
use whatsapp_rust::waproto::whatsapp::cert_chain::noise_certificate::Details;

/// What the build does with a server's certificate chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Only WhatsApp's own servers are accepted.
    Enforced,
    /// Any server is accepted; every endpoint must be on loopback.
    Off,
}

/// The build does not do what its features say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Feature `sandbox` is off, yet a forged chain was accepted: some other
    /// crate has switched the client's check off.
    #[error("this build accepts forged server certificates although it has no sandbox: do not run it")]
    ForgedAccepted,
    /// Feature `sandbox` is on, yet a forged chain was refused.
    #[error("this build has the sandbox but refuses its certificates")]
    ForgedRefused,
}

/// Tries a forged chain on the client's own check.
///
/// # Errors
/// [`GuardError`] when the answer is not the one that the cargo feature
/// `sandbox` promises.
pub fn prove() -> Result<Verification, GuardError> {
    let server_key = [7; 32];
    let accepted = HandshakeUtils::verify_server_cert(&forged_chain(server_key), &server_key).is_ok();
    match (cfg!(feature = "sandbox"), accepted) {
        (false, false) => Ok(Verification::Enforced),
        (true, true) => Ok(Verification::Off),
        (false, true) => Err(GuardError::ForgedAccepted),
        (true, false) => Err(GuardError::ForgedRefused),
    }
}

/// A chain that is right in every way but its signatures.
fn forged_chain(server_key: [u8; 32]) -> Vec<u8> {
    let intermediate =
        Details { serial: Some(1), issuer_serial: Some(0), key: Some(vec![9; 32]), ..Details::default() };
    let leaf =
        Details { serial: Some(2), issuer_serial: Some(1), key: Some(server_key.to_vec()), ..Details::default() };
    let unsigned = |details: &Details| {
        MessageField::some(NoiseCertificate { details: Some(details.encode_to_vec()), signature: Some(vec![0; 64]) })
    };
    CertChain { intermediate: unsigned(&intermediate), leaf: unsigned(&leaf) }.encode_to_vec()
}
