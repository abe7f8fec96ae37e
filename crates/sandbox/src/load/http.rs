//! A request to the control API, without a library for it.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::LoadError;

/// Sends JSON and gives back the answer, which must be a success.
pub(super) async fn post(control: &str, path: &str, body: &serde_json::Value) -> Result<serde_json::Value, LoadError> {
    let host = control.trim_start_matches("http://");
    let body = body.to_string();
    let mut stream = TcpStream::connect(host).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let unexpected = || LoadError::Unexpected(format!("POST {path}: {answer}"));
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(unexpected)?;
    if !head.starts_with("HTTP/1.1 2") {
        return Err(unexpected());
    }
    serde_json::from_str(body).map_err(|_| unexpected())
}
