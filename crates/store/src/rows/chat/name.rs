//! Words of chats' names and numbers, to find chats by.

use sqlx::AssertSqlSafe;

use super::super::Account;
use super::words::words_of;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

impl Account<'_> {
    /// Makes a chat found by the words of `after` instead of those of `before`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn set_chat_words(&mut self, device: &DeviceId, chat: &str, before: &str, after: &str) -> Result<()> {
        let (old, new) = (words_of(before), words_of(after));
        let gone: Vec<Vec<u8>> = old.difference(&new).map(|word| word.clone().into_bytes()).collect();
        if !gone.is_empty() {
            let mut sql = Sql::new("DELETE FROM chat_words");
            sql.and("device_id = ").bind(device.as_str());
            sql.and("chat = ").bind(chat);
            sql.and_in("word", gone);
            sql.run(&mut *self.conn).await?;
        }
        let added: Vec<Vec<u8>> = new.difference(&old).map(|word| word.clone().into_bytes()).collect();
        for part in added.chunks(32) {
            let mut text = String::from("INSERT INTO chat_words (device_id, chat, word) VALUES ");
            for i in 0..part.len() {
                text.push_str(if i == 0 { "($1, $2, $" } else { ", ($1, $2, $" });
                text.push_str(&(i + 3).to_string());
                text.push(')');
            }
            text.push_str(" ON CONFLICT DO NOTHING");
            let mut query = sqlx::query(AssertSqlSafe(text)).bind(device.as_str()).bind(chat);
            for word in part {
                query = query.bind(word.clone());
            }
            query.execute(&mut *self.conn).await?;
        }
        Ok(())
    }
}
