//! WhatsApp's own labels, which business accounts have.

use async_trait::async_trait;
use sparkbot_network::link::LabelLink;

use super::NumberLink;

#[async_trait]
impl LabelLink for NumberLink {}
