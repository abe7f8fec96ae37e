//! Files on their way in. Nothing is held in memory but what has just come.

use std::io;
use std::time::Duration;

use axum::Json;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sparkbot_core::devices::Idempotency;
use sparkbot_core::files::{self, EXPIRATIONS, NewFile, Owner, Stored};
use sparkbot_core::keys::{Caller, Scope};
use sparkbot_core::views::File;
use sparkbot_core::{Core, Error};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;
use utoipa::{IntoParams, ToSchema};

use crate::error::{Answer, Problem};
use crate::request::words::words;
use crate::request::{json_bytes, read_json, repeat_key};

words! {
    Format = &["gif", "ptt", "native"];
    Life = EXPIRATIONS;
    Permission = &["public", "readonly", "private"];
}

/// An upload that brings nothing for so long is given up.
const IDLE: Duration = Duration::from_secs(60);
/// Bytes of one field of a form.
const FIELD: usize = 8 * 1024;

/// A file to fetch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/picture.jpg", "expiration": "7d", "tags": ["spring"]}))]
pub(crate) struct UploadFile {
    /// Where it is; fetched with one GET. Or a data URI: `data:image/png;base64,…`.
    url: String,
    /// What it is called; what its server or URL says when absent.
    #[schema(max_length = 255)]
    filename: Option<String>,
    /// Your own id for it, to find it by.
    #[schema(max_length = 128)]
    reference: Option<String>,
    /// How it is sent: as it is, as a film that repeats, or as a recording made in the chat.
    #[schema(value_type = Option<Format>, inline, default = "native")]
    format: Option<String>,
    /// How long it is kept.
    #[schema(value_type = Option<Life>, inline, default = "30d")]
    expiration: Option<String>,
    /// Who may what with it.
    #[schema(value_type = Option<Permission>, inline, default = "public")]
    permission: Option<String>,
    /// Words to find it by, 20 of 40 characters at most.
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// A file to upload, with its options before it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "read field by field, since the file streams; described here for the document")]
pub(crate) struct UploadForm {
    /// What it is called; the part's own name when absent.
    #[schema(max_length = 255)]
    filename: Option<String>,
    /// Your own id for it, to find it by.
    #[schema(max_length = 128)]
    reference: Option<String>,
    /// How it is sent.
    #[schema(value_type = Option<Format>, inline, default = "native")]
    format: Option<String>,
    /// How long it is kept.
    #[schema(value_type = Option<Life>, inline, default = "30d")]
    expiration: Option<String>,
    /// Who may what with it.
    #[schema(value_type = Option<Permission>, inline, default = "public")]
    permission: Option<String>,
    /// Words to find it by; `tags` repeated, or `a,b`.
    tags: Option<Vec<String>>,
    /// The file; the last part.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What is said of a file whose bytes are the body.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadOptions {
    /// What it is called.
    #[param(max_length = 255)]
    filename: Option<String>,
    /// Your own id for it, to find it by.
    #[param(max_length = 128)]
    reference: Option<String>,
    /// How it is sent.
    #[param(value_type = Option<Format>, inline)]
    format: Option<String>,
    /// How long it is kept.
    #[param(value_type = Option<Life>, inline)]
    expiration: Option<String>,
    /// Who may what with it.
    #[param(value_type = Option<Permission>, inline)]
    permission: Option<String>,
    /// Words to find it by.
    tags: Option<Vec<String>>,
}

impl UploadOptions {
    fn into_new(self) -> Answer<NewFile> {
        Ok(NewFile {
            filename: self.filename,
            claimed: None,
            reference: self.reference,
            format: self.format,
            expiration: self.expiration.as_deref().map(str::parse).transpose()?,
            permission: self.permission,
            tags: self.tags.unwrap_or_default(),
            device: None,
            idempotency: None,
        })
    }
}

/// 201 with the file in a list, and where it is.
pub(crate) struct Uploaded(File);

impl IntoResponse for Uploaded {
    fn into_response(self) -> Response {
        let location = self.0.links.resource.clone();
        (StatusCode::CREATED, [(header::LOCATION, location)], Json([self.0])).into_response()
    }
}

pub(super) async fn take(core: &Core, caller: &Caller, options: UploadOptions, request: Request) -> Answer<Uploaded> {
    caller.need(Scope::FilesWrite)?;
    let owner = Owner::from(caller);
    let key = repeat_key(request.headers())?;
    let claimed = content_type(request.headers());
    let essence = claimed.as_deref().and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    let stored = match essence.to_ascii_lowercase().as_str() {
        "" | "application/json" | "application/x-www-form-urlencoded" => {
            by_url(core, &owner, options, key, request).await?
        }
        "multipart/form-data" => by_form(core, &owner, options, key, request).await?,
        _ => {
            declared(core, request.headers())?;
            let idempotency = key.map(|key| idempotency(key, &request));
            let new = NewFile { claimed, idempotency, ..options.into_new()? };
            let mut bytes = reader(request.into_body().into_data_stream());
            files::store_stream(core, &owner, new, &mut bytes).await?
        }
    };
    match stored {
        Stored::New(row) => Ok(Uploaded(File::of(core, &row)?)),
        Stored::Existing(row) => Err(Error::from(&row).into()),
    }
}

async fn by_url(
    core: &Core,
    owner: &Owner,
    options: UploadOptions,
    key: Option<String>,
    request: Request,
) -> Answer<Stored> {
    let mut hash = Sha256::new();
    hash.update(b"POST\0/v1/files\0");
    let bytes = json_bytes(request).await?.ok_or_else(|| {
        Problem::invalid("body:missing", "This call needs a file, but no body came.")
            .hint("Send JSON with a 'url', a form with a part 'file', or the file itself under its own content type.")
    })?;
    let body: UploadFile = read_json(&bytes)?;
    hash.update(&bytes);
    let new = UploadOptions {
        filename: body.filename.or(options.filename),
        reference: body.reference.or(options.reference),
        format: body.format.or(options.format),
        expiration: body.expiration.or(options.expiration),
        permission: body.permission.or(options.permission),
        tags: body.tags.or(options.tags),
    };
    let idempotency = key.map(|key| Idempotency { key, fingerprint: hex::encode(hash.finalize()) });
    let new = NewFile { idempotency, ..new.into_new()? };
    let url = body.url.trim();
    if url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
        return Ok(files::from_data_uri(core, owner, url, new).await?);
    }
    Ok(files::fetch_url(core, owner, url, new).await?)
}

async fn by_form(
    core: &Core,
    owner: &Owner,
    mut options: UploadOptions,
    key: Option<String>,
    mut request: Request,
) -> Answer<Stored> {
    // The length of a form is not that of its file; the file has its own limit.
    DefaultBodyLimit::disable().apply(&mut request);
    let idempotency = key.map(|key| idempotency(key, &request));
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| broken(&error.body_text()))?;
    loop {
        let next = tokio::time::timeout(IDLE, form.next_field()).await.map_err(|_| too_slow())?;
        let Some(field) = next.map_err(|error| broken(&error.body_text()))? else {
            return Err(Problem::invalid("form:nofile", "The form has no part 'file'."));
        };
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() || name == "file" {
            let new = NewFile {
                claimed: field.content_type().map(str::to_owned),
                filename: options.filename.take().or_else(|| field.file_name().map(str::to_owned)),
                idempotency,
                ..options.into_new()?
            };
            let stored = files::store_stream(core, owner, new, &mut reader(field)).await?;
            return match tokio::time::timeout(IDLE, form.next_field()).await {
                Ok(Ok(None)) => Ok(stored),
                Ok(Ok(Some(more))) => Err(Problem::invalid(
                    "form:order",
                    format!(
                        "The part '{}' stands behind the file; the file was taken in without it.",
                        more.name().unwrap_or_default()
                    ),
                )
                .hint("Put all options before the file, and send one file at a time.")
                .with("file", stored.into_row().id.to_string())),
                _ => Err(broken("it ends too early")),
            };
        }
        let text = text(field).await?;
        option(&mut options, &name, text)?;
    }
}

fn option(options: &mut UploadOptions, name: &str, text: String) -> Answer<()> {
    if text.is_empty() {
        return Ok(());
    }
    match name {
        "filename" => options.filename = Some(text),
        "reference" => options.reference = Some(text),
        "format" => options.format = Some(text),
        "expiration" => options.expiration = Some(text),
        "permission" => options.permission = Some(text),
        "tags" | "tags[]" => {
            let words = text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
            options.tags.get_or_insert_default().extend(words);
        }
        other => {
            let shown: String = other.chars().take(40).collect();
            return Err(Problem::invalid("form:unknown", format!("There is no field '{shown}' in this form."))
                .hint("There are filename, reference, format, expiration, permission, tags, and last of all file."));
        }
    }
    Ok(())
}

async fn text(mut field: Field<'_>) -> Answer<String> {
    let mut all = Vec::new();
    while let Some(part) = tokio::time::timeout(IDLE, field.chunk())
        .await
        .map_err(|_| too_slow())?
        .map_err(|error| broken(&error.body_text()))?
    {
        all.extend_from_slice(&part);
        if all.len() > FIELD {
            return Err(Problem::invalid("form:field", format!("A field of the form is longer than {FIELD} bytes."))
                .hint("Send the file as the part 'file', with a file name."));
        }
    }
    String::from_utf8(all).map_err(|_| Problem::invalid("form:field", "A field of the form is not UTF-8."))
}

/// Whatever streams, as long as it does.
fn reader<S, E>(stream: S) -> impl AsyncRead + Send + Unpin
where
    S: Stream<Item = Result<axum::body::Bytes, E>> + Send + Unpin,
    E: std::fmt::Display + Send,
{
    let patient = futures_util::stream::unfold(stream, |mut stream| async move {
        let item = match tokio::time::timeout(IDLE, stream.next()).await {
            Ok(None) => return None,
            Ok(Some(item)) => item.map_err(|error| io::Error::other(error.to_string())),
            Err(_) => Err(io::Error::other(format!("nothing came for {} seconds", IDLE.as_secs()))),
        };
        Some((item, stream))
    });
    StreamReader::new(Box::pin(patient))
}

/// Refuses at once what says that it is too large.
fn declared(core: &Core, headers: &HeaderMap) -> Answer<()> {
    let length: Option<u64> = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let most = core.settings().files.max_upload;
    if length.is_some_and(|length| length > most) {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "media:too_large",
            format!("The file is larger than {}, the most that is taken.", files::bytes(most)),
        )
        .with("limit", most));
    }
    Ok(())
}

/// The request without its bytes, which core adds once it has them.
fn idempotency(key: String, request: &Request) -> Idempotency {
    let hash = Sha256::digest(request.uri().path_and_query().map_or("", |path| path.as_str()));
    Idempotency { key, fingerprint: hex::encode(hash) }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn broken(why: &str) -> Problem {
    Problem::invalid("form:broken", format!("The form can't be read: {}.", why.trim_end_matches('.')))
}

fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "body:timeout", format!("Nothing came for {} seconds.", IDLE.as_secs()))
}
