//! Posts of channels by the numbers that the server gives them, which is what
//! reactions name.

use sparkbot_network::session_state::Batch;
use whatsapp_rust::wacore::store::error::Result;

use super::expiry::Expiring;
use super::keys::{compound, leading_i64};
use super::{POST, POST_BY_DEADLINE, Storage, damaged, failed};

/// Seconds after which a post is no longer known.
const KEPT: i64 = 90 * 86_400;

const POSTS: Expiring = Expiring {
    values: POST,
    index: POST_BY_DEADLINE,
    bucket: 86_400,
    due: |value| leading_i64(value).map(|(deadline, _)| deadline),
};

impl Storage {
    /// Remembers the server's number of a post.
    ///
    /// # Errors
    /// When the state can't be written.
    pub async fn put_post(&self, channel: &str, id: &str, post: u64) -> Result<()> {
        let _turn = self.turn.lock().await;
        let key = compound(&[channel], id.as_bytes());
        let mut batch = Batch::new();
        if let Some(before) = self.state.get(POST, &key).await.map_err(failed)? {
            POSTS.delete(&mut batch, key.clone(), &before);
        }
        let mut value = self.now_seconds().saturating_add(KEPT).to_be_bytes().to_vec();
        value.extend_from_slice(&post.to_be_bytes());
        POSTS.put(&mut batch, key, value);
        self.state.write(batch).await.map_err(failed)
    }

    /// The server's number of a post.
    ///
    /// # Errors
    /// When the state can't be read.
    pub async fn post(&self, channel: &str, id: &str) -> Result<Option<u64>> {
        let key = compound(&[channel], id.as_bytes());
        let Some(value) = self.state.get(POST, &key).await.map_err(failed)? else { return Ok(None) };
        let (_, post) = leading_i64(&value).ok_or_else(|| damaged("post"))?;
        post.try_into().map(|post| Some(u64::from_be_bytes(post))).map_err(|_| damaged("post"))
    }

    /// Forgets posts whose time is over at `end`, in Unix seconds.
    pub(super) async fn prune_posts(&self, end: i64) -> Result<u32> {
        POSTS.prune(&self.state, end).await.map_err(failed)
    }
}
