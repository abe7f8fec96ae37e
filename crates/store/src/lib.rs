//! Persistence: rows, migrations and queries, on embedded SQLite or PostgreSQL
//! from the same SQL; and blobs, the bytes that are too large for rows.
//!
//! Every row belongs to an account, and resources are reached only through a
//! handle that carries it: [`Reading::account`] or [`Writing::account`]. What
//! concerns the whole server (first start, due deliveries, leases) stands in
//! [`server`].

pub mod actor;
pub mod backup;
pub mod blobs;
mod connection;
pub mod database;
pub mod error;
pub mod ids;
mod known;
mod migrations;
mod node_lock;
pub mod reseal;
pub mod rows;
pub mod seal;
pub mod session_state;
pub mod sql;

pub use connection::Connection;
pub use database::{Reading, Store, Writing};
pub use error::{Result, StoreError};
pub use node_lock::NodeLock;
