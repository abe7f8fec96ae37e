//! Changes that name only what changes.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

/// `whole` with what `change` has; what a change leaves out stays, what is null
/// in it goes back to its default.
///
/// # Errors
/// When the two do not fit together.
pub(crate) fn merged<T, C>(whole: &T, change: &C) -> Result<T>
where
    T: Serialize + DeserializeOwned,
    C: Serialize,
{
    let mut value = serde_json::to_value(whole).map_err(Error::internal)?;
    put(&mut value, serde_json::to_value(change).map_err(Error::internal)?);
    serde_json::from_value(value).map_err(Error::internal)
}

fn put(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                if value.is_null() {
                    into.remove(&name);
                } else {
                    put(into.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (into, from) => *into = from,
    }
}

/// Tells null from absent.
pub(crate) fn present<'de, D, T>(from: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::merged;

    #[test]
    fn what_is_left_out_stays_and_null_goes() {
        let whole = json!({ "a": 1, "b": { "c": 2, "d": 3 }, "e": 4 });
        let change = json!({ "b": { "c": 5 }, "e": null, "f": { "g": 6 } });
        let merged: Value = merged(&whole, &change).expect("merged");
        assert_eq!(merged, json!({ "a": 1, "b": { "c": 5, "d": 3 }, "f": { "g": 6 } }));
    }
}
