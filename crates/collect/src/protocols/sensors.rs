//! The Sensors Analytics (神策) protocol: `data` or `data_list`, base 64, perhaps gzip, perhaps with a checksum.
//! See the README for how fields map.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::body;
use crate::kernel::event::id_types;
use crate::kernel::id::{base32, derived};
use crate::kernel::{Error, EventKind, Result};
use crate::protocols::json::{self, Text};
use crate::protocols::record::{Draft, Records, Wrong};
use crate::protocols::time;
use crate::protocols::{Parsed, Stamp, identifier, may_claim, moment, name, object};

/// Largest event, in bytes of JSON.
pub const MAX_EVENT: usize = 64 * 1024;
/// Largest request, in bytes, both as sent and after decompression.
pub const MAX_BODY: usize = 2 * 1024 * 1024;

/// Clients differ in whether they pad.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The parameters of a request, from its query and from its form.
#[derive(Debug, Default)]
pub struct Form {
    data: Option<String>,
    gzip: Option<String>,
    checksum: Option<String>,
    pub token: Option<String>,
    pub project: Option<String>,
}

impl Form {
    /// Reads `a=b&c=d`, as it stands in a query or in a body; the first of two equal names counts.
    pub fn read(&mut self, encoded: &[u8]) {
        for (key, value) in url::form_urlencoded::parse(encoded) {
            let place = match key.as_ref() {
                "data" | "data_list" => &mut self.data,
                "gzip" => &mut self.gzip,
                "crc" => &mut self.checksum,
                "token" => &mut self.token,
                "project" => &mut self.project,
                "ext" => {
                    self.read_extension(&value);
                    continue;
                }
                _ => continue,
            };
            place.get_or_insert_with(|| value.into_owned());
        }
    }

    /// `ext` holds parameters of its own, such as `crc=1998772142`.
    fn read_extension(&mut self, value: &str) {
        if let Some(checksum) = value.split('&').find_map(|part| part.strip_prefix("crc=")) {
            self.checksum.get_or_insert_with(|| checksum.to_owned());
        }
    }

    /// The JSON that was sent, its checksum compared.
    fn json(&self) -> Result<Vec<u8>> {
        let missing = || Error::invalid("collect.data_missing", "send the events as `data` or `data_list`");
        // A plus that was sent as it is reads as a space in a form; base 64 has no spaces.
        let data = self.data.as_deref().map(|d| d.trim().replace(' ', "+")).filter(|d| !d.is_empty()).ok_or_else(missing)?;
        if let Some(told) = &self.checksum {
            let found = hash_code(&data);
            if told.trim().parse::<i64>() != Ok(i64::from(found)) {
                return Err(Error::invalid("collect.checksum_mismatch", format!("the data was damaged on its way: crc says {told}, it is {found}")));
            }
        }
        let bytes = BASE64.decode(data.as_bytes()).map_err(|e| Error::invalid("collect.bad_base64", format!("data is not base 64: {e}")))?;
        if matches!(self.gzip.as_deref(), Some("9")) {
            return Err(Error::invalid("collect.encrypted", "encrypted events cannot be read; switch encryption off in the client"));
        }
        match body::unzipped(&bytes, MAX_BODY)? {
            Cow::Borrowed(_) => Ok(bytes),
            Cow::Owned(plain) => Ok(plain),
        }
    }
}

/// What Java calls `String.hashCode`, over the data as it was encoded.
fn hash_code(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// One event, every field still as it stands in the request.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, rename = "type")]
    call: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    distinct_id: Option<&'a RawValue>,
    #[serde(borrow)]
    login_id: Option<&'a RawValue>,
    #[serde(borrow)]
    anonymous_id: Option<&'a RawValue>,
    #[serde(borrow)]
    original_id: Option<&'a RawValue>,
    #[serde(borrow)]
    identities: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow, rename = "_flush_time")]
    flush_time: Option<&'a RawValue>,
    #[serde(borrow, rename = "_track_id")]
    track_id: Option<&'a RawValue>,
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
    #[serde(borrow)]
    lib: Option<&'a RawValue>,
    #[serde(borrow)]
    item_type: Option<&'a RawValue>,
    #[serde(borrow)]
    item_id: Option<&'a RawValue>,
    #[serde(borrow)]
    time_free: Option<&'a RawValue>,
}

/// Reads a request. An error means that nothing in it could be read.
pub fn parse(form: &Form, stamp: &Stamp) -> Result<Parsed> {
    let json = form.json()?;
    let bad = |e: &dyn std::fmt::Display| Error::invalid("collect.bad_json", format!("data is not the JSON of events: {e}"));
    let text = std::str::from_utf8(&json).map_err(|e| bad(&e))?.trim();
    let events: Vec<&RawValue> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|e| bad(&e))?
    } else {
        vec![serde_json::from_str(text).map_err(|e| bad(&e))?]
    };
    let mut parsed = Parsed::default();
    let mut records = Records::with_capacity(text.len() + text.len() / 4 + 256);
    let mut names = Names::default();
    for (index, raw) in events.into_iter().enumerate() {
        if let Err(wrong) = one(raw.get(), stamp, &mut names, &mut records) {
            parsed.refused.push(wrong.at(index));
        }
    }
    parsed.accepted = records.finish();
    Ok(parsed)
}

fn one(raw: &str, stamp: &Stamp, names: &mut Names, records: &mut Records) -> Result<(), Wrong> {
    if raw.len() > MAX_EVENT {
        return Err(Wrong::new("collect.event_too_large", format!("an event may have {MAX_EVENT} bytes, this one has {}", raw.len())));
    }
    if !json::is_object(raw) {
        return Err(Wrong::of_type("an event", "an object"));
    }
    let message: Message = serde_json::from_str(raw).map_err(|e| Wrong::new("collect.bad_json", e.to_string()))?;
    let call = call(&message)?;
    let thing = call.kind.is_thing().then(|| thing(&message)).transpose()?;
    let who = Who::of(&message, &call, thing.is_some())?;
    let claimed = moment(get(message.time), "time")?;
    let sent_at = message.flush_time.and_then(|raw| time::read(raw.get()));
    let id = names.of(&message, &call);
    records.event(|draft| {
        draft.what(&id, call.kind, &call.name);
        draft.stamp(stamp);
        let flags = properties(&message, call.kind, draft)?;
        draft.moment(time::corrected(stamp.received_at, claimed.or(flags.time), sent_at));
        match &thing {
            Some((thing_type, thing_id)) => draft.identifier("th", thing_type, thing_id),
            None => who.write(&flags, draft),
        }
        library(&message, draft)?;
        if get(message.time_free) == Some("true") {
            draft.historical();
        }
        Ok(())
    })
}

fn get(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get)
}

/// What an event does, and what it is called.
struct Call<'a> {
    kind: EventKind,
    name: Text<'a>,
    signs_up: bool,
}

fn call<'a>(message: &Message<'a>) -> Result<Call<'a>, Wrong> {
    let of = |kind, name| Call { kind, name, signs_up: false };
    let event = || name(get(message.event), "event");
    let event_or = |usual| if message.event.is_some() { event() } else { Ok(Text::plain(usual)) };
    Ok(match get(message.call) {
        Some("\"track\"") => of(EventKind::Track, event()?),
        Some("\"track_signup\"") => Call { kind: EventKind::SignUp, name: event_or("$SignUp")?, signs_up: true },
        // A bind says that its identities are one person; an unbind says the opposite, so it must not link them.
        Some("\"track_id_bind\"") => of(EventKind::SignUp, event_or("$BindID")?),
        Some("\"track_id_unbind\"") => of(EventKind::Track, event_or("$UnbindID")?),
        Some("\"profile_set\"") => of(EventKind::ProfileSet, Text::plain("profile_set")),
        Some("\"profile_set_once\"") => of(EventKind::ProfileSetOnce, Text::plain("profile_set_once")),
        Some("\"profile_increment\"") => of(EventKind::ProfileIncrement, Text::plain("profile_increment")),
        Some("\"profile_append\"") => of(EventKind::ProfileAppend, Text::plain("profile_append")),
        Some("\"profile_unset\"") => of(EventKind::ProfileUnset, Text::plain("profile_unset")),
        Some("\"profile_delete\"") => of(EventKind::ProfileDelete, Text::plain("profile_delete")),
        Some("\"item_set\"") => of(EventKind::ThingSet, Text::plain("item_set")),
        Some("\"item_set_once\"") => of(EventKind::ThingSetOnce, Text::plain("item_set_once")),
        Some("\"item_increment\"") => of(EventKind::ThingIncrement, Text::plain("item_increment")),
        Some("\"item_append\"") => of(EventKind::ThingAppend, Text::plain("item_append")),
        Some("\"item_unset\"") => of(EventKind::ThingUnset, Text::plain("item_unset")),
        Some("\"item_delete\"") => of(EventKind::ThingDelete, Text::plain("item_delete")),
        _ => return Err(Wrong::new("collect.unknown_call", "type must be track, track_signup, or one of the profile_ and item_ calls")),
    })
}

fn thing<'a>(message: &Message<'a>) -> Result<(Text<'a>, Text<'a>), Wrong> {
    match (identifier(get(message.item_type), "item_type")?, identifier(get(message.item_id), "item_id")?) {
        (Some(thing_type), Some(id)) => Ok((thing_type, id)),
        _ => Err(Wrong::new("collect.item_missing", "an item call needs item_type and item_id")),
    }
}

/// Whom an event is about.
struct Who<'a> {
    login: Option<Text<'a>>,
    distinct: Option<Text<'a>>,
    anonymous: Option<Text<'a>>,
    original: Option<Text<'a>>,
    /// By our names of their kinds; see [`id_type`].
    identities: Vec<(Text<'a>, Text<'a>)>,
    signs_up: bool,
}

impl<'a> Who<'a> {
    fn of(message: &Message<'a>, call: &Call, is_thing: bool) -> Result<Self, Wrong> {
        let mut who = Self {
            login: identifier(get(message.login_id), "login_id")?,
            distinct: identifier(get(message.distinct_id), "distinct_id")?,
            anonymous: identifier(get(message.anonymous_id), "anonymous_id")?,
            original: identifier(get(message.original_id), "original_id")?,
            identities: identities(get(message.identities))?,
            signs_up: call.signs_up,
        };
        // Who logs in by an identity of another kind gets `kind+value` as login and distinct id.
        let composed = |id: &Text, known: &[(Text, Text)]| {
            id.as_str().split_once('+').is_some_and(|(kind, value)| known.iter().any(|(t, v)| t.as_str() == id_type(kind) && v.as_str() == value))
        };
        if who.login.as_ref().is_some_and(|id| composed(id, &who.identities)) {
            who.login = None;
        }
        if who.distinct.as_ref().is_some_and(|id| composed(id, &who.identities)) {
            who.distinct = None;
        }
        if is_thing {
            return Ok(who);
        }
        if who.login.is_none() && who.distinct.is_none() && who.anonymous.is_none() && who.identities.is_empty() {
            return Err(Wrong::new("collect.identifier_missing", "an event needs distinct_id"));
        }
        if who.signs_up && who.original.is_none() {
            return Err(Wrong::new("collect.previous_missing", "track_signup needs original_id"));
        }
        Ok(who)
    }

    /// Identifiers, strongest first: logins, then what people carry, then what their devices carry.
    fn write(&self, flags: &Flags, draft: &mut Draft) {
        let (user, anonymous) = (Text::plain(id_types::USER), Text::plain(id_types::ANONYMOUS));
        let mut found: Vec<(&Text, &Text)> = Vec::with_capacity(4);
        let mut add = |id_type, value| {
            if !found.contains(&(id_type, value)) {
                found.push((id_type, value));
            }
        };
        let logged_in = self.signs_up || flags.is_login;
        for login in self.login.iter().chain(self.distinct.iter().filter(|_| logged_in && self.login.is_none())) {
            add(&user, login);
        }
        for rank in 0..=2 {
            self.identities.iter().filter(|(t, _)| weakness(t.as_str()) == rank).for_each(|(t, v)| add(t, v));
        }
        let carried = self.anonymous.iter();
        // Servers that sign somebody up go on to speak of her by the new id without saying that it is a login:
        // the id stands for her in both ways.
        let distinct = self.distinct.iter().filter(|id| self.login.is_none() && !flags.is_login && self.anonymous.as_ref() != Some(*id));
        for id in carried.chain(distinct) {
            add(&anonymous, id);
        }
        for (t, v) in self.identities.iter().filter(|(t, _)| weakness(t.as_str()) > 2) {
            add(t, v);
        }
        draft.identifiers(found.into_iter());
        if let Some(original) = self.original.as_ref().filter(|_| self.signs_up) {
            draft.identifier("pv", &anonymous, original);
        }
    }
}

/// Our name of a kind of identity: `$identity_login_id` is `user_id`, `$identity_mobile` is `phone`.
/// Names of the brand's own stay as they are.
fn id_type(key: &str) -> &str {
    match key.strip_prefix("$identity_") {
        Some("login_id") => id_types::USER,
        Some("anonymous_id") => id_types::ANONYMOUS,
        Some("mobile") => "phone",
        Some("mp_openid") => "openid",
        Some("mp_unionid") => "unionid",
        Some(other) => other,
        None => key,
    }
}

/// 0 for logins, 1 for what a person carries, 2 for the anonymous id, 3 for what only a device carries.
fn weakness(id_type: &str) -> u8 {
    match id_type {
        id_types::USER => 0,
        id_types::ANONYMOUS => 2,
        "cookie_id" | "mp_id" | "ali_mp_id" | "baidu_mp_id" | "byte_mp_id" | "feishu_mp_id" | "taobao_uuid" | "xhs_mp_id" | "android_id"
        | "android_uuid" | "oaid" | "idfa" | "idfv" | "ios_uuid" | "imei" | "harmony_uuid" => 3,
        _ => 1,
    }
}

fn identities(raw: Option<&str>) -> Result<Vec<(Text<'_>, Text<'_>)>, Wrong> {
    let Some(raw) = object(raw, "identities")? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut wrong = None;
    let mut scratch = Vec::new();
    json::copy_entries(raw, &mut scratch, |key, value| {
        match identifier(Some(value), "an identity") {
            // A key with escapes is nobody's name of a kind.
            Ok(Some(id)) if may_claim(id_type(key)) && !key.contains('\\') => found.push((Text::plain(id_type(key)), id)),
            Ok(_) => {}
            Err(w) => wrong = Some(w),
        }
        false
    })?;
    wrong.map_or(Ok(found), Err)
}

/// What clients say among the properties that is not a property.
#[derive(Default)]
struct Flags {
    is_login: bool,
    time: Option<i64>,
}

/// Copies the properties to where they belong: what happened, or what is so about a person or a thing.
fn properties(message: &Message, kind: EventKind, draft: &mut Draft) -> Result<Flags, Wrong> {
    let mut flags = Flags::default();
    let Some(raw) = object(get(message.properties), "properties")? else { return Ok(flags) };
    let tells = kind.changes_profile() || kind.is_thing();
    let mut entries = draft.object(if tells { "tr" } else { "p" });
    let mut wrong = None;
    entries.all_of(raw, |key, value| {
        match key {
            "$is_login_id" => {
                flags.is_login = value == "true";
                return false;
            }
            "$time" => flags.time = time::read(value),
            _ => {}
        }
        let fits = match kind {
            EventKind::ProfileIncrement | EventKind::ThingIncrement => value.starts_with(|c: char| c == '-' || c.is_ascii_digit()),
            EventKind::ProfileAppend | EventKind::ThingAppend => value.starts_with('['),
            _ => true,
        };
        if !fits {
            let expected = if matches!(kind, EventKind::ProfileIncrement | EventKind::ThingIncrement) { "a number" } else { "a list" };
            wrong = Some(Wrong::of_type(&format!("properties.{key}"), expected));
        }
        true
    })?;
    entries.end();
    wrong.map_or(Ok(flags), Err)
}

/// `lib` goes into the context, and tells the channel.
fn library(message: &Message, draft: &mut Draft) -> Result<(), Wrong> {
    let Some(raw) = object(get(message.lib), "lib")? else { return Ok(()) };
    let mut channel = None;
    let mut context = draft.object("c");
    context.add("lib", |out| {
        out.push(b'{');
        json::copy_entries(raw, out, |key, value| {
            if key == "$lib" {
                channel = channel_of(value);
            }
            true
        })?;
        out.push(b'}');
        Ok(())
    })?;
    context.end();
    if let Some(channel) = channel {
        draft.text("ch", &Text::plain(channel));
    }
    Ok(())
}

fn channel_of(library: &str) -> Option<&'static str> {
    Some(match library.trim_matches('"') {
        "js" => "web",
        "MiniProgram" | "AlipayMini" | "BaiduMini" | "BytedanceMini" | "QQMini" | "TaobaoMini" => "mini_program",
        "Android" | "iOS" | "HarmonyOS" | "Flutter" | "ReactNative" => "app",
        "python" | "Node" | "Java" | "php" | "PHP" | "Golang" | "Ruby" | "DotNET" | "C" => "server",
        _ => return None,
    })
}

/// Names events that have no message id, so that a repeated upload is the same events.
#[derive(Default)]
struct Names {
    /// How often a name came in this request, for clients that do not number their events.
    seen: HashMap<u128, u64>,
}

impl Names {
    fn of(&mut self, message: &Message, call: &Call) -> Text<'static> {
        let field = |raw| get(raw).unwrap_or_default().as_bytes();
        let told = [
            field(message.call),
            call.name.as_str().as_bytes(),
            field(message.distinct_id),
            field(message.item_type),
            field(message.item_id),
            field(message.time),
            field(message.track_id),
        ];
        let mut name = derived(&told);
        if message.track_id.is_none() {
            name = derived(&[&name.to_be_bytes(), field(message.properties), field(message.identities)]);
            let before = self.seen.entry(name).or_default();
            *before += 1;
            if *before > 1 {
                name = derived(&[&name.to_be_bytes(), &before.to_be_bytes()]);
            }
        }
        Text::owned(format!("sa_{}", base32(name)))
    }
}
