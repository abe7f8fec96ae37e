//! What requests about files may say.

mod change;
mod delete;
mod search;

pub(super) use change::ChangeFile;
pub(super) use delete::DeleteFiles;
pub(super) use search::FileSearch;

use serde::Deserialize;
use sparkbot_core::clock::parse_iso;
use sparkbot_core::files::EXPIRATIONS;
use utoipa::IntoParams;

use crate::request::words::words;

words! {
    Format = &["gif", "ptt", "native"];
    Life = EXPIRATIONS;
    Permission = &["public", "readonly", "private"];
    State = &["ready", "processing", "failed"];
    Origin = &["remote", "upload"];
    Kind = &["image", "video", "audio", "document", "file"];
}

fn time(text: Option<&str>) -> Option<i64> {
    text.and_then(parse_iso)
}

/// Names that people use for the types that files have.
fn mimes(words: Vec<String>) -> Vec<String> {
    let expand = |word: String| match word.as_str() {
        "audio/mp3" => vec!["audio/mpeg".to_owned()],
        "audio/ogg" => vec!["audio/ogg; codecs=opus".to_owned(), word],
        "image/jpg" => vec!["image/jpeg".to_owned()],
        _ => vec![word],
    };
    words.into_iter().flat_map(expand).collect()
}

fn exts(words: Vec<String>) -> Vec<String> {
    let plain = |word: String| match word.trim_start_matches('.').to_ascii_lowercase().as_str() {
        "jpeg" => "jpg".to_owned(),
        other => other.to_owned(),
    };
    words.into_iter().map(plain).collect()
}

/// How a file without a key is downloaded.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DownloadAs {
    /// The token of the file's `links.download`, which works for an hour, in place of a key. Keys are refused here.
    #[param(max_length = 600)]
    #[expect(dead_code, reason = "who downloads is settled before, from the query itself")]
    token: Option<String>,
}
