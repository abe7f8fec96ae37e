//! Which reply answers what, and when it is too soon for another: no database,
//! no clock.

use sparkbot_store::rows::AutoReplyRow;

use super::settings::AutoReplies;
use crate::hours::Schedule;
use crate::network::Millis;
use crate::team::OperativeHours;

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;
/// The longest period that can be set.
const LONGEST: Millis = 365 * DAY;
/// What was written longer ago is not answered: nobody waits for it any more.
const STALE: Millis = DAY;
/// The least time between two answers to calls of one person.
const CALLS_APART: Millis = MINUTE;
/// The least time between two answers of a number that never opens.
const NEVER_OPEN: Millis = DAY;

/// The kinds of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Welcome,
    Away,
    Busy,
    Call,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Away => "away",
            Self::Busy => "busy",
            Self::Call => "call",
        }
    }
}

/// `5m`, `12h`, `14d` or `2w` in milliseconds, from a minute to a year.
pub(super) fn period(text: &str) -> Option<Millis> {
    let unit = match text.chars().next_back()? {
        'm' => MINUTE,
        'h' => 60 * MINUTE,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let number = &text[..text.len() - 1];
    if number.is_empty() || number.len() > 6 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let span = number.parse::<Millis>().ok()? * unit;
    (MINUTE..=LONGEST).contains(&span).then_some(span)
}

/// What is known when a person has written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    /// When they did.
    pub(super) at: Millis,
    pub(super) now: Millis,
    /// When something was said in the chat before; `None` when nothing ever was.
    pub(super) before: Option<Millis>,
    /// The chat's status before.
    pub(super) status: &'a str,
    /// Whether somebody looks after the chat.
    pub(super) assigned: bool,
    /// What was answered before.
    pub(super) sent: &'a [AutoReplyRow],
}

impl Written<'_> {
    fn skipped(&self, target: &str, resolved: bool, assigned: bool, pending: bool) -> bool {
        (target == "new_contacts" && self.before.is_some())
            || (resolved && self.status == "resolved")
            || (assigned && self.assigned)
            || (pending && self.status == "pending")
    }

    fn last(&self, kind: Kind) -> Option<Millis> {
        self.sent.iter().find(|row| row.kind == kind.word()).map(|row| row.at)
    }

    /// Whether the last reply of the kind is older than this.
    fn due(&self, kind: Kind, period: Millis) -> bool {
        self.last(kind).is_none_or(|last| last + period <= self.now)
    }
}

/// What a message may be answered with: one reply at most. `closed` is what the
/// away reply goes by. `Busy` is an answer only if nobody is there, which the
/// caller finds out.
pub(super) fn answer(replies: &AutoReplies, closed: Option<&Doors>, written: &Written<'_>) -> Option<Kind> {
    if written.now - written.at > STALE {
        return None;
    }
    if let Some(doors) = closed {
        let away = &replies.away;
        let skipped = written.skipped(&away.target, away.skip_resolved, away.skip_assigned, away.skip_pending);
        let due = match doors.since {
            Some(since) => written.last(Kind::Away).is_none_or(|last| last < since),
            None => written.due(Kind::Away, NEVER_OPEN),
        };
        // Whoever was told already is neither welcomed nor put off.
        return (!skipped && due).then_some(Kind::Away);
    }
    let welcome = &replies.welcome;
    let quiet = period(&welcome.timeframe).unwrap_or(LONGEST);
    if welcome.active
        && written.before.is_none_or(|before| before + quiet <= written.at)
        && written.due(Kind::Welcome, quiet)
        && !written.skipped(&welcome.target, welcome.skip_resolved, welcome.skip_assigned, false)
    {
        return Some(Kind::Welcome);
    }
    let busy = &replies.busy;
    let fits = busy.active
        && written.due(Kind::Busy, period(&busy.timeframe).unwrap_or(LONGEST))
        && !written.skipped(&busy.target, busy.skip_resolved, busy.skip_assigned, busy.skip_pending);
    fits.then_some(Kind::Busy)
}

/// Closed doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doors {
    /// Since when; `None` when they never open.
    pub(super) since: Option<Millis>,
}

/// Whether the away reply is to be given now, by its own hours or by the
/// number's operative ones.
/// It is not should the zone not be known any more.
pub(super) fn closed(replies: &AutoReplies, operative: &OperativeHours, now: Millis) -> Option<Doors> {
    let away = &replies.away;
    if !away.active {
        return None;
    }
    let schedule = match &away.business_hours {
        Some(hours) => Schedule::new(hours, &away.timezone).ok()?,
        None if operative.is_open(now) => return None,
        None => operative.schedule().ok()?,
    };
    (!schedule.is_open(now)).then(|| Doors { since: schedule.closed_since(now) })
}

/// Whether a call is answered: each once, and nobody twice within a minute.
pub(super) fn answers_call(sent: &[AutoReplyRow], call: &str, at: Millis, now: Millis) -> bool {
    let last = sent.iter().find(|row| row.kind == Kind::Call.word());
    now - at <= STALE && last.is_none_or(|last| last.cause != call && last.at + CALLS_APART <= now)
}

#[cfg(test)]
mod tests {
    use sparkbot_store::rows::AutoReplyRow;

    use super::super::settings::AutoReplies;
    use super::{DAY, Doors, Kind, MINUTE, Written, answer, answers_call, closed, period};
    use crate::clock::parse_iso;
    use crate::team::OperativeHours;

    const NOW: i64 = 1_000 * DAY;

    fn all() -> AutoReplies {
        let mut replies = AutoReplies::default();
        (replies.welcome.active, replies.away.active, replies.busy.active) = (true, true, true);
        replies
    }

    fn first(sent: &[AutoReplyRow]) -> Written<'_> {
        Written { at: NOW, now: NOW, before: None, status: "active", assigned: false, sent }
    }

    fn sent(kind: &str, ago: i64) -> AutoReplyRow {
        AutoReplyRow { kind: kind.to_owned(), cause: "3EB0".to_owned(), at: NOW - ago }
    }

    #[test]
    fn periods_are_a_number_and_a_unit() {
        assert_eq!(period("5m"), Some(5 * MINUTE));
        assert_eq!(period("14d"), Some(14 * DAY));
        assert_eq!(period("2w"), Some(14 * DAY));
        for bad in ["", "m", "5", "0m", "5s", "-5m", "366d", "99999999m", "5ä"] {
            assert_eq!(period(bad), None, "{bad}");
        }
    }

    #[test]
    fn who_comes_first_or_after_a_long_silence_is_welcomed_once() {
        let replies = all();
        assert_eq!(answer(&replies, None, &first(&[])), Some(Kind::Welcome));
        let back = |days| Written { before: Some(NOW - days * DAY), ..first(&[]) };
        assert_eq!(answer(&replies, None, &back(14)), Some(Kind::Welcome));
        assert_eq!(answer(&replies, None, &back(13)), Some(Kind::Busy), "not quiet for long enough");
        let welcomed = [sent("welcome", DAY)];
        let again = Written { before: Some(NOW - DAY), ..first(&welcomed) };
        assert_eq!(answer(&replies, None, &again), Some(Kind::Busy));
        // A chat that was deleted and begins anew.
        assert_eq!(answer(&replies, None, &first(&welcomed)), Some(Kind::Busy));
        let mut choosy = all();
        choosy.welcome.target = "new_contacts".to_owned();
        assert_eq!(answer(&choosy, None, &back(30)), Some(Kind::Busy), "known for a month");
        assert_eq!(answer(&AutoReplies::default(), None, &first(&[])), None);
    }

    #[test]
    fn what_is_skipped_is_skipped() {
        let mut replies = all();
        (replies.busy.active, replies.welcome.skip_resolved, replies.welcome.skip_assigned) = (false, true, true);
        for (status, assigned, wanted) in [
            ("active", false, Some(Kind::Welcome)),
            ("resolved", false, None),
            ("active", true, None),
            ("pending", false, Some(Kind::Welcome)),
        ] {
            let written = Written { status, assigned, ..first(&[]) };
            assert_eq!(answer(&replies, None, &written), wanted, "{status} {assigned}");
        }
        replies.away.skip_pending = true;
        let waits = Written { status: "pending", ..first(&[]) };
        let doors = Doors { since: Some(NOW - DAY) };
        assert_eq!(answer(&replies, Some(&doors), &waits), None);
        assert_eq!(answer(&replies, Some(&doors), &first(&[])), Some(Kind::Away));
    }

    #[test]
    fn away_is_told_once_each_time_the_doors_are_closed() {
        let replies = all();
        let doors = Doors { since: Some(NOW - 60 * MINUTE) };
        let told = |ago| [sent("away", ago)];
        assert_eq!(answer(&replies, Some(&doors), &first(&told(59 * MINUTE))), None, "not even a welcome");
        assert_eq!(answer(&replies, Some(&doors), &first(&told(61 * MINUTE))), Some(Kind::Away));
        let never = Doors { since: None };
        assert_eq!(answer(&replies, Some(&never), &first(&told(DAY - 1))), None);
        assert_eq!(answer(&replies, Some(&never), &first(&told(DAY))), Some(Kind::Away));
    }

    #[test]
    fn busy_is_not_told_again_within_its_time() {
        let mut replies = all();
        replies.welcome.active = false;
        assert_eq!(answer(&replies, None, &first(&[sent("busy", 5 * MINUTE - 1)])), None);
        assert_eq!(answer(&replies, None, &first(&[sent("busy", 5 * MINUTE)])), Some(Kind::Busy));
    }

    #[test]
    fn what_was_written_long_ago_is_not_answered() {
        let old = Written { at: NOW - DAY - 1, ..first(&[]) };
        assert_eq!(answer(&all(), None, &old), None);
        assert_eq!(answer(&all(), Some(&Doors { since: None }), &old), None);
    }

    #[test]
    fn a_call_is_answered_once_and_nobody_at_each_ring() {
        assert!(answers_call(&[], "A", NOW, NOW));
        let call = |cause: &str, ago| AutoReplyRow { cause: cause.to_owned(), ..sent("call", ago) };
        assert!(!answers_call(&[call("A", DAY)], "A", NOW, NOW), "told twice of the same call");
        assert!(!answers_call(&[call("B", MINUTE - 1)], "A", NOW, NOW));
        assert!(answers_call(&[call("B", MINUTE)], "A", NOW, NOW));
        assert!(!answers_call(&[], "A", NOW - DAY - 1, NOW));
    }

    #[test]
    fn doors_are_closed_by_hours_of_their_own_or_by_the_operative_ones() {
        let night = parse_iso("2026-01-05T03:00:00Z").expect("a Monday");
        let hours = r#"{"monday":{"mode":"hours","hours":[{"from":"09:00","to":"17:00"}]}}"#;
        let week = serde_json::from_str(hours).expect("hours");
        let mut replies = all();
        let mut operative = OperativeHours::default();
        assert_eq!(closed(&replies, &operative, night), None, "always open");
        operative.hours = week;
        assert_eq!(closed(&replies, &operative, night), None, "not switched on");
        operative.enable = true;
        let since = parse_iso("2026-01-05T00:00:00Z");
        assert_eq!(closed(&replies, &operative, night), Some(Doors { since }));
        operative.except_until = Some("2026-01-05T04:00:00Z".to_owned());
        assert_eq!(closed(&replies, &operative, night), None, "an exception");
        replies.away.business_hours = Some(operative.hours.clone());
        replies.away.timezone = "Asia/Tokyo".to_owned();
        assert_eq!(closed(&replies, &operative, night), None, "noon in Tokyo");
        replies.away.timezone = "Europe/Berlin".to_owned();
        assert!(closed(&replies, &operative, night).is_some(), "an exception is for the operative ones");
        replies.away.active = false;
        assert_eq!(closed(&replies, &operative, night), None);
    }
}
