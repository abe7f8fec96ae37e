//! Changes of JSON that leave it JSON.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// How deep a value is wrapped at once.
const DEEP: usize = 100;

/// Changes a document so many times; false when it is none.
pub(crate) fn change(random: &mut Random, text: &mut Vec<u8>, times: usize) -> bool {
    let Ok(mut value) = serde_json::from_slice::<Value>(text) else { return false };
    for _ in 0..times {
        let places = count(&value);
        let mut place = random.below(places);
        if let Some(found) = nth(&mut value, &mut place) {
            alter(random, found);
        }
    }
    *text = value.to_string().into_bytes();
    true
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

fn nth<'v>(value: &'v mut Value, place: &mut usize) -> Option<&'v mut Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(list) => list.iter_mut().find_map(|inner| nth(inner, place)),
        Value::Object(map) => map.values_mut().find_map(|inner| nth(inner, place)),
        _ => None,
    }
}

fn alter(random: &mut Random, value: &mut Value) {
    match (random.below(8), &mut *value) {
        (0 | 1, Value::Object(map)) => alter_object(random, map),
        (0 | 1, Value::Array(list)) => alter_array(random, list),
        (0..=2, Value::String(text)) => *text = other_text(random, text),
        (0..=2, Value::Number(_)) => *value = number(random),
        (3, _) => *value = Value::Null,
        (4, _) => {
            let inner = value.take();
            let deep = if random.one_in(20) { DEEP } else { 1 };
            *value = (0..deep).fold(inner, |inner, _| json!([inner]));
        }
        (5, _) => *value = json!({ "a": value.take() }),
        (6, _) => *value = number(random),
        _ => *value = Value::String(other_text(random, "")),
    }
}

fn alter_object(random: &mut Random, map: &mut Map<String, Value>) {
    let keys: Vec<String> = map.keys().cloned().collect();
    if keys.is_empty() {
        map.insert("a".to_owned(), Value::Null);
        return;
    }
    let key = random.pick(&keys).clone();
    let Some(value) = map.remove(&key) else { return };
    match random.below(4) {
        // Gone.
        0 => {}
        1 => drop(map.insert(other_text(random, &key), value)),
        2 => {
            let other = random.pick(&keys).clone();
            let theirs = map.insert(other, value.clone());
            map.insert(key, theirs.unwrap_or(value));
        }
        _ => {
            map.insert(format!("{key}s"), value.clone());
            map.insert(key, value);
        }
    }
}

fn alter_array(random: &mut Random, list: &mut Vec<Value>) {
    let at = random.below(list.len());
    match (random.below(3), list.get(at).cloned()) {
        (0, Some(_)) => drop(list.remove(at)),
        (1, Some(value)) => {
            let times = *random.pick(&[1, 2, 10, 101, 1001]);
            list.extend(std::iter::repeat_n(value, times));
        }
        _ => list.push(number(random)),
    }
}

fn number(random: &mut Random) -> Value {
    let numbers = [
        json!(0),
        json!(-1),
        json!(1),
        json!(-0.0),
        json!(1.5),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(u32::MAX),
        json!(9_007_199_254_740_993_i64),
    ];
    random.pick(&numbers).clone()
}

fn other_text(random: &mut Random, text: &str) -> String {
    const ODD: [&str; 12] =
        ["", " ", "\0", "\r\n", "\u{202e}", "💩", "a\u{301}", "null", "-1", "=1+1", "../../x", "<b>"];
    match random.below(6) {
        0 => String::new(),
        1 => text.repeat(*random.pick(&[2, 10, 1000])).chars().take(20_000).collect(),
        2 => format!("{text}{}", random.pick(&ODD)),
        3 => format!("{}{text}", random.pick(&ODD)),
        4 => text.chars().rev().collect(),
        _ => (*random.pick(&ODD)).to_owned(),
    }
}
