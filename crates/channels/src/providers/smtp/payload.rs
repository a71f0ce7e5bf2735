//! Our message as RFC 5322 and MIME. Pure: the same message makes the same bytes.

use std::time::{Duration, SystemTime};

use lettre::Address as MailAddress;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::config::Config;
use super::dkim::Signer;
use crate::kernel::Millis;
use crate::providers::{Address, OutMessage};

/// A message on its way: the envelope and the bytes.
pub(super) struct Parcel {
    /// The envelope's sender, where bounces go.
    pub(super) from: MailAddress,
    pub(super) to: MailAddress,
    pub(super) bytes: Vec<u8>,
}

type Refusal = (&'static str, String);

/// `Err` is a code and a reason: such a message can never be sent.
pub(super) fn parcel(message: &OutMessage, config: &Config, signer: Option<&Signer>, now: Millis) -> Result<Parcel, Refusal> {
    let Address::Email(to) = &message.to else { return Err(("wrong_address", "a mail goes to a mail address".into())) };
    let to: MailAddress = to.0.trim().parse().map_err(|e| ("invalid_address", format!("the recipient's address is none: {e}")))?;
    let sender = message.from_address.as_ref().or(config.from_address.as_ref());
    let sender = sender.ok_or(("no_sender", "neither the message nor the provider names a sender".to_owned()))?;
    let sender: MailAddress = sender.parse().map_err(|e| ("invalid_sender", format!("the sender's address is none: {e}")))?;
    let bounces = config.bounce_address.as_ref().and_then(|b| b.parse().ok()).unwrap_or_else(|| sender.clone());
    let name = message.from_name.as_ref().or(config.from_name.as_ref()).map(|n| one_line(n)).filter(|n| !n.is_empty());

    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    let mut builder = Message::builder()
        .message_id(Some(format!("<{}@{}>", message.id, sender.domain())))
        .date(at)
        .from(Mailbox::new(name, sender))
        .to(Mailbox::new(None, to.clone()))
        .subject(one_line(message.subject.as_deref().unwrap_or_default()))
        .raw_header(header("X-Weft-Message", message.id.as_str()));
    if let Some(reply_to) = &message.reply_to {
        let reply_to: MailAddress = reply_to.parse().map_err(|e| ("invalid_reply_to", format!("the reply address is none: {e}")))?;
        builder = builder.reply_to(Mailbox::new(None, reply_to));
    }
    if let Some(unsubscribe) = &message.unsubscribe {
        builder = builder.raw_header(header("List-Unsubscribe", &list_unsubscribe(&unsubscribe.url, unsubscribe.mailto.as_deref())?));
        builder = builder.raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let built = match (&message.html, &message.text) {
        (Some(html), Some(text)) => builder.multipart(
            MultiPart::alternative()
                .boundary(format!("weft-{}", message.id))
                .singlepart(SinglePart::plain(text.clone()))
                .singlepart(SinglePart::html(html.clone())),
        ),
        (Some(html), None) => builder.singlepart(SinglePart::html(html.clone())),
        (None, Some(text)) => builder.singlepart(SinglePart::plain(text.clone())),
        (None, None) => return Err(("empty", "the message has neither HTML nor text".into())),
    };
    let mut bytes = built.map_err(|e| ("malformed", e.to_string()))?.formatted();
    if let Some(signer) = signer {
        let signature = signer.header(&bytes, now).ok_or(("dkim", "the message could not be signed".to_owned()))?;
        bytes.splice(0..0, signature.into_bytes());
    }
    // The protocol adds the last line end itself.
    if bytes.ends_with(b"\r\n") {
        bytes.truncate(bytes.len() - 2);
    }
    Ok(Parcel { from: bounces, to, bytes })
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// `<https://…>, <mailto:…>`: one-click first, as RFC 8058 needs an https URL.
fn list_unsubscribe(url: &str, mailto: Option<&str>) -> Result<String, Refusal> {
    let fits = |t: &str| t.is_ascii() && t.len() <= 900 && !t.contains(|c: char| c.is_ascii_control() || matches!(c, ' ' | '<' | '>' | ','));
    if !(url.starts_with("https://") || url.starts_with("http://")) || !fits(url) {
        return Err(("invalid_unsubscribe", "the link for leaving cannot stand in a header".into()));
    }
    match mailto {
        None => Ok(format!("<{url}>")),
        Some(address) if fits(address) => Ok(format!("<{url}>, <mailto:{address}>")),
        Some(_) => Err(("invalid_unsubscribe", "the address for leaving cannot stand in a header".into())),
    }
}

/// A line break in a name or subject must not begin another header.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{MessageId, Pii};
    use crate::providers::Unsubscribe;
    use mail_parser::MessageParser;
    use serde_json::json;

    fn config() -> Config {
        serde_json::from_value(json!({"host": "localhost", "from_address": "news@brand.example", "from_name": "织云商城"})).unwrap()
    }
    fn message() -> OutMessage {
        let to = Address::Email(Pii("ann@example.com".into()));
        let mut message = OutMessage::new(MessageId::from("msg_01"), to, Millis(1_795_316_412_045));
        message.subject = Some("您的专属优惠,限时三天——满 200 减 50,全场通用,先到先得,欢迎选购".into());
        message.html = Some("<p>亲爱的 Ann</p>\n.\n<p>.点</p>".into());
        message.text = Some("亲爱的 Ann\n.\n点".into());
        message
    }
    fn bytes(message: &OutMessage) -> Vec<u8> {
        parcel(message, &config(), None, Millis(1_795_316_412_045)).map_err(|e| e.1).unwrap().bytes
    }

    #[test]
    fn a_mail_says_what_the_message_says() {
        let mut message = message();
        message.reply_to = Some("care@brand.example".into());
        message.unsubscribe = Some(Unsubscribe { url: "https://brand.example/u/abc.def".into(), mailto: Some("leave@brand.example".into()) });
        let raw = bytes(&message);
        assert!(raw.is_ascii());
        assert!(String::from_utf8_lossy(&raw).lines().all(|l| l.len() <= 998));
        let read = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(read.subject(), message.subject.as_deref());
        assert_eq!(read.body_html(0).as_deref().map(|h| h.replace("\r\n", "\n")), message.html);
        assert_eq!(read.body_text(0).as_deref().map(|t| t.replace("\r\n", "\n")), message.text);
        assert_eq!(read.message_id(), Some("msg_01@brand.example"));
        let from = read.from().and_then(|f| f.first()).unwrap();
        assert_eq!((from.name(), from.address()), (Some("织云商城"), Some("news@brand.example")));
        let line = |name: &'static str| read.header_raw(name).map(|v| v.replace("\r\n", "").trim().to_owned());
        assert_eq!(line("List-Unsubscribe").as_deref(), Some("<https://brand.example/u/abc.def>, <mailto:leave@brand.example>"));
        assert_eq!(line("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
        assert_eq!(line("X-Weft-Message").as_deref(), Some("msg_01"));
        assert_eq!(line("Reply-To").as_deref(), Some("care@brand.example"));
        assert_eq!(line("Date").as_deref(), Some("Sun, 22 Nov 2026 03:00:12 +0000"));
        assert_eq!(read.content_type_name(), Some("multipart/alternative".into()));
    }

    trait ContentTypeName {
        fn content_type_name(&self) -> Option<String>;
    }
    impl ContentTypeName for mail_parser::Message<'_> {
        fn content_type_name(&self) -> Option<String> {
            use mail_parser::MimeHeaders;
            self.content_type().map(|c| format!("{}/{}", c.ctype(), c.subtype().unwrap_or_default()))
        }
    }

    #[test]
    fn the_same_message_makes_the_same_bytes() {
        assert_eq!(bytes(&message()), bytes(&message()));
    }

    #[test]
    fn headers_cannot_be_smuggled() {
        let mut message = message();
        message.subject = Some("Hello\r\nBcc: victim@example.com\r\n\r\nbody".into());
        message.from_name = Some("Evil\nX-Evil: 1".into());
        let raw = bytes(&message);
        let read = MessageParser::default().parse(&raw).unwrap();
        assert!(read.bcc().is_none() && read.header_raw("X-Evil").is_none(), "{}", String::from_utf8_lossy(&raw));
        message.unsubscribe = Some(Unsubscribe { url: "https://x.example/>\r\nBcc: a@b.c".into(), mailto: None });
        assert_eq!(parcel(&message, &config(), None, Millis(0)).err().unwrap().0, "invalid_unsubscribe");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_by_name() {
        let refused = |change: fn(&mut OutMessage)| {
            let mut message = message();
            change(&mut message);
            parcel(&message, &config(), None, Millis(0)).err().unwrap().0
        };
        assert_eq!(refused(|m| m.to = Address::Phone(Pii("1".into()))), "wrong_address");
        assert_eq!(refused(|m| m.to = Address::Email(Pii("a b@c\r\nRCPT TO:<d@e>".into()))), "invalid_address");
        assert_eq!(refused(|m| m.from_address = Some("nobody".into())), "invalid_sender");
        assert_eq!(refused(|m| m.reply_to = Some("x".into())), "invalid_reply_to");
        assert_eq!(
            refused(|m| {
                m.html = None;
                m.text = None;
            }),
            "empty"
        );
    }
}
