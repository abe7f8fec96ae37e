//! Tables as spreadsheets write them.
//!
//! The first line names the columns: one of `phone`, `group`, `channel`; `name`,
//! `reference`, `message` if you like; every other column is a variable. Fields
//! are parted by commas, semicolons or tabs, whichever the line of names has;
//! quoted ones may hold all of these, line ends, and doubled quotes.
//!
//! Spreadsheets do things to phone numbers. They drop the plus, so digits alone
//! count as a number with its country code; they round to `1.6E+10`, where digits
//! are lost and nobody can tell them; they write `="+1600…"` or `'+1600…` to keep
//! themselves from it, which is undone here.

use super::{AT_ONCE, NewContact};
use crate::error::{Error, Result};
use crate::views::Variable;

/// Columns of a table at most.
const COLUMNS: usize = 60;
/// What the columns for numbers are called.
const PHONE: &[&str] = &["phone", "number", "mobile", "telephone", "whatsapp"];

fn refuse<T>(sentence: impl Into<String>) -> Result<T> {
    Err(Error::invalid("campaign:csv", sentence).hint(
        "The first line names the columns: phone (or group, channel), name, reference, message; others are variables.",
    ))
}

/// The people of a table, each with its line.
///
/// # Errors
/// `campaign:csv`, with the line at fault.
pub(super) fn contacts(text: &str) -> Result<Vec<(usize, NewContact)>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return refuse("The table has null bytes: it is no text in UTF-8.");
    }
    let first = text.lines().next().unwrap_or_default();
    let part =
        [',', ';', '\t'].into_iter().max_by_key(|part| (first.matches(*part).count(), *part == ',')).unwrap_or(',');
    let mut records = records(text, part)?.into_iter();
    let Some((_, header)) = records.next() else { return refuse("The table is empty.") };
    let header: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    check_header(&header)?;
    let mut people = Vec::new();
    for (line, fields) in records {
        if fields.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if fields.len() > header.len() {
            return refuse(format!(
                "Line {line} has {} fields, but the first line names {} columns.",
                fields.len(),
                header.len()
            ));
        }
        if people.len() >= AT_ONCE {
            return refuse(format!("The table has more than the {AT_ONCE} people that one request takes."));
        }
        people.push((line, contact(&header, fields)));
    }
    Ok(people)
}

fn check_header(header: &[String]) -> Result<()> {
    if header.len() > COLUMNS {
        return refuse(format!("The table has {} columns; it takes {COLUMNS}.", header.len()));
    }
    for (i, name) in header.iter().enumerate() {
        if name.is_empty() {
            return refuse(format!("Column {} has no name in the first line.", i + 1));
        }
        if header[..i].contains(name) {
            return refuse(format!("Two columns are called '{name}'."));
        }
    }
    let receivers = header.iter().filter(|name| PHONE.contains(&name.as_str()) || is_group(name)).count();
    if receivers == 0 {
        let shown: Vec<String> = header.iter().take(10).cloned().collect();
        return refuse(format!("None of the columns is called 'phone': they are {}.", shown.join(", ")));
    }
    Ok(())
}

fn is_group(name: &str) -> bool {
    matches!(name, "group" | "channel")
}

fn contact(header: &[String], fields: Vec<String>) -> NewContact {
    let mut contact = NewContact::default();
    for (name, field) in header.iter().zip(fields) {
        let field = plain(&field);
        if field.is_empty() {
            continue;
        }
        match name.as_str() {
            "group" => contact.group = Some(field),
            "channel" => contact.channel = Some(field),
            "name" => contact.name = Some(field),
            "reference" => contact.reference = Some(field),
            "message" => contact.message = Some(field),
            phone if PHONE.contains(&phone) => contact.phone = Some(with_plus(field)),
            key => contact.variables.push(Variable { key: key.to_owned(), value: field }),
        }
    }
    contact
}

/// Without what keeps spreadsheets from reading a field: `="…"` and a leading
/// apostrophe.
fn plain(field: &str) -> String {
    let field = field.trim();
    let inside = field.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let field = inside.unwrap_or(field);
    let bare = field
        .strip_prefix('\'')
        .filter(|rest| rest.starts_with(['+', '=', '-', '@', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']));
    bare.unwrap_or(field).to_owned()
}

/// Digits alone are a number with its country code whose plus was dropped.
fn with_plus(field: String) -> String {
    let bare = !field.is_empty() && !field.starts_with('0') && field.bytes().all(|b| b.is_ascii_digit());
    if bare { format!("+{field}") } else { field }
}

/// Lines and their fields, by RFC 4180, with any of the usual line ends.
fn records(text: &str, part: char) -> Result<Vec<(usize, Vec<String>)>> {
    let mut records = Vec::new();
    let mut fields: Vec<String> = Vec::new();
    let mut field = String::new();
    let (mut line, mut began, mut opened) = (1, 1, 0);
    let (mut quoted, mut was_quoted) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            match c {
                '"' if chars.peek() == Some(&'"') => {
                    chars.next();
                    field.push('"');
                }
                '"' => quoted = false,
                _ => {
                    line += usize::from(c == '\n');
                    field.push(c);
                }
            }
            continue;
        }
        match c {
            '"' if field.trim().is_empty() && !was_quoted => {
                field.clear();
                (quoted, was_quoted, opened) = (true, true, line);
            }
            c if c == part => {
                fields.push(std::mem::take(&mut field));
                was_quoted = false;
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' => {
                fields.push(std::mem::take(&mut field));
                records.push((began, std::mem::take(&mut fields)));
                was_quoted = false;
                line += 1;
                began = line;
            }
            c if was_quoted && !c.is_whitespace() => {
                return refuse(format!("Line {line} has '{c}' after the end of a quoted field."));
            }
            c => field.push(c),
        }
    }
    if quoted {
        return refuse(format!("The quote that opens in line {opened} is never closed."));
    }
    if !field.is_empty() || !fields.is_empty() || was_quoted {
        fields.push(field);
        records.push((began, fields));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::super::rows::person;
    use super::contacts;

    #[test]
    fn a_table_becomes_people() {
        let text = "\u{feff}Phone,Name,City,Message\r\n+16001234561,\"Ada \"\"A\"\" L.\",\"Lima,\r\nPeru\",\r\n\r\n+16001234562,Ben,,Hi\n";
        let people = contacts(text).expect("a table");
        assert_eq!(people.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 5]);
        let (ada, ben) = (&people[0].1, &people[1].1);
        assert_eq!(ada.name.as_deref(), Some("Ada \"A\" L."));
        assert_eq!((ada.variables[0].key.as_str(), ada.variables[0].value.as_str()), ("city", "Lima,\r\nPeru"));
        assert_eq!((ben.message.as_deref(), ben.variables.len()), (Some("Hi"), 0));
        for part in [';', '\t'] {
            let text = text.replace("Lima,\r\nPeru", "x").replace(',', &part.to_string());
            assert_eq!(contacts(&text).expect("a table").len(), 2, "{part:?}");
        }
        assert_eq!(contacts("phone\n+16001234561").expect("no line end").len(), 1);
        assert_eq!(contacts("phone\r+16001234561\r").expect("old line ends").len(), 1);
    }

    #[test]
    fn what_spreadsheets_do_to_numbers_is_undone_where_it_can_be() {
        let read = |field: &str| {
            let people = contacts(&format!("number;x\n{field};1")).expect(field);
            person(&people[0].1).map(|person| person.wid).map_err(|error| error.message)
        };
        for field in [
            "+16001234561",
            "16001234561",
            "\"=\"\"+16001234561\"\"\"",
            "'+16001234561",
            "001 600 123 4561",
            " +16001234561 ",
        ] {
            assert_eq!(read(field), Ok("16001234561@c.us".to_owned()), "{field}");
        }
        for (field, part) in [
            ("1.6001234561E+10", "'1.6001234561E+10' is not in E.164"),
            ("1,6E+10", "'1,6E+10' is not in E.164"),
            ("06001234561", "must start with '+'"),
            ("", "exactly one"),
            ("=HYPERLINK(1)", "must start with '+'"),
        ] {
            let error = read(field).expect_err(field);
            assert!(error.contains(part), "{field}: {error}");
        }
    }

    #[test]
    fn tables_that_can_t_be_read_are_refused_as_a_whole() {
        for (text, part) in [
            ("", "table is empty"),
            ("name,city\nAda,Lima", "None of the columns is called 'phone': they are name, city"),
            ("phone,Phone\n1,2", "Two columns are called 'phone'"),
            ("phone,,x\n1,2,3", "Column 2 has no name"),
            ("phone\n+16001234561,Ada", "Line 2 has 2 fields, but the first line names 1"),
            ("phone,name\n+16001234561,\"Ada\n+16001234562,Ben", "opens in line 2 is never closed"),
            ("phone,name\n+16001234561,\"Ada\"x", "Line 2 has 'x' after the end of a quoted"),
            ("p\0hone", "null bytes"),
        ] {
            let error = contacts(text).expect_err(part);
            assert!(error.code == "campaign:csv" && error.message.contains(part), "{text:?}: {}", error.message);
        }
    }

    #[test]
    fn fuzz_campaign_tables() {
        let seeds = [
            "phone,name,reference,message,var.city\n+16001234561,Ben,r-1,hello,Rome\n+16001234562,\"Cleo \"\"C\"\"\",,,\n",
            "phone;name\r\n'+16001234561;\"two\nlines\"\r\n",
            "\u{feff}group\tname\n120363012345678901@g.us\tAll\n",
        ];
        let words = ["phone", "group", "channel", "name", "reference", "message", "\"", "\"\"", ",", ";", "\t", "\r\n"];
        sparkbot_fuzz::Fuzz::new("campaign_tables").seeds(seeds).words(words).run(|input| {
            let Ok(text) = std::str::from_utf8(input) else { return "no text".to_owned() };
            match super::contacts(text) {
                Ok(people) => format!("{} people", people.len().min(5)),
                Err(error) => {
                    error.message.split(|c: char| c.is_ascii_digit() || c == '\'').next().unwrap_or_default().to_owned()
                }
            }
        });
    }
}
