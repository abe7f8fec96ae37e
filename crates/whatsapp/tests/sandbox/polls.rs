//! Polls and votes, both ways.

use serde_json::json;
use sparkbot_network::{Change, Content, NetworkError, Outgoing, Poll, ReceivedContent, Target};
use wacore::poll::compute_option_hash;

use crate::phones::bytes;
use crate::place::{ALICE, OWN, Place, wid};

fn poll(selectable: u32) -> Poll {
    Poll {
        name: "Lunch?".to_owned(),
        options: vec!["pizza".to_owned(), "soup".to_owned(), "nothing".to_owned()],
        selectable,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_on_our_polls_are_opened() {
    let place = Place::new().await;
    let number = place.linked().await;
    for (selectable, field, id) in
        [(1, "poll_creation_message_v3", "3EB0000000009001"), (0, "poll_creation_message", "3EB0000000009002")]
    {
        let content = Content::Poll(poll(selectable));
        let outgoing = Outgoing { secret: Some([3; 32]), ..Outgoing::new(id, wid(ALICE), content) };
        let sent = number.link.send(outgoing.clone()).await.expect("sent");
        let raw = place.raw(ALICE, id).await;
        assert_eq!(raw[field]["options"][1]["option_name"], "soup", "{raw:#}");
        assert_eq!(bytes(&raw["message_context_info"]["message_secret"]), [3; 32]);
        assert_eq!(number.link.send(outgoing).await.expect("again").raw, sent.raw);
        for options in [&["soup"][..], &[]] {
            let vote = place.says(ALICE, json!({"vote": {"id": id, "options": options}})).await;
            let message = number.recorder.message("a vote", |message| message.id == vote).await;
            let ReceivedContent::Change { of, change: Change::Vote(hashes) } = &message.content else {
                panic!("{message:?}")
            };
            assert_eq!((message.kind.as_str(), of.id.as_str()), ("poll_vote", id));
            assert_eq!((&of.author, of.from_me, &message.author), (&wid(OWN), true, &wid(ALICE)));
            let expected: Vec<[u8; 32]> = options.iter().map(|option| compute_option_hash(option)).collect();
            assert_eq!(*hashes, expected);
        }
    }
    // The number comes back and still has the key.
    number.link.close().await;
    let vote = place.says(ALICE, json!({"vote": {"id": "3EB0000000009001", "options": ["pizza"]}})).await;
    let number = place.open().await;
    let message = number.recorder.message("a vote", |message| message.id == vote).await;
    let ReceivedContent::Change { change: Change::Vote(hashes), .. } = &message.content else { panic!("{message:?}") };
    assert_eq!(*hashes, [compute_option_hash("pizza")]);
    number.link.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_poll_is_voted_on() {
    let place = Place::new().await;
    let number = place.linked().await;
    let asked = json!({"name": "Where?", "options": ["here", "there"], "selectable": 1});
    let id = place.says(ALICE, json!({"poll": asked})).await;
    let received = number.recorder.message("a poll", |message| message.id == id).await;
    let ReceivedContent::Poll(asked) = &received.content else { panic!("{received:?}") };
    assert_eq!((asked.name.as_str(), asked.selectable), ("Where?", 1));
    assert_eq!(asked.options, ["here", "there"]);

    let target = Target { id: id.clone(), chat: wid(ALICE), author: wid(ALICE), from_me: false };
    let vote = |options: &[&str]| Content::Vote {
        poll: target.clone(),
        raw: received.raw.clone(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    for (n, options) in [&["there"][..], &[]].into_iter().enumerate() {
        let vote_id = format!("3EB000000000910{n}");
        number.link.send(Outgoing::new(&*vote_id, wid(ALICE), vote(options))).await.expect("sent");
        place.sees(ALICE, &vote_id).await;
        let poll = place.shows(ALICE, &id).await["poll"].clone();
        let votes: Vec<u64> = [0, 1].map(|option| poll["options"][option]["votes"].as_u64().unwrap_or(0)).to_vec();
        assert_eq!(votes, [0, options.len() as u64], "{poll:#}");
    }
    for options in [&["nowhere"][..], &["here", "there"]] {
        let refused = number.link.send(Outgoing::new("3EB0000000009109", wid(ALICE), vote(options))).await;
        assert!(matches!(refused, Err(NetworkError::Invalid(_))), "{refused:?}");
    }
    number.link.close().await;
}
