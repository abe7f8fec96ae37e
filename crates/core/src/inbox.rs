//! What arrives: decrypted batches become chats, messages, contacts and events.
