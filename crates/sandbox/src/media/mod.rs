//! The media host: encrypted files that messages refer to.
//!
//! [`store`] holds them in a temporary folder, [`address`] signs where they may
//! be fetched and who may upload, [`server`] is the HTTP side. Rules reach the store as `World::media`.

pub(crate) mod address;
pub(crate) mod server;
pub(crate) mod shelf;
pub(crate) mod store;
