//! Who is who: records name a person by user name, by object id, or by both.

use super::{Record, Who};
use std::collections::HashMap;

/// Whether people are named in what is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Names {
    /// As the log names them.
    Shown,
    /// By a number each, the same wherever they appear; user names, object ids and addresses in texts of the
    /// log are left out as well.
    Replaced,
}

/// The people of a log, each with a place.
#[derive(Debug, Default)]
pub(super) struct People {
    /// What is known of each, the spellings met first.
    known: Vec<Who>,
    /// Places by user name and by id, in lower case.
    by_name: HashMap<String, usize>,
    /// Places that turned out to be of one person.
    same_as: Vec<usize>,
}

impl People {
    /// The people of these records, in their order.
    pub(super) fn of(records: &[Record]) -> Self {
        let mut people = Self::default();
        for record in records {
            people.learn(whom(record));
            if let Record::Audit(audit) = record {
                people.learn(&audit.actor);
            }
        }
        people
    }

    /// The place of the person that a record is about.
    pub(super) fn place(&self, record: &Record) -> Option<usize> {
        self.find(whom(record))
    }

    /// The place of this person.
    pub(super) fn find(&self, who: &Who) -> Option<usize> {
        let place = keys(who).iter().find_map(|key| self.by_name.get(key).copied())?;
        Some(self.first_of(place))
    }

    /// What to call the person of a place.
    pub(super) fn call(&self, place: Option<usize>, names: Names) -> String {
        let Some(place) = place else { return "a person whom the log does not name".to_owned() };
        let known = self.known.get(place).cloned().unwrap_or_default();
        match (names, known.name, known.user, known.id) {
            (Names::Replaced, ..) => format!("person {}", self.number(place)),
            (_, Some(name), Some(user), _) if name != user => format!("{name} ({user})"),
            (_, _, Some(user), _) => user,
            (_, Some(only), None, _) | (_, None, None, Some(only)) => only,
            (_, None, None, None) => "a person whom the log does not name".to_owned(),
        }
    }

    /// What is known of the person of a place.
    pub(super) fn who(&self, place: Option<usize>) -> Who {
        place.and_then(|place| self.known.get(place)).cloned().unwrap_or_default()
    }

    /// The text without the names of these people, and without any address.
    pub(super) fn without_names(&self, text: &str, places: &[Option<usize>]) -> String {
        let mut text = text.to_owned();
        for place in places.iter().copied().flatten() {
            let label = self.call(Some(place), Names::Replaced);
            let known = self.known.get(place).cloned().unwrap_or_default();
            for name in [known.user, known.id, known.name].into_iter().flatten() {
                text = replaced(&text, &name, &label);
            }
        }
        without_addresses(&text)
    }

    /// Places count from 1, without those that turned out to be of one person.
    fn number(&self, place: usize) -> usize {
        let own = self.same_as.iter().enumerate().take(place.saturating_add(1));
        own.filter(|(at, same)| at == *same).count()
    }

    fn learn(&mut self, who: &Who) {
        let keys = keys(who);
        let mut places: Vec<usize> = keys
            .iter()
            .filter_map(|key| self.by_name.get(key))
            .map(|at| self.first_of(*at))
            .collect();
        places.sort_unstable();
        let place = match places.first() {
            Some(place) => *place,
            None if keys.is_empty() => return,
            None => {
                self.known.push(Who::default());
                self.same_as.push(self.same_as.len());
                self.same_as.len().saturating_sub(1)
            }
        };
        for other in places {
            if let Some(same) = self.same_as.get_mut(other) {
                *same = place;
            }
            let other = self.known.get(other).cloned().unwrap_or_default();
            self.complete(place, &other);
        }
        self.complete(place, who);
        for key in keys {
            self.by_name.insert(key, place);
        }
    }

    fn complete(&mut self, place: usize, who: &Who) {
        if let Some(known) = self.known.get_mut(place) {
            known.user = known.user.take().or_else(|| who.user.clone());
            known.id = known.id.take().or_else(|| who.id.clone());
            known.name = known.name.take().or_else(|| who.name.clone());
        }
    }

    /// Follows places that turned out to be of one person; each step leads to a smaller place.
    fn first_of(&self, place: usize) -> usize {
        let mut place = place;
        while let Some(same) = self.same_as.get(place).filter(|same| **same < place) {
            place = *same;
        }
        place
    }
}

/// Whom a record is about: the person it was done to, else the one who did it.
fn whom(record: &Record) -> &Who {
    match record {
        Record::SignIn(sign_in) => &sign_in.person,
        Record::Audit(audit) if audit.person.is_nobody() => &audit.actor,
        Record::Audit(audit) => &audit.person,
    }
}

/// A display name alone tells a person only where nothing else does.
fn keys(who: &Who) -> Vec<String> {
    let user = who.user.as_ref().map(|user| format!("user {}", user.to_lowercase()));
    let id = who.id.as_ref().map(|id| format!("id {}", id.to_lowercase()));
    let keys: Vec<String> = user.into_iter().chain(id).collect();
    match (&who.name, keys.is_empty()) {
        (Some(name), true) => vec![format!("name {}", name.to_lowercase())],
        _ => keys,
    }
}

/// Every `name` in `text`, in any case of ASCII letters; names of one or two letters would hit words.
fn replaced(text: &str, name: &str, label: &str) -> String {
    let (lower, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    if name.len() < 3 {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut from = 0;
    for (at, found) in lower.match_indices(&name) {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(label);
        from = at.saturating_add(found.len());
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Words with an `@` inside are addresses or user names.
fn without_addresses(text: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || "\"'<>()[]{},;:".contains(c);
    let cut = |word: &str| match word.trim_matches(is_edge).contains('@') {
        true => {
            "(left out)".to_owned()
                + word.get(word.trim_end_matches(is_edge).len()..).unwrap_or_default()
        }
        false => word.to_owned(),
    };
    text.split_inclusive(is_edge).map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(user: Option<&str>, id: Option<&str>, name: Option<&str>) -> Who {
        Who {
            user: user.map(str::to_owned),
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn user_name_and_id_are_one_person_once_a_record_has_both() {
        let mut people = People::default();
        people.learn(&who(None, Some("ID-1"), None));
        people.learn(&who(Some("bob@x.example"), None, None));
        people.learn(&who(Some("ada@x.example"), None, None));
        people.learn(&who(Some("ADA@x.example"), Some("id-1"), Some("Ada")));
        let [by_id, by_user] =
            [who(None, Some("id-1"), None), who(Some("Ada@X.example"), None, None)];
        assert_eq!(people.find(&by_id), people.find(&by_user));
        assert_eq!(people.call(people.find(&by_id), Names::Shown), "Ada (ada@x.example)");
        assert_eq!(people.call(people.find(&by_id), Names::Replaced), "person 1");
        let bob = people.find(&who(Some("bob@x.example"), None, None));
        assert_eq!(people.call(bob, Names::Replaced), "person 2");
    }

    #[test]
    fn texts_of_the_log_lose_names_ids_and_addresses() {
        let mut people = People::default();
        people.learn(&who(Some("ada@x.example"), Some("0000-11"), Some("Ada L")));
        let text = "User 'ADA@x.example' (ada l, 0000-11) asked boss@y.example, then left.";
        let cut = people.without_names(text, &[Some(0)]);
        assert_eq!(cut, "User 'person 1' (person 1, person 1) asked (left out), then left.");
    }
}
