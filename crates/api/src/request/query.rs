//! The query, read strictly.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::shape::{self, Place, Shape, Type};
use crate::app::App;
use crate::error::{Detail, Problem};

/// Values of one list parameter at most.
const MOST: usize = 500;

/// What the query asks for.
///
/// Lists come as `a,b`, as repeated keys or as `key[]=a`. An empty value counts
/// as not given, since forms send those.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: IntoParams + DeserializeOwned + 'static> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let shape = shape::of_query::<T>();
        let value = collect(&shape, parts.uri.query().unwrap_or_default())?;
        let faults = shape::check(Place::Query, &shape, &value);
        if !faults.is_empty() {
            return Err(Problem::faults(faults));
        }
        serde_json::from_value(value)
            .map(Self)
            .map_err(|error| Problem::invalid("query:invalid", format!("The query does not fit: {error}.")))
    }
}

fn collect(shape: &Shape, query: &str) -> Result<Value, Problem> {
    let mut all = Map::new();
    let mut faults = Vec::new();
    for (key, text) in url::form_urlencoded::parse(query.as_bytes()) {
        let name = key.strip_suffix("[]").unwrap_or(&key);
        let known = shape.property(name).filter(|known| name == key || known.is(Type::Array));
        let Some(known) = known else {
            let names = shape.properties.iter().map(|(name, _)| name.as_str());
            let sentence = shape::unknown("query parameter", name, name, names);
            faults.push(Detail::of("query:unknown", "unknown", sentence, name));
            continue;
        };
        if text.is_empty() {
            continue;
        }
        if known.is(Type::Array) {
            let item = known.items.as_deref();
            let values = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            let list = all.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.extend(values.map(|part| typed(item, part)));
                if list.len() > MOST {
                    let sentence = format!("'{name}' has more than {MOST} values.");
                    return Err(Problem::faults(vec![Detail::of("query:invalid", "range", sentence, name)]));
                }
            }
        } else if all.insert(name.to_owned(), typed(Some(known), &text)).is_some() {
            let sentence = format!("The query parameter '{name}' is given more than once.");
            faults.push(Detail::of("query:invalid", "repeated", sentence, name));
        }
    }
    if faults.is_empty() { Ok(Value::Object(all)) } else { Err(Problem::faults(faults)) }
}

/// The value as its type wants it; what can't be read stays text, which the
/// check then refuses with what it expected.
fn typed(shape: Option<&Shape>, text: &str) -> Value {
    let as_text = || Value::from(text);
    let Some(shape) = shape else { return as_text() };
    match shape.types.first() {
        Some(Type::Boolean) => match text {
            "true" | "1" => Value::Bool(true),
            "false" | "0" => Value::Bool(false),
            _ => as_text(),
        },
        Some(Type::Integer) => text.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        Some(Type::Number) => text.parse::<f64>().map_or_else(|_| as_text(), Value::from),
        _ => as_text(),
    }
}

/// Keys in URLs end up in logs, histories and referrers: refused everywhere, so
/// that nobody grows used to it. The token of a download's link is no key.
pub(crate) fn token_in_query(uri: &Uri) -> bool {
    let download =
        uri.path().contains("/files/") && (uri.path().ends_with("/download") || uri.path().ends_with("/preview"));
    let mut pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs.any(|(key, value)| key.eq_ignore_ascii_case("token") && !(download && key == "token" && !is_key(&value)))
}

/// Looks like an API key.
fn is_key(text: &str) -> bool {
    text.len() >= 60 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};
    use utoipa::IntoParams;

    use super::collect;
    use crate::request::shape::{self, Place, check};

    #[derive(Deserialize, IntoParams)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Query {
        ids: Option<Vec<String>>,
        force: Option<bool>,
        #[param(minimum = 1, maximum = 200)]
        size: Option<i64>,
    }

    fn read(query: &str) -> Result<Value, String> {
        let shape = shape::of_query::<Query>();
        let value = collect(&shape, query).map_err(|problem| problem.message().to_owned())?;
        match check(Place::Query, &shape, &value).first() {
            Some(fault) => Err(fault.message.clone()),
            None => Ok(value),
        }
    }

    #[test]
    fn lists_come_in_three_spellings() {
        for query in ["ids=a,b", "ids=a&ids=b", "ids[]=a&ids[]=b", "ids%5B%5D=a&ids%5B%5D=b", "ids=a%2Cb"] {
            assert_eq!(read(query), Ok(json!({"ids": ["a", "b"]})), "{query}");
        }
    }

    #[test]
    fn empty_is_as_if_absent() {
        assert_eq!(read("force=&size=&ids="), Ok(json!({})));
        assert_eq!(read("force"), Ok(json!({})));
    }

    #[test]
    fn booleans_and_numbers_are_read_strictly() {
        assert_eq!(read("force=1&size=20"), Ok(json!({"force": true, "size": 20})));
        assert_eq!(read("force=false"), Ok(json!({"force": false})));
        assert_eq!(read("force=yes"), Err("'force' must be true or false, but it is the string 'yes'.".into()));
        assert_eq!(read("size=ten"), Err("'size' must be a whole number, but it is the string 'ten'.".into()));
        assert_eq!(read("size=201"), Err("'size' must be from 1 to 200, but it is 201.".into()));
    }

    #[test]
    fn unknown_and_repeated_parameters_are_named() {
        assert_eq!(read("forse=1"), Err("There is no query parameter 'forse'. Did you mean 'force'?".into()));
        assert_eq!(read("force[]=1"), Err("There is no query parameter 'force'. Did you mean 'force'?".into()));
        assert_eq!(read("size=1&size=2"), Err("The query parameter 'size' is given more than once.".into()));
    }

    #[test]
    fn tokens_are_for_downloads_and_never_keys() {
        let key = "0123456789abcdef".repeat(5);
        for (uri, refused) in [
            ("/v1/files/x/download?token=abc-_", false),
            ("/v1/files/x/preview?token=abc", false),
            ("/v1/chat/d/files/x/download?token=abc", false),
            (&format!("/v1/files/x/download?token={key}"), true),
            ("/v1/files/x/download?Token=abc", true),
            ("/v1/files?token=abc", true),
            ("/v1/me?a=b&token=abc", true),
            ("/v1/me?a=token", false),
        ] {
            assert_eq!(super::token_in_query(&uri.parse().expect("a URI")), refused, "{uri}");
        }
    }
}
