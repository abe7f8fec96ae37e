//! Texts that are another one for everybody: variables and choices.
//!
//! `{{key}}` is what a person has under that key, `{{key|friend}}` the same with
//! something to say when they have nothing. `{Hi|Hello|Good day}` is one of
//! these, and may hold others and variables. A backslash takes `{`, `|`, `}`
//! and itself as they are. What a person brings is put in as it is and never
//! read: nobody's name becomes a choice.
//!
//! Which choice somebody gets depends on their seed alone, so that the text is
//! the same however often it is made.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// Choices inside of choices at most.
const DEEPEST: usize = 8;

/// A text that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable { key: String, or: Option<String> },
    Choice(Vec<Vec<Piece>>),
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// `campaign:template`, with the character at fault.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader { chars: text.chars().collect(), at: 0 };
        let pieces = reader.pieces(0)?;
        Ok(Self(pieces))
    }

    /// The text for somebody.
    ///
    /// # Errors
    /// `message:variable` when they lack a value that has no substitute.
    pub(super) fn render(&self, values: &BTreeMap<String, String>, seed: &str) -> Result<String> {
        let mut out = String::new();
        let mut dice = Dice::of(seed);
        render(&self.0, values, &mut dice, &mut out)?;
        Ok(out)
    }
}

fn render(pieces: &[Piece], values: &BTreeMap<String, String>, dice: &mut Dice, out: &mut String) -> Result<()> {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Variable { key, or } => {
                let value = values.get(key).filter(|value| !value.is_empty()).or(or.as_ref());
                out.push_str(value.ok_or_else(|| {
                    Error::invalid("message:variable", format!("There is no value for '{{{{{key}}}}}'."))
                })?);
            }
            Piece::Choice(choices) => render(&choices[dice.below(choices.len())], values, dice, out)?,
        }
    }
    Ok(())
}

/// Numbers that follow from a text, the same on every machine and in every
/// version: FNV-1a to begin with, then SplitMix64.
struct Dice(u64);

impl Dice {
    fn of(seed: &str) -> Self {
        Self(
            seed.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let sides = u64::try_from(sides).unwrap_or(1).max(1);
        usize::try_from(z % sides).unwrap_or(0)
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    /// Up to the end of the text, or of the choice it is in.
    fn pieces(&mut self, depth: usize) -> Result<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            match c {
                '\\' if matches!(self.chars.get(self.at + 1), Some('{' | '|' | '}' | '\\')) => {
                    text.push(self.chars[self.at + 1]);
                    self.at += 2;
                }
                '{' => {
                    if !text.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut text)));
                    }
                    pieces.push(if self.chars.get(self.at + 1) == Some(&'{') && self.closes_twice() {
                        self.variable()?
                    } else {
                        self.choice(depth)?
                    });
                }
                '|' | '}' if depth > 0 => break,
                '}' => return Err(self.fault(self.at, "closes nothing; write '\\}' for the sign itself")),
                _ => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Ok(pieces)
    }

    /// Whether what opens here with two brackets is a variable: nothing but a
    /// key, and perhaps a substitute, up to two closing ones.
    fn closes_twice(&self) -> bool {
        let rest = &self.chars[self.at + 2..];
        let end = rest.iter().position(|c| matches!(c, '{' | '}'));
        end.is_none_or(|end| rest[end] == '}' && rest.get(end + 1) == Some(&'}'))
    }

    fn variable(&mut self) -> Result<Piece> {
        let from = self.at;
        let rest = &self.chars[from + 2..];
        let end =
            rest.iter().position(|c| *c == '}').ok_or_else(|| self.fault(from, "opens a variable that never ends"))?;
        let inside: String = rest[..end].iter().collect();
        let (key, or) = match inside.split_once('|') {
            Some((key, or)) => (key, Some(or.to_owned())),
            None => (inside.as_str(), None),
        };
        let key = key.trim().to_lowercase();
        if !is_key(&key) {
            return Err(self.fault(
                from,
                "opens a variable without a proper name: it has 1 to 40 letters, digits, '_', '-' and '.'",
            ));
        }
        self.at = from + 2 + end + 2;
        Ok(Piece::Variable { key, or })
    }

    fn choice(&mut self, depth: usize) -> Result<Piece> {
        let from = self.at;
        if depth >= DEEPEST {
            return Err(self.fault(from, "is one choice too deep inside of others; 8 are possible"));
        }
        let mut choices = Vec::new();
        loop {
            self.at += 1;
            choices.push(self.pieces(depth + 1)?);
            match self.chars.get(self.at) {
                Some('|') => {}
                Some('}') => {
                    self.at += 1;
                    return Ok(Piece::Choice(choices));
                }
                _ => return Err(self.fault(from, "opens a choice that never ends; write '\\{' for the sign itself")),
            }
        }
    }

    fn fault(&self, at: usize, what: &str) -> Error {
        let sign: String = self.chars[at..].iter().take(12).collect();
        Error::invalid("campaign:template", format!("The text can't be read: character {}, '{sign}', {what}.", at + 1))
            .hint("Variables are {{name}} or {{name|friend}}, choices {Hi|Hello}.")
    }
}

/// Whether a text may name a variable.
pub(super) fn is_key(text: &str) -> bool {
    (1..=40).contains(&text.chars().count())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::Template;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn made(text: &str, pairs: &[(&str, &str)], seed: &str) -> String {
        Template::parse(text).expect(text).render(&values(pairs), seed).expect(text)
    }

    #[test]
    fn variables_are_put_in_as_they_are() {
        assert_eq!(made("Hi {{name}}!", &[("name", "Ada")], "1"), "Hi Ada!");
        assert_eq!(made("Hi {{ Name }}!", &[("name", "Ada")], "1"), "Hi Ada!");
        assert_eq!(made("Hi {{name|friend}}!", &[], "1"), "Hi friend!");
        assert_eq!(made("Hi {{name|friend}}!", &[("name", "")], "1"), "Hi friend!");
        assert_eq!(made("Hi{{name|}}!", &[], "1"), "Hi!");
        for nasty in ["{a|b}", "{{phone}}", "}", "\\", "|"] {
            assert_eq!(made("<{{name}}>", &[("name", nasty)], "1"), format!("<{nasty}>"));
        }
        let missing = Template::parse("Hi {{name}}").expect("read").render(&values(&[]), "1").expect_err("no name");
        assert_eq!((missing.code, missing.message.as_str()), ("message:variable", "There is no value for '{{name}}'."));
    }

    #[test]
    fn choices_may_hold_choices_and_variables() {
        let text = "{Hi|Hello {dear|my} {{name}}|}{!|?}";
        let all: BTreeSet<String> = (0..300).map(|n| made(text, &[("name", "Ada")], &n.to_string())).collect();
        let wanted = ["Hi!", "Hi?", "Hello dear Ada!", "Hello dear Ada?", "Hello my Ada!", "Hello my Ada?", "!", "?"];
        assert_eq!(all, wanted.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(made("{{{name}}|{{name}}}", &[("name", "Ada")], "1"), "Ada", "brackets at brackets");
        assert_eq!(made("{{a|b}|{a|b}}", &[], "7").len(), 1, "choices at once");
        assert_eq!(made("{one}", &[], "1"), "one");
    }

    #[test]
    fn the_same_seed_makes_the_same_text() {
        let text = "{a|b|c|d|e}{f|g|h}{i|j|k}";
        for seed in ["697dcb1a5f3c2b9d8e4a7061", "697dcb1a5f3c2b9d8e4a7062"] {
            assert_eq!(made(text, &[], seed), made(text, &[], seed));
        }
        // Written down, so that no later version gives somebody another text.
        assert_eq!(made(text, &[], "697dcb1a5f3c2b9d8e4a7061"), "cgj");
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for n in 0..3000 {
            *seen.entry(made("{a|b|c}", &[], &format!("seed {n}"))).or_default() += 1;
        }
        assert!(seen.values().all(|times| (900..1100).contains(times)), "{seen:?}");
    }

    #[test]
    fn signs_can_be_meant_as_they_are() {
        assert_eq!(made(r"\{a\|b\} \\ a|b \n", &[], "1"), r"{a|b} \ a|b \n");
        assert_eq!(made(r"{a\|b}", &[], "1"), "a|b");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, part) in [
            ("Hi {a|b", "character 4, '{a|b', opens a choice that never ends"),
            ("Hi } there", "character 4, '} there', closes nothing"),
            ("{{name", "character 1, '{{name', opens a variable that never ends"),
            ("{{a=b}}", "opens a variable without a proper name"),
            ("{{}}", "opens a variable without a proper name"),
            ("{x{x{x{x{x{x{x{x{x{a|b}}}}}}}}}}", "too deep"),
        ] {
            let error = Template::parse(text).expect_err(text);
            assert!(error.code == "campaign:template" && error.message.contains(part), "{text}: {}", error.message);
        }
    }
}
