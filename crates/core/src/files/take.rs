//! Taking files in: what streams here, what is fetched, what stands in a text.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use sparkbot_store::rows::{Account, FileRow, IdempotencyRow};
use tokio::io::AsyncRead;
use url::Url;

use super::rules;
use super::{NewFile, Owner, Stored};
use crate::app::Core;
use crate::blobs::{self, NewBlob};
use crate::devices::Idempotency;
use crate::error::{Error, Kind, Result};
use crate::fetch::FetchError;
use crate::ids::FileId;
use sparkbot_media::FileType;

/// Longest URL that is fetched.
const URL: usize = 4000;

/// Where a file comes from.
enum Origin {
    Upload,
    Remote(String),
}

/// Takes in what streams from `from`.
///
/// # Errors
/// For what may not be said of a file; `media:too_large`, `media:empty`,
/// `media:interrupted`.
pub async fn store_stream(
    core: &Core,
    owner: &Owner,
    new: NewFile,
    from: &mut (dyn AsyncRead + Send + Unpin),
) -> Result<Stored> {
    check(&new)?;
    take(core, owner, new, Origin::Upload, from, core.settings().files.max_upload).await
}

/// Fetches a URL with one GET and takes in what it answers.
///
/// # Errors
/// `file:url` for what is no URL or may not be reached; `media:unavailable`
/// when it can't be fetched; and as [`store_stream`].
pub async fn fetch_url(core: &Core, owner: &Owner, url: &str, mut new: NewFile) -> Result<Stored> {
    check(&new)?;
    if let Some(made) = again(core, owner, &new).await? {
        return Ok(made);
    }
    if url.len() > URL {
        return Err(Error::invalid("file:url", format!("The URL is longer than {URL} characters.")));
    }
    let settings = &core.settings().files;
    let parsed = core.fetcher().check_url(url, "file:url")?;
    let mut found = core.fetcher().download(&parsed, settings.download_time).await.map_err(|error| away(&error))?;
    if !found.status.is_success() {
        let status = found.status.as_u16();
        return Err(unavailable(format!("The URL's server answered with status {status}.")).with("status", status));
    }
    let length: Option<u64> = found.headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if length.is_some_and(|length| length > settings.max_download) {
        return Err(sparkbot_store::blobs::BlobError::TooLarge(settings.max_download).into());
    }
    new.claimed = new.claimed.or_else(|| header(&found.headers, &CONTENT_TYPE));
    new.filename = new.filename.or_else(|| name_in(&found.headers)).or_else(|| name_of(&found.url));
    // The query may hold a secret that is nobody else's business.
    let mut shown = parsed;
    shown.set_query(None);
    shown.set_fragment(None);
    take(core, owner, new, Origin::Remote(shown.into()), &mut *found.body, settings.max_download).await
}

/// Takes in what a data URI holds: `data:image/png;base64,…`.
///
/// # Errors
/// `file:data_uri` for what is none; and as [`store_stream`].
pub async fn from_data_uri(core: &Core, owner: &Owner, uri: &str, mut new: NewFile) -> Result<Stored> {
    check(&new)?;
    let (mime, bytes) = decode(uri)?;
    new.claimed = new.claimed.or(mime);
    take(core, owner, new, Origin::Upload, &mut bytes.as_slice(), core.settings().files.max_upload).await
}

/// What an idempotency key has made before; asked before the URL is, since some
/// senders remove a file after its first read.
async fn again(core: &Core, owner: &Owner, new: &NewFile) -> Result<Option<Stored>> {
    let Some(key) = &new.idempotency else { return Ok(None) };
    let mut reading = core.store().read().await?;
    made_by(&mut reading.account(&owner.account), key).await
}

async fn made_by(scope: &mut Account<'_>, key: &Idempotency) -> Result<Option<Stored>> {
    let Some(made) = scope.idempotent(&key.key).await? else { return Ok(None) };
    if made.fingerprint != key.fingerprint {
        return Err(Error::conflict(
            "idempotency:mismatch",
            "The Idempotency-Key was used for another request before.",
        )
        .hint("Use a new key for a new request; repeat a request only with the same body."));
    }
    let id: FileId = made.resource_id.parse().map_err(Error::internal)?;
    // One that is gone since is made anew.
    Ok(scope.file(&id).await?.map(Stored::New))
}

/// What can be refused before the first byte is read.
fn check(new: &NewFile) -> Result<()> {
    rules::filename(new.filename.as_deref(), "bin")?;
    rules::reference(new.reference.clone())?;
    rules::format(new.format.as_deref())?;
    rules::permission(new.permission.as_deref())?;
    rules::tags(&new.tags)?;
    Ok(())
}

async fn take(
    core: &Core,
    owner: &Owner,
    new: NewFile,
    origin: Origin,
    from: &mut (dyn AsyncRead + Send + Unpin),
    most: u64,
) -> Result<Stored> {
    let blob = blobs::put(core, &owner.account, "files", from, most).await?;
    if blob.size == 0 {
        return Err(Error::invalid("media:empty", "The file is empty.").hint("Send a file that has content."));
    }
    let (kind, meta) = look(core, &blob, &new).await?;
    let row = row(core, owner, &new, origin, &blob, kind, meta)?;
    let now = row.created_at;
    let mut idempotency = new.idempotency;
    if row.origin == "upload"
        && let Some(key) = &mut idempotency
    {
        // A request that streams is the same when its bytes are.
        key.fingerprint = format!("{} {}", key.fingerprint, row.sha2);
    }
    let stored = core
        .store()
        .write(move |w| {
            Box::pin(async move {
                let account = row.account_id.clone();
                let mut scope = w.account(&account);
                let mut known = false;
                if let Some(key) = &idempotency {
                    if let Some(made) = made_by(&mut scope, key).await? {
                        return Ok::<_, Error>(made);
                    }
                    known = scope.idempotent(&key.key).await?.is_some();
                }
                if let Some(known) = scope.file_like(&row.sha2, &row.created_by, now).await? {
                    return Ok(Stored::Existing(known));
                }
                scope.insert_file(&row).await?;
                if let Some(key) = idempotency.filter(|_| !known) {
                    let made = IdempotencyRow { fingerprint: key.fingerprint, resource_id: row.id.to_string() };
                    scope.remember(&key.key, &made, now).await?;
                }
                Ok(Stored::New(row))
            })
        })
        .await?;
    Ok(stored)
}

/// What the bytes are.
async fn look(core: &Core, blob: &NewBlob, new: &NewFile) -> Result<(FileType, String)> {
    let local = blobs::local(core, &blob.key).await?;
    let (name, claimed) = (new.filename.clone(), new.claimed.clone());
    core.workshop()
        .run(move || {
            let kind = sparkbot_media::sniff(local.path(), name.as_deref(), claimed.as_deref())?;
            let facts = sparkbot_media::probe(local.path(), &kind);
            let meta = serde_json::json!({
                "width": facts.width, "height": facts.height, "duration": facts.seconds, "codec": facts.codec,
                "pageCount": facts.pages, "animated": facts.animated.then_some(true),
            });
            Ok((kind, meta.to_string()))
        })
        .await
}

fn row(
    core: &Core,
    owner: &Owner,
    new: &NewFile,
    origin: Origin,
    blob: &NewBlob,
    kind: FileType,
    meta: String,
) -> Result<FileRow> {
    let now = core.now();
    let (origin, url) = match origin {
        Origin::Upload => ("upload", None),
        Origin::Remote(url) => ("remote", Some(url)),
    };
    Ok(FileRow {
        id: FileId::new(now),
        account_id: owner.account.clone(),
        device_id: new.device.clone(),
        blob: blob.key.clone(),
        sha2: blob.sha2(),
        size: i64::try_from(blob.size).map_err(Error::internal)?,
        filename: rules::filename(new.filename.as_deref(), &kind.ext)?,
        kind: kind.kind.word().to_owned(),
        mime: kind.mime,
        ext: kind.ext,
        format: rules::format(new.format.as_deref())?,
        permission: rules::permission(new.permission.as_deref())?,
        origin: origin.to_owned(),
        url,
        reference: rules::reference(new.reference.clone())?,
        message: None,
        tags: rules::tags(&new.tags)?,
        meta,
        downloads: 0,
        deliveries: 0,
        created_by: owner.user.to_string(),
        created_at: now,
        updated_at: now,
        expires_at: now + new.expiration.unwrap_or_default().millis(),
        last_access_at: None,
        last_delivery_at: None,
    })
}

fn unavailable(message: String) -> Error {
    Error::invalid("media:unavailable", message)
        .hint("Check that the URL opens in a private browser window, or upload the file itself.")
}

fn away(error: &FetchError) -> Error {
    match error {
        FetchError::Forbidden => Error::invalid("file:url", format!("The URL can't be fetched: {error}."))
            .hint("Use a public address, or have the server's administrator allow the network in its configuration."),
        other => unavailable(format!("The URL can't be fetched: {other}.")),
    }
}

fn header(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The name in `Content-Disposition: attachment; filename="a.pdf"`.
fn name_in(headers: &HeaderMap) -> Option<String> {
    let value = header(headers, &CONTENT_DISPOSITION)?;
    let mut plain = None;
    for part in value.split(';').map(str::trim) {
        if let Some(encoded) = part.strip_prefix("filename*=") {
            let text = encoded.splitn(3, '\'').nth(2)?;
            return Some(percent_decoded(text)).filter(|name| !name.is_empty());
        }
        if let Some(name) = part.strip_prefix("filename=") {
            plain = Some(name.trim_matches('"').to_owned());
        }
    }
    plain.filter(|name| !name.is_empty())
}

/// The last part of the path, when it looks like a file's name.
fn name_of(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    let name = percent_decoded(last);
    (name.contains('.') && name.chars().count() <= 200).then_some(name)
}

fn percent_decoded(text: &str) -> String {
    // A form's parser decodes the same escapes; a plus must stay one.
    let escaped = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(escaped.as_bytes()).map(|(key, _)| key.into_owned()).next().unwrap_or_default()
}

fn decode(uri: &str) -> Result<(Option<String>, Vec<u8>)> {
    let wrong = |what: &str| {
        Error::invalid("file:data_uri", format!("The data URI can't be read: {what}."))
            .hint("Write it like 'data:image/png;base64,iVBORw0…'.")
    };
    let rest = uri.get(5..).filter(|_| uri.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")));
    let (head, data) = rest
        .ok_or_else(|| wrong("it does not begin with 'data:'"))?
        .split_once(',')
        .ok_or_else(|| wrong("there is no comma before the data"))?;
    let mime = head.split(';').next().filter(|mime| mime.contains('/')).map(str::to_owned);
    let bytes = if head.to_ascii_lowercase().ends_with(";base64") {
        let compact: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        STANDARD
            .decode(&compact)
            .or_else(|_| STANDARD_NO_PAD.decode(&compact))
            .or_else(|_| URL_SAFE.decode(&compact))
            .map_err(|error| wrong(&format!("its base64 is broken ({error})")))?
    } else {
        percent_decoded(data).into_bytes()
    };
    Ok((mime, bytes))
}

/// A refusal that names the file which is the same.
impl From<&FileRow> for Error {
    fn from(known: &FileRow) -> Self {
        Self::new(
            Kind::Conflict,
            "file:exists",
            format!("The same file is here already: {} ('{}').", known.id, known.filename),
        )
        .hint("Use that one: its id is in 'meta.file'.")
        .with("file", known.id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{CONTENT_DISPOSITION, HeaderMap, HeaderValue};

    use super::{decode, name_in, name_of};

    #[test]
    fn data_uris_are_read() {
        let (mime, bytes) = decode("data:text/plain;charset=utf-8;base64,aGk=").unwrap();
        assert_eq!((mime.as_deref(), bytes.as_slice()), (Some("text/plain"), &b"hi"[..]));
        assert_eq!(decode("DATA:,a%20b+c").unwrap(), (None, b"a b+c".to_vec()));
        assert_eq!(decode("data:;base64,aGk").unwrap().1, b"hi");
        for broken in ["data:image/png;base64", "http://x", "data:image/png;base64,***", "dätä:,"] {
            assert_eq!(decode(broken).unwrap_err().code, "file:data_uri", "{broken}");
        }
    }

    #[test]
    fn names_come_from_the_answer_or_the_url() {
        let named = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(value));
            name_in(&headers)
        };
        assert_eq!(named("attachment; filename=\"a b.pdf\"").as_deref(), Some("a b.pdf"));
        assert_eq!(named("attachment; filename=x; filename*=UTF-8''%C3%A4.pdf").as_deref(), Some("ä.pdf"));
        assert_eq!(named("inline"), None);
        let of = |url: &str| name_of(&url.parse().unwrap());
        assert_eq!(of("https://h/d/a%20b+c.jpg?x=1").as_deref(), Some("a b+c.jpg"));
        assert_eq!((of("https://h/d/"), of("https://h/download")), (None, None));
    }
}
