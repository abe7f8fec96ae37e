//! Filling a campaign: people as JSON, as CSV, or picked from a number's chats.
//!
//! [`rows`] checks one person, [`csv`] reads tables. Who can't be taken is told
//! with the row and why; the others are added. Whoever is in the campaign
//! already is counted and left as they are, so that an import may be repeated.

mod csv;
mod rows;

use serde::{Deserialize, Serialize};
use sparkbot_store::rows::{CampaignContactRow, CampaignCounts, ChatFilter};
use utoipa::ToSchema;

use super::tell::{News, tell};
use super::{held, seen};
use crate::app::Core;
use crate::devices;
use crate::error::{Error, Result};
use crate::ids::{CampaignContactId, CampaignId, DeviceId};
use crate::keys::{Caller, Scope};
use crate::views::Variable;

/// People of one campaign at most.
const MOST: i64 = 100_000;
/// People of one request at most.
pub(super) const AT_ONCE: usize = 10_000;
/// People written in one transaction: the writer is everybody's.
const BATCH: usize = 250;
/// Refused rows that are told one by one.
const TOLD: usize = 100;
/// Chats of a number looked at in one query.
const PAGE: i64 = 500;

/// Who is to be added.
#[derive(Debug, Clone)]
pub enum Import {
    /// One by one.
    Contacts(Vec<NewContact>),
    /// As a table with a line of names.
    Csv(String),
    /// People whom a number has chats with.
    Pick(Pick),
}

/// Somebody to be added: exactly one of phone, group and channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = NewCampaignContact)]
pub struct NewContact {
    /// A person, E.164.
    #[schema(max_length = 50)]
    pub phone: Option<String>,
    /// A group, `…@g.us`.
    #[schema(max_length = 50)]
    pub group: Option<String>,
    /// A channel, `…@newsletter`.
    #[schema(max_length = 50)]
    pub channel: Option<String>,
    /// What they are called; `{{name}}` in the text.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// Your own id for them; `{{reference}}` in the text.
    #[schema(max_length = 128)]
    pub reference: Option<String>,
    /// A text of their own, in place of the campaign's; variables and choices are read in it, too.
    #[schema(max_length = 6000)]
    pub message: Option<String>,
    /// What is put into the text.
    #[schema(max_items = 50)]
    pub variables: Vec<Variable>,
}

/// Which chats of a number.
#[derive(Debug, Clone)]
pub struct Pick {
    /// The number.
    pub device: DeviceId,
    /// Those with one of these labels; all when empty.
    pub labels: Vec<String>,
    /// Groups, too.
    pub groups: bool,
}

/// What an import did.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// How many were added.
    pub added: i64,
    /// How many were there already, or twice in the request.
    pub duplicates: i64,
    /// How many were refused.
    pub invalid: i64,
    /// The first 100 of them, and why.
    pub rejected: Vec<Rejected>,
    /// How many are in the campaign now.
    pub total: i64,
}

/// Somebody who was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rejected {
    /// Which one, from 1; in a table the line, the line of names being 1.
    pub row: usize,
    /// How they were named.
    pub value: String,
    /// `area:code`.
    pub code: String,
    /// In a sentence.
    pub message: String,
}

/// People that were read, and those that could not be.
#[derive(Debug, Clone, Default)]
pub(super) struct Read {
    people: Vec<rows::Person>,
    rejected: Vec<Rejected>,
    pick: Option<Pick>,
}

/// Reads who is to be added, without looking at the campaign.
///
/// # Errors
/// For a table that can't be read, and for too many at once.
pub(super) fn read(import: &Import) -> Result<Read> {
    let mut read = Read::default();
    let numbered: Vec<(usize, NewContact)> = match import {
        Import::Contacts(contacts) => (1..).zip(contacts.iter().cloned()).collect(),
        Import::Csv(text) => csv::contacts(text)?,
        Import::Pick(pick) => {
            read.pick = Some(pick.clone());
            return Ok(read);
        }
    };
    if numbered.is_empty() || numbered.len() > AT_ONCE {
        return Err(Error::invalid(
            "campaign:contacts",
            format!("There are {} contacts; a request takes 1 to {AT_ONCE}.", numbered.len()),
        )
        .hint("Send them in several requests: whoever is in the campaign already is not added again."));
    }
    for (row, contact) in numbered {
        match rows::person(&contact) {
            Ok(person) => read.people.push(person),
            Err(error) => read.rejected.push(Rejected {
                row,
                value: rows::shown(&contact),
                code: error.code.to_owned(),
                message: error.message,
            }),
        }
    }
    Ok(read)
}

/// Adds people to a campaign. One that runs goes on with them.
///
/// # Errors
/// `campaign:notfound`; `campaign:full`; for a table that can't be read.
pub async fn import(core: &Core, caller: &Caller, id: &CampaignId, import: Import) -> Result<ImportReport> {
    caller.need(Scope::CampaignsWrite)?;
    seen(core, caller, id).await?;
    add(core, caller, id, read(&import)?).await
}

pub(super) async fn add(core: &Core, caller: &Caller, id: &CampaignId, read: Read) -> Result<ImportReport> {
    let mut report = ImportReport {
        invalid: i64::try_from(read.rejected.len()).map_err(Error::internal)?,
        rejected: read.rejected.into_iter().take(TOLD).collect(),
        ..ImportReport::default()
    };
    let picked = read.pick.is_some();
    let people = match read.pick {
        Some(pick) => chosen(core, caller, &pick).await?,
        None => read.people,
    };
    for batch in people.chunks(BATCH) {
        let added = write(core, caller, id, batch.to_vec(), picked).await?;
        report.added += added;
        report.duplicates += i64::try_from(batch.len()).map_err(Error::internal)? - added;
    }
    core.campaigns().wake();
    report.total = seen(core, caller, id).await?.0.counts.total;
    Ok(report)
}

/// The people whom a number has chats with.
async fn chosen(core: &Core, caller: &Caller, pick: &Pick) -> Result<Vec<rows::Person>> {
    devices::row(core, &caller.account, &pick.device).await?;
    let mut kinds = vec!["chat".to_owned()];
    if pick.groups {
        kinds.push("group".to_owned());
    }
    let mut people = Vec::new();
    loop {
        let skip = i64::try_from(people.len()).map_err(Error::internal)?;
        let filter = ChatFilter {
            kinds: kinds.clone(),
            labels: pick.labels.clone(),
            can_send: true,
            size: PAGE,
            skip,
            ..ChatFilter::default()
        };
        let mut reading = core.store().read().await?;
        let (_, found) = reading.account(&caller.account).chats(&pick.device, &filter).await?;
        drop(reading);
        let last = i64::try_from(found.len()).map_err(Error::internal)? < PAGE;
        people.extend(found.into_iter().map(|chat| rows::Person {
            kind: if chat.kind == "group" { "group" } else { "user" },
            wid: chat.wid,
            name: chat.name,
            reference: None,
            message: None,
            variables: "[]".to_owned(),
        }));
        if last {
            return Ok(people);
        }
        if skip > MOST {
            return Err(full(skip));
        }
    }
}

fn full(total: i64) -> Error {
    Error::conflict(
        "campaign:full",
        format!("The campaign would have {total} contacts; a campaign takes {MOST} at most."),
    )
    .hint("Make another campaign for the rest.")
    .with("limit", MOST)
}

/// Writes some of them; how many were new.
async fn write(core: &Core, caller: &Caller, id: &CampaignId, people: Vec<rows::Person>, picked: bool) -> Result<i64> {
    let (caller, account, id, now) = (caller.clone(), caller.account.clone(), id.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut row = held(w, &caller, &account, &id).await?;
                let mut added = 0;
                for person in people {
                    let contact = CampaignContactRow {
                        seq: 0,
                        id: CampaignContactId::new(now),
                        campaign_id: id.clone(),
                        account_id: account.clone(),
                        kind: person.kind.to_owned(),
                        wid: person.wid,
                        name: person.name,
                        reference: person.reference,
                        message: person.message,
                        variables: person.variables,
                        status: "pending".to_owned(),
                        ack: "pending".to_owned(),
                        error: None,
                        error_message: None,
                        device_id: None,
                        message_id: None,
                        chat: None,
                        retries: 0,
                        date: now,
                        queued_at: None,
                        sent_at: None,
                        delivered_at: None,
                        read_at: None,
                        failed_at: None,
                        replied_at: None,
                        reply: None,
                        opted_out_at: None,
                        created_at: now,
                    };
                    added += i64::from(w.account(&account).insert_campaign_contact(&contact).await?);
                }
                if row.counts.total + added > MOST {
                    return Err(full(row.counts.total + added));
                }
                if added > 0 {
                    let by = CampaignCounts { total: added, pending: added, ..CampaignCounts::default() };
                    w.account(&account).count_campaign(&id, &by).await?;
                    if row.counts.total == 0 && picked {
                        "contacts".clone_into(&mut row.source);
                    }
                    row.updated_at = now;
                    if row.next_at.is_some() {
                        row.next_at = Some(now);
                    }
                    w.account(&account).update_campaign(&row).await?;
                    tell(w, &row, News { changes: &["contacts"], count: Some(added), ..News::default() }, now).await?;
                }
                Ok::<_, Error>(added)
            })
        })
        .await
}
