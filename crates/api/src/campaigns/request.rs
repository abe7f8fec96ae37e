//! What requests about campaigns may say.

use serde::Deserialize;
use sparkbot_core::campaigns::{
    ACTIONS, CampaignChanges, CampaignFilter, Hours, Import, NewCampaign, NewContact, Pick, STATUSES, Settings,
    Unsubscribe, named,
};
use sparkbot_core::clock::parse_iso;
use sparkbot_core::devices::Idempotency;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::outbound::MediaEntry;
use utoipa::openapi::schema::{Object, ObjectBuilder};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Paging;
use crate::error::{Answer, Problem};
use crate::messages::actions::Action;
use crate::request::words::{one_of, words};
use crate::request::{parse_id, plus_kept, present};

words! {
    Status = STATUSES;
    Sort = &["date:desc", "date:asc"];
}

fn size() -> i64 {
    20
}

/// Which campaigns.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignSearch {
    /// Made before, ISO 8601.
    #[param(format = DateTime)]
    before: Option<String>,
    /// Made after, ISO 8601.
    #[param(format = DateTime)]
    after: Option<String>,
    /// In one of these states.
    #[param(value_type = Vec<Status>, inline)]
    #[serde(default)]
    status: Vec<String>,
    /// Sent by one of these numbers.
    device: Option<Vec<String>>,
    /// The business of one of these people.
    owner: Option<Vec<String>>,
    /// These.
    id: Option<Vec<String>>,
    /// For one of these phone numbers.
    phone: Option<Vec<String>>,
    /// For one of these groups.
    group: Option<Vec<String>>,
    /// Campaigns a page.
    #[serde(default = "size")]
    #[param(default = 20, minimum = 1, maximum = 200)]
    size: i64,
    /// Which page, from 0.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 1_000_000)]
    page: i64,
    /// By when they were made; newest first unless asked otherwise.
    #[param(value_type = Option<Sort>, inline)]
    sort: Option<String>,
}

impl CampaignSearch {
    pub(super) fn paging(&self) -> Paging {
        Paging::pages(self.size, self.page)
    }

    pub(super) fn filter(self) -> Answer<CampaignFilter> {
        let paging = self.paging();
        let targets = self.phone.unwrap_or_default().into_iter().map(plus_kept).chain(self.group.unwrap_or_default());
        let lower = |ids: Option<Vec<String>>| -> Vec<String> {
            ids.unwrap_or_default().into_iter().map(|id| id.to_ascii_lowercase()).collect()
        };
        Ok(CampaignFilter {
            status: self.status,
            devices: lower(self.device),
            owners: lower(self.owner),
            ids: lower(self.id),
            wids: named(&targets.collect::<Vec<_>>())?,
            after: self.after.as_deref().and_then(parse_iso),
            before: self.before.as_deref().and_then(parse_iso),
            ascending: self.sort.as_deref() == Some("date:asc"),
            size: paging.size(),
            skip: paging.skip(),
        })
    }
}

/// A new campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "device": crate::examples::DEVICE, "name": "Spring", "message": "{Hi|Hello} {{name|there}}, our spring menu is out.",
    "contacts": [{"phone": "+16001234561", "name": "Ben"}], "settings": {"speed": 6, "timezone": "Europe/Berlin",
    "hours": {"start": 9, "end": 18}}, "unsubscribe": {"active": true, "word": "stop", "message": "You will hear no more."}
}))]
pub(crate) struct CreateCampaign {
    /// What people will call it.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// Id of the number that sends it.
    #[schema(max_length = 24)]
    device: Option<String>,
    /// Ids of the numbers that send it, when there are several.
    #[schema(min_items = 1, max_items = 50)]
    devices: Option<Vec<String>>,
    /// Whose business it is, by id or email of a team member; yours when absent.
    #[schema(max_length = 254)]
    owner: Option<String>,
    /// Text, or the text along with the file. `{{name}}` and `{{name|friend}}` are what a contact brings, `{Hi|Hello}` is
    /// one of them.
    #[schema(max_length = 6000)]
    message: Option<String>,
    /// A file that everybody gets; it is fetched once, now.
    media: Option<MediaEntry>,
    /// When it sends, and how fast.
    settings: Option<Settings>,
    /// How people opt out.
    unsubscribe: Option<OptOut>,
    /// Who gets it; more can be added later.
    #[schema(min_items = 1, max_items = 10_000)]
    contacts: Option<Vec<NewContact>>,
    /// The same as a table.
    csv: Option<String>,
    /// The same from the chats of a number.
    pick: Option<PickChats>,
}

/// People whom a number has chats with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CampaignPick, example = json!({"device": crate::examples::DEVICE, "labels": ["customer"]}))]
pub(crate) struct PickChats {
    /// Id of the number.
    #[schema(max_length = 24)]
    device: String,
    /// Only chats with one of these labels.
    #[schema(max_items = 50)]
    labels: Option<Vec<String>>,
    /// Groups, too.
    #[serde(default)]
    #[schema(default = false)]
    groups: bool,
}

/// How people opt out of all campaigns.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignOptOut, example = json!({"active": true, "word": "stop", "message": "You will hear no more."}))]
pub(crate) struct OptOut {
    /// Whether answers are looked at for the word.
    #[serde(default)]
    #[schema(default = false)]
    active: bool,
    /// What people answer to opt out, whatever its case.
    #[schema(max_length = 30)]
    word: Option<String>,
    /// What they are answered, once; nothing when absent.
    #[schema(max_length = 1000)]
    message: Option<String>,
    /// What to do with their chat after that answer.
    #[schema(max_items = 20)]
    actions: Option<Vec<Action>>,
}

impl OptOut {
    fn into_unsubscribe(self) -> Answer<Unsubscribe> {
        let values = self.actions.unwrap_or_default().iter().map(serde_json::to_value).collect::<Result<_, _>>();
        let actions = values.map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Unsubscribe { active: self.active, word: self.word, message: self.message, actions })
    }
}

impl CreateCampaign {
    pub(super) fn into_new(self, idempotency: Option<Idempotency>) -> Answer<NewCampaign> {
        let contacts = AddContacts { contacts: self.contacts, csv: self.csv, pick: self.pick };
        Ok(NewCampaign {
            name: self.name,
            devices: numbers(self.device, self.devices)?.unwrap_or_default(),
            owner: self.owner.filter(|owner| !owner.is_empty()),
            message: self.message,
            media: self.media,
            settings: self.settings.unwrap_or_default(),
            unsubscribe: self.unsubscribe.unwrap_or_default().into_unsubscribe()?,
            contacts: contacts.given()?,
            idempotency,
        })
    }
}

/// One number or several, not both.
fn numbers(one: Option<String>, several: Option<Vec<String>>) -> Answer<Option<Vec<DeviceId>>> {
    let ids = match (one, several) {
        (None, None) => return Ok(None),
        (Some(one), None) => vec![one],
        (None, Some(several)) => several,
        (Some(_), Some(_)) => {
            return Err(Problem::invalid(
                "campaign:devices",
                "The body has both 'device' and 'devices'; it takes one of them.",
            ));
        }
    };
    ids.iter().map(|id| parse_id(id)).collect::<Answer<_>>().map(Some)
}

/// People to add; one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"contacts": [{"phone": "+16001234561", "name": "Ben", "variables": [{"key": "plan", "value": "Gold"}]}]}))]
pub(crate) struct AddContacts {
    /// One by one.
    #[schema(min_items = 1, max_items = 10_000)]
    pub(super) contacts: Option<Vec<NewContact>>,
    /// As a table whose first line names the columns: `phone` (or `group`, `channel`), `name`, `reference`, `message`; every
    /// other column is a variable. Commas, semicolons or tabs.
    pub(super) csv: Option<String>,
    /// From the chats of a number.
    pub(super) pick: Option<PickChats>,
}

impl AddContacts {
    /// What is given, if anything.
    pub(super) fn given(self) -> Answer<Option<Import>> {
        Ok(Some(match (self.contacts, self.csv, self.pick) {
            (None, None, None) => return Ok(None),
            (Some(contacts), None, None) => Import::Contacts(contacts),
            (None, Some(csv), None) => Import::Csv(csv),
            (None, None, Some(pick)) => Import::Pick(Pick {
                device: parse_id(&pick.device)?,
                labels: pick.labels.unwrap_or_default(),
                groups: pick.groups,
            }),
            _ => {
                return Err(Problem::invalid(
                    "campaign:contacts",
                    "The body has more than one of 'contacts', 'csv' and 'pick'; it takes one of them.",
                ));
            }
        }))
    }

    pub(super) fn import(self) -> Answer<Import> {
        self.given()?
            .ok_or_else(|| Problem::invalid("campaign:contacts", "The body needs one of 'contacts', 'csv' and 'pick'."))
    }
}

/// Changes of a campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Spring, second part", "settings": {"speed": 12}}))]
pub(crate) struct ChangeCampaign {
    /// What people call it.
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    /// Id of the number that sends it from now on.
    #[schema(max_length = 24)]
    device: Option<String>,
    /// Ids of the numbers that send it from now on, when there are several.
    #[schema(min_items = 1, max_items = 50)]
    devices: Option<Vec<String>>,
    /// Whose business it is, by id or email of a team member.
    #[schema(max_length = 254)]
    owner: Option<String>,
    /// New text for those whose turn has not come; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 6000)]
    message: Option<Option<String>>,
    /// New file; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<MediaEntry>)]
    media: Option<Option<MediaEntry>>,
    /// When it sends, and how fast; each on its own.
    settings: Option<ChangeSettings>,
    /// How people opt out, replaced as a whole.
    unsubscribe: Option<OptOut>,
}

/// Changes of when a campaign sends, and how fast.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CampaignSettingsChange)]
struct ChangeSettings {
    /// Messages a minute from each of its numbers, 0.1 to 150; 0 leaves it to the numbers' own queues.
    #[schema(minimum = 0, maximum = 150)]
    speed: Option<f64>,
    /// Not before; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = DateTime)]
    date: Option<Option<String>>,
    /// Not after; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expiration: Option<Option<String>>,
    /// Whose clocks the hours are read from.
    #[schema(max_length = 60)]
    timezone: Option<String>,
    /// The hours of the day in which it sends; null removes them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Hours>)]
    hours: Option<Option<Hours>>,
}

impl ChangeCampaign {
    pub(super) fn into_changes(self) -> Answer<CampaignChanges> {
        let settings = self.settings.unwrap_or_default();
        Ok(CampaignChanges {
            name: self.name,
            devices: numbers(self.device, self.devices)?,
            owner: self.owner.filter(|owner| !owner.is_empty()),
            message: self.message,
            media: self.media,
            speed: settings.speed,
            date: settings.date,
            expiration: settings.expiration,
            timezone: settings.timezone,
            hours: settings.hours,
            unsubscribe: self.unsubscribe.map(OptOut::into_unsubscribe).transpose()?,
        })
    }
}

fn action() -> Object {
    ObjectBuilder::from(one_of(ACTIONS))
        .description(Some(
            "`start` begins it, at its date if it has one, and goes on with a stopped one; `pause` and `resume` in \
             between; `stop` ends it.",
        ))
        .build()
}

/// What the campaign is to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignStatus, example = json!({"action": "start"}))]
pub(crate) struct NewStatus {
    /// What it is to do.
    #[schema(schema_with = action)]
    action: String,
}

impl NewStatus {
    pub(super) fn action(&self) -> &str {
        &self.action
    }
}
