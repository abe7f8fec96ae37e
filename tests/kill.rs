//! `kill -9` at any moment: after the restart every number is online without
//! being linked again, what was accepted is on the phone exactly once, and what
//! was received is at the webhook.

use std::collections::HashMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::json;

use crate::support::{Phone, Sandbox, Server, eventually, text};

const ANA: &str = "+16001234560";
const BEN: &str = "+16001234561";

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// What the test knows must be true in the end.
#[derive(Default)]
struct Promises {
    /// Texts that the API has accepted.
    accepted: Vec<String>,
    /// Texts that people have sent to the number.
    received: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_unlinked_by_kill_9() {
    let (rounds, seed) = (setting("SPARKBOT_KILL_ROUNDS", 50), setting("SPARKBOT_KILL_SEED", 1));
    println!("{rounds} rounds with seed {seed}; SPARKBOT_KILL_ROUNDS and SPARKBOT_KILL_SEED change them");
    let mut random = StdRng::seed_from_u64(seed);
    let sandbox = Sandbox::start(seed).await;
    let mut server = Server::on(&sandbox, &["--set", "webhooks.retry_gaps=[\"200ms\",\"1s\",\"2s\"]"]).await;
    let ana = server.phone(ANA, "Ana").await;
    let ben = server.phone(BEN, "Ben").await;
    let receiver = server.receiver(&["message:in:new"]).await;
    let device = server.linked("Support", &ana).await;
    let mut promises = Promises::default();

    for round in 0..rounds {
        let moment = Duration::from_millis(random.random_range(0..400));
        match round % 3 {
            0 => server = while_sending(server, &device.id, round, moment, &mut promises).await,
            1 => server = while_receiving(server, &ben, round, moment, &mut promises).await,
            _ => {
                // Linking takes longer: the moment is drawn from all of it.
                let moment = Duration::from_millis(random.random_range(0..1500));
                server = while_linking(server, round, moment).await;
            }
        }
        server.online(&device.id).await;
        assert_eq!(ana.companions().await.len(), 1, "round {round}: the phone's list has changed");
    }

    let last = server.send(&device.id, BEN, "the last one").await;
    server.delivery(text(&last, "/id"), &["delivered", "read"]).await;
    eventually("every accepted message to end", || async {
        let open = server.get("/v1/messages?status=queued,processing&size=1").await;
        (open.headers["x-total-count"] == "0").then_some(())
    })
    .await;
    let mut shown: HashMap<String, usize> = HashMap::new();
    for message in ben.messages().await {
        if message["fromMe"] == false {
            *shown.entry(text(&message, "/text").to_owned()).or_default() += 1;
        }
    }
    for wanted in &promises.accepted {
        assert_eq!(shown.get(wanted), Some(&1), "'{wanted}' on the phone (seed {seed})");
    }
    for (message, times) in &shown {
        assert_eq!(*times, 1, "'{message}' on the phone (seed {seed})");
    }
    for wanted in &promises.received {
        receiver.gets("message:in:new", wanted).await;
    }
    let told: Vec<String> = receiver.events().iter().map(|e| text(e, "/data/body").to_owned()).collect();
    assert_eq!(told, promises.received, "each once and in order (seed {seed})");
    println!("{} accepted, {} received, none lost, none doubled", promises.accepted.len(), promises.received.len());
}

async fn while_sending(
    mut server: Server,
    device: &str,
    round: u64,
    moment: Duration,
    promises: &mut Promises,
) -> Server {
    let sending = async {
        for n in 0..50 {
            let message = format!("out {round}.{n}");
            let request = server
                .request(Method::POST, "/v1/messages")
                .header("Token", &server.key)
                .json(&json!({ "device": device, "phone": BEN, "message": message }));
            // Without an answer nothing was promised.
            match request.send().await {
                Ok(response) if response.status().as_u16() == 201 => promises.accepted.push(message),
                _ => break,
            }
        }
    };
    drop(tokio::time::timeout(moment, sending).await);
    server.kill().await;
    server.again().await
}

async fn while_receiving(
    mut server: Server,
    ben: &Phone,
    round: u64,
    moment: Duration,
    promises: &mut Promises,
) -> Server {
    let sending = async {
        for n in 0..20 {
            let message = format!("in {round}.{n}");
            ben.send(ANA, &message).await;
            promises.received.push(message);
        }
    };
    // Either the person is still writing when it dies, or has just finished.
    let (_, ()) = tokio::join!(sending, async {
        tokio::time::sleep(moment).await;
        server.kill().await;
    });
    server.again().await
}

async fn while_linking(mut server: Server, round: u64, moment: Duration) -> Server {
    let phone = server.phone(&format!("+1600200{round:04}"), "Newcomer").await;
    let id = server.device("Newcomer").await;
    let linking = async {
        let request = server
            .request(Method::POST, &format!("/v1/devices/{id}/authcode"))
            .header("Token", &server.key)
            .json(&json!({ "phone": phone.number }));
        let Ok(response) = request.send().await else { return };
        let Ok(code) = response.json::<serde_json::Value>().await else { return };
        if let Some(code) = code["code"].as_str() {
            phone.link(code).await;
        }
    };
    tokio::select! {
        () = async { linking.await; std::future::pending::<()>().await } => {}
        () = tokio::time::sleep(moment) => {}
    }
    server.kill().await;
    let server = server.again().await;
    if phone.companions().await.is_empty() {
        // The person was not through: they ask for another code.
        server.link(&id, &phone).await;
    } else {
        server.online(&id).await;
    }
    assert_eq!(phone.companions().await.len(), 1, "round {round}");
    // Numbers that stay would make every later round slower.
    server.delete(&format!("/v1/devices/{id}")).await.ok();
    server
}
