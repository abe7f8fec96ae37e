//! What a body or a query may look like: a JSON schema, compiled once per type
//! from what utoipa derives, so that the document and the check can't differ.

mod check;
mod compile;

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use serde_json::Value;
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};

pub(crate) use check::{Place, check, unknown};

/// A compiled schema; as much of JSON schema as requests use.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// Allowed types; any when empty.
    pub(crate) types: Vec<Type>,
    pub(crate) nullable: bool,
    pub(crate) properties: Vec<(String, Shape)>,
    pub(crate) required: Vec<String>,
    /// What further properties may be; none when absent.
    pub(crate) further: Option<Box<Shape>>,
    pub(crate) items: Option<Box<Shape>>,
    pub(crate) words: Vec<Value>,
    pub(crate) minimum: Option<f64>,
    pub(crate) maximum: Option<f64>,
    pub(crate) min_length: Option<u64>,
    pub(crate) max_length: Option<u64>,
    pub(crate) min_items: Option<u64>,
    pub(crate) max_items: Option<u64>,
    pub(crate) date: bool,
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Object,
    Array,
    String,
    Number,
    Integer,
    Boolean,
}

type Shapes = RwLock<HashMap<TypeId, Arc<Shape>>>;

static SHAPES: LazyLock<Shapes> = LazyLock::new(Shapes::default);

/// The shape of a body.
pub(crate) fn of_body<T: ToSchema + 'static>() -> Arc<Shape> {
    once::<T>(|| {
        let mut referenced = Vec::new();
        T::schemas(&mut referenced);
        let known = referenced.into_iter().map(|(name, schema)| (name, compile::json(&schema))).collect();
        compile::compile(&compile::json(&T::schema()), &known)
    })
}

/// The shape of a query, as an object of its parameters.
pub(crate) fn of_query<T: IntoParams + 'static>() -> Arc<Shape> {
    once::<T>(|| {
        let known = HashMap::new();
        let mut shape = Shape { types: vec![Type::Object], ..Shape::default() };
        for parameter in T::into_params(|| Some(ParameterIn::Query)) {
            let schema = parameter.schema.as_ref().map(compile::json).unwrap_or_default();
            shape.properties.push((parameter.name, compile::compile(&schema, &known)));
        }
        shape
    })
}

/// The shape of a schema that stands in a document.
#[cfg(test)]
pub(crate) fn of_document(schema: &Value, document: &Value) -> Shape {
    let named = document["components"]["schemas"].as_object().expect("schemas");
    compile::compile(schema, &named.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect())
}

fn once<T: 'static>(make: impl FnOnce() -> Shape) -> Arc<Shape> {
    let id = TypeId::of::<T>();
    if let Some(shape) = SHAPES.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return shape.clone();
    }
    let made = Arc::new(make());
    SHAPES.write().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert(made).clone()
}

impl Shape {
    pub(crate) fn property(&self, name: &str) -> Option<&Self> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, shape)| shape)
    }

    pub(crate) fn is(&self, kind: Type) -> bool {
        self.types.contains(&kind)
    }
}
