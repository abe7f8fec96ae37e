//! The OpenAPI document: complete, honest, and the committed one.

use std::path::Path;

use serde_json::Value;

use crate::request::shape::{self, Place, check};

fn document() -> Value {
    serde_json::from_str(crate::openapi::text()).expect("the document is JSON")
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            all.push((format!("{method} {path}"), operation));
        }
    }
    all
}

/// Write it anew with `SPARKBOT_UPDATE=1 cargo test -p sparkbot-api`.
#[test]
fn the_committed_document_is_this_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    if std::env::var_os("SPARKBOT_UPDATE").is_some() {
        std::fs::write(&file, crate::openapi::text()).expect("openapi.json can be written");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == crate::openapi::text(),
        "openapi.json is not what the code says; write it anew with SPARKBOT_UPDATE=1 cargo test -p sparkbot-api document"
    );
}

#[test]
fn every_operation_is_fully_described() {
    let document = document();
    let mut ids = std::collections::BTreeSet::new();
    let tags: Vec<&str> =
        document["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    for (name, operation) in operations(&document) {
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name} has no summary");
        let id = operation["operationId"].as_str().expect("an id");
        assert!(ids.insert(id), "{id} stands twice");
        assert!(tags.contains(&operation["tags"][0].as_str().expect("a tag")), "{name} has an unknown tag");
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.contains_key("500"), "{name} has no failures");
        let (_, fine) = responses.iter().find(|(status, _)| status.starts_with('2')).expect("a way to succeed");
        let json = &fine["content"]["application/json"];
        assert!(
            json.is_null() || !json["example"].is_null() || name.ends_with("openapi.json"),
            "{name} shows no example"
        );
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].as_str().is_some(), "{name}: {} is not described", parameter["name"]);
        }
    }
}

/// A joined schema would be neither checked here nor understood by generators.
#[test]
fn what_requests_may_say_is_plain_and_its_examples_are_right() {
    let document = document();
    let mut seen = 0;
    for (name, operation) in operations(&document) {
        let Some(content) = operation.pointer("/requestBody/content/application~1json") else { continue };
        // Objects have a name; bare lists of ids and numbers stand where they are said.
        let (schema, example) = match content["schema"]["$ref"].as_str() {
            Some(target) => {
                let schema = document.pointer(target.trim_start_matches('#')).expect("the schema");
                (schema, &schema["example"])
            }
            None => {
                assert_eq!(content["schema"]["type"], "array", "{name}: a body without a name");
                (&content["schema"], &content["example"])
            }
        };
        let shape = shape::of_document(schema, &document);
        let faults = check(Place::Body, &shape, example);
        assert!(!example.is_null() && faults.is_empty(), "{name}: the example is refused: {faults:?}");
        seen += 1;
    }
    assert!(seen >= 10);
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        let request = schema["additionalProperties"] == false;
        assert!(!request || !schema.to_string().contains("allOf"), "{name} is joined");
    }
    for (name, operation) in operations(&document) {
        assert!(!operation["parameters"].to_string().contains("allOf"), "{name} has a joined parameter");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target} leads nowhere");
                }
                open.extend(map.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}
