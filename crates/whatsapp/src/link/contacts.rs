//! What a number asks of people and changes about them.

use async_trait::async_trait;
use bytes::Bytes;
use sparkbot_network::link::ContactLink;
use sparkbot_network::wid::Wid;
use sparkbot_network::{BusinessProfile, NetworkError, Person, PersonPicture, PersonProfile};
use whatsapp_rust::wacore::net::{HttpClient, HttpRequest};
use whatsapp_rust::wacore::request::InfoQuery;
use whatsapp_rust::{Client, Jid, Server};

use super::{ANSWER, NumberLink};
use crate::{address, errors};

#[async_trait]
impl ContactLink for NumberLink {
    async fn save_contact(&self, person: &Wid, full_name: &str, first_name: Option<&str>) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let jid = address::jid(person)?;
        if !jid.is_pn() {
            return Err(NetworkError::Invalid("the phone's address book holds phone numbers only".to_owned()));
        }
        let actions = client.chat_actions();
        let saving = actions.save_contact(&jid, Some(full_name.to_owned()), first_name.map(str::to_owned), true);
        let saved = tokio::time::timeout(ANSWER, saving).await.map_err(|_| NetworkError::Timeout)?;
        saved.map_err(|error| errors::request(&error))
    }

    async fn set_blocked(&self, person: &Wid, blocked: bool) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let jid = address::jid(person)?;
        know_both(&client, person, &jid).await?;
        let list = client.blocking();
        let change = async { if blocked { list.block(&jid).await } else { list.unblock(&jid).await } };
        let changed = tokio::time::timeout(ANSWER, change).await.map_err(|_| NetworkError::Timeout)?;
        changed.map_err(|error| errors::request(&error))
    }

    async fn blocked(&self) -> Result<Vec<Person>, NetworkError> {
        let client = self.number.logged_in()?;
        // The client's own reading of the list leaves out the phone numbers.
        let query = InfoQuery::get("blocklist", Jid::new("", Server::Pn), None).with_timeout(ANSWER);
        let answer = client.send_iq(query).await.map_err(|error| errors::request(&error))?;
        let answer = answer.get();
        let Some(list) = answer.get_optional_child("list") else { return Ok(Vec::new()) };
        let mut people = Vec::new();
        for item in list.get_children_by_tag("item") {
            let jid = |name: &str| item.get_attr(name).and_then(|text| text.as_str().parse::<Jid>().ok());
            let Some(of) = jid("jid") else { continue };
            if let Some(person) = address::person(&client, &of, jid("pn_jid").as_ref()).await {
                people.push(Person { wid: person.wid, lid: person.lid });
            }
        }
        Ok(people)
    }

    async fn profile(&self, person: &Wid) -> Result<Option<PersonProfile>, NetworkError> {
        let client = self.number.logged_in()?;
        let jid = address::jid(person)?;
        let contacts = client.contacts();
        let asking = contacts.get_user_info(std::slice::from_ref(&jid));
        let found = tokio::time::timeout(ANSWER, asking).await.map_err(|_| NetworkError::Timeout)?;
        let found = found.map_err(|error| errors::request(&error))?;
        let Some(info) = found.into_values().next() else { return Ok(None) };
        let business = if info.is_business {
            let verified_name = info.verified_name.as_ref().and_then(|name| name.name.clone());
            Some(business(&client, &jid, verified_name).await?)
        } else {
            None
        };
        Ok(Some(PersonProfile {
            lid: info.lid.as_ref().and_then(address::wid),
            about: info.status.filter(|about| !about.is_empty()),
            picture: info.picture_id,
            business,
        }))
    }

    async fn picture(&self, of: &Wid, limit: usize) -> Result<Option<PersonPicture>, NetworkError> {
        let client = self.number.logged_in()?;
        let jid = address::jid(of)?;
        let contacts = client.contacts();
        let asked = tokio::time::timeout(ANSWER, contacts.get_profile_picture(&jid, true)).await;
        let found = asked.map_err(|_| NetworkError::Timeout)?.map_err(|error| errors::request(&error))?;
        let Some(found) = found else { return Ok(None) };
        let fetching = self.number.settings.http.execute(HttpRequest::get(found.url));
        let answer = tokio::time::timeout(ANSWER, fetching).await.map_err(|_| NetworkError::Timeout)?;
        let answer = answer.map_err(|_| NetworkError::Unreachable("the picture can't be fetched".to_owned()))?;
        match answer.status_code {
            200 if answer.body.len() > limit => {
                Err(NetworkError::TooLarge { size: answer.body.len() as u64, limit: limit as u64 })
            }
            200 => Ok(Some(PersonPicture { id: found.id, jpeg: Bytes::from(answer.body) })),
            403 | 404 | 410 => Ok(None),
            code => Err(NetworkError::Unreachable(format!("the picture's server answers {code}"))),
        }
    }
}

/// The list of those blocked takes people under both addresses; the client
/// knows the other one of those it has heard of, and of those it has asked for.
async fn know_both(client: &Client, person: &Wid, jid: &Jid) -> Result<(), NetworkError> {
    if address::other(client, jid, None).await.is_some() {
        return Ok(());
    }
    super::lookup(client, std::slice::from_ref(jid)).await?;
    match address::other(client, jid, None).await {
        Some(_) => Ok(()),
        None => Err(NetworkError::NoSuchReceiver(person.to_string())),
    }
}

async fn business(client: &Client, jid: &Jid, verified_name: Option<String>) -> Result<BusinessProfile, NetworkError> {
    let asked = tokio::time::timeout(ANSWER, client.get_business_profile(jid)).await;
    let profile = asked.map_err(|_| NetworkError::Timeout)?.map_err(|error| errors::request(&error))?;
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(match profile {
        None => BusinessProfile { verified_name, ..BusinessProfile::default() },
        Some(profile) => BusinessProfile {
            verified_name,
            description: some(profile.description),
            email: profile.email.and_then(some),
            address: profile.address.and_then(some),
            websites: profile.website,
            categories: profile.categories.into_iter().map(|category| category.name).collect(),
            timezone: profile.business_hours.timezone.and_then(some),
        },
    })
}
