//! A stand-in for the SMS gateway: for the demo and for tests. It checks every signature to the byte, answers
//! like the real one, keeps what it accepted, reports back, and misbehaves when it is told to.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use weft_outbound_http::{Client, Request};

use super::payload::signature;
use crate::kernel::{Clock, Error, Millis, Result, id};

/// How the next requests go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// `Throttling.User`, nothing is sent.
    Throttle,
    /// Any code of the gateway's list, such as `isv.BUSINESS_LIMIT_CONTROL`; nothing is sent.
    Refuse(String),
    /// An HTML page with status 502, nothing is sent.
    Garble,
    /// Accepts and never answers.
    Hang,
    /// Accepts and cuts the connection.
    DropAfterAccept,
}

/// An SMS the stand-in accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub biz_id: String,
    pub out_id: String,
    pub phone: String,
    pub sign_name: String,
    pub template_code: String,
    /// JSON, as it came.
    pub template_param: String,
    pub at: Millis,
}

/// Kept at most; older ones fall out.
const KEPT: usize = 50_000;

struct Inner {
    access_key_id: String,
    access_key_secret: String,
    clock: Arc<dyn Clock>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    accepted: VecDeque<Accepted>,
    /// How many were ever accepted, and how many of them were reported.
    total: u64,
    reported: u64,
    nonces: HashSet<String>,
    misbehaviour: VecDeque<Misbehaviour>,
    report_twice: bool,
}

#[derive(Clone)]
pub struct StandIn(Arc<Inner>);

/// A stand-in that listens. It stops when this is dropped.
pub struct Listening {
    pub address: SocketAddr,
    pub gateway: StandIn,
    task: JoinHandle<()>,
}

impl Listening {
    /// For `Config::endpoint`.
    pub fn endpoint(&self) -> String {
        format!("http://{}/", self.address)
    }
}
impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl StandIn {
    pub fn new(access_key_id: impl Into<String>, access_key_secret: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { access_key_id: access_key_id.into(), access_key_secret: access_key_secret.into(), clock, kept: Mutex::default() }))
    }

    pub fn router(&self) -> Router {
        Router::new().route("/", any(answer)).with_state(self.clone())
    }

    pub async fn listen(self, address: SocketAddr) -> Result<Listening> {
        let listener = tokio::net::TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let router = self.router();
        let task = tokio::spawn(async move {
            // Serving ends only when the task is aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Listening { address, gateway: self, task })
    }

    /// The next `times` requests go wrong like this.
    pub fn misbehave(&self, how: Misbehaviour, times: usize) {
        self.0.kept.lock().misbehaviour.extend(std::iter::repeat_n(how, times));
    }
    /// From now on every status report comes twice.
    pub fn report_twice(&self, twice: bool) {
        self.0.kept.lock().report_twice = twice;
    }

    /// Oldest first.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.0.kept.lock().accepted.iter().cloned().collect()
    }
    /// Also those no longer kept.
    pub fn total(&self) -> u64 {
        self.0.kept.lock().total
    }

    /// The status reports that are due, as the body of a push. `verdict` gives `None` for delivered,
    /// or the carrier's code and reason. Each accepted SMS is told once (twice after `report_twice`).
    pub fn reports(&self, verdict: impl Fn(&Accepted) -> Option<(&'static str, &'static str)>) -> Value {
        let now = self.0.clock.now();
        let mut kept = self.0.kept.lock();
        let due = usize::try_from(kept.total - kept.reported).unwrap_or(usize::MAX).min(kept.accepted.len());
        kept.reported = kept.total;
        let times = if kept.report_twice { 2 } else { 1 };
        let newest = kept.accepted.iter().skip(kept.accepted.len() - due);
        Value::Array(newest.flat_map(|sms| std::iter::repeat_n(report(sms, verdict(sms), now), times)).collect())
    }

    /// Pushes the due reports to `url`; says how many. The receiver must answer `{"code":0}`.
    pub async fn push_reports(&self, http: &Client, url: &str, verdict: impl Fn(&Accepted) -> Option<(&'static str, &'static str)>) -> Result<usize> {
        let reports = self.reports(verdict);
        let count = reports.as_array().map_or(0, Vec::len);
        if count == 0 {
            return Ok(0);
        }
        let answer = http.send(Request::post(url, "application/json", reports.to_string())).await?;
        if !answer.is_success() || answer.json()?["code"] != 0 {
            return Err(Error::unavailable("channels.receipts_not_taken", format!("status {}", answer.status)));
        }
        Ok(count)
    }

    /// Takes one request: what the real gateway would say, and how to say it.
    fn take(&self, method: &Method, parameters: &BTreeMap<String, String>) -> (Option<Misbehaviour>, StatusCode, Value) {
        let now = self.0.clock.now();
        let get = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
        let mut kept = self.0.kept.lock();
        if let Err((status, code, message)) = self.check(method, parameters, now, &mut kept.nonces) {
            return (None, status, refusal(status, code, message));
        }
        let how = kept.misbehaviour.pop_front();
        match &how {
            Some(Misbehaviour::Throttle) => {
                return (how, StatusCode::BAD_REQUEST, refusal(StatusCode::BAD_REQUEST, "Throttling.User", "Request was denied due to user flow control."));
            }
            Some(Misbehaviour::Refuse(code)) => {
                let body = refusal(StatusCode::OK, code, "触发");
                return (how, StatusCode::OK, body);
            }
            Some(Misbehaviour::Garble) => return (how, StatusCode::BAD_GATEWAY, Value::Null),
            _ => {}
        }
        kept.total += 1;
        let biz_id = format!("{}^{}", now.0, kept.total);
        kept.accepted.push_back(Accepted {
            biz_id: biz_id.clone(),
            out_id: get("OutId").to_owned(),
            phone: get("PhoneNumbers").to_owned(),
            sign_name: get("SignName").to_owned(),
            template_code: get("TemplateCode").to_owned(),
            template_param: get("TemplateParam").to_owned(),
            at: now,
        });
        if kept.accepted.len() > KEPT {
            kept.accepted.pop_front();
        }
        (how, StatusCode::OK, json!({"Code": "OK", "Message": "OK", "BizId": biz_id, "RequestId": request_id(&biz_id)}))
    }

    fn check(&self, method: &Method, parameters: &BTreeMap<String, String>, now: Millis, nonces: &mut HashSet<String>) -> Result<(), Complaint> {
        let get = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
        let bad = |code, message| Err((StatusCode::BAD_REQUEST, code, message));
        for name in ["AccessKeyId", "Action", "Signature", "SignatureMethod", "SignatureNonce", "SignatureVersion", "Timestamp", "Version"] {
            if get(name).is_empty() {
                return bad("MissingParameter", "The input parameter that is mandatory for processing this request is not supplied.");
            }
        }
        if get("Version") != "2017-05-25" || get("Action") != "SendSms" {
            return Err((StatusCode::NOT_FOUND, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."));
        }
        if get("AccessKeyId") != self.0.access_key_id {
            return Err((StatusCode::NOT_FOUND, "InvalidAccessKeyId.NotFound", "Specified access key is not found."));
        }
        if get("SignatureMethod") != "HMAC-SHA1" || get("SignatureVersion") != "1.0" {
            return bad("InvalidParameter", "The specified signature method is not supported.");
        }
        let at = Millis::parse(get("Timestamp")).filter(|_| get("Timestamp").ends_with('Z'));
        if at.is_none_or(|at| (at.0 - now.0).abs() > 15 * Millis::MINUTE) {
            return bad("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.");
        }
        if signature(method.as_str(), parameters, &self.0.access_key_secret) != get("Signature") {
            return bad("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.");
        }
        // The real one forgets after a quarter of an hour; here it is enough not to grow for ever.
        if nonces.len() >= KEPT {
            nonces.clear();
        }
        if !nonces.insert(get("SignatureNonce").to_owned()) {
            return bad("SignatureNonceUsed", "Specified signature nonce was used already.");
        }
        let phone = get("PhoneNumbers");
        let refused = |code, message| Err((StatusCode::OK, code, message));
        if phone.is_empty() || !phone.bytes().all(|b| b.is_ascii_digit()) || !(7..=15).contains(&phone.len()) {
            return refused("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号");
        }
        if get("SignName").is_empty() {
            return refused("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法");
        }
        if !get("TemplateCode").starts_with("SMS_") {
            return refused("isv.SMS_TEMPLATE_ILLEGAL", "短信模板不合法");
        }
        let params = get("TemplateParam");
        if !params.is_empty() && !serde_json::from_str::<Value>(params).is_ok_and(|p| p.is_object()) {
            return refused("isv.INVALID_JSON_PARAM", "参数格式错误");
        }
        Ok(())
    }
}

type Complaint = (StatusCode, &'static str, &'static str);

fn refusal(status: StatusCode, code: &str, message: &str) -> Value {
    let mut body = json!({"Code": code, "Message": message, "RequestId": request_id(code)});
    if status != StatusCode::OK {
        body["HostId"] = "dysmsapi.aliyuncs.com".into();
    }
    body
}

fn request_id(of: &str) -> String {
    id::base32(id::derived(&[of.as_bytes()])).to_uppercase()
}

fn report(sms: &Accepted, verdict: Option<(&str, &str)>, now: Millis) -> Value {
    let (code, message) = verdict.unwrap_or(("DELIVERED", "用户接收成功"));
    json!({
        "phone_number": sms.phone,
        "send_time": beijing(sms.at),
        "report_time": beijing(now),
        "success": verdict.is_none(),
        "err_code": code,
        "err_msg": message,
        "sms_size": "1",
        "biz_id": sms.biz_id,
        "out_id": sms.out_id,
    })
}

fn beijing(at: Millis) -> String {
    at.plus(8 * Millis::HOUR).timestamp().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

async fn answer(State(gateway): State<StandIn>, method: Method, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    let parameters: BTreeMap<String, String> =
        [query.unwrap_or_default(), body].iter().flat_map(|text| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>()).collect();
    let (how, status, body) = gateway.take(&method, &parameters);
    match how {
        Some(Misbehaviour::Hang) => std::future::pending().await,
        Some(Misbehaviour::DropAfterAccept) => {
            let broken = futures::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut off"))]);
            Body::from_stream(broken).into_response()
        }
        Some(Misbehaviour::Garble) => (status, "<html>502 Bad Gateway</html>").into_response(),
        _ => (status, axum::Json(body)).into_response(),
    }
}
