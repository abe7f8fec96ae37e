//! Holds a value against a [`Shape`] and says in sentences what is wrong.

use serde_json::{Map, Value};
use sparkbot_core::clock::parse_iso;

use super::{Shape, Type};
use crate::error::Detail;

/// Faults told at most; more help nobody.
const MOST: usize = 20;
const UNKNOWN: &str = "unknown";

/// Where the value stands: the error codes and the words differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Body,
    Query,
}

impl Place {
    fn noun(self) -> &'static str {
        match self {
            Self::Body => "property",
            Self::Query => "query parameter",
        }
    }
}

/// Everything that is wrong with `value`.
pub(crate) fn check(place: Place, shape: &Shape, value: &Value) -> Vec<Detail> {
    let mut checker = Checker { place, faults: Vec::new() };
    checker.value(shape, value, "");
    checker.faults
}

struct Checker {
    place: Place,
    faults: Vec<Detail>,
}

impl Checker {
    fn fault(&mut self, reason: &str, path: &str, message: String) {
        if self.faults.len() < MOST {
            let code = match (self.place, reason) {
                (Place::Body, UNKNOWN) => "body:unknown_property",
                (Place::Body, _) => "body:invalid",
                (Place::Query, UNKNOWN) => "query:unknown",
                (Place::Query, _) => "query:invalid",
            };
            self.faults.push(Detail::of(code, reason, message, path));
        }
    }

    /// How long and how large things of a body may be are rules, and rules are
    /// core's; of a query they are this surface's own.
    fn limits(&self) -> bool {
        self.place == Place::Query
    }

    fn value(&mut self, shape: &Shape, value: &Value, path: &str) {
        if value.is_null() && shape.nullable {
            return;
        }
        if !shape.types.is_empty() && !shape.types.iter().any(|kind| fits(*kind, value)) {
            let message = format!("{} must be {}, but it is {}.", subject(path), expected(shape), found(value));
            return self.fault("type", path, message);
        }
        match value {
            Value::Object(map) => self.object(shape, map, path),
            Value::Array(items) => self.array(shape, items, path),
            Value::String(text) => self.string(shape, text, path),
            Value::Number(_) => self.number(shape, value, path),
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn object(&mut self, shape: &Shape, map: &Map<String, Value>, path: &str) {
        for (name, value) in map {
            let inner = join(path, name);
            match (shape.property(name), &shape.further) {
                (Some(known), _) => self.value(known, value, &inner),
                (None, Some(further)) => {
                    self.no_nul(name, &inner);
                    self.value(further, value, &inner);
                }
                (None, None) => {
                    let known = shape.properties.iter().map(|(known, _)| known.as_str());
                    let message = unknown(self.place.noun(), &inner, name, known);
                    self.fault(UNKNOWN, &inner, message);
                }
            }
        }
        for name in &shape.required {
            if !map.contains_key(name) {
                let inner = join(path, name);
                let message = format!("The {} '{}' is missing.", self.place.noun(), cut(&inner));
                self.fault("missing", &inner, message);
            }
        }
    }

    fn array(&mut self, shape: &Shape, items: &[Value], path: &str) {
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        if self.limits()
            && let Some(wanted) = outside(count, shape.min_items, shape.max_items)
        {
            let message = format!("{} must have {wanted} items, but it has {count}.", subject(path));
            self.fault("range", path, message);
        }
        if let Some(shape) = &shape.items {
            for (index, item) in items.iter().enumerate() {
                self.value(shape, item, &format!("{path}[{index}]"));
            }
        }
    }

    fn string(&mut self, shape: &Shape, text: &str, path: &str) {
        self.no_nul(text, path);
        if !shape.words.is_empty() {
            let words: Vec<&str> = shape.words.iter().filter_map(Value::as_str).collect();
            if !words.contains(&text) {
                let shown: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
                let mut message =
                    format!("{} must be one of {}, but it is '{}'.", subject(path), shown.join(", "), cut(text));
                if let Some(near) = nearest(text, words.iter().copied()) {
                    message.push_str(&format!(" Did you mean '{near}'?"));
                }
                self.fault("value", path, message);
            }
            return;
        }
        let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        if self.limits()
            && let Some(wanted) = outside(length, shape.min_length, shape.max_length)
        {
            let message = format!("{} must have {wanted} characters, but it has {length}.", subject(path));
            self.fault("range", path, message);
        }
        if shape.date && parse_iso(text).is_none() {
            let message = format!(
                "{} must be a date in ISO 8601 with a time zone, such as 2026-01-31T09:30:00Z, but it is '{}'.",
                subject(path),
                cut(text)
            );
            self.fault("value", path, message);
        }
    }

    fn number(&mut self, shape: &Shape, value: &Value, path: &str) {
        let Some(number) = value.as_f64() else { return };
        if !shape.words.is_empty() && !shape.words.iter().any(|word| word.as_f64() == Some(number)) {
            let shown: Vec<String> = shape.words.iter().map(ToString::to_string).collect();
            let message = format!("{} must be one of {}, but it is {value}.", subject(path), shown.join(", "));
            return self.fault("value", path, message);
        }
        let wanted = match (shape.minimum, shape.maximum) {
            _ if !self.limits() => return,
            (Some(least), Some(most)) if number < least || number > most => format!("from {least} to {most}"),
            (Some(least), None) if number < least => format!("at least {least}"),
            (None, Some(most)) if number > most => format!("at most {most}"),
            _ => return,
        };
        self.fault("range", path, format!("{} must be {wanted}, but it is {value}.", subject(path)));
    }

    /// PostgreSQL has no text with U+0000 in it, and nobody means one.
    fn no_nul(&mut self, text: &str, path: &str) {
        if text.contains('\0') {
            self.fault("value", path, format!("{} contains the character U+0000, which no text has.", subject(path)));
        }
    }
}

fn fits(kind: Type, value: &Value) -> bool {
    match kind {
        Type::Object => value.is_object(),
        Type::Array => value.is_array(),
        Type::String => value.is_string(),
        Type::Number => value.is_number(),
        Type::Integer => value.is_i64(),
        Type::Boolean => value.is_boolean(),
    }
}

fn expected(shape: &Shape) -> String {
    let words: Vec<&str> = shape
        .types
        .iter()
        .map(|kind| match kind {
            Type::Object => "an object",
            Type::Array => "an array",
            Type::String => "a string",
            Type::Number => "a number",
            Type::Integer => "a whole number",
            Type::Boolean => "true or false",
        })
        .collect();
    words.join(" or ")
}

fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string '{}'", cut(text)),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn subject(path: &str) -> String {
    if path.is_empty() { "The body".to_owned() } else { format!("'{}'", cut(path)) }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Values in sentences stay short.
fn cut(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

fn outside(count: u64, least: Option<u64>, most: Option<u64>) -> Option<String> {
    match (least, most) {
        (Some(least), Some(most)) if count < least || count > most => Some(format!("{least} to {most}")),
        (Some(least), None) if count < least => Some(format!("at least {least}")),
        (None, Some(most)) if count > most => Some(format!("at most {most}")),
        _ => None,
    }
}

/// Names a property that is not known, and the one that was probably meant.
pub(crate) fn unknown<'a>(noun: &str, path: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let near = nearest(name, known.iter().copied());
    match (near, known.len()) {
        (Some(near), _) => format!("There is no {noun} '{}'. Did you mean '{near}'?", cut(path)),
        (None, 0) => format!("There is no {noun} '{}'; none is taken here.", cut(path)),
        (None, 1..=12) => format!("There is no {noun} '{}'; there are {}.", cut(path), known.join(", ")),
        (None, _) => format!("There is no {noun} '{}'.", cut(path)),
    }
}

fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if text.chars().count() > 60 {
        return None;
    }
    let lower = text.to_lowercase();
    known
        .filter(|word| !word.is_empty())
        .map(|word| (distance(&lower, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 1 + word.chars().count() / 5)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Levenshtein's.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use utoipa::ToSchema;

    use super::{Place, check, distance};
    use crate::request::shape;

    #[derive(serde::Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Outer {
        name: String,
        inner: Option<Inner>,
        #[schema(min_items = 1, max_items = 2)]
        list: Option<Vec<Inner>>,
        #[schema(minimum = 0, maximum = 30)]
        count: Option<i64>,
    }

    #[derive(serde::Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Inner {
        flag: Option<bool>,
        #[schema(max_length = 3)]
        text: Option<String>,
    }

    fn told_of(place: Place, value: &Value) -> Vec<String> {
        let shape = shape::of_body::<Outer>();
        check(place, &shape, value).into_iter().map(|fault| format!("{} {}", fault.reason, fault.message)).collect()
    }

    fn told(value: &Value) -> Vec<String> {
        told_of(Place::Body, value)
    }

    #[test]
    fn takes_what_the_schema_allows() {
        assert_eq!(
            told(&json!({"name": "x", "inner": null, "list": [{"flag": true, "text": "äöü"}], "count": 30})),
            [""; 0]
        );
    }

    #[test]
    fn names_what_is_wrong_with_its_path() {
        for (value, sentence) in [
            (json!({"name": "x", "coumt": 1}), "unknown There is no property 'coumt'. Did you mean 'count'?"),
            (
                json!({"name": "x", "list": [{}, {"flagg": 1}]}),
                "unknown There is no property 'list[1].flagg'. Did you mean 'flag'?",
            ),
            (
                json!({"name": "x", "inner": {"flag": "yes"}}),
                "type 'inner.flag' must be true or false, but it is the string 'yes'.",
            ),
            (json!({}), "missing The property 'name' is missing."),
            (json!({"name": null}), "type 'name' must be a string, but it is null."),
            (json!({"name": "x", "count": 1.5}), "type 'count' must be a whole number, but it is the number 1.5."),
            (json!([]), "type The body must be an object, but it is an array."),
            (json!({"name": "a\u{0}b"}), "value 'name' contains the character U+0000, which no text has."),
        ] {
            assert_eq!(told(&value), [sentence]);
        }
    }

    #[test]
    fn limits_are_checked_in_queries_and_left_to_core_in_bodies() {
        for (value, sentence) in [
            (
                json!({"name": "x", "inner": {"text": "long"}}),
                "range 'inner.text' must have at most 3 characters, but it has 4.",
            ),
            (json!({"name": "x", "count": 31}), "range 'count' must be from 0 to 30, but it is 31."),
            (json!({"name": "x", "list": []}), "range 'list' must have 1 to 2 items, but it has 0."),
        ] {
            assert_eq!(told_of(Place::Query, &value), [sentence]);
            assert_eq!(told(&value), [""; 0]);
        }
    }

    #[test]
    fn tells_everything_at_once_but_not_endlessly() {
        assert_eq!(told(&json!({"a": 1, "b": 2})).len(), 3);
        let many: serde_json::Map<String, Value> = (0..1000).map(|n| (format!("p{n}"), Value::Null)).collect();
        assert_eq!(told(&Value::Object(many)).len(), super::MOST);
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("mesage", "message"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
