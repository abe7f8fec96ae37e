//! What docs/sandbox.md says, done: its examples are run in their order against
//! a client that answers `pong` to `ping`.

use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use whatsapp_rust::pair_code::PairCodeOptions;
use whatsapp_rust::transport::TokioWebSocketTransportFactory;
use whatsapp_rust::types::events::Event;

use crate::support::{BOB, Companion, OWN, Place, within};

const PAGE: &str = include_str!("../../../../docs/sandbox.md");

/// The examples of the page: their languages and texts.
fn examples() -> Vec<(&'static str, &'static str)> {
    let mut blocks = PAGE.split("```");
    let mut found = Vec::new();
    while let (Some(_), Some(block)) = (blocks.next(), blocks.next()) {
        found.extend(block.split_once('\n'));
    }
    found
}

/// Runs an example; gives back what it printed.
async fn run(language: &str, text: &str, sandbox: &str) -> String {
    let (program, arguments): (&str, &[&str]) = match language {
        "sh" => ("sh", &["-eu"]),
        "python" => ("python3", &["-"]),
        "js" => ("node", &["--input-type=module", "-"]),
        other => panic!("an example in {other}"),
    };
    let mut child = Command::new(program)
        .args(arguments)
        .env("SANDBOX", sandbox)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    child.stdin.take().unwrap().write_all(text.as_bytes()).await.unwrap();
    let output = within(&format!("the end of an example in {language}"), child.wait_with_output()).await.unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{language}:\n{text}\n{}{}", said(&output.stdout), said(&output.stderr));
    said(&output.stdout)
}

#[tokio::test]
async fn the_examples_of_the_page_work() {
    let place = Place::new().await;
    let sandbox = place.sandbox.control_url();
    let mut companion =
        Companion::begin(TokioWebSocketTransportFactory::new().with_url(place.sandbox.socket_url())).await;
    companion.events.take("a QR code", |event| matches!(event, Event::PairingQrCode(_)).then_some(())).await;
    let options = PairCodeOptions { phone_number: OWN.trim_start_matches('+').to_owned(), ..Default::default() };
    let code = companion.client.pair_with_code(options).await.unwrap();

    let mut languages = Vec::new();
    for (language, text) in examples() {
        if language == "console" || language.is_empty() {
            continue;
        }
        languages.push(language);
        let printed = run(language, &text.replace("ABCD-EFGH", &code), &sandbox).await;
        if text.contains("ABCD-EFGH") {
            let linked: Value = serde_json::from_str(&printed).unwrap();
            companion.device = linked["device"]["id"].as_u64().unwrap();
            companion.connected().await;
            answer_pings(&companion);
        }
        if text.contains("after=1&wait") {
            assert!(printed.contains("pong"), "{printed}");
        }
    }
    assert_eq!(languages, ["sh", "sh", "sh", "sh", "sh", "python", "js"]);
    assert_ne!(place.get(&format!("/phones/{BOB}")).await["name"], "");
}

/// The program under test: `pong` to each `ping`.
fn answer_pings(companion: &Companion) {
    let (client, events) = (Arc::clone(&companion.client), Arc::clone(&companion.events));
    tokio::spawn(async move {
        loop {
            let ping = |event: &Event| match event {
                Event::Messages(batch) => {
                    let asked = |message: &&_| -> bool {
                        let message: &whatsapp_rust::types::events::InboundMessage = message;
                        message.message.conversation.as_deref() == Some("ping")
                    };
                    batch.iter().find(asked).map(|message| message.info.source.chat.clone())
                }
                _ => None,
            };
            let chat = events.take_ever(ping).await;
            let _ = client.send_text(&chat, "pong").await;
        }
    });
}
