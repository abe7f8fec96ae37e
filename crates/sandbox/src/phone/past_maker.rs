//! A believable past, made from a seed.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::past::{MAX_MESSAGES, PastMessage};
use crate::ids::{AccountId, Domain, PhoneNumber};
use crate::world::World;

const NAMES: [&str; 16] = [
    "Ana", "Bruno", "Carla", "Deniz", "Elif", "Felipe", "Grace", "Hugo", "Ines", "Jonas", "Kaya", "Lena", "Mateo",
    "Nora", "Omar", "Paula",
];
const TEXTS: [&str; 12] = [
    "Good morning!",
    "Is the order on its way?",
    "Thank you, that helped.",
    "Can we move it to Thursday?",
    "I have sent you the papers.",
    "👍",
    "What does the large one cost?",
    "See you at nine then.",
    "Sorry, I was in a meeting.",
    "Could you call me back?",
    "That is fine with me.",
    "We close at six today.",
];
const REACTIONS: [&str; 4] = ["👍", "❤️", "😂", "🙏"];

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) seed: u64,
    pub(crate) chats: usize,
    pub(crate) messages_per_chat: usize,
    /// Over how many days before now they are spread.
    pub(crate) days: u64,
}

/// Gives a phone a past with people made for it. Gives back how many messages
/// there was room for.
pub(crate) fn make(world: &mut World, me: AccountId, wanted: Wanted) -> usize {
    let mut rng = StdRng::seed_from_u64(wanted.seed);
    let now = world.now_secs();
    let mut made = 0;
    for at in 0..wanted.chats {
        let digits = format!("1999{:07}", (wanted.seed.wrapping_mul(7_919).wrapping_add(at as u64)) % 10_000_000);
        let name = format!("{} {}", NAMES[pick(&mut rng, NAMES.len())], 1 + at);
        let Some((person, _)) =
            PhoneNumber::parse(&digits).and_then(|number| world.account_or_new(&number, Some(&name)))
        else {
            break;
        };
        world.acquainted(me, person);
        let chat = world.jid(crate::ids::DeviceRef::phone(person), Domain::Pn).to_string();
        let messages = messages(&mut rng, now, wanted);
        let Some(account) = world.accounts.get_mut(&me) else {
            break;
        };
        made += account.phone.past.add(&chat, Some(name), messages);
        if account.phone.past.len() >= MAX_MESSAGES {
            break;
        }
    }
    made
}

fn pick(rng: &mut StdRng, of: usize) -> usize {
    usize::try_from(rng.next_u64() % of.max(1) as u64).unwrap_or(0)
}

fn messages(rng: &mut StdRng, now: u64, wanted: Wanted) -> Vec<PastMessage> {
    let span = (wanted.days.max(1) * 86_400).min(now / 2);
    let mut times: Vec<u64> = (0..wanted.messages_per_chat).map(|_| now - 1 - rng.next_u64() % span).collect();
    times.sort_unstable();
    let unread = if rng.next_u32().is_multiple_of(4) { pick(rng, 4) } else { 0 };
    let count = times.len();
    times
        .into_iter()
        .enumerate()
        .map(|(at, timestamp)| {
            let mut id = [0; 9];
            rng.fill_bytes(&mut id);
            let fresh = at + unread >= count;
            let from_me = !fresh && rng.next_u32().is_multiple_of(2);
            let reaction = rng.next_u32().is_multiple_of(20).then(|| REACTIONS[pick(rng, REACTIONS.len())].into());
            PastMessage {
                id: format!("3EB0{}", hex::encode_upper(id)).into(),
                from_me,
                author: None,
                text: TEXTS[pick(rng, TEXTS.len())].into(),
                timestamp,
                read: !fresh,
                reaction,
            }
        })
        .collect()
}
