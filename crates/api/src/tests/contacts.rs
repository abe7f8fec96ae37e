//! One contact per person, whichever of the two addresses comes first.

use serde_json::{Value, json};
use sparkbot_core::network::{ContactNews, ContactReport, LabelReport, Person, Report};
use sparkbot_core::wid::Wid;

use super::chat::{Linked, linked};
use super::whatsapp::from;

const LID: &str = "108426733785101@lid";
const BEN: &str = "16001234561@c.us";

fn wid(text: &str) -> Wid {
    text.parse().expect("an id")
}

async fn contacts(number: &Linked) -> Vec<Value> {
    let list = number.surface.get(&number.path("contacts")).await;
    assert!(list.status.is_success(), "{}", list.text);
    list.json().as_array().cloned().expect("a list")
}

async fn writes(number: &Linked, method: &str, rest: &str, body: Value) {
    let answer = number.surface.call(method, &number.path(rest), Some(&body.to_string())).await;
    assert!(answer.status.is_success(), "{}", answer.text);
}

#[tokio::test]
async fn whoever_was_known_under_each_address_is_one_once_both_are_known() {
    for phone_first in [true, false] {
        let number = linked().await;
        let under_lid = async {
            number.fake.delivers(&[from(LID, LID, "3EB0000000000000000001", "text", Some("hi"), number.now)]).await;
            writes(&number, "PATCH", &format!("contacts/{LID}"), json!({ "notes": "by id", "city": "Bonn" })).await;
        };
        let under_phone = async {
            let new = json!({ "phone": "+16001234561", "name": "Ben", "notes": "by number", "metadata": [{ "key": "a", "value": "1" }] });
            writes(&number, "POST", "contacts", new).await;
        };
        if phone_first {
            under_phone.await;
            under_lid.await;
        } else {
            under_lid.await;
            under_phone.await;
        }
        assert_eq!(contacts(&number).await.len(), 2);
        number.fake.reports(Report::Addresses { phone: wid(BEN), lid: wid(LID) }).await;
        let all = contacts(&number).await;
        assert_eq!(all.len(), 1, "{all:#?}");
        let one = &all[0];
        assert_eq!((&one["wid"], &one["lid"], &one["type"]), (&json!(BEN), &json!(LID), &json!("user")));
        assert_eq!((&one["info"]["city"], &one["info"]["name"]), (&json!("Bonn"), &json!("Ben")));
        assert_eq!(one["info"]["notes"], "by number\n\nby id");
        assert_eq!(one["metadata"], json!([{ "key": "a", "value": "1" }]));
        // Found by either, and by the words of both.
        for id in [BEN, LID, "+16001234561"] {
            let found = number.surface.get(&number.path(&format!("contacts/{id}"))).await.json();
            assert_eq!(found["wid"], BEN, "{id}");
        }
        let found = number.surface.get(&number.path("contacts?search=ben&metadataKey=a")).await.json();
        assert_eq!(found[0]["wid"], BEN);
    }
}

#[tokio::test]
async fn a_person_who_moves_takes_the_contact_along() {
    let number = linked().await;
    writes(&number, "POST", "contacts", json!({ "phone": "+16001234561", "name": "Ben" })).await;
    let to = Person { wid: wid("491701234567@c.us"), lid: None };
    let person = Person { wid: wid(BEN), lid: None };
    let moved = ContactReport { person, news: ContactNews::Moved { to }, catching_up: false };
    number.fake.reports(Report::Contacts(vec![moved])).await;
    let all = contacts(&number).await;
    assert_eq!(all.len(), 1);
    assert_eq!((&all[0]["wid"], &all[0]["info"]["name"]), (&json!("491701234567@c.us"), &json!("Ben")));
    assert_eq!(all[0]["locationInfo"]["alpha2"], "DE");
}

#[tokio::test]
async fn a_label_that_is_told_after_its_chats_is_on_them() {
    let number = linked().await;
    let on = |id: &str| LabelReport::Chat { id: id.to_owned(), chat: wid(BEN), on: true, at: number.now };
    let label = |id: &str, name: &str| LabelReport::Saved { id: id.to_owned(), name: name.to_owned(), color: 3 };
    // The chat was never heard of, and one of the labels never comes.
    number.fake.reports(Report::Labels(vec![on("9"), on("8"), label("9", "Paid")])).await;
    let chat = number.surface.get(&number.path(&format!("chats/{BEN}"))).await.json();
    assert_eq!(chat["labels"], json!(["Paid"]), "{chat:#}");
    // Another name, then gone.
    number.fake.reports(Report::Labels(vec![label("9", "Settled")])).await;
    let chat = number.surface.get(&number.path(&format!("chats/{BEN}"))).await.json();
    assert_eq!(chat["labels"], json!(["Settled"]));
    number.fake.reports(Report::Labels(vec![LabelReport::Deleted { id: "9".to_owned() }])).await;
    let chat = number.surface.get(&number.path(&format!("chats/{BEN}"))).await.json();
    assert_eq!(chat["labels"], json!([]));
}

#[tokio::test]
async fn an_entry_that_is_taken_out_of_the_address_book_makes_no_contact() {
    let number = linked().await;
    let book = |name: Option<&str>| {
        let news = ContactNews::Book { name: name.map(str::to_owned), first_name: None };
        Report::Contacts(vec![ContactReport { person: Person { wid: wid(BEN), lid: None }, news, catching_up: false }])
    };
    number.fake.reports(book(None)).await;
    assert!(contacts(&number).await.is_empty());
    number.fake.reports(book(Some("Ben from school"))).await;
    assert_eq!(contacts(&number).await[0]["name"], "Ben from school");
    number.fake.reports(book(None)).await;
    let all = contacts(&number).await;
    assert_eq!((all.len(), &all[0]["name"], &all[0]["displayName"]), (1, &Value::Null, &json!("+1 600-123-4561")));
}
