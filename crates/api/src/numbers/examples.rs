//! Answers as the document shows them.

use sparkbot_core::numbers::{Country, NumberCheck, NumberFacts};

fn text(text: &str) -> String {
    text.to_owned()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|one| text(one)).collect()
}

fn country() -> Country {
    Country {
        code: text("BR"),
        name: text("Brazil"),
        official_name: text("Federative Republic of Brazil"),
        phone_prefix: text("55"),
        flag: text("🇧🇷"),
        domain: Some(text(".br")),
        currency: Some(text("BRL")),
        currency_name: Some(text("Brazilian Real")),
        languages: texts(&["pt"]),
        locales: texts(&["pt-BR"]),
        timezones: texts(&["America/Sao_Paulo", "America/Manaus"]),
    }
}

pub(super) fn number() -> NumberFacts {
    NumberFacts {
        exists: true,
        phone: text("+5531987654321"),
        wid: Some(text("553187654321@c.us")),
        lid: Some(text("123456789012345@lid")),
        known_as: Some(text("+553187654321")),
        is_business: false,
        business_info: None,
        link: Some(text("https://wa.me/553187654321")),
        country: Some(country()),
    }
}

pub(super) fn number_check() -> NumberCheck {
    NumberCheck {
        number: text("(31) 98765-4321"),
        valid: true,
        phone: Some(text("+5531987654321")),
        wid: Some(text("5531987654321@c.us")),
        kind: Some(text("mobile")),
        national: Some(text("(31) 98765-4321")),
        international: Some(text("+55 31 98765-4321")),
        country: Some(country()),
        error: None,
    }
}
