//! WhatsApp's GraphQL: persisted queries by number. The client asks them too,
//! but keeps the code of a refusal only in its text.

use std::time::Duration;

use serde_json::Value;
use sparkbot_network::NetworkError;
use whatsapp_rust::wacore::iq::mex::{MexDoc, MexQuerySpec};
use whatsapp_rust::wacore::iq::spec::IqSpec;
use whatsapp_rust::wacore_binary::NodeContentRef;
use whatsapp_rust::{Client, MexResponse};

use crate::errors;

const ANSWER: Duration = Duration::from_secs(60);

/// What a query answers under `field`; null is an answer, too.
pub(crate) async fn ask(
    client: &Client,
    (name, id): (&'static str, &'static str),
    variables: &Value,
    field: &str,
) -> Result<Value, NetworkError> {
    let spec = MexQuerySpec::new(MexDoc { name, id }, variables);
    let query = spec.map_err(|error| NetworkError::Invalid(error.to_string()))?.build_iq();
    let asking = client.send_iq(query.with_timeout(ANSWER));
    let answer = asking.await.map_err(|error| errors::request(&error))?;
    let unreadable = || NetworkError::State(format!("WhatsApp's answer to {name} can't be read"));
    let result = answer.get().get_optional_child("result").ok_or_else(unreadable)?;
    let answer: MexResponse = match result.content.as_ref() {
        Some(NodeContentRef::Bytes(bytes)) => serde_json::from_slice(bytes).map_err(|_| unreadable())?,
        Some(NodeContentRef::String(text)) => serde_json::from_str(text).map_err(|_| unreadable())?,
        _ => return Err(unreadable()),
    };
    if let Some(error) = answer.fatal_error() {
        let code = error.error_code().and_then(|code| u32::try_from(code).ok()).unwrap_or(500);
        return Err(errors::refusal(code, &error.message, None));
    }
    let mut data = answer.data.ok_or_else(unreadable)?;
    Ok(data.get_mut(field).map_or(Value::Null, Value::take))
}
