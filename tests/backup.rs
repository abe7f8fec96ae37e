//! A backup taken of a server at work, the server that is made of it, and a new
//! master key.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ANA, BEN, Sandbox, Server, eventually, text};

const CAROL: &str = "+16001234562";

fn said(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one line of JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_under_load_becomes_a_server_that_has_lost_nothing_and_goes_on() {
    let sandbox = Sandbox::start(71).await;
    let mut server = Server::on(&sandbox, &[]).await;
    let ana = server.phone(ANA, "Ana").await;
    let (ben, carol) = (server.phone(BEN, "Ben").await, server.phone(CAROL, "Carol").await);
    let group = json!({ "subject": "Choir", "participants": [ANA, CAROL] });
    let group = ben.control(Method::POST, &ben.path("/groups"), Some(group)).await.ok();
    let group = text(&group, "/id").to_owned();
    let device = server.linked("Support", &ana).await;
    let receiver = server.receiver(&["message:in:new"]).await;
    let upload = server.request(Method::POST, "/v1/files?filename=offer.txt").header("Token", &server.key);
    let file = server.answer(upload.header("content-type", "text/plain").body("what it costs")).await.ok();
    let file = text(&file[0], "/id").to_owned();

    // Ratchets that have turned: in both directions, alone and in a group.
    ben.send(ANA, "a question").await;
    receiver.gets("message:in:new", "a question").await;
    carol.send(&group, "to all").await;
    receiver.gets("message:in:new", "to all").await;
    server.send(&device.id, BEN, "an answer").await;
    ben.receives("an answer").await;
    let to_group = async |server: &Server, message: &str| {
        server.post("/v1/messages", json!({ "device": device.id, "group": group, "message": message })).await.ok();
        ben.receives(message).await;
        carol.receives(message).await;
    };
    to_group(&server, "from all").await;

    // Taken while messages are accepted one after the other.
    let ended = Arc::new(AtomicBool::new(false));
    let writing = {
        let (ended, api, key, device) = (ended.clone(), server.api.clone(), server.key.clone(), device.id.clone());
        tokio::spawn(async move {
            let (http, mut accepted) = (crate::support::http(), Vec::new());
            while !ended.load(Ordering::SeqCst) {
                let body = json!({ "device": device, "phone": BEN, "message": format!("load {}", accepted.len()) });
                let sent = http.post(format!("{api}/v1/messages")).header("Token", &key).json(&body).send().await;
                let sent: Value = sent.expect("an answer").json().await.expect("a message");
                accepted.push((
                    text(&sent, "/id").to_owned(),
                    text(&sent, "/message").to_owned(),
                    std::time::Instant::now(),
                ));
            }
            accepted
        })
    };
    ben.receives("load 5").await;
    let began = std::time::Instant::now();
    let backup = server.folder().join("backup.tar.gz");
    let taken = said(&server.command(&["backup", backup.to_str().expect("a path"), "--json"]).await);
    assert_eq!((&taken["files"], &taken["missing"]), (&json!(1), &json!([])));
    ended.store(true, Ordering::SeqCst);
    let accepted = writing.await.expect("no panic");
    let again = server.command(&["backup", backup.to_str().expect("a path")]).await;
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("already"));

    // Afterwards ratchets turn on, which the backup does not know.
    for n in 0..15 {
        server.send(&device.id, BEN, &format!("after {n}")).await;
        ben.send(ANA, &format!("later {n}")).await;
    }
    to_group(&server, "after the backup").await;
    carol.send(&group, "again to all").await;
    ben.receives("after 14").await;
    receiver.gets("message:in:new", "again to all").await;

    server = server.restored(&backup).await;
    server.online(&device.id).await;
    assert_eq!(ana.companions().await.len(), 1, "not linked again");
    // Everything accepted before it began is there, and on the phone once.
    let before: Vec<_> = accepted.iter().filter(|(_, _, at)| *at < began).collect();
    assert!(before.len() > 5);
    for (id, message, _) in &before {
        let kept = server.delivery(id, &["sent", "delivered", "read"]).await;
        assert_eq!(kept["message"], *message);
    }
    let download = format!("/v1/files/{file}/download");
    assert_eq!(server.get(&download).await.bytes, b"what it costs");

    // And it goes on: out and in, alone and in a group.
    server.send(&device.id, BEN, "from the restored one").await;
    ben.receives("from the restored one").await;
    to_group(&server, "restored, to all").await;
    ben.send(ANA, "to the restored one").await;
    receiver.gets("message:in:new", "to the restored one").await;
    carol.send(&group, "all to the restored one").await;
    receiver.gets("message:in:new", "all to the restored one").await;
    let shown = ben.messages().await;
    for (_, message, _) in &accepted {
        let times = shown.iter().filter(|shown| shown["text"] == *message && shown["fromMe"] == false).count();
        assert_eq!(times, 1, "'{message}' on the phone");
    }
}

#[tokio::test]
async fn a_backup_is_refused_where_it_can_not_be_restored() {
    let sandbox = Sandbox::start(72).await;
    let server = Server::on(&sandbox, &[]).await;
    let backup = server.folder().join("backup.tar.gz");
    let path = backup.to_str().expect("a path").to_owned();
    assert!(server.command(&["backup", &path]).await.status.success());
    let refused = |output: std::process::Output, word: &str| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(word), "{said}");
    };
    refused(server.command(&["restore", &path]).await, "another SparkBot server uses");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let data = elsewhere.path().join("data");
    let restore = async |file: &std::path::Path| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_sparkbot"));
        command.arg("restore").arg(file).arg("--data-dir").arg(&data).output().await.expect("the binary runs")
    };
    refused(restore(&backup).await, "there is no master key");
    std::fs::create_dir_all(&data).expect("a folder");
    let key = data.join("master.key");
    std::fs::write(&key, "0".repeat(64)).expect("a key");
    #[cfg(unix)]
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("its owner's only");
    refused(restore(&backup).await, "another master key");
    std::fs::copy(server.folder().join("data/master.key"), &key).expect("the key");
    let whole = std::fs::read(&backup).expect("the backup");
    let torn = elsewhere.path().join("torn.tar.gz");
    std::fs::write(&torn, &whole[..whole.len() / 2]).expect("half of it");
    refused(restore(&torn).await, "not whole");
    refused(restore(&key).await, "no file that `sparkbot backup` has written");
    // Nothing of all that is in the way of the whole one.
    assert!(restore(&backup).await.status.success());
    refused(restore(&backup).await, "not empty");
}

#[tokio::test]
async fn a_new_master_key_takes_the_place_of_the_old_one() {
    let sandbox = Sandbox::start(73).await;
    let mut server = Server::on(&sandbox, &[]).await;
    let (ana, ben) = (server.phone(ANA, "Ana").await, server.phone(BEN, "Ben").await);
    let device = server.linked("Support", &ana).await;
    let receiver = server.receiver(&["message:in:new"]).await;
    server.kill().await;
    let (key, old) = (server.folder().join("data/master.key"), server.folder().join("old.key"));
    std::fs::rename(&key, &old).expect("the key is moved");
    let older = format!("master_key.older_files=[{old:?}]");
    let done = said(&server.command(&["reseal", "--json", "--set", &older]).await);
    assert!(done["sessionState"].as_u64().is_some_and(|values| values > 200), "{done}");
    assert_eq!(done["webhooks"], 1);
    std::fs::remove_file(&old).expect("the old key is gone");

    let server = server.again().await;
    server.online(&device.id).await;
    assert_eq!(ana.companions().await.len(), 1);
    ben.send(ANA, "under the new key").await;
    // Its signature is checked by the receiver.
    receiver.gets("message:in:new", "under the new key").await;
    server.send(&device.id, BEN, "sealed again").await;
    ben.receives("sealed again").await;
    eventually("the number to be online", || async {
        let device = server.get(&format!("/v1/devices/{}", device.id)).await.ok();
        (device["session"]["status"] == "online").then_some(())
    })
    .await;
}
