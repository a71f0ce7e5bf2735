//! What a condition speaks of, so that only what may have changed is judged again.

use std::collections::BTreeSet;

use crate::kernel::SegmentId;
use crate::tree::{ANY_EVENT, Anchor, Condition, EventTest, Where, Window};

/// What a condition speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Names of past events, anchors of windows included; `*` stands for all.
    pub event_names: BTreeSet<String>,
    /// Those of them of which properties are read.
    pub properties_of: BTreeSet<String>,
    pub traits: BTreeSet<String>,
    pub tags: BTreeSet<String>,
    pub segments: BTreeSet<SegmentId>,
    /// Properties of the event at hand.
    pub properties: BTreeSet<String>,
    pub consent: bool,
    /// May time alone turn it? A rolling window or a time relative to now. (So may an event that is dated ahead:
    /// who keeps such events asks [`next_change`](crate::next_change) in any case.)
    pub any_time: bool,
}

impl Mentions {
    /// Can an event of this name change the verdict by having happened?
    pub fn event(&self, name: &str) -> bool {
        self.event_names.contains(name) || self.event_names.contains(ANY_EVENT)
    }

    /// Can a change of this trait, or of something in it, change the verdict?
    pub fn is_of_trait(&self, changed: &str) -> bool {
        self.traits.iter().any(|m| m == changed || m.strip_prefix(changed).is_some_and(|rest| rest.starts_with('.')))
    }

    /// Adds what another condition speaks of.
    pub fn extend(&mut self, other: Mentions) {
        self.event_names.extend(other.event_names);
        self.properties_of.extend(other.properties_of);
        self.traits.extend(other.traits);
        self.tags.extend(other.tags);
        self.segments.extend(other.segments);
        self.properties.extend(other.properties);
        self.consent |= other.consent;
        self.any_time |= other.any_time;
    }

    fn add(&mut self, condition: &Condition) {
        match condition {
            Condition::All(children) | Condition::Any(children) => children.iter().for_each(|c| self.add(c)),
            Condition::Not(child) => self.add(child),
            Condition::Event(event) => self.add_event(event),
            Condition::Sequence(sequence) => {
                for step in &sequence.steps {
                    self.event_names.insert(step.name.clone());
                    if let Some(filter) = &step.filter {
                        self.properties_of.insert(step.name.clone());
                        self.any_time |= filter.is_relative();
                    }
                }
            }
            Condition::Trait(test) => {
                self.traits.insert(test.name.clone());
                self.any_time |= test.test.is_relative();
            }
            Condition::Tag(test) => {
                self.tags.insert(test.name.clone());
                self.any_time |= test.test.is_relative();
            }
            Condition::Property(test) => {
                self.properties.insert(test.name.clone());
                self.any_time |= test.test.is_relative();
            }
            Condition::Segment(id) => drop(self.segments.insert(id.clone())),
            Condition::Consent(_) => self.consent = true,
        }
    }

    fn add_event(&mut self, event: &EventTest) {
        self.event_names.insert(event.name.clone());
        if event.filter.is_some() || event.aggregated_property().is_some() {
            self.properties_of.insert(event.name.clone());
        }
        self.any_time |= event.filter.as_ref().is_some_and(Where::is_relative) || event.aggregate_test().is_some_and(|t| t.is_relative());
        match &event.window {
            Window::Within(_) => self.any_time = true,
            Window::Since(since) => match &since.anchor {
                Anchor::Trait(name) => drop(self.traits.insert(name.clone())),
                Anchor::Event { name, .. } => drop(self.event_names.insert(name.clone())),
            },
            Window::Ever | Window::Between(..) => {}
        }
    }
}

/// What the condition speaks of.
pub fn mentions(condition: &Condition) -> Mentions {
    let mut mentions = Mentions::default();
    mentions.add(condition);
    mentions
}

/// Does it read properties of past events? If not, a reader need not fetch or parse them.
pub fn needs_properties(condition: &Condition) -> bool {
    !mentions(condition).properties_of.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
        names.map(str::to_owned).into()
    }

    #[test]
    fn everything_that_is_spoken_of_is_found() {
        let tree = json!({"all": [
            {"event": {"name": "view", "where": {"property": "category", "eq": "coffee"}, "within": "7d"}},
            {"event": {"name": "purchase", "sum": {"property": "value", "gt": 1}, "since": {"event": "register", "which": "first"}}},
            {"event": {"name": "login", "since": {"trait": "birthday"}}},
            {"sequence": {"steps": [{"name": "add_to_cart"}, {"name": "checkout", "where": {"property": "a", "exists": true}}], "within": "1d"}},
            {"any": [{"trait": {"name": "city", "eq": "上海"}}, {"tag": {"name": "rfm", "eq": "a"}}, {"property": {"name": "value", "gt": 1}}]},
            {"not": {"segment": "seg_1"}}, {"consent": {"purpose": "marketing"}},
        ]});
        let condition: Condition = serde_json::from_value(tree).unwrap();
        let expected = Mentions {
            event_names: names(["view", "purchase", "register", "login", "add_to_cart", "checkout"]),
            properties_of: names(["view", "purchase", "checkout"]),
            traits: names(["birthday", "city"]),
            tags: names(["rfm"]),
            segments: [SegmentId::from("seg_1")].into(),
            properties: names(["value"]),
            consent: true,
            any_time: true,
        };
        assert_eq!(mentions(&condition), expected);
        assert!(needs_properties(&condition));
        let mut twice = expected.clone();
        twice.extend(expected.clone());
        assert_eq!(twice, expected);
    }

    #[test]
    fn only_moving_things_wait_for_time() {
        let any_time = |tree| mentions(&serde_json::from_value(tree).unwrap()).any_time;
        assert!(!any_time(json!({"event": {"name": "a", "between": ["2026-01-01", "2026-02-01"]}})));
        assert!(!any_time(json!({"event": {"name": "a", "since": {"trait": "b", "within": "7d"}}})));
        assert!(any_time(json!({"event": {"name": "a", "where": {"property": "p", "after": "-7d"}}})));
        assert!(any_time(json!({"event": {"name": "a", "last": {"property": "p", "before": "+7d"}}})));
        assert!(any_time(json!({"trait": {"name": "birthday", "before": "+3d"}})));
        assert!(!any_time(json!({"trait": {"name": "birthday", "before": "2026-01-01"}})));
        assert!(!needs_properties(&serde_json::from_value(json!({"event": {"name": "*"}})).unwrap()));
        assert!(mentions(&serde_json::from_value(json!({"event": {"name": "*"}})).unwrap()).event("anything"));
    }
}
