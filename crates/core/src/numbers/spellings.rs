//! One number, written in two ways. In three countries the mobile numbers that
//! people dial differ from those WhatsApp knows by one digit:
//!
//! * Brazil (+55) put a 9 before mobile numbers; accounts made before keep the
//!   eight digits.
//! * Mexico (+52) had a 1 before mobile numbers until 2019.
//! * Argentina (+54) has a 9 before mobile numbers when called from abroad.

use crate::phone::Phone;

/// The other ways in which a number may be known.
pub(crate) fn others(phone: &Phone) -> Vec<Phone> {
    let digits = phone.digits();
    let other = if let Some(rest) = digits.strip_prefix("55") {
        brazil(rest).map(|rest| format!("55{rest}"))
    } else if let Some(rest) = digits.strip_prefix("52") {
        leading(rest, '1', 10).map(|rest| format!("52{rest}"))
    } else if let Some(rest) = digits.strip_prefix("54") {
        leading(rest, '9', 10).map(|rest| format!("54{rest}"))
    } else {
        None
    };
    other.map(|digits| Phone::from_digits(&digits)).into_iter().collect()
}

/// Two digits of the area, then eight or nine; mobile numbers of eight begin
/// with 6 to 9.
fn brazil(rest: &str) -> Option<String> {
    let (area, number) = rest.split_at_checked(2)?;
    match number.len() {
        9 if number.starts_with('9') => Some(format!("{area}{}", &number[1..])),
        8 if number.starts_with(['6', '7', '8', '9']) => Some(format!("{area}9{number}")),
        _ => None,
    }
}

/// With the digit when it is missing, without it when it is there.
fn leading(rest: &str, digit: char, length: usize) -> Option<String> {
    match rest.strip_prefix(digit) {
        Some(without) if without.len() == length => Some(without.to_owned()),
        _ if rest.len() == length => Some(format!("{digit}{rest}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::others;
    use crate::phone::Phone;

    #[test]
    fn one_digit_more_or_less() {
        for (asked, other) in [
            ("5511987654321", Some("551187654321")),
            ("551187654321", Some("5511987654321")),
            ("551132654321", None),
            ("5215512345678", Some("525512345678")),
            ("525512345678", Some("5215512345678")),
            ("5491123456789", Some("541123456789")),
            ("541123456789", Some("5491123456789")),
            ("491701234567", None),
            ("55", None),
        ] {
            let found: Vec<String> = others(&Phone::from_digits(asked)).iter().map(|p| p.digits().to_owned()).collect();
            assert_eq!(found, other.into_iter().collect::<Vec<_>>(), "{asked}");
        }
    }
}
