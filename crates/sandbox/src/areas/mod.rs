//! The rules of the server, one file per area of the protocol.
//!
//! [`ROUTES`] says which stanza goes where; to teach the server a new stanza,
//! write a file with a handler and add a line.

pub(crate) mod ack;
pub(crate) mod app_state;
pub(crate) mod blocklist;
pub(crate) mod business;
pub(crate) mod calls;
pub(crate) mod channels;
pub(crate) mod chatstate;
pub(crate) mod disappearing_mode;
pub(crate) mod groups;
pub(crate) mod keys;
pub(crate) mod linking_code;
pub(crate) mod linking_qr;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod mex;
pub(crate) mod notifications;
pub(crate) mod presence;
pub(crate) mod privacy;
pub(crate) mod profile;
pub(crate) mod props;
pub(crate) mod receipt;
pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod stubs;
pub(crate) mod tokens;
pub(crate) mod unlink;
pub(crate) mod usync;

use wacore_binary::{Jid, Node, Server};

use crate::ids::{ConnId, DeviceRef};
use crate::stanza::{Reading as _, node, server_jid};
use crate::world::World;

/// A stanza from a client.
pub(crate) struct Request<'a> {
    pub(crate) conn: ConnId,
    /// Who sent it, once logged in.
    pub(crate) device: Option<DeviceRef>,
    pub(crate) stanza: &'a Node,
}

impl Request<'_> {
    /// Who answers an iq: the group it was sent to, or the server.
    fn answerer(&self) -> Jid {
        self.stanza.jid_of("to").filter(|to| to.server == Server::Group).unwrap_or_else(server_jid)
    }

    /// Answers an iq.
    pub(crate) fn result(&self, world: &mut World, children: impl IntoIterator<Item = Node>) {
        let children: Vec<Node> = children.into_iter().collect();
        let mut answer = node("iq")
            .attr("from", self.answerer())
            .attr("type", "result")
            .attr("id", self.stanza.text_of("id").as_ref())
            .attr("t", world.now_secs());
        if !children.is_empty() {
            answer = answer.children(children);
        }
        world.send(self.conn, answer.build());
    }

    /// Refuses an iq.
    pub(crate) fn error(&self, world: &mut World, code: u32, text: &str) {
        let error = node("error").attr("code", code).attr("text", text).build();
        let answer = node("iq")
            .attr("from", self.answerer())
            .attr("type", "error")
            .attr("id", self.stanza.text_of("id").as_ref())
            .children([error])
            .build();
        world.send(self.conn, answer);
    }
}

/// Who may send a stanza.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// A client that is being linked.
    Candidate,
    /// A companion that is logged in.
    Companion,
    Anyone,
}

/// One kind of stanza and its handler.
struct Route {
    tag: &'static str,
    /// `xmlns` of an iq, `""` for any.
    xmlns: &'static str,
    /// `type`, `""` for any.
    kind: &'static str,
    /// The first child, `""` for any.
    child: &'static str,
    from: From,
    handle: fn(&mut World, &Request<'_>),
}

const fn iq(
    xmlns: &'static str,
    kind: &'static str,
    child: &'static str,
    handle: fn(&mut World, &Request<'_>),
) -> Route {
    Route { tag: "iq", xmlns, kind, child, from: From::Companion, handle }
}

const fn linking(kind: &'static str, child: &'static str, handle: fn(&mut World, &Request<'_>)) -> Route {
    Route { tag: "iq", xmlns: "", kind, child, from: From::Candidate, handle }
}

const fn stanza(tag: &'static str, kind: &'static str, handle: fn(&mut World, &Request<'_>)) -> Route {
    Route { tag, xmlns: "", kind, child: "", from: From::Companion, handle }
}

/// Every stanza the server understands; the first that fits handles it.
const ROUTES: &[Route] = &[
    // being linked
    linking("result", "pair-device-sign", linking_qr::confirmed),
    linking("error", "", linking_qr::declined),
    linking("set", "link_code_companion_reg", linking_code::stage),
    // the session
    Route { tag: "iq", xmlns: "w:p", kind: "get", child: "", from: From::Anyone, handle: session::ping },
    Route { tag: "iq", xmlns: "", kind: "result", child: "", from: From::Anyone, handle: session::answered },
    Route { tag: "iq", xmlns: "", kind: "error", child: "", from: From::Anyone, handle: session::answered },
    Route { tag: "ack", xmlns: "", kind: "", child: "", from: From::Anyone, handle: ack::acknowledged },
    Route { tag: "ib", xmlns: "", kind: "", child: "", from: From::Anyone, handle: session::information },
    iq("passive", "set", "active", session::active),
    iq("passive", "set", "", session::passive),
    iq("urn:xmpp:whatsapp:dirty", "set", "clean", session::clean),
    iq("md", "set", "remove-companion-device", unlink::requested),
    // keys
    iq("encrypt", "set", "rotate", keys::rotate),
    iq("encrypt", "set", "", keys::upload),
    iq("encrypt", "get", "count", keys::count),
    iq("encrypt", "get", "digest", keys::digest),
    iq("encrypt", "get", "key", keys::bundles),
    iq("encrypt", "get", "identity", keys::identities),
    // GraphQL, and channels
    iq("w:mex", "get", "query", mex::query),
    iq("newsletter", "get", "messages", channels::reading::messages),
    iq("newsletter", "get", "message_updates", channels::reading::message_updates),
    iq("newsletter", "set", "live_updates", channels::reading::live_updates),
    Route { child: "plaintext", ..stanza("message", "", channels::posts::received) },
    Route { child: "reaction", ..stanza("message", "reaction", channels::posts::reacted) },
    stanza("receipt", "view", channels::posts::viewed),
    // messages
    stanza("message", "", message::received),
    stanza("receipt", "", receipt::received),
    stanza("presence", "", presence::received),
    stanza("chatstate", "", chatstate::received),
    // settings and people
    iq("w:sync:app:state", "set", "sync", app_state::sync),
    iq("usync", "get", "usync", usync::query),
    iq("abt", "get", "props", props::get),
    iq("w", "get", "props", props::get_old),
    iq("privacy", "get", "privacy", privacy::get_or_list),
    iq("privacy", "set", "privacy", privacy::set),
    iq("privacy", "set", "tokens", tokens::give),
    iq("privacy", "get", "list", privacy::disallowed),
    iq("blocklist", "get", "", blocklist::get),
    iq("blocklist", "set", "item", blocklist::set),
    iq("status", "set", "status", profile::set_about),
    iq("status", "get", "", profile::get_about),
    iq("w:profile:picture", "get", "picture", profile::get_picture),
    iq("w:profile:picture", "set", "", profile::set_picture),
    // business
    iq("w:biz", "get", "", business::profile::get),
    iq("w:biz", "set", "business_profile", business::profile::set),
    iq("w:biz:catalog", "get", "product_catalog", business::catalog::list),
    iq("w:biz:catalog", "get", "product_list", business::catalog::some),
    iq("w:biz:catalog", "get", "collections", business::catalog::collections),
    iq("w:biz:catalog", "set", "product_catalog_add", business::catalog::add),
    iq("w:biz:catalog", "set", "product_catalog_edit", business::catalog::edit),
    iq("w:biz:catalog", "set", "product_catalog_delete", business::catalog::delete),
    iq("fb:thrift_iq", "get", "order", business::orders::get),
    // calls
    stanza("call", "", calls::received),
    // groups, media, and what needs no more than an answer
    iq("disappearing_mode", "", "", disappearing_mode::handle),
    iq("w:m", "set", "media_conn", media::connection),
    iq("w:g2", "", "", groups::handle),
    iq("w:stats", "", "", stubs::done),
    iq("tos", "", "", stubs::done),
    iq("spam", "set", "", stubs::done),
    iq("urn:xmpp:whatsapp:push", "set", "", stubs::done),
    iq("urn:xmpp:whatsapp:push", "get", "", stubs::push_settings),
    iq("bot", "get", "bot", stubs::no_bots),
];

/// Does what a client's stanza asks for.
pub(crate) fn handle(world: &mut World, conn: ConnId, stanza: &Node) {
    let device = world.device_of(conn);
    let candidate = world.connections.get(&conn).is_some_and(|connection| connection.candidate().is_some());
    let request = Request { conn, device, stanza };
    let xmlns = stanza.text_of("xmlns");
    let kind = stanza.text_of("type");
    let child = stanza.nodes().first().map_or("", |child| child.tag.as_ref());
    let fits = |route: &&Route| {
        let may = match route.from {
            From::Candidate => candidate,
            From::Companion => device.is_some(),
            From::Anyone => true,
        };
        may && route.tag == stanza.tag
            && (route.xmlns.is_empty() || route.xmlns == xmlns)
            && (route.kind.is_empty() || route.kind == kind)
            && (route.child.is_empty() || route.child == child)
    };
    match ROUTES.iter().find(fits) {
        Some(route) => (route.handle)(world, &request),
        None if stanza.tag == "iq" => {
            tracing::debug!(%xmlns, %kind, child, "an iq the sandbox does not know");
            request.error(world, 501, "feature-not-implemented");
        }
        None => tracing::debug!(tag = %stanza.tag, "a stanza the sandbox does not know"),
    }
}
