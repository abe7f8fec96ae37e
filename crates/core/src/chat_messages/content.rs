//! What messages of some kind say beyond their text, as the outside sees it.

use std::collections::HashMap;

use sparkbot_store::rows::MarkRow;

use super::show::number;
use super::vcard;
use crate::clock::iso;
use crate::error::{Error, Result};
use crate::inbox::option_hash;
use crate::network::{Call, Choice, ContactCard, Event, GroupInvite, Location, Menu, Order, Poll, Product};
use crate::views::{
    ChatAttendee, ChatCard, ChatChoice, ChatEvent, ChatInvite, ChatList, ChatLocation, ChatOrder, ChatPoll,
    ChatPollOption, ChatProduct, ChatSection, ChatVoter,
};

pub(super) fn location(location: Location) -> ChatLocation {
    ChatLocation {
        latitude: location.latitude,
        longitude: location.longitude,
        name: location.name,
        address: location.address,
        is_live: location.live,
    }
}

pub(super) fn card(card: ContactCard) -> ChatCard {
    let facts = vcard::read(&card.vcard);
    ChatCard {
        name: if card.name.is_empty() { facts.name.unwrap_or_default() } else { card.name },
        phone: facts.phones.first().cloned(),
        phones: facts.phones,
        wids: facts.wids,
        emails: facts.emails,
        organization: facts.organization,
        vcard: card.vcard,
    }
}

/// A question with its votes counted: each person's last vote, and of it only
/// options that the question has.
pub(super) fn poll(poll: Poll, marks: &[MarkRow]) -> Result<ChatPoll> {
    let places: HashMap<String, usize> =
        poll.options.iter().enumerate().map(|(i, option)| (hex::encode(option_hash(option)), i)).collect();
    let mut options: Vec<ChatPollOption> =
        poll.options.into_iter().map(|name| ChatPollOption { name, votes: 0, voters: Vec::new() }).collect();
    let (mut count, mut participants) = (0, 0);
    let votes = || marks.iter().filter(|mark| mark.kind == "vote");
    for vote in votes() {
        let Some(value) = &vote.value else { continue };
        let chosen: Vec<String> = serde_json::from_str(value).map_err(Error::internal)?;
        let mut places: Vec<usize> = chosen.iter().filter_map(|hash| places.get(hash).copied()).collect();
        places.sort_unstable();
        places.dedup();
        participants += usize::from(!places.is_empty());
        count += places.len();
        for place in places {
            let Some(option) = options.get_mut(place) else { continue };
            option.votes += 1;
            option.voters.push(ChatVoter { id: vote.person.clone(), phone: number(&vote.person), date: iso(vote.at) });
        }
    }
    let last = votes().next_back();
    Ok(ChatPoll {
        name: poll.name,
        options,
        max: poll.selectable,
        multiple: poll.selectable != 1,
        count,
        participants,
        last_vote_at: last.map(|vote| iso(vote.at)),
        last_voter: last.map(|vote| vote.person.clone()),
    })
}

/// An appointment with its answers: each person's last.
pub(super) fn event(event: Event, marks: &[MarkRow], own: Option<&str>) -> ChatEvent {
    let answers = || marks.iter().filter(|mark| mark.kind == "attend");
    let participants: Vec<ChatAttendee> = answers()
        .filter_map(|mark| {
            Some(ChatAttendee {
                id: mark.person.clone(),
                phone: number(&mark.person),
                answer: mark.value.clone()?,
                date: iso(mark.at),
            })
        })
        .collect();
    let place = event.location;
    let at = place.as_ref().map(|place| (place.latitude, place.longitude)).filter(|at| *at != (0.0, 0.0));
    ChatEvent {
        name: event.name,
        description: event.description,
        location: place.and_then(|place| place.name.or(place.address)),
        latitude: at.map(|(latitude, _)| latitude),
        longitude: at.map(|(_, longitude)| longitude),
        date: iso(event.starts_at),
        end_date: event.ends_at.map(iso),
        call: event.call.map(|call| if call == Call::Video { "video" } else { "voice" }.to_owned()),
        link: event.link,
        canceled: event.canceled,
        attending: participants.iter().find(|p| Some(p.id.as_str()) == own).map(|p| p.answer == "going"),
        total_participants: participants.iter().filter(|p| p.answer == "going").count(),
        updated_at: answers().next_back().map(|mark| iso(mark.at)),
        participants,
    }
}

#[expect(clippy::cast_precision_loss, reason = "prices are far below 2^52 thousandths")]
fn price(thousandths: i64) -> f64 {
    thousandths as f64 / 1000.0
}

pub(super) fn product(product: Product) -> ChatProduct {
    ChatProduct {
        id: product.id,
        seller: product.seller.to_string(),
        name: product.name,
        description: product.description,
        price: product.price_1000.map(price),
        currency: product.currency,
        retailer_id: product.retailer_id,
        url: product.url,
    }
}

pub(super) fn order(order: Order) -> ChatOrder {
    ChatOrder {
        id: order.id,
        seller: order.seller.map(String::from),
        title: order.title,
        message: order.message,
        items: order.items,
        total: order.total_1000.map(price),
        currency: order.currency,
    }
}

pub(super) fn menu(menu: Menu) -> ChatList {
    match menu {
        Menu::Buttons { footer, buttons } => {
            let rows = buttons.into_iter().map(|b| ChatChoice { id: b.id, title: Some(b.text), description: None });
            let sections = vec![ChatSection { title: None, rows: rows.collect() }];
            ChatList { kind: "buttons".to_owned(), title: None, footer, button: None, sections }
        }
        Menu::List { title, footer, button, sections } => {
            let sections = sections.into_iter().map(|section| {
                let rows = section.rows.into_iter();
                let rows =
                    rows.map(|row| ChatChoice { id: row.id, title: Some(row.title), description: row.description });
                ChatSection { title: Some(section.title), rows: rows.collect() }
            });
            ChatList { kind: "list".to_owned(), title, footer, button: Some(button), sections: sections.collect() }
        }
    }
}

pub(super) fn choice(choice: Choice) -> ChatChoice {
    ChatChoice { id: choice.id, title: choice.title, description: choice.description }
}

pub(super) fn invite(invite: GroupInvite) -> ChatInvite {
    ChatInvite {
        group: invite.group.to_string(),
        name: invite.name,
        code: invite.code,
        expires_at: invite.expires_at.map(iso),
    }
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::MarkRow;

    use super::{event, poll};
    use crate::inbox::option_hash;
    use crate::network::{Event, Poll};

    fn mark(kind: &str, person: &str, value: Option<String>, at: i64) -> MarkRow {
        MarkRow {
            target: "3EB0".to_owned(),
            chat: "1@g.us".to_owned(),
            kind: kind.to_owned(),
            person: person.to_owned(),
            person_lid: None,
            wa_id: format!("{person}{at}"),
            value,
            at,
        }
    }

    fn vote(person: &str, options: &[&str], at: i64) -> MarkRow {
        let chosen: Vec<String> = options.iter().map(|option| hex::encode(option_hash(option))).collect();
        mark("vote", person, (!chosen.is_empty()).then(|| serde_json::json!(chosen).to_string()), at)
    }

    #[test]
    fn votes_are_counted_by_option_and_person() {
        let asked =
            Poll { name: "Lunch?".to_owned(), options: vec!["Pizza".to_owned(), "Soup".to_owned()], selectable: 0 };
        let marks = [
            vote("16001@c.us", &["Pizza", "Soup"], 1000),
            vote("16002@c.us", &["Soup", "Cake"], 2000),
            vote("16003@c.us", &[], 3000),
        ];
        let shown = poll(asked, &marks).expect("shown");
        let counts: Vec<_> = shown.options.iter().map(|o| (o.name.as_str(), o.votes, o.voters.len())).collect();
        assert_eq!(counts, [("Pizza", 1, 1), ("Soup", 2, 2)]);
        assert_eq!((shown.count, shown.participants), (3, 2));
        assert_eq!(shown.last_voter.as_deref(), Some("16003@c.us"), "taking a vote back is the last that happened");
        assert_eq!(shown.options[1].voters[1].phone.as_deref(), Some("+16002"));
    }

    #[test]
    fn an_event_tells_who_comes() {
        let planned = Event {
            name: "Party".to_owned(),
            description: None,
            location: None,
            starts_at: 0,
            ends_at: None,
            link: None,
            call: None,
            canceled: false,
        };
        let marks = [
            mark("attend", "16001@c.us", Some("going".to_owned()), 1),
            mark("attend", "16002@c.us", Some("not_going".to_owned()), 2),
        ];
        let shown = event(planned, &marks, Some("16002@c.us"));
        assert_eq!((shown.total_participants, shown.participants.len(), shown.attending), (1, 2, Some(false)));
    }
}
