//! The condition that leads a search: whose index is gone through, in the order
//! of the list. A leading condition with several values becomes several queries,
//! each in order and limited, that are merged.

use std::collections::BTreeSet;

use super::super::{Account, Sight};
use super::search::ChatMessageFilter;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// Messages that are few enough to be gone through one by one.
const FEW: i64 = 5_000;

/// The condition whose index is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    Id,
    Reference,
    Chat,
    Author,
    Kind,
    Ack,
    ChatKind,
    Flow,
    /// Each of the few chats that a person sees.
    Seen,
    Time,
}

/// What leads, and what it leaves.
#[derive(Debug)]
pub(super) struct Led {
    pub(super) lead: Lead,
    /// Whether that is few.
    pub(super) few: bool,
    /// The chats of [`Lead::Seen`].
    pub(super) seen: Vec<String>,
}

impl Led {
    fn by(lead: Lead, few: bool) -> Self {
        Self { lead, few, seen: Vec::new() }
    }
}

/// One of the queries that are merged.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Branch {
    /// Which value of the leading condition, when it has several.
    pub(super) value: Option<usize>,
    /// With `to` being the number itself: what was received, or what it sent to itself.
    pub(super) inbound: Option<bool>,
}

impl Account<'_> {
    /// What leads, and whether that leaves few. Of conditions that may leave many the
    /// one with the fewest messages leads.
    pub(super) async fn lead(&mut self, device: &DeviceId, f: &ChatMessageFilter) -> Result<Led> {
        if let Some(lead) = f.narrow() {
            return Ok(Led::by(lead, true));
        }
        if let Some(seen) = self.few_seen(device, &f.sight).await? {
            let few = self.said_in(device, &seen).await? <= FEW;
            return Ok(Led { lead: Lead::Seen, few, seen });
        }
        let choices = f.choices();
        let Some(first) = choices.first().copied() else { return Ok(Led::by(Lead::Time, false)) };
        if choices.len() == 1 && f.search.is_none() {
            return Ok(Led::by(first, false));
        }
        let mut best = (first, FEW + 1);
        for lead in choices {
            let count = self.weigh(device, f, lead).await?;
            if count < best.1 {
                best = (lead, count);
            }
        }
        Ok(Led::by(best.0, best.1 <= FEW))
    }

    /// How many messages these chats have, counted to a bit more than [`FEW`].
    async fn said_in(&mut self, device: &DeviceId, chats: &[String]) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chat_messages");
        sql.and("device_id = (SELECT id FROM devices WHERE id = ").bind(device.as_str());
        sql.push(" AND account_id = ").bind(self.id.as_str()).push(")");
        sql.and_in("chat", chats.iter().map(String::as_str));
        sql.push(" LIMIT ").bind(FEW + 1).push(") AS counted");
        sql.number(&mut *self.conn).await
    }

    /// How many messages a condition leaves by its index alone, counted to a bit more than [`FEW`].
    async fn weigh(&mut self, device: &DeviceId, f: &ChatMessageFilter, lead: Lead) -> Result<i64> {
        let mut count = 0;
        for value in 0..f.values(lead) {
            let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM chat_messages");
            sql.and("device_id = (SELECT id FROM devices WHERE id = ").bind(device.as_str());
            sql.push(" AND account_id = ").bind(self.id.as_str()).push(")");
            sql.and("status <> 'removed'");
            f.leading(&mut sql, lead, value);
            f.in_time(&mut sql);
            sql.push(" LIMIT ").bind(FEW + 1).push(") AS counted");
            count += sql.number(&mut *self.conn).await?;
            if count > FEW {
                break;
            }
        }
        Ok(count)
    }
}

impl ChatMessageFilter {
    /// The leading condition that leaves few messages by itself: a chat, a person, an id.
    pub(super) fn narrow(&self) -> Option<Lead> {
        let to_other = self.to.is_some() && self.to != self.own;
        match self {
            _ if !self.wids.is_empty() => Some(Lead::Id),
            _ if self.reference.is_some() => Some(Lead::Reference),
            _ if self.chat.is_some() || to_other => Some(Lead::Chat),
            _ if self.from.as_deref().is_some_and(|from| !is_person(from)) => Some(Lead::Chat),
            _ if self.from.is_some() => Some(Lead::Author),
            _ => None,
        }
    }

    /// Conditions with an index of their own that may leave many.
    fn choices(&self) -> Vec<Lead> {
        [
            (Lead::Kind, !self.kinds.is_empty()),
            (Lead::Ack, !self.ack.is_empty()),
            (Lead::ChatKind, !self.chat_kinds.is_empty()),
            (Lead::Flow, self.flow.is_some()),
        ]
        .into_iter()
        .filter_map(|(lead, asked)| asked.then_some(lead))
        .collect()
    }

    /// How many values a leading condition has.
    pub(super) fn values(&self, lead: Lead) -> usize {
        match lead {
            Lead::Kind => self.kinds.len(),
            Lead::Ack => self.ack.len(),
            Lead::ChatKind => self.chat_kinds.len(),
            _ => 1,
        }
    }

    /// Whether a message may be of two of a leading condition's values.
    pub(super) fn overlaps(&self, lead: Lead) -> bool {
        let values: Vec<&String> = match lead {
            Lead::Kind => self.kinds.iter().map(|(kind, _)| kind).collect(),
            Lead::Ack => self.ack.iter().collect(),
            Lead::ChatKind => self.chat_kinds.iter().collect(),
            _ => return false,
        };
        let different: BTreeSet<&&String> = values.iter().collect();
        different.len() < values.len()
    }

    /// The leading condition alone, of one of its values; nothing for those that
    /// leave few.
    pub(super) fn leading(&self, sql: &mut Sql, lead: Lead, value: usize) {
        let other = self.to.as_ref().filter(|_| self.to != self.own);
        match lead {
            Lead::Kind => match self.kinds.get(value) {
                // The one kind whose subtypes are told apart has an index for them.
                Some((kind, Some(subtype))) if kind == "audio" => {
                    sql.and("kind = 'audio' AND COALESCE(subtype, '') = ").bind(subtype.as_str());
                }
                Some((kind, _)) => {
                    sql.and("kind = ").bind(kind.as_str());
                }
                None => {}
            },
            Lead::Ack => {
                sql.and("ack = ").bind(self.ack.get(value).cloned());
            }
            Lead::ChatKind => {
                sql.and("chat_kind = ").bind(self.chat_kinds.get(value).cloned());
            }
            Lead::Flow => {
                sql.and("flow = ").bind(self.flow.clone());
            }
            Lead::Chat => {
                sql.and("chat = ").bind(self.chat.as_ref().or(other).or(self.from.as_ref()).cloned());
            }
            Lead::Author => {
                sql.and("author = ").bind(self.from.clone());
            }
            Lead::Id | Lead::Reference | Lead::Seen | Lead::Time => {}
        }
    }

    /// Conditions that an index has to be left for.
    pub(super) fn looks_beyond(&self, lead: Lead) -> bool {
        let in_chat = lead == Lead::Chat;
        let subtyped = self.kinds.iter().any(|(kind, subtype)| subtype.is_some() && kind != "audio");
        self.sight != Sight::All
            || (lead != Lead::Kind && !self.kinds.is_empty() && (!in_chat || self.subtyped()))
            || (lead == Lead::Kind && subtyped)
            || (lead != Lead::Ack && !self.ack.is_empty())
            || (lead != Lead::ChatKind && !self.chat_kinds.is_empty())
            || (lead != Lead::Flow && self.flow.is_some() && !in_chat)
            || (lead != Lead::Author && self.from.as_deref().is_some_and(is_person))
    }

    fn subtyped(&self) -> bool {
        self.kinds.iter().any(|(_, subtype)| subtype.is_some())
    }

    /// Whether anything but words is asked for.
    pub(super) fn has_conditions(&self) -> bool {
        self.narrow().is_some()
            || !self.choices().is_empty()
            || self.to.is_some()
            || self.begin.is_some()
            || self.end.is_some()
            || self.after.is_some()
            || self.before.is_some()
            || self.sight != Sight::All
    }
}

pub(super) fn is_person(wid: &str) -> bool {
    wid.ends_with("@c.us") || wid.ends_with("@lid")
}
