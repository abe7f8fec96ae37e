//! Channels, and what businesses sell.

use serde_json::{Value, json};
use sparkbot_network::wid::Wid;
use sparkbot_network::{Content, Media, MediaKind, Outgoing, ReceivedContent, Target};

use crate::place::{ALICE, OWN, Place, wid};

async fn channel(place: &Place, of: &str) -> Wid {
    let made = place.post(&format!("/phones/{of}/channels"), json!({"name": "News"})).await.expect("a channel");
    made["id"].as_str().expect("an id").parse().expect("a channel's id")
}

/// The posts of a channel, once `wanted` is true of them.
async fn posts(place: &Place, channel: &Wid, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let looking = async {
        loop {
            let answer = place.get(&format!("/phones/{OWN}/channels/{channel}/posts")).await;
            let posts = answer["posts"].as_array().expect("posts").clone();
            if wanted(&posts) {
                return posts;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::observer::DEADLINE, looking).await.expect("the channel shows it")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_of_ours_shows_what_we_post() {
    let place = Place::new().await;
    let number = place.linked().await;
    let channel = channel(&place, OWN).await;
    let send = |id: &str, content| number.link.send(Outgoing::new(id, channel.clone(), content));
    let original = send("3EB000000000D001", Content::text("first")).await.expect("sent");
    let post = posts(&place, &channel, |posts| !posts.is_empty()).await.remove(0);
    assert_eq!((&post["id"], &post["text"]), (&json!("3EB000000000D001"), &json!("first")), "{post:#}");

    let of = Target { id: "3EB000000000D001".to_owned(), chat: channel.clone(), author: wid(OWN), from_me: true };
    let edit = Content::Edit { of: of.clone(), raw: Some(original.raw), body: "better".to_owned() };
    send("3EB000000000D002", edit).await.expect("sent");
    posts(&place, &channel, |posts| posts[0]["text"] == "better").await;
    let react = |emoji: &str| Content::Reaction { of: of.clone(), emoji: emoji.to_owned() };
    send("3EB000000000D003", react("🎉")).await.expect("sent");
    posts(&place, &channel, |posts| posts[0]["reactions"]["🎉"] == 1).await;
    send("3EB000000000D004", react("")).await.expect("sent");
    posts(&place, &channel, |posts| posts[0]["reactions"]["🎉"] != 1).await;
    send("3EB000000000D005", Content::Revoke { of: of.clone() }).await.expect("sent");
    posts(&place, &channel, |posts| posts[0]["revoked"] != false || posts[0]["id"] != "3EB000000000D001").await;

    let path = place.folder.0.join("picture");
    let content = vec![5; 30_000];
    std::fs::write(&path, &content).expect("a file");
    let media = Media {
        kind: MediaKind::Image,
        path,
        size: content.len() as u64,
        mime: "image/jpeg".to_owned(),
        file_name: None,
        caption: Some("a picture".to_owned()),
        width: None,
        height: None,
        seconds: None,
        pages: None,
        thumbnail: None,
        waveform: None,
        animated: false,
        view_once: false,
    };
    let sent = send("3EB000000000D006", Content::Media(Box::new(media))).await.expect("sent");
    let is_picture = |post: &Value| post["id"] == "3EB000000000D006";
    let all = posts(&place, &channel, |posts| posts.iter().any(is_picture)).await;
    let picture = all.into_iter().find(is_picture).expect("the picture");
    let image = &picture["raw"]["image_message"];
    assert!(image["media_key"].is_null() && image["caption"] == "a picture", "{picture:#}");
    // Anybody can fetch it, as it is.
    let target = Target { id: "3EB000000000D006".to_owned(), ..of };
    let into = place.folder.0.join("into");
    number.link.download(&target, &sent.raw, &into, 1 << 20).await.expect("fetched");
    assert!(std::fs::read(&into).expect("the file") == content);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_followed_is_heard() {
    let place = Place::new().await;
    let number = place.linked().await;
    let channel = channel(&place, ALICE).await;
    place.post(&format!("/phones/{OWN}/channels/{channel}/follow"), json!({})).await.expect("followed");
    let path = format!("/phones/{ALICE}/channels/{channel}/posts");
    let posted = place.post(&path, json!({"text": "breaking"})).await.expect("posted");
    let id = posted["id"].as_str().expect("an id").to_owned();
    let post = number.recorder.message("a post", |message| message.id == id).await;
    assert_eq!((&post.chat, post.from_me, post.body.as_deref()), (&channel, false, Some("breaking")));
    assert!(matches!(post.content, ReceivedContent::Plain));
    let of = Target { id, chat: channel.clone(), author: channel.clone(), from_me: false };
    let reaction = Content::Reaction { of, emoji: "😮".to_owned() };
    number.link.send(Outgoing::new("3EB000000000D101", channel.clone(), reaction)).await.expect("sent");
    posts(&place, &channel, |posts| posts[0]["reactions"]["😮"] == 1).await;
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_looked_up_in_its_catalog() {
    let place = Place::new().await;
    let number = place.linked().await;
    assert!(number.link.product(&wid(ALICE), "1").await.expect("an answer").is_none(), "no business yet");
    place.put(&format!("/phones/{ALICE}/business"), json!({"verifiedName": "Alice's shop"})).await.expect("a business");
    let tea = json!({"name": "Tea", "description": "green", "price1000": 4990, "currency": "EUR", "retailerId": "T-1"});
    let made = place.post(&format!("/phones/{ALICE}/products"), tea).await.expect("a product");
    let id = made["id"].as_str().expect("an id");
    let (tea, _) = number.link.product(&wid(ALICE), id).await.expect("an answer").expect("the product");
    assert_eq!((tea.id.as_str(), tea.name.as_str(), &tea.seller), (id, "Tea", &wid(ALICE)));
    assert_eq!((tea.price_1000, tea.currency.as_deref()), (Some(4990), Some("EUR")));
    assert_eq!((tea.description.as_deref(), tea.retailer_id.as_deref()), (Some("green"), Some("T-1")));
    assert!(number.link.product(&wid(ALICE), "0").await.expect("an answer").is_none());
    number.link.close().await;
}
