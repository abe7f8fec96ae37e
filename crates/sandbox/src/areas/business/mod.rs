//! Business accounts: profile, catalog, orders.

pub(crate) mod catalog;
pub(crate) mod orders;
pub(crate) mod profile;

use wacore_binary::Node;

use crate::stanza::{Reading as _, node};

/// A child that holds a text.
fn text(tag: &'static str, says: impl Into<String>) -> Node {
    node(tag).bytes(says.into().into_bytes()).build()
}

/// The text of a child, empty when absent.
fn said(of: &Node, tag: &str) -> String {
    String::from_utf8_lossy(of.body_of(tag)).into_owned()
}
