//! `label:update`: what has changed about a number's labels, and who did it.

use serde_json::json;
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, LabelRow};

use super::shown;
use crate::clock::iso;
use crate::contacts::By;
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::network::Millis;
use crate::views::DeviceRef;

/// Writes down that a label is as `after` from now on, or gone without one;
/// `before` is what it was, absent for a new one. Nothing when nothing differs.
pub(super) async fn changed(
    w: &mut Writing,
    device: &DeviceRow,
    before: Option<&LabelRow>,
    after: Option<&LabelRow>,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    let changes = differences(before, after);
    let Some(label) = after.or(before).filter(|_| !changes.is_empty()) else { return Ok(()) };
    let mut data = json!({ "changes": changes, "by": by.shown(), "date": iso(now) });
    data["label"] = serde_json::to_value(shown(label.clone())).map_err(Error::internal)?;
    let change = Change {
        event: "label:update",
        object: "label",
        object_id: label.name.clone(),
        lane: events::lane(&device.id, "labels"),
        data,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, now).await?;
    Ok(())
}

fn differences(before: Option<&LabelRow>, after: Option<&LabelRow>) -> Vec<&'static str> {
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (None, Some(_)) => return vec!["created"],
        (Some(_), None) => return vec!["deleted"],
        (None, None) => return Vec::new(),
    };
    let words = [
        ("name", before.name != after.name),
        ("color", before.color != after.color),
        ("description", before.description != after.description),
        ("scope", before.scope != after.scope),
    ];
    words.into_iter().filter(|(_, differs)| *differs).map(|(word, _)| word).collect()
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::LabelRow;

    use super::differences;

    #[test]
    fn what_differs_is_named() {
        let row = LabelRow {
            name_key: "vip".to_owned(),
            name: "vip".to_owned(),
            scope: "chat".to_owned(),
            wa_id: None,
            color: "gold".to_owned(),
            description: None,
            created_at: 1,
            updated_at: 1,
        };
        let other = LabelRow { name: "VIP".to_owned(), color: "ruby".to_owned(), updated_at: 2, ..row.clone() };
        assert_eq!(differences(None, Some(&row)), ["created"]);
        assert_eq!(differences(Some(&row), None), ["deleted"]);
        assert_eq!(differences(Some(&row), Some(&other)), ["name", "color"]);
        assert!(differences(Some(&row), Some(&LabelRow { updated_at: 9, ..row.clone() })).is_empty());
    }
}
