//! Communities: groups under one roof, as their members see them.

use serde_json::{Value, json};
use whatsapp_rust::{CreateCommunityOptions, GroupCreateOptions, GroupParticipantOptions, GroupType, Jid, group_type};

use crate::support::{ALICE, BOB, CAROL, Companion, OWN, Place, jid};

const DAVE: &str = "+16001234564";

async fn community(own: &Companion) -> Jid {
    let mut options = CreateCommunityOptions::new("School");
    options.description = Some("All of us".to_owned());
    options.allow_non_admin_sub_group_creation = true;
    own.client.community().create(options).await.unwrap().metadata.id
}

async fn group(own: &Companion, subject: &str, people: &[&str]) -> Jid {
    let people = people.iter().map(|number| GroupParticipantOptions::new(jid(number))).collect();
    let options = GroupCreateOptions::new(subject).with_participants(people);
    own.client.groups().create_group(options).await.unwrap().metadata.id
}

/// Subject and kind of all groups on a phone that its person is in.
async fn groups_of(place: &Place, phone: &str) -> Vec<(String, String)> {
    let answer = place.get(&format!("/phones/{phone}/groups")).await;
    let groups = answer["groups"].as_array().unwrap().iter().filter(|group| group["member"] == true);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut groups: Vec<_> = groups.map(|group| (text(&group["subject"]), text(&group["kind"]))).collect();
    groups.sort();
    groups
}

fn named(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(subject, kind)| ((*subject).to_owned(), (*kind).to_owned())).collect()
}

#[tokio::test]
async fn a_community_has_announcements_and_a_general_chat() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = community(&own).await;
    place.event(OWN, |event| event["change"] == "description" && event["description"] == "All of us").await;
    assert_eq!(
        groups_of(&place, OWN).await,
        named(&[("General", "general"), ("School", "announcements"), ("School", "community")])
    );
    let all = own.client.community().get_participating().await.unwrap();
    assert_eq!(all.keys().collect::<Vec<_>>(), [&id]);
    assert_eq!(group_type(&all[&id]), GroupType::Community);
    let mut kinds: Vec<_> = own.client.community().get_subgroups(&id).await.unwrap();
    kinds.sort_by_key(|group| group.is_general_chat);
    let kinds: Vec<_> = kinds.iter().map(|group| (group.is_default_sub_group, group.is_general_chat)).collect();
    assert_eq!(kinds, [(true, false), (false, true)]);
}

#[tokio::test]
async fn who_is_in_a_group_of_it_is_in_the_community() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = community(&own).await;
    let community = own.client.community();
    let made = community.create_subgroup("Class A", &[jid(ALICE)], &id).await.unwrap().metadata.id;
    let other = group(&own, "Class B", &[BOB]).await;
    let linked = community.link_subgroups(&id, std::slice::from_ref(&other)).await.unwrap();
    assert_eq!((linked.linked_jids, linked.failed_groups), (vec![other.clone()], vec![]));
    let again = community.link_subgroups(&id, std::slice::from_ref(&other)).await.unwrap();
    assert_eq!(again.failed_groups, [(other.clone(), 409)]);

    let event = place.event(BOB, |event| event["change"] == "link" && event["linkType"] == "parent_group").await;
    assert_eq!((&event["group"], &event["other"]), (&json!(other.to_string()), &json!(id.to_string())));
    let event = place.event(ALICE, |event| event["change"] == "link" && event["group"] == id.to_string()).await;
    assert_eq!(event["linkType"], "sub_group");
    let rest = [("General", "general"), ("School", "announcements"), ("School", "community")];
    let with = |own: &'static str| {
        let mut groups = named(&rest);
        groups.push((own.to_owned(), "subgroup".to_owned()));
        groups.sort();
        groups
    };
    assert_eq!(groups_of(&place, ALICE).await, with("Class A"));
    assert_eq!(groups_of(&place, BOB).await, with("Class B"));

    let people = community.get_linked_groups_participants(&id).await.unwrap();
    let mut numbers: Vec<Jid> = people.into_iter().filter_map(|person| person.phone_number).collect();
    numbers.sort_by(|one, other| one.user.cmp(&other.user));
    assert_eq!(numbers, [OWN, ALICE, BOB].map(jid));
    let counts = community.get_subgroup_participant_counts(&id).await.unwrap();
    assert!(counts.contains(&(made.clone(), 2)) && counts.contains(&(other.clone(), 2)), "{counts:?}");
    let info = community.query_linked_group(&id, &made).await.unwrap();
    assert_eq!((info.subject.as_str(), info.parent_group_jid), ("Class A", Some(id)));
}

#[tokio::test]
async fn members_join_groups_of_their_community() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let of_bob = Companion::link(&place, BOB).await;
    let id = community(&own).await;
    let one = own.client.community().create_subgroup("Class A", &[jid(ALICE)], &id).await.unwrap().metadata.id;
    own.client.community().create_subgroup("Class B", &[jid(BOB)], &id).await.unwrap();
    let joined = of_bob.client.community().join_subgroup(&id, &one).await.unwrap();
    assert_eq!(joined.participants.len(), 3);
    let event = place.event(ALICE, |event| event["change"] == "add" && event["group"] == one.to_string()).await;
    assert_eq!(event["participants"], json!([BOB]));
    let sent = of_bob.client.send_text(&one, "hello, class").await.unwrap();
    assert_eq!(place.sees(ALICE, &sent.message_id).await["text"], "hello, class");

    let (status, _) =
        place.request("POST", &format!("/phones/{CAROL}/groups/join"), Some(json!({"group": one.to_string()}))).await;
    assert_eq!(status, 403, "Carol is not in the community");
}

#[tokio::test]
async fn only_admins_write_announcements() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = community(&own).await;
    own.client.community().create_subgroup("Class A", &[jid(ALICE)], &id).await.unwrap();
    let announcements = place.get(&format!("/phones/{OWN}/groups/{id}")).await["linked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|linked| linked.as_str().unwrap().parse::<Jid>().unwrap())
        .collect::<Vec<_>>();
    let mut written = 0;
    for group in announcements {
        let shown = place.get(&format!("/phones/{ALICE}/groups/{group}")).await;
        let path = format!("/phones/{ALICE}/messages");
        let (status, _) = place.request("POST", &path, Some(json!({"to": group.to_string(), "text": "me"}))).await;
        assert_eq!(status, if shown["kind"] == "announcements" { 403 } else { 201 }, "{shown}");
        if shown["kind"] == "announcements" {
            let sent = own.client.send_text(&group, "holidays").await.unwrap();
            assert_eq!(place.sees(ALICE, &sent.message_id).await["text"], "holidays");
            written += 1;
        }
    }
    assert_eq!(written, 1);
}

#[tokio::test]
async fn groups_leave_the_community_and_it_ends() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let id = community(&own).await;
    let community = own.client.community();
    let one = community.create_subgroup("Class A", &[jid(ALICE)], &id).await.unwrap().metadata.id;
    let other = community.create_subgroup("Class B", &[jid(BOB), jid(CAROL)], &id).await.unwrap().metadata.id;
    place.post("/phones", json!({"phone": DAVE, "name": "Dave"})).await;
    own.client.groups().add_participants(&other, &[jid(DAVE)]).await.unwrap();
    place.event(DAVE, |event| event["change"] == "create" && event["group"] == other.to_string()).await;
    let dave = [jid(DAVE)];
    own.client.groups().remove_participants_including_linked_groups(&id, &dave).await.unwrap();
    place.event(DAVE, |event| event["change"] == "remove" && event["group"] == other.to_string()).await;
    assert_eq!(groups_of(&place, DAVE).await, named(&[]));

    community.remove_participants(&id, &[jid(CAROL)]).await.unwrap();
    place.event(CAROL, |event| event["change"] == "remove" && event["group"] == id.to_string()).await;
    assert_eq!(groups_of(&place, CAROL).await, named(&[]), "out of one means out of all");

    let unlinked = community.unlink_subgroups(&id, std::slice::from_ref(&one), true).await.unwrap();
    assert_eq!(unlinked.unlinked_jids.first(), Some(&one));
    let event = place.event(ALICE, |event| event["change"] == "unlink" && event["group"] == one.to_string()).await;
    assert_eq!(event["linkType"], "parent_group");
    place.event(ALICE, |event| event["change"] == "remove" && event["group"] == id.to_string()).await;
    assert_eq!(groups_of(&place, ALICE).await, named(&[("Class A", "group")]));

    community.deactivate(&id).await.unwrap();
    place.event(BOB, |event| event["change"] == "delete" && event["group"] == id.to_string()).await;
    assert_eq!(groups_of(&place, BOB).await, named(&[("Class B", "group")]));
}
