//! Looking for channels.

use serde_json::{Value, json};

use super::super::mex::{Query, Refused};
use super::metadata;
use crate::world::World;
use crate::world::channels::Channel;

/// The most channels in one answer.
const MAX_LISTED: usize = 100;

/// Channels whose name or description holds the words, most followed first.
pub(crate) fn search(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let words: Vec<String> = query.text("search_text").split_whitespace().map(str::to_lowercase).collect();
    let categories = texts(query.get("categories"));
    page(world, query, |channel| {
        let text = format!("{} {}", channel.name.text, channel.description.text).to_lowercase();
        words.iter().all(|word| text.contains(word)) && filed_under(channel, &categories)
    })
}

/// Channels of countries and categories, most followed first; `view` says how
/// they are ordered: `NEW` by age, everything else by followers.
pub(crate) fn list(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let filters = query.get("filters");
    let countries = texts(&filters["country_codes"]);
    let categories = texts(&filters["categories"]);
    page(world, query, |channel| in_country(channel, &countries) && filed_under(channel, &categories))
}

/// Channels of a country.
pub(crate) fn recommended(world: &mut World, query: &Query<'_>) -> Result<Value, Refused> {
    let countries = texts(query.get("country_codes"));
    page(world, query, |channel| in_country(channel, &countries))
}

/// A list of words, or one word.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(word) => vec![word.to_uppercase()],
        Value::Array(words) => words.iter().filter_map(Value::as_str).map(str::to_uppercase).collect(),
        _ => Vec::new(),
    }
}

fn filed_under(channel: &Channel, categories: &[String]) -> bool {
    categories.is_empty() || channel.category.as_ref().is_some_and(|own| categories.contains(&own.to_uppercase()))
}

fn in_country(channel: &Channel, countries: &[String]) -> bool {
    countries.is_empty()
        || countries.iter().any(|country| country == "GLOBAL")
        || channel.country.as_ref().is_some_and(|own| countries.contains(&own.to_uppercase()))
}

fn page(world: &World, query: &Query<'_>, fits: impl Fn(&Channel) -> bool) -> Result<Value, Refused> {
    let limit = query.get("limit").as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50);
    let limit = limit.clamp(1, MAX_LISTED);
    let start = match query.text("start_cursor") {
        "" => 0,
        cursor => cursor.parse::<usize>().map_err(|_| Refused::new(400, "start_cursor is none of ours"))?,
    };
    let mut found: Vec<&Channel> = world.channels.iter().filter(|channel| fits(channel)).collect();
    if query.text("view") == "NEW" {
        found.sort_by_key(|channel| std::cmp::Reverse(channel.created_at));
    } else {
        found.sort_by_key(|channel| std::cmp::Reverse(channel.subscribers()));
    }
    let end = (start + limit).min(found.len());
    let result: Vec<Value> =
        found.get(start..end).unwrap_or_default().iter().map(|c| metadata::public(world, c)).collect();
    let page = json!({
        "startCursor": start.to_string(),
        "endCursor": end.to_string(),
        "hasNextPage": end < found.len(),
        "hasPreviousPage": start > 0,
    });
    Ok(json!({"page_info": page, "result": result}))
}
