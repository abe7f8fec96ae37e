//! Core's [`Link`] for one number.

mod calls;
mod catalog;
mod channels;
mod chats;
mod contacts;
mod groups;
mod history;
mod labels;
mod meetings;
mod profile;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::phone::Phone;
use sparkbot_network::wid::{Wid, WidKind};
use sparkbot_network::{Existence, Link, LinkCode, LinkHealth, Millis, NetworkError, Outgoing, Product, Sent, Target};
use tokio::task::JoinHandle;
use whatsapp_rust::features::IsOnWhatsAppResult;
use whatsapp_rust::sync_task::MajorSyncTask;
use whatsapp_rust::wacore::appstate::patch_decode::WAPatchName;
use whatsapp_rust::wacore::iq::devices::RemoveCompanionDeviceSpec;
use whatsapp_rust::wacore::iq::prekeys::PreKeyCountSpec;
use whatsapp_rust::wacore::types::message::AddressingMode;
use whatsapp_rust::wacore_binary::JidExt;
use whatsapp_rust::{Client, Jid};

use crate::content::conversation::Conversation;
use crate::media::download::download;
use crate::number::{Number, Verdict};
use crate::{address, code, errors, outbound};

/// A request that WhatsApp does not answer in this time has failed.
const ANSWER: Duration = Duration::from_secs(30);
/// The server's keys are not counted more often than this.
const COUNT_EVERY: i64 = 60_000;

/// Collections of app state, in the order in which WhatsApp Web fetches them.
const COLLECTIONS: [WAPatchName; 5] = [
    WAPatchName::CriticalBlock,
    WAPatchName::CriticalUnblockLow,
    WAPatchName::RegularLow,
    WAPatchName::RegularHigh,
    WAPatchName::Regular,
];

/// One number.
pub(crate) struct NumberLink {
    pub(crate) number: Arc<Number>,
    /// The driver and the reporter.
    pub(crate) tasks: Mutex<Vec<JoinHandle<()>>>,
}

#[async_trait]
impl Link for NumberLink {
    async fn request_code(&self, phone: &Phone) -> Result<LinkCode, NetworkError> {
        code::request(&self.number, phone).await
    }

    async fn send(&self, message: Outgoing) -> Result<Sent, NetworkError> {
        outbound::send(&self.number, message).await
    }

    async fn exists(&self, phones: &[Phone]) -> Result<Vec<Existence>, NetworkError> {
        let client = self.number.logged_in()?;
        let asked: Vec<Jid> = phones.iter().map(|phone| Jid::pn(phone.digits())).collect();
        let mut found = lookup(&client, &asked).await?;
        let mut answers = Vec::with_capacity(phones.len());
        for (phone, jid) in phones.iter().zip(&asked) {
            let mut account = found.remove(jid.user_base());
            if account.is_none() {
                // WhatsApp answered for this number under another spelling of
                // it; asked alone, the answer can only be for it.
                account = lookup(&client, std::slice::from_ref(jid)).await?.into_values().next();
            }
            answers.push(existence(phone, account));
        }
        Ok(answers)
    }

    async fn mark_read(&self, chat: &Wid, author: Option<&Wid>, ids: &[String]) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let to = address::chat_jid(&client, chat).await?;
        let sender = match (chat.kind(), author) {
            (WidKind::Group | WidKind::Broadcast, Some(author)) => Some(member_jid(&client, &to, author).await?),
            _ => None,
        };
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        client.mark_as_read(&to, sender.as_ref(), &ids).await.map_err(|error| errors::request(error.as_ref()))
    }

    async fn download(&self, message: &Target, raw: &[u8], into: &Path, limit: u64) -> Result<(), NetworkError> {
        download(&self.number, message, raw, into, limit).await
    }

    async fn delete_for_me(&self, message: &Target, at: Millis, delete_media: bool) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let chat = Conversation::new(&self.number, &client, address::jid(&message.chat)?).await?;
        let author = match message.chat.kind() {
            WidKind::Group | WidKind::Broadcast if !message.from_me => Some(chat.author(message).await?),
            _ => None,
        };
        let actions = client.chat_actions();
        let deleting = actions.delete_message_for_me(
            &chat.chat,
            author.as_ref(),
            &message.id,
            message.from_me,
            delete_media,
            Some(at / 1000),
        );
        let deleted = tokio::time::timeout(ANSWER, deleting).await.map_err(|_| NetworkError::Timeout)?;
        deleted.map_err(|error| errors::request(&error))
    }

    async fn product(&self, seller: &Wid, id: &str) -> Result<Option<(Product, Option<String>)>, NetworkError> {
        crate::catalog::product(&self.number, seller, id).await
    }

    async fn sync(&self) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        let syncing = async {
            for name in COLLECTIONS {
                client.process_sync_task(MajorSyncTask::AppStateSync { name, full_sync: false }).await;
            }
            client.ensure_pre_keys().await
        };
        let synced = tokio::time::timeout(Duration::from_secs(90), syncing).await;
        synced.map_err(|_| NetworkError::Timeout)?.map_err(|error| errors::request(error.as_ref()))?;
        // What was fetched counts once the observer has it.
        tokio::time::timeout(ANSWER, self.number.reports.idle()).await.map_err(|_| NetworkError::Timeout)?;
        self.number.logged_in().map(drop)
    }

    async fn logout(&self) -> Result<(), NetworkError> {
        let number = &self.number;
        number.leaving.store(true, Ordering::Release);
        let client = number.client().ok_or(NetworkError::Closed)?;
        let outcome = match (client.pn(), number.logged_in()) {
            (None, _) => Ok(()),
            (Some(_), Err(error)) => Err(error),
            (Some(own), Ok(client)) => {
                let removed = tokio::time::timeout(ANSWER, client.execute(RemoveCompanionDeviceSpec::new(&own))).await;
                match removed {
                    // WhatsApp may close the connection in place of an answer.
                    _ if number.is_over() => Ok(()),
                    Ok(answer) => answer.map_err(|error| errors::request(&error)),
                    Err(_) => Err(NetworkError::Timeout),
                }
            }
        };
        number.judge(Verdict::Over);
        client.disconnect().await;
        outcome
    }

    async fn close(&self) {
        self.number.closing.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(device = %self.number.device, %error, "a driver's task has failed");
            }
        }
        self.number.set_client(None);
    }

    async fn health(&self) -> LinkHealth {
        let number = &self.number;
        let measures = &number.measures;
        let client = number.client();
        let device = client.as_ref().map(|client| client.persistence_manager().get_device_snapshot());
        let connected = number.logged_in().is_ok();
        let server_prekeys = match &client {
            Some(client) if connected => count_prekeys(number, client).await,
            _ => None,
        };
        LinkHealth {
            connected,
            linked: device.as_ref().is_some_and(|device| device.pn.is_some()),
            last_frame_at: measures.last_frame_at(),
            last_send_at: measures.last_send_at(),
            clock_offset_ms: measures.clock_offset_ms(),
            server_prekeys,
            client_version: device.filter(|device| device.app_version_last_fetched_ms > 0).map(|device| {
                let (major, minor, patch) =
                    (device.app_version_primary, device.app_version_secondary, device.app_version_tertiary);
                format!("{major}.{minor}.{patch}")
            }),
            client_version_accepted: measures.version_accepted(),
            reconnects: measures.reconnects(),
        }
    }
}

/// Asks WhatsApp about numbers; accounts by the digits they are known by.
async fn lookup(client: &Client, asked: &[Jid]) -> Result<HashMap<String, IsOnWhatsAppResult>, NetworkError> {
    let contacts = client.contacts();
    let found = tokio::time::timeout(ANSWER, contacts.is_on_whatsapp(asked)).await;
    let found = found.map_err(|_| NetworkError::Timeout)?.map_err(|error| errors::request(&error))?;
    Ok(found.into_iter().map(|account| (number_of(&account).user_base().to_owned(), account)).collect())
}

fn number_of(account: &IsOnWhatsAppResult) -> &Jid {
    account.pn_jid.as_ref().filter(|jid| jid.is_pn()).unwrap_or(&account.jid)
}

fn existence(phone: &Phone, account: Option<IsOnWhatsAppResult>) -> Existence {
    let Some(account) = account.filter(|account| account.is_registered) else {
        return Existence { phone: phone.clone(), wid: None, lid: None, business: None };
    };
    let lid = account.lid.as_ref().or_else(|| Some(&account.jid).filter(|jid| jid.is_lid()));
    Existence {
        phone: phone.clone(),
        wid: address::wid(number_of(&account)),
        lid: lid.and_then(address::wid),
        business: account.is_business.then(|| account.verified_name.as_ref().and_then(|name| name.name.clone())),
    }
}

/// A member of a group under the kind of address that the group uses.
async fn member_jid(client: &Client, group: &Jid, member: &Wid) -> Result<Jid, NetworkError> {
    let jid = address::jid(member)?;
    if !group.is_group() {
        return address::chat_jid(client, member).await;
    }
    let info = client.groups().query_info(group).await.map_err(|error| errors::request(&error))?;
    if info.addressing_mode == AddressingMode::Lid
        && let Some(lid) = address::person(client, &jid, None).await.and_then(|person| person.lid)
    {
        return address::jid(&lid);
    }
    Ok(jid)
}

/// One-time keys left on the server, counted anew when the last count is old.
async fn count_prekeys(number: &Number, client: &Client) -> Option<u32> {
    let last = *number.measures.prekeys.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, count)) = last
        && number.now() - at < COUNT_EVERY
    {
        return Some(count);
    }
    let counting = client.execute(PreKeyCountSpec::new());
    let Ok(Ok(answer)) = tokio::time::timeout(Duration::from_secs(5), counting).await else {
        return last.map(|(_, count)| count);
    };
    let count = u32::try_from(answer.count).unwrap_or(u32::MAX);
    *number.measures.prekeys.lock().unwrap_or_else(PoisonError::into_inner) = Some((number.now(), count));
    Some(count)
}
