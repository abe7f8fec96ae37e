//! Linking with a QR.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sparkbot_core::Core;
use sparkbot_core::clock::iso;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::sessions::{self, QrCode};
use utoipa::{IntoParams, ToSchema};

use super::qr;
use crate::error::{Answer, Problem};
use crate::request::words::words;
use crate::request::{Asked, Authorized, Id};

/// In which form to answer.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    #[default]
    Svg,
    Json,
    Base64,
    Base64Uri,
    Uri,
    Image,
}

words! {
    EncodingName = &["svg", "json", "base64", "base64_uri", "uri", "image"];
}

/// How to show the QR.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ScanOptions {
    /// Unlink the number first when it is linked already; its chats stay.
    #[serde(default)]
    #[param(default = false)]
    force: bool,
    /// `svg`, which is meant when nothing is said, is an SVG image, `image` a PNG; `base64_uri` and `base64` are a PNG in JSON, as a data URI or bare;
    /// `uri` is what the QR says, in JSON; `json` is that with its life.
    #[serde(default)]
    #[param(value_type = Option<EncodingName>, inline)]
    encoding: Encoding,
}

/// A QR in JSON.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QrAnswer {
    /// Always `authorize`; only with `encoding=json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    /// A PNG, or what the QR says.
    data: String,
    /// ISO 8601; only with `encoding=json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// Whole seconds left; only with `encoding=json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    /// Counts from 1 within a round; only with `encoding=json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
}

/// Scan QR.
///
/// The QR that is live right now, to be scanned on the phone under Linked devices, Link a device. The first one of a
/// round lives a minute, each further one 20 seconds: ask again before it ends.
#[utoipa::path(
    get, path = "/v1/devices/{device}/scan", operation_id = "session.scan", tag = "WhatsApp session",
    params(ScanOptions),
    responses((status = 200, description = "The QR in the form that was asked for.", content(
        (Vec<u8> = "image/svg+xml"),
        (Vec<u8> = "image/png"),
        (QrAnswer = "application/json", example = json!(crate::examples::qr())),
    )))
)]
pub(crate) async fn scan(
    Authorized(caller): Authorized,
    State(core): State<Core>,
    Id(device): Id<DeviceId>,
    Asked(options): Asked<ScanOptions>,
) -> Answer<Response> {
    let code = sessions::qr(&core, &caller, &device, options.force).await?;
    shown(&code, options.encoding)
}

fn shown(code: &QrCode, encoding: Encoding) -> Answer<Response> {
    let png = || qr::png(&code.data).map_err(Problem::internal);
    let data = match encoding {
        Encoding::Svg => {
            let svg = qr::svg(&code.data).map_err(Problem::internal)?;
            return Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response());
        }
        Encoding::Image => return Ok(([(header::CONTENT_TYPE, "image/png")], png()?).into_response()),
        Encoding::Base64 => STANDARD.encode(png()?),
        Encoding::Base64Uri => format!("data:image/png;base64,{}", STANDARD.encode(png()?)),
        Encoding::Uri | Encoding::Json => code.data.clone(),
    };
    let whole = matches!(encoding, Encoding::Json);
    Ok(Json(QrAnswer {
        status: whole.then_some("authorize"),
        data,
        expires_at: whole.then(|| iso(code.expires_at)),
        expires_in: whole.then_some(code.expires_in),
        attempt: whole.then_some(code.attempt),
    })
    .into_response())
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::{Value, json};
    use sparkbot_core::sessions::QrCode;

    use super::{Encoding, shown};

    async fn body(encoding: Encoding) -> (String, Vec<u8>) {
        let code = QrCode { data: "2@abc,def".into(), attempt: 2, expires_at: 1_700_000_000_000, expires_in: 19 };
        let response = shown(&code, encoding).map_err(|problem| problem.message().to_owned()).expect("an answer");
        let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
        (kind, to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec())
    }

    #[tokio::test]
    async fn every_encoding_is_what_it_says() {
        let (kind, svg) = body(Encoding::Svg).await;
        assert_eq!(kind, "image/svg+xml");
        assert!(String::from_utf8_lossy(&svg).contains("<svg"));
        let (kind, png) = body(Encoding::Image).await;
        assert_eq!(kind, "image/png");
        assert!(png.starts_with(b"\x89PNG"));
        for (encoding, start) in [(Encoding::Base64, "iVBOR"), (Encoding::Base64Uri, "data:image/png;base64,iVBOR")] {
            let (kind, text) = body(encoding).await;
            assert_eq!(kind, "application/json");
            let value: Value = serde_json::from_slice(&text).expect("JSON");
            assert!(value["data"].as_str().expect("a string").starts_with(start));
            assert_eq!(value.as_object().map(serde_json::Map::len), Some(1));
        }
        let (_, text) = body(Encoding::Uri).await;
        assert_eq!(serde_json::from_slice::<Value>(&text).expect("JSON"), json!({"data": "2@abc,def"}));
        let (_, text) = body(Encoding::Json).await;
        assert_eq!(
            serde_json::from_slice::<Value>(&text).expect("JSON"),
            json!({"status": "authorize", "data": "2@abc,def", "expiresAt": "2023-11-14T22:13:20.000Z", "expiresIn": 19, "attempt": 2})
        );
    }
}
