//! Stanzas as the sandbox's control API shows them, and how a person reads them.

use std::fmt::Write as _;

/// Attributes that say most, in the order in which they are shown.
const FIRST: [&str; 7] = ["type", "class", "xmlns", "id", "from", "to", "participant"];
/// The longest attribute or text shown in a line.
const SHOWN: usize = 48;

/// An element of a stanza.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    tag: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

/// How parts are set apart on a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    /// `text` between the escape codes of a style, or as it is.
    pub(super) fn paint(self, style: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Reads a stanza; what the sandbox has cut off is left out.
pub(super) fn parse(text: &str) -> Option<Element> {
    let mut open: Vec<Element> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        if let Some(element) = open.last_mut() {
            element.text.push_str(&plain(&rest[..at]));
        }
        rest = &rest[at + 1..];
        let end = rest.find('>')?;
        let (inner, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if inner.starts_with('/') {
            let done = open.pop()?;
            match open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => return Some(done),
            }
            continue;
        }
        let (head, empty) = inner.strip_suffix('/').map_or((inner, false), |head| (head, true));
        let element = begin(head);
        if !empty {
            open.push(element);
        } else if let Some(parent) = open.last_mut() {
            parent.children.push(element);
        } else {
            return Some(element);
        }
    }
    // It was cut off: what is open ends here.
    while open.len() > 1 {
        let done = open.pop()?;
        open.last_mut()?.children.push(done);
    }
    open.pop()
}

fn begin(head: &str) -> Element {
    let (tag, mut rest) = head.split_once(' ').unwrap_or((head, ""));
    let mut element = Element { tag: plain(tag), ..Element::default() };
    while let Some((name, value)) = rest.split_once("=\"") {
        let (value, after) = value.split_once('"').unwrap_or((value, ""));
        element.attributes.push((plain(name.trim()), plain(value)));
        rest = after;
    }
    element
}

/// Text without escapes of XML, and without what would steer a terminal.
fn plain(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN - 1).chain(['…']).collect()
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// One line: the tag, what it says of itself, and what is in it.
    pub(super) fn line(&self, paint: Paint) -> String {
        let alarming = self.tag == "failure"
            || self.tag == "stream:error"
            || self.attribute("type") == Some("error")
            || self.attribute("error").is_some();
        let mut line = paint.paint(if alarming { "1;31" } else { "1" }, &self.tag);
        let ordered = FIRST.iter().filter_map(|name| Some((*name, self.attribute(name)?)));
        let others = self.attributes.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()));
        for (name, value) in ordered.chain(others.map(|(name, value)| (name.as_str(), value.as_str()))) {
            let _ = write!(line, " {}{}", paint.paint("2", &format!("{name}=")), short(value));
        }
        if !self.children.is_empty() {
            let _ = write!(line, " {}", paint.paint("36", &format!("[{}]", contents(&self.children))));
        } else if !self.text.is_empty() {
            let _ = write!(line, " {}", paint.paint("36", &short(&self.text)));
        }
        line
    }

    /// All of it, one element a line, each level further in.
    pub(super) fn tree(&self, paint: Paint) -> String {
        let mut lines = String::new();
        let mut pending = vec![(self, 1)];
        while let Some((element, depth)) = pending.pop() {
            let _ = write!(lines, "\n{:indent$}{}", "", paint.paint("1", &element.tag), indent = depth * 2);
            for (name, value) in &element.attributes {
                let _ = write!(lines, " {}{value}", paint.paint("2", &format!("{name}=")));
            }
            if !element.text.is_empty() {
                let _ = write!(lines, " {}", paint.paint("36", &element.text));
            }
            pending.extend(element.children.iter().rev().map(|child| (child, depth + 1)));
        }
        lines
    }
}

/// Children in a few words: `participants(to×3) device-identity`.
fn contents(children: &[Element]) -> String {
    let mut words: Vec<(String, usize)> = Vec::new();
    for child in children {
        let mut word = child.tag.clone();
        if let Some(kind) = child.attribute("type").filter(|_| child.tag == "enc") {
            let _ = write!(word, ":{kind}");
        }
        if let Some(first) = child.children.first() {
            let _ = match child.children.len() {
                1 => write!(word, "({})", first.tag),
                count => write!(word, "({}×{count})", first.tag),
            };
        }
        match words.last_mut() {
            Some((last, count)) if *last == word => *count += 1,
            _ => words.push((word, 1)),
        }
    }
    let words = words.into_iter().map(|(word, count)| if count == 1 { word } else { format!("{word}×{count}") });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r#"<message to="16001234561@s.whatsapp.net" id="3EB0" type="text"><participants><to jid="a"><enc v="2" type="pkmsg">00ff</enc></to><to jid="b"/></participants><device-identity>0a</device-identity></message>"#;

    #[test]
    fn a_line_says_what_passed() {
        let line = parse(MESSAGE).unwrap().line(Paint(false));
        assert_eq!(
            line,
            "message type=text id=3EB0 to=16001234561@s.whatsapp.net [participants(to×2) device-identity]"
        );
    }

    #[test]
    fn all_of_it_is_a_tree() {
        let tree = parse(MESSAGE).unwrap().tree(Paint(false));
        assert!(tree.contains("\n      to jid=a\n        enc v=2 type=pkmsg 00ff\n      to jid=b"), "{tree}");
    }

    #[test]
    fn what_was_cut_off_is_left_out() {
        let element = parse(r#"<iq type="result"><list><user jid="a"/><user jid="b"/>…"#).unwrap();
        assert_eq!(element.line(Paint(false)), "iq type=result [list(user×2)]");
        assert!(parse("").is_none());
        assert!(parse("<iq").is_none());
    }

    #[test]
    fn nothing_in_a_stanza_steers_the_terminal() {
        let line = parse("<status>\u{1b}[2J&lt;b&gt;</status>").unwrap().line(Paint(false));
        assert_eq!(line, "status \u{fffd}[2J<b>");
    }

    #[test]
    fn errors_stand_out() {
        let line = parse(r#"<ack class="message" error="479"/>"#).unwrap().line(Paint(true));
        assert!(line.starts_with("\u{1b}[1;31mack"), "{line}");
    }
}
