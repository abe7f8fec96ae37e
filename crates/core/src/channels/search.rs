//! WhatsApp's directory of channels.

use super::doc::State;
use super::{Acting, explain};
use crate::app::Core;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::channel::{ChannelView, DirectoryPage};
use crate::numbers;
use crate::views::Channel;

/// Parts of the directory.
pub const CATEGORIES: &[&str] = &["recommended", "trending", "popular", "new", "featured"];
/// What results can be sorted by.
pub const SORT_FIELDS: &[&str] = &["creation_time", "subscribers"];
/// Channels of one answer at most.
const MOST: i64 = 100;
/// Characters of a search at most.
const WORDS: usize = 100;
/// Countries of one search at most.
const COUNTRIES: usize = 50;
/// Channels asked for at once.
const PAGE: u32 = 50;
/// Pages read at most: WhatsApp's own answers are not narrowed by everything
/// that was asked.
const PAGES: usize = 6;

/// What `PATCH /v1/devices/{device}/channels` says.
#[derive(Debug, Clone)]
pub struct DirectorySearch {
    /// Words in the name or the description.
    pub search: Option<String>,
    /// 1 to 100.
    pub limit: i64,
    /// One of [`CATEGORIES`].
    pub category: String,
    /// From the lowest up.
    pub ascending: bool,
    /// One of [`SORT_FIELDS`].
    pub sort_field: String,
    /// ISO 3166 alpha-2; all when empty.
    pub countries: Vec<String>,
}

/// Looks for channels in WhatsApp's directory.
///
/// WhatsApp searches by words everywhere, and shows parts of the directory by
/// country: with both, the parts are gone through for the words.
///
/// # Errors
/// `channel:search`, `channel:limit`, `channel:country`; `device:notfound`,
/// `session:offline`; without the scope `groups:read`.
pub async fn search(core: &Core, caller: &Caller, device: &DeviceId, search: DirectorySearch) -> Result<Vec<Channel>> {
    let words = words(search.search.as_deref())?;
    let countries = countries(&search.countries)?;
    let most = usize::try_from(search.limit).ok().filter(|_| (1..=MOST).contains(&search.limit)).ok_or_else(|| {
        Error::invalid("channel:limit", format!("'limit' is {}; it is from 1 to {MOST}.", search.limit))
    })?;
    let acting = Acting::new(core, caller, device, Scope::GroupsRead).await?;
    let page = match &words {
        Some(words) if countries.is_empty() => DirectoryPage::Words(words.clone()),
        _ => DirectoryPage::View(view(&search.category), countries.clone()),
    };
    let wanted = words.filter(|_| !countries.is_empty()).map(|words| words.to_lowercase());
    let now = core.now();
    let (mut found, mut from): (Vec<State>, Option<String>) = (Vec::new(), None);
    for _ in 0..PAGES {
        let read = acting.link.directory(&page, PAGE, from.as_deref()).await.map_err(explain::failed)?;
        let states = read.channels.into_iter().map(|info| State::told(info, None, now, now));
        found.extend(states.filter(|state| wanted.as_deref().is_none_or(|words| says(state, words))));
        from = read.next;
        if from.is_none() || found.len() >= most {
            break;
        }
    }
    found.truncate(most);
    sort(&mut found, &search.sort_field, search.ascending);
    // What the number is to them is known here; the directory does not tell.
    let wids: Vec<String> = found.iter().map(|state| state.facts.wid.to_string()).collect();
    let mut own = std::collections::HashMap::new();
    if !wids.is_empty() {
        let rows = core.store().read().await?.account(&caller.account).channels_of(device, &wids).await?;
        for row in rows {
            own.insert(row.wid.clone(), State::read(&row)?.role);
        }
    }
    let shown = found.into_iter().map(|state| {
        let role = own.get(state.facts.wid.as_str()).copied().flatten();
        State { role, ..state }.view(None)
    });
    Ok(shown.collect())
}

fn words(text: Option<&str>) -> Result<Option<String>> {
    let text = text.unwrap_or_default().trim();
    let length = text.chars().count();
    if length > WORDS {
        return Err(Error::invalid(
            "channel:search",
            format!("The words to search for have at most {WORDS} characters, but these have {length}."),
        ));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Codes of countries, in capitals.
fn countries(codes: &[String]) -> Result<Vec<String>> {
    if codes.len() > COUNTRIES {
        return Err(Error::invalid(
            "channel:country",
            format!("There are {} countries; a search takes at most {COUNTRIES}.", codes.len()),
        ));
    }
    let checked = codes.iter().map(|code| {
        let upper = code.trim().to_ascii_uppercase();
        if numbers::is_country(&upper) {
            return Ok(upper);
        }
        let shown: String = code.chars().take(20).collect();
        Err(Error::invalid(
            "channel:country",
            format!("'{shown}' is not the code of a country in two letters (ISO 3166), such as US."),
        ))
    });
    checked.collect()
}

fn says(state: &State, words: &str) -> bool {
    let text = format!("{} {}", state.facts.name, state.facts.description.as_deref().unwrap_or_default());
    let text = text.to_lowercase();
    words.split_whitespace().all(|word| text.contains(word))
}

fn sort(found: &mut [State], field: &str, ascending: bool) {
    let key = |state: &State| match field {
        "creation_time" => state.facts.created_at,
        _ => state.facts.followers,
    };
    if ascending {
        found.sort_by_key(key);
    } else {
        found.sort_by_key(|state| std::cmp::Reverse(key(state)));
    }
}

fn view(category: &str) -> ChannelView {
    match category {
        "trending" => ChannelView::Trending,
        "popular" => ChannelView::Popular,
        "new" => ChannelView::New,
        "featured" => ChannelView::Featured,
        _ => ChannelView::Recommended,
    }
}

#[cfg(test)]
mod tests {
    use super::{countries, words};

    #[test]
    fn what_is_searched_for_has_limits() {
        assert_eq!(words(Some("  bread ")).expect("fine").as_deref(), Some("bread"));
        assert_eq!(words(Some(" ")).expect("fine"), None);
        assert_eq!(words(Some(&"x".repeat(101))).expect_err("too long").code, "channel:search");
        assert_eq!(countries(&["de".to_owned(), "US".to_owned()]).expect("fine"), ["DE", "US"]);
        for code in ["Germany", "", "ZZ", "D"] {
            assert_eq!(countries(&[code.to_owned()]).expect_err(code).code, "channel:country");
        }
        assert_eq!(countries(&vec!["DE".to_owned(); 51]).expect_err("too many").code, "channel:country");
    }
}
