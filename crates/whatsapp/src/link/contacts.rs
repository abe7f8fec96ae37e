//! What a number asks of people and changes about them.

use async_trait::async_trait;
use sparkbot_network::link::ContactLink;

use super::NumberLink;

#[async_trait]
impl ContactLink for NumberLink {}
