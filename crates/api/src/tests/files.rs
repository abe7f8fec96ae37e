//! Files in and out of the surface.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::any;
use serde_json::{Value, json};

use super::support::{Answer, Surface};

pub(super) const TEXT: &[u8] = b"%PDF-1.4\n<< /Type /Page >>\n";

pub(super) async fn put(surface: &Surface, bytes: &[u8]) -> Value {
    let answer = surface.send_bytes("/v1/files?filename=a.pdf", "application/pdf", bytes.to_vec()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()[0].clone()
}

pub(super) fn id(file: &Value) -> &str {
    file["id"].as_str().expect("an id")
}

async fn with(surface: &Surface, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().uri(path).header("token", &surface.key);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    surface.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn bytes_come_back_as_they_went_in() {
    let surface = Surface::new().await;
    let file = put(&surface, TEXT).await;
    assert_eq!((file["kind"].as_str(), file["mime"].as_str()), (Some("document"), Some("application/pdf")));
    assert_eq!((file["size"].as_u64(), file["meta"]["pageCount"].as_u64()), (Some(TEXT.len() as u64), Some(1)));
    assert_eq!((file["origin"].as_str(), file["permission"].as_str()), (Some("upload"), Some("public")));
    let path = format!("/v1/files/{}/download", id(&file));
    let whole = surface.get(&path).await;
    assert_eq!((whole.status.as_u16(), whole.bytes.as_slice()), (200, TEXT));
    assert_eq!(whole.header("content-disposition"), "attachment; filename=\"a.pdf\"");
    assert_eq!(whole.header("x-content-type-options"), "nosniff");
    assert!(whole.header("content-security-policy").contains("sandbox"));
    assert_eq!(whole.header("content-length"), TEXT.len().to_string());
    let etag = whole.header("etag").to_owned();
    assert_eq!(with(&surface, &path, &[("if-none-match", &etag)]).await.status, 304);
    let part = with(&surface, &path, &[("range", "bytes=1-3")]).await;
    assert_eq!((part.status.as_u16(), part.bytes.as_slice()), (206, &b"PDF"[..]));
    assert_eq!(part.header("content-range"), format!("bytes 1-3/{}", TEXT.len()));
    let other = with(&surface, &path, &[("range", "bytes=1-3"), ("if-range", "\"other\"")]).await;
    assert_eq!((other.status.as_u16(), other.bytes.as_slice()), (200, TEXT));
    let (status, code, _) = with(&surface, &path, &[("range", "bytes=1000-")]).await.refusal();
    assert_eq!((status, code.as_str()), (416, "file:range"));
    let shown = surface.get(&format!("/v1/files/{}", id(&file))).await.json();
    assert_eq!(shown["stats"]["downloads"], 2, "parts from the middle and unchanged ones are none: {shown}");
}

#[tokio::test]
async fn the_same_bytes_twice_are_a_conflict_that_names_the_first() {
    let surface = Surface::new().await;
    let first = put(&surface, TEXT).await;
    let again = surface.send_bytes("/v1/files", "application/octet-stream", TEXT.to_vec()).await;
    let (status, code, _) = again.refusal();
    assert_eq!((status, code.as_str()), (409, "file:exists"));
    assert_eq!(again.json()["meta"]["file"], first["id"]);
    let gone = surface.call("DELETE", &format!("/v1/files/{}", id(&first)), None).await;
    assert_eq!(gone.json(), json!({"id": id(&first), "deleted": true}));
    assert_ne!(put(&surface, TEXT).await["id"], first["id"]);
}

#[tokio::test]
async fn a_repeated_upload_under_its_key_gets_the_first_answer() {
    let surface = Surface::new().await;
    let send = async |bytes: &[u8]| {
        let request = Request::builder().method("POST").uri("/v1/files").header("token", &surface.key);
        let request = request.header("idempotency-key", "k1").header("content-type", "text/plain");
        surface.send(request.body(Body::from(bytes.to_vec())).expect("a request")).await
    };
    let first = send(b"one").await;
    let again = send(b"one").await;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.json()[0]["id"], again.json()[0]["id"]);
    assert_eq!(send(b"two").await.refusal().1, "idempotency:mismatch");
}

fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut all = Vec::new();
    for (name, filename, content) in parts {
        let filename = filename.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        all.extend(format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\r\n").bytes());
        all.extend_from_slice(content);
        all.extend(b"\r\n");
    }
    all.extend(b"--XX--\r\n");
    all
}

#[tokio::test]
async fn forms_bring_options_and_then_the_file() {
    let surface = Surface::new().await;
    let kind = "multipart/form-data; boundary=XX";
    let good = form(&[
        ("reference", None, b"r-1"),
        ("tags[]", None, b"a"),
        ("tags", None, b"b,c"),
        ("expiration", None, b"10m"),
        ("permission", None, b"private"),
        ("file", Some("nöte.txt"), b"hello"),
    ]);
    let answer = surface.send_bytes("/v1/files", kind, good).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let file = answer.json()[0].clone();
    assert_eq!((&file["filename"], &file["reference"]), (&json!("nöte.txt"), &json!("r-1")));
    assert_eq!((&file["tags"], &file["permission"]), (&json!(["a", "b", "c"]), &json!("private")));
    for (parts, code) in [
        (form(&[("reference", None, b"x")]), "form:nofile"),
        (form(&[("colour", None, b"x"), ("file", Some("a"), b"x")]), "form:unknown"),
        (form(&[("file", Some("a"), b"other"), ("reference", None, b"x")]), "form:order"),
        (form(&[("expiration", None, b"3h"), ("file", Some("a"), b"x")]), "file:expiration"),
        (form(&[("reference", None, &[b'x'; 9000]), ("file", Some("a"), b"x")]), "form:field"),
        (form(&[("file", Some("a"), b"")]), "media:empty"),
        (b"--XX\r\nnonsense".to_vec(), "form:broken"),
    ] {
        let (status, told, sentence) = surface.send_bytes("/v1/files", kind, parts).await.refusal();
        assert_eq!((status, told.as_str()), (400, code), "{sentence}");
    }
}

#[tokio::test]
async fn data_uris_and_limits() {
    let surface = Surface::new().await;
    let by = async |body: Value| surface.call("POST", "/v1/files", Some(&body.to_string())).await;
    let made = by(json!({"url": "data:text/csv;base64,YSxi", "filename": "l.csv", "tags": ["x"]})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!((&made.json()[0]["mime"], &made.json()[0]["ext"]), (&json!("text/csv"), &json!("csv")));
    for (body, code) in [
        (json!({"url": "data:text/plain;base64,%%"}), "file:data_uri"),
        (json!({"url": "ftp://example.com/x"}), "file:url"),
        (json!({"url": "http://10.1.2.3/x"}), "file:url"),
        (json!({"url": "http://[::ffff:10.1.2.3]/x"}), "file:url"),
        (json!({"url": "data:,x", "tags": ["a\"b"]}), "file:tags"),
        (json!({"url": "data:,x", "reference": "x".repeat(129)}), "file:reference"),
        (json!({"url": "data:,x", "format": "webm"}), "body:invalid"),
        (json!({"urll": "data:,x"}), "body:unknown_property"),
        (json!({}), "body:invalid"),
    ] {
        let (status, told, sentence) = by(body.clone()).await.refusal();
        assert_eq!((status, told.as_str()), (400, code), "{body}: {sentence}");
    }
    let large = vec![b'x'; 1024 * 1024 + 1];
    for body in
        [Body::from(large.clone()), Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(large)]))]
    {
        let answer = surface.send_bytes("/v1/files", "text/plain", body).await;
        assert_eq!(answer.refusal().1, "media:too_large");
        assert_eq!((answer.status.as_u16(), answer.json()["meta"]["limit"].as_u64()), (413, Some(1024 * 1024)));
    }
}

/// Serves what `answer` says, counting methods other than GET and requests.
async fn server(
    answer: impl Fn(&str) -> axum::response::Response + Clone + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let app = Router::new().fallback(any(move |request: Request<Body>| {
        let (answer, counted) = (answer.clone(), counted.clone());
        async move {
            assert_eq!(request.method(), "GET", "never HEAD first");
            counted.fetch_add(1, Ordering::SeqCst);
            answer(request.uri().path())
        }
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, asked)
}

#[tokio::test]
async fn a_url_is_read_once_and_what_it_is_is_settled_by_its_bytes() {
    use axum::response::IntoResponse;
    let surface = Surface::new().await;
    let (address, asked) = server(|path| match path {
        "/moved" => (StatusCode::FOUND, [("location", "/real/picture.png?secret=1")]).into_response(),
        "/real/picture.png" => ([("content-type", "application/octet-stream")], TEXT).into_response(),
        "/inside" => (StatusCode::FOUND, [("location", "http://169.254.169.254/latest")]).into_response(),
        "/large" => vec![0u8; 600 * 1024].into_response(),
        "/empty" => "".into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    })
    .await;
    let by = async |path: &str| {
        surface.call("POST", "/v1/files", Some(&json!({"url": format!("http://{address}{path}")}).to_string())).await
    };
    let made = by("/moved").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let file = made.json()[0].clone();
    assert_eq!((&file["mime"], &file["filename"]), (&json!("application/pdf"), &json!("picture.png")));
    assert_eq!((&file["origin"], &file["url"]), (&json!("remote"), &json!(format!("http://{address}/moved"))));
    assert_eq!(asked.load(Ordering::SeqCst), 2, "one for each hop");
    for (path, status, code) in [
        ("/inside", 400, "file:url"),
        ("/large", 413, "media:too_large"),
        ("/empty", 400, "media:empty"),
        ("/gone", 400, "media:unavailable"),
    ] {
        let (told, said, sentence) = by(path).await.refusal();
        assert_eq!((told, said.as_str()), (status, code), "{path}: {sentence}");
    }
}

#[tokio::test]
async fn links_work_without_a_key_for_their_own_file_only() {
    let surface = Surface::new().await;
    let (file, other) = (put(&surface, TEXT).await, put(&surface, b"other").await);
    let link = file["links"]["download"].as_str().expect("a link");
    let bare = |path: String| {
        let surface = &surface;
        async move { surface.send(Request::builder().uri(path).body(Body::empty()).expect("a request")).await }
    };
    let answer = bare(link.to_owned()).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, TEXT));
    for path in
        [link.replace(id(&file), id(&other)), format!("{link}x"), format!("/v1/files/{}/download?token=x", id(&file))]
    {
        let (status, code, _) = bare(path).await.refusal();
        assert_eq!((status, code.as_str()), (401, "auth:token"));
    }
    let with_key = bare(format!("/v1/files/{}/download?token={}", id(&file), surface.key)).await;
    assert_eq!(with_key.refusal().1, "query:token");
    assert_eq!(bare(format!("/v1/files/{}/download", id(&file))).await.refusal().1, "auth:missing");
}

#[tokio::test]
async fn what_is_deleted_or_expired_leaves_no_bytes_behind() {
    let surface = Surface::new().await;
    let file = put(&surface, TEXT).await;
    let png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let picture = surface.call("POST", "/v1/files", Some(&json!({"url": png}).to_string())).await.json()[0].clone();
    let preview = surface.get(picture["preview"]["image"].as_str().expect("a preview")).await;
    assert_eq!((preview.status.as_u16(), preview.header("content-type")), (200, "image/jpeg"), "{}", preview.text);
    assert!(preview.bytes.starts_with(&[0xff, 0xd8]));
    assert_eq!(surface.get(&format!("/v1/files/{}/preview", id(&file))).await.refusal().1, "file:nopreview");
    assert_eq!(surface.blobs(), 3, "two files and a preview");
    for file in [&file, &picture] {
        surface.call("DELETE", &format!("/v1/files/{}", id(file)), None).await;
    }
    sparkbot_core::files::sweep(&surface.core).await.expect("swept");
    assert_eq!(surface.blobs(), 0);
    assert_eq!(surface.get(&format!("/v1/files/{}/download", id(&file))).await.refusal().1, "file:notfound");
}

#[tokio::test]
async fn a_refused_upload_leaves_nothing_in_the_list() {
    let surface = Surface::new().await;
    let broken = futures_util::stream::iter([Ok(b"half".to_vec()), Err(std::io::Error::other("gone"))]);
    let answer = surface.send_bytes("/v1/files", "text/plain", Body::from_stream(broken)).await;
    assert_eq!(answer.refusal().1, "media:interrupted");
    assert_eq!(surface.get("/v1/files").await.text, "[]");
    assert_eq!(surface.blobs(), 0, "what was written before is gone too");
}

/// What is sent of a file is made once and kept beside it.
#[tokio::test]
async fn a_file_is_prepared_once_for_all_its_messages() {
    use sparkbot_core::files::{Wanted, prepare, read};
    use sparkbot_core::network::MediaKind;
    let surface = Surface::new().await;
    let sound = [
        &b"RIFF\x24\x7d\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\0\x7d\0\0"[..],
        &[0; 32_000],
    ]
    .concat();
    let made = surface.send_bytes("/v1/files?format=ptt", "application/octet-stream", sound.clone()).await.json();
    assert_eq!((&made[0]["mime"], &made[0]["meta"]["duration"]), (&json!("audio/wav"), &json!(1.0)));
    let account = sparkbot_core::keys::authenticate(&surface.core, &surface.key).await.expect("a caller").account;
    let row = read(&surface.core, &account, None, &id(&made[0]).parse().expect("an id")).await.expect("the file");
    let first = prepare(&surface.core, &row, &Wanted::default()).await.expect("a recording");
    assert_eq!((first.media.kind, first.media.seconds), (MediaKind::Voice, Some(1)));
    assert_eq!(first.media.mime, "audio/ogg; codecs=opus");
    assert_eq!(first.media.waveform.as_ref().map(axum::body::Bytes::len), Some(64));
    let bytes = std::fs::read(&first.media.path).expect("its bytes");
    assert!(bytes.starts_with(b"OggS") && bytes.len() as u64 == first.media.size);
    let again = prepare(&surface.core, &row, &Wanted::default()).await.expect("the same");
    assert_eq!(std::fs::read(&again.media.path).expect("its bytes"), bytes);
    let plain = Wanted { kind: Some(MediaKind::Document), format: None };
    let document = prepare(&surface.core, &row, &plain).await.expect("a document");
    assert_eq!(std::fs::read(&document.media.path).expect("its bytes"), sound);
    assert_eq!(document.media.file_name.as_deref(), Some("file.wav"));
    drop((first, again, document));
    assert_eq!(surface.blobs(), 2, "the file and its recording");
    let picture = Wanted { kind: Some(MediaKind::Image), format: None };
    let refused = prepare(&surface.core, &row, &picture).await.expect_err("no picture");
    assert_eq!(refused.code, "media:unsupported");
    surface.call("DELETE", &format!("/v1/files/{}", row.id), None).await;
    sparkbot_core::files::sweep(&surface.core).await.expect("swept");
    assert_eq!(surface.blobs(), 0);
}
