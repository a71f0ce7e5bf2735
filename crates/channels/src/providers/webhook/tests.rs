use super::*;
use crate::kernel::MessageId;
use axum::Router;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::post;
use parking_lot::Mutex;
use serde_json::{Value, json};
use weft_outbound_http::{Allowed, Options};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW: Millis = Millis(1_795_316_412_045);

#[test]
fn the_specifications_own_signature() {
    let key = Key::parse(SECRET).unwrap();
    let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn secrets_are_read_strictly() {
    for secret in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_***", "whsec_c2hvcnQ="] {
        assert!(Key::parse(secret).is_err(), "{secret}");
    }
}

type Seen = Arc<Mutex<Vec<(HeaderMap, String)>>>;

async fn receiver(status: u16, header: Option<(&'static str, &'static str)>) -> (String, Seen) {
    let seen: Seen = Arc::default();
    let kept = seen.clone();
    let answer = post(move |headers: HeaderMap, body: String| async move {
        kept.lock().push((headers, body));
        let mut out = HeaderMap::new();
        if let Some((name, value)) = header {
            out.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        (StatusCode::from_u16(status).unwrap(), out, "what\r\nnow")
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", answer)).await });
    (url, seen)
}

fn provider(config: Value) -> Webhook {
    let options = Options { allow_private: vec![Allowed::parse("127.0.0.1").unwrap()], ..Options::default() };
    Webhook::new(serde_json::from_value(config).unwrap(), Arc::new(Client::new(options).unwrap())).unwrap()
}
fn message(url: &str) -> OutMessage {
    let mut message = OutMessage::new(MessageId::from("msg_7"), Address::Url(url.to_owned()), NOW);
    message.payload = Some(json!({"coupon": "春日 88 折"}));
    message
}

#[tokio::test]
async fn a_webhook_arrives_signed() {
    let (url, seen) = receiver(200, None).await;
    let second = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let provider = provider(json!({"secret": SECRET, "previous_secret": second, "headers": {"x-team": "crm"}}));
    assert_eq!(provider.send(&message(&url), NOW).await, SendOutcome::Accepted { provider_id: None });
    let (headers, body) = seen.lock()[0].clone();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!((header("webhook-id"), header("webhook-timestamp"), header("x-team")), ("msg_7".into(), "1795316412".into(), "crm".into()));
    let expected: Vec<String> = [SECRET, second].iter().map(|s| sign(&Key::parse(s).unwrap(), "msg_7", 1_795_316_412, &body)).collect();
    assert_eq!(header("webhook-signature"), expected.join(" "));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({"type": "weft.message", "timestamp": "2026-11-22T03:00:12.045Z", "id": "msg_7", "data": {"coupon": "春日 88 折"}}));
}

#[tokio::test]
async fn answers_are_read() {
    let seconds = |n| Some(Duration::from_secs(n));
    for (status, header, code, retry, after) in [
        (410, None, "410", false, None),
        (404, None, "404", false, None),
        (401, None, "401", false, None),
        (302, Some(("location", "http://127.0.0.1:1/")), "302", false, None),
        (429, Some(("retry-after", "120")), "429", true, seconds(120)),
        (429, None, "429", true, None),
        (408, None, "408", true, None),
        (500, None, "500", true, None),
        (503, Some(("retry-after", "Sun, 22 Nov 2026 03:01:12 GMT")), "503", true, seconds(60)),
    ] {
        let (url, _) = receiver(status, header).await;
        match provider(json!({"secret": SECRET, "url": url})).send(&message(""), NOW).await {
            SendOutcome::Rejected { code: c, retry: r, after: a, detail } => {
                assert_eq!((c.as_str(), r, a), (code, retry, after));
                assert!(!detail.contains(['\r', '\n']));
            }
            other => panic!("{status}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn only_what_may_have_arrived_is_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (peer, _) = listener.accept().await.unwrap();
        peer.readable().await.unwrap();
        peer
    });
    let provider = provider(json!({"secret": SECRET, "timeout_ms": 300}));
    assert!(matches!(provider.send(&message(&url), NOW).await, SendOutcome::Unknown { .. }));
    drop(server.await.unwrap());
    // Nobody listens there any more.
    match provider.send(&message(&url), NOW).await {
        SendOutcome::Rejected { code, retry, .. } => assert_eq!((code.as_str(), retry), ("not_connected", true)),
        other => panic!("{other:?}"),
    }
    match provider.send(&message("http://169.254.169.254/latest/"), NOW).await {
        SendOutcome::Rejected { code, retry, .. } => assert_eq!((code.as_str(), retry), ("forbidden_address", false)),
        other => panic!("{other:?}"),
    }
}
