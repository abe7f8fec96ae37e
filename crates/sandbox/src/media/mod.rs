//! The media host: encrypted files that messages refer to.
//!
//! [`store`] holds them in a temporary folder, [`address`] signs where they may
//! be fetched and who may upload, [`server`] is the HTTP side, [`cipher`] and
//! [`errands`] are a phone's dealings with it. Rules reach the store as `World::media`.

pub(crate) mod address;
pub(crate) mod cipher;
pub(crate) mod errands;
mod mishap;
pub(crate) mod server;
pub(crate) mod shelf;
pub(crate) mod store;
