//! What the head of a page says of it.

/// Characters of a title and of a description at most.
const TITLE: usize = 200;
const DESCRIPTION: usize = 500;

/// What a page says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    /// Address of its picture, as it stands there.
    pub(super) image: Option<String>,
}

/// Reads the head of a page. Not a parser of HTML: it looks for `<title>` and
/// `<meta>` and takes anything.
pub(super) fn head(html: &str) -> Head {
    let lower = html.to_ascii_lowercase();
    let end = lower.find("<body").unwrap_or(html.len());
    let (html, lower) = (&html[..end], &lower[..end]);
    let mut og = Head::default();
    let mut plain = Head { title: title(html, lower), ..Head::default() };
    let mut at = 0;
    while let Some(found) = lower[at..].find("<meta") {
        let start = at + found + "<meta".len();
        let Some(length) = tag_end(&lower[start..]) else { break };
        let tag = &html[start..start + length];
        at = start + length;
        let name = attribute(tag, "property").or_else(|| attribute(tag, "name")).unwrap_or_default();
        let Some(content) = attribute(tag, "content").map(|text| tidy(&text)).filter(|text| !text.is_empty()) else {
            continue;
        };
        match name.trim().to_ascii_lowercase().as_str() {
            "og:title" => og.title.get_or_insert(content),
            "og:description" => og.description.get_or_insert(content),
            "og:image" | "og:image:url" | "og:image:secure_url" => og.image.get_or_insert(content),
            "twitter:title" => plain.title.get_or_insert(content),
            "twitter:description" | "description" => plain.description.get_or_insert(content),
            "twitter:image" | "twitter:image:src" => plain.image.get_or_insert(content),
            _ => continue,
        };
    }
    Head {
        title: og.title.or(plain.title).map(|text| cut(&text, TITLE)),
        description: og.description.or(plain.description).map(|text| cut(&text, DESCRIPTION)),
        image: og.image.or(plain.image),
    }
}

fn title(html: &str, lower: &str) -> Option<String> {
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(tidy(&html[start..end])).filter(|text| !text.is_empty())
}

/// Where a tag ends; a `>` in quotes does not end it.
fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (i, c) in rest.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '>') => return Some(i),
            _ => {}
        }
    }
    None
}

/// The value of an attribute of a tag.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        if end == 0 {
            return None;
        }
        let name = &rest[..end];
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => {
                    let inner = &after[1..];
                    let end = inner.find(quote).unwrap_or(inner.len());
                    (&inner[..end], inner.get(end + 1..).unwrap_or_default())
                }
                None => {
                    let end = after.find(char::is_whitespace).unwrap_or(after.len());
                    after.split_at(end)
                }
            };
        }
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value.to_owned());
        }
    }
}

/// Entities read, spaces joined.
fn tidy(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        read.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').filter(|end| *end <= 10).and_then(|end| Some((end, entity(&rest[1..end])?)));
        match entity {
            Some((end, c)) => {
                read.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                read.push('&');
                rest = &rest[1..];
            }
        }
    }
    read.push_str(rest);
    read.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "rsquo" => '’',
        "lsquo" => '‘',
        "ldquo" => '“',
        "rdquo" => '”',
        _ => return None,
    })
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Head, head};

    #[test]
    fn open_graph_goes_before_the_rest() {
        let html = r#"<html><head><title>Plain &amp; simple</title>
            <META NAME=description content='He said "5 > 3"'>
            <meta content="https://example.com/a.jpg" property="og:image" />
            <meta property="og:title" content="Caf&eacute; &#8211; it&#39;s   open"></head>
            <body><meta property="og:description" content="not here"></body>"#;
        assert_eq!(
            head(html),
            Head {
                title: Some("Caf&eacute; – it's open".into()),
                description: Some("He said \"5 > 3\"".into()),
                image: Some("https://example.com/a.jpg".into()),
            }
        );
    }

    #[test]
    fn whatever_comes_is_read_without_harm() {
        for html in [
            "",
            "<title>",
            "<meta",
            "<meta content=",
            "<meta property=\"og:title\" content=\"",
            "<title>\u{130}</title",
            "&#x110000;&;&",
        ] {
            assert_eq!(head(html).image, None, "{html}");
        }
        assert_eq!(head("<title>a</title>").title.as_deref(), Some("a"));
        let long = head(&format!("<title>{}</title>", "ä".repeat(500))).title.expect("a title");
        assert_eq!(long.chars().count(), 201);
    }

    #[test]
    fn fuzz_web_pages() {
        let seeds = [
            "<html><head><title>A &amp; B</title><meta property=\"og:title\" content='C'><meta name=description content=D></head>",
            "<META PROPERTY=og:image CONTENT=\"/a.png?x=1&amp;y=2\"/><title lang=\"tr\">İstanbul &#x130; &#304; &nbsp;</title>",
        ];
        let words = [
            "<meta ",
            "<title>",
            "</title>",
            "property=",
            "content=",
            "og:title",
            "&#x",
            "&#",
            "&amp;",
            "<!--",
            "-->",
            "İ",
            "<head>",
            "</head>",
        ];
        sparkbot_fuzz::Fuzz::new("web_pages").seeds(seeds).words(words).run(|input| {
            let head = super::head(&String::from_utf8_lossy(input));
            format!("{}", format!("{head:?}").matches("Some").count())
        });
    }
}
