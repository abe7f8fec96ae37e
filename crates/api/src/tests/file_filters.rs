//! Files, found and deleted by what is said of them.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sparkbot_core::clock::iso;

use super::files::{TEXT, id, put};
use super::support::Surface;

#[tokio::test]
async fn files_are_found_changed_and_deleted_by_what_is_said_of_them() {
    let surface = Surface::new().await;
    for n in 0..4 {
        let path = format!("/v1/files?filename=f{n}.txt&tags=all,t{n}&reference=r{n}");
        let bytes = vec![b'a'; 10 * (n + 1)];
        assert_eq!(surface.send_bytes(&path, "text/plain", bytes).await.status, 201);
    }
    put(&surface, TEXT).await;
    let names = async |query: &str| {
        let answer = surface.get(&format!("/v1/files?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let list = answer.json();
        list.as_array()
            .expect("a list")
            .iter()
            .map(|f| f["filename"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (query, wanted) in [
        ("tags=t1", "f1.txt"),
        ("tags[]=t1&tags[]=t3&sort=filename:desc", "f3.txt f1.txt"),
        ("tags=t", ""),
        ("search=R2", "f2.txt"),
        ("reference=r3", "f3.txt"),
        ("filename=f0", "f0.txt"),
        ("kind=document&ext=pdf", "a.pdf"),
        ("mime=application/pdf", "a.pdf"),
        ("filesize=%3E30&sort=size:asc", "f3.txt"),
        ("filesize=20-30&ext=txt&sort=size:desc", "f2.txt f1.txt"),
        ("status=failed", ""),
        ("status=ready&size=1&sort=createdAt:asc", "f0.txt"),
        ("sort=filename:asc&size=2&page=1", "f1.txt f2.txt"),
        ("origin=remote", ""),
        ("permission=private", ""),
        ("format=ptt,gif", ""),
        ("after=2100-01-01T00:00:00Z", ""),
        ("before=2000-01-01T00:00:00Z", ""),
        ("owner=0123456789abcdef01234567", ""),
        ("device=0123456789abcdef01234567", ""),
    ] {
        assert_eq!(names(query).await, wanted, "{query}");
    }
    let found = surface.get("/v1/files?filename=f0").await.json()[0].clone();
    assert_eq!(names(&format!("ids={}", id(&found))).await, "f0.txt");
    assert_eq!(names(&format!("sha2={}", found["sha2"].as_str().expect("a hash"))).await, "f0.txt");
    let change = json!({"filename": "x/new.txt", "reference": null, "tags": ["n"], "message": "hi", "format": "ptt", "permission": "readonly", "expiration": "2y"});
    let path = format!("/v1/files/{}", id(&found));
    let changed = surface.call("PATCH", &path, Some(&change.to_string())).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!(
        (&changed["filename"], &changed["reference"], &changed["tags"]),
        (&json!("new.txt"), &Value::Null, &json!(["n"]))
    );
    assert!(changed["expiresAt"].as_str() > found["expiresAt"].as_str());
    assert_eq!(surface.call("PATCH", &path, Some(r#"{"expiration": "1s"}"#)).await.refusal().1, "body:invalid");
    assert_eq!(surface.call("DELETE", "/v1/files", Some("{}")).await.refusal().1, "file:all");
    assert_eq!(
        surface.call("DELETE", "/v1/files", Some(r#"{"tags": ["all"], "limit": 0}"#)).await.refusal().1,
        "file:limit"
    );
    let me = surface.get("/v1/me").await.json();
    let own = format!("owner={}&sort=filename:asc&size=1", me["user"]["id"].as_str().expect("an id"));
    for (query, wanted) in [
        ("format=ptt", "new.txt"),
        ("permission=readonly", "new.txt"),
        ("origin=upload&ext=pdf", "a.pdf"),
        (&own, "a.pdf"),
    ] {
        assert_eq!(names(query).await, wanted, "{query}");
    }
    let done = surface.call("DELETE", "/v1/files", Some(r#"{"tags": ["all"], "size": 15, "limit": 2}"#)).await.json();
    assert_eq!((&done["deleted"], &done["left"]), (&json!(2), &json!(1)), "{done}");
    assert_eq!(names("sort=filename:asc").await.split(' ').count(), 3);
}

/// Of two files that differ in one thing alone, the one that is meant goes.
#[tokio::test]
async fn each_condition_deletes_what_matches_and_nothing_else() {
    let surface = Surface::new().await;
    let upload = async |query: &str, kind: &str, bytes: &[u8]| {
        let made = surface.send_bytes(&format!("/v1/files?{query}"), kind, bytes.to_vec()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        made.json()[0].clone()
    };
    let me = surface.get("/v1/me").await.json();
    let hour = |hours: i64| iso(surface.core.now() + hours * 3_600_000);
    let sha2 = |file: &Value| file["sha2"].clone();
    let pdf = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n";
    // The query, type and bytes of the file that is meant, and what means it alone.
    let conditions: [(&str, &str, &[u8], Value); 12] = [
        ("filename=meant.txt", "text/plain", b"1", json!({ "filename": "meant" })),
        ("filename=a.txt&tags=meant", "text/plain", b"2", json!({ "tags": ["meant"] })),
        ("filename=a.txt&format=ptt", "text/plain", b"3", json!({ "format": "ptt" })),
        ("filename=a.txt&permission=private", "text/plain", b"4", json!({ "permission": "private" })),
        ("filename=a.txt&expiration=10m", "text/plain", b"5", json!({ "expires": hour(1) })),
        ("filename=a.pdf", "application/pdf", pdf, json!({ "ext": ["pdf"] })),
        ("filename=a.pdf", "application/pdf", pdf, json!({ "mime": ["application/pdf"] })),
        ("filename=a.txt", "text/plain", &[b'x'; 500], json!({ "size": 400 })),
        ("filename=a.pdf", "application/pdf", pdf, json!({ "kind": "document", "ext": ["pdf"] })),
        ("filename=meant.txt", "text/plain", b"6", json!({ "owner": [me["user"]["id"]], "filename": "meant" })),
        ("filename=meant.txt", "text/plain", b"7", json!({ "origin": "upload", "filename": "meant" })),
        (
            "filename=meant.txt",
            "text/plain",
            b"8",
            json!({ "after": hour(-1), "before": hour(1), "filename": "meant" }),
        ),
    ];
    let other = upload("filename=other.txt", "text/plain", b"stays").await;
    for (query, kind, bytes, condition) in conditions {
        let meant = upload(query, kind, bytes).await;
        let done = surface.call("DELETE", "/v1/files", Some(&condition.to_string())).await.json();
        assert_eq!((&done["deleted"], &done["ids"]), (&json!(1), &json!([meant["id"]])), "{condition}: {done}");
    }
    for none in [
        json!({ "owner": ["0123456789abcdef01234567"] }),
        json!({ "origin": "remote" }),
        json!({ "before": hour(-1) }),
        json!({ "after": hour(1) }),
        json!({ "kind": "image" }),
        json!({ "sha2": ["ab"] }),
    ] {
        let done = surface.call("DELETE", "/v1/files", Some(&none.to_string())).await.json();
        assert_eq!(done["deleted"], 0, "{none}");
    }
    let twin = upload("filename=twin.txt", "text/plain", b"twin").await;
    let by_hash = json!({ "sha2": [sha2(&twin)] }).to_string();
    let done = surface.call("DELETE", "/v1/files", Some(&by_hash)).await.json();
    assert_eq!(done["ids"], json!([twin["id"]]));
    let by_id = json!({ "ids": [id(&other)] }).to_string();
    assert_eq!(surface.call("DELETE", "/v1/files", Some(&by_id)).await.json()["deleted"], 1);
    assert_eq!(surface.get("/v1/files").await.text, "[]");
}
