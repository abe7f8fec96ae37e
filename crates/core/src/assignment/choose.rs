//! Who of several people gets a chat: no database, no clock.

/// Somebody who can be given a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// Their id.
    pub(super) id: String,
    /// Chats of the number that they have open.
    pub(super) open: i64,
}

/// Whom the rules have chosen, and which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) agent: String,
    pub(super) kind: &'static str,
}

/// One of `people`, who are in the order of their ids. `had` is who had the chat
/// last, for chats that go back to them; `turn` who of these people got one last.
pub(super) fn choose(mode: &str, people: &[Person], had: Option<&str>, turn: Option<&str>) -> Option<Choice> {
    let chosen = |person: &Person, kind| Choice { agent: person.id.clone(), kind };
    if let Some(person) = people.iter().find(|person| Some(person.id.as_str()) == had) {
        return Some(chosen(person, "sticky"));
    }
    match mode {
        "round-robin" => {
            let all: Vec<&Person> = people.iter().collect();
            after(&all, turn).map(|person| chosen(person, "round-robin"))
        }
        "least-busy" => {
            let least = people.iter().map(|person| person.open).min()?;
            let idle: Vec<&Person> = people.iter().filter(|person| person.open == least).collect();
            after(&idle, turn).map(|person| chosen(person, "least-busy"))
        }
        _ => None,
    }
}

/// The one after who was last, or the first.
fn after<'p>(people: &[&'p Person], turn: Option<&str>) -> Option<&'p Person> {
    let next = people.iter().find(|person| turn.is_some_and(|turn| person.id.as_str() > turn));
    next.or_else(|| people.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::{Person, choose};

    fn people(open: &[(&str, i64)]) -> Vec<Person> {
        open.iter().map(|(id, open)| Person { id: (*id).to_owned(), open: *open }).collect()
    }

    fn who(mode: &str, people: &[Person], had: Option<&str>, turn: Option<&str>) -> Option<(String, &'static str)> {
        choose(mode, people, had, turn).map(|choice| (choice.agent, choice.kind))
    }

    fn is(agent: &str, kind: &'static str) -> Option<(String, &'static str)> {
        Some((agent.to_owned(), kind))
    }

    #[test]
    fn everybody_has_a_turn() {
        let team = people(&[("a", 9), ("b", 0), ("c", 0)]);
        let mut turn = None;
        let mut order = String::new();
        for _ in 0..7 {
            let choice = choose("round-robin", &team, None, turn.as_deref()).expect("somebody");
            order.push_str(&choice.agent);
            turn = Some(choice.agent);
        }
        assert_eq!(order, "abcabca");
        // Who had the last turn is gone, or not there: it goes on after them.
        assert_eq!(who("round-robin", &people(&[("a", 0), ("c", 0)]), None, Some("b")), is("c", "round-robin"));
        assert_eq!(who("round-robin", &[], None, Some("b")), None);
    }

    #[test]
    fn who_has_least_to_do_gets_more() {
        let team = people(&[("a", 2), ("b", 1), ("c", 3)]);
        assert_eq!(who("least-busy", &team, None, Some("b")), is("b", "least-busy"));
        // Of those who have equally little each in turn.
        let even = people(&[("a", 1), ("b", 1), ("c", 3), ("d", 1)]);
        assert_eq!(who("least-busy", &even, None, Some("b")), is("d", "least-busy"));
        assert_eq!(who("least-busy", &even, None, Some("d")), is("a", "least-busy"));
    }

    #[test]
    fn a_chat_goes_back_to_who_had_it_if_they_are_there() {
        let team = people(&[("a", 0), ("b", 50)]);
        for mode in ["round-robin", "least-busy", "none"] {
            assert_eq!(who(mode, &team, Some("b"), None), is("b", "sticky"), "{mode}");
        }
        assert_eq!(who("round-robin", &team, Some("gone"), None), is("a", "round-robin"));
        assert_eq!(who("none", &team, Some("gone"), None), None);
        assert_eq!(who("none", &team, None, None), None);
    }
}
