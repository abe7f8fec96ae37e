//! The profile of a business: read by everybody, changed by itself.

use wacore_binary::Node;

use super::super::{Request, notifications};
use super::{said, text};
use crate::stanza::{Reading as _, node};
use crate::world::World;
use crate::world::business::{Business, Day, Hours};

/// Bytes of a text.
const MAX_TEXT: usize = 2_048;
/// The most websites.
const MAX_WEBSITES: usize = 2;
/// The most kinds of business.
const MAX_CATEGORIES: usize = 3;
/// The kinds of business that WhatsApp offers first, by its ids.
pub(crate) const CATEGORIES: [(&str, &str); 15] = [
    ("629412378414563", "Other Business"),
    ("1223524174334504", "Automotive Service"),
    ("1086422341396773", "Apparel & Clothing"),
    ("133436743388217", "Arts & Entertainment"),
    ("139225689474222", "Beauty, Cosmetic & Personal Care"),
    ("2250", "Education"),
    ("193705277324704", "Event Planner"),
    ("1022050661163852", "Finance"),
    ("150108431712141", "Grocery Store"),
    ("164243073639257", "Hotel"),
    ("145118935550090", "Medical & Health"),
    ("2603", "Non-profit Organisation"),
    ("273819889375819", "Restaurant"),
    ("200600219953504", "Shopping & Retail"),
    ("128232937246338", "Travel & Transportation"),
];
/// The most profiles in one answer.
const MAX_ASKED: usize = 100;

/// `<iq xmlns="w:biz" type="get">`: profiles and verified names.
pub(crate) fn get(world: &mut World, request: &Request<'_>) {
    match request.stanza.nodes().first().map(|child| child.tag.to_string()).as_deref() {
        Some("business_profile") => {
            let asked = request.stanza.child("business_profile").map(crate::stanza::Reading::nodes).unwrap_or_default();
            let profiles: Vec<Node> =
                asked.iter().take(MAX_ASKED).filter_map(|profile| profile_of(world, profile)).collect();
            request.result(world, [node("business_profile").attr("v", 244).children(profiles).build()]);
        }
        Some("verified_name") => {
            let named = request.stanza.child("verified_name").and_then(|asked| asked.jid_of("jid"));
            let name = named.and_then(|jid| {
                let business = world.accounts.get(&world.find(&jid)?)?.business.as_ref()?;
                Some(business.verified_name.clone())
            });
            match name {
                Some(name) => request.result(world, [text("verified_name", name)]),
                None => request.error(world, 404, "item-not-found"),
            }
        }
        _ => request.result(world, []),
    }
}

fn profile_of(world: &World, asked: &Node) -> Option<Node> {
    let jid = asked.jid_of("jid")?;
    let business = world.accounts.get(&world.find(&jid)?)?.business.as_ref()?;
    let mut children = vec![text("description", business.description.as_str())];
    for (tag, says) in [("email", &business.email), ("address", &business.address)] {
        if !says.is_empty() {
            children.push(text(tag, says.as_str()));
        }
    }
    children.extend(business.websites.iter().map(|website| text("website", website.as_str())));
    let categories: Vec<Node> = business
        .categories
        .iter()
        .map(|(id, name)| node("category").attr("id", id.as_str()).bytes(name.clone().into_bytes()).build())
        .collect();
    children.push(node("categories").children(categories).build());
    if let Some(hours) = &business.hours {
        let days: Vec<Node> = hours.days.iter().map(day_node).collect();
        children.push(node("business_hours").attr("timezone", hours.timezone.as_str()).children(days).build());
    }
    Some(node("profile").attr("jid", jid).children(children).build())
}

fn day_node(day: &Day) -> Node {
    let mut config =
        node("business_hours_config").attr("day_of_week", day.day.as_str()).attr("mode", day.mode.as_str());
    if let Some((open, close)) = day.hours {
        config = config.attr("open_time", open).attr("close_time", close);
    }
    config.build()
}

/// `<iq xmlns="w:biz" type="set"><business_profile mutation_type="delta">`: the
/// fields given change, the others stay.
pub(crate) fn set(world: &mut World, request: &Request<'_>) {
    let Some((me, given)) = request.device.zip(request.stanza.child("business_profile")) else {
        return request.error(world, 400, "bad-request");
    };
    let Some(business) = world.accounts.get_mut(&me.account).and_then(|account| account.business.as_mut()) else {
        return request.error(world, 403, "forbidden");
    };
    match changed(business, given) {
        Ok(()) => {
            notifications::business_changed(world, me.account, node("profile"));
            world.changed();
            request.result(world, []);
        }
        Err(code) => request.error(world, code, "not-acceptable"),
    }
}

fn changed(business: &mut Business, given: &Node) -> Result<(), u32> {
    for (tag, field) in
        [("description", &mut business.description), ("email", &mut business.email), ("address", &mut business.address)]
    {
        if given.child(tag).is_some() {
            let says = said(given, tag);
            if says.len() > MAX_TEXT {
                return Err(406);
            }
            *field = says;
        }
    }
    let websites: Vec<String> = given
        .nodes()
        .iter()
        .filter(|child| child.tag == "website")
        .map(|website| String::from_utf8_lossy(website.body()).into_owned())
        .filter(|website| !website.is_empty())
        .collect();
    if websites.len() > MAX_WEBSITES || websites.iter().any(|website| website.len() > MAX_TEXT) {
        return Err(406);
    }
    if given.child("website").is_some() {
        business.websites = websites;
    }
    if let Some(given) = given.child("categories") {
        let ids: Vec<String> = given.nodes().iter().map(|category| category.text_of("id").into_owned()).collect();
        if ids.is_empty() || ids.len() > MAX_CATEGORIES {
            return Err(406);
        }
        let named = ids.into_iter().map(|id| {
            let name = CATEGORIES.iter().find(|(known, _)| *known == id).map(|(_, name)| (*name).to_owned())?;
            Some((id, name))
        });
        business.categories = named.collect::<Option<_>>().ok_or(406_u32)?;
    }
    if let Some(hours) = given.child("business_hours") {
        business.hours = Some(Hours {
            timezone: hours.text_of("timezone").into_owned(),
            days: hours.nodes().iter().take(7).map(day).collect(),
        });
    }
    Ok(())
}

fn day(config: &Node) -> Day {
    let minutes = |name| config.number_of(name).and_then(|minutes| u32::try_from(minutes).ok());
    Day {
        day: config.text_of("day_of_week").into_owned(),
        mode: config.text_of("mode").into_owned(),
        hours: minutes("open_time").zip(minutes("close_time")),
    }
}
