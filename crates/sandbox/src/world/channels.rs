//! Channels: who owns and follows them, what was posted, who reacted.
//!
//! Channels are not sealed: the server holds the posts and every device asks it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use rand::Rng as _;
use rand::rngs::StdRng;
use wacore_binary::{Jid, Server};

use crate::ids::{AccountId, DeviceRef};

/// The most channels one sandbox holds.
const MAX_CHANNELS: usize = 10_000;
/// How many posts a channel keeps; the oldest go first.
const MAX_POSTS: usize = 5_000;
/// Characters of a name.
pub(crate) const MAX_NAME: usize = 100;
/// Characters of a description.
pub(crate) const MAX_DESCRIPTION: usize = 2_048;
/// Bytes of a picture.
pub(crate) const MAX_PICTURE: usize = 1024 * 1024;
/// Characters of an invite code.
const INVITE: usize = 24;

/// What an account is to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Owner,
    Admin,
    Subscriber,
    Guest,
}

impl Role {
    /// The word that answers carry.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Subscriber => "subscriber",
            Self::Guest => "guest",
        }
    }

    /// Whether it may post and change the channel.
    pub(crate) fn manages(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

/// A text with the time of its last change, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dated {
    pub(crate) text: String,
    pub(crate) at_us: u64,
}

/// How somebody follows a channel.
#[derive(Debug, Clone, Default)]
pub(crate) struct Follower {
    /// Seconds since the epoch.
    pub(crate) since: u64,
    /// Follower activity is silenced.
    pub(crate) muted: bool,
}

/// One post.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// Counts within the channel.
    pub(crate) server_id: u64,
    /// The id its sender chose.
    pub(crate) id: String,
    pub(crate) author: AccountId,
    /// Seconds since the epoch.
    pub(crate) at: u64,
    /// Seconds since the epoch, of the last edit.
    pub(crate) edited_at: Option<u64>,
    /// `text`, `media`, `poll`…, as its stanza said.
    pub(crate) kind: String,
    /// `image`, `video`…, for media.
    pub(crate) media: Option<String>,
    /// The message as protobuf; empty when it was taken back.
    pub(crate) plaintext: Vec<u8>,
    pub(crate) revoked: bool,
    pub(crate) reactions: BTreeMap<AccountId, String>,
    pub(crate) views: u64,
}

/// One channel.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) jid: Jid,
    pub(crate) name: Dated,
    pub(crate) description: Dated,
    /// Id and JPEG.
    pub(crate) picture: Option<(u64, Vec<u8>)>,
    pub(crate) invite: String,
    /// Seconds since the epoch.
    pub(crate) created_at: u64,
    pub(crate) owner: AccountId,
    /// Admins besides the owner.
    pub(crate) admins: Vec<AccountId>,
    /// Who was asked to become one, until when in seconds.
    pub(crate) invited: BTreeMap<AccountId, u64>,
    /// Followers that the world does not simulate, so that counts look real.
    pub(crate) crowd: u64,
    pub(crate) followers: BTreeMap<AccountId, Follower>,
    /// Who runs it and wants to hear nothing of it.
    pub(crate) quiet_admins: BTreeSet<AccountId>,
    pub(crate) posts: VecDeque<Post>,
    last_post: u64,
    pub(crate) verified: bool,
    /// As the directory files it.
    pub(crate) category: Option<String>,
    /// ISO 3166 alpha-2.
    pub(crate) country: Option<String>,
    /// `ALL`, `BASIC` or `NONE`.
    pub(crate) reactions: String,
    /// Devices that asked for live updates, until when in milliseconds.
    pub(crate) watchers: BTreeMap<DeviceRef, u64>,
}

impl Channel {
    /// What an account is to it.
    pub(crate) fn role(&self, account: AccountId) -> Role {
        if account == self.owner {
            Role::Owner
        } else if self.admins.contains(&account) {
            Role::Admin
        } else if self.followers.contains_key(&account) {
            Role::Subscriber
        } else {
            Role::Guest
        }
    }

    /// Followers, the unsimulated included.
    pub(crate) fn subscribers(&self) -> u64 {
        self.crowd + u64::try_from(self.followers.len()).unwrap_or(u64::MAX)
    }

    /// Everybody whose devices hear of posts.
    pub(crate) fn audience(&self) -> Vec<AccountId> {
        let mut all: Vec<AccountId> = std::iter::once(self.owner)
            .chain(self.admins.iter().copied())
            .chain(self.followers.keys().copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Adds a post and gives it its number; `None` when the id is known.
    pub(crate) fn add(&mut self, mut post: Post) -> Option<u64> {
        if self.posts.iter().rev().any(|known| known.id == post.id) {
            return None;
        }
        self.last_post += 1;
        post.server_id = self.last_post;
        if self.posts.len() == MAX_POSTS {
            self.posts.pop_front();
        }
        self.posts.push_back(post);
        Some(self.last_post)
    }

    pub(crate) fn post(&mut self, server_id: u64) -> Option<&mut Post> {
        self.posts.iter_mut().rev().find(|post| post.server_id == server_id)
    }

    pub(crate) fn post_by_id(&mut self, id: &str) -> Option<&mut Post> {
        self.posts.iter_mut().rev().find(|post| post.id == id)
    }
}

/// All channels.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    by_id: BTreeMap<String, Channel>,
    by_invite: HashMap<String, String>,
}

impl Channels {
    /// Makes a channel; `None` when the sandbox holds as many as it may.
    pub(crate) fn create(
        &mut self,
        owner: AccountId,
        name: &str,
        description: &str,
        picture: Option<Vec<u8>>,
        now_ms: u64,
        rng: &mut StdRng,
    ) -> Option<&Channel> {
        if self.by_id.len() >= MAX_CHANNELS {
            return None;
        }
        let id = loop {
            let id = format!("12036{:013}", rng.next_u64() % 10_000_000_000_000);
            if !self.by_id.contains_key(&id) {
                break id;
            }
        };
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let invite: String = (0..INVITE)
            .map(|_| char::from(letters[usize::try_from(rng.next_u32()).unwrap_or(0) % letters.len()]))
            .collect();
        let at_us = now_ms * 1000;
        let channel = Channel {
            jid: Jid::new(id.as_str(), Server::Newsletter),
            name: Dated { text: name.to_owned(), at_us },
            description: Dated { text: description.to_owned(), at_us },
            picture: picture.map(|bytes| (now_ms, bytes)),
            invite: invite.clone(),
            created_at: now_ms / 1000,
            owner,
            admins: Vec::new(),
            invited: BTreeMap::new(),
            crowd: 0,
            followers: BTreeMap::new(),
            quiet_admins: BTreeSet::new(),
            posts: VecDeque::new(),
            last_post: 99,
            verified: false,
            category: None,
            country: None,
            reactions: "ALL".to_owned(),
            watchers: BTreeMap::new(),
        };
        self.by_invite.insert(invite, id.clone());
        self.by_id.insert(id.clone(), channel);
        self.by_id.get(&id)
    }

    /// Deletes a channel.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Channel> {
        let channel = self.by_id.remove(id)?;
        self.by_invite.remove(&channel.invite);
        Some(channel)
    }

    /// By the user part of its address.
    pub(crate) fn get(&self, id: &str) -> Option<&Channel> {
        self.by_id.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.by_id.get_mut(id)
    }

    /// By the code of its link.
    pub(crate) fn invited(&self, code: &str) -> Option<&Channel> {
        self.by_id.get(self.by_invite.get(code)?)
    }

    /// Oldest id first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.by_id.values()
    }

    /// Those an account owns, manages or follows.
    pub(crate) fn of(&self, account: AccountId) -> impl Iterator<Item = &Channel> {
        self.by_id.values().filter(move |channel| channel.role(account) != Role::Guest)
    }

    /// Forgets an account: its channels go with it.
    pub(crate) fn forget(&mut self, account: AccountId) {
        let owned: Vec<String> =
            self.by_id.iter().filter(|(_, channel)| channel.owner == account).map(|(id, _)| id.clone()).collect();
        for id in owned {
            self.remove(&id);
        }
        for channel in self.by_id.values_mut() {
            channel.admins.retain(|admin| *admin != account);
            channel.followers.remove(&account);
            channel.quiet_admins.remove(&account);
            channel.watchers.retain(|device, _| device.account != account);
        }
    }
}
