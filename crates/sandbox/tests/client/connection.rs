//! The socket itself: over TLS and without, each Noise pattern, the keepalive.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use whatsapp_rust::transport::TokioWebSocketTransportFactory;

use crate::support::{ALICE, Companion, OWN, Place, jid};

fn pattern(connections: &Value) -> Option<&str> {
    let all = connections["connections"].as_array()?;
    all.iter().find(|connection| connection["stage"] == "loggedIn")?["noise"].as_str()
}

#[tokio::test]
async fn the_socket_takes_tls_under_the_certificate_it_tells() {
    let place = Place::new().await;
    let told = place.get("/").await;
    let url = told["secureSocketUrl"].as_str().unwrap();
    assert!(url.starts_with("wss://127.0.0.1:"), "{url}");
    let mut roots = rustls::RootCertStore::empty();
    let authority = told["certificate"].as_str().unwrap();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector = tokio_websockets::Connector::Rustls(tokio_rustls::TlsConnector::from(Arc::new(config)));
    let transport = TokioWebSocketTransportFactory::new().with_url(url).with_connector(connector);
    let companion = Companion::link_by(&place, OWN, transport).await;
    let sent = companion.client.send_text(&jid(ALICE), "over TLS").await.unwrap();
    assert_eq!(place.sees(ALICE, &sent.message_id).await["text"], "over TLS");
}

#[tokio::test]
async fn a_client_resumes_with_what_it_knows_of_the_server() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    place.post("/faults", json!({"kind": "drop", "phone": OWN})).await;
    companion.events.forget_connections();
    companion.connected().await;
    // The first login after linking is still XX; the client keeps the server's key from then on.
    place.post("/faults", json!({"kind": "drop", "phone": OWN})).await;
    companion.connected().await;
    let connections = place.until("/connections", |all| pattern(all).is_some()).await;
    assert_eq!(pattern(&connections), Some("IK"));
    let stanzas = place.get(&format!("/traffic?phone={OWN}&limit=1000")).await;
    let routed = |passed: &Value| passed["stanza"].as_str().unwrap().contains("<edge_routing><routing_info>");
    assert!(stanzas["stanzas"].as_array().unwrap().iter().any(routed), "no routing was given");
}

#[tokio::test]
async fn a_client_reads_what_the_server_says_of_its_account() {
    let place = Place::new().await;
    let companion = Companion::link(&place, OWN).await;
    companion.client.fetch_props().await.unwrap();
    let timelock = companion.client.mex().fetch_reachout_timelock().await.unwrap();
    assert_eq!(timelock.is_active, Some(false), "it may write to anybody");
}
