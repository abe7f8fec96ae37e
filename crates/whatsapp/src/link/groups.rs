//! What a number does in groups.

use async_trait::async_trait;
use sparkbot_network::link::GroupLink;

use super::NumberLink;

#[async_trait]
impl GroupLink for NumberLink {}
