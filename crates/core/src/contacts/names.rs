//! Which name is shown. The rules, all of them:
//!
//! * **name**: what people have written here (`name` and `surname`), else the
//!   phone's address book, else the verified name of a business, else the name
//!   that the person gives.
//! * **displayName**: the name, else the number as people abroad write it, else
//!   the WhatsApp id.
//! * **formattedName**: title, name and surname as written here, else the
//!   displayName.
//! * **shortName**: the first name as written here, else the phone's first name,
//!   else the first word of the name.
//! * **formattedShortName**: title and shortName, else the displayName.
//!
//! Lists are sorted by the displayName in lower case.

use phonenumber::Mode;
use sparkbot_store::rows::ContactRow;

use super::fields::ContactFields;
use crate::views::Contact;

/// Characters of a name that lists are sorted by.
const SORTED: usize = 60;

/// A contact's names.
pub(super) struct Names {
    pub(super) name: Option<String>,
    pub(super) display: String,
    pub(super) formatted: String,
    pub(super) short: Option<String>,
    pub(super) formatted_short: String,
}

impl Names {
    pub(super) fn of(row: &ContactRow, fields: &ContactFields) -> Self {
        let written = joined(&[fields.name.as_deref(), fields.surname.as_deref()]);
        let name = written
            .clone()
            .or_else(|| row.name.clone())
            .or_else(|| row.verified_name.clone())
            .or_else(|| row.push_name.clone());
        let display =
            name.clone().or_else(|| row.phone.as_deref().map(international)).unwrap_or_else(|| row.wid.clone());
        let short = fields
            .name
            .clone()
            .or_else(|| row.short_name.clone())
            .or_else(|| name.as_deref().and_then(|name| name.split_whitespace().next()).map(str::to_owned));
        let title = fields.title.as_deref();
        Self {
            formatted: written.and_then(|name| joined(&[title, Some(&name)])).unwrap_or_else(|| display.clone()),
            formatted_short: short
                .as_deref()
                .and_then(|short| joined(&[title, Some(short)]))
                .unwrap_or_else(|| display.clone()),
            name,
            display,
            short,
        }
    }

    /// What lists are sorted by.
    pub(super) fn sorted(&self) -> String {
        self.display.to_lowercase().chars().take(SORTED).collect()
    }
}

fn joined(parts: &[Option<&str>]) -> Option<String> {
    let parts: Vec<&str> = parts.iter().flatten().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// `+1 600-123-4560`; as it is when it can't be read.
fn international(phone: &str) -> String {
    phonenumber::parse(None, phone)
        .map_or_else(|_| phone.to_owned(), |number| number.format().mode(Mode::International).to_string())
}

/// A contact as chats and messages show it.
pub(crate) fn brief(row: ContactRow) -> Contact {
    let names = Names::of(&row, &ContactFields::of(&row));
    Contact {
        wid: row.wid,
        lid: row.lid,
        kind: "user".to_owned(),
        phone: row.phone,
        name: names.name,
        display_name: names.display,
    }
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::ContactRow;

    use super::Names;
    use crate::contacts::fields::ContactFields;

    fn row() -> ContactRow {
        ContactRow {
            wid: "16001234561@c.us".to_owned(),
            phone: Some("+16001234561".to_owned()),
            ..ContactRow::default()
        }
    }

    fn of(row: &ContactRow, fields: &ContactFields) -> [String; 5] {
        let names = Names::of(row, fields);
        let dash = |name: Option<String>| name.unwrap_or_else(|| "-".to_owned());
        [dash(names.name), names.display, names.formatted, dash(names.short), names.formatted_short]
    }

    #[test]
    fn the_number_stands_for_who_has_no_name() {
        let number = "+1 600-123-4561";
        assert_eq!(of(&row(), &ContactFields::default()), ["-", number, number, "-", number]);
        let hidden = ContactRow { phone: None, wid: "77@lid".to_owned(), ..row() };
        assert_eq!(Names::of(&hidden, &ContactFields::default()).display, "77@lid");
    }

    #[test]
    fn each_source_of_a_name_hides_the_next() {
        let mut row = ContactRow { push_name: Some("Benny B".to_owned()), ..row() };
        let mut fields = ContactFields { title: Some("Dr".to_owned()), ..ContactFields::default() };
        assert_eq!(of(&row, &fields), ["Benny B", "Benny B", "Benny B", "Benny", "Dr Benny"]);
        row.verified_name = Some("Ben & Co".to_owned());
        assert_eq!(Names::of(&row, &fields).display, "Ben & Co");
        row.name = Some("Ben from work".to_owned());
        row.short_name = Some("Benno".to_owned());
        assert_eq!(of(&row, &fields), ["Ben from work", "Ben from work", "Ben from work", "Benno", "Dr Benno"]);
        fields.name = Some("Ben".to_owned());
        fields.surname = Some("Berg".to_owned());
        assert_eq!(of(&row, &fields), ["Ben Berg", "Ben Berg", "Dr Ben Berg", "Ben", "Dr Ben"]);
        assert_eq!(Names::of(&row, &fields).sorted(), "ben berg");
    }
}
