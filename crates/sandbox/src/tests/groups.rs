//! Groups: what is allowed, who is told, and how large they may be.

use waproto::whatsapp::Message;

use crate::areas::groups::create::{self, Community, Wanted};
use crate::areas::groups::invite::{self, Entered};
use crate::areas::groups::participants::{self, Named};
use crate::areas::groups::properties::{self, Previous};
use crate::areas::groups::settings::{self, Change};
use crate::areas::groups::{Refused, community, requests, roles};
use crate::ids::{AccountId, Chat, DeviceRef, Domain, GroupId};
use crate::phone::{outgoing, reading};
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, one, world, written};
use crate::world::World;
use crate::world::group::{MAX_MEMBERS, Role, Settings};

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";
const CAROL: &str = "+16001234562";

fn named(world: &World, people: &[AccountId]) -> Vec<Named> {
    let jid = |person: &AccountId| world.jid(DeviceRef::phone(*person), Domain::Lid);
    people.iter().map(|person| Named { jid: jid(person), account: Some(*person) }).collect()
}

/// A group of `by` with others; members may add others.
fn group(world: &mut World, by: AccountId, others: &[AccountId]) -> GroupId {
    let people = named(world, others);
    let settings = Settings { all_add: true, ..Settings::default() };
    let wanted = Wanted { subject: "Team".to_owned(), people, settings, ..Wanted::default() };
    let (id, refused) = create::create(world, by, wanted).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    world.settle();
    id
}

fn three(world: &mut World) -> [AccountId; 3] {
    [ANA, BOB, CAROL].map(|number| account(world, number))
}

fn say(world: &mut World, who: AccountId, id: GroupId, text: &str) -> Result<String, outgoing::Unsent> {
    let message = Message { conversation: Some(text.to_owned()), ..Default::default() };
    let sent = outgoing::send_to(world, who, Chat::Group(id), message, None, (None, &[]))?;
    world.settle();
    Ok(sent.id)
}

fn texts(world: &World, of: AccountId, id: GroupId) -> Vec<String> {
    let phone = &world.accounts[&of].phone;
    phone.conversations.after(0, Some(Chat::Group(id))).filter_map(|shown| shown.text.clone()).collect()
}

/// What the last changes of groups were, as a phone was told.
fn changes(world: &World, of: AccountId) -> Vec<String> {
    let events = world.accounts[&of].phone.events.after(0).filter(|event| event.kind == "group");
    events.map(|event| event.fields["change"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn only_members_and_admins_may_do_what_is_theirs() {
    let mut world = world();
    let [ana, bob, carol] = three(&mut world);
    let id = group(&mut world, ana, &[bob]);
    let subject = |world: &mut World, who| properties::set_subject(world, who, id, "Other");
    assert_eq!(subject(&mut world, carol), Err(Refused::FORBIDDEN));
    assert_eq!(subject(&mut world, bob), Ok(()));
    assert_eq!(settings::set(&mut world, bob, id, Change::Locked(true)), Err(Refused::FORBIDDEN));
    settings::set(&mut world, ana, id, Change::Locked(true)).unwrap();
    assert_eq!(subject(&mut world, bob), Err(Refused::FORBIDDEN));
    assert_eq!(settings::set(&mut world, bob, id, Change::Ephemeral(Some((60, None)))), Err(Refused::FORBIDDEN));
    settings::set(&mut world, ana, id, Change::AllAdd(false)).unwrap();
    let people = named(&world, &[carol]);
    assert_eq!(participants::add(&mut world, bob, id, people.clone()).unwrap_err(), Refused::FORBIDDEN);
    assert_eq!(participants::remove(&mut world, bob, id, people).unwrap_err(), Refused::FORBIDDEN);
    assert_eq!(invite::code(&world, bob, id), Err(Refused::NOT_AUTHORIZED));
    assert_eq!(invite::code(&world, carol, id), Err(Refused::FORBIDDEN));
    assert_eq!(say(&mut world, carol, id, "hi"), Err(outgoing::Unsent::Refused(403)));
    settings::set(&mut world, ana, id, Change::Announcement(true)).unwrap();
    assert_eq!(say(&mut world, bob, id, "hi"), Err(outgoing::Unsent::Refused(403)));
    assert_eq!(properties::set_subject(&mut world, ana, GroupId(7), "x"), Err(Refused::NOT_FOUND));
}

#[test]
fn who_made_the_group_stays_in_charge() {
    let mut world = world();
    let [ana, bob, _] = three(&mut world);
    let id = group(&mut world, ana, &[bob]);
    let (the_maker, the_other) = (named(&world, &[ana]), named(&world, &[bob]));
    roles::set_role(&mut world, ana, id, the_other, Role::Admin).unwrap();
    let outcome = roles::set_role(&mut world, bob, id, the_maker.clone(), Role::Member).unwrap();
    assert_eq!(outcome[0].refused, Some(Refused::FORBIDDEN));
    let outcome = participants::remove(&mut world, bob, id, the_maker).unwrap();
    assert_eq!(outcome[0].refused, Some(Refused::FORBIDDEN));
    assert_eq!(world.groups.get(id).unwrap().role(ana), Some(Role::SuperAdmin));
}

#[test]
fn texts_and_timers_have_limits() {
    let mut world = world();
    let [ana, bob, _] = three(&mut world);
    let id = group(&mut world, ana, &[bob]);
    for subject in ["", "   ", &"x".repeat(101)] {
        assert_eq!(properties::set_subject(&mut world, ana, id, subject), Err(Refused::NOT_ACCEPTABLE), "{subject}");
    }
    properties::set_subject(&mut world, ana, id, &"ü".repeat(100)).unwrap();
    let long = Some("x".repeat(2_049));
    let described = properties::set_description(&mut world, ana, id, long, None, Previous::Any);
    assert_eq!(described, Err(Refused::NOT_ACCEPTABLE));
    let timer = Change::Ephemeral(Some((u32::MAX, None)));
    assert_eq!(settings::set(&mut world, ana, id, timer), Err(Refused::BAD_REQUEST));
    assert_eq!(settings::set(&mut world, ana, id, Change::OpenCreation(true)), Err(Refused::BAD_REQUEST));
}

#[test]
fn a_change_is_told_to_every_device_of_every_member_and_to_nobody_else() {
    let mut world = world();
    let (of_ana, of_bob) = (Companion::linked(&mut world, ANA, 1), Companion::linked(&mut world, BOB, 2));
    let of_carol = Companion::linked(&mut world, CAROL, 3);
    let id = group(&mut world, of_ana.device.account, &[of_bob.device.account]);
    for companion in [&of_ana, &of_bob] {
        let stanzas = written(&mut world, companion.conn);
        let told = one(&stanzas, "notification");
        assert_eq!((told.text_of("type").as_ref(), told.jid_of("from")), ("w:gp2", Some(id.jid())));
        assert_eq!(told.jid_of("participant"), Some(world.accounts[&of_ana.device.account].jid(Domain::Lid)));
        let group = told.child("create").and_then(|create| create.child("group")).unwrap();
        assert_eq!(group.text_of("id"), id.0.to_string(), "whatsmeow wants the bare id");
        assert_eq!(group.nodes().iter().filter(|child| child.tag == "participant").count(), 2);
    }
    assert!(written(&mut world, of_carol.conn).iter().all(|stanza| stanza.tag != "notification"));
}

#[test]
fn a_phone_that_is_off_learns_of_changes_when_it_is_on_again() {
    let mut world = world();
    let [ana, bob, carol] = three(&mut world);
    let id = group(&mut world, ana, &[bob]);
    world.accounts.get_mut(&bob).unwrap().phone.online = false;
    properties::set_subject(&mut world, ana, id, "Crew").unwrap();
    let people = named(&world, &[carol]);
    participants::add(&mut world, ana, id, people).unwrap();
    world.settle();
    let shown = |world: &World| world.accounts[&bob].phone.many.groups[&id].group.clone();
    assert_eq!((shown(&world).subject.text.as_str(), shown(&world).members.len()), ("Team", 2));
    say(&mut world, carol, id, "hi").unwrap();
    crate::phone::incoming::switched_on(&mut world, bob);
    world.settle();
    assert_eq!((shown(&world).subject.text.as_str(), shown(&world).members.len()), ("Crew", 3));
    assert_eq!(changes(&world, bob), ["create", "subject", "add"]);
    assert_eq!(texts(&world, bob, id), ["hi"]);
}

#[test]
fn who_is_taken_out_can_not_read_what_follows() {
    let mut world = world();
    let [ana, bob, carol] = three(&mut world);
    let id = group(&mut world, ana, &[bob, carol]);
    say(&mut world, ana, id, "one").unwrap();
    let before = world.accounts[&bob].phone.sender_keys.count();
    let people = named(&world, &[bob]);
    participants::remove(&mut world, ana, id, people.clone()).unwrap();
    world.settle();
    assert!(world.accounts[&bob].phone.sender_keys.count() < before, "its keys are of no use any more");
    say(&mut world, ana, id, "two").unwrap();
    assert_eq!(texts(&world, bob, id), ["one"]);
    assert_eq!(texts(&world, carol, id), ["one", "two"]);
    participants::add(&mut world, ana, id, people).unwrap();
    say(&mut world, ana, id, "three").unwrap();
    assert_eq!(texts(&world, bob, id), ["one", "three"]);
}

#[test]
fn reading_in_a_group_is_told_to_the_author_of_each_message() {
    let mut world = world();
    let [ana, bob, carol] = three(&mut world);
    let id = group(&mut world, ana, &[bob, carol]);
    let of_ana = say(&mut world, ana, id, "from ana").unwrap();
    let of_bob = say(&mut world, bob, id, "from bob").unwrap();
    assert_eq!(reading::read(&mut world, carol, Chat::Group(id), None).len(), 2);
    world.settle();
    for (author, message) in [(ana, &of_ana), (bob, &of_bob)] {
        let shown = world.accounts[&author].phone.conversations.find(message).unwrap();
        let readers: Vec<&str> =
            shown.receipts.iter().filter(|receipt| receipt.kind == "read").map(|receipt| receipt.by.as_str()).collect();
        assert_eq!(readers, [CAROL]);
    }
}

#[test]
fn a_list_of_devices_that_is_not_right_is_answered_with_the_right_hash() {
    let mut world = world();
    let companion = Companion::linked(&mut world, ANA, 1);
    let (ana, bob) = (companion.device.account, account(&mut world, BOB));
    let id = group(&mut world, ana, &[bob]);
    written(&mut world, companion.conn);
    let devices = [DeviceRef::phone(ana), companion.device, DeviceRef::phone(bob)];
    let jids = devices.map(|device| world.jid(device, Domain::Lid));
    let right = wacore::messages::MessageUtils::participant_list_hash(&jids).unwrap();
    for (message, phash, answer) in [("A1", right.as_str(), None), ("A2", "2:AAAAAAAA", Some(right.clone()))] {
        let enc = node("enc").attr("v", 2).attr("type", "skmsg").bytes(vec![1, 2, 3]).build();
        let stanza = node("message").attr("to", id.jid()).attr("id", message).attr("type", "text").attr("phash", phash);
        world.received(companion.conn, &stanza.children([enc]).build());
        let stanzas = written(&mut world, companion.conn);
        let ack = stanzas.iter().find(|stanza| stanza.text_of("class") == "message").unwrap();
        assert_eq!(ack.maybe_text("phash"), answer, "{message}");
    }
}

#[test]
fn a_link_asks_an_admin_where_it_must() {
    let mut world = world();
    let [ana, bob, carol] = three(&mut world);
    let id = group(&mut world, ana, &[bob]);
    settings::set(&mut world, ana, id, Change::Approval(true)).unwrap();
    let code = invite::code(&world, ana, id).unwrap();
    assert_eq!(invite::enter(&mut world, carol, &code), Ok(Entered::Waiting(id)));
    assert_eq!(invite::enter(&mut world, carol, &code), Err(Refused::CONFLICT));
    world.settle();
    assert!(changes(&world, ana).contains(&"created_membership_requests".to_owned()));
    assert!(!changes(&world, bob).contains(&"created_membership_requests".to_owned()), "that is for admins");
    let people = named(&world, &[carol]);
    assert_eq!(requests::decide(&mut world, bob, id, people, true).unwrap_err(), Refused::FORBIDDEN);
    settings::set(&mut world, ana, id, Change::Approval(false)).unwrap();
    assert!(world.groups.get(id).unwrap().role(carol).is_some(), "nobody has to wait any more");
    invite::reset(&mut world, ana, id).unwrap();
    assert_eq!(invite::enter(&mut world, carol, &code), Err(Refused::GONE));
}

#[test]
fn an_invitation_is_for_one_person_and_three_days() {
    let mut world = world();
    let [ana, bob, carol] = three(&mut world);
    let id = group(&mut world, ana, &[]);
    world.accounts.get_mut(&bob).unwrap().privacy.insert("groupadd".to_owned(), "none".to_owned());
    let people = named(&world, &[bob]);
    let outcomes = participants::add(&mut world, ana, id, people).unwrap();
    let invitation = outcomes[0].invitation.clone().unwrap();
    assert_eq!(outcomes[0].refused, Some(Refused::FORBIDDEN));
    assert_eq!(invite::accept(&mut world, carol, id, &invitation.code), Err(Refused::NOT_FOUND));
    crate::testing::pass(&mut world, 4 * 24 * 3_600_000);
    assert_eq!(invite::accept(&mut world, bob, id, &invitation.code), Err(Refused::GONE));
}

#[test]
fn a_community_ends_and_its_groups_go_on() {
    let mut world = world();
    let [ana, bob, _] = three(&mut world);
    let wanted = Wanted {
        subject: "School".to_owned(),
        community: Some(Community { closed: false, open_creation: false, general_chat: true }),
        ..Wanted::default()
    };
    let (school, _) = create::create(&mut world, ana, wanted).unwrap();
    let class = group(&mut world, ana, &[bob]);
    community::link_group(&mut world, ana, school, class).unwrap();
    assert_eq!(world.groups.of(bob).len(), 4, "class, community, announcements and general chat");
    let parent = Wanted { subject: "Mine".to_owned(), parent: Some(school), ..Wanted::default() };
    assert_eq!(create::create(&mut world, bob, parent).unwrap_err(), Refused::FORBIDDEN);
    community::deactivate(&mut world, ana, school).unwrap();
    assert_eq!((world.groups.of(ana), world.groups.of(bob)), (vec![class], vec![class]));
    assert_eq!(world.groups.get(class).unwrap().community(), None);
}

#[test]
fn a_deleted_account_is_in_no_group() {
    let mut world = world();
    let [ana, bob, carol] = three(&mut world);
    let id = group(&mut world, ana, &[bob, carol]);
    world.remove_account(ana);
    world.settle();
    let group = world.groups.get(id).unwrap();
    assert_eq!((group.role(ana), group.role(bob)), (None, Some(Role::Admin)), "the next one takes over");
    say(&mut world, bob, id, "still here").unwrap();
    assert_eq!(texts(&world, carol, id), ["still here"]);
    world.remove_account(bob);
    world.remove_account(carol);
    assert!(world.groups.get(id).is_none(), "nobody is left");
}

#[test]
fn a_full_group_is_made_written_to_and_takes_no_more() {
    let mut world = world();
    let ana = account(&mut world, ANA);
    let people: Vec<AccountId> = (1..MAX_MEMBERS).map(|n| account(&mut world, &format!("+1700{n:07}"))).collect();
    let id = group(&mut world, ana, &people);
    for text in ["one", "two"] {
        say(&mut world, ana, id, text).unwrap();
    }
    for person in [people[0], people[500], people[MAX_MEMBERS - 2]] {
        assert_eq!(texts(&world, person, id), ["one", "two"]);
        assert_eq!(world.accounts[&person].phone.many.groups[&id].group.members.len(), MAX_MEMBERS);
    }
    let one_more = account(&mut world, BOB);
    let outcomes = {
        let people = named(&world, &[one_more]);
        participants::add(&mut world, ana, id, people).unwrap()
    };
    assert_eq!(outcomes[0].refused, Some(Refused::FULL));
    let code = invite::code(&world, ana, id).unwrap();
    assert_eq!(invite::enter(&mut world, one_more, &code), Err(Refused::FULL));
}
