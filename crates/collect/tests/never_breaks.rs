//! Whatever is sent, nothing panics, and whatever gets in can be read from the log.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

use base64::Engine as _;
use proptest::prelude::*;
use weft_collect::protocols::{Parsed, Stamp, segment, sensors};
use weft_kernel::{Millis, Record, SourceId, WorkspaceId};

const SEGMENT: &str = r#"{"sentAt":"2026-11-22T02:23:49.664Z","context":{"ip":"1"},"batch":[{"type":"page","userId":"u\"1","name":"N","messageId":"m","timestamp":"2026-11-22T02:23:49.637Z","properties":{"a":[1,-2.5e3,{"b":"\ud83d\ude00 \u65b0"}],"name":null},"context":{"device":{"type":"ios"},"externalIds":[{"id":"x","type":"crm"}]},"integrations":{"All":true}},{"type":"alias","userId":"u","previousId":"a"}]}"#;
const SENSORS: &str = r#"[{"type":"track","event":"e","distinct_id":"d","time":1795316369970,"_flush_time":1795316369977,"_track_id":7,"identities":{"$identity_mobile":"138","k":"v"},"properties":{"$is_login_id":true,"a":["\ud83d\ude00"],"n":1.5e3},"lib":{"$lib":"js"}},{"type":"item_set","item_type":"p","item_id":"1","properties":{"x":1}},{"type":"track_signup","distinct_id":"u","original_id":"a"}]"#;

fn stamp() -> Stamp {
    Stamp { workspace: WorkspaceId(1), source: SourceId::from("src_1"), received_at: Millis(1_795_316_400_000) }
}

/// Some places of the text replaced by letters that mean something in JSON.
fn damaged(text: &'static str) -> impl Strategy<Value = String> {
    let letters = prop::sample::select(vec![
        "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "9", "e", "E", "-", "+", ".", "u", "\\ud800", "\\u0000", "null", "true", " ", "\n", "é", "\u{1}", "1e400",
    ]);
    prop::collection::vec((0..text.len(), 0usize..3, letters), 0..6).prop_map(move |edits| {
        let mut out = text.to_owned();
        for (at, length, letter) in edits {
            let at = (0..=at.min(out.len())).rev().find(|i| out.is_char_boundary(*i)).unwrap_or(0);
            let end = (at + length..=out.len()).find(|i| out.is_char_boundary(*i)).unwrap_or(out.len()).max(at);
            out.replace_range(at..end, letter);
        }
        out
    })
}

fn can_be_read(parsed: weft_kernel::Result<Parsed>) -> Result<(), TestCaseError> {
    for record in parsed.map(|p| p.accepted).unwrap_or_default() {
        let read = Record::decode(&record);
        prop_assert!(matches!(read, Ok(Record::Event(_))), "{read:?}: {}", String::from_utf8_lossy(&record));
    }
    Ok(())
}

#[test]
fn undamaged_requests_get_in_whole() {
    let parsed = segment::parse(segment::Call::Batch, SEGMENT.as_bytes(), &stamp()).unwrap();
    assert_eq!((parsed.accepted.len(), parsed.refused), (2, vec![]));
    let mut form = sensors::Form::default();
    form.read(format!("data_list={}", base64::prelude::BASE64_STANDARD.encode(SENSORS)).as_bytes());
    let parsed = sensors::parse(&form, &stamp()).unwrap();
    assert_eq!((parsed.accepted.len(), parsed.refused), (3, vec![]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segment_never_breaks_the_log(body in damaged(SEGMENT)) {
        can_be_read(segment::parse(segment::Call::Batch, body.as_bytes(), &stamp()))?;
        if let Some(single) = body.find("[{").and_then(|at| body.get(at + 1..)) {
            let event = single.split("},{").next().unwrap_or_default().to_owned() + "}";
            for path in ["track", "identify", "page", "screen", "group", "alias"] {
                can_be_read(segment::parse(segment::Call::of_path(path).unwrap(), event.as_bytes(), &stamp()))?;
            }
        }
    }

    #[test]
    fn sensors_never_breaks_the_log(body in damaged(SENSORS)) {
        let mut form = sensors::Form::default();
        let data = base64::prelude::BASE64_STANDARD.encode(&body);
        form.read(url::form_urlencoded::Serializer::new(String::new()).append_pair("data_list", &data).finish().as_bytes());
        can_be_read(sensors::parse(&form, &stamp()))?;
    }

    #[test]
    fn any_bytes_are_only_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        can_be_read(segment::parse(segment::Call::Batch, &body, &stamp()))?;
        let mut form = sensors::Form::default();
        form.read(&body);
        can_be_read(sensors::parse(&form, &stamp()))?;
    }
}
