//! The server's Noise identity: a root of its own, an intermediate and a leaf.
//!
//! The shape (`CertChain` of two `NoiseCertificate`s, XEdDSA over the encoded
//! details, issuer serial 0 for the intermediate) is what
//! `wacore_noise::handshake::HandshakeUtils::verify_server_cert` checks.
//! whatsmeow also checks the dates.

use buffa::{Message as _, MessageField};
use rand::rngs::StdRng;
use wacore::libsignal::protocol::{CurveError, KeyPair};
use waproto::whatsapp::CertChain;
use waproto::whatsapp::cert_chain::NoiseCertificate;
use waproto::whatsapp::cert_chain::noise_certificate::Details;

use crate::stanza::public_bytes;

/// Serial of the intermediate certificate, named by the leaf as its issuer.
pub(crate) const INTERMEDIATE_SERIAL: u32 = 1;
const LEAF_SERIAL: u32 = 2;
/// 2023-11-14 to 2051-10-13: whatsmeow refuses a chain outside its dates.
const NOT_BEFORE: u64 = 1_700_000_000;
const NOT_AFTER: u64 = 2_580_000_000;

/// The keys a server proves itself with.
pub(crate) struct ServerIdentity {
    root: KeyPair,
    /// The static key of every handshake.
    pub(crate) leaf: KeyPair,
    /// The encoded `CertChain` sent in each server hello.
    pub(crate) chain: Vec<u8>,
}

impl ServerIdentity {
    /// A new root with a chain below it.
    pub(crate) fn generate(rng: &mut StdRng) -> Result<Self, CurveError> {
        let root = KeyPair::generate(rng);
        let intermediate = KeyPair::generate(rng);
        let leaf = KeyPair::generate(rng);
        let chain = CertChain {
            intermediate: MessageField::some(certify(INTERMEDIATE_SERIAL, 0, &intermediate, &root, rng)?),
            leaf: MessageField::some(certify(LEAF_SERIAL, INTERMEDIATE_SERIAL, &leaf, &intermediate, rng)?),
        }
        .encode_to_vec();
        Ok(Self { root, leaf, chain })
    }

    /// The root's public key: what a client must trust instead of WhatsApp's.
    pub(crate) fn root_public(&self) -> [u8; 32] {
        public_bytes(&self.root.public_key)
    }
}

fn certify(
    serial: u32,
    issuer: u32,
    subject: &KeyPair,
    signer: &KeyPair,
    rng: &mut StdRng,
) -> Result<NoiseCertificate, CurveError> {
    let details = Details {
        serial: Some(serial),
        issuer_serial: Some(issuer),
        key: Some(public_bytes(&subject.public_key).to_vec()),
        not_before: Some(NOT_BEFORE),
        not_after: Some(NOT_AFTER),
    }
    .encode_to_vec();
    let signature = signer.private_key.calculate_signature(&details, rng)?.to_vec();
    Ok(NoiseCertificate { details: Some(details), signature: Some(signature) })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn each_certificate_is_signed_by_the_one_above() {
        let identity = ServerIdentity::generate(&mut StdRng::seed_from_u64(1)).unwrap();
        let chain = CertChain::decode_from_slice(&identity.chain).unwrap();
        let signed_by = |certificate: &NoiseCertificate, key: &wacore::libsignal::protocol::PublicKey| {
            key.verify_signature(certificate.details.as_deref().unwrap(), certificate.signature.as_deref().unwrap())
        };
        let intermediate = chain.intermediate.as_option().unwrap();
        assert!(signed_by(intermediate, &identity.root.public_key));
        let details = Details::decode_from_slice(intermediate.details.as_deref().unwrap()).unwrap();
        let key = wacore::libsignal::protocol::PublicKey::from_djb_public_key_bytes(&details.key.unwrap()).unwrap();
        assert!(signed_by(chain.leaf.as_option().unwrap(), &key));
    }
}
