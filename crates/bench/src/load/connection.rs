//! One keep-alive HTTP connection, written out by hand: a general client costs
//! several times as much per request, on processors that the server needs.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::failure::{Failure, Result};

/// The longest answer that is read.
const LONGEST: usize = 16 << 20;

/// Everything of a request that stays the same.
#[derive(Debug)]
pub(crate) struct Head(String);

impl Head {
    /// For JSON to `path`, with further header lines such as a key.
    pub(crate) fn post(address: &str, path: &str, further: &[(&str, &str)]) -> Self {
        let mut head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n");
        for (name, value) in further {
            head += &format!("{name}: {value}\r\n");
        }
        Self(head + "Content-Length: ")
    }
}

/// A connection with one request under way at most.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// What the first lines of an answer say.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// Bytes of the head.
    head: usize,
    /// Bytes of the body.
    body: usize,
}

impl Connection {
    /// `address` is `host:port`.
    ///
    /// # Errors
    /// When nobody listens there.
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let failed = |error: std::io::Error| Failure::new(format!("no connection to {address}: {error}"));
        let stream = TcpStream::connect(address).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(Self { stream, request: Vec::new(), answer: Vec::new() })
    }

    /// Posts `body` and waits for the answer.
    ///
    /// # Errors
    /// For any answer but a 2xx, with what it says.
    pub(crate) async fn post(&mut self, head: &Head, body: &str) -> Result<()> {
        self.request.clear();
        self.request.extend_from_slice(head.0.as_bytes());
        self.request.extend_from_slice(format!("{}\r\n\r\n", body.len()).as_bytes());
        self.request.extend_from_slice(body.as_bytes());
        let broken = |error: std::io::Error| Failure::new(format!("a connection broke: {error}"));
        self.stream.write_all(&self.request).await.map_err(broken)?;
        self.answer.clear();
        loop {
            if let Some(answer) = read(&self.answer)? {
                let whole = answer.head + answer.body;
                if self.answer.len() >= whole {
                    if (200..300).contains(&answer.status) {
                        return Ok(());
                    }
                    let said = String::from_utf8_lossy(&self.answer[answer.head..whole]);
                    return Err(Failure::new(format!("{}: {}", answer.status, said.trim())));
                }
            }
            if self.answer.len() > LONGEST {
                return Err(Failure::new("an answer does not end"));
            }
            if self.stream.read_buf(&mut self.answer).await.map_err(broken)? == 0 {
                return Err(Failure::new("the other side closed a connection"));
            }
        }
    }
}

/// The head of an answer, once all of it is there.
fn read(bytes: &[u8]) -> Result<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let odd = || Failure::new(format!("not HTTP: {}", String::from_utf8_lossy(&bytes[..end])));
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| odd())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(odd)?;
    let mut body = 0;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            body = value.trim().parse().map_err(|_| odd())?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Failure::new("the load generator does not read answers in pieces"));
        }
    }
    Ok(Some(Answer { status, head: end + 4, body }))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::{Answer, Connection, Head, read};

    #[test]
    fn an_answer_is_read_when_its_head_is_there() {
        assert_eq!(read(b"HTTP/1.1 201 Created\r\ncontent-le").unwrap(), None);
        let answer = read(b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nab").unwrap();
        assert_eq!(answer, Some(Answer { status: 201, head: 43, body: 5 }));
        let empty = read(b"HTTP/1.1 204 No Content\r\ndate: now\r\n\r\n").unwrap();
        assert_eq!(empty.map(|answer| (answer.status, answer.body)), Some((204, 0)));
        assert!(read(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(read(b"hello\r\n\r\n").is_err());
    }

    #[tokio::test]
    async fn requests_follow_one_another_on_one_connection() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = Vec::new();
            for answer in [
                "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nfull",
            ] {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                seen.push(String::from_utf8(request[..length].to_vec()).unwrap());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            seen
        });
        let head = Head::post(&address, "/v1/messages", &[("Token", "secret")]);
        let mut connection = Connection::open(&address).await.unwrap();
        connection.post(&head, "{\"n\":1}").await.unwrap();
        let refusal = connection.post(&head, "{\"n\":2}").await.unwrap_err();
        assert_eq!(refusal.to_string(), "409: full");
        let seen = server.await.unwrap();
        assert!(seen[0].starts_with("POST /v1/messages HTTP/1.1\r\n") && seen[0].contains("\r\nToken: secret\r\n"));
        assert!(seen[1].ends_with("Content-Length: 7\r\n\r\n{\"n\":2}"), "{}", seen[1]);
    }
}
