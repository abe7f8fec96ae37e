//! Files much larger than the memory that they may take.

use serde_json::json;

use crate::place::{ALICE, Place};
use crate::worker::{Worker, lines};

const SIZE: usize = 100 << 20;
/// By which the process may grow, both ways together.
const GROWTH: u64 = 16 << 20;

async fn memory(worker: &mut Worker) -> u64 {
    worker.order("memory now").await;
    worker.says(&["memory "]).await["memory ".len()..].parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_pass_in_bounded_memory() {
    let place = Place::new().await;
    let mut worker = Worker::linked(&place).await;
    worker.says(&["online"]).await;
    let path = place.folder.0.join("large");
    let content: Vec<u8> =
        (0..u32::try_from(SIZE).expect("small")).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(&path, &content).expect("a file");
    // Buffers that every transfer needs are made before it is counted.
    let small = place.folder.0.join("small");
    std::fs::write(&small, &content[..1 << 20]).expect("a file");
    worker.order(&format!("file 3EB0000000005000 {}", small.display())).await;
    assert_eq!(worker.says(&["sent ", "failed "]).await, "sent 3EB0000000005000");
    let before = memory(&mut worker).await;

    worker.order(&format!("file 3EB0000000005001 {}", path.display())).await;
    assert_eq!(worker.says_in(300, &["sent ", "failed "]).await, "sent 3EB0000000005001");
    let sent = memory(&mut worker).await;

    assert!(place.file(ALICE, "3EB0000000005001").await == content);

    let id = place.sends_file(ALICE, "document", content.clone(), json!({"fileName": "large"})).await;
    let told = async {
        while !lines(&place.folder.0, "files").contains(&format!("{id}={SIZE}")) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::observer::DEADLINE, told).await.expect("the file is announced");
    worker.order(&format!("fetch {id}")).await;
    assert_eq!(worker.says_in(300, &["fetched "]).await, format!("fetched {id} Ok(())"));
    let fetched = memory(&mut worker).await;
    println!("most memory: {before} before, {sent} after sending, {fetched} after fetching");
    assert!(std::fs::read(place.folder.0.join("fetched")).expect("the file") == content);
    assert!(fetched.saturating_sub(before) < GROWTH, "{before} → {sent} → {fetched}");
    worker.kill().await;
}
