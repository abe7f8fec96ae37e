//! The conditions of a search, one of which leads: it is written plainly, so
//! that its index is used, the others as casts, which SQLite's planner can't take
//! for an index by mistake and PostgreSQL's does not even see.

use super::find::Finder;
use super::lead::{Branch, Lead, is_person};
use super::search::ChatMessageFilter;
use crate::sql::Sql;

impl Finder<'_> {
    pub(super) fn conditions(&self, sql: &mut Sql, lead: Lead, branch: Branch) {
        let f = self.filter;
        sql.and("");
        self.owned(sql);
        sql.and("status <> 'removed'");
        if !f.wids.is_empty() {
            sql.and_in("wa_id", f.wids.iter().map(String::as_str));
        }
        if let Some(reference) = &f.reference {
            let column = if lead == Lead::Reference { "reference = " } else { "CAST(reference AS TEXT) = " };
            sql.and(column).bind(reference.as_str());
        }
        let to_other = f.to.as_ref().filter(|_| f.to != f.own);
        for chat in [f.chat.as_ref(), to_other].into_iter().flatten() {
            let column = if lead == Lead::Chat { "chat = " } else { "CAST(chat AS TEXT) = " };
            sql.and(column).bind(chat.as_str());
        }
        if let Some(from) = &f.from {
            // In a pair the chat is who writes.
            match (is_person(from), lead) {
                (true, Lead::Author) => sql.and("author = "),
                (true, _) => sql.and("CAST(author AS TEXT) = "),
                (false, Lead::Chat) => sql.and("CAST(flow AS TEXT) = 'inbound' AND chat = "),
                (false, _) => sql.and("CAST(flow AS TEXT) = 'inbound' AND CAST(chat AS TEXT) = "),
            };
            sql.bind(from.as_str());
        }
        if let Some(flow) = &f.flow {
            sql.and(if lead == Lead::Flow { "flow = " } else { "CAST(flow AS TEXT) = " }).bind(flow.as_str());
        }
        if let Some(to) = &f.to {
            self.sent_to(sql, to, branch);
        }
        let one_of = |sql: &mut Sql, leads: bool, plain: &'static str, cast: &'static str, values: &[String]| {
            match branch.value.filter(|_| leads).and_then(|value| values.get(value)) {
                Some(value) => sql.and(plain).push(" = ").bind(value.as_str()),
                None => sql.and_in(cast, values.iter().map(String::as_str)),
            };
        };
        if !f.ack.is_empty() {
            one_of(sql, lead == Lead::Ack, "ack", "CAST(ack AS TEXT)", &f.ack);
        }
        if !f.chat_kinds.is_empty() {
            one_of(sql, lead == Lead::ChatKind, "chat_kind", "CAST(chat_kind AS TEXT)", &f.chat_kinds);
        }
        if !f.kinds.is_empty() {
            self.of_kinds(sql, lead, branch);
        }
        f.in_time(sql);
        match self.seen(branch).filter(|_| lead == Lead::Seen) {
            Some(chat) => {
                sql.and("chat = ").bind(chat);
            }
            None => f.sight.narrow_said(sql, &self.account, "chat_messages.device_id", "chat_messages.chat"),
        }
    }

    fn sent_to(&self, sql: &mut Sql, to: &str, branch: Branch) {
        match (self.filter.own.as_deref() == Some(to), branch.inbound) {
            (false, _) => sql.and("CAST(flow AS TEXT) = 'outbound'"),
            (true, Some(true)) => sql.and("flow = 'inbound'"),
            (true, Some(false)) => sql.and("CAST(flow AS TEXT) = 'outbound' AND chat = ").bind(to),
            (true, None) => sql.and("(CAST(flow AS TEXT) = 'inbound' OR CAST(chat AS TEXT) = ").bind(to).push(")"),
        };
    }

    fn of_kinds(&self, sql: &mut Sql, lead: Lead, branch: Branch) {
        let kinds = &self.filter.kinds;
        if let Some((kind, subtype)) = branch.value.filter(|_| lead == Lead::Kind).and_then(|value| kinds.get(value)) {
            // The one kind whose subtypes are told apart has an index for them.
            match subtype {
                Some(subtype) if kind == "audio" => {
                    sql.and("kind = 'audio' AND COALESCE(subtype, '') = ").bind(subtype.as_str());
                }
                Some(subtype) => {
                    sql.and("kind = ").bind(kind.as_str()).push(" AND COALESCE(subtype, '') = ").bind(subtype.as_str());
                }
                None => {
                    sql.and("kind = ").bind(kind.as_str());
                }
            }
            return;
        }
        sql.and("(");
        for (i, (kind, subtype)) in kinds.iter().enumerate() {
            sql.push(if i > 0 { " OR (CAST(kind AS TEXT) = " } else { "(CAST(kind AS TEXT) = " }).bind(kind.as_str());
            if let Some(subtype) = subtype {
                sql.push(" AND COALESCE(subtype, '') = ").bind(subtype.as_str());
            }
            sql.push(")");
        }
        sql.push(")");
    }
}

impl ChatMessageFilter {
    pub(super) fn in_time(&self, sql: &mut Sql) {
        // The first half of each is what the index is entered by.
        if let Some(begin) = self.begin {
            sql.and("at >= ").bind(begin.at).push(" AND (at > ").bind(begin.at).push(" OR seq >= ");
            sql.bind(begin.seq).push(")");
        }
        if let Some(end) = self.end {
            sql.and("at <= ").bind(end.at).push(" AND (at < ").bind(end.at).push(" OR seq <= ");
            sql.bind(end.seq).push(")");
        }
        if let Some(after) = self.after {
            sql.and("at > ").bind(after);
        }
        if let Some(before) = self.before {
            sql.and("at < ").bind(before);
        }
    }
}
