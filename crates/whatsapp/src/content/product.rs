//! Products of a catalog.

use sparkbot_network::{Media, NetworkError, Outgoing, Product};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::ProductMessage;
use whatsapp_rust::waproto::whatsapp::message::product_message::ProductSnapshot;

use super::Draft;
use super::conversation::Conversation;
use super::media::{self, UploadedAs};

pub(super) async fn draft(
    to: &Conversation<'_>,
    outgoing: &Outgoing,
    product: &Product,
    image: Option<&Media>,
    body: Option<&str>,
) -> Result<Draft, NetworkError> {
    let (picture, media_handle) = match image {
        Some(image) => {
            let UploadedAs { message, handle } = media::upload(to, outgoing, image).await?;
            (message.image_message, handle)
        }
        None => (MessageField::none(), None),
    };
    let snapshot = ProductSnapshot {
        product_image_count: Some(u32::from(picture.is_set())),
        product_image: picture,
        product_id: Some(product.id.clone()),
        title: Some(product.name.clone()),
        description: product.description.clone(),
        currency_code: product.currency.clone(),
        price_amount1000: product.price_1000,
        retailer_id: product.retailer_id.clone(),
        url: product.url.clone(),
        ..ProductSnapshot::default()
    };
    let message = ProductMessage {
        product: MessageField::some(snapshot),
        business_owner_jid: Some(to.person(&product.seller).await?.to_string()),
        body: body.map(str::to_owned),
        ..ProductMessage::default()
    };
    let message = wa::Message { product_message: MessageField::some(message), ..wa::Message::default() };
    Ok(Draft { media_handle, ..Draft::new(message) })
}
