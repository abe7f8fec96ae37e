//! Schemas of values that come from a fixed list.

use serde_json::Value;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, Type};

/// One of these words.
pub(crate) fn one_of(words: &[&str]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().map(|word| Value::from(*word)))).build()
}

/// Any of these words.
pub(crate) fn some_of(words: &[&str]) -> Array {
    ArrayBuilder::new().items(one_of(words)).build()
}
