use super::*;
use crate::kernel::{FakeClock, MessageId, Pii};
use crate::providers::{Address, Unsubscribe};
use crate::smtp_sink::{Misbehaviour, Options, SmtpSink};
use serde_json::{Value, json};
use std::sync::Arc;

const NOW: Millis = Millis(1_795_316_412_045);

async fn sink(options: Options) -> SmtpSink {
    SmtpSink::start(options, Arc::new(FakeClock::at(NOW))).await.unwrap()
}

fn provider(sink: &SmtpSink, more: Value) -> Smtp {
    let mut config = json!({
        "host": "127.0.0.1", "port": sink.address().port(), "tls": "none", "from_address": "news@brand.example", "from_name": "织云商城",
        "hello_name": "weft.brand.example", "timeout_ms": 2000, "final_timeout_ms": 300,
    });
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    Smtp::new(serde_json::from_value(config).unwrap()).unwrap()
}

fn message(id: &str) -> OutMessage {
    let mut message = OutMessage::new(MessageId::from(id), Address::Email(Pii("ann@example.com".into())), NOW);
    message.subject = Some("您的专属优惠:满 200 减 50,限时三天,全场通用,先到先得——织云商城敬上".into());
    message.html = Some("<p>亲爱的 Ann</p>\n.\n".into());
    message.text = Some("亲爱的 Ann\n.\n".into());
    message.unsubscribe = Some(Unsubscribe { url: "https://brand.example/u/abc.def".into(), mailto: Some("leave@brand.example".into()) });
    message
}

fn rejection(outcome: SendOutcome) -> (String, bool) {
    match outcome {
        SendOutcome::Rejected { code, retry, detail, .. } => {
            assert!(!detail.contains("ann@example.com"), "{detail}");
            (code, retry)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    for pipelining in [true, false] {
        let sink = sink(Options { pipelining, ..Options::default() }).await;
        let sent = message("msg_1");
        let outcome = provider(&sink, json!({"bounce_address": "bounce@brand.example"})).send(&sent, NOW).await;
        assert_eq!(outcome, SendOutcome::Accepted { provider_id: Some("SINK1".into()) });
        let mail = sink.get(1).unwrap();
        assert_eq!((mail.summary.from.as_str(), mail.summary.to.as_slice()), ("bounce@brand.example", ["ann@example.com".to_owned()].as_slice()));
        assert_eq!(Some(&mail.summary.subject), sent.subject.as_ref());
        let unix = |t: &Option<String>| t.as_deref().map(|t| t.replace("\r\n", "\n"));
        assert_eq!((unix(&mail.html), unix(&mail.text)), (sent.html.clone(), sent.text.clone()));
        assert_eq!(mail.header("List-Unsubscribe"), Some("<https://brand.example/u/abc.def>, <mailto:leave@brand.example>"));
        assert_eq!(mail.header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
        assert_eq!(mail.header("Message-ID"), Some("<msg_1@brand.example>"));
        assert_eq!(mail.header("X-Weft-Message"), Some("msg_1"));
    }
}

#[tokio::test]
async fn one_connection_carries_many_messages() {
    let sink = sink(Options::default()).await;
    let provider = provider(&sink, json!({"connections": 1}));
    for n in 1..=30 {
        assert!(matches!(provider.send(&message(&format!("msg_{n}")), NOW).await, SendOutcome::Accepted { .. }));
    }
    assert_eq!((sink.received(), sink.connections()), (30, 1));
}

#[tokio::test]
async fn connections_are_replaced_when_they_are_worn_or_old() {
    let sink = sink(Options::default()).await;
    let worn = provider(&sink, json!({"messages_per_connection": 10}));
    for n in 0..30 {
        // A clock that leaps, as in a demo's history, makes no connection old.
        worn.send(&message(&format!("msg_{n}")), NOW.plus(n * 3_600_000)).await;
    }
    assert_eq!(sink.connections(), 3);
    let old = provider(&sink, json!({"idle_ms": 0}));
    old.send(&message("msg_a"), NOW).await;
    old.send(&message("msg_b"), NOW).await;
    assert_eq!((sink.received(), sink.connections()), (32, 5));
}

#[tokio::test]
async fn many_messages_share_a_few_connections() {
    let sink = sink(Options::default()).await;
    let provider = Arc::new(provider(&sink, json!({"connections": 3})));
    let sends = (0..60).map(|n| {
        let provider = provider.clone();
        async move { provider.send(&message(&format!("msg_{n}")), NOW).await }
    });
    let outcomes = futures::future::join_all(sends).await;
    assert!(outcomes.iter().all(|o| matches!(o, SendOutcome::Accepted { .. })));
    assert_eq!(sink.received(), 60);
    assert!(sink.connections() <= 3, "{}", sink.connections());
}

#[tokio::test]
async fn refusals_are_read_and_the_connection_goes_on() {
    for pipelining in [true, false] {
        let sink = sink(Options { pipelining, ..Options::default() }).await;
        let provider = provider(&sink, json!({}));
        for (how, expected) in [
            (Misbehaviour::Defer, ("rcpt.451", true)),
            (Misbehaviour::RefuseRecipient, ("rcpt.550", false)),
            (Misbehaviour::RefuseContent, ("data.554", false)),
        ] {
            sink.misbehave(how, 1);
            let (code, retry) = rejection(provider.send(&message("msg_1"), NOW).await);
            assert_eq!((code.as_str(), retry), expected);
        }
        assert!(matches!(provider.send(&message("msg_2"), NOW).await, SendOutcome::Accepted { .. }));
        assert_eq!((sink.received(), sink.connections()), (1, 1), "pipelining {pipelining}");
    }
}

#[tokio::test]
async fn what_may_have_been_taken_is_unknown() {
    for how in [Misbehaviour::DropAfterData, Misbehaviour::HangAfterData] {
        let sink = sink(Options::default()).await;
        let provider = provider(&sink, json!({}));
        sink.misbehave(how, 1);
        let outcome = provider.send(&message("msg_1"), NOW).await;
        assert!(matches!(outcome, SendOutcome::Unknown { .. }), "{how:?}: {outcome:?}");
        assert_eq!(sink.received(), 1, "{how:?}: the relay did take it");
        assert!(matches!(provider.send(&message("msg_2"), NOW).await, SendOutcome::Accepted { .. }), "{how:?}");
    }
}

#[tokio::test]
async fn what_broke_before_the_message_was_not_sent() {
    let sink = sink(Options::default()).await;
    let provider = provider(&sink, json!({}));
    sink.misbehave(Misbehaviour::Busy, 1);
    assert_eq!(rejection(provider.send(&message("msg_1"), NOW).await), ("connect.421".into(), true));
    sink.misbehave(Misbehaviour::DropAtMail, 1);
    assert_eq!(rejection(provider.send(&message("msg_1"), NOW).await), ("mail.broken".into(), true));
    assert_eq!(sink.received(), 0);
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced_without_a_word() {
    let sink = sink(Options::default()).await;
    let provider = provider(&sink, json!({}));
    provider.send(&message("msg_1"), NOW).await;
    sink.misbehave(Misbehaviour::DropAtMail, 1);
    assert!(matches!(provider.send(&message("msg_2"), NOW).await, SendOutcome::Accepted { .. }));
    assert_eq!((sink.received(), sink.connections()), (2, 2));
}

#[tokio::test]
async fn a_relay_that_is_not_there_got_nothing() {
    let sink = sink(Options::default()).await;
    let provider = provider(&sink, json!({}));
    let address = sink.address();
    drop(sink);
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(rejection(provider.send(&message("msg_1"), NOW).await), ("connect.broken".into(), true));
}

#[tokio::test]
async fn a_wrong_password_is_not_the_messages_fault() {
    let sink = sink(Options { account: Some(("u".into(), "right".into())), ..Options::default() }).await;
    let wrong = provider(&sink, json!({"user": "u", "password": "wrong"}));
    assert_eq!(rejection(wrong.send(&message("msg_1"), NOW).await), ("connect.535".into(), true));
    let right = provider(&sink, json!({"user": "u", "password": "right"}));
    assert!(matches!(right.send(&message("msg_1"), NOW).await, SendOutcome::Accepted { .. }));
}

#[tokio::test]
async fn tls_never_falls_back_to_plain() {
    let sink = sink(Options::default()).await;
    for mode in ["starttls", "tls"] {
        let provider = provider(&sink, json!({"tls": mode, "timeout_ms": 300}));
        assert_eq!(rejection(provider.send(&message("msg_1"), NOW).await), ("connect.broken".into(), true), "{mode}");
    }
    assert_eq!(sink.received(), 0);
}
