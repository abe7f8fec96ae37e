//! Cards of people, and invitations.

use sparkbot_network::{ContactCard, GroupInvite};
use whatsapp_rust::Jid;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::{ContactMessage, GroupInviteMessage};

use super::some;
use crate::address;

pub(super) fn cards(base: &wa::Message) -> Vec<ContactCard> {
    match (base.contact_message.as_option(), base.contacts_array_message.as_option()) {
        (Some(contact), _) => vec![card(contact)],
        (None, Some(array)) => array.contacts.iter().map(card).collect(),
        (None, None) => Vec::new(),
    }
}

fn card(contact: &ContactMessage) -> ContactCard {
    ContactCard {
        name: contact.display_name.clone().unwrap_or_default(),
        vcard: contact.vcard.clone().unwrap_or_default(),
    }
}

pub(super) fn group_invite(invite: &GroupInviteMessage) -> Option<GroupInvite> {
    let group = invite.group_jid.as_deref()?.parse::<Jid>().ok()?;
    Some(GroupInvite {
        group: address::wid(&group)?,
        name: some(invite.group_name.as_deref()),
        code: invite.invite_code.clone()?,
        expires_at: invite.invite_expiration.filter(|end| *end > 0).map(|end| end.saturating_mul(1000)),
    })
}
