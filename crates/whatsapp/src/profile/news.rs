//! What is told of changes of the own profile and of catalogs.

use sparkbot_network::{ProfileNews, Report};
use whatsapp_rust::Client;
use whatsapp_rust::types::events::{BusinessStatusUpdate, BusinessUpdateType};

use super::is_own;
use crate::address;

/// A business has changed something of itself.
pub(crate) async fn business(client: &Client, update: &BusinessStatusUpdate) -> Option<Report> {
    let jid = update.target_jid.as_ref().unwrap_or(&update.jid);
    match update.update_type {
        BusinessUpdateType::ProductsUpdated | BusinessUpdateType::CollectionsUpdated => {
            let seller = address::person(client, jid, None).await?.wid;
            Some(Report::Catalog { seller })
        }
        BusinessUpdateType::SubscriptionsUpdated => None,
        _ => is_own(client, jid).then_some(Report::Profile(ProfileNews::Business)),
    }
}
