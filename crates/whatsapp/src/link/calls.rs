//! Calls that ring.

use async_trait::async_trait;
use sparkbot_network::NetworkError;
use sparkbot_network::link::CallLink;
use sparkbot_network::report::Ring;
use whatsapp_rust::Jid;

use super::NumberLink;

#[async_trait]
impl CallLink for NumberLink {
    async fn reject_call(&self, call: &Ring) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let jid = |text: &str| {
            text.parse::<Jid>().map_err(|_| NetworkError::Invalid("the caller's address can't be read".to_owned()))
        };
        let (peer, creator) = (jid(&call.peer)?, jid(&call.creator)?);
        client
            .voip()
            .reject_call(&call.id, &peer, &creator)
            .await
            .map_err(|error| NetworkError::Unreachable(error.to_string()))
    }
}
