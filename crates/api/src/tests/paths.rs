//! Paths, methods and queries.

use super::support::Surface;

const ID: &str = "0123456789abcdef01234567";

#[tokio::test]
async fn one_trailing_slash_is_forgiven() {
    let surface = Surface::new().await;
    assert_eq!(surface.get("/v1/me/").await.status, 200);
    assert_eq!(surface.get("/v1/devices/?size=1").await.status, 200);
    assert_eq!(surface.get("/v1/me//").await.status, 404);
}

#[tokio::test]
async fn what_is_not_there_says_so_in_the_same_shape() {
    let surface = Surface::new().await;
    for path in ["/v1/nothing", "/", "/v1", "/v1/devices/x/y/z", "/%ff"] {
        let (status, code, _) = surface.get(path).await.refusal();
        assert_eq!((status, code.as_str()), (404, "route:notfound"), "{path}");
    }
    let answer = surface.call("PUT", "/v1/devices", Some("{}")).await;
    let (status, code, sentence) = answer.refusal();
    assert_eq!((status, code.as_str()), (405, "route:method"));
    assert!(sentence.contains("PUT") && sentence.contains("GET") && sentence.contains("POST"), "{sentence}");
    assert!(answer.header("allow").contains("POST"));
}

#[tokio::test]
async fn a_malformed_id_is_not_an_unknown_one() {
    let surface = Surface::new().await;
    for (path, code) in [
        ("/v1/devices/xyz", "device:invalid"),
        ("/v1/devices/%ff", "path:invalid"),
        ("/v1/messages/0123", "message:invalid"),
        ("/v1/webhooks/0123456789abcdef0123456g", "webhook:invalid"),
    ] {
        let (status, told, _) = surface.get(path).await.refusal();
        assert_eq!((status, told.as_str()), (400, code), "{path}");
    }
    for (path, code) in
        [("devices", "device:notfound"), ("messages", "message:notfound"), ("webhooks", "webhook:notfound")]
    {
        let (status, told, _) = surface.get(&format!("/v1/{path}/{ID}")).await.refusal();
        assert_eq!((status, told.as_str()), (404, code), "{path}");
    }
}

#[tokio::test]
async fn queries_are_read_strictly() {
    let surface = Surface::new().await;
    for (path, code, part) in [
        ("/v1/devices?colour=red", "query:unknown", "'colour'"),
        ("/v1/devices?seize=1", "query:unknown", "Did you mean 'size'?"),
        ("/v1/devices?size=0", "query:invalid", "from 1 to 200, but it is 0"),
        ("/v1/devices?size=201", "query:invalid", "from 1 to 200, but it is 201"),
        ("/v1/devices?size=many", "query:invalid", "a whole number, but it is the string 'many'"),
        ("/v1/devices?page=-1", "query:invalid", "from 0 to 1000000"),
        ("/v1/devices?size=1&size=2", "query:invalid", "more than once"),
        ("/v1/devices?status=asleep", "query:invalid", "'asleep'"),
        ("/v1/devices?search=a%00b", "query:invalid", "U+0000"),
        ("/v1/me?x=1", "", ""),
        ("/v1/messages?after=yesterday", "query:invalid", "ISO 8601"),
        ("/v1/messages?phone=12", "phone:invalid", "12"),
        ("/v1/messages?group=x", "group:invalid", "'x'"),
        ("/v1/events?events=no:such", "query:invalid", "no:such"),
        ("/v1/events?wait=61", "query:invalid", "61"),
    ] {
        let answer = surface.get(path).await;
        if code.is_empty() {
            assert_eq!(answer.status, 200, "{path}");
            continue;
        }
        let (status, told, sentence) = answer.refusal();
        assert_eq!((status, told.as_str()), (400, code), "{path}: {sentence}");
        assert!(sentence.contains(part), "{path}: {sentence}");
    }
}

#[tokio::test]
async fn lists_are_bare_and_tell_their_total_and_neighbours() {
    let surface = Surface::new().await;
    for alias in ["a", "b", "c"] {
        let made = surface.call("POST", "/v1/devices", Some(&format!(r#"{{"alias": "{alias}"}}"#))).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert!(made.header("location").starts_with("/v1/devices/"));
    }
    let page = surface.get("/v1/devices?size=1&page=1&status%5B%5D=pending").await;
    assert_eq!(page.json().as_array().map(Vec::len), Some(1), "{}", page.text);
    assert_eq!(page.header("x-total-count"), "3");
    assert!(
        page.header("link").contains("</v1/devices?status%5B%5D=pending&size=1&page=2>; rel=\"next\""),
        "{}",
        page.header("link")
    );
    for path in [
        "/v1/messages?phone=+16001234560&status=sent,failed",
        "/v1/messages?priority=low&priority=high",
        "/v1/webhooks",
    ] {
        let answer = surface.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "[]"), "{path}");
    }
}
