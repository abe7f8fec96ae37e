//! Webhooks and the event log, with a real database and a real receiver.

mod delivering;
mod failing;
mod killing;
mod log;
mod managing;
mod restarting;
mod support;
