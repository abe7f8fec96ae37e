//! The process is killed at any moment; nothing accepted is lost, and nobody
//! sees a message twice.
//!
//! The number runs in a process of its own, which is killed with SIGKILL and
//! started anew on the same database.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::observer::DEADLINE;
use crate::place::{ALICE, OWN, Place};
use crate::worker::{Worker, lines};

/// Moments spread over the time that what is interrupted takes.
fn moments() -> impl Iterator<Item = Duration> {
    [0, 3, 9, 17, 31, 53, 90, 150].into_iter().map(Duration::from_millis)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_the_phone_shows_is_kept() {
    // The phone is told of the link the moment that the companion has signed.
    for moment in moments() {
        let place = Place::new().await;
        let worker = Worker::linked(&place).await;
        tokio::time::sleep(moment).await;
        worker.kill().await;
        let mut worker = Worker::start(&place);
        let word = worker.says(&["online", "qr", "unlinked"]).await;
        assert_eq!(word, "online", "killed {moment:?} after the phone had linked");
        worker.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_messages_are_seen_exactly_once() {
    let place = Place::new().await;
    let mut worker = Worker::linked(&place).await;
    worker.says(&["online"]).await;
    let mut acknowledged = BTreeSet::new();
    let ids: Vec<String> = (0..40).map(|n| format!("3EB0000000001{n:03}")).collect();
    for moment in moments() {
        // What core would do after a restart: repeat what is not acknowledged.
        for id in ids.iter().filter(|id| !acknowledged.contains(*id)).cloned().collect::<Vec<_>>() {
            worker.order(&format!("send {id} text of {id}")).await;
        }
        for _ in 0..4 {
            let word = worker.says(&["sent ", "failed "]).await;
            if let Some(id) = word.strip_prefix("sent ") {
                acknowledged.insert(id.to_owned());
            }
        }
        tokio::time::sleep(moment).await;
        worker.kill().await;
        worker = Worker::start(&place);
        worker.says(&["online"]).await;
    }
    for id in ids.iter().filter(|id| !acknowledged.contains(*id)).cloned().collect::<Vec<_>>() {
        worker.order(&format!("send {id} text of {id}")).await;
        let word = worker.says(&["sent ", "failed "]).await;
        assert_eq!(word, format!("sent {id}"));
    }
    let shown = place.shown(ALICE).await;
    for id in &ids {
        let copies: Vec<_> = shown.iter().filter(|message| message["id"] == id.as_str()).collect();
        assert_eq!(copies.len(), 1, "{id}: {copies:#?}");
        assert_eq!(copies[0]["text"], format!("text of {id}"));
    }
    assert_eq!(shown.len(), ids.len(), "{shown:#?}");
    worker.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn received_messages_and_receipts_survive_any_moment() {
    let place = Place::new().await;
    let mut worker = Worker::linked(&place).await;
    worker.says(&["online"]).await;
    let mut expected = BTreeSet::new();
    let mut receipts = BTreeSet::new();
    for (round, moment) in moments().enumerate() {
        let sent = format!("3EB0000000002{round:03}");
        worker.order(&format!("send {sent} x")).await;
        worker.says(&["sent "]).await;
        place.sees(ALICE, &sent).await;
        for n in 0..10 {
            let text = format!("{round}-{n}");
            let id = place.writes(ALICE, &text).await;
            expected.insert(format!("{id}={text}"));
        }
        place.post(&format!("/phones/{ALICE}/read"), json!({"chat": OWN})).await.expect("read");
        receipts.insert(format!("{sent}=Read"));
        tokio::time::sleep(moment).await;
        worker.kill().await;
        worker = Worker::start(&place);
        worker.says(&["online"]).await;
    }
    let folder = &place.folder.0;
    let complete = async {
        loop {
            let received: BTreeSet<String> = lines(folder, "received").into_iter().collect();
            let told: BTreeSet<String> = lines(folder, "receipts").into_iter().collect();
            if expected.is_subset(&received) && receipts.is_subset(&told) {
                return (received, told);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let Ok((received, _)) = tokio::time::timeout(DEADLINE, complete).await else {
        let received: BTreeSet<String> = lines(folder, "received").into_iter().collect();
        let told: BTreeSet<String> = lines(folder, "receipts").into_iter().collect();
        panic!(
            "lost messages: {:?}; lost receipts: {:?}",
            expected.difference(&received).collect::<Vec<_>>(),
            receipts.difference(&told).collect::<Vec<_>>()
        );
    };
    // Repeated deliveries may repeat a line, never invent one.
    assert_eq!(received, expected);
    worker.kill().await;
}

/// Kills the number while it sends a file, again and again, then lets it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_being_sent_arrives_once() {
    let place = Place::new().await;
    let mut worker = Worker::linked(&place).await;
    worker.says(&["online"]).await;
    let path = place.folder.0.join("document");
    let content: Vec<u8> = (0..7 << 20).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(&path, &content).expect("a file");
    let id = "3EB0000000003001";
    for moment in moments() {
        worker.order(&format!("file {id} {}", path.display())).await;
        tokio::time::sleep(moment * 4).await;
        worker.kill().await;
        worker = Worker::start(&place);
        worker.says(&["online"]).await;
    }
    worker.order(&format!("file {id} {}", path.display())).await;
    assert_eq!(worker.says(&["sent ", "failed "]).await, format!("sent {id}"));
    let shown = place.shown(ALICE).await;
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert_eq!(place.file(ALICE, id).await, content);
    worker.kill().await;
}

/// A poll's secret is on disk before the poll leaves.
#[tokio::test(flavor = "multi_thread")]
async fn votes_on_a_poll_count_after_a_crash() {
    let place = Place::new().await;
    let mut worker = Worker::linked(&place).await;
    worker.says(&["online"]).await;
    for (round, moment) in moments().enumerate() {
        let id = format!("3EB0000000004{round:03}");
        worker.order(&format!("poll {id}")).await;
        let poll = place.sees(ALICE, &id).await;
        assert_eq!(poll["kind"], "poll_creation");
        tokio::time::sleep(moment).await;
        worker.kill().await;
        place.says(ALICE, json!({"vote": {"id": id, "options": ["yes"]}})).await;
        worker = Worker::start(&place);
        worker.says(&["online"]).await;
        let told = async {
            while !lines(&place.folder.0, "votes").contains(&format!("{id}=1")) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(DEADLINE, told).await.expect("the vote is read");
    }
    worker.kill().await;
}
