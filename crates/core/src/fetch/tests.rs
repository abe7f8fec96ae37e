//! What the client refuses, in every spelling.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use bytes::Bytes;
use reqwest::header::HeaderMap;

use super::{FetchError, Fetcher, Limits};
use crate::app::Settings;

const LIMITS: Limits = Limits { time: Duration::from_secs(5), body: 100 };

fn fetcher(allow_loopback: bool) -> Fetcher {
    Fetcher::new(&Settings { allow_loopback, ..Settings::default() }).expect("built")
}

const FORBIDDEN: &[&str] = &[
    // Loopback, as people write it and as they hide it.
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "127.0x0.0.1",
    "0X7F.0x0.0x0.0x1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "00000177.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "api.localhost",
    "ｌｏｃａｌｈｏｓｔ",
    "loc%61lhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[2001:470::5efe:127.0.0.1]",
    "[2001:470::200:5efe:10.0.0.1]",
    // Nothing at all, which Linux takes for itself.
    "0",
    "0.0.0.0",
    "0.1",
    "0x0",
    "00",
    "[::]",
    "[::ffff:0.0.0.0]",
    "0.255.255.255",
    // Private.
    "10.0.0.1",
    "10.1",
    "167772161",
    "0xa.0.0.1",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "2886729729",
    "192.168.0.1",
    "192.168.257",
    "3232235521",
    "0300.0250.0.1",
    "0xC0A80001",
    "[::ffff:192.168.0.1]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fec0::1]",
    "[2002:c0a8:1::1]",
    "[64:ff9b::10.0.0.1]",
    "100.64.0.1",
    "100.127.255.255",
    // Link-local and the metadata of clouds.
    "169.254.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.16689662",
    "[fe80::1]",
    "[febf::1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[2002:a9fe:a9fe::]",
    "[64:ff9b::a9fe:a9fe]",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    // Not for the internet.
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.9",
    "198.18.0.1",
    "198.19.255.255",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "4294967295",
    "[ff02::1]",
    "[ff0e::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[5f00::1]",
    "[4000::1]",
    "[2001:10::1]",
];

#[test]
fn forbidden_addresses_are_refused_in_every_spelling() {
    let fetcher = fetcher(false);
    assert!(FORBIDDEN.len() >= 60);
    for host in FORBIDDEN {
        for url in
            [format!("http://{host}/hook"), format!("https://{host}:8443/hook"), format!(" \thttp:\\\\{host}\\x")]
        {
            let error = fetcher.check_url(&url, "webhook:url").expect_err(&url);
            assert_eq!(error.code, "webhook:url", "{url}");
            assert!(error.message.ends_with('.'), "{}", error.message);
        }
    }
}

#[test]
fn other_schemes_and_passwords_are_refused() {
    let fetcher = fetcher(true);
    for url in [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "unix:/run/x.sock",
        "data:text/plain,x",
        "//example.com/x",
        "example.com",
        "",
        "http://",
        "https:///",
        "http://a b/",
        "http://user@example.com/",
        "https://user:pass@example.com/",
        "http://:pass@example.com/",
        "http://127.0.0.1@169.254.169.254/",
        "ws://example.com/",
        "http://999.1.1.1/",
        "http://[::1",
        "http://1.2.3.4.5/",
    ] {
        assert!(fetcher.check_url(url, "x:url").is_err(), "{url}");
    }
    let error = fetcher.check_url("ht tp://x/?token=hush", "x:url").expect_err("no URL");
    assert!(!error.message.contains("hush"), "{}", error.message);
}

#[test]
fn ordinary_urls_and_any_port_pass() {
    let fetcher = fetcher(false);
    for url in [
        "https://example.com",
        "http://example.com:8080/a?b=c",
        "https://8.8.8.8:1/",
        "http://[2606:4700::1111]/",
        "https://bücher.example/",
    ] {
        assert!(fetcher.check_url(url, "x:url").is_ok(), "{url}");
    }
}

#[test]
fn localhost_passes_exactly_when_loopback_does() {
    for url in
        ["http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/", "http://x.localhost/", "http://2130706433/"]
    {
        assert!(fetcher(true).check_url(url, "x:url").is_ok(), "{url}");
        assert!(fetcher(false).check_url(url, "x:url").is_err(), "{url}");
    }
    assert!(fetcher(true).check_url("http://10.0.0.1/", "x:url").is_err());
    assert!(fetcher(true).check_url("http://0.0.0.0/", "x:url").is_err());
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let at = listener.local_addr().expect("address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    at
}

#[tokio::test]
async fn the_connection_itself_is_refused_too() {
    let at = serve(Router::new().route("/", get(|| async { "inside" }))).await;
    let closed = fetcher(false);
    // As if the check at creation had been passed.
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{}/", at.port()).parse().expect("URL");
        assert_eq!(closed.get(&url, HeaderMap::new(), LIMITS).await.expect_err("refused"), FetchError::Forbidden);
        assert_eq!(
            closed.post(&url, HeaderMap::new(), Bytes::new(), LIMITS).await.expect_err("refused"),
            FetchError::Forbidden
        );
        let answer = fetcher(true).get(&url, HeaderMap::new(), LIMITS).await.expect("allowed");
        assert_eq!(&answer.body[..], b"inside");
    }
}

#[tokio::test]
async fn a_name_that_resolves_to_a_forbidden_address_is_refused() {
    use reqwest::dns::Resolve;

    let guard = std::sync::Arc::new(super::Guard::new(false, &[]).expect("guard"));
    let resolver = super::Resolver::new(guard);
    // Resolvers answer literal addresses with themselves: a stand-in for a
    // name server that lies.
    for name in ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254"] {
        let Err(error) = resolver.resolve(name.parse().expect("name")).await else { panic!("{name} was resolved") };
        assert!(error.is::<super::Forbidden>(), "{name}: {error}");
    }
}

#[tokio::test]
async fn downloads_follow_redirects_and_check_each_hop() {
    let router = Router::new()
        .route("/ok", get(|| async { "here" }))
        .route("/to-ok", get(|| async { Redirect::temporary("/ok") }))
        .route("/to-metadata", get(|| async { Redirect::temporary("http://169.254.169.254/latest/") }))
        .route("/to-file", get(|| async { Redirect::temporary("file:///etc/passwd") }))
        .route("/round", get(|| async { Redirect::temporary("/round") }))
        .route("/large", get(|| async { "x".repeat(101) }));
    let at = serve(router).await;
    let fetcher = fetcher(true);
    let fetch = async |path: &str| {
        let url = format!("http://{at}{path}").parse().expect("URL");
        fetcher.get(&url, HeaderMap::new(), LIMITS).await
    };
    assert_eq!(&fetch("/to-ok").await.expect("followed").body[..], b"here");
    assert_eq!(fetch("/to-metadata").await.expect_err("hop"), FetchError::Forbidden);
    assert_eq!(fetch("/to-file").await.expect_err("scheme"), FetchError::Forbidden);
    assert_eq!(fetch("/round").await.expect_err("round"), FetchError::Redirects);
    assert_eq!(fetch("/large").await.expect_err("large"), FetchError::TooLarge(100));
}

#[test]
fn fuzz_webhook_urls() {
    let seeds = [
        "https://example.com/hook?a=b#c",
        "http://user:pass@192.0.2.1:8080/",
        "http://[::ffff:127.0.0.1]/",
        "http://0x7f.1/",
        "https://xn--bcher-kva.example/",
        "http://2130706433/",
    ];
    let words = [
        "http://",
        "https://",
        "127.0.0.1",
        "[::1]",
        "localhost",
        "@",
        "%2e",
        "。",
        "①",
        "0x7f",
        "169.254.169.254",
        ".",
        "/",
        ":",
        "ﬀ",
    ];
    let fetcher = fetcher(false);
    sparkbot_fuzz::Fuzz::new("webhook_urls").seeds(seeds).words(words).run(|input| {
        let text = String::from_utf8_lossy(input);
        let Ok(url) = fetcher.check_url(&text, "webhook:url") else { return "refused".to_owned() };
        // Whatever passes is no address of the inside, read by another's eyes.
        let inside = match url.host().expect("a host") {
            url::Host::Ipv4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
            url::Host::Ipv6(ip) => {
                let mapped =
                    ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback() || ip.is_private() || ip.is_link_local());
                ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local() || mapped
            }
            url::Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
        };
        assert!(!inside && url.password().is_none() && url.username().is_empty(), "{url}");
        format!("{} {:?}", url.scheme(), url.host().map(|host| host.to_string().len() / 8))
    });
}
