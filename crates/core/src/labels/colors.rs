//! The API's colours and WhatsApp's numbers of them.

/// The API's colours. `blue` is the default that clients send.
pub const COLORS: &[&str] = &[
    "ruby",
    "tomato",
    "orange",
    "sunflower",
    "bubble",
    "rose",
    "poppy",
    "rouge",
    "raspberry",
    "purple",
    "lavender",
    "violet",
    "pool",
    "emerald",
    "kelly",
    "apple",
    "turquoise",
    "aqua",
    "gold",
    "latte",
    "cocoa",
    "iron",
    "blue",
];

/// WhatsApp's colours by their number, each by the API's most alike.
const WHATSAPP: [&str; 20] = [
    "tomato",
    "pool",
    "sunflower",
    "lavender",
    "iron",
    "turquoise",
    "bubble",
    "gold",
    "violet",
    "apple",
    "aqua",
    "rose",
    "emerald",
    "ruby",
    "blue",
    "kelly",
    "orange",
    "latte",
    "raspberry",
    "purple",
];

/// Those that WhatsApp does not have, as what they are most alike.
const ALIKE: [(&str, &str); 3] = [("poppy", "tomato"), ("rouge", "ruby"), ("cocoa", "gold")];

/// WhatsApp's number of a colour.
pub(super) fn number(color: &str) -> i32 {
    let alike = ALIKE.iter().find(|(name, _)| *name == color).map_or(color, |(_, alike)| alike);
    let place = WHATSAPP.iter().position(|name| *name == alike);
    place.and_then(|place| i32::try_from(place).ok()).unwrap_or_default()
}

/// The colour of a number of WhatsApp's; the one that is there stays when it has
/// this number.
pub(super) fn named(number: i32, now: Option<&str>) -> String {
    if let Some(now) = now
        && self::number(now) == number
    {
        return now.to_owned();
    }
    let place = usize::try_from(number).unwrap_or_default() % WHATSAPP.len();
    WHATSAPP[place].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{ALIKE, COLORS, WHATSAPP, named, number};

    #[test]
    fn every_number_has_a_colour_of_its_own() {
        for (place, name) in (0..).zip(WHATSAPP) {
            assert!(COLORS.contains(&name), "{name}");
            assert_eq!(number(name), place, "{name}");
            assert_eq!(named(place, None), name);
        }
    }

    #[test]
    fn every_colour_has_a_number() {
        for name in COLORS {
            let known = WHATSAPP.contains(name) || ALIKE.iter().any(|(other, _)| other == name);
            assert!(known, "{name}");
        }
        assert_eq!(named(number("cocoa"), Some("cocoa")), "cocoa");
        assert_eq!(named(3, Some("cocoa")), "lavender");
        assert_eq!(named(-1, None), "tomato");
    }
}
