//! Numbers that are written in two ways: WhatsApp knows one of them.

use super::World;
use crate::ids::{AccountId, PhoneNumber};

/// The other ways to write a number: Brazilian mobiles with and without the
/// ninth digit, Mexican ones with and without the 1, Argentine ones with and
/// without the 9.
pub(crate) fn variants(number: &PhoneNumber) -> Vec<PhoneNumber> {
    let digits = number.digits();
    let mut found = Vec::new();
    match (digits.get(..2), digits.len()) {
        (Some("55"), 13) if digits.as_bytes()[4] == b'9' => found.push(format!("{}{}", &digits[..4], &digits[5..])),
        (Some("55"), 12) => found.push(format!("{}9{}", &digits[..4], &digits[4..])),
        (Some("52"), 13) if digits.as_bytes()[2] == b'1' => found.push(format!("52{}", &digits[3..])),
        (Some("52"), 12) => found.push(format!("521{}", &digits[2..])),
        (Some("54"), 13) if digits.as_bytes()[2] == b'9' => found.push(format!("54{}", &digits[3..])),
        (Some("54"), 12) => found.push(format!("549{}", &digits[2..])),
        _ => {}
    }
    found.iter().filter_map(|digits| PhoneNumber::parse(digits)).collect()
}

impl World {
    /// The account of a number as a person types it.
    pub(crate) fn find_typed(&self, number: &PhoneNumber) -> Option<AccountId> {
        self.find_number(number).or_else(|| variants(number).iter().find_map(|variant| self.find_number(variant)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_its_two_ways() {
        for (one, other) in
            [("5511987654321", "551187654321"), ("5215512345678", "525512345678"), ("5491123456789", "541123456789")]
        {
            for (typed, known) in [(one, other), (other, one)] {
                let variants = variants(&PhoneNumber::parse(typed).unwrap());
                assert_eq!(variants, [PhoneNumber::parse(known).unwrap()], "{typed}");
            }
        }
        for number in ["16001234560", "4915112345678", "5511887654321", "52123"] {
            assert!(variants(&PhoneNumber::parse(number).unwrap()).is_empty(), "{number}");
        }
    }
}
