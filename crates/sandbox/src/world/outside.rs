//! Parts of app state that are too large for a stanza and lie, encrypted, on the
//! media host: snapshots, and the mutations of large patches.

use std::io::Read as _;

use buffa::{Message as _, MessageField};
use sha2::{Digest as _, Sha256};
use wacore::download::{DownloadUtils, MediaType};
use wacore::upload::encrypt_media_with_key;
use wacore_binary::Node;
use waproto::whatsapp as wa;

use super::World;
use crate::ids::AccountId;
use crate::stanza::node;

/// From how many bytes on the mutations of a patch lie outside.
const LARGE_PATCH: usize = 64 * 1024;
/// The most bytes of mutations a companion may keep outside.
const MAX_OUTSIDE: u64 = 64 * 1024 * 1024;

impl World {
    /// Encrypts something onto the media host. The key follows from the content,
    /// so that the same content is the same file.
    pub(crate) fn put_outside(&self, kind: MediaType, plain: &[u8]) -> Option<wa::ExternalBlobReference> {
        let key: [u8; 32] = Sha256::new_with_prefix(kind.app_info()).chain_update(plain).finalize().into();
        let sealed = encrypt_media_with_key(plain, kind, Some(&key)).ok()?;
        let direct_path = self
            .media
            .put(&sealed.data_to_upload, true, self.now_ms(), self.timing.media_life_ms)
            .inspect_err(|error| tracing::warn!(%error, "nothing can be put on the media host"))
            .ok()?;
        Some(wa::ExternalBlobReference {
            media_key: Some(key.to_vec()),
            direct_path: Some(direct_path),
            handle: Some(hex::encode(sealed.file_enc_sha256)),
            file_size_bytes: u64::try_from(plain.len()).ok(),
            file_sha256: Some(sealed.file_sha256.to_vec()),
            file_enc_sha256: Some(sealed.file_enc_sha256.to_vec()),
        })
    }

    /// `<snapshot>` of a collection, which refers to the media host.
    pub(crate) fn snapshot(&self, account: AccountId, collection: &str) -> Option<Node> {
        let snapshot = self.accounts.get(&account)?.app_state.snapshot(collection)?;
        let reference = self.put_outside(MediaType::AppState, &snapshot.encode_to_vec())?;
        Some(node("snapshot").bytes(reference.encode_to_vec()).build())
    }

    /// A patch as it is given to a companion: when it is large, with its
    /// mutations outside.
    pub(crate) fn with_large_outside(&self, patch: Vec<u8>) -> Vec<u8> {
        if patch.len() < LARGE_PATCH {
            return patch;
        }
        let Ok(mut decoded) = wa::SyncdPatch::decode_from_slice(&patch) else {
            return patch;
        };
        let mutations = wa::SyncdMutations { mutations: std::mem::take(&mut decoded.mutations) };
        let Some(reference) = self.put_outside(MediaType::AppState, &mutations.encode_to_vec()) else {
            return patch;
        };
        decoded.external_mutations = MessageField::some(reference);
        decoded.encode_to_vec()
    }

    /// The mutations a companion has uploaded beside its patch; `None` when they
    /// are not there or not what the patch says.
    pub(crate) fn outside_mutations(&self, patch: &wa::SyncdPatch) -> Option<Vec<wa::SyncdMutation>> {
        let reference = patch.external_mutations.as_option()?;
        let (file, length) = self.media.fetch(reference.direct_path.as_deref()?, self.now_ms()).ok()?;
        if length > MAX_OUTSIDE {
            return None;
        }
        let mut sealed = Vec::new();
        file.take(MAX_OUTSIDE).read_to_end(&mut sealed).ok()?;
        let plain =
            DownloadUtils::verify_and_decrypt(&sealed, reference.media_key.as_deref()?, MediaType::AppState).ok()?;
        if reference.file_sha256.as_deref() != Some(Sha256::digest(&plain).as_slice()) {
            return None;
        }
        wa::SyncdMutations::decode_from_slice(&plain).ok().map(|mutations| mutations.mutations)
    }
}
