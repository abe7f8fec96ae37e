//! Looking for channels in WhatsApp's directory.

use serde_json::{Value, json};
use sparkbot_network::NetworkError;
use sparkbot_network::channel::{ChannelView, DirectoryPage, DirectoryResult};
use whatsapp_rust::Client;
use whatsapp_rust::wacore::iq::mex_operations::{
    fetch_newsletter_directory_list, fetch_newsletter_directory_search_results,
};

use super::ask::query;
use super::info::info;
use crate::http::Http;
use crate::mex;

/// A page of the directory.
pub(crate) async fn page(
    client: &Client,
    http: &Http,
    page: &DirectoryPage,
    limit: u32,
    from: Option<&str>,
) -> Result<DirectoryResult, NetworkError> {
    let (query, field, mut input) = match page {
        DirectoryPage::Words(words) => (
            query!(fetch_newsletter_directory_search_results),
            "xwa2_newsletters_directory_search",
            json!({ "search_text": words, "categories": [] }),
        ),
        DirectoryPage::View(view, countries) => (
            query!(fetch_newsletter_directory_list),
            "xwa2_newsletters_directory_list",
            json!({ "view": word(*view), "filters": filters(countries) }),
        ),
    };
    input["limit"] = limit.into();
    if let Some(from) = from {
        input["start_cursor"] = from.into();
    }
    let found = mex::ask(client, query, &json!({ "input": input }), field).await?;
    let channels = found["result"].as_array().into_iter().flatten().filter_map(|channel| info(http, channel)).collect();
    let pages = &found["page_info"];
    let more = pages["hasNextPage"].as_bool().unwrap_or(pages["hasNextPage"] == "true");
    let next = pages["endCursor"].as_str().filter(|_| more).map(str::to_owned);
    Ok(DirectoryResult { channels, next })
}

fn filters(countries: &[String]) -> Value {
    if countries.is_empty() { json!({}) } else { json!({ "country_codes": countries }) }
}

fn word(view: ChannelView) -> &'static str {
    match view {
        ChannelView::Recommended => "RECOMMENDED",
        ChannelView::Trending => "TRENDING",
        ChannelView::Popular => "POPULAR",
        ChannelView::New => "NEW",
        ChannelView::Featured => "FEATURED",
    }
}
