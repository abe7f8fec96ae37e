//! What people see of the number. The client reads business profiles and has
//! no words to change them: those are in [`business`].

pub(crate) mod business;
pub(crate) mod news;

use sparkbot_network::NetworkError;
use sparkbot_network::profile::{OwnProfile, ProfilePicture};
use whatsapp_rust::wacore::net::{HttpClient as _, HttpRequest};
use whatsapp_rust::wacore_binary::JidExt as _;
use whatsapp_rust::{Client, Jid};

use crate::errors::{self, scrubbed};
use crate::http::Http;

/// Bytes of a picture; WhatsApp's own are far smaller.
const MOST: usize = 5 << 20;

/// What WhatsApp shows of the number itself.
pub(crate) async fn own(client: &Client) -> Result<OwnProfile, NetworkError> {
    let own = client.pn().ok_or(NetworkError::NotLinked)?.to_non_ad();
    let contacts = client.contacts();
    let infos = contacts.get_user_info(std::slice::from_ref(&own)).await.map_err(|error| errors::request(&error))?;
    let info = infos.into_values().next();
    let picture = contacts.get_profile_picture(&own, false).await.map_err(|error| errors::request(&error))?;
    Ok(OwnProfile {
        about: info.as_ref().and_then(|info| info.status.clone()).filter(|text| !text.is_empty()),
        picture: picture.map(|picture| ProfilePicture { id: picture.id, url: picture.url }),
        business: business::of(client, &own, info.is_some_and(|info| info.is_business)).await?,
    })
}

/// The bytes of a picture.
pub(crate) async fn picture(http: &Http, picture: &ProfilePicture) -> Result<Vec<u8>, NetworkError> {
    let answer = http.execute(HttpRequest::get(picture.url.as_str())).await;
    let answer = answer.map_err(|error| NetworkError::Unreachable(scrubbed(&error.to_string())))?;
    match answer.status_code {
        200 if answer.body.len() <= MOST => Ok(answer.body),
        200 => Err(NetworkError::TooLarge { size: answer.body.len() as u64, limit: MOST as u64 }),
        403 | 404 | 410 => Err(NetworkError::Gone("the picture's address is no longer good".to_owned())),
        status => Err(NetworkError::Unreachable(format!("WhatsApp's picture host answered with {status}"))),
    }
}

/// Whether an address is the number's own.
pub(crate) fn is_own(client: &Client, jid: &Jid) -> bool {
    [client.pn(), client.lid()].into_iter().flatten().any(|own| own.is_same_user_as(jid))
}
