//! The client: one request out, one bounded answer in.

use std::error::Error as StdError;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use url::Url;

use crate::failure::{Failure, FailureKind};
use crate::guard::{Allowed, Guard, forbidden};
use crate::kernel::{Error, Millis, Result};

pub use reqwest::Method;

#[derive(Clone, Debug)]
pub struct Options {
    /// Private peers an operator allows: see [`Allowed::parse`].
    pub allow_private: Vec<Allowed>,
    /// For a whole exchange, unless the request has its own.
    pub timeout: Duration,
    /// For looking up the name, connecting and agreeing on TLS.
    pub connect_timeout: Duration,
    /// After decompression.
    pub max_response_bytes: usize,
    pub user_agent: String,
    /// How long an unused connection is kept. Short, because a connection the peer has just closed
    /// turns a request that cannot be repeated into one whose fate is unknown.
    pub idle_connection: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(5),
            max_response_bytes: 1 << 20,
            user_agent: concat!("Weft/", env!("CARGO_PKG_VERSION")).to_owned(),
            idle_connection: Duration::from_secs(4),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Instead of [`Options::timeout`].
    pub timeout: Option<Duration>,
    /// May the peer get it twice without harm? Decides what a failure in doubt says about trying again.
    pub idempotent: bool,
}

impl Request {
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        let idempotent = matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE | Method::OPTIONS);
        Self { method, url: url.into(), headers: Vec::new(), body: Bytes::new(), timeout: None, idempotent }
    }
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }
    pub fn post(url: impl Into<String>, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, url).header("content-type", content_type).body(body)
    }
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }
}

/// A complete answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Response {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body)
            .map_err(|e| Error::unavailable("outbound_http.answer_not_json", format!("status {}, but the answer is not JSON: {e}", self.status)))
    }
    /// How long the peer asks us to stay away: seconds or an HTTP date, at most a day.
    pub fn retry_after(&self, now: Millis) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let seconds = match text.parse::<u64>() {
            Ok(seconds) => seconds,
            Err(_) => {
                let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond();
                u64::try_from(at.saturating_sub(now.0)).unwrap_or(0).div_ceil(1000)
            }
        };
        Some(Duration::from_secs(seconds.min(86_400)))
    }
}

/// Cheap to clone; keeps its connections open.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    guard: Arc<Guard>,
    timeout: Duration,
    max_response_bytes: usize,
}

impl Client {
    pub fn new(options: Options) -> Result<Self> {
        // A second installation answers Err and changes nothing: some other part of the process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Arc::new(Guard::new(options.allow_private));
        let http = reqwest::Client::builder()
            .use_rustls_tls()
            .user_agent(options.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(options.connect_timeout)
            .pool_idle_timeout(options.idle_connection)
            .tcp_nodelay(true)
            .dns_resolver(Arc::new(GuardedResolver(guard.clone())))
            .build()
            .map_err(|e| Error::internal(format!("no HTTP client: {}", reason(&e))))?;
        Ok(Self { http, guard, timeout: options.timeout, max_response_bytes: options.max_response_bytes })
    }

    /// What can be said of a URL without looking its name up.
    pub fn check_form(&self, url: &str) -> Result<Url> {
        self.guard.check_form(url)
    }

    /// For whoever saves a URL: its form, and the addresses its name has today.
    pub async fn check_url(&self, url: &str) -> Result<Url> {
        let parsed = self.guard.check_form(url)?;
        if let Some(url::Host::Domain(name)) = parsed.host() {
            match look_up(&self.guard, name).await {
                Ok(_) => {}
                Err(Unresolved::Forbidden(why)) => return Err(forbidden(&why).field("url", why)),
                Err(Unresolved::NotFound(why)) => return Err(Error::invalid("outbound_http.name_not_found", why.clone()).field("url", why)),
            }
        }
        Ok(parsed)
    }

    /// Sends once. A status of any kind is `Ok`; `Err` means that there is no complete answer.
    pub async fn send(&self, request: Request) -> Result<Response, Failure> {
        let url = self.guard.check_form(&request.url).map_err(Failure::refused)?;
        let headers = header_map(&request.headers)?;
        let idempotent = request.idempotent;
        let was_empty = request.body.is_empty();
        let handed_over = Arc::new(AtomicBool::new(false));
        let mut builder = self.http.request(request.method, url).headers(headers).timeout(request.timeout.unwrap_or(self.timeout));
        if !was_empty {
            builder = builder.body(reqwest::Body::wrap(WatchedBody { rest: Some(request.body), handed_over: handed_over.clone() }));
        }
        match builder.send().await {
            Ok(answer) => self.read(answer, idempotent).await,
            // Without a body nobody can tell whether the head went out, except that no connection was made.
            Err(e) => Err(no_answer(&e, idempotent, was_empty || handed_over.load(Ordering::SeqCst))),
        }
    }

    async fn read(&self, mut answer: reqwest::Response, idempotent: bool) -> Result<Response, Failure> {
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let mut body = BytesMut::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.max_response_bytes => {
                    let detail = format!("status {status}, but the answer is longer than {} bytes", self.max_response_bytes);
                    return Err(Failure::in_doubt(FailureKind::TooLarge, idempotent, Some(status), detail));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Response { status, headers, body: body.freeze() }),
                Err(e) => {
                    let kind = if e.is_timeout() { FailureKind::TimedOut } else { FailureKind::BrokenOff };
                    let detail = format!("status {status}, but the answer broke off: {}", reason(&e));
                    return Err(Failure::in_doubt(kind, idempotent, Some(status), detail));
                }
            }
        }
    }
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let malformed = || Failure::before_sending(FailureKind::Malformed, format!("header {name:?} cannot be sent"));
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed())?;
        map.append(key, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| malformed())?);
    }
    Ok(map)
}

/// Reads reqwest's error. `may_have_gone` is what the body's watcher saw.
fn no_answer(error: &reqwest::Error, idempotent: bool, may_have_gone: bool) -> Failure {
    let detail = reason(error);
    if let Some(why) = find::<Unresolved>(error) {
        return match why {
            Unresolved::Forbidden(why) => Failure::refused(forbidden(why)),
            Unresolved::NotFound(why) => Failure::before_sending(FailureKind::NameNotFound, why.clone()),
        };
    }
    if error.is_builder() {
        return Failure::before_sending(FailureKind::Malformed, detail);
    }
    if error.is_connect() {
        let kind = if find::<rustls::Error>(error).is_some() || detail.contains("certificate") { FailureKind::Tls } else { FailureKind::NotConnected };
        return Failure::before_sending(kind, detail);
    }
    if !may_have_gone {
        return Failure::before_sending(FailureKind::NotConnected, detail);
    }
    let kind = if error.is_timeout() { FailureKind::TimedOut } else { FailureKind::BrokenOff };
    Failure::in_doubt(kind, idempotent, None, detail)
}

/// The chain of causes, without the URL that reqwest puts first.
fn reason(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(e) = cause {
        causes.push(e.to_string());
        cause = e.source();
    }
    if causes.is_empty() {
        return if error.is_timeout() { "timed out".into() } else { "no answer".into() };
    }
    causes.join(": ")
}

fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    if let Some(found) = error.downcast_ref::<E>() {
        return Some(found);
    }
    // An io::Error hides the error it wraps from `source`.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let inside = wrapped.and_then(|inner| find::<E>(inner));
    inside.or_else(|| find::<E>(error.source()?))
}

#[derive(Debug)]
enum Unresolved {
    Forbidden(String),
    NotFound(String),
}
impl std::fmt::Display for Unresolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Forbidden(why) | Self::NotFound(why)) = self;
        f.write_str(why)
    }
}
impl StdError for Unresolved {}

async fn look_up(guard: &Guard, name: &str) -> Result<Vec<SocketAddr>, Unresolved> {
    let found = tokio::net::lookup_host((name, 0)).await.map_err(|e| Unresolved::NotFound(format!("{name} is not found: {e}")))?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() {
        return Err(Unresolved::NotFound(format!("{name} has no address")));
    }
    let addresses: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
    guard.check_addresses(name, &addresses).map_err(Unresolved::Forbidden)?;
    Ok(found)
}

/// Looks names up and hands on only checked addresses: what was checked is what is connected to.
struct GuardedResolver(Arc<Guard>);
impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found = look_up(&guard, name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// A body that remembers whether the connection has asked for it. Until then nothing of the request can
/// have been accepted: the transport takes the body before it first flushes the head.
struct WatchedBody {
    rest: Option<Bytes>,
    handed_over: Arc<AtomicBool>,
}
impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.handed_over.store(true, Ordering::SeqCst);
        Poll::Ready(self.rest.take().map(|bytes| Ok(Frame::data(bytes))))
    }
    fn is_end_stream(&self) -> bool {
        self.rest.is_none()
    }
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.as_ref().map_or(0, Bytes::len) as u64)
    }
}
