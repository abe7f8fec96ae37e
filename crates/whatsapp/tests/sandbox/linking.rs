//! Becoming a companion, and staying one.

use std::time::{Duration, Instant};

use serde_json::json;
use sparkbot_network::{CodeEnd, NetworkError, Report};
use sparkbot_sandbox::Timing;

use crate::place::{ALICE, OWN, Place, phone};

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_code_links_the_number() {
    let place = Place::new().await;
    let number = place.open().await;
    let code = number.link.request_code(&phone(OWN)).await.expect("a code");
    assert!(code.code.len() == 9 && code.code.as_bytes()[4] == b'-', "{}", code.code);
    assert_eq!(code.expires_in.as_secs(), 180);
    let started = Instant::now();
    place.post(&format!("/phones/{OWN}/link"), json!({"code": code.code})).await.expect("linked");
    number.recorder.online().await;
    println!("online {:?} after the code was typed", started.elapsed());

    let order: Vec<&str> = number
        .recorder
        .reports()
        .iter()
        .filter_map(|report| match report {
            Report::Authorizing => Some("authorizing"),
            Report::Linked { phone: own, .. } => {
                assert_eq!(own, &phone(OWN));
                Some("linked")
            }
            Report::Loading => Some("loading"),
            Report::Online { .. } => Some("online"),
            Report::Offline { .. } | Report::CodeEnded { .. } => Some("wrong"),
            _ => None,
        })
        .collect();
    assert_eq!(order.first(), Some(&"authorizing"), "{order:?}");
    let mut tail: Vec<&str> = order.into_iter().filter(|step| *step != "authorizing").collect();
    // The client at times makes the first connection of a linked number twice.
    tail.dedup();
    assert_eq!(tail, ["linked", "loading", "online"], "{:#?}", number.recorder.reports());

    let again = number.link.request_code(&phone(OWN)).await;
    assert!(matches!(again, Err(NetworkError::AlreadyLinked)), "{again:?}");
    let health = number.link.health().await;
    assert!(health.connected && health.linked, "{health:?}");
    assert_eq!(health.client_version.as_deref(), Some("2.3000.1040000000"));
    assert_eq!(health.client_version_accepted, Some(true));
    assert!(health.server_prekeys.is_some_and(|count| count >= 5), "{health:?}");
    assert!(health.last_frame_at.is_some() && health.clock_offset_ms.is_some_and(|ms| ms.abs() < 5_000), "{health:?}");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_qr_links_the_number() {
    let place = Place::new().await;
    let number = place.open().await;
    let (data, attempt) = number
        .recorder
        .report("QR", |report| match report {
            Report::Qr { data, attempt, .. } => Some((data.clone(), *attempt)),
            _ => None,
        })
        .await;
    assert_eq!(attempt, 1);
    place.post(&format!("/phones/{OWN}/scan"), json!({"qr": data})).await.expect("linked");
    number.recorder.online().await;
    assert!(number.has_reported(|report| matches!(report, Report::Authorizing)));
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_needs_no_new_link() {
    let place = Place::new().await;
    let number = place.linked().await;
    number.link.close().await;
    assert!(number.link.health().await.last_frame_at.is_some());
    let number = place.open().await;
    number.recorder.online().await;
    assert!(!number.has_reported(|report| matches!(report, Report::Qr { .. } | Report::Linked { .. })));
    number.send(ALICE, "3EB0AA01", "after the restart").await.expect("sent");
    assert_eq!(place.sees(ALICE, "3EB0AA01").await["text"], "after the restart");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_code_replaces_the_one_before() {
    let place = Place::new().await;
    let number = place.open().await;
    let first = number.link.request_code(&phone(OWN)).await.expect("a code");
    let second = number.link.request_code(&phone(OWN)).await.expect("another");
    assert_ne!(first.code, second.code);
    let why = number.recorder.report("end", |report| match report {
        Report::CodeEnded { why } => Some(*why),
        _ => None,
    });
    assert_eq!(why.await, CodeEnd::Replaced);
    place.post(&format!("/phones/{OWN}/link"), json!({"code": second.code})).await.expect("linked");
    number.recorder.online().await;
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_code_can_be_typed_again() {
    let place = Place::new().await;
    let number = place.open().await;
    let code = number.link.request_code(&phone(OWN)).await.expect("a code").code;
    let wrong = if code.starts_with('A') { code.replacen('A', "B", 1) } else { format!("A{}", &code[1..]) };
    let path = format!("/phones/{OWN}/link");
    let refused = place.post(&path, json!({"code": wrong})).await.expect_err("the wrong code");
    assert_eq!(refused["triesLeft"], 2, "{refused}");
    place.post(&path, json!({"code": code})).await.expect("linked");
    number.recorder.online().await;
    let answers = number.recorder.reports().iter().filter(|report| matches!(report, Report::Authorizing)).count();
    assert_eq!(answers, 2, "once for each time that the phone has answered");
    assert!(!number.has_reported(|report| matches!(report, Report::CodeEnded { .. } | Report::LinkFailed { .. })));
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_codes_are_told_apart_from_other_refusals() {
    let place = Place::new().await;
    place.post("/faults", json!({"kind": "too_many_link_codes"})).await.expect("a fault");
    let number = place.open().await;
    let refused = number.link.request_code(&phone(OWN)).await;
    assert!(matches!(refused, Err(NetworkError::TooManyAttempts { .. })), "{refused:?}");
    assert!(!number.has_reported(|report| matches!(report, Report::CodeEnded { .. })), "there was no code to end");
    number.link.request_code(&phone(OWN)).await.expect("a code at last");
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_can_be_had_after_a_lost_connection() {
    let place = Place::new().await;
    let number = place.open().await;
    number.recorder.report("QR", |report| matches!(report, Report::Qr { .. }).then_some(())).await;
    place.post("/faults", json!({"kind": "drop"})).await.expect("a fault");
    number.recorder.report("offline", |report| matches!(report, Report::Offline { .. }).then_some(())).await;
    let code = number.link.request_code(&phone(OWN)).await.expect("a code on the next connection");
    place.post(&format!("/phones/{OWN}/link"), json!({"code": code.code})).await.expect("linked");
    number.recorder.online().await;
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_dies_with_its_connection() {
    let place = Place::with(Timing::default()).await;
    let number = place.open().await;
    number.link.request_code(&phone(OWN)).await.expect("a code");
    place.post("/faults", json!({"kind": "drop"})).await.expect("a fault");
    let why = number.recorder.report("end", |report| match report {
        Report::CodeEnded { why } => Some(*why),
        _ => None,
    });
    assert_eq!(why.await, CodeEnd::Expired);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_may_want_another_code() {
    let place = Place::new().await;
    let number = place.open().await;
    number.link.request_code(&phone(OWN)).await.expect("a code");
    place.post(&format!("/phones/{OWN}/refresh-code"), json!({"forceManual": true})).await.expect("asked");
    let why = number.recorder.report("end", |report| match report {
        Report::CodeEnded { why } => Some(*why),
        _ => None,
    });
    assert_eq!(why.await, CodeEnd::Refused);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the client keeps WhatsApp's times: 160 s for a round of QRs"]
async fn nobody_scans_and_a_code_starts_it_again() {
    let place = Place::new().await;
    let number = place.open().await;
    let exhausted = |report: &Report| matches!(report, Report::QrExhausted).then_some(());
    number.recorder.report_within(Duration::from_secs(200), "end of the round", exhausted).await;
    let attempts: Vec<u32> = number
        .recorder
        .reports()
        .iter()
        .filter_map(|report| match report {
            Report::Qr { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5, 6]);
    assert!(!number.link.health().await.connected);
    let code = number.link.request_code(&phone(OWN)).await.expect("a code");
    place.post(&format!("/phones/{OWN}/link"), json!({"code": code.code})).await.expect("linked");
    number.recorder.online().await;
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the client keeps WhatsApp's times: 180 s for a code"]
async fn a_code_outlives_the_round_of_qrs() {
    let place = Place::new().await;
    let number = place.open().await;
    number.link.request_code(&phone(OWN)).await.expect("a code");
    let exhausted = |report: &Report| matches!(report, Report::QrExhausted).then_some(());
    number.recorder.report_within(Duration::from_secs(220), "end of the round", exhausted).await;
    let ends: Vec<&str> = number
        .recorder
        .reports()
        .iter()
        .filter_map(|report| match report {
            Report::CodeEnded { why: CodeEnd::Expired } => Some("code"),
            Report::QrExhausted => Some("round"),
            _ => None,
        })
        .collect();
    assert_eq!(ends, ["code", "round"]);
    number.link.close().await;
}
