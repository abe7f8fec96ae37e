//! Lists and searches of an inbox that scripts/scale.py has filled: filling 5
//! million messages takes longer than all other measurements together.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::http::Api;
use crate::progress::say;
use crate::stats::Latency;
use crate::workplace::Workplace;

/// Messages and chats that words and names are taken from.
const LOOKED_AT: usize = 200;

/// How long people wait for a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lists {
    /// Of the database.
    pub(crate) data_kib: u64,
    pub(crate) latencies: Vec<Latency>,
}

/// What scale.py keeps beside the database.
#[derive(Deserialize)]
struct Ids {
    key: String,
    device: String,
}

/// `folder` is what scale.py was given with `--folder`.
pub(super) async fn measure(place: &Workplace, folder: &Path, samples: u32) -> Result<Lists> {
    let file = folder.join("ids.json");
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("{}: {error}; fill it with scripts/scale.py --folder", file.display()))
    };
    let ids = std::fs::read_to_string(&file).map_err(|error| failed(&error))?;
    let ids: Ids = serde_json::from_str(&ids).map_err(|error| failed(&error))?;
    let data = folder.join("data");
    say(&format!("asking for lists and searches of the inbox in {}", folder.display()));
    let (server, api) = place.another(&data, &ids.key).await?;
    let base = format!("/v1/chat/{}", ids.device);
    let messages = api.get(&format!("{base}/messages?size={LOOKED_AT}")).await?;
    let (common, rare) = words(&messages);
    let chats = api.get(&format!("{base}/chats?size={LOOKED_AT}")).await?;
    let names: Vec<String> = each(&chats, "name").filter_map(|name| word(name.split(' ').next()?)).collect();
    let rooms: Vec<String> = each(&chats, "id").map(str::to_owned).collect();
    let pairs: Vec<String> = common.iter().zip(&rare).map(|(common, rare)| format!("{common}%20{rare}")).collect();
    let kinds: [(&str, &str, &[String]); 8] = [
        ("chats, newest first", "chats?size=50", &[]),
        ("chats by a name", "chats?size=50&search=", &names),
        ("messages, newest first", "messages?size=50", &[]),
        ("messages, page 100", "messages?size=50&page=100", &[]),
        ("messages of one chat", "messages?size=50&chat=", &rooms),
        ("messages by a common word", "messages?size=50&search=", &common),
        ("messages by a rare word", "messages?size=50&search=", &rare),
        ("messages by two words", "messages?size=50&search=", &pairs),
    ];
    let mut latencies = Vec::new();
    for (what, path, endings) in kinds {
        latencies.push(Latency::new(what, times(&api, &format!("{base}/{path}"), endings, samples).await?));
    }
    server.stop().await?;
    Ok(Lists { data_kib: crate::workplace::size(&data) / 1024, latencies })
}

/// Milliseconds of each request, the first one of all left out.
async fn times(api: &Api, path: &str, endings: &[String], samples: u32) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    for n in 0..=samples as usize {
        let ending = if endings.is_empty() { "" } else { endings[n % endings.len()].as_str() };
        let asked = Instant::now();
        api.get(&format!("{path}{ending}")).await?;
        if n > 0 {
            took.push(asked.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(took)
}

fn each<'v>(list: &'v Value, field: &'static str) -> impl Iterator<Item = &'v str> {
    list.as_array().into_iter().flatten().filter_map(move |one| one[field].as_str())
}

/// A word that can stand in a URL as it is.
fn word(text: &str) -> Option<String> {
    (text.len() > 2 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| text.to_owned())
}

/// The most and the least frequent tenth of the words, most frequent first.
fn words(messages: &Value) -> (Vec<String>, Vec<String>) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for one in each(messages, "body").flat_map(str::split_whitespace).filter_map(word) {
        *counts.entry(one).or_default() += 1;
    }
    let mut words: Vec<(String, usize)> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let words: Vec<String> = words.into_iter().map(|(word, _)| word).collect();
    let part = words.len().div_ceil(10);
    (words[..part].to_vec(), words[words.len() - part..].to_vec())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::words;

    #[test]
    fn frequent_words_are_told_from_rare_ones() {
        let bodies = ["the order is here", "the order", "the end? once", "the"];
        let messages = json!(bodies.map(|body| json!({ "body": body })));
        let (common, rare) = words(&messages);
        assert_eq!((common, rare), (vec!["the".to_owned()], vec!["once".to_owned()]));
        assert_eq!(words(&json!([])), (Vec::new(), Vec::new()));
    }
}
