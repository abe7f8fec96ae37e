//! From the JSON of a schema to a [`Shape`].

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::{Shape, Type};

/// Named schemas that others refer to.
pub(super) type Known = HashMap<String, Value>;

pub(super) fn json(schema: &impl Serialize) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

pub(super) fn compile(schema: &Value, known: &Known) -> Shape {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        return known.get(name).map(|schema| compile(schema, known)).unwrap_or_default();
    }
    if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array) {
        return optional(alternatives, known);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        return all(parts, known);
    }
    let (types, nullable) = types(schema);
    let sub =
        |key: &str| schema.get(key).filter(|value| value.is_object()).map(|value| Box::new(compile(value, known)));
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let count = |key: &str| schema.get(key).and_then(Value::as_u64);
    let list = |key: &str| schema.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    Shape {
        types,
        nullable,
        properties: properties
            .map(|all| all.iter().map(|(name, value)| (name.clone(), compile(value, known))).collect())
            .unwrap_or_default(),
        required: list("required").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        further: match schema.get("additionalProperties") {
            None if properties.is_none() => Some(Box::default()),
            _ => sub("additionalProperties"),
        },
        items: sub("items"),
        words: list("enum"),
        minimum: number("minimum"),
        maximum: number("maximum"),
        min_length: count("minLength"),
        max_length: count("maxLength"),
        min_items: count("minItems"),
        max_items: count("maxItems"),
        date: schema.get("format").and_then(Value::as_str) == Some("date-time"),
    }
}

/// utoipa spells an optional named type as "null, or that type".
fn optional(alternatives: &[Value], known: &Known) -> Shape {
    let null = |value: &&Value| value.get("type").and_then(Value::as_str) == Some("null");
    let nullable = alternatives.iter().any(|value| null(&value));
    let mut shape =
        alternatives.iter().find(|value| !null(value)).map(|value| compile(value, known)).unwrap_or_default();
    shape.nullable |= nullable;
    shape
}

/// Flattened parts: one object that may have the properties of each. One part
/// alone is how utoipa puts a default beside a type.
fn all(parts: &[Value], known: &Known) -> Shape {
    if let [part] = parts {
        return compile(part, known);
    }
    let mut whole = Shape { types: vec![Type::Object], ..Shape::default() };
    for part in parts {
        let part = compile(part, known);
        whole.properties.extend(part.properties);
        whole.required.extend(part.required);
    }
    whole
}

fn types(schema: &Value) -> (Vec<Type>, bool) {
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let nullable = names.is_empty() || names.contains(&"null");
    let types = names
        .into_iter()
        .filter_map(|name| match name {
            "object" => Some(Type::Object),
            "array" => Some(Type::Array),
            "string" => Some(Type::String),
            "number" => Some(Type::Number),
            "integer" => Some(Type::Integer),
            "boolean" => Some(Type::Boolean),
            _ => None,
        })
        .collect();
    (types, nullable)
}
