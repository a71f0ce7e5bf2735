//! The filters of Liquid that a message may use. What is not in this list does not exist.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::tz::TimeZone;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use super::engine::Engine;
use super::html::strip_tags;
use super::place::escape;
use super::value::Val;
use crate::kernel::{Millis, Result};

/// Name, fewest and most positional arguments.
const ALL: &[(&str, usize, usize)] = &[
    ("abs", 0, 0),
    ("append", 1, 1),
    ("at_least", 1, 1),
    ("at_most", 1, 1),
    ("capitalize", 0, 0),
    ("ceil", 0, 0),
    ("compact", 0, 1),
    ("concat", 1, 1),
    ("date", 1, 1),
    ("default", 0, 1),
    ("divided_by", 1, 1),
    ("downcase", 0, 0),
    ("escape", 0, 0),
    ("escape_once", 0, 0),
    ("first", 0, 0),
    ("floor", 0, 0),
    ("join", 0, 1),
    ("json", 0, 0),
    ("last", 0, 0),
    ("lstrip", 0, 0),
    ("map", 1, 1),
    ("minus", 1, 1),
    ("modulo", 1, 1),
    ("newline_to_br", 0, 0),
    ("plus", 1, 1),
    ("prepend", 1, 1),
    ("remove", 1, 1),
    ("remove_first", 1, 1),
    ("replace", 1, 2),
    ("replace_first", 1, 2),
    ("reverse", 0, 0),
    ("round", 0, 1),
    ("rstrip", 0, 0),
    ("size", 0, 0),
    ("slice", 1, 2),
    ("sort", 0, 1),
    ("sort_natural", 0, 1),
    ("split", 1, 1),
    ("strip", 0, 0),
    ("strip_html", 0, 0),
    ("strip_newlines", 0, 0),
    ("sum", 0, 1),
    ("times", 1, 1),
    ("truncate", 0, 2),
    ("truncatewords", 0, 2),
    ("uniq", 0, 1),
    ("upcase", 0, 0),
    ("url_decode", 0, 0),
    ("url_encode", 0, 0),
    ("where", 1, 2),
];

pub(crate) fn known(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(n, _, _)| *n == name).map(|(n, _, _)| *n)
}

pub(crate) fn arguments(name: &str) -> (usize, usize) {
    ALL.iter().find(|(n, _, _)| *n == name).map_or((0, 0), |(_, least, most)| (*least, *most))
}

type Named<'n, 'a> = [(&'n str, Val<'a>)];

/// `input` has been paid for once; what can grow by more than a small factor is paid for again here.
pub(crate) fn apply<'a>(engine: &mut Engine<'a, '_>, name: &str, input: Val<'a>, arguments: &[Val<'a>], named: &Named<'_, 'a>) -> Result<Val<'a>> {
    let argument = |i: usize| arguments.get(i).unwrap_or(&Val::Nil);
    Ok(match name {
        "append" => return glue(engine, input.clone(), argument(0).clone(), &input),
        "prepend" => return glue(engine, argument(0).clone(), input.clone(), &input),
        "concat" => {
            let items = [list_of(engine, &input)?, list_of(engine, argument(0))?].concat();
            Val::list(items)
        }
        "join" => return join(engine, &input, arguments.first()),
        "replace" | "remove" => return replace(engine, &input, argument(0), arguments.get(1), usize::MAX),
        "replace_first" | "remove_first" => return replace(engine, &input, argument(0), arguments.get(1), 1),
        "split" => return split(engine, &input, argument(0)),
        "date" => return date(engine, input, argument(0)),
        "map" | "where" | "sort" | "sort_natural" | "uniq" | "compact" | "sum" | "reverse" => return of_lists(engine, name, &input, arguments),
        "default" => {
            let allow_false = named.iter().any(|(n, v)| *n == "allow_false" && v.is_truthy());
            let keeps = !matches!(input, Val::Nil) && !input.is_empty() && (allow_false || input.is_truthy());
            if keeps { input } else { argument(0).clone() }
        }
        "first" => input.at(0),
        "last" => input.at(-1),
        "size" => Val::count(input.len().unwrap_or(0)),
        "slice" => slice(&input, argument(0), arguments.get(1)),
        "json" => Val::text(input.to_json().to_string()),
        "abs" | "ceil" | "floor" | "round" | "plus" | "minus" | "times" | "divided_by" | "modulo" | "at_least" | "at_most" => {
            number(name, &input, arguments)
        }
        "strip" | "lstrip" | "rstrip" => trim(name, input),
        "escape" => Val::Html(escape(&plain(&input)).into()),
        "escape_once" => Val::Html(escape(&super::html::decode(&plain(&input))).into()),
        "newline_to_br" => match &input {
            Val::Html(h) => Val::Html(break_lines(h).into()),
            other => Val::Html(break_lines(&escape(&other.to_text())).into()),
        },
        _ => Val::text(text(name, &input.to_text(), arguments)),
    })
}

/// Text of a value that the author may have escaped already, so that `escape` twice is `escape` once.
fn plain<'a>(value: &Val<'a>) -> Cow<'a, str> {
    match value {
        Val::Html(h) => Cow::Owned(super::html::decode(h).into_owned()),
        other => other.to_text(),
    }
}

fn text(name: &str, input: &str, arguments: &[Val<'_>]) -> String {
    match name {
        "capitalize" => {
            let mut chars = input.chars();
            chars.next().map(|c| c.to_uppercase().chain(chars.as_str().to_lowercase().chars()).collect()).unwrap_or_default()
        }
        "downcase" => input.to_lowercase(),
        "upcase" => input.to_uppercase(),
        "strip_html" => strip_tags(input),
        "strip_newlines" => input.replace("\r\n", "").replace('\n', ""),
        "truncate" => truncate(input, arguments),
        "truncatewords" => truncate_words(input, arguments),
        "url_encode" => url_encode(input),
        "url_decode" => url_decode(input),
        _ => input.to_owned(),
    }
}

/// Joins two texts. If the filter's own input is HTML, the other side is escaped and the whole stays HTML.
fn glue<'a>(engine: &mut Engine<'a, '_>, left: Val<'a>, right: Val<'a>, input: &Val<'a>) -> Result<Val<'a>> {
    let most = engine.budget.affordable_bytes();
    engine.budget.spend_bytes(left.weight(most).saturating_add(right.weight(most)))?;
    let html = |v: &Val<'a>| match v {
        Val::Html(h) => h.to_string(),
        other => escape(&other.to_text()).into_owned(),
    };
    Ok(match input {
        Val::Html(_) => Val::Html((html(&left) + &html(&right)).into()),
        _ => Val::text(left.to_text().into_owned() + &right.to_text()),
    })
}

fn list_of<'a>(engine: &mut Engine<'a, '_>, value: &Val<'a>) -> Result<Vec<Val<'a>>> {
    let count = match value {
        Val::Text(_) | Val::Html(_) => 1,
        other => other.len().unwrap_or(1),
    };
    engine.budget.spend(1 + count)?;
    Ok(value.items())
}

fn join<'a>(engine: &mut Engine<'a, '_>, input: &Val<'a>, separator: Option<&Val<'a>>) -> Result<Val<'a>> {
    let items = list_of(engine, input)?;
    let separator = separator.map_or(Cow::Borrowed(" "), Val::to_text);
    let most = engine.budget.affordable_bytes();
    let bytes = input.weight(most).saturating_add(separator.len().saturating_mul(items.len()));
    engine.budget.spend_bytes(bytes)?;
    let mut out = String::with_capacity(bytes.min(most));
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(&separator);
        }
        out.push_str(&item.to_text());
    }
    Ok(Val::text(out))
}

fn replace<'a>(engine: &mut Engine<'a, '_>, input: &Val<'a>, search: &Val<'a>, by: Option<&Val<'a>>, times: usize) -> Result<Val<'a>> {
    let (input, search) = (input.to_text(), search.to_text());
    let by = by.map_or(Cow::Borrowed(""), Val::to_text);
    let hits = input.matches(&*search).take(times).count();
    engine.budget.spend_bytes(input.len().saturating_add(hits.saturating_mul(by.len())))?;
    Ok(Val::text(input.replacen(&*search, &by, times)))
}

fn split<'a>(engine: &mut Engine<'a, '_>, input: &Val<'a>, by: &Val<'a>) -> Result<Val<'a>> {
    let (input, by) = (input.to_text(), by.to_text());
    let own = |t: &str| Val::text(t.to_owned());
    let pieces: Vec<Val<'a>> = if input.is_empty() {
        Vec::new()
    } else if by.is_empty() {
        engine.budget.spend(input.len())?;
        input.chars().map(|c| Val::text(c.to_string())).collect()
    } else if by == " " {
        engine.budget.spend(1 + input.len() / 2)?;
        input.split_whitespace().map(own).collect()
    } else {
        engine.budget.spend(1 + input.matches(&*by).count())?;
        input.split(&*by).map(own).collect()
    };
    Ok(Val::list(pieces))
}

fn of_lists<'a>(engine: &mut Engine<'a, '_>, name: &str, input: &Val<'a>, arguments: &[Val<'a>]) -> Result<Val<'a>> {
    let mut items = match input {
        // An object is one thing here, not a list of its fields.
        Val::Json(Value::Object(_)) => vec![input.clone()],
        other => list_of(engine, other)?,
    };
    let property = arguments.first().map(Val::to_text);
    let field = |item: &Val<'a>| match &property {
        Some(property) => item.field(property),
        None => item.clone(),
    };
    match name {
        "reverse" => items.reverse(),
        "map" => items = items.iter().map(field).collect(),
        "compact" => items.retain(|i| !matches!(field(i), Val::Nil)),
        "where" => match arguments.get(1) {
            Some(wanted) => items.retain(|i| field(i).equals(wanted)),
            None => items.retain(|i| field(i).is_truthy()),
        },
        "sum" => {
            let sum = items.iter().filter_map(|i| field(i).number()).try_fold(Decimal::ZERO, Decimal::checked_add);
            return Ok(sum.map_or(Val::Nil, Val::Number));
        }
        "uniq" => {
            // Pairs are compared, so pairs are paid for.
            engine.budget.spend(items.len().saturating_mul(items.len()) / 2)?;
            let mut seen: Vec<Val<'a>> = Vec::new();
            items.retain(|i| {
                let key = field(i);
                let is_new = !seen.iter().any(|s| s.equals(&key));
                if is_new {
                    seen.push(key);
                }
                is_new
            });
        }
        _ => {
            engine.budget.spend(items.len().saturating_mul(items.len().max(2).ilog2() as usize))?;
            let natural = name == "sort_natural";
            let mut keyed: Vec<(Val<'a>, Val<'a>)> = items.into_iter().map(|i| (field(&i), i)).collect();
            keyed.sort_by(|(a, _), (b, _)| sort_order(a, b, natural));
            items = keyed.into_iter().map(|(_, i)| i).collect();
        }
    }
    Ok(Val::list(items))
}

/// A total order: numbers, then text, then the rest, with nothing at the very end.
fn sort_order(a: &Val<'_>, b: &Val<'_>, natural: bool) -> Ordering {
    let rank = |v: &Val<'_>| match v {
        Val::Number(_) => 0,
        Val::Text(_) | Val::Html(_) => 1,
        Val::Nil => 3,
        _ => 2,
    };
    rank(a).cmp(&rank(b)).then_with(|| match (a, b) {
        (Val::Number(a), Val::Number(b)) => a.cmp(b),
        (Val::Text(_) | Val::Html(_), _) if natural => a.to_text().to_lowercase().cmp(&b.to_text().to_lowercase()),
        (Val::Text(_) | Val::Html(_), _) => a.to_text().cmp(&b.to_text()),
        _ => Ordering::Equal,
    })
}

/// Text that is no number counts as 0, as in Liquid. What cannot be computed is nothing.
fn number<'a>(name: &str, input: &Val<'a>, arguments: &[Val<'a>]) -> Val<'a> {
    let a = input.number().unwrap_or(Decimal::ZERO);
    let b = arguments.first().and_then(Val::number).unwrap_or(Decimal::ZERO);
    let result = match name {
        "abs" => Some(a.abs()),
        "ceil" => Some(whole(a.ceil())),
        "floor" => Some(whole(a.floor())),
        "round" => {
            let places = b.to_u32().unwrap_or(0).min(28);
            Some(a.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
        }
        "plus" => a.checked_add(b),
        "minus" => a.checked_sub(b),
        "times" => a.checked_mul(b),
        "divided_by" => divide(a, b),
        "modulo" => a.checked_rem(b).map(|r| if !r.is_zero() && (r.is_sign_negative() != b.is_sign_negative()) { r + b } else { r }),
        "at_least" => Some(a.max(b)),
        _ => Some(a.min(b)),
    };
    result.map_or(Val::Nil, Val::Number)
}

/// Whole numbers divide to whole numbers, downwards; otherwise sixteen digits are enough.
fn divide(a: Decimal, b: Decimal) -> Option<Decimal> {
    let quotient = a.checked_div(b)?;
    if a.scale() == 0 && b.scale() == 0 {
        return Some(whole(quotient.floor()));
    }
    quotient.round_sf(16).map(|q| q.normalize())
}

fn whole(mut n: Decimal) -> Decimal {
    n.rescale(0);
    n
}

fn trim<'a>(name: &str, input: Val<'a>) -> Val<'a> {
    let cut = |t: &str| -> String {
        match name {
            "lstrip" => t.trim_start(),
            "rstrip" => t.trim_end(),
            _ => t.trim(),
        }
        .to_owned()
    };
    match &input {
        Val::Html(h) => Val::Html(cut(h).into()),
        other => Val::text(cut(&other.to_text())),
    }
}

fn break_lines(html: &str) -> String {
    html.replace("\r\n", "\n").replace('\n', "<br />\n")
}

fn slice<'a>(input: &Val<'a>, offset: &Val<'a>, length: Option<&Val<'a>>) -> Val<'a> {
    let offset = offset.integer().unwrap_or(0);
    let length = length.map_or(Some(1), Val::integer).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let start = |len: usize| {
        let start = if offset < 0 { offset.saturating_add(len as i64) } else { offset };
        usize::try_from(start).ok().filter(|s| *s <= len)
    };
    match input {
        Val::List(_) | Val::Json(Value::Array(_)) => {
            let items = input.items();
            let Some(start) = start(items.len()) else { return Val::list(Vec::new()) };
            Val::list(items.into_iter().skip(start).take(length).collect())
        }
        other => {
            let text = other.to_text();
            match start(text.chars().count()) {
                Some(start) => Val::text(text.chars().skip(start).take(length).collect::<String>()),
                None => Val::text(""),
            }
        }
    }
}

/// The limit counts the ellipsis.
fn truncate(input: &str, arguments: &[Val<'_>]) -> String {
    let length = arguments.first().and_then(Val::integer).unwrap_or(50);
    let length = usize::try_from(length).unwrap_or(0);
    let ellipsis = arguments.get(1).map_or(Cow::Borrowed("..."), Val::to_text);
    if input.chars().count() <= length {
        return input.to_owned();
    }
    let kept = length.saturating_sub(ellipsis.chars().count());
    input.chars().take(kept).chain(ellipsis.chars()).collect()
}

fn truncate_words(input: &str, arguments: &[Val<'_>]) -> String {
    let most = arguments.first().and_then(Val::integer).unwrap_or(15).max(1) as usize;
    let ellipsis = arguments.get(1).map_or(Cow::Borrowed("..."), Val::to_text);
    let words: Vec<&str> = input.split_whitespace().collect();
    if words.len() <= most {
        return input.to_owned();
    }
    words[..most].join(" ") + &ellipsis
}

fn url_encode(input: &str) -> String {
    let mut out = String::with_capacity(input.len());
    for byte in input.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn url_decode(input: &str) -> String {
    let bytes = input.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let escaped = (bytes[i] == b'%').then(|| input.get(i + 1..i + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (escaped, bytes[i]) {
            (Some(byte), _) => {
                out.push(byte);
                i += 2;
            }
            (None, b'+') => out.push(b' '),
            (None, byte) => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `date: "%Y年%m月%d日"`. Times are shown in the context's `time_zone`; a time that cannot be read stays as it is.
fn date<'a>(engine: &mut Engine<'a, '_>, input: Val<'a>, format: &Val<'a>) -> Result<Val<'a>> {
    let format = format.to_text();
    // `%200d` pads: one directive can make many bytes, so widths are not offered.
    if format.is_empty() || has_width(&format) {
        return Ok(input);
    }
    engine.budget.spend_bytes(format.len().saturating_mul(8))?;
    let zone = engine.setting("time_zone").and_then(|z| TimeZone::get(z).ok()).unwrap_or(TimeZone::UTC);
    let text = input.to_text();
    let text = text.trim();
    let text = if matches!(text, "now" | "today") { engine.setting("now").unwrap_or_default() } else { text };
    let Some(time) = read_time(text, &zone) else { return Ok(if matches!(&*input.to_text(), "now" | "today") { Val::Nil } else { input }) };
    let written = jiff::fmt::strtime::BrokenDownTime::from(&time).to_string(&*format);
    Ok(written.map_or(input, Val::text))
}

fn has_width(format: &str) -> bool {
    let mut after = false;
    format.chars().any(|c| {
        let digit = after && c.is_ascii_digit();
        after = c == '%' && !after || after && matches!(c, '-' | '_' | '^' | '#');
        digit
    })
}

/// RFC 3339, a date, a date and time without offset (taken in `zone`), or seconds since 1970.
fn read_time(text: &str, zone: &TimeZone) -> Option<jiff::Zoned> {
    if let Some(at) = Millis::parse(text) {
        return Some(at.timestamp().to_zoned(zone.clone()));
    }
    if let Ok(civil) = text.parse::<jiff::civil::DateTime>() {
        return civil.to_zoned(zone.clone()).ok();
    }
    let seconds: i64 = text.parse().ok()?;
    Some(jiff::Timestamp::from_second(seconds).ok()?.to_zoned(zone.clone()))
}
