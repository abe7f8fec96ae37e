//! Groups: each operation of the client, seen on the phones of other members.

use serde_json::{Value, json};
use whatsapp_rust::types::events::Event;
use whatsapp_rust::wacore::iq::privacy::{PrivacyCategory, PrivacyValue};
use whatsapp_rust::wacore::stanza::groups::GroupNotificationAction;
use whatsapp_rust::{
    BatchGroupResult, Freshness, GroupCreateOptions, GroupDescription, GroupError, GroupParticipantOptions,
    GroupSubject, Jid, JoinGroupResult, MemberAddMode, MemberLinkMode, MemberShareHistoryMode, MembershipApprovalMode,
    PictureType, PreviousDescription,
};

use crate::support::{ALICE, BOB, CAROL, Companion, OWN, Place, jid};

/// A client whose number has made a group with Alice and Bob.
async fn group(place: &Place) -> (Companion, Jid) {
    let own = Companion::link(place, OWN).await;
    let options = GroupCreateOptions::new("Team")
        .with_participants([ALICE, BOB].map(|number| GroupParticipantOptions::new(jid(number))).to_vec());
    let created = own.client.groups().create_group(options).await.unwrap();
    (own, created.metadata.id)
}

impl Place {
    /// A group as a phone shows it.
    async fn group(&self, phone: &str, id: &Jid) -> Value {
        self.get(&format!("/phones/{phone}/groups/{id}")).await
    }

    /// Waits until a phone was told of a change of a group.
    async fn group_event(&self, phone: &str, id: &Jid, change: &str) -> Value {
        let id = id.to_string();
        self.event(phone, |event| event["kind"] == "group" && event["group"] == id && event["change"] == change).await
    }
}

/// The roles on a phone's list of members.
fn roles(group: &Value) -> Vec<(&str, &str)> {
    let people = group["participants"].as_array().unwrap().iter();
    people.map(|person| (person["phone"].as_str().unwrap(), person["role"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_new_group_is_on_the_phone_of_everybody_in_it() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let mut options = GroupCreateOptions::new("Team")
        .with_participants([ALICE, BOB].map(|number| GroupParticipantOptions::new(jid(number))).to_vec())
        .with_member_add_mode(MemberAddMode::AdminAdd)
        .with_member_link_mode(MemberLinkMode::AllMemberLink)
        .with_ephemeral_expiration(86_400);
    options.membership_approval_mode = Some(MembershipApprovalMode::On);
    options.description = Some(GroupDescription::new("What we do").unwrap());
    let created = own.client.groups().create_group(options).await.unwrap().metadata;

    assert_eq!(created.participants.len(), 3);
    place.group_event(ALICE, &created.id, "create").await;
    let shown = place.group(ALICE, &created.id).await;
    assert_eq!(roles(&shown), [(OWN, "superadmin"), (ALICE, "member"), (BOB, "member")]);
    assert_eq!((&shown["subject"], &shown["description"]), (&json!("Team"), &json!("What we do")));
    let settings = &shown["settings"];
    assert_eq!(
        (&settings["membersAdd"], &settings["membersShareLink"], &settings["ephemeral"], &settings["approval"]),
        (&json!(false), &json!(true), &json!(86_400), &json!(true))
    );
    assert_eq!(place.get(&format!("/phones/{CAROL}/groups")).await["groups"], json!([]));
    let own_event = own
        .events
        .take("its own group", |event| match event {
            Event::GroupUpdate(update) => {
                matches!(update.action, GroupNotificationAction::Create { .. }).then(|| update.group_jid.clone())
            }
            _ => None,
        })
        .await;
    assert_eq!(own_event, created.id);
}

#[tokio::test]
async fn members_come_and_go_and_become_admins() {
    let place = Place::new().await;
    let (own, id) = group(&place).await;
    let groups = own.client.groups();

    let added = groups.add_participants(&id, &[jid(CAROL), jid(ALICE), jid("+16009999999")]).await.unwrap();
    let errors: Vec<Option<&str>> = added.iter().map(|one| one.error.as_deref()).collect();
    assert_eq!(errors, [None, Some("409"), Some("404")]);
    let event = place.group_event(BOB, &id, "add").await;
    assert_eq!((&event["by"], &event["participants"]), (&json!(OWN), &json!([CAROL])));
    place.group_event(CAROL, &id, "create").await;

    groups.promote_participants(&id, &[jid(ALICE)]).await.unwrap();
    place.group_event(BOB, &id, "promote").await;
    assert_eq!(roles(&place.group(BOB, &id).await)[1], (ALICE, "admin"));
    groups.demote_participants(&id, &[jid(ALICE)]).await.unwrap();
    place.group_event(BOB, &id, "demote").await;
    assert_eq!(roles(&place.group(BOB, &id).await)[1], (ALICE, "member"));

    groups.remove_participants(&id, &[jid(BOB)]).await.unwrap();
    for phone in [ALICE, BOB, CAROL] {
        let event = place.group_event(phone, &id, "remove").await;
        assert_eq!(event["participants"], json!([BOB]));
    }
    assert_eq!(place.group(BOB, &id).await["member"], false);
    assert_eq!(roles(&place.group(ALICE, &id).await).len(), 3);

    groups.leave(&id).await.unwrap();
    let event = place.group_event(ALICE, &id, "promote").await;
    assert_eq!(event["participants"], json!([ALICE]), "somebody else keeps the keys");
    assert_eq!(roles(&place.group(CAROL, &id).await), [(ALICE, "admin"), (CAROL, "member")]);
    assert!(matches!(groups.get_metadata(&id).await, Err(GroupError::Iq(_))), "who has left sees it no more");
}

#[tokio::test]
async fn who_does_not_want_to_be_added_is_invited() {
    let place = Place::new().await;
    let (own, id) = group(&place).await;
    let carol = Companion::link(&place, CAROL).await;
    carol.client.set_privacy_setting(PrivacyCategory::GroupAdd, PrivacyValue::None).await.unwrap();

    let added = own.client.groups().add_participants(&id, &[jid(CAROL)]).await.unwrap();
    assert_eq!(added[0].error.as_deref(), Some("403"));
    let invitation = added[0].add_request.clone().unwrap();
    let expiration = i64::try_from(invitation.expiration).unwrap();
    let joined = carol.client.groups().join_with_invite_v4(&id, &invitation.code, expiration, jid(OWN)).await.unwrap();
    assert_eq!(joined, JoinGroupResult::Joined(id.clone()));
    place.group_event(ALICE, &id, "add").await;
    assert_eq!(roles(&place.group(ALICE, &id).await).len(), 4);
    carol.client.groups().leave(&id).await.unwrap();

    let again = own.client.groups().add_participants(&id, &[jid(CAROL)]).await.unwrap();
    let code = again[0].add_request.clone().unwrap().code;
    own.client.groups().revoke_request_code(&id, &[jid(CAROL)]).await.unwrap();
    let refused = carol.client.groups().join_with_invite_v4(&id, &code, 0, jid(OWN)).await;
    assert!(refused.is_err(), "the invitation was taken back");
}

#[tokio::test]
async fn subject_description_and_picture_change_for_all() {
    let place = Place::new().await;
    let (own, id) = group(&place).await;
    let groups = own.client.groups();

    groups.set_subject(&id, GroupSubject::new("Crew").unwrap()).await.unwrap();
    let event = place.group_event(ALICE, &id, "subject").await;
    assert_eq!((&event["subject"], &event["by"]), (&json!("Crew"), &json!(OWN)));

    let text = |text: &str| Some(GroupDescription::new(text).unwrap());
    groups.set_description(&id, text("first"), PreviousDescription::Absent).await.unwrap();
    let conflict = groups.set_description(&id, text("second"), PreviousDescription::Absent).await;
    assert!(matches!(conflict, Err(GroupError::DescriptionConflict)), "{conflict:?}");
    groups.set_description(&id, text("second"), PreviousDescription::Resolve).await.unwrap();
    place.event(ALICE, |event| event["change"] == "description" && event["description"] == "second").await;
    assert_eq!(place.group(ALICE, &id).await["description"], "second");
    groups.set_description(&id, None, PreviousDescription::Resolve).await.unwrap();
    place.event(ALICE, |event| event["change"] == "description" && event["description"].is_null()).await;
    assert_eq!(place.group(ALICE, &id).await["description"], Value::Null);

    let picture = groups.set_profile_picture(&id, vec![0xff, 0xd8, 0xff, 1, 2, 3]).await.unwrap();
    let event = place.group_event(ALICE, &id, "picture").await;
    assert_eq!(event["picture"].to_string(), picture.id);
    let found = groups.get_profile_pictures(vec![id.clone()], PictureType::Image).await.unwrap();
    assert_eq!(found[0].photo_id.as_ref(), Some(&picture.id));
    groups.remove_profile_picture(&id).await.unwrap();
    place.event(ALICE, |event| event["change"] == "picture" && event["picture"].is_null()).await;
    assert_eq!(place.group(ALICE, &id).await["picture"], Value::Null);
}

#[tokio::test]
async fn each_switch_is_seen_by_the_others() {
    let place = Place::new().await;
    let (own, id) = group(&place).await;
    let groups = own.client.groups();

    groups.set_locked(&id, true).await.unwrap();
    groups.set_announce(&id, true).await.unwrap();
    groups.set_ephemeral(&id, 604_800).await.unwrap();
    groups.set_membership_approval(&id, MembershipApprovalMode::On).await.unwrap();
    groups.set_member_add_mode(&id, MemberAddMode::AdminAdd).await.unwrap();
    groups.set_no_frequently_forwarded(&id, true).await.unwrap();
    groups.set_allow_admin_reports(&id, true).await.unwrap();
    groups.set_group_history(&id, true).await.unwrap();
    groups.set_member_link_mode(&id, MemberLinkMode::AllMemberLink).await.unwrap();
    groups.set_member_share_history_mode(&id, MemberShareHistoryMode::AllMemberShare).await.unwrap();
    groups.set_limit_sharing(&id, true).await.unwrap();
    groups.acknowledge(&id).await.unwrap();
    place.group_event(ALICE, &id, "limit_sharing_enabled").await;
    let wanted = json!({
        "locked": true, "announcement": true, "ephemeral": 604_800, "approval": true, "membersAdd": false,
        "membersShareLink": true, "membersShareHistory": true, "noFrequentlyForwarded": true, "adminReports": true,
        "history": true, "limitSharing": true, "closed": null, "openCreation": null,
    });
    assert_eq!(place.group(ALICE, &id).await["settings"], wanted);

    let (status, answer) = place
        .request("POST", &format!("/phones/{ALICE}/messages"), Some(json!({"to": id.to_string(), "text": "hi"})))
        .await;
    assert_eq!((status, &answer["code"]), (403, &json!(403)), "only admins write");
    let (status, _) =
        place.request("PATCH", &format!("/phones/{ALICE}/groups/{id}"), Some(json!({"subject": "x"}))).await;
    assert_eq!(status, 403, "only admins name the group");

    groups.set_locked(&id, false).await.unwrap();
    groups.set_announce(&id, false).await.unwrap();
    groups.set_ephemeral(&id, 0).await.unwrap();
    groups.set_membership_approval(&id, MembershipApprovalMode::Off).await.unwrap();
    groups.set_member_add_mode(&id, MemberAddMode::AllMemberAdd).await.unwrap();
    groups.set_no_frequently_forwarded(&id, false).await.unwrap();
    groups.set_allow_admin_reports(&id, false).await.unwrap();
    groups.set_group_history(&id, false).await.unwrap();
    groups.set_limit_sharing(&id, false).await.unwrap();
    place.group_event(ALICE, &id, "limit_sharing_disabled").await;
    let settings = &place.group(ALICE, &id).await["settings"];
    for name in
        ["locked", "announcement", "approval", "noFrequentlyForwarded", "adminReports", "history", "limitSharing"]
    {
        assert_eq!(settings[name], false, "{name}");
    }
    assert_eq!((&settings["ephemeral"], &settings["membersAdd"]), (&json!(0), &json!(true)));
}

#[tokio::test]
async fn a_link_lets_people_in_until_it_is_revoked() {
    let place = Place::new().await;
    let (own, id) = group(&place).await;
    let groups = own.client.groups();
    let link = groups.get_invite_link(&id, false).await.unwrap();

    let carol = Companion::link(&place, CAROL).await;
    let info = carol.client.groups().get_invite_info(&link).await.unwrap();
    assert_eq!((info.id.clone(), info.subject.as_str(), info.participants.len()), (id.clone(), "Team", 0));
    let joined = carol.client.groups().join_with_invite_code(&link).await.unwrap();
    assert_eq!(joined, JoinGroupResult::Joined(id.clone()));
    let event = place.group_event(ALICE, &id, "add").await;
    assert_eq!((&event["participants"], &event["reason"]), (&json!([CAROL]), &json!("invite")));

    let other = groups.get_invite_link(&id, true).await.unwrap();
    assert_ne!(link, other);
    let (status, _) = place.request("POST", "/phones/+16001234599/groups/join", Some(json!({"code": link}))).await;
    assert_eq!(status, 404, "the phone does not exist");
    place.post("/phones", json!({"phone": "+16001234599"})).await;
    let (status, _) = place.request("POST", "/phones/+16001234599/groups/join", Some(json!({"code": link}))).await;
    assert_eq!(status, 410, "the old link leads nowhere");
    place.post("/phones/+16001234599/groups/join", json!({"code": other})).await;

    groups.remove_participants(&id, &[jid(CAROL)]).await.unwrap();
    assert!(carol.client.groups().join_with_invite_code(&other).await.is_err(), "who was taken out stays out");
}

#[tokio::test]
async fn an_admin_decides_who_comes_in() {
    let place = Place::new().await;
    let (own, id) = group(&place).await;
    let groups = own.client.groups();
    groups.set_membership_approval(&id, MembershipApprovalMode::On).await.unwrap();
    let link = groups.get_invite_link(&id, false).await.unwrap();
    let carol = Companion::link(&place, CAROL).await;
    let enter = || async { carol.client.groups().join_with_invite_code(&link).await.unwrap() };

    assert_eq!(enter().await, JoinGroupResult::PendingApproval(id.clone()));
    let asked = own
        .events
        .take("the request", |event| match event {
            Event::GroupUpdate(update) => match &update.action {
                GroupNotificationAction::CreatedMembershipRequests { requests, .. } => Some(requests[0].jid.clone()),
                _ => None,
            },
            _ => None,
        })
        .await;
    let waiting = groups.get_membership_requests(&id).await.unwrap();
    assert_eq!((waiting.len(), &waiting[0].jid), (1, &asked));
    groups.reject_membership_requests(&id, std::slice::from_ref(&asked)).await.unwrap();
    place.group_event(CAROL, &id, "revoked_membership_requests").await;
    assert_eq!(groups.get_membership_requests(&id).await.unwrap().len(), 0);

    enter().await;
    carol.client.groups().cancel_membership_requests(&id, &[jid(CAROL)]).await.unwrap();
    assert_eq!(groups.get_membership_requests(&id).await.unwrap().len(), 0);

    enter().await;
    groups.approve_membership_requests(&id, &[asked]).await.unwrap();
    place.group_event(CAROL, &id, "create").await;
    assert_eq!(roles(&place.group(ALICE, &id).await)[3], (CAROL, "member"));
}

#[tokio::test]
async fn the_client_reads_back_what_it_has_set_up() {
    let place = Place::new().await;
    let (own, id) = group(&place).await;
    let groups = own.client.groups();
    let other =
        place.post(&format!("/phones/{ALICE}/groups"), json!({"subject": "Others", "participants": [BOB]})).await;
    let other: Jid = other["id"].as_str().unwrap().parse().unwrap();
    groups.set_announce(&id, true).await.unwrap();
    groups
        .set_description(&id, Some(GroupDescription::new("Hello").unwrap()), PreviousDescription::Absent)
        .await
        .unwrap();

    let metadata = groups.get_metadata(&id).await.unwrap();
    assert_eq!((metadata.subject.as_str(), metadata.description.as_deref()), ("Team", Some("Hello")));
    assert!(metadata.is_announcement && !metadata.is_locked);
    assert!(metadata.participants.iter().all(|one| one.jid.is_lid() && one.phone_number.is_some()));
    let admins: Vec<_> = metadata.participants.iter().filter(|one| one.is_super_admin()).collect();
    assert_eq!(admins[0].phone_number, Some(jid(OWN)));

    let info = groups.query_info(&id).await.unwrap();
    assert_eq!(info.participants.len(), metadata.participants.len());
    groups.query_info_with_freshness(&id, Freshness::Refresh).await.unwrap();

    let all = groups.get_participating().await.unwrap();
    assert_eq!(all.keys().collect::<Vec<_>>(), [&id]);
    assert_eq!(all[&id], metadata);
    let several =
        groups.batch_get_info(vec![id.clone(), other.clone(), Jid::group("120363000000000999")]).await.unwrap();
    assert!(matches!(&several[0], BatchGroupResult::Full(one) if one.subject == "Team"), "{several:?}");
    assert!(matches!(&several[1], BatchGroupResult::Forbidden(one) if *one == other), "{several:?}");
    assert!(matches!(&several[2], BatchGroupResult::NotFound(_)), "{several:?}");
}

#[tokio::test]
async fn a_group_may_know_its_members_by_number() {
    let place = Place::new().await;
    let own = Companion::link(&place, OWN).await;
    let made = place
        .post(&format!("/phones/{ALICE}/groups"), json!({"subject": "Old", "participants": [OWN], "addressing": "pn"}))
        .await;
    let id: Jid = made["id"].as_str().unwrap().parse().unwrap();
    let sent = own.client.send_text(&id, "by number").await.unwrap();
    place.sees(ALICE, &sent.message_id).await;
    let answer = place.writes(ALICE, &id.to_string(), "me too").await;
    let message = own.message(&answer).await;
    assert_eq!(message.info.source.sender, jid(ALICE));
    let metadata = own.client.groups().get_metadata(&id).await.unwrap();
    assert!(metadata.participants.iter().all(|one| one.jid.is_pn() && one.lid.is_some()));
}
