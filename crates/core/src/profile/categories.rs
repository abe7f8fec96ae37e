//! What kinds of business there are.

use crate::network::profile::BusinessCategory;

/// The API's words for the kinds that WhatsApp offers at the top of its list,
/// with WhatsApp's ids of them.
const KNOWN: [(&str, &str); 15] = [
    ("other_category", "629412378414563"),
    ("automotive_service", "1223524174334504"),
    ("clothing_and_accessories", "1086422341396773"),
    ("art_and_entertainment", "133436743388217"),
    ("beauty_cosmetics_and_personal_care", "139225689474222"),
    ("education", "2250"),
    ("event_organizer", "193705277324704"),
    ("finance", "1022050661163852"),
    ("grocery", "150108431712141"),
    ("hotel", "164243073639257"),
    ("medicine_and_health", "145118935550090"),
    ("non_profit", "2603"),
    ("restaurant", "273819889375819"),
    ("retail_purchases_and_sales", "200600219953504"),
    ("travel_and_transportation", "128232937246338"),
];

/// The API's words.
pub const CATEGORIES: &[&str] = &{
    let mut words = [""; KNOWN.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = KNOWN[at].0;
        at += 1;
    }
    words
};

/// WhatsApp's id of a kind.
pub(super) fn id(word: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == word).map(|(_, id)| *id)
}

/// What a kind is called here; WhatsApp's name for those that have no word.
pub(super) fn word(category: &BusinessCategory) -> String {
    let known = KNOWN.iter().find(|(_, id)| *id == category.id).map(|(word, _)| *word);
    known.map_or_else(|| category.name.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{CATEGORIES, id, word};
    use crate::network::profile::BusinessCategory;

    #[test]
    fn each_word_leads_to_an_id_and_back() {
        for known in CATEGORIES {
            let id = id(known).expect("an id").to_owned();
            assert_eq!(word(&BusinessCategory { id, name: "Anything".to_owned() }), *known);
        }
        assert_eq!(id("circus"), None);
        assert_eq!(word(&BusinessCategory { id: "1".to_owned(), name: "Circus".to_owned() }), "Circus");
    }
}
