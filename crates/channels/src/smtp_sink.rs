//! A small real mail server that takes everything and delivers nothing: the demo's inbox and the tests' relay.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mail_parser::MessageParser;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::kernel::{Clock, Millis, Result};

/// How the next transactions go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// 421 instead of a greeting.
    Busy,
    /// 451 to RCPT.
    Defer,
    /// 550 to RCPT.
    RefuseRecipient,
    /// 554 after the message.
    RefuseContent,
    /// Takes the message and never answers.
    HangAfterData,
    /// Takes the message and cuts the connection.
    DropAfterData,
    /// Cuts the connection at MAIL.
    DropAtMail,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub listen: SocketAddr,
    /// Messages kept; older ones fall out.
    pub keep_messages: usize,
    /// Bytes kept in all.
    pub keep_bytes: usize,
    pub max_message_bytes: usize,
    /// Told in EHLO; off for the test of plain, step by step SMTP.
    pub pipelining: bool,
    /// If set, AUTH PLAIN and LOGIN are offered, and MAIL needs them.
    pub account: Option<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            keep_messages: 2_000,
            keep_bytes: 64 << 20,
            max_message_bytes: 10 << 20,
            pipelining: true,
            account: None,
        }
    }
}

/// A message as it came.
#[derive(Clone, Debug)]
struct Stored {
    id: u64,
    at: Millis,
    from: String,
    to: Vec<String>,
    raw: Arc<[u8]>,
}

/// For a list of mails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Grows by one with every message.
    pub id: u64,
    pub at: Millis,
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
}

/// A mail taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mail {
    #[serde(flatten)]
    pub summary: Summary,
    pub html: Option<String>,
    pub text: Option<String>,
    /// In order, values unfolded, encoded words as they are.
    pub headers: Vec<(String, String)>,
    /// As it came, dots unstuffed.
    pub raw: String,
}

impl Mail {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

struct Inner {
    options: Options,
    clock: Arc<dyn Clock>,
    ring: Mutex<Ring>,
    misbehaviour: Mutex<VecDeque<Misbehaviour>>,
    received: AtomicU64,
    connections: AtomicU64,
}

#[derive(Default)]
struct Ring {
    messages: VecDeque<Stored>,
    bytes: usize,
}

/// Stops listening, and cuts its connections, when it is dropped.
pub struct SmtpSink {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl SmtpSink {
    pub async fn start(options: Options, clock: Arc<dyn Clock>) -> Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let inner = Arc::new(Inner {
            options,
            clock,
            ring: Mutex::default(),
            misbehaviour: Mutex::default(),
            received: AtomicU64::new(0),
            connections: AtomicU64::new(0),
        });
        let task = tokio::spawn(accept(listener, inner.clone()));
        Ok(Self { address, inner, task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// The next `times` transactions (for [`Misbehaviour::Busy`]: connections) go wrong like this.
    pub fn misbehave(&self, how: Misbehaviour, times: usize) {
        self.inner.misbehaviour.lock().extend(std::iter::repeat_n(how, times));
    }
    /// Messages ever taken, kept or not.
    pub fn received(&self) -> u64 {
        self.inner.received.load(Ordering::SeqCst)
    }
    /// Connections ever made.
    pub fn connections(&self) -> u64 {
        self.inner.connections.load(Ordering::SeqCst)
    }

    /// Newest first, at most `limit`, only those with a smaller id than `before`.
    pub fn list(&self, before: Option<u64>, limit: usize) -> Vec<Summary> {
        let picked: Vec<Stored> =
            self.inner.ring.lock().messages.iter().rev().filter(|m| before.is_none_or(|b| m.id < b)).take(limit).cloned().collect();
        picked.iter().map(summary).collect()
    }
    pub fn get(&self, id: u64) -> Option<Mail> {
        let stored = self.inner.ring.lock().messages.iter().find(|m| m.id == id).cloned()?;
        Some(open(&stored))
    }
    pub fn clear(&self) {
        *self.inner.ring.lock() = Ring::default();
    }
}

fn summary(stored: &Stored) -> Summary {
    let subject = MessageParser::default().parse_headers(&*stored.raw).and_then(|m| m.subject().map(str::to_owned)).unwrap_or_default();
    Summary { id: stored.id, at: stored.at, from: stored.from.clone(), to: stored.to.clone(), subject }
}

fn open(stored: &Stored) -> Mail {
    let parsed = MessageParser::default().parse(&*stored.raw);
    // A part that was converted from the other one is not one the sender wrote.
    let has = |kind: &str| parsed.as_ref().is_some_and(|m| m.parts.iter().any(|p| if kind == "html" { p.is_text_html() } else { p.is_text() && !p.is_text_html() }));
    let body = |kind: &str| {
        let message = parsed.as_ref().filter(|_| has(kind))?;
        let text = if kind == "html" { message.body_html(0) } else { message.body_text(0) };
        text.map(|t| t.into_owned())
    };
    let headers = parsed.as_ref().map(|m| m.headers_raw().map(|(n, v)| (n.to_owned(), unfold(v))).collect()).unwrap_or_default();
    Mail { summary: summary(stored), html: body("html"), text: body("text"), headers, raw: String::from_utf8_lossy(&stored.raw).into_owned() }
}

fn unfold(value: &str) -> String {
    value.replace("\r\n", "").replace('\n', "").trim().to_owned()
}

async fn accept(listener: TcpListener, inner: Arc<Inner>) {
    // Held here, so that aborting this task cuts every connection.
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((peer, _)) => {
                while connections.try_join_next().is_some() {}
                inner.connections.fetch_add(1, Ordering::SeqCst);
                let inner = inner.clone();
                connections.spawn(async move {
                    // A peer that goes away in the middle is no concern of ours.
                    let _ = Session::new(peer, inner).run().await;
                });
            }
            // Out of file handles, most likely: give others time to close theirs.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

struct Session {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    /// Answers not yet written: with pipelining several leave together.
    answers: Vec<u8>,
    inner: Arc<Inner>,
    is_known: bool,
    from: Option<String>,
    to: Vec<String>,
    misbehaviour: Option<Misbehaviour>,
}

enum Next {
    Go,
    Close,
}

const MAX_LINE: usize = 4096;
const MAX_RECIPIENTS: usize = 1000;

impl Session {
    fn new(peer: TcpStream, inner: Arc<Inner>) -> Self {
        // Without it small answers wait for the peer's acknowledgement; if it cannot be set, it is only slower.
        let _ = peer.set_nodelay(true);
        let (reader, writer) = peer.into_split();
        let is_known = inner.options.account.is_none();
        Self { reader: BufReader::new(reader), writer, answers: Vec::new(), inner, is_known, from: None, to: Vec::new(), misbehaviour: None }
    }

    async fn run(mut self) -> std::io::Result<()> {
        if self.take_misbehaviour(|m| m == Misbehaviour::Busy).is_some() {
            self.say("421 4.3.2 too busy");
            return self.flush().await;
        }
        self.say("220 sink.weft.invalid ESMTP");
        self.flush().await?;
        while let Some(line) = self.line().await? {
            let next = self.command(&line).await?;
            if self.reader.buffer().is_empty() || matches!(next, Next::Close) {
                self.flush().await?;
            }
            if matches!(next, Next::Close) {
                break;
            }
        }
        Ok(())
    }

    fn say(&mut self, line: &str) {
        self.answers.extend_from_slice(line.as_bytes());
        self.answers.extend_from_slice(b"\r\n");
    }
    async fn flush(&mut self) -> std::io::Result<()> {
        let answers = std::mem::take(&mut self.answers);
        self.writer.write_all(&answers).await?;
        self.writer.flush().await
    }
    async fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        Ok(self.read_line(&mut line, MAX_LINE).await?.then(|| String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// Appends one line with its end; false at the end of the stream. A line beyond `most` bytes ends the session.
    async fn read_line(&mut self, into: &mut Vec<u8>, most: usize) -> std::io::Result<bool> {
        let start = into.len();
        loop {
            let available = self.reader.fill_buf().await?;
            if available.is_empty() {
                return Ok(false);
            }
            let end = available.iter().position(|b| *b == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(available.len());
            into.extend_from_slice(&available[..taken]);
            self.reader.consume(taken);
            if end.is_some() {
                return Ok(true);
            }
            if into.len() - start > most {
                return Err(std::io::ErrorKind::InvalidData.into());
            }
        }
    }

    fn take_misbehaviour(&self, fits: impl Fn(Misbehaviour) -> bool) -> Option<Misbehaviour> {
        let mut waiting = self.inner.misbehaviour.lock();
        if waiting.front().is_some_and(|m| fits(*m)) { waiting.pop_front() } else { None }
    }

    async fn command(&mut self, line: &str) -> std::io::Result<Next> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.greet(),
            "HELO" => self.say("250 sink.weft.invalid"),
            "AUTH" => self.authenticate(rest).await?,
            "MAIL" => return self.mail(rest),
            "RCPT" => self.rcpt(rest),
            "DATA" => return self.data().await,
            "RSET" => {
                self.forget();
                self.say("250 2.0.0 forgotten");
            }
            "NOOP" => self.say("250 2.0.0 fine"),
            "VRFY" => self.say("252 2.5.2 send and see"),
            "HELP" => self.say("214 2.0.0 EHLO MAIL RCPT DATA RSET NOOP QUIT"),
            "QUIT" => {
                self.say("221 2.0.0 bye");
                return Ok(Next::Close);
            }
            _ => self.say("500 5.5.2 unknown command"),
        }
        Ok(Next::Go)
    }

    fn greet(&mut self) {
        self.forget();
        self.say("250-sink.weft.invalid");
        if self.inner.options.pipelining {
            self.say("250-PIPELINING");
        }
        if self.inner.options.account.is_some() {
            self.say("250-AUTH PLAIN LOGIN");
        }
        self.say("250-8BITMIME");
        self.say("250-SMTPUTF8");
        self.say(&format!("250 SIZE {}", self.inner.options.max_message_bytes));
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
        self.misbehaviour = None;
    }

    async fn authenticate(&mut self, rest: &str) -> std::io::Result<()> {
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let text = if initial.is_empty() { self.ask("334 ").await? } else { decode(initial) };
                let mut parts = text.split('\0').skip(1).map(str::to_owned);
                parts.next().zip(parts.next())
            }
            "LOGIN" => {
                let user = if initial.is_empty() { self.ask("334 VXNlcm5hbWU6").await? } else { decode(initial) };
                Some((user, self.ask("334 UGFzc3dvcmQ6").await?))
            }
            _ => {
                self.say("504 5.5.4 unknown mechanism");
                return Ok(());
            }
        };
        self.is_known = self.inner.options.account.is_none() || given == self.inner.options.account;
        self.say(if self.is_known { "235 2.7.0 welcome" } else { "535 5.7.8 wrong name or password" });
        Ok(())
    }
    async fn ask(&mut self, question: &str) -> std::io::Result<String> {
        self.say(question);
        self.flush().await?;
        Ok(decode(&self.line().await?.unwrap_or_default()))
    }

    fn mail(&mut self, rest: &str) -> std::io::Result<Next> {
        if !self.is_known {
            self.say("530 5.7.0 who are you?");
            return Ok(Next::Go);
        }
        let Some(from) = path(rest, "FROM:") else {
            self.say("501 5.5.4 MAIL FROM:<address>");
            return Ok(Next::Go);
        };
        let size = rest.to_ascii_uppercase().split_once("SIZE=").and_then(|(_, n)| n.split(' ').next()?.parse::<usize>().ok());
        if size.is_some_and(|n| n > self.inner.options.max_message_bytes) {
            self.say("552 5.3.4 too large");
            return Ok(Next::Go);
        }
        self.forget();
        self.misbehaviour = self.take_misbehaviour(|m| m != Misbehaviour::Busy);
        if self.misbehaviour == Some(Misbehaviour::DropAtMail) {
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        self.from = Some(from);
        self.say("250 2.1.0 sender fine");
        Ok(Next::Go)
    }

    fn rcpt(&mut self, rest: &str) {
        let address = path(rest, "TO:").filter(|a| !a.is_empty());
        match (&self.from, address, self.misbehaviour) {
            (None, _, _) => self.say("503 5.5.1 MAIL first"),
            (_, None, _) => self.say("501 5.5.4 RCPT TO:<address>"),
            (_, Some(_), Some(Misbehaviour::Defer)) => self.say("451 4.7.1 try again later"),
            (_, Some(address), Some(Misbehaviour::RefuseRecipient)) => self.say(&format!("550 5.1.1 <{address}>: no such user")),
            _ if self.to.len() >= MAX_RECIPIENTS => self.say("452 4.5.3 too many recipients"),
            (_, Some(address), _) => {
                self.to.push(address);
                self.say("250 2.1.5 recipient fine");
            }
        }
    }

    async fn data(&mut self) -> std::io::Result<Next> {
        if self.to.is_empty() {
            self.say("503 5.5.1 no recipients");
            return Ok(Next::Go);
        }
        self.say("354 go on, end with a point");
        self.flush().await?;
        let Some(raw) = self.content().await? else { return Ok(Next::Close) };
        let how = self.misbehaviour;
        let from = self.from.take().unwrap_or_default();
        let to = std::mem::take(&mut self.to);
        self.forget();
        if raw.len() > self.inner.options.max_message_bytes {
            self.say("552 5.3.4 too large");
            return Ok(Next::Go);
        }
        if how == Some(Misbehaviour::RefuseContent) {
            self.say("554 5.7.1 looks like spam");
            return Ok(Next::Go);
        }
        let id = self.inner.store(from, to, raw);
        match how {
            Some(Misbehaviour::HangAfterData) => std::future::pending().await,
            Some(Misbehaviour::DropAfterData) => Err(std::io::ErrorKind::ConnectionAborted.into()),
            _ => {
                self.say(&format!("250 2.0.0 Ok: queued as SINK{id}"));
                Ok(Next::Go)
            }
        }
    }

    /// The message up to the lone point, with doubled points undone. `None` if the peer went away before.
    /// What is too long is read to its end and cut.
    async fn content(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let most = self.inner.options.max_message_bytes;
        let mut raw = Vec::new();
        loop {
            let start = raw.len();
            if !self.read_line(&mut raw, most + MAX_LINE).await? {
                return Ok(None);
            }
            if &raw[start..] == b".\r\n" {
                raw.truncate(start);
                return Ok(Some(raw));
            }
            if raw[start] == b'.' {
                raw.remove(start);
            }
            if raw.len() > most + 1 {
                raw.truncate(most + 1);
            }
        }
    }
}

impl Inner {
    fn store(&self, from: String, to: Vec<String>, raw: Vec<u8>) -> u64 {
        // Numbered under the lock: the ring is in the order of the ids, which cursors rely on.
        let mut ring = self.ring.lock();
        let id = self.received.fetch_add(1, Ordering::SeqCst) + 1;
        let stored = Stored { id, at: self.clock.now(), from, to, raw: raw.into() };
        ring.bytes += stored.raw.len();
        ring.messages.push_back(stored);
        while ring.messages.len() > self.options.keep_messages || ring.bytes > self.options.keep_bytes {
            match ring.messages.pop_front() {
                Some(oldest) => ring.bytes -= oldest.raw.len(),
                None => break,
            }
        }
        id
    }
}

/// The address of `FROM:<a@b> SIZE=1`; empty for `<>`.
fn path(rest: &str, keyword: &str) -> Option<String> {
    let head = rest.get(..keyword.len()).filter(|h| h.eq_ignore_ascii_case(keyword))?;
    let inside = rest[head.len()..].trim_start().strip_prefix('<')?;
    Some(inside[..inside.find('>')?].to_owned())
}

fn decode(text: &str) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::FakeClock;
    use tokio::io::AsyncReadExt;

    async fn sink(options: Options) -> SmtpSink {
        SmtpSink::start(options, Arc::new(FakeClock::at(Millis(1_795_316_412_045)))).await.unwrap()
    }

    /// Says all of it at once and returns all that comes back.
    async fn talk(sink: &SmtpSink, script: &str) -> String {
        let mut peer = TcpStream::connect(sink.address()).await.unwrap();
        peer.write_all(script.as_bytes()).await.unwrap();
        let mut answer = String::new();
        peer.read_to_string(&mut answer).await.unwrap();
        answer
    }
    fn codes(answer: &str) -> Vec<&str> {
        answer.lines().filter(|l| l.as_bytes().get(3) == Some(&b' ')).map(|l| &l[..3]).collect()
    }

    #[tokio::test]
    async fn a_pipelined_session_is_understood() {
        let sink = sink(Options::default()).await;
        let script = "EHLO me\r\nMAIL FROM:<a@b.c> BODY=8BITMIME SIZE=100\r\nRCPT TO:<d@e.f>\r\nRCPT TO:<张三@例子.中国>\r\nDATA\r\nSubject: =?UTF-8?B?5L2g5aW9?=\r\nX-One: a\r\n b\r\n\r\n..dot\r\n.\r\n\
                      NOOP\r\nRSET\r\nWHAT\r\nRCPT TO:<x@y.z>\r\nDATA\r\nMAIL FROM:nonsense\r\nquit\r\n";
        let answer = talk(&sink, script).await;
        assert_eq!(codes(&answer), ["220", "250", "250", "250", "250", "354", "250", "250", "250", "500", "503", "503", "501", "221"], "{answer}");
        for extension in ["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10485760"] {
            assert!(answer.contains(extension));
        }
        let mail = sink.get(1).unwrap();
        assert_eq!(mail.summary, sink.list(None, 10)[0]);
        assert_eq!((mail.summary.from.as_str(), mail.summary.to.clone(), mail.summary.subject.as_str()), ("a@b.c", vec!["d@e.f".to_owned(), "张三@例子.中国".into()], "你好"));
        assert_eq!((mail.html.as_deref(), mail.text.as_deref().map(str::trim_end), mail.header("x-one")), (None, Some(".dot"), Some("a b")));
        assert!(mail.raw.ends_with("\r\n\r\n.dot\r\n"));
    }

    #[tokio::test]
    async fn the_inbox_is_bounded() {
        let sink = sink(Options { keep_messages: 3, max_message_bytes: 100, ..Options::default() }).await;
        let one = |n: usize| format!("MAIL FROM:<>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nSubject: {n}\r\n\r\nx\r\n.\r\n");
        let script: String = (1..=5).map(one).collect();
        talk(&sink, &format!("{script}QUIT\r\n")).await;
        let subjects = |list: Vec<Summary>| list.into_iter().map(|s| s.subject).collect::<Vec<_>>();
        assert_eq!(subjects(sink.list(None, 10)), ["5", "4", "3"]);
        assert_eq!(subjects(sink.list(Some(5), 1)), ["4"]);
        assert_eq!((sink.received(), sink.get(1).is_none()), (5, true));
        let long = format!("MAIL FROM:<>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n{}\r\n.\r\nMAIL FROM:<> SIZE=1000\r\nQUIT\r\n", "y".repeat(300));
        assert_eq!(codes(&talk(&sink, &long).await), ["220", "250", "250", "354", "552", "552", "221"]);
        sink.clear();
        assert_eq!(sink.list(None, 10), []);
    }

    #[tokio::test]
    async fn an_account_is_asked_for() {
        let sink = sink(Options { account: Some(("u".into(), "p".into())), ..Options::default() }).await;
        let answer = talk(&sink, "MAIL FROM:<a@b.c>\r\nAUTH PLAIN AHUAcQ==\r\nAUTH LOGIN\r\ndQ==\r\ncA==\r\nMAIL FROM:<a@b.c>\r\nQUIT\r\n").await;
        assert_eq!(codes(&answer), ["220", "530", "535", "334", "334", "235", "250", "221"], "{answer}");
    }

    #[tokio::test]
    async fn a_line_without_end_is_cut_off() {
        let sink = sink(Options::default()).await;
        let mut peer = TcpStream::connect(sink.address()).await.unwrap();
        // The sink closes while we still write: either side of that is an end.
        let _ = peer.write_all(&vec![b'x'; 1 << 20]).await;
        let mut rest = Vec::new();
        let _ = peer.read_to_end(&mut rest).await;
        assert!(rest.starts_with(b"220") || rest.is_empty());
        assert_eq!(sink.received(), 0);
    }
}
