//! Files in and out of the real server: whole, in little memory, and gone when
//! they should be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Sandbox, Server, eventually, text};

const MIB: u64 = 1024 * 1024;
/// The file of which issue 4 speaks.
const LARGE: u64 = 100 * MIB;
/// As much as the process may grow.
const ROOM: u64 = 16 * MIB;
const PIECE: usize = 64 * 1024;

/// The n-th piece of a file that repeats nowhere.
fn piece(n: u64) -> Vec<u8> {
    let mut all = Vec::with_capacity(PIECE);
    let mut block = Sha256::digest(n.to_be_bytes());
    while all.len() < PIECE {
        all.extend_from_slice(&block);
        block = Sha256::digest(block);
    }
    all
}

/// Watches the server's memory until it is told to stop; the most it held.
async fn watched<T>(server: &Server, work: impl Future<Output = T>) -> (T, u64) {
    let (most, done) = (Arc::new(AtomicU64::new(server.memory())), AtomicBool::new(false));
    let watching = async {
        while !done.load(Ordering::SeqCst) {
            most.fetch_max(server.memory(), Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let working = async {
        let value = work.await;
        done.store(true, Ordering::SeqCst);
        value
    };
    let (value, ()) = tokio::join!(working, watching);
    (value, most.load(Ordering::SeqCst))
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_large_file_goes_in_and_out_in_little_memory() {
    let sandbox = Sandbox::start(41).await;
    let server = Server::on(&sandbox, &[]).await;
    // What the first upload of any size takes is no part of it.
    let warm = server.request(Method::POST, "/v1/files").header("Token", &server.key).body("warm");
    server.answer(warm.header("content-type", "text/plain")).await.ok();
    let before = server.memory();

    let mut hash = Sha256::new();
    (0..LARGE / PIECE as u64).for_each(|n| hash.update(piece(n)));
    let sha2 = hex::encode(hash.finalize());
    let body = stream::iter(0..LARGE / PIECE as u64).map(|n| Ok::<_, std::io::Error>(piece(n)));
    let upload = server.request(Method::POST, "/v1/files?filename=large.bin").header("Token", &server.key);
    let upload = upload.header("content-type", "application/octet-stream").body(reqwest::Body::wrap_stream(body));
    let (made, most) = watched(&server, server.answer(upload)).await;
    let made = made.ok();
    assert_eq!((&made[0]["sha2"], &made[0]["size"]), (&json!(sha2), &json!(LARGE)));
    assert!(most < before + ROOM, "the upload took {} MiB", (most - before) / MIB);

    let path = text(&made[0], "/links/download").to_owned();
    let fetch = async {
        let response = server.request(Method::GET, &path).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let (mut bytes, mut hash) = (response.bytes_stream(), Sha256::new());
        while let Some(part) = bytes.next().await {
            hash.update(part.expect("a part"));
        }
        hex::encode(hash.finalize())
    };
    let (fetched, most) = watched(&server, fetch).await;
    assert_eq!(fetched, sha2);
    assert!(most < before + ROOM, "the download took {} MiB", (most - before) / MIB);
}

#[tokio::test]
async fn an_upload_that_dies_with_the_server_leaves_nothing_behind() {
    let sandbox = Sandbox::start(42).await;
    let mut server = Server::on(&sandbox, &[]).await;
    let kept = server.request(Method::POST, "/v1/files").header("Token", &server.key).body("kept");
    let kept = server.answer(kept.header("content-type", "text/plain")).await.ok();
    let hanging = stream::iter([Ok::<_, std::io::Error>(vec![7u8; 300_000])]).chain(stream::pending());
    let upload = server.request(Method::POST, "/v1/files").header("Token", &server.key);
    let upload = upload.header("content-type", "text/plain").body(reqwest::Body::wrap_stream(hanging));
    let hung = tokio::spawn(upload.send());
    eventually("the upload to have begun", || async { (server.blobs() == 2).then_some(()) }).await;
    server.kill().await;
    assert!(hung.await.expect("no panic").is_err());
    let server = server.again().await;
    eventually("what was left to be gone", || async { (server.blobs() == 1).then_some(()) }).await;
    let path = format!("/v1/files/{}/download", text(&kept[0], "/id"));
    assert_eq!(server.get(&path).await.bytes, b"kept");
    server.delete(path.trim_end_matches("/download")).await.ok();
    eventually("the deleted file's bytes to be gone", || async { (server.blobs() == 0).then_some(()) }).await;
}
