//! Searches find what going through everything finds: many filters, made up from
//! a seed, on tables that are large enough for each way that a search may take.

use std::collections::BTreeSet;

use super::chat::words_of;
use super::{
    ChatFileFilter, ChatFileRow, ChatFilter, ChatMessageFilter, ChatMessageRow, ChatRow, ContactFilter, ContactRow,
    Sight, chat_kind,
};
use crate::Store;
use crate::ids::{AccountId, ChatFileId, DeviceId};
use crate::seal::{MasterKey, Sealer};

/// Words: the first ones are frequent, several begin alike, and one sign is a word.
const WORDS: [&str; 20] = [
    "alpha", "alps", "al", "beta", "bet", "gamma", "delta", "des", "öl", "ölung", "東", "east", "echo", "foxtrot",
    "golf", "hotel", "india", "juliett", "kilo", "lima",
];
const KINDS: [&str; 4] = ["text", "image", "poll", "audio"];

/// xorshift, so that a seed is all that there is to know.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Frequent words more often.
    fn word(&mut self) -> &'static str {
        let place = self.below(WORDS.len()).min(self.below(WORDS.len())).min(self.below(WORDS.len()));
        WORDS[place]
    }

    fn text(&mut self) -> String {
        let count = 1 + self.below(5);
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    /// One to three words, or what they begin with.
    fn search(&mut self) -> String {
        let count = 1 + self.below(3);
        let mut part = || {
            let word = self.word();
            let signs = if self.one_in(2) { 1 + self.below(word.chars().count()) } else { word.chars().count() };
            word.chars().take(signs).collect::<String>()
        };
        (0..count).map(|_| part()).collect::<Vec<_>>().join(" ")
    }
}

fn has(text: &str, search: &str) -> bool {
    let words: BTreeSet<String> = words_of(text);
    words_of(search).iter().all(|asked| words.iter().any(|word| word.starts_with(asked.as_str())))
}

struct Bench {
    store: Store,
    account: AccountId,
    device: DeviceId,
    _folder: tempfile::TempDir,
}

async fn place() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let url = Store::sqlite_url(&folder.path().join("searches.db"));
    let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.unwrap();
    let (account, device) = (AccountId::trusted("a".repeat(24)), DeviceId::trusted("b".repeat(24)));
    let made = format!(
        "INSERT INTO accounts (id, name, created_at) VALUES ('{account}', 'a', 0); \
         INSERT INTO devices (id, account_id, alias, plan, status, session_status, wanted, settings, session, created_by, \
         created_at, updated_at) VALUES ('{device}', '{account}', '', '', '', '', '', '', '', '', 0, 0)"
    );
    store
        .write(move |w| {
            Box::pin(async move {
                sqlx::raw_sql(sqlx::AssertSqlSafe(made)).execute(&mut w.conn).await?;
                Ok::<_, crate::error::StoreError>(())
            })
        })
        .await
        .unwrap();
    Bench { store, account, device, _folder: folder }
}

/// Who looks after a chat: few are mine, one is nobody's, all others are somebody else's.
fn agent_of(chat: &str) -> Option<&'static str> {
    match chat {
        "0@c.us" | "1@c.us" | "2@c.us" => Some("me"),
        "39@g.us" => None,
        _ => Some("other"),
    }
}

fn sees(sight: &Sight, chat: &str) -> bool {
    sight.sees(agent_of(chat), None)
}

/// Checks a page and its count against all that match, in order.
fn compare<T: PartialEq + std::fmt::Debug>(what: &str, all: &[T], skip: i64, size: i64, page: &[T], total: i64) {
    let (skip, size) = (usize::try_from(skip).unwrap(), usize::try_from(size).unwrap());
    let expected: Vec<&T> = all.iter().skip(skip).take(size).collect();
    assert_eq!(page.iter().collect::<Vec<_>>(), expected, "{what}");
    let (total, counted) = (usize::try_from(total).unwrap(), skip + size + 100);
    assert!(total == all.len() || (total >= counted && total < all.len()), "{what}: {total} of {}", all.len());
}

#[tokio::test]
async fn messages_and_files_are_found_however_they_are_asked_for() {
    let place = place().await;
    let mut random = Random(20_261_123);
    let mut rows: Vec<ChatMessageRow> = (0..7_000_usize)
        .map(|n| {
            let chat = format!("{}@{}", random.below(40), if random.one_in(5) { "g.us" } else { "c.us" });
            ChatMessageRow {
                author: chat.clone(),
                chat,
                wa_id: format!("A{n}"),
                flow: if random.one_in(2) { "inbound" } else { "outbound" }.to_owned(),
                kind: KINDS[random.below(KINDS.len()).min(random.below(KINDS.len()))].to_owned(),
                status: "active".to_owned(),
                body: Some(random.text()),
                ack: if random.one_in(50) { "failed" } else { "read" }.to_owned(),
                doc: "{}".to_owned(),
                // Several at one time; those of before hold the place of what is not known.
                at: i64::try_from(random.below(3_000)).unwrap(),
                ..ChatMessageRow::default()
            }
        })
        .collect();
    let (account, device, mut written) = (place.account.clone(), place.device.clone(), rows.clone());
    let seqs = place
        .store
        .write(move |w| {
            Box::pin(async move {
                let mut seqs = Vec::new();
                for wid in (0..40).flat_map(|n| [format!("{n}@c.us"), format!("{n}@g.us")]) {
                    let agent = agent_of(&wid).map(str::to_owned);
                    let chat = ChatRow { agent, ..ChatRow::new(&wid, chat_kind(&wid), 0) };
                    w.account(&account).put_chat(&device, &chat).await?;
                }
                for (n, row) in written.iter_mut().enumerate() {
                    let mut scope = w.account(&account);
                    row.seq = scope.insert_chat_message(&device, row, None, 0).await?.unwrap();
                    // Some were edited: nothing is known of them but their words.
                    row.edited_at = (n % 17 == 0).then_some(1);
                    let text = row.body.clone().unwrap_or_default();
                    scope.index_words(&device, row, &text, row.kind != "text").await?;
                    if row.kind != "text" {
                        let file = ChatFileRow { message: row.seq, filename: None, ..file(&account, &device, row, n) };
                        scope.insert_chat_file(&file).await?;
                    }
                    seqs.push(row.seq);
                }
                Ok::<_, crate::error::StoreError>(seqs)
            })
        })
        .await
        .unwrap();
    for (row, seq) in rows.iter_mut().zip(seqs) {
        row.seq = seq;
    }
    rows.sort_by_key(|row| (std::cmp::Reverse(row.at), std::cmp::Reverse(row.seq)));
    for round in 0..400 {
        let search = random.search();
        let filter = ChatMessageFilter {
            search: (!random.one_in(5)).then(|| search.clone()),
            flow: random.one_in(4).then(|| "inbound".to_owned()),
            kinds: if random.one_in(4) {
                vec![(KINDS[random.below(4)].to_owned(), None), ("poll".to_owned(), None)]
            } else {
                vec![]
            },
            ack: if random.one_in(8) { vec!["failed".to_owned()] } else { vec![] },
            chat_kinds: if random.one_in(6) { vec!["group".to_owned()] } else { vec![] },
            chat: random.one_in(8).then(|| "3@c.us".to_owned()),
            after: random.one_in(6).then_some(1_000),
            before: random.one_in(6).then_some(2_500),
            sight: match random.below(6) {
                0 => Sight::Agent { user: "me".to_owned(), departments: vec![] },
                1 => Sight::Agent { user: "other".to_owned(), departments: vec![] },
                _ => Sight::All,
            },
            ascending: random.one_in(4),
            size: 20,
            skip: if random.one_in(4) { 40 } else { 0 },
            ..ChatMessageFilter::default()
        };
        let matches = |row: &&ChatMessageRow| {
            filter.search.as_ref().is_none_or(|search| has(row.body.as_deref().unwrap_or_default(), search))
                && filter.flow.as_ref().is_none_or(|flow| *flow == row.flow)
                && (filter.kinds.is_empty() || filter.kinds.iter().any(|(kind, _)| *kind == row.kind))
                && (filter.ack.is_empty() || filter.ack.contains(&row.ack))
                && (filter.chat_kinds.is_empty() || filter.chat_kinds.iter().any(|kind| kind == chat_kind(&row.chat)))
                && filter.chat.as_ref().is_none_or(|chat| *chat == row.chat)
                && sees(&filter.sight, &row.chat)
                && filter.after.is_none_or(|at| row.at > at)
                && filter.before.is_none_or(|at| row.at < at)
        };
        let mut all: Vec<i64> = rows.iter().filter(matches).map(|row| row.seq).collect();
        if filter.ascending {
            all.reverse();
        }
        let mut reading = place.store.read().await.unwrap();
        let (total, found) = reading.account(&place.account).chat_messages(&place.device, &filter).await.unwrap();
        let page: Vec<i64> = found.iter().map(|row| row.seq).collect();
        compare(&format!("round {round}: {filter:?}"), &all, filter.skip, filter.size, &page, total);

        let files = ChatFileFilter {
            search: Some(search),
            flow: filter.flow.clone(),
            sight: filter.sight.clone(),
            after: filter.after,
            before: filter.before,
            ascending: filter.ascending,
            size: 20,
            skip: filter.skip,
            ..ChatFileFilter::default()
        };
        let matches = |row: &&ChatMessageRow| {
            has(row.body.as_deref().unwrap_or_default(), files.search.as_deref().unwrap_or_default())
                && row.kind != "text"
                && sees(&files.sight, &row.chat)
                && files.flow.as_ref().is_none_or(|flow| *flow == row.flow)
                && files.after.is_none_or(|at| row.at > at)
                && files.before.is_none_or(|at| row.at < at)
        };
        let mut all: Vec<i64> = rows.iter().filter(matches).map(|row| row.seq).collect();
        if files.ascending {
            all.reverse();
        }
        let (total, found) = reading.account(&place.account).chat_files(&place.device, &files).await.unwrap();
        let page: Vec<i64> = found.iter().map(|row| row.message).collect();
        compare(&format!("round {round}: {files:?}"), &all, files.skip, files.size, &page, total);
    }
}

fn file(account: &AccountId, device: &DeviceId, message: &ChatMessageRow, n: usize) -> ChatFileRow {
    ChatFileRow {
        id: ChatFileId::trusted(format!("{n:024}")),
        account_id: account.clone(),
        device_id: device.clone(),
        message: message.seq,
        chat: message.chat.clone(),
        author: message.author.clone(),
        wa_id: message.wa_id.clone(),
        flow: message.flow.clone(),
        kind: message.kind.clone(),
        status: "new".to_owned(),
        mime: None,
        size: None,
        filename: None,
        caption: message.body.clone(),
        sha2: None,
        meta: "{}".to_owned(),
        preview: None,
        blob: None,
        error_code: None,
        error: None,
        attempts: 0,
        next_attempt_at: None,
        downloads: 0,
        at: message.at,
        created_at: 0,
        fetched_at: None,
        expires_at: None,
    }
}

#[tokio::test]
async fn chats_and_contacts_are_found_however_they_are_asked_for() {
    let place = place().await;
    let mut random = Random(7);
    let mut rows: Vec<(ChatRow, ContactRow, bool)> = (0..7_000_i64)
        .map(|n| {
            let (name, labels) = (random.text(), if random.one_in(3) { "[\"few\"]" } else { "[\"many\"]" });
            let labels = if random.one_in(40) { labels } else { "[\"many\"]" };
            let at = i64::try_from(random.below(5_000)).unwrap();
            let wid = format!("{n}@c.us");
            let chat = ChatRow {
                sort_name: name.clone(),
                found_by: name.clone(),
                last_message_at: at,
                archived: i64::from(random.one_in(9)),
                labels: labels.to_owned(),
                ..ChatRow::new(&wid, "chat", 0)
            };
            let contact = ContactRow {
                wid,
                kind: "user".to_owned(),
                category: "personal".to_owned(),
                name: Some(name.clone()),
                fields: "{}".to_owned(),
                metadata: "[]".to_owned(),
                source: "chat".to_owned(),
                sort_name: name,
                created_at: at,
                updated_at: 5_000 - at,
                ..ContactRow::default()
            };
            (chat, contact, !random.one_in(20))
        })
        .collect();
    let (account, device, mut written) = (place.account.clone(), place.device.clone(), rows.clone());
    let seqs = place
        .store
        .write(move |w| {
            Box::pin(async move {
                let mut seqs = Vec::new();
                for (chat, contact, has_chat) in &mut written {
                    let mut scope = w.account(&account);
                    if *has_chat {
                        scope.put_chat(&device, chat).await?;
                        scope.set_chat_words(&device, &chat.wid, "", &chat.found_by).await?;
                        let labels = if chat.labels.contains("few") { ["few".to_owned()] } else { ["many".to_owned()] };
                        scope.set_chat_labels(&device, &chat.wid, &labels).await?;
                    }
                    let seq = scope.insert_contact(&device, contact).await?;
                    scope.index_contact(&device, seq, &contact.sort_name).await?;
                    if seq % 2 == 0 {
                        scope.index_metadata(&device, seq, &[("key".to_owned(), format!("v{}", seq % 50))]).await?;
                    }
                    seqs.push(seq);
                }
                Ok::<_, crate::error::StoreError>(seqs)
            })
        })
        .await
        .unwrap();
    for (row, seq) in rows.iter_mut().zip(seqs) {
        row.1.seq = seq;
    }
    for round in 0..200 {
        let search = random.search();
        let label = if random.one_in(2) { "few" } else { "many" };
        let filter = ChatFilter {
            search: (!random.one_in(4)).then(|| search.clone()),
            labels: if random.one_in(4) { vec![label.to_owned()] } else { vec![] },
            labels_exclude: if random.one_in(6) { vec!["few".to_owned()] } else { vec![] },
            statuses: if random.one_in(6) { vec!["archived".to_owned()] } else { vec![] },
            size: 20,
            skip: if random.one_in(4) { 40 } else { 0 },
            ..ChatFilter::default()
        };
        let mut all: Vec<&ChatRow> = rows
            .iter()
            .filter(|(chat, _, has_chat)| {
                *has_chat
                    && filter.search.as_ref().is_none_or(|search| has(&chat.found_by, search))
                    && filter.labels.iter().all(|label| chat.labels.contains(label.as_str()))
                    && !filter.labels_exclude.iter().any(|label| chat.labels.contains(label.as_str()))
                    && (filter.statuses.is_empty() || chat.archived == 1)
            })
            .map(|(chat, ..)| chat)
            .collect();
        all.sort_by(|a, b| (b.last_message_at, &b.wid).cmp(&(a.last_message_at, &a.wid)));
        let all: Vec<String> = all.into_iter().map(|chat| chat.wid.clone()).collect();
        let mut reading = place.store.read().await.unwrap();
        let (total, found) = reading.account(&place.account).chats(&place.device, &filter).await.unwrap();
        let page: Vec<String> = found.into_iter().map(|chat| chat.wid).collect();
        compare(&format!("round {round}: {filter:?}"), &all, filter.skip, filter.size, &page, total);

        let time = |random: &mut Random| i64::try_from(random.below(5_000)).unwrap();
        let filter = ContactFilter {
            search: random.one_in(2).then_some(search),
            labels: if random.one_in(5) { vec![label.to_owned()] } else { vec![] },
            labels_exclude: if random.one_in(6) { vec!["few".to_owned()] } else { vec![] },
            metadata_keys: if random.one_in(6) { vec!["key".to_owned()] } else { vec![] },
            metadata_values: if random.one_in(6) { vec!["v2".to_owned(), "v4".to_owned()] } else { vec![] },
            has_chat: random.one_in(4).then(|| random.one_in(2)),
            after: random.one_in(5).then(|| time(&mut random)),
            before: random.one_in(5).then(|| time(&mut random)),
            updated_after: random.one_in(5).then(|| time(&mut random)),
            last_message_after: random.one_in(5).then(|| time(&mut random)),
            size: 20,
            skip: if random.one_in(4) { 40 } else { 0 },
            ..ContactFilter::default()
        };
        let mut all: Vec<&ContactRow> = rows
            .iter()
            .filter(|(chat, contact, has_chat)| {
                let value = format!("v{}", contact.seq % 50);
                filter.search.as_ref().is_none_or(|search| has(&contact.sort_name, search))
                    && filter.labels.iter().all(|label| *has_chat && chat.labels.contains(label.as_str()))
                    && !filter.labels_exclude.iter().any(|label| *has_chat && chat.labels.contains(label.as_str()))
                    && (filter.metadata_keys.is_empty() || contact.seq % 2 == 0)
                    && (filter.metadata_values.is_empty()
                        || (contact.seq % 2 == 0 && filter.metadata_values.contains(&value)))
                    && filter.has_chat.is_none_or(|asked| asked == *has_chat)
                    && filter.after.is_none_or(|at| contact.created_at > at)
                    && filter.before.is_none_or(|at| contact.created_at < at)
                    && filter.updated_after.is_none_or(|at| contact.updated_at > at)
                    && filter.last_message_after.is_none_or(|at| *has_chat && chat.last_message_at > at)
            })
            .map(|(_, contact, _)| contact)
            .collect();
        all.sort_by(|a, b| (&a.sort_name, a.seq).cmp(&(&b.sort_name, b.seq)));
        let all: Vec<i64> = all.into_iter().map(|contact| contact.seq).collect();
        let (total, found) = reading.account(&place.account).contacts(&place.device, &filter).await.unwrap();
        let page: Vec<i64> = found.iter().map(|contact| contact.seq).collect();
        compare(&format!("round {round}: {filter:?}"), &all, filter.skip, filter.size, &page, total);
    }
}
