use super::stand_in::{Accepted, Listening, Misbehaviour, StandIn};
use super::*;
use crate::kernel::{FakeClock, MessageId, Pii};
use crate::providers::Address;
use std::collections::BTreeMap;
use weft_outbound_http::{Allowed, Options};

const NOW: Millis = Millis(1_795_316_412_045);

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn the_published_signatures() {
    // The worked example of the SMS service's own document.
    let send_sms = map(&[
        ("AccessKeyId", "testId"),
        ("Action", "SendSms"),
        ("Format", "XML"),
        ("OutId", "123"),
        ("PhoneNumbers", "15300000001"),
        ("RegionId", "cn-hangzhou"),
        ("SignName", "阿里云短信测试专用"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "45e25e9b-0a6f-4070-8c85-2956eda1b466"),
        ("SignatureVersion", "1.0"),
        ("TemplateCode", "SMS_71390007"),
        ("TemplateParam", "{\"customer\":\"test\"}"),
        ("Timestamp", "2017-07-12T02:42:19Z"),
        ("Version", "2017-05-25"),
    ]);
    assert_eq!(signature("GET", &send_sms, "testSecret"), "zJDF+Lrzhj/ThnlvIToysFRq6t4=");
    // The worked example of the RPC signature's general document.
    let describe_regions = map(&[
        ("AccessKeyId", "testid"),
        ("Action", "DescribeRegions"),
        ("Format", "XML"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
        ("SignatureVersion", "1.0"),
        ("Timestamp", "2016-02-23T12:46:24Z"),
        ("Version", "2014-05-26"),
    ]);
    assert_eq!(signature("GET", &describe_regions, "testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

#[test]
fn encoding_is_strict() {
    assert_eq!(percent_encode("a b*~-_.+/中"), "a%20b%2A~-_.%2B%2F%E4%B8%AD");
}

fn http() -> Arc<Client> {
    Arc::new(Client::new(Options { allow_private: vec![Allowed::parse("127.0.0.1").unwrap()], ..Options::default() }).unwrap())
}

struct Bench {
    gateway: Listening,
    provider: SmsAliyun,
    clock: FakeClock,
}

async fn bench() -> Bench {
    bench_with_secret("secret").await
}
async fn bench_with_secret(secret: &str) -> Bench {
    let clock = FakeClock::at(NOW);
    let gateway = StandIn::new("id", "secret", Arc::new(clock.clone())).listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let config = serde_json::json!({
        "access_key_id": "id", "access_key_secret": secret, "sign_name": "织云商城", "endpoint": gateway.endpoint(), "timeout_ms": 400,
    });
    let provider = SmsAliyun::new(serde_json::from_value(config).unwrap(), http()).unwrap();
    Bench { gateway, provider, clock }
}

fn message(id: &str) -> OutMessage {
    let mut message = OutMessage::new(MessageId::from(id), Address::Phone(Pii("+86 138 0013 8000".into())), NOW);
    message.template_code = Some("SMS_71390007".into());
    message.template_params = map(&[("name", "张 三&\"引号\"*"), ("coupon", "满200减50")]);
    message
}

#[tokio::test]
async fn an_sms_is_accepted_with_its_parameters() {
    let bench = bench().await;
    let outcome = bench.provider.send(&message("msg_1"), NOW).await;
    let accepted = bench.gateway.gateway.accepted();
    assert_eq!(outcome, SendOutcome::Accepted { provider_id: Some(accepted[0].biz_id.clone()) });
    let Accepted { out_id, phone, sign_name, template_code, template_param, .. } = &accepted[0];
    assert_eq!((out_id.as_str(), phone.as_str(), sign_name.as_str(), template_code.as_str()), ("msg_1", "13800138000", "织云商城", "SMS_71390007"));
    let params: serde_json::Value = serde_json::from_str(template_param).unwrap();
    assert_eq!(params, serde_json::json!({"name": "张 三&\"引号\"*", "coupon": "满200减50"}));
}

fn rejection(outcome: SendOutcome) -> (String, bool, Option<u64>) {
    match outcome {
        SendOutcome::Rejected { code, retry, after, .. } => (code, retry, after.map(|a| a.as_secs())),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn refusals_are_read() {
    for (how, code, retry, after) in [
        (Misbehaviour::Throttle, "Throttling.User", true, None),
        (Misbehaviour::Refuse("isv.BUSINESS_LIMIT_CONTROL".into()), "isv.BUSINESS_LIMIT_CONTROL", true, Some(3600)),
        (Misbehaviour::Refuse("isv.DAY_LIMIT_CONTROL".into()), "isv.DAY_LIMIT_CONTROL", true, Some(86_400)),
        (Misbehaviour::Refuse("isp.SYSTEM_ERROR".into()), "isp.SYSTEM_ERROR", true, None),
        (Misbehaviour::Refuse("isv.AMOUNT_NOT_ENOUGH".into()), "isv.AMOUNT_NOT_ENOUGH", true, Some(600)),
        (Misbehaviour::Refuse("isv.SMS_TEMPLATE_ILLEGAL".into()), "isv.SMS_TEMPLATE_ILLEGAL", false, None),
        (Misbehaviour::Refuse("isv.CUSTOMER_REFUSED".into()), "isv.CUSTOMER_REFUSED", false, None),
        (Misbehaviour::Refuse("isv.NEVER_SEEN_BEFORE".into()), "isv.NEVER_SEEN_BEFORE", false, None),
    ] {
        let bench = bench().await;
        bench.gateway.gateway.misbehave(how, 1);
        assert_eq!(rejection(bench.provider.send(&message("msg_1"), NOW).await), (code.into(), retry, after));
        assert_eq!(bench.gateway.gateway.total(), 0);
        // The very next attempt goes through: its nonce is another one.
        assert!(matches!(bench.provider.send(&message("msg_1"), NOW.plus(1)).await, SendOutcome::Accepted { .. }));
    }
}

#[tokio::test]
async fn a_number_that_is_none_never_leaves_the_house() {
    let bench = bench().await;
    let mut message = message("msg_1");
    message.to = Address::Phone(Pii("12345".into()));
    assert_eq!(rejection(bench.provider.send(&message, NOW).await), ("isv.MOBILE_NUMBER_ILLEGAL".into(), false, None));
    message.to = Address::Email(Pii("a@b.c".into()));
    assert_eq!(rejection(bench.provider.send(&message, NOW).await).0, "wrong_address");
    message.to = Address::Phone(Pii("13800138000".into()));
    message.template_code = None;
    assert_eq!(rejection(bench.provider.send(&message, NOW).await).0, "no_template");
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_clock_are_told_apart() {
    let bench = bench_with_secret("other").await;
    assert_eq!(rejection(bench.provider.send(&message("msg_1"), NOW).await), ("SignatureDoesNotMatch".into(), true, Some(600)));
    let bench = self::bench().await;
    bench.clock.advance(16 * Millis::MINUTE);
    assert_eq!(rejection(bench.provider.send(&message("msg_1"), NOW).await), ("InvalidTimeStamp.Expired".into(), true, None));
    bench.clock.set(NOW);
    assert!(matches!(bench.provider.send(&message("msg_1"), NOW.plus(1)).await, SendOutcome::Accepted { .. }));
    // The same request again, byte for byte, is a replay.
    assert_eq!(rejection(bench.provider.send(&message("msg_1"), NOW.plus(1)).await).0, "SignatureNonceUsed");
}

#[tokio::test]
async fn what_may_have_been_sent_is_unknown() {
    for how in [Misbehaviour::Hang, Misbehaviour::DropAfterAccept] {
        let bench = bench().await;
        bench.gateway.gateway.misbehave(how.clone(), 1);
        let outcome = bench.provider.send(&message("msg_1"), NOW).await;
        assert!(matches!(outcome, SendOutcome::Unknown { .. }), "{how:?}: {outcome:?}");
        assert_eq!(bench.gateway.gateway.total(), 1, "{how:?}: the gateway did accept it");
    }
    let bench = bench().await;
    bench.gateway.gateway.misbehave(Misbehaviour::Garble, 1);
    assert!(matches!(bench.provider.send(&message("msg_1"), NOW).await, SendOutcome::Unknown { .. }));
    drop(bench.gateway);
}

#[tokio::test]
async fn a_gateway_that_is_not_there_got_nothing() {
    let Bench { gateway, provider, .. } = bench().await;
    let address = gateway.address;
    drop(gateway);
    // The aborted server closes its socket once its task is gone.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(rejection(provider.send(&message("msg_1"), NOW).await), ("not_connected".into(), true, None));
}

#[tokio::test]
async fn reports_come_back_by_our_id() {
    let bench = bench().await;
    for id in ["msg_1", "msg_2"] {
        bench.provider.send(&message(id), NOW).await;
    }
    bench.clock.advance(8_000);
    let gateway = &bench.gateway.gateway;
    gateway.report_twice(true);
    let body = gateway.reports(|sms| (sms.out_id == "msg_2").then_some(("MK:0001", "空号")));
    let receipts = read_receipts(body.to_string().as_bytes()).unwrap();
    let told: Vec<_> = receipts.iter().map(|r| (r.message.as_ref().unwrap().as_str(), r.is_delivered, r.code.as_str())).collect();
    assert_eq!(told, [("msg_1", true, "DELIVERED"), ("msg_1", true, "DELIVERED"), ("msg_2", false, "MK:0001"), ("msg_2", false, "MK:0001")]);
    assert_eq!(receipts[0].reported_at, Some(Millis((NOW.0 + 8_000) / 1000 * 1000)));
    // Told once: nothing is due any more.
    assert_eq!(gateway.reports(|_| None), serde_json::json!([]));
}

#[tokio::test]
async fn reports_are_pushed_to_whoever_wants_them() {
    use axum::routing::post;
    let bench = bench().await;
    bench.provider.send(&message("msg_1"), NOW).await;
    let seen = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let kept = seen.clone();
    let router = axum::Router::new().route(
        "/reports",
        post(move |body: axum::body::Bytes| async move {
            kept.lock().extend(read_receipts(&body).unwrap());
            RECEIPTS_TAKEN
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/reports", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let gateway = &bench.gateway.gateway;
    assert_eq!(gateway.push_reports(&http(), &url, |_| None).await.unwrap(), 1);
    assert_eq!(gateway.push_reports(&http(), &url, |_| None).await.unwrap(), 0);
    assert_eq!(seen.lock()[0].message, Some(MessageId::from("msg_1")));
}
