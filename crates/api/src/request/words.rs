//! Values that come from a fixed list.

/// Makes a type whose schema is a list of words; requests hold the word itself.
///
/// Named with `value_type` and `inline` at a property, so that its doc comment
/// is shown too, which `schema_with` would lose.
macro_rules! words {
    ($($name:ident = $words:expr;)+) => {
        $(
            pub(crate) struct $name;

            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    $crate::request::words::one_of($words).into()
                }
            }

            impl utoipa::ToSchema for $name {}
        )+
    };
}

pub(crate) use words;

/// The schema of one of these words.
pub(crate) fn one_of(words: &[&str]) -> utoipa::openapi::schema::Object {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(words.iter().map(|word| serde_json::Value::from(*word))))
        .build()
}
