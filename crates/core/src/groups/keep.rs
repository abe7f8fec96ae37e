//! Writing a group as it is now, and telling what has changed: the one place
//! where both happen, so that a change is told once, whoever hears of it first.

use serde_json::{Map, Value, json};
use sparkbot_store::Writing;
use sparkbot_store::rows::{DeviceRow, ParticipantRow};

use super::doc::{State, role, role_word, shown_role, timer, who};
use crate::chats::{self, By, Learnt};
use crate::error::{Error, Result};
use crate::events::{self, Change};
use crate::network::Millis;
use crate::network::group::{Member, Role, Someone};
use crate::views::DeviceRef;
use crate::wid::Wid;

/// Who has changed something, and when.
#[derive(Debug, Clone)]
pub(super) struct Author {
    pub(super) by: Option<Someone>,
    pub(super) at: Millis,
}

/// People who have come, gone, or become something else.
#[derive(Debug, Default)]
pub(super) struct Moves {
    added: Vec<ParticipantRow>,
    removed: Vec<ParticipantRow>,
    promoted: Vec<ParticipantRow>,
    demoted: Vec<ParticipantRow>,
    /// Who is known by another id than before; nobody hears of it.
    renamed: Vec<(String, ParticipantRow)>,
}

impl Moves {
    fn is_empty(&self) -> bool {
        [&self.added, &self.removed, &self.promoted, &self.demoted].iter().all(|people| people.is_empty())
    }

    /// Notes that somebody has another role.
    pub(super) fn role(&mut self, row: &ParticipantRow, new: Role) {
        let was = role(&row.role);
        let changed = ParticipantRow { role: role_word(new).to_owned(), ..row.clone() };
        if new > was {
            self.promoted.push(changed);
        } else if new < was {
            self.demoted.push(changed);
        }
    }

    /// Notes that somebody has come.
    pub(super) fn came(&mut self, member: &Member, now: Millis) {
        self.added.push(participant(member, now));
    }

    /// Notes that somebody has gone.
    pub(super) fn went(&mut self, row: ParticipantRow) {
        self.removed.push(row);
    }

    /// By how many the group has grown.
    pub(super) fn growth(&self) -> i64 {
        let count = |people: &[ParticipantRow]| i64::try_from(people.len()).unwrap_or(i64::MAX);
        count(&self.added) - count(&self.removed)
    }

    /// From who was in it to who is.
    pub(super) fn between(before: Vec<ParticipantRow>, after: &[Member], now: Millis) -> Self {
        let mut moves = Self::default();
        let mut known: std::collections::HashMap<String, ParticipantRow> =
            before.into_iter().map(|row| (row.wid.clone(), row)).collect();
        let mut came = Vec::new();
        for member in after {
            match known.remove(member.who.wid.as_str()) {
                Some(row) => moves.role(&row, member.role),
                None => came.push(member),
            }
        }
        // Somebody known by the private id so far is no other person now that
        // the number is known.
        let by_lid: std::collections::HashMap<String, String> =
            known.values().filter_map(|row| Some((row.lid.clone()?, row.wid.clone()))).collect();
        for member in came {
            let same = member.who.lid.as_ref().and_then(|lid| by_lid.get(lid.as_str()));
            if let Some(row) = same.and_then(|wid| known.remove(wid)) {
                moves.role(&ParticipantRow { wid: member.who.wid.to_string(), ..row.clone() }, member.role);
                moves.renamed.push((row.wid, participant(member, now)));
            } else {
                moves.added.push(participant(member, now));
            }
        }
        moves.removed = known.into_values().collect();
        moves
    }

    /// Writes them.
    async fn write(&self, w: &mut Writing, device: &DeviceRow, group: &str) -> Result<()> {
        let mut scope = w.account(&device.account_id);
        let renamed = self.renamed.iter().map(|(before, _)| before);
        for wid in self.removed.iter().map(|row| &row.wid).chain(renamed) {
            scope.delete_participant(&device.id, group, wid).await?;
        }
        let renamed = self.renamed.iter().map(|(_, now)| now);
        for row in renamed.chain(&self.added).chain(&self.promoted).chain(&self.demoted) {
            scope.put_participant(&device.id, group, row).await?;
        }
        Ok(())
    }

    fn told(&self) -> Value {
        let people = |rows: &[ParticipantRow]| -> Vec<Value> { rows.iter().map(person).collect() };
        json!({
            "added": people(&self.added), "removed": people(&self.removed),
            "promoted": people(&self.promoted), "demoted": people(&self.demoted),
        })
    }
}

fn participant(member: &Member, now: Millis) -> ParticipantRow {
    ParticipantRow {
        wid: member.who.wid.to_string(),
        lid: member.who.lid.as_ref().map(Wid::to_string),
        role: role_word(member.role).to_owned(),
        joined_at: member.joined_at,
        synced_at: now,
    }
}

fn person(row: &ParticipantRow) -> Value {
    let phone = row.wid.parse::<Wid>().ok().and_then(|wid| wid.phone()).map(String::from);
    json!({ "wid": row.wid, "phone": phone, "lid": row.lid })
}

/// Somebody as events show them.
pub(super) fn someone(who: &Someone) -> Value {
    let phone = who.wid.phone().map(String::from);
    json!({ "wid": who.wid, "phone": phone, "lid": who.lid })
}

/// Writes a group as it is now; whether anything has changed. What has is told
/// to those who listen, unless `quiet`.
pub(super) async fn keep(
    w: &mut Writing,
    device: &DeviceRow,
    before: Option<&State>,
    mut after: State,
    moves: &Moves,
    author: &Author,
    quiet: bool,
) -> Result<bool> {
    let (words, previous) =
        before.map_or_else(|| (vec!["membership"], Map::new()), |before| differences(before, &after));
    let mut words = words;
    if !moves.is_empty() && before.is_some() {
        words.push("participants");
    }
    let group = after.doc.facts.wid.to_string();
    let changed = !words.is_empty();
    if changed {
        after.updated_at = after.updated_at.max(author.at);
    }
    w.account(&device.account_id).put_group(&device.id, &after.row()?).await?;
    moves.write(w, device, &group).await?;
    let renamed = before.is_none_or(|before| before.doc.facts.name != after.doc.facts.name);
    if renamed {
        let known = w.account(&device.account_id).chat(&device.id, &group).await?.is_some();
        let learnt = Learnt { wid: group.clone(), name: Some(after.doc.facts.name.clone()), ..Learnt::default() };
        if known {
            let by = By::phone();
            chats::learnt(w, device, learnt, (!quiet).then_some(&by), author.at).await?;
        }
    }
    if changed && !quiet {
        let extra = (!moves.is_empty() && before.is_some()).then(|| ("participantsChanged", moves.told()));
        tell(w, device, &after, &words, previous, extra, author).await?;
    }
    Ok(changed)
}

/// Appends the event of a change.
pub(super) async fn tell(
    w: &mut Writing,
    device: &DeviceRow,
    state: &State,
    words: &[&'static str],
    previous: Map<String, Value>,
    extra: Option<(&'static str, Value)>,
    author: &Author,
) -> Result<()> {
    let group = state.doc.facts.wid.to_string();
    let chat = w.account(&device.account_id).chat(&device.id, &group).await?;
    let mut data = serde_json::to_value(state.view(chat.as_ref())).map_err(Error::internal)?;
    data["changes"] = json!(words);
    data["previous"] = Value::Object(previous);
    data["by"] = author.by.as_ref().map_or(Value::Null, someone);
    data["date"] = json!(crate::clock::iso(author.at));
    if let Some((name, value)) = extra {
        data[name] = value;
    }
    let change = Change {
        event: "group:update",
        object: "group",
        object_id: group.clone(),
        lane: events::lane(&device.id, &group),
        data,
    };
    events::append(w, &device.account_id, Some(&DeviceRef::of(device)), change, author.at).await?;
    Ok(())
}

/// What is another than before, and what it was.
fn differences(before: &State, after: &State) -> (Vec<&'static str>, Map<String, Value>) {
    let (old, new) = (&before.doc.facts, &after.doc.facts);
    let mut words = Vec::new();
    let mut previous = Map::new();
    let mut note = |word: &'static str, differs: bool, was: Value| {
        if differs {
            words.push(word);
            previous.insert(word.to_owned(), was);
        }
    };
    note("name", old.name != new.name, json!(old.name));
    note("description", old.description != new.description, json!(old.description));
    note("permissions.edit", old.admins_edit != new.admins_edit, json!(who(old.admins_edit)));
    note("permissions.send", old.admins_send != new.admins_send, json!(who(old.admins_send)));
    note("permissions.invite", old.admins_invite != new.admins_invite, json!(who(old.admins_invite)));
    note("permissions.approval", old.approval != new.approval, json!(old.approval));
    note("ephemeral", old.ephemeral_seconds != new.ephemeral_seconds, json!(timer(old.ephemeral_seconds)));
    note("community", old.community != new.community || old.kind != new.kind, json!(old.community));
    note("suspended", old.suspended != new.suspended, json!(old.suspended));
    note("role", before.role != after.role, json!(before.role.map(shown_role)));
    let picture = |state: &State| state.doc.picture.as_ref().map(|picture| picture.id.clone());
    let url = before.doc.picture.as_ref().and_then(|picture| picture.url.clone());
    note("image", picture(before) != picture(after), json!(url));
    let code = &before.doc.invite_code;
    // That a code has become known is no change of the link.
    note("invite", code.is_some() && *code != after.doc.invite_code, json!(code));
    (words, previous)
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::ParticipantRow;

    use super::Moves;
    use crate::network::group::{Member, Role, Someone};

    fn row(wid: &str, lid: Option<&str>, role: &str) -> ParticipantRow {
        ParticipantRow {
            wid: wid.to_owned(),
            lid: lid.map(str::to_owned),
            role: role.to_owned(),
            joined_at: None,
            synced_at: 0,
        }
    }

    fn member(wid: &str, lid: Option<&str>, role: Role) -> Member {
        let who = Someone { wid: wid.parse().expect("an id"), lid: lid.map(|lid| lid.parse().expect("an id")) };
        Member { who, role, joined_at: None }
    }

    fn wids(rows: &[ParticipantRow]) -> Vec<&str> {
        rows.iter().map(|row| row.wid.as_str()).collect()
    }

    #[test]
    fn who_came_went_rose_and_fell() {
        let before =
            vec![row("1@c.us", None, "super_admin"), row("2@c.us", None, "member"), row("3@c.us", None, "admin")];
        let after = [
            member("1@c.us", None, Role::SuperAdmin),
            member("3@c.us", None, Role::Member),
            member("4@c.us", None, Role::Member),
        ];
        let moves = Moves::between(before, &after, 9);
        assert_eq!(wids(&moves.added), ["4@c.us"]);
        assert_eq!(wids(&moves.removed), ["2@c.us"]);
        assert_eq!(wids(&moves.demoted), ["3@c.us"]);
        assert!(moves.promoted.is_empty());
        assert_eq!(moves.growth(), 0);
    }

    #[test]
    fn nobody_moves_when_nothing_has_changed() {
        let before = vec![row("1@c.us", None, "admin")];
        assert!(Moves::between(before, &[member("1@c.us", Some("9@lid"), Role::Admin)], 9).is_empty());
    }

    #[test]
    fn a_number_that_becomes_known_takes_the_place_of_the_private_id() {
        let before = vec![row("9@lid", Some("9@lid"), "member")];
        let moves = Moves::between(before, &[member("1@c.us", Some("9@lid"), Role::Member)], 9);
        assert!(moves.is_empty(), "nobody has come or gone");
        let renamed: Vec<_> = moves.renamed.iter().map(|(was, row)| (was.as_str(), row.wid.as_str())).collect();
        assert_eq!(renamed, [("9@lid", "1@c.us")]);
        assert_eq!(moves.growth(), 0);
    }
}
