//! The tree as JSON: read with every fault of its shape, written as it was read.

use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::check::{Fault, check, codes};
use crate::compare::{Comparison, Op, Test};
use crate::kernel::SegmentId;
use crate::tree::{Aggregate, Anchor, Condition, ConsentTest, EventMatch, EventTest, Function, NamedTest, SequenceTest, Since, Where, Which, Window};
use crate::when::{Span, When};

const NODES: &str = "all, any, not, event, sequence, trait, tag, segment, consent, property";

/// Reads a tree that somebody wants to save: its shape, then all that [`check`] finds.
pub fn parse(json: &Value) -> Result<Condition, Vec<Fault>> {
    let condition = read(json)?;
    let faults = check(&condition);
    if faults.is_empty() { Ok(condition) } else { Err(faults) }
}

/// Reads the shape only.
fn read(json: &Value) -> Result<Condition, Vec<Fault>> {
    let mut reader = Reader { faults: Vec::new() };
    match reader.condition(json, "") {
        Some(condition) if reader.faults.is_empty() => Ok(condition),
        _ => Err(reader.faults),
    }
}

impl<'de> Deserialize<'de> for Condition {
    /// Refuses a wrong shape, and names the place. A duration or pattern that cannot be read is not shape: a tree
    /// that was saved stays readable when limits change, and `check` says what is wrong with it.
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(d)?;
        read(&json).map_err(|faults| refused(&faults))
    }
}

impl<'de> Deserialize<'de> for EventMatch {
    /// Refuses a wrong shape, and names the place; [`check_match`](crate::check_match) finds the rest.
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(d)?;
        let mut reader = Reader { faults: Vec::new() };
        reader.event_match(&json, "").ok_or_else(|| refused(&reader.faults))
    }
}

fn refused<E: serde::de::Error>(faults: &[Fault]) -> E {
    let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
    E::custom(all.join("; "))
}

impl Serialize for EventMatch {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(s)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(s)
    }
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }

    fn object<'a>(&mut self, json: &'a Value, path: &str) -> Option<&'a Map<String, Value>> {
        match json.as_object() {
            Some(map) => Some(map),
            None => self.fault(wrong_type(path, "an object", json)),
        }
    }

    fn text<'a>(&mut self, json: &'a Value, path: &str) -> Option<&'a str> {
        match json.as_str() {
            Some(text) => Some(text),
            None => self.fault(wrong_type(path, "a text", json)),
        }
    }

    /// The text under a key that must be there.
    fn required<'a>(&mut self, map: &'a Map<String, Value>, key: &'static str, path: &str) -> Option<&'a str> {
        match map.get(key) {
            Some(json) => self.text(json, &at(path, key)),
            None => self.fault(missing(path, key)),
        }
    }

    /// Refuses every key that is not among `known`.
    fn keys(&mut self, map: &Map<String, Value>, known: &[&str], path: &str) -> Option<()> {
        let unknown: Vec<_> = map.keys().filter(|k| !known.contains(&k.as_str())).collect();
        for key in &unknown {
            self.faults.push(unknown_key(path, key, &known.join(", ")));
        }
        unknown.is_empty().then_some(())
    }

    /// The one key of a node.
    fn node<'a>(&mut self, json: &'a Value, path: &str) -> Option<(&'a str, &'a Value)> {
        let map = self.object(json, path)?;
        let mut entries = map.iter();
        match (entries.next(), entries.next()) {
            (Some((key, value)), None) => Some((key, value)),
            (None, _) => self.fault(Fault::new(path, codes::ONE_KEY, format!("an empty object is no condition; a node has one key of: {NODES}"))),
            _ => {
                let keys = map.keys().map(|k| format!("\"{k}\"")).collect::<Vec<_>>().join(", ");
                let fault = Fault::new(path, codes::ONE_KEY, format!("a node has exactly one key, and this one has {keys}; put them into an \"all\""));
                self.fault(fault.with("keys", keys))
            }
        }
    }

    /// Each member of a list, with the faults of all of them.
    fn list<T>(&mut self, json: &Value, path: &str, mut one: impl FnMut(&mut Self, &Value, &str) -> Option<T>) -> Option<Vec<T>> {
        let Some(members) = json.as_array() else { return self.fault(wrong_type(path, "a list", json)) };
        let read: Vec<Option<T>> = members.iter().enumerate().map(|(i, member)| one(self, member, &at(path, i))).collect();
        read.into_iter().collect()
    }

    fn condition(&mut self, json: &Value, path: &str) -> Option<Condition> {
        let (key, value) = self.node(json, path)?;
        let inner = at(path, key);
        match key {
            "all" => self.list(value, &inner, Self::condition).map(Condition::All),
            "any" => self.list(value, &inner, Self::condition).map(Condition::Any),
            "not" => self.condition(value, &inner).map(|c| Condition::Not(Box::new(c))),
            "event" => self.event(value, &inner).map(|e| Condition::Event(Box::new(e))),
            "sequence" => self.sequence(value, &inner).map(Condition::Sequence),
            "trait" => self.named_test(value, "name", &inner).map(Condition::Trait),
            "tag" => self.named_test(value, "name", &inner).map(Condition::Tag),
            "property" => self.named_test(value, "name", &inner).map(Condition::Property),
            "segment" => self.text(value, &inner).map(|id| Condition::Segment(SegmentId::from(id))),
            "consent" => self.consent(value, &inner).map(Condition::Consent),
            _ => self.fault(unknown_key(path, key, NODES)),
        }
    }

    fn consent(&mut self, json: &Value, path: &str) -> Option<ConsentTest> {
        let map = self.object(json, path)?;
        let known = self.keys(map, &["purpose", "channel"], path);
        let purpose = self.required(map, "purpose", path);
        let channel = match map.get("channel") {
            Some(channel) => Some(self.text(channel, &at(path, "channel"))?.to_owned()),
            None => None,
        };
        known?;
        Some(ConsentTest { purpose: purpose?.to_owned(), channel })
    }

    /// `{"<name_key>": "…", op: operand, …}`
    fn named_test(&mut self, json: &Value, name_key: &'static str, path: &str) -> Option<NamedTest> {
        let map = self.object(json, path)?;
        let name = self.required(map, name_key, path);
        let test = self.test(map, name_key, path);
        Some(NamedTest { name: name?.to_owned(), test: test? })
    }

    /// The operators of an object, every key but `name_key`.
    fn test(&mut self, map: &Map<String, Value>, name_key: &str, path: &str) -> Option<Test> {
        let before = self.faults.len();
        let mut comparisons = Vec::new();
        for (key, operand) in map.iter().filter(|(key, _)| *key != name_key) {
            match Op::of_key(key) {
                Some(op) => comparisons.push(Comparison::new(op, operand.clone())),
                None => self.faults.push(unknown_operator(path, key)),
            }
        }
        (self.faults.len() == before).then_some(Test(comparisons))
    }

    fn event(&mut self, json: &Value, path: &str) -> Option<EventTest> {
        let map = self.object(json, path)?;
        let mut known = vec!["name", "where", "count"];
        known.extend(Function::ALL.map(Function::key));
        known.extend(["within", "between", "since"]);
        let known = self.keys(map, &known, path);
        let name = self.required(map, "name", path);
        let filter = self.filter(map, path);
        let aggregate = self.aggregate(map, path);
        let window = self.window(map, path);
        known?;
        Some(EventTest { name: name?.to_owned(), filter: filter?, aggregate: aggregate?, window: window? })
    }

    fn filter(&mut self, map: &Map<String, Value>, path: &str) -> Option<Option<Where>> {
        match map.get("where") {
            Some(json) => self.where_node(json, &at(path, "where")).map(Some),
            None => Some(None),
        }
    }

    fn where_node(&mut self, json: &Value, path: &str) -> Option<Where> {
        let map = self.object(json, path)?;
        if map.contains_key("property") {
            return self.named_test(json, "property", path).map(Where::Property);
        }
        let (key, value) = self.node(json, path)?;
        let inner = at(path, key);
        match key {
            "all" => self.list(value, &inner, Self::where_node).map(Where::All),
            "any" => self.list(value, &inner, Self::where_node).map(Where::Any),
            "not" => self.where_node(value, &inner).map(|w| Where::Not(Box::new(w))),
            _ => self.fault(unknown_key(path, key, "property with an operator, all, any, not")),
        }
    }

    fn aggregate(&mut self, map: &Map<String, Value>, path: &str) -> Option<Aggregate> {
        let written: Vec<_> = map.iter().filter(|(key, _)| *key == "count" || Function::of_key(key).is_some()).collect();
        let (key, json) = match written.as_slice() {
            [] => return Some(Aggregate::Occurs),
            [(key, json)] => (key.as_str(), *json),
            [(first, _), (second, _), ..] => {
                return self.fault(only_one(path, first, second, "aggregate; for two, write two events in an \"all\""));
            }
        };
        let inner = at(path, key);
        match Function::of_key(key) {
            Some(function) => {
                let NamedTest { name, test } = self.named_test(json, "property", &inner)?;
                Some(Aggregate::Of { function, property: name, test })
            }
            None => {
                let map = self.object(json, &inner)?;
                self.test(map, "", &inner).map(Aggregate::Count)
            }
        }
    }

    fn window(&mut self, map: &Map<String, Value>, path: &str) -> Option<Window> {
        let written: Vec<_> = map.iter().filter(|(key, _)| matches!(key.as_str(), "within" | "between" | "since")).collect();
        let (key, json) = match written.as_slice() {
            [] => return Some(Window::Ever),
            [(key, json)] => (key.as_str(), *json),
            [(first, _), (second, _), ..] => return self.fault(only_one(path, first, second, "window")),
        };
        let inner = at(path, key);
        match key {
            "within" => self.span(json, &inner).map(Window::Within),
            "since" => self.since(json, &inner).map(Window::Since),
            _ => match json.as_array().map(Vec::as_slice) {
                Some([start, end]) => Some(Window::Between(When::new(start.clone()), When::new(end.clone()))),
                _ => self.fault(wrong_type(&inner, "a list of two moments", json)),
            },
        }
    }

    fn span(&mut self, json: &Value, path: &str) -> Option<Span> {
        self.text(json, path).map(Span::new)
    }

    fn since(&mut self, json: &Value, path: &str) -> Option<Since> {
        let map = self.object(json, path)?;
        let known = self.keys(map, &["trait", "event", "which", "within"], path);
        let within = match map.get("within") {
            Some(json) => Some(self.span(json, &at(path, "within"))?),
            None => None,
        };
        let anchor = match (map.get("trait"), map.get("event")) {
            (Some(name), None) if !map.contains_key("which") => self.text(name, &at(path, "trait")).map(|n| Anchor::Trait(n.to_owned())),
            (Some(_), None) => self.fault(unknown_key(path, "which", "trait, within")),
            (None, Some(name)) => {
                let name = self.text(name, &at(path, "event")).map(str::to_owned);
                let which = self.which(map, path);
                Some(Anchor::Event { name: name?, which: which? })
            }
            (Some(_), Some(_)) => self.fault(only_one(path, "trait", "event", "anchor")),
            (None, None) => self.fault(Fault::new(path, codes::MISSING_KEY, "\"since\" needs a \"trait\" or an \"event\"").with("key", "trait")),
        };
        known?;
        Some(Since { anchor: anchor?, within })
    }

    fn which(&mut self, map: &Map<String, Value>, path: &str) -> Option<Which> {
        match map.get("which").map(|w| (w, w.as_str())) {
            None | Some((_, Some("last"))) => Some(Which::Last),
            Some((_, Some("first"))) => Some(Which::First),
            Some((json, _)) => self.fault(wrong_type(&at(path, "which"), "\"first\" or \"last\"", json)),
        }
    }

    fn sequence(&mut self, json: &Value, path: &str) -> Option<SequenceTest> {
        let map = self.object(json, path)?;
        let known = self.keys(map, &["steps", "within"], path);
        let steps = match map.get("steps") {
            Some(steps) => self.list(steps, &at(path, "steps"), Self::event_match),
            None => self.fault(missing(path, "steps")),
        };
        let within = self.required(map, "within", path);
        known?;
        Some(SequenceTest { steps: steps?, within: Span::new(within?) })
    }

    fn event_match(&mut self, json: &Value, path: &str) -> Option<EventMatch> {
        let map = self.object(json, path)?;
        let known = self.keys(map, &["name", "where"], path);
        let name = self.required(map, "name", path);
        let filter = self.filter(map, path);
        known?;
        Some(EventMatch { name: name?.to_owned(), filter: filter? })
    }
}

/// The JSON pointer of a key or index below `path`.
pub(crate) fn at(path: &str, key: impl Display) -> String {
    let key = key.to_string().replace('~', "~0").replace('/', "~1");
    format!("{path}/{key}")
}

fn wrong_type(path: &str, expected: &str, found: &Value) -> Fault {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Fault::new(path, codes::WRONG_TYPE, format!("expected {expected}, found {found}")).with("expected", expected).with("found", found)
}
fn missing(path: &str, key: &str) -> Fault {
    Fault::new(path, codes::MISSING_KEY, format!("\"{key}\" is missing")).with("key", key)
}
fn unknown_key(path: &str, key: &str, known: &str) -> Fault {
    Fault::new(at(path, key), codes::UNKNOWN_KEY, format!("unknown key \"{key}\"; known here: {known}")).with("key", key).with("known", known)
}
fn unknown_operator(path: &str, key: &str) -> Fault {
    let known = Op::ALL.map(Op::key).join(", ");
    Fault::new(at(path, key), codes::UNKNOWN_OPERATOR, format!("unknown operator \"{key}\"; operators are: {known}")).with("key", key)
}
fn only_one(path: &str, first: &str, second: &str, what: &str) -> Fault {
    Fault::new(path, codes::ONLY_ONE, format!("\"{first}\" and \"{second}\" stand side by side; there can be only one {what}"))
        .with("first", first)
        .with("second", second)
}

impl Condition {
    /// The tree as JSON, in the form in which it is read.
    pub fn to_json(&self) -> Value {
        let inner = match self {
            Self::All(children) | Self::Any(children) => Value::Array(children.iter().map(Self::to_json).collect()),
            Self::Not(child) => child.to_json(),
            Self::Event(event) => event.to_json(),
            Self::Sequence(sequence) => sequence.to_json(),
            Self::Trait(test) | Self::Tag(test) | Self::Property(test) => test.to_json("name"),
            Self::Segment(id) => json!(id.as_str()),
            Self::Consent(consent) => consent.to_json(),
        };
        json!({ self.kind(): inner })
    }
}

impl Test {
    fn write_into(&self, map: &mut Map<String, Value>) {
        for comparison in &self.0 {
            map.insert(comparison.op().key().to_owned(), comparison.operand().clone());
        }
    }
}

impl NamedTest {
    pub(crate) fn to_json(&self, name_key: &str) -> Value {
        let mut map = Map::new();
        map.insert(name_key.to_owned(), json!(self.name));
        self.test.write_into(&mut map);
        Value::Object(map)
    }
}

impl Where {
    /// The filter as JSON, in the form in which it is read.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Property(test) => test.to_json("property"),
            Self::All(children) => json!({"all": children.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Any(children) => json!({"any": children.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Not(child) => json!({"not": child.to_json()}),
        }
    }
}

impl ConsentTest {
    fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("purpose".to_owned(), json!(self.purpose));
        if let Some(channel) = &self.channel {
            map.insert("channel".to_owned(), json!(channel));
        }
        Value::Object(map)
    }
}

impl EventTest {
    /// What stands under `event`, in the form in which it is read.
    pub fn to_json(&self) -> Value {
        let mut map = named(&self.name, self.filter.as_ref());
        match &self.aggregate {
            Aggregate::Occurs => {}
            Aggregate::Count(test) => {
                let mut inner = Map::new();
                test.write_into(&mut inner);
                map.insert("count".to_owned(), Value::Object(inner));
            }
            Aggregate::Of { function, property, test } => {
                let inner = NamedTest { name: property.clone(), test: test.clone() }.to_json("property");
                map.insert(function.key().to_owned(), inner);
            }
        }
        match &self.window {
            Window::Ever => {}
            Window::Within(span) => drop(map.insert("within".to_owned(), json!(span.text()))),
            Window::Between(start, end) => drop(map.insert("between".to_owned(), json!([start.written(), end.written()]))),
            Window::Since(since) => drop(map.insert("since".to_owned(), since.to_json())),
        }
        Value::Object(map)
    }
}

impl Since {
    fn to_json(&self) -> Value {
        let mut map = Map::new();
        match &self.anchor {
            Anchor::Trait(name) => drop(map.insert("trait".to_owned(), json!(name))),
            Anchor::Event { name, which } => {
                map.insert("event".to_owned(), json!(name));
                map.insert("which".to_owned(), json!(which.key()));
            }
        }
        if let Some(within) = &self.within {
            map.insert("within".to_owned(), json!(within.text()));
        }
        Value::Object(map)
    }
}

impl EventMatch {
    fn to_json(&self) -> Value {
        Value::Object(named(&self.name, self.filter.as_ref()))
    }
}

impl SequenceTest {
    fn to_json(&self) -> Value {
        let steps: Vec<Value> = self.steps.iter().map(EventMatch::to_json).collect();
        json!({"steps": steps, "within": self.within.text()})
    }
}

fn named(name: &str, filter: Option<&Where>) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("name".to_owned(), json!(name));
    if let Some(filter) = filter {
        map.insert("where".to_owned(), filter.to_json());
    }
    map
}

/// An event test that travels alone, to a function of the query engine.
#[cfg(feature = "batch")]
pub(crate) fn read_event(json: &Value) -> Result<EventTest, Vec<Fault>> {
    let mut reader = Reader { faults: Vec::new() };
    reader.event(json, "").ok_or(reader.faults)
}

/// A filter that travels alone, to a function of the query engine.
#[cfg(feature = "batch")]
pub(crate) fn read_where(json: &Value) -> Result<Where, Vec<Fault>> {
    let mut reader = Reader { faults: Vec::new() };
    reader.where_node(json, "").ok_or(reader.faults)
}
