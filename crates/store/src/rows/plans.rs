//! Lists of a large inbox find their rows by indexes. Every filter and order is
//! asked for on a small database, and the plans of what was run are looked at:
//! none may go through a table, and each has to use the index that is meant.

use sqlx::{AssertSqlSafe, Row};

use super::{
    ChatFileFilter, ChatFilter, ChatMessageFilter, ChatOrder, ContactFilter, ContactOrder, FileFilter, FileOrder,
    MessageFilter, Place, Sight,
};
use crate::Store;
use crate::connection::Connection;
use crate::ids::{AccountId, DeviceId};
use crate::seal::{MasterKey, Sealer};
use crate::sql::tests::RUN;

/// Tables that are large in a large inbox.
const LARGE: &[&str] = &[
    "chat_messages",
    "chat_message_words",
    "chat_files",
    "chats",
    "chat_words",
    "chat_labels",
    "contacts",
    "contact_words",
    "contact_metadata",
    "messages",
    "files",
    "events",
];

struct Bench {
    store: Store,
    conn: Connection,
    account: AccountId,
    device: DeviceId,
    _folder: tempfile::TempDir,
}

async fn place() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let url = Store::sqlite_url(&folder.path().join("plans.db"));
    let store = Store::open(&url, Sealer::new(&MasterKey::random(), &[])).await.unwrap();
    let conn = Connection::open(&url).await.unwrap();
    let account = AccountId::trusted("a".repeat(24));
    Bench { store, conn, account, device: DeviceId::trusted("b".repeat(24)), _folder: folder }
}

/// The plan of a statement, a line a step.
async fn plan(conn: &mut Connection, text: &str) -> Vec<String> {
    let values = text.split('$').skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap());
    let values = values.map(|number| number.parse::<usize>().unwrap()).max().unwrap_or(0);
    let mut query = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}")));
    for _ in 0..values {
        query = query.bind(None::<i64>);
    }
    let rows = query.fetch_all(conn).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(3)).collect()
}

/// What is wrong with the plans of what was run since the last time; `index` is
/// the one that has to be used.
async fn wrong(place: &mut Bench, what: &str, index: &str) -> Vec<String> {
    let statements = RUN.take();
    let (mut wrong, mut used) = (Vec::new(), false);
    for text in &statements {
        let steps = plan(&mut place.conn, text).await;
        used |= index.is_empty() || steps.iter().any(|step| step.contains(index));
        for step in &steps {
            // Through a table, or through all that a number or an account has, except by the index that is meant.
            let through = LARGE.iter().any(|table| {
                let of = |word: &str| step.strip_prefix(word).is_some_and(|rest| rest.split(' ').next() == Some(table));
                let all = step.ends_with("(device_id=?)") || step.ends_with("(account_id=?)");
                let meant = step.contains("COVERING") || (!index.is_empty() && step.contains(index));
                of("SCAN ") || (of("SEARCH ") && all && !meant)
            });
            if through {
                wrong.push(format!("{what}: {step}\n    {text}"));
            }
        }
    }
    if !used {
        let mut steps = Vec::new();
        for text in &statements {
            steps.extend(plan(&mut place.conn, text).await);
        }
        wrong.push(format!(
            "{what}: {index} is not used\n    {}\n    {}",
            statements.join("\n    "),
            steps.join("\n    ")
        ));
    }
    wrong
}

fn text(word: &str) -> Option<String> {
    Some(word.to_owned())
}

fn agent() -> Sight {
    Sight::Agent { user: "me".to_owned(), departments: vec![] }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test]
async fn messages_of_chats_are_found_by_indexes() {
    let mut place = place().await;
    let all = || ChatMessageFilter { size: 20, own: text("1@c.us"), ..ChatMessageFilter::default() };
    let kind = |kind: &str, subtype: Option<&str>| (kind.to_owned(), subtype.map(str::to_owned));
    let asked = [
        ("all", "chat_messages_recent", all()),
        ("oldest", "chat_messages_recent", ChatMessageFilter { ascending: true, ..all() }),
        ("flow", "chat_messages_flow", ChatMessageFilter { flow: text("inbound"), ..all() }),
        ("ack", "chat_messages_ack", ChatMessageFilter { ack: texts(&["failed"]), ..all() }),
        ("acks", "chat_messages_ack", ChatMessageFilter { ack: texts(&["failed", "read"]), ..all() }),
        ("wid", "wa_id=?", ChatMessageFilter { wids: texts(&["A", "B"]), ..all() }),
        ("search", "(device_id=? AND word>? AND word<?)", ChatMessageFilter { search: text("a b"), ..all() }),
        ("%", "chat_messages_recent", ChatMessageFilter { search: text("%"), ..all() }),
        ("chat", "chat_messages_chat", ChatMessageFilter { chat: text("2@c.us"), ..all() }),
        ("from", "chat_messages_author", ChatMessageFilter { from: text("2@c.us"), ..all() }),
        ("from group", "chat_messages_chat", ChatMessageFilter { from: text("2@g.us"), ..all() }),
        ("to", "chat_messages_chat", ChatMessageFilter { to: text("2@c.us"), ..all() }),
        ("to us", "chat_messages_flow", ChatMessageFilter { to: text("1@c.us"), ..all() }),
        ("type", "chat_messages_chat_kind", ChatMessageFilter { chat_kinds: texts(&["group", "chat"]), ..all() }),
        ("reference", "chat_messages_reference", ChatMessageFilter { reference: text("r"), ..all() }),
        ("kind", "chat_messages_kind", ChatMessageFilter { kinds: vec![kind("text", None)], ..all() }),
        (
            "system",
            "chat_messages_kind",
            ChatMessageFilter { kinds: vec![kind("system", None), kind("call", None)], ..all() },
        ),
        ("voice", "chat_messages_sound", ChatMessageFilter { kinds: vec![kind("audio", Some("voice"))], ..all() }),
        ("begin", "at>?", ChatMessageFilter { begin: Some(Place { at: 1, seq: 1 }), ..all() }),
        ("end", "at<?", ChatMessageFilter { end: Some(Place { at: 1, seq: 1 }), ..all() }),
        ("after", "at>?", ChatMessageFilter { after: Some(1), ..all() }),
        ("before", "at<?", ChatMessageFilter { before: Some(1), ..all() }),
        // Few of these: they lead.
        (
            "flow and ack",
            "chat_messages_ack",
            ChatMessageFilter { flow: text("inbound"), ack: texts(&["failed"]), ..all() },
        ),
        ("of an agent", "chat_messages_chat", ChatMessageFilter { sight: agent(), ..all() }),
        (
            "in one chat",
            "chat_messages_chat",
            ChatMessageFilter {
                chat: text("2@c.us"),
                flow: text("inbound"),
                ack: texts(&["read"]),
                kinds: vec![kind("image", None)],
                chat_kinds: texts(&["chat"]),
                ..all()
            },
        ),
    ];
    let mut bad = Vec::new();
    for (what, index, filter) in asked {
        RUN.take();
        let mut reading = place.store.read().await.unwrap();
        reading.account(&place.account).chat_messages(&place.device, &filter).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, what, index).await);
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn chats_are_found_by_indexes() {
    let mut place = place().await;
    let all = || ChatFilter { size: 20, ..ChatFilter::default() };
    // SQLite prefers the index that has all that is asked for, PostgreSQL those of the few.
    const FEW: &str = "INDEX chats_";
    let asked = [
        ("all", "chats_recent", all()),
        ("oldest", "chats_recent", ChatFilter { order: ChatOrder::Oldest, ..all() }),
        ("most unread", "chats_unread", ChatFilter { order: ChatOrder::Unread, ..all() }),
        ("names", "chats_names", ChatFilter { order: ChatOrder::Name, ..all() }),
        ("names backwards", "chats_names", ChatFilter { order: ChatOrder::NameBackwards, ..all() }),
        ("pending", "chats_recent", ChatFilter { statuses: texts(&["pending"]), ..all() }),
        ("muted", FEW, ChatFilter { statuses: texts(&["muted"]), ..all() }),
        ("unread", FEW, ChatFilter { unread: true, ..all() }),
        ("active", "chats_recent", ChatFilter { active: true, ..all() }),
        ("can send", "chats_recent", ChatFilter { can_send: true, ..all() }),
        ("read only", FEW, ChatFilter { read_only: true, ..all() }),
        ("groups", "chats_recent", ChatFilter { kinds: texts(&["group"]), ..all() }),
        ("channels", "chats_special", ChatFilter { kinds: texts(&["channel"]), ..all() }),
        ("agent", FEW, ChatFilter { agents: texts(&["agent"]), ..all() }),
        ("search", "(device_id=? AND word>? AND word<?)", ChatFilter { search: text("ann b"), ..all() }),
        ("labels", "(device_id=? AND label=?)", ChatFilter { labels: texts(&["vip", "new"]), ..all() }),
        ("without labels", "chats_recent", ChatFilter { labels_exclude: texts(&["vip"]), ..all() }),
    ];
    let mut bad = Vec::new();
    for (what, index, filter) in asked {
        RUN.take();
        let mut reading = place.store.read().await.unwrap();
        let mut scope = reading.account(&place.account);
        scope.chats(&place.device, &filter).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, what, index).await);
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn contacts_are_found_by_indexes() {
    let mut place = place().await;
    let all = || ContactFilter { size: 20, ..ContactFilter::default() };
    let asked = [
        ("all", "contacts_name", all()),
        ("names backwards", "contacts_name", ContactFilter { order: ContactOrder::NameDescending, ..all() }),
        ("oldest", "contacts_created", ContactFilter { order: ContactOrder::Created, ..all() }),
        ("last changed", "contacts_updated", ContactFilter { order: ContactOrder::UpdatedDescending, ..all() }),
        ("search", "(device_id=? AND word>? AND word<?)", ContactFilter { search: text("ann b"), ..all() }),
        ("users", "contacts_kind", ContactFilter { types: texts(&["user"]), ..all() }),
        ("businesses", "contacts_", ContactFilter { types: texts(&["business"]), ..all() }),
        ("e-mail", "contacts_", ContactFilter { with_email: true, ..all() }),
        ("country", "contacts_", ContactFilter { countries: texts(&["US"]), ..all() }),
        ("with a chat", "contacts_name", ContactFilter { has_chat: Some(true), ..all() }),
        ("without a chat", "autoindex_contacts", ContactFilter { has_chat: Some(false), ..all() }),
        ("labels", "chat_labels", ContactFilter { labels: texts(&["vip"]), ..all() }),
        ("without labels", "contacts_name", ContactFilter { labels_exclude: texts(&["vip"]), ..all() }),
        ("keys", "contact_metadata_key", ContactFilter { metadata_keys: texts(&["a"]), ..all() }),
        ("values", "contact_metadata_value", ContactFilter { metadata_values: texts(&["a"]), ..all() }),
        ("made", "contacts_created", ContactFilter { after: Some(1), ..all() }),
        ("changed", "contacts_updated", ContactFilter { updated_before: Some(1), ..all() }),
        ("last message", "chats_recent", ContactFilter { last_message_after: Some(1), ..all() }),
    ];
    let mut bad = Vec::new();
    for (what, index, filter) in asked {
        RUN.take();
        let mut reading = place.store.read().await.unwrap();
        reading.account(&place.account).contacts(&place.device, &filter).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, what, index).await);
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// Words and labels that very many have are looked up in the order of the list.
#[tokio::test]
async fn what_many_have_is_looked_up_by_indexes() {
    let mut place = place().await;
    let many = format!(
        "PRAGMA foreign_keys = OFF; \
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 13000) \
         INSERT INTO chat_words (device_id, word, chat) SELECT '{0}', CAST('ann' AS BLOB), n || '@c.us' FROM n; \
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 13000) \
         INSERT INTO contact_words (device_id, word, contact) SELECT '{0}', CAST('ann' AS BLOB), n FROM n; \
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 13000) \
         INSERT INTO chat_labels (device_id, label, chat, account_id) SELECT '{0}', 'vip', n || '@c.us', '{1}' FROM n",
        place.device, place.account
    );
    sqlx::raw_sql(AssertSqlSafe(many)).execute(&mut place.conn).await.unwrap();
    let mut bad = Vec::new();
    for (what, index, search, labels) in [
        ("chats by a word", "chat_words_chat", text("ann"), texts(&[])),
        ("chats by two words", "chat_words_chat", text("a ann"), texts(&[])),
        ("chats by a label", "chat_labels_chat", None, texts(&["vip"])),
    ] {
        RUN.take();
        let filter = ChatFilter { size: 20, search: search.clone(), labels: labels.clone(), ..ChatFilter::default() };
        let mut reading = place.store.read().await.unwrap();
        reading.account(&place.account).chats(&place.device, &filter).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, what, index).await);
        // Labels are those of chats: contacts are gone through in the order of the list, with their ids.
        let index = if search.is_some() { "contact_words_contact" } else { "contacts_name" };
        let filter = ContactFilter { size: 20, search, labels, ..ContactFilter::default() };
        let mut reading = place.store.read().await.unwrap();
        reading.account(&place.account).contacts(&place.device, &filter).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, what, index).await);
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn files_are_found_by_indexes() {
    let mut place = place().await;
    let all = || ChatFileFilter { size: 20, ..ChatFileFilter::default() };
    let of_chats = [
        ("all", "chat_files_recent", all()),
        ("oldest", "chat_files_recent", ChatFileFilter { ascending: true, ..all() }),
        ("largest", "chat_files_size", ChatFileFilter { by_size: true, ..all() }),
        ("types", "chat_files_kind", ChatFileFilter { kinds: texts(&["image", "ptt"]), ..all() }),
        ("search", "(device_id=? AND word>? AND word<?)", ChatFileFilter { search: text("plan"), ..all() }),
        ("chats", "chat_files_chat", ChatFileFilter { chats: texts(&["1@c.us", "2@c.us"]), ..all() }),
        ("ids", "(id=?)", ChatFileFilter { ids: texts(&["1", "2"]), ..all() }),
        ("messages", "chat_files_wa", ChatFileFilter { messages: texts(&["1", "2"]), ..all() }),
        ("flow", "chat_files_flow", ChatFileFilter { flow: text("inbound"), ..all() }),
        ("after", "at>?", ChatFileFilter { after: Some(1), ..all() }),
        ("before", "at<?", ChatFileFilter { before: Some(1), ..all() }),
    ];
    let mut bad = Vec::new();
    for (what, index, filter) in of_chats {
        RUN.take();
        let mut reading = place.store.read().await.unwrap();
        reading.account(&place.account).chat_files(&place.device, &filter).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, what, index).await);
    }
    let orders = [
        (FileOrder::Newest, "files_account"),
        (FileOrder::Largest, "files_size"),
        (FileOrder::Smallest, "files_size"),
        (FileOrder::Name, "files_name"),
        (FileOrder::Changed, "files_changed"),
        (FileOrder::ExpiresFirst, "files_expires"),
    ];
    for (order, index) in orders {
        RUN.take();
        let filter = FileFilter { size: 20, order, ..FileFilter::default() };
        let mut reading = place.store.read().await.unwrap();
        reading.account(&place.account).files(&filter).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, index, index).await);
    }
    let filters = [
        ("files_kind", FileFilter { kinds: texts(&["audio"]), ..FileFilter::default() }),
        ("files_format", FileFilter { formats: texts(&["gif"]), ..FileFilter::default() }),
        ("files_permission", FileFilter { permission: text("private"), ..FileFilter::default() }),
        ("files_origin", FileFilter { origin: text("remote"), ..FileFilter::default() }),
        ("files_sha2", FileFilter { sha2: texts(&["a"]), ..FileFilter::default() }),
        ("files_reference", FileFilter { reference: text("a"), ..FileFilter::default() }),
        ("created_at>?", FileFilter { search: text("a"), looked_at: Some(100), ..FileFilter::default() }),
    ];
    for (index, filter) in filters {
        RUN.take();
        let filter = FileFilter { size: 20, ..filter };
        let mut reading = place.store.read().await.unwrap();
        let mut scope = reading.account(&place.account);
        scope.files(&filter).await.unwrap();
        scope.count_files(&filter, 100).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, index, index).await);
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn messages_of_the_queue_are_found_by_indexes() {
    let mut place = place().await;
    let all = || MessageFilter { size: 20, ..MessageFilter::default() };
    let asked = [
        ("all", "messages_account", all()),
        ("failed", "messages_ended", MessageFilter { status: texts(&["failed"]), ..all() }),
        ("undelivered", "messages_undelivered", MessageFilter { delivery_status: texts(&["failed"]), ..all() }),
        ("waiting", "messages_waiting", MessageFilter { status: texts(&["queued"]), ..all() }),
        (
            "not out yet",
            "messages_waiting",
            MessageFilter { delivery_status: texts(&["queued", "processing"]), ..all() },
        ),
        ("untold", "messages_untold", MessageFilter { webhook_status: texts(&["failed"]), ..all() }),
        ("target", "messages_target", MessageFilter { target: text("channel"), ..all() }),
        ("ids", "(id=?)", MessageFilter { ids: texts(&["1"]), ..all() }),
        ("agents", "messages_agent", MessageFilter { agents: texts(&["1"]), ..all() }),
        ("kinds", "messages_kind", MessageFilter { kinds: texts(&["image"]), ..all() }),
        ("wa ids", "messages_wa", MessageFilter { wa_ids: texts(&["1"]), ..all() }),
        // Its count is of one number: any index that begins with it will do.
        ("devices", "(device_id=?)", MessageFilter { devices: texts(&["1"]), ..all() }),
        ("references", "messages_reference", MessageFilter { references: texts(&["1"]), ..all() }),
        ("chats", "messages_chat", MessageFilter { chats: texts(&["1"]), ..all() }),
        ("delivered after", "messages_delivery", MessageFilter { after: Some(1), ..all() }),
        ("automatic", "messages_source", MessageFilter { source: text("autoreply"), ..all() }),
        ("made after", "created_at>?", MessageFilter { created_after: Some(1), ..all() }),
        ("search", "messages_account", MessageFilter { search: text("apple"), ..all() }),
    ];
    let mut bad = Vec::new();
    for (what, index, filter) in asked {
        RUN.take();
        let mut reading = place.store.read().await.unwrap();
        let mut scope = reading.account(&place.account);
        scope.messages(&filter).await.unwrap();
        scope.count_messages(&filter).await.unwrap();
        drop(reading);
        bad.extend(wrong(&mut place, what, index).await);
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}
