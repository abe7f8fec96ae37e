//! Keys and values that programs keep with a contact.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{ContactRow, DeviceRow};
use utoipa::ToSchema;

use super::change::{self, By};
use super::known::{ContactId, missing};
use crate::app::Core;
use crate::devices::not_found;
use crate::error::{Error, Result};
use crate::ids::DeviceId;
use crate::keys::{Caller, Scope};
use crate::network::Millis;

/// Pairs of one contact at most.
const MOST: usize = 50;
/// Characters of a key.
const KEY: usize = 30;
/// Characters of a value.
const VALUE: usize = 1000;

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MetadataPair {
    /// At most 30 characters.
    #[schema(min_length = 1, max_length = 30)]
    pub key: String,
    /// At most 1,000 characters.
    #[schema(max_length = 1000)]
    pub value: String,
}

/// Out of a contact's row.
pub(super) fn pairs(column: &str) -> Result<Vec<(String, String)>> {
    let pairs: Vec<MetadataPair> = serde_json::from_str(column).map_err(Error::internal)?;
    Ok(pairs.into_iter().map(|pair| (pair.key, pair.value)).collect())
}

pub(super) fn column(pairs: &[(String, String)]) -> String {
    Value::from_iter(pairs.iter().map(|(key, value)| json!({ "key": key, "value": value }))).to_string()
}

/// With these pairs put over those that are there, or in place of them.
pub(super) fn changed(before: &str, given: &[MetadataPair], replace: bool) -> Result<String> {
    let mut all = if replace { Vec::new() } else { pairs(before)? };
    for pair in given {
        let key = pair.key.trim();
        let length = key.chars().count();
        if length == 0 || length > KEY {
            return Err(Error::invalid(
                "metadata:invalid",
                format!("The metadata key '{key}' has {length} characters; it needs 1 to {KEY}."),
            ));
        }
        let length = pair.value.chars().count();
        if length > VALUE {
            return Err(Error::invalid(
                "metadata:invalid",
                format!("The value of the metadata '{key}' has {length} characters; at most {VALUE} are kept."),
            ));
        }
        match all.iter_mut().find(|(known, _)| known == key) {
            Some((_, value)) => value.clone_from(&pair.value),
            None => all.push((key.to_owned(), pair.value.clone())),
        }
    }
    if all.len() > MOST {
        return Err(Error::invalid(
            "metadata:count",
            format!("The contact would have {} metadata; at most {MOST} are kept.", all.len()),
        ));
    }
    Ok(column(&all))
}

/// Puts pairs to those that a contact has (a value takes the place of the one
/// before), or in place of all of them; what the contact has then.
///
/// # Errors
/// `contact:notfound`, `metadata:invalid`, `metadata:count`; without the scope
/// `contacts:write`.
pub async fn put_metadata(
    core: &Core,
    caller: &Caller,
    device: &DeviceId,
    id: ContactId,
    given: Vec<MetadataPair>,
    replace: bool,
) -> Result<Vec<MetadataPair>> {
    caller.need(Scope::ContactsWrite)?;
    let (caller, device, now) = (caller.clone(), device.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let account = &caller.account;
                let device = w.account(account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                let before = w.account(account).contact(&device.id, id.0.as_str()).await?;
                let before = before.ok_or_else(|| missing(&id.0))?;
                let row = ContactRow { metadata: changed(&before.metadata, &given, replace)?, ..before.clone() };
                let row = change::save(w, &device, &before, row, By::Caller(&caller), now).await?;
                serde_json::from_str(&row.metadata).map_err(Error::internal)
            })
        })
        .await
}

/// Writes metadata that was put together elsewhere.
pub(crate) async fn set(
    w: &mut Writing,
    device: &DeviceRow,
    before: &ContactRow,
    metadata: String,
    by: By<'_>,
    now: Millis,
) -> Result<()> {
    let row = ContactRow { metadata, ..before.clone() };
    change::save(w, device, before, row, by, now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{MetadataPair, changed};

    fn pair(key: &str, value: &str) -> MetadataPair {
        MetadataPair { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn pairs_are_added_over_or_in_place() {
        let one = changed("[]", &[pair("a", "1"), pair("b", "2")], false).expect("kept");
        let two = changed(&one, &[pair("a", "3"), pair("c", "4")], false).expect("kept");
        assert_eq!(two, r#"[{"key":"a","value":"3"},{"key":"b","value":"2"},{"key":"c","value":"4"}]"#);
        assert_eq!(changed(&two, &[pair("z", "")], true).expect("kept"), r#"[{"key":"z","value":""}]"#);
    }

    #[test]
    fn limits_are_told() {
        let refused = |given: &[MetadataPair]| changed("[]", given, false).expect_err("refused").message;
        assert!(refused(&[pair(" ", "1")]).contains("has 0 characters"));
        assert!(refused(&[pair(&"k".repeat(31), "1")]).contains("has 31 characters"));
        assert!(refused(&[pair("k", &"v".repeat(1001))]).contains("has 1001 characters"));
        let many: Vec<_> = (0..51).map(|n| pair(&format!("k{n}"), "v")).collect();
        assert!(refused(&many).contains("would have 51"));
    }
}
