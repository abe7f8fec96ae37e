//! Somebody tries to get in, to listen, to pass for somebody else, or to stand in
//! the way. Each of these is a line of docs/security.md.

mod documented;
mod full;
mod keys;
mod logs;
mod slow;
mod strangers;
mod texts;
mod webhooks;
mod wire;
