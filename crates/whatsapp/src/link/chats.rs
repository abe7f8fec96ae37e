//! What a number does to its chats; WhatsApp keeps it in step on all devices.

use async_trait::async_trait;
use sparkbot_network::link::ChatLink;

use super::NumberLink;

#[async_trait]
impl ChatLink for NumberLink {}
