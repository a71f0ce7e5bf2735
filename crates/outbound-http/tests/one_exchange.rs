//! The client against local servers that behave and misbehave.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use weft_kernel::Millis;
use weft_outbound_http::{Allowed, Client, Failure, FailureKind, Fault, Options, Request, Retry};

fn client(options: Options) -> Client {
    Client::new(Options { allow_private: vec![Allowed::parse("127.0.0.1").unwrap()], ..options }).unwrap()
}
fn quick() -> Options {
    Options { timeout: Duration::from_millis(400), connect_timeout: Duration::from_millis(300), ..Options::default() }
}

/// Reads one request: head and the body its Content-Length announces.
async fn read_request(peer: &mut TcpStream) -> String {
    let mut got = Vec::new();
    let mut chunk = [0u8; 4096];
    loop {
        let n = peer.read(&mut chunk).await.unwrap();
        got.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:").map(|v| v.trim().parse::<usize>().unwrap()));
            if body.len() >= announced.unwrap_or(0) {
                return text;
            }
        }
        assert!(n > 0, "the request broke off: {text}");
    }
}

/// A server that answers each connection's first request with these bytes and then closes it.
async fn answering(answer: &'static [u8]) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        let request = read_request(&mut peer).await;
        peer.write_all(answer).await.unwrap();
        peer.shutdown().await.unwrap();
        request
    });
    (url, seen)
}

#[tokio::test]
async fn a_request_arrives_as_it_was_said_and_the_answer_comes_back() {
    let (url, seen) = answering(b"HTTP/1.1 202 Accepted\r\nX-Made: up\r\nContent-Length: 11\r\n\r\n{\"ok\":true}").await;
    let answer = client(quick()).send(Request::post(url, "application/json", "{\"名\":1}").header("x-weft", "yes")).await.unwrap();
    assert_eq!((answer.status, answer.header("x-made"), answer.is_success()), (202, Some("up"), true));
    assert_eq!(answer.json().unwrap()["ok"], true);
    let request = seen.await.unwrap();
    assert!(request.starts_with("POST /hook HTTP/1.1\r\n"), "{request}");
    for line in ["content-length: 9\r\n", "x-weft: yes\r\n", "content-type: application/json\r\n", "user-agent: Weft/"] {
        assert!(request.to_ascii_lowercase().contains(&line.to_ascii_lowercase()), "{line}: {request}");
    }
    assert!(request.ends_with("{\"名\":1}"));
}

#[tokio::test]
async fn a_status_is_an_answer() {
    let (url, _) = answering(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n").await;
    let answer = client(quick()).send(Request::get(url)).await.unwrap();
    assert_eq!((answer.status, answer.retry_after(Millis(0))), (503, Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn retry_after_may_be_a_date() {
    let (url, _) = answering(b"HTTP/1.1 429 Slow\r\nRetry-After: Sun, 22 Nov 2026 03:00:30 GMT\r\nContent-Length: 0\r\n\r\n").await;
    let answer = client(quick()).send(Request::get(url)).await.unwrap();
    let now = Millis::parse("2026-11-22T03:00:00Z").unwrap();
    assert_eq!(answer.retry_after(now), Some(Duration::from_secs(30)));
    assert_eq!(answer.retry_after(now.plus(Millis::HOUR)), Some(Duration::ZERO));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (url, _) = answering(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/private\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(client(quick()).send(Request::get(url)).await.unwrap().status, 302);
}

async fn failure(url: &str, idempotent: bool) -> Failure {
    client(quick()).send(Request::post(url, "text/plain", "hello").idempotent(idempotent)).await.unwrap_err()
}

#[tokio::test]
async fn nothing_listening_means_nothing_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let failure = failure(&url, false).await;
    assert_eq!((failure.kind, failure.definitely_not_sent), (FailureKind::NotConnected, true));
    assert_eq!((failure.fault, failure.retry), (Fault::Theirs, Retry::Later));
    assert!(!failure.detail.contains("http://"), "{}", failure.detail);
}

#[tokio::test]
async fn an_unknown_name_means_nothing_sent() {
    let failure = failure("http://no-such-host.invalid/", false).await;
    assert_eq!((failure.kind, failure.definitely_not_sent, failure.retry), (FailureKind::NameNotFound, true, Retry::Later));
}

#[tokio::test]
async fn private_peers_are_refused_at_save_and_at_send() {
    let strict = Client::new(quick()).unwrap();
    for url in ["http://127.0.0.1:8080/", "http://localhost:8080/", "http://[::1]:8080/", "http://10.0.0.1/", "file:///etc/passwd"] {
        assert!(strict.check_url(url).await.is_err(), "{url}");
        let failure = strict.send(Request::get(url)).await.unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Forbidden | FailureKind::Malformed), "{url}: {failure:?}");
        assert_eq!((failure.fault, failure.retry, failure.definitely_not_sent), (Fault::Callers, Retry::Never, true), "{url}");
    }
    assert!(client(quick()).check_url("http://127.0.0.1:8080/x").await.is_ok());
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_by_the_resolver() {
    // The machine's own name for itself: not in the list of private names, but it leads to loopback.
    let Some(name) = own_name_on_loopback().await else { return };
    let strict = Client::new(quick()).unwrap();
    let url = format!("http://{name}:8080/");
    assert_eq!(strict.check_url(&url).await.unwrap_err().code, "outbound_http.private_address");
    let failure = strict.send(Request::get(url)).await.unwrap_err();
    assert_eq!((failure.kind, failure.definitely_not_sent), (FailureKind::Forbidden, true));
}
async fn own_name_on_loopback() -> Option<String> {
    for name in ["ip6-localhost", "ip6-loopback"] {
        if tokio::net::lookup_host((name, 0)).await.is_ok_and(|mut found| found.any(|a| a.ip().is_loopback())) {
            return Some(name.to_owned());
        }
    }
    None
}

#[tokio::test]
async fn silence_after_the_body_leaves_us_in_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let held = tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        read_request(&mut peer).await;
        peer
    });
    let failure = failure(&url, false).await;
    assert_eq!((failure.kind, failure.definitely_not_sent, failure.retry), (FailureKind::TimedOut, false, Retry::Never));
    drop(held.await.unwrap());
}

#[tokio::test]
async fn a_connection_broken_after_the_body_leaves_us_in_doubt() {
    for (answer, idempotent, retry) in [(&b""[..], false, Retry::Never), (b"", true, Retry::Later), (b"HTTP/1.1 20", false, Retry::Never), (b"SSH-2.0-x\r\n\r\n", false, Retry::Never)] {
        let (url, _) = answering(answer).await;
        let failure = failure(&url, idempotent).await;
        assert_eq!((failure.kind, failure.definitely_not_sent, failure.retry, failure.status), (FailureKind::BrokenOff, false, retry, None), "{answer:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_still_tells_its_status() {
    let (url, _) = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await;
    let failure = failure(&url, false).await;
    assert_eq!((failure.kind, failure.definitely_not_sent, failure.status), (FailureKind::BrokenOff, false, Some(200)));
}

#[tokio::test]
async fn a_peer_that_never_agrees_on_tls_got_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let held = tokio::spawn(async move { listener.accept().await.unwrap() });
    let failure = failure(&url, false).await;
    assert_eq!((failure.kind, failure.definitely_not_sent), (FailureKind::NotConnected, true), "{failure:?}");
    drop(held.await.unwrap());
    let (url, _) = plain_text_on_https().await;
    let failure = self::failure(&url, false).await;
    assert_eq!((failure.kind, failure.definitely_not_sent), (FailureKind::Tls, true), "{failure:?}");
}
async fn plain_text_on_https() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = peer.read(&mut [0u8; 1024]).await;
    });
    (url, server)
}

#[tokio::test]
async fn long_answers_are_cut_off() {
    let (url, _) = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789").await;
    let failure = client(Options { max_response_bytes: 10, ..quick() }).send(Request::get(url)).await.unwrap_err();
    assert_eq!((failure.kind, failure.status), (FailureKind::TooLarge, Some(200)));
}

#[tokio::test]
async fn headers_cannot_be_smuggled() {
    let failure = client(quick()).send(Request::get("http://127.0.0.1:9/").header("x", "a\r\nEvil: yes")).await.unwrap_err();
    assert_eq!((failure.kind, failure.definitely_not_sent), (FailureKind::Malformed, true));
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        for _ in 0..20 {
            read_request(&mut peer).await;
            peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
        }
    });
    let client = client(Options { timeout: Duration::from_secs(5), ..quick() });
    for _ in 0..20 {
        assert_eq!(client.send(Request::post(&url, "text/plain", "x")).await.unwrap().text(), "ok");
    }
    server.await.unwrap();
}
