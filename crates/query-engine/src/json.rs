//! Finds one value in JSON text without parsing the rest.
//!
//! The text is taken for valid, as it is in the lake (it was written from parsed values). Broken text gives nothing or
//! something, but no panic.

use std::borrow::Cow;

/// The text of the value at `path` of an object: a key of exactly that name if there is one, otherwise down through
/// objects at the dots. (The same rule as in conditions; a test over there and one here hold it.)
pub fn find<'a>(json: &'a str, path: &str) -> Option<&'a str> {
    let (head, rest) = path.split_once('.').unzip();
    let mut below = None;
    let bytes = json.as_bytes();
    let mut at = skip_space(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    at = skip_space(bytes, at + 1);
    while bytes.get(at) == Some(&b'"') {
        let key_end = skip_string(bytes, at)?;
        let key = &json[at + 1..key_end - 1];
        let colon = skip_space(bytes, key_end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let start = skip_space(bytes, colon + 1);
        let end = skip_value(bytes, start)?;
        if is_key(key, path) {
            return Some(json[start..end].trim_end());
        }
        if head.is_some_and(|head| is_key(key, head)) {
            below = Some(&json[start..end]);
        }
        at = skip_space(bytes, end);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
    }
    find(below?, rest?)
}

/// The value as plain text: strings without quotes, `null` as nothing, all else as its JSON.
pub fn as_text(value: &str) -> Option<Cow<'_, str>> {
    match value.as_bytes().first()? {
        b'"' => unquote(value),
        b'n' => None,
        _ => Some(value.into()),
    }
}

fn unquote(value: &str) -> Option<Cow<'_, str>> {
    if value.contains('\\') {
        return serde_json::from_str::<String>(value).ok().map(Cow::Owned);
    }
    value.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

fn is_key(raw: &str, wanted: &str) -> bool {
    if raw.contains('\\') {
        return serde_json::from_str::<String>(&format!("\"{raw}\"")).is_ok_and(|key| key == wanted);
    }
    raw == wanted
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// From the opening quote to behind the closing one.
fn skip_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    at += 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Behind the value that starts here.
fn skip_value(bytes: &[u8], mut at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => skip_string(bytes, at),
        b'{' | b'[' => {
            let mut depth = 0usize;
            loop {
                match bytes.get(at)? {
                    b'"' => {
                        at = skip_string(bytes, at)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        b',' | b'}' | b']' | b':' => None,
        _ => {
            while !matches!(bytes.get(at), None | Some(b',' | b'}' | b']')) {
                at += 1;
            }
            Some(at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    /// The rule, spelled on parsed values.
    fn lookup<'a>(map: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
        if let Some(value) = map.get(path) {
            return Some(value);
        }
        let (head, rest) = path.split_once('.')?;
        lookup(map.get(head)?.as_object()?, rest)
    }

    fn text_of(json: &str, path: &str) -> Option<String> {
        find(json, path).and_then(as_text).map(Cow::into_owned)
    }

    #[test]
    fn values_are_found_where_they_are() {
        let json = r#" { "a" : 1.50, "b":{"c":"x\"}y","d":[1,{"e":"}"}] }, "b.c":"flat", "n":null, "t":true, "ü\n":"é" } "#;
        assert_eq!(text_of(json, "a").as_deref(), Some("1.50"));
        assert_eq!(text_of(json, "b.c").as_deref(), Some("flat"));
        assert_eq!(text_of(json, "b.d").as_deref(), Some(r#"[1,{"e":"}"}]"#));
        assert_eq!(text_of(json, "n"), None);
        assert_eq!(text_of(json, "t").as_deref(), Some("true"));
        assert_eq!(text_of(json, "ü\n").as_deref(), Some("é"));
        assert_eq!(text_of(json, "b.d.e"), None);
        assert_eq!(text_of(r#"{"p":{"a":{"b.c":"deep"}}}"#, "p.a.b.c").as_deref(), Some("deep"));
        for broken in ["", "{", "[1]", "{\"a\"", "{\"a\":", "{\"a\":\"", "{\"a\":{", "{,}", "{\"a\" 1}", "\"a\"", "{\"a\":}", "{\"a\\"] {
            assert_eq!(text_of(broken, "a"), None, "{broken}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            // Quarters, which every parser reads alike.
            any::<i32>().prop_map(|n| Value::from(f64::from(n) / 4.0)),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((key(), inner), 0..5).prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    fn key() -> impl Strategy<Value = String> {
        prop_oneof!["[ab.]{1,3}", ".{0,3}", Just("\"\\".to_owned())]
    }

    proptest! {
        #[test]
        fn finding_is_parsing_and_looking_up(map in prop::collection::vec((key(), value()), 0..6), path in "[ab.]{1,7}", pretty: bool) {
            let map: Map<String, Value> = map.into_iter().collect();
            let json = if pretty { serde_json::to_string_pretty(&map) } else { serde_json::to_string(&map) }.unwrap();
            let expected = lookup(&map, &path).filter(|v| !v.is_null());
            match (find(&json, &path).and_then(as_text), expected) {
                (Some(found), Some(Value::String(text))) => prop_assert_eq!(found.as_ref(), text.as_str()),
                (Some(found), Some(other)) => prop_assert_eq!(&serde_json::from_str::<Value>(&found).unwrap(), other),
                (found, expected) => prop_assert!(found.is_none() && expected.is_none(), "{:?} {:?}", found, expected),
            }
        }

        #[test]
        fn no_text_breaks_it(text in ".{0,40}", path in ".{1,5}") {
            find(&text, &path).and_then(as_text);
            find(&format!("{{\"a\":{text}"), "a.b").and_then(as_text);
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{{\"x\":{}{},\"a\":1}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(text_of(&deep, "a").as_deref(), Some("1"));
        assert_eq!(json!(1), 1);
    }
}
