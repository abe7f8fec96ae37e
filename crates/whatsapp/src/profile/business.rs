//! What a business says of itself.

use sparkbot_network::NetworkError;
use sparkbot_network::profile::{
    BusinessCategory, BusinessChange, BusinessHours, BusinessProfile, Opening, OpeningDay, Weekday,
};
use whatsapp_rust::wacore::iq::business::{
    BusinessHourMode, BusinessHours as WireHours, BusinessHoursConfig, BusinessProfile as WireProfile, DayOfWeek,
};
use whatsapp_rust::wacore::request::InfoQuery;
use whatsapp_rust::wacore_binary::{Node, NodeContent};
use whatsapp_rust::{Client, Jid, NodeBuilder, Server};

use crate::errors;

const NAMESPACE: &str = "w:biz";
/// The form in which changes are told.
const VERSION: &str = "3";

/// How WhatsApp calls the weekdays.
const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Sunday, "sun"),
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
];

/// What a business says of itself; `None` for accounts that are none. WhatsApp
/// may answer with an empty profile for those.
pub(crate) async fn of(
    client: &Client,
    jid: &Jid,
    known_as_business: bool,
) -> Result<Option<BusinessProfile>, NetworkError> {
    let told = client.get_business_profile(jid).await.map_err(|error| errors::request(&error))?;
    let profile = told.map(read);
    Ok(match profile {
        Some(profile) => Some(profile).filter(|profile| known_as_business || *profile != BusinessProfile::default()),
        None => known_as_business.then(BusinessProfile::default),
    })
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn read(told: WireProfile) -> BusinessProfile {
    BusinessProfile {
        description: some(told.description),
        address: told.address.and_then(some),
        email: told.email.and_then(some),
        websites: told.website.into_iter().filter_map(some).collect(),
        categories: told.categories.into_iter().map(|one| BusinessCategory { id: one.id, name: one.name }).collect(),
        hours: hours(told.business_hours),
    }
}

fn hours(told: WireHours) -> Option<BusinessHours> {
    let timezone = told.timezone?;
    let mut days: Vec<OpeningDay> = told.business_config.unwrap_or_default().iter().filter_map(day).collect();
    days.sort_by_key(|day| day.day);
    Some(BusinessHours { timezone, days })
}

fn day(told: &BusinessHoursConfig) -> Option<OpeningDay> {
    let day = match told.day_of_week {
        DayOfWeek::Sunday => Weekday::Sunday,
        DayOfWeek::Monday => Weekday::Monday,
        DayOfWeek::Tuesday => Weekday::Tuesday,
        DayOfWeek::Wednesday => Weekday::Wednesday,
        DayOfWeek::Thursday => Weekday::Thursday,
        DayOfWeek::Friday => Weekday::Friday,
        DayOfWeek::Saturday => Weekday::Saturday,
        _ => return None,
    };
    let minutes = |told: Option<u32>| told.and_then(|minutes| u16::try_from(minutes).ok());
    let opening = match told.mode {
        BusinessHourMode::Open24H => Opening::AllDay,
        BusinessHourMode::AppointmentOnly => Opening::ByAppointment,
        BusinessHourMode::SpecificHours => Opening::Hours(minutes(told.open_time)?, minutes(told.close_time)?),
        _ => return None,
    };
    Some(OpeningDay { day, opening })
}

/// Changes what the own account says of itself as a business.
pub(crate) async fn change(client: &Client, change: BusinessChange) -> Result<(), NetworkError> {
    let profile = NodeBuilder::new("business_profile")
        .attr("v", VERSION)
        .attr("mutation_type", "delta")
        .children(changed(change))
        .build();
    let query = InfoQuery::set(NAMESPACE, Jid::new("", Server::Pn), Some(NodeContent::Nodes(vec![profile])));
    client.send_iq(query).await.map(drop).map_err(|error| errors::request(&error))
}

fn changed(change: BusinessChange) -> Vec<Node> {
    let text = |tag: &'static str, says: String| NodeBuilder::new(tag).bytes(says.into_bytes()).build();
    let mut children = Vec::new();
    for (tag, says) in [("address", change.address), ("email", change.email), ("description", change.description)] {
        children.extend(says.map(|says| text(tag, says)));
    }
    if let Some(websites) = change.websites {
        // No website at all is said by an empty one.
        let all = if websites.is_empty() { vec![String::new()] } else { websites };
        children.extend(all.into_iter().map(|website| text("website", website)));
    }
    if let Some(categories) = change.categories {
        let all = categories.into_iter().map(|id| NodeBuilder::new("category").attr("id", id).build());
        children.push(NodeBuilder::new("categories").children(all).build());
    }
    if let Some(hours) = change.hours {
        let days = hours.days.iter().map(config);
        children.push(NodeBuilder::new("business_hours").attr("timezone", hours.timezone).children(days).build());
    }
    children
}

fn config(day: &OpeningDay) -> Node {
    let word = DAYS.iter().find(|(known, _)| *known == day.day).map_or("sun", |(_, word)| *word);
    let config = NodeBuilder::new("business_hours_config").attr("day_of_week", word);
    match day.opening {
        Opening::AllDay => config.attr("mode", "open_24h"),
        Opening::ByAppointment => config.attr("mode", "appointment_only"),
        Opening::Hours(open, close) => config
            .attr("mode", "specific_hours")
            .attr("open_time", open.to_string())
            .attr("close_time", close.to_string()),
    }
    .build()
}
