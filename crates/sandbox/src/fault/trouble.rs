//! Connections that hold back what passes: stalled, deaf, half open.

use std::collections::VecDeque;

use wacore_binary::Node;

use crate::ids::ConnId;
use crate::stanza::Reading as _;
use crate::world::World;
use crate::world::timers::Timer;

/// How many stanzas are held back for a stalled connection in each direction;
/// beyond it the connection is cut.
const MAX_HELD: usize = 1_000;

/// How a fault keeps a connection from working.
#[derive(Debug, Default)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// Nothing the client sends is heard.
    Deaf,
    /// Nothing passes either way.
    HalfOpen,
    /// What the client sent and what it was sent, until the stall is over.
    Held { inward: VecDeque<Node>, outward: VecDeque<Node> },
}

impl World {
    pub(super) fn trouble(&mut self, conn: ConnId, trouble: Trouble, ms: Option<u64>) {
        let now = self.now_ms();
        if let Some(connection) = self.connections.get_mut(&conn)
            && matches!(connection.trouble, Trouble::None)
        {
            connection.trouble = trouble;
            if let Some(ms) = ms {
                self.timers.set(now.saturating_add(ms), Timer::TroubleEnd(conn));
            }
        }
        self.changed();
    }

    /// A stall is over: what was held back passes now. A half-open connection is
    /// cut.
    pub(crate) fn end_trouble(&mut self, conn: ConnId) {
        let Some(connection) = self.connections.get_mut(&conn) else {
            return;
        };
        match std::mem::take(&mut connection.trouble) {
            Trouble::Held { inward, outward } => {
                for stanza in outward {
                    self.send(conn, stanza);
                }
                for stanza in inward {
                    self.received(conn, &stanza);
                }
            }
            Trouble::HalfOpen => self.break_off(conn),
            Trouble::None | Trouble::Deaf => {}
        }
        self.changed();
    }

    /// Whether a stanza from the client reaches the server; one that is held
    /// back comes again through [`World::received`].
    pub(super) fn hears(&mut self, conn: ConnId, stanza: &Node) -> bool {
        let Some(connection) = self.connections.get_mut(&conn) else {
            return false;
        };
        match &mut connection.trouble {
            Trouble::None => true,
            Trouble::Deaf | Trouble::HalfOpen => false,
            Trouble::Held { inward, .. } => {
                inward.push_back(stanza.clone());
                if inward.len() > MAX_HELD {
                    self.break_off(conn);
                }
                false
            }
        }
    }

    /// Whether a stanza to the client reaches its socket now.
    pub(super) fn passes(&mut self, conn: ConnId, stanza: &Node) -> bool {
        let Some(connection) = self.connections.get_mut(&conn) else {
            return true;
        };
        match &mut connection.trouble {
            Trouble::None | Trouble::Deaf => {}
            Trouble::HalfOpen => return false,
            Trouble::Held { outward, .. } => {
                outward.push_back(stanza.clone());
                if outward.len() > MAX_HELD {
                    self.break_off(conn);
                }
                return false;
            }
        }
        let answers = stanza.tag == "iq" && matches!(stanza.text_of("type").as_ref(), "result" | "error");
        let fate = self.answering.as_ref().filter(|it| answers && it.conn == conn && it.id == stanza.text_of("id"));
        match fate.map(|fate| fate.delay_ms) {
            None => true,
            Some(None) => false,
            Some(Some(ms)) => {
                let due = self.now_ms() + ms;
                self.timers.set(due, Timer::Delayed(conn, Box::new(stanza.clone())));
                false
            }
        }
    }
}
