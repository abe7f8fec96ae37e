//! The people who answer: members of the team and the numbers they may use.

mod find;

pub use find::{able, agent};
