//! Where a message goes, and under which of their two addresses people are
//! named there.

use std::sync::Arc;

use sparkbot_network::wid::{Wid, WidKind};
use sparkbot_network::{NetworkError, Target};
use whatsapp_rust::wacore::types::message::AddressingMode;
use whatsapp_rust::wacore_binary::JidExt;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::{Client, Jid};

use crate::number::Number;
use crate::{address, errors};

/// A chat as a sender sees it.
pub(crate) struct Conversation<'a> {
    pub(crate) number: &'a Number,
    pub(crate) client: &'a Arc<Client>,
    /// Where the stanza goes.
    pub(crate) to: Jid,
    /// The chat's name in keys of messages.
    pub(crate) chat: Jid,
    /// Whether people go by their private ids in it.
    private_ids: bool,
}

impl<'a> Conversation<'a> {
    pub(crate) async fn new(number: &'a Number, client: &'a Arc<Client>, to: Jid) -> Result<Self, NetworkError> {
        if to.is_group() {
            let info = client.groups().query_info(&to).await.map_err(|error| errors::group(&error))?;
            let private_ids = info.addressing_mode == AddressingMode::Lid;
            return Ok(Self { number, client, chat: to.clone(), to, private_ids });
        }
        let chat = match address::wid(&to) {
            Some(wid) if to.is_pn() || to.is_lid() => address::chat_jid(client, &wid).await?,
            _ => to.clone(),
        };
        let private_ids = chat.is_lid() || to.is_status_broadcast();
        Ok(Self { number, client, to, chat, private_ids })
    }

    pub(crate) fn is_channel(&self) -> bool {
        self.to.is_newsletter()
    }

    /// Whether several people write in it, so that keys name the author.
    fn has_authors(&self) -> bool {
        self.to.is_group() || self.to.is_status_broadcast()
    }

    /// The own account.
    pub(crate) fn own(&self) -> Result<Jid, NetworkError> {
        let own = if self.private_ids { self.client.lid().or_else(|| self.client.pn()) } else { self.client.pn() };
        own.map(|own| own.to_non_ad()).ok_or(NetworkError::NotLinked)
    }

    /// A person as this conversation names people.
    pub(crate) async fn person(&self, wid: &Wid) -> Result<Jid, NetworkError> {
        let jid = address::jid(wid)?;
        if !matches!(wid.kind(), WidKind::User | WidKind::Lid) {
            return Ok(jid);
        }
        let Some(person) = address::person(self.client, &jid, None).await else { return Ok(jid) };
        match person.lid {
            Some(lid) if self.private_ids => address::jid(&lid),
            _ => address::jid(&person.wid),
        }
    }

    /// Who wrote a message.
    pub(crate) async fn author(&self, target: &Target) -> Result<Jid, NetworkError> {
        if target.from_me { self.own() } else { self.person(&target.author).await }
    }

    /// A message as others refer to it.
    pub(crate) async fn key(&self, target: &Target) -> Result<wa::MessageKey, NetworkError> {
        let participant = match self.has_authors() && !target.from_me {
            true => Some(self.author(target).await?.to_string()),
            false => None,
        };
        Ok(wa::MessageKey {
            remote_jid: Some(self.chat.to_string()),
            from_me: Some(target.from_me),
            id: Some(target.id.clone()),
            participant,
        })
    }

    /// As [`Self::key`], with the author also where it is the own account: what
    /// polls and events are referred to by.
    pub(crate) async fn full_key(&self, target: &Target) -> Result<wa::MessageKey, NetworkError> {
        let mut key = self.key(target).await?;
        if self.has_authors() && key.participant.is_none() {
            key.participant = Some(self.author(target).await?.to_string());
        }
        Ok(key)
    }
}
