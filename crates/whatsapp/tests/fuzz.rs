//! Messages as strangers may make them: each is read, whatever is in it.

use sparkbot_fuzz::Fuzz;
use sparkbot_whatsapp::outline;
use waproto::codec::message_to_vec;
use waproto::whatsapp as wa;

fn text(said: &str) -> wa::Message {
    wa::Message { conversation: Some(said.to_owned()), ..Default::default() }
}

/// Kinds that have more than a text in them.
fn seeds() -> Vec<Vec<u8>> {
    let wrapped = wa::message::FutureProofMessage { message: Some(text("once")).into() };
    let key = wa::MessageKey { id: Some("3EB0AA".to_owned()), from_me: Some(true), ..Default::default() };
    let messages = [
        text("hello"),
        wa::Message { view_once_message: Some(wrapped.clone()).into(), ..Default::default() },
        wa::Message { ephemeral_message: Some(wrapped).into(), ..Default::default() },
        wa::Message {
            reaction_message: Some(wa::message::ReactionMessage {
                key: Some(key.clone()).into(),
                text: Some("x".to_owned()),
                ..Default::default()
            })
            .into(),
            ..Default::default()
        },
        wa::Message {
            location_message: Some(wa::message::LocationMessage {
                degrees_latitude: Some(48.2),
                degrees_longitude: Some(f64::NAN),
                name: Some("Vienna".to_owned()),
                ..Default::default()
            })
            .into(),
            ..Default::default()
        },
        wa::Message {
            image_message: Some(wa::message::ImageMessage {
                mimetype: Some("image/jpeg".to_owned()),
                file_length: Some(u64::MAX),
                width: Some(u32::MAX),
                media_key: Some(vec![1; 32]),
                ..Default::default()
            })
            .into(),
            ..Default::default()
        },
        wa::Message {
            contact_message: Some(wa::message::ContactMessage {
                display_name: Some("Ben".to_owned()),
                vcard: Some("BEGIN:VCARD\nFN:Ben\nEND:VCARD".to_owned()),
                ..Default::default()
            })
            .into(),
            ..Default::default()
        },
        wa::Message {
            protocol_message: Some(wa::message::ProtocolMessage { key: Some(key).into(), ..Default::default() }).into(),
            ..Default::default()
        },
    ];
    messages.iter().map(message_to_vec).collect()
}

#[test]
fn fuzz_received_messages() {
    // Tags of fields with a message in them, so that kinds turn into others.
    let words = [
        "\x12\x05\x0a\x03abc",
        "\x1a\x04\x0a\x02ab",
        "\u{d2}\x01\x02\x0a\x00",
        "@s.whatsapp.net",
        "\x0a\x0b16001234561",
        "\x08\x05",
        "\u{fa}\x01\x04\x12\x02\x0a\x00",
        "{\"a\":1}",
    ];
    Fuzz::new("received_messages")
        .seeds(seeds())
        .words(words)
        .run(|input| outline(input).unwrap_or_else(|| "no message".to_owned()));
}

#[test]
fn an_outline_names_what_is_there() {
    let all: Vec<_> = seeds().iter().map(|seed| outline(seed)).collect();
    assert_eq!(all[0].as_deref(), Some("text body"));
    assert!(all.iter().all(Option::is_some), "{all:?}");
    assert_eq!(outline(b"\xff\xff"), None);
}
