//! What a number may say of itself, within WhatsApp's limits.

use super::categories;
use crate::error::{Error, Result};

/// Characters of a name.
pub const NAME: usize = 25;
/// Characters of what a number says about itself.
pub const ABOUT: usize = 139;
/// Characters of a business's description.
pub const DESCRIPTION: usize = 512;
/// Characters of its address.
pub const ADDRESS: usize = 256;
/// Characters of its e-mail address.
pub const EMAIL: usize = 128;
/// Its websites.
pub const WEBSITES: usize = 2;
/// Characters of a website's address.
pub const WEBSITE: usize = 256;
/// What kinds of business one can be at once.
pub const KINDS: usize = 3;

fn wrong<T>(code: &'static str, sentence: String) -> Result<T> {
    Err(Error::invalid(code, sentence))
}

/// A text of at most `most` characters, without blanks around it.
fn short(code: &'static str, what: &str, text: &str, most: usize) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length > most {
        return wrong(code, format!("'{what}' has at most {most} characters, but this one has {length}."));
    }
    Ok(text.to_owned())
}

pub(super) fn name(text: &str) -> Result<String> {
    let name = short("profile:name", "name", text, NAME)?;
    if name.is_empty() {
        return wrong("profile:name", format!("'name' is empty; it has 1 to {NAME} characters."));
    }
    Ok(name)
}

pub(super) fn about(text: &str) -> Result<String> {
    short("profile:status", "status", text, ABOUT)
}

pub(super) fn description(text: &str) -> Result<String> {
    short("profile:description", "businessProfile.description", text, DESCRIPTION)
}

pub(super) fn address(text: &str) -> Result<String> {
    short("profile:address", "businessProfile.address", text, ADDRESS)
}

/// Empty removes it.
pub(super) fn email(text: &str) -> Result<String> {
    let email = short("profile:email", "businessProfile.email", text, EMAIL)?;
    let looks_like_one = || {
        let (name, host) = email.split_once('@')?;
        let plain = !email.contains(char::is_whitespace) && !host.contains('@');
        (plain && !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.'))
            .then_some(())
    };
    if !email.is_empty() && looks_like_one().is_none() {
        return wrong("profile:email", format!("'{email}' is not an e-mail address, such as shop@example.com."));
    }
    Ok(email)
}

pub(super) fn websites(all: &[String]) -> Result<Vec<String>> {
    let given: Vec<&str> = all.iter().map(|one| one.trim()).filter(|one| !one.is_empty()).collect();
    if given.len() > WEBSITES {
        let count = given.len();
        return wrong(
            "profile:websites",
            format!("A business has at most {WEBSITES} websites, but these are {count}."),
        );
    }
    let website = |text: &str| {
        let website = short("profile:websites", "businessProfile.websites", text, WEBSITE)?;
        let is_web = url::Url::parse(&website).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if is_web {
            return Ok(website);
        }
        wrong("profile:websites", format!("'{website}' is not the address of a website, such as https://example.com."))
    };
    given.into_iter().map(website).collect()
}

/// WhatsApp's ids of them, each once.
pub(super) fn categories(words: &[String]) -> Result<Vec<String>> {
    let mut ids: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        let Some(id) = categories::id(word) else {
            let known = categories::CATEGORIES.join(", ");
            return wrong("profile:categories", format!("'{word}' is no kind of business; there are {known}."));
        };
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    if ids.is_empty() || ids.len() > KINDS {
        let count = ids.len();
        return wrong("profile:categories", format!("A business is of 1 to {KINDS} kinds, but these are {count}."));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::{about, address, categories, description, email, name, websites};

    #[test]
    fn texts_have_limits() {
        assert_eq!(name("  Ana's shop ").expect("a name"), "Ana's shop");
        assert_eq!(name(&"ä".repeat(25)).expect("a name").chars().count(), 25);
        for text in [String::new(), "  ".to_owned(), "x".repeat(26)] {
            assert_eq!(name(&text).expect_err("refused").code, "profile:name");
        }
        assert_eq!(about("").expect("nothing to say"), "");
        assert!(about(&"x".repeat(139)).is_ok());
        assert_eq!(about(&"x".repeat(140)).expect_err("refused").code, "profile:status");
        assert!(description(&"x".repeat(512)).is_ok() && address(&"x".repeat(256)).is_ok());
        assert_eq!(description(&"x".repeat(513)).expect_err("refused").code, "profile:description");
        assert_eq!(address(&"x".repeat(257)).expect_err("refused").code, "profile:address");
    }

    #[test]
    fn addresses_look_like_addresses() {
        for fine in ["", "shop@example.com", "a.b+c@mail.example.org"] {
            assert_eq!(email(fine).expect(fine), fine);
        }
        for odd in ["shop", "@example.com", "shop@", "shop@local", "a b@example.com", "a@b@example.com", "a@.com"] {
            assert_eq!(email(odd).expect_err(odd).code, "profile:email");
        }
        assert_eq!(email(&format!("{}@example.com", "x".repeat(128))).expect_err("long").code, "profile:email");
        let all = |list: &[&str]| websites(&list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(all(&["https://example.com", " ", "http://a.example/b"]).expect("websites").len(), 2);
        assert_eq!(all(&[]).expect("none"), Vec::<String>::new());
        for odd in [&["example.com"][..], &["ftp://example.com"], &["https://a.b", "https://c.d", "https://e.f"]] {
            assert_eq!(all(odd).expect_err("refused").code, "profile:websites");
        }
    }

    #[test]
    fn kinds_of_business_are_known_ones() {
        let ids = |list: &[&str]| categories(&list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(ids(&["education", "education"]).expect("kinds"), ["2250"]);
        assert_eq!(ids(&["circus"]).expect_err("refused").code, "profile:categories");
        assert_eq!(ids(&[]).expect_err("refused").code, "profile:categories");
        assert!(ids(&["education", "finance", "hotel", "grocery"]).is_err());
    }
}
