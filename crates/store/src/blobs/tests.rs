//! The same promises in a folder and in a bucket.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::{BlobError, BlobSettings, Blobs, S3Settings};

const KEY: &str = "files/697dc8ff5f3c2b9d8e4a7065/ab/abcd";
const MIB: usize = 1024 * 1024;

/// A bucket in memory, which takes just what the client sends.
#[derive(Default)]
struct Memory {
    objects: HashMap<String, Vec<u8>>,
    parts: HashMap<String, HashMap<u32, Vec<u8>>>,
}

type Shared = Arc<Mutex<Memory>>;

async fn bucket(State(memory): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    assert!(parts.headers.contains_key(header::AUTHORIZATION), "every request is signed");
    let path = parts.uri.path().to_owned();
    let query: HashMap<String, String> = parts
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut memory = memory.lock().unwrap();
    match (&parts.method, query.get("uploadId")) {
        (&Method::POST, None) => {
            assert!(query.contains_key("uploads"));
            memory.parts.insert("u1".to_owned(), HashMap::new());
            xml("<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>")
        }
        (&Method::PUT, Some(upload)) => {
            let number: u32 = query["partNumber"].parse().unwrap();
            memory.parts.get_mut(upload).unwrap().insert(number, bytes.to_vec());
            ([(header::ETAG, format!("\"p{number}\""))], "").into_response()
        }
        (&Method::POST, Some(upload)) => {
            let parts = memory.parts.remove(upload).unwrap();
            let whole = (1..=u32::try_from(parts.len()).unwrap()).flat_map(|n| parts[&n].clone()).collect();
            memory.objects.insert(path, whole);
            xml("<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>")
        }
        (&Method::DELETE, Some(upload)) => {
            memory.parts.remove(upload);
            StatusCode::NO_CONTENT.into_response()
        }
        (&Method::PUT, None) => {
            memory.objects.insert(path, bytes.to_vec());
            ([(header::ETAG, "\"e\"")], "").into_response()
        }
        (&Method::DELETE, None) => {
            memory.objects.remove(&path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => get(memory.objects.get(&path), parts.headers.get(header::RANGE).map(|range| range.to_str().unwrap())),
    }
}

fn xml(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}

fn get(object: Option<&Vec<u8>>, range: Option<&str>) -> Response {
    let Some(object) = object else { return StatusCode::NOT_FOUND.into_response() };
    let date = (header::LAST_MODIFIED, "Sat, 31 Jan 2026 12:00:00 GMT".to_owned());
    let etag = (header::ETAG, "\"e\"".to_owned());
    let Some(range) = range else { return ([date, etag], Bytes::from(object.clone())).into_response() };
    let (from, to) = range.trim_start_matches("bytes=").split_once('-').unwrap();
    let from: usize = from.parse().unwrap();
    let to = to.parse::<usize>().map_or(object.len(), |to| (to + 1).min(object.len()));
    let told = (header::CONTENT_RANGE, format!("bytes {from}-{}/{}", to - 1, object.len()));
    (StatusCode::PARTIAL_CONTENT, [date, etag, told], Body::from(object[from..to].to_vec())).into_response()
}

/// Both storages, with what tells how much is left in them.
async fn both(folder: &Path) -> Vec<(&'static str, Blobs, Option<Shared>)> {
    let memory = Shared::default();
    let app = Router::new().fallback(bucket).layer(DefaultBodyLimit::disable()).with_state(memory.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = S3Settings {
        bucket: "b".to_owned(),
        prefix: "p".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(format!("http://{}", listener.local_addr().unwrap())),
        access_key: "id".to_owned(),
        secret_key: "key".to_owned().into(),
    };
    tokio::spawn(async move { axum::serve(listener, app).await });
    let s3 = BlobSettings::S3(Box::new(settings), folder.join("s3"));
    vec![
        ("folder", Blobs::open(&BlobSettings::Folder(folder.join("blobs"))).unwrap(), None),
        ("s3", Blobs::open(&s3).unwrap(), Some(memory)),
    ]
}

async fn all(blobs: &Blobs, start: u64, end: u64) -> Result<Vec<u8>, BlobError> {
    let mut bytes = Vec::new();
    blobs.read(KEY, start, end).await?.read_to_end(&mut bytes).await.unwrap();
    Ok(bytes)
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn blobs_come_back_whole_and_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    for (name, blobs, _) in both(folder.path()).await {
        // The last one goes to a bucket in parts, the middle one as exactly one.
        for size in [1, 8 * MIB, 20 * MIB + 7] {
            let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            let written = blobs.put(KEY, &mut bytes.as_slice(), size as u64).await.unwrap();
            assert_eq!(written.size, size as u64, "{name}");
            assert_eq!(written.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)), "{name}");
            assert!(all(&blobs, 0, u64::MAX).await.unwrap() == bytes, "{name} {size}");
        }
        assert_eq!(all(&blobs, 250, 253).await.unwrap(), [250, 0, 1], "{name}");
        let end = 20 * MIB as u64 + 7;
        assert_eq!(all(&blobs, end - 2, u64::MAX).await.unwrap().len(), 2, "{name}");
        assert!(all(&blobs, 5, 5).await.unwrap().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_lent_file_outlives_its_blob_and_goes_with_its_handle() {
    let folder = tempfile::tempdir().unwrap();
    for (name, blobs, _) in both(folder.path()).await {
        blobs.put(KEY, &mut &b"hello"[..], 5).await.unwrap();
        let local = blobs.local(KEY).await.unwrap();
        blobs.delete(KEY).await.unwrap();
        blobs.delete(KEY).await.unwrap();
        assert_eq!(std::fs::read(local.path()).unwrap(), b"hello", "{name}");
        assert!(matches!(all(&blobs, 0, u64::MAX).await, Err(BlobError::Missing(_))), "{name}");
        assert!(matches!(blobs.local(KEY).await, Err(BlobError::Missing(_))), "{name}");
        let path = local.path().to_owned();
        drop(local);
        assert!(!path.exists(), "{name}");
    }
    assert_eq!(files(folder.path()), 0);
}

/// Breaks off after some bytes.
struct Breaking(usize);

impl AsyncRead for Breaking {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.0 == 0 {
            return Poll::Ready(Err(io::Error::other("gone")));
        }
        let n = buffer.remaining().min(self.0);
        buffer.put_slice(&vec![1; n]);
        self.0 -= n;
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn what_is_too_large_or_breaks_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, blobs, memory) in both(folder.path()).await {
        for size in [10, 9 * MIB] {
            let bytes = vec![0; size];
            let large = blobs.put(KEY, &mut bytes.as_slice(), size as u64 - 1).await;
            assert!(matches!(large, Err(BlobError::TooLarge(_))), "{name}");
            assert!(matches!(blobs.put(KEY, &mut Breaking(size), u64::MAX).await, Err(BlobError::Source(_))), "{name}");
        }
        assert!(matches!(all(&blobs, 0, 1).await, Err(BlobError::Missing(_))), "{name}");
        if let Some(memory) = memory {
            let memory = memory.lock().unwrap();
            assert!(memory.objects.is_empty() && memory.parts.is_empty(), "parts are given up");
        }
    }
    assert_eq!(files(folder.path()), 0);
}

#[tokio::test]
async fn keys_never_leave_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&BlobSettings::Folder(folder.path().to_owned())).unwrap();
    for key in ["../x", "a/../b", "/etc/passwd", "a//b", "", "a/.", "a\\b", "a\0b"] {
        assert!(matches!(blobs.put(key, &mut &b"x"[..], 1).await, Err(BlobError::Storage(_))), "{key}");
        assert!(blobs.delete(key).await.is_err() && blobs.read(key, 0, 1).await.is_err(), "{key}");
    }
}
