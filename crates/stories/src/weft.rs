//! A `weft` process with a folder of its own, and how an outsider speaks to it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

pub const EMAIL: &str = "teller@example.com";
pub const PASSWORD: &str = "a long way to Chang'an, 742";
pub const API_KEY: &str = "wk_T4r9Zq1Lm7Xc2Vb8Nd5Kf3Hs6Gj0PwYe";
pub const WRITE_KEY: &str = "wr_Q8e2Ru5Ty1Ui9Op3As7Df4Gh6Jk0LzXc";
/// Long enough for the slowest machine that runs us; nothing waits so long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// What cargo says of the crate whose tests it runs.
const OF_THE_TEST: [&str; 5] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_"];

/// The program under test, built when it is not there.
pub fn binary() -> PathBuf {
    static BINARY: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    BINARY.get_or_init(find_binary).clone()
}

#[expect(clippy::expect_used, reason = "without a program there is no story")]
fn find_binary() -> PathBuf {
    if let Some(named) = std::env::var_os("WEFT_BINARY") {
        return named.into();
    }
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/test").to_owned();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = std::process::Command::new(cargo);
    // The whole workspace, so that features are the tests' own; and without what cargo tells a test of its crate: either would make
    // anew what stands ready.
    build.current_dir(repository()).args(["build", "--quiet", "--locked", "--workspace", "--bin", "weft"]);
    for (name, _) in std::env::vars_os().filter(|(name, _)| OF_THE_TEST.iter().any(|of| name.to_string_lossy().starts_with(of))) {
        build.env_remove(name);
    }
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().expect("cargo runs").success(), "weft does not build");
    profile.join("weft")
}

/// The root of the source tree.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the real data, when this machine has it: in `WEFT_TEST_DATA`, or in `shared/data` beside the source tree.
pub fn data_set(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WEFT_TEST_DATA").map_or_else(|| repository().join("../shared/data"), PathBuf::from);
    Some(folder.join(name)).filter(|p| p.exists())
}

/// Says, in a line that can be found, why a story is not told here.
pub fn missing(what: &str) {
    eprintln!("skipped: {what} is not on this machine");
}

/// Asks again until there is an answer, or patience ends.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Status and body of an answer.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub body: Value,
}

/// A running `weft`. Killed when dropped.
pub struct Weft {
    pub url: String,
    pub http: reqwest::Client,
    pub setup_token: Option<String>,
    folder: PathBuf,
    _own: Option<TempDir>,
    process: Child,
    said: Arc<Mutex<String>>,
}

impl Weft {
    /// On a fresh folder, with workspace, administrator, key and source made at once.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        let own = fresh_folder();
        let mut weft = Self::start_in(own.path(), environment).await;
        weft._own = Some(own);
        weft
    }

    /// On a folder of the teller's, which outlives the process.
    #[expect(clippy::expect_used, reason = "a story whose weft does not start is over")]
    pub async fn start_in(folder: &Path, environment: &[(&str, &str)]) -> Self {
        Self::try_start_in(folder, environment).await.expect("weft starts")
    }

    /// The error is what it said on leaving.
    pub async fn try_start_in(folder: &Path, environment: &[(&str, &str)]) -> Result<Self, String> {
        let mut process = command(folder, environment).args(["serve", "--json", "--listen", "127.0.0.1:0"]).spawn().map_err(|e| e.to_string())?;
        let Some(out) = process.stdout.take() else { return Err("no output".into()) };
        let mut lines = BufReader::new(out).lines();
        let ready = lines.next_line().await.map_err(|e| e.to_string())?;
        let Some(ready) = ready.and_then(|line| serde_json::from_str::<Value>(&line).ok()) else {
            return Err(left(process).await);
        };
        // Nobody may be left writing into a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let said = Arc::default();
        if let Some(complaints) = process.stderr.take() {
            tokio::spawn(listen(complaints, Arc::clone(&said)));
        }
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().map_err(|e| e.to_string())?;
        Ok(Self {
            url: ready["url"].as_str().unwrap_or_default().to_owned(),
            setup_token: ready["setup_token"].as_str().map(str::to_owned),
            http,
            folder: folder.to_owned(),
            _own: None,
            process,
            said,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
    pub fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    /// What it complained of so far.
    pub fn said(&self) -> String {
        self.said.lock().map(|said| said.clone()).unwrap_or_default()
    }

    /// Like a power cut for the process: no goodbye.
    pub async fn kill(mut self) {
        let _ = self.process.kill().await;
    }
    /// Like a person who presses Ctrl-C; true when it left in order.
    pub async fn stop(mut self) -> bool {
        if let Some(pid) = self.process.id().and_then(|id| rustix::process::Pid::from_raw(id as i32)) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        self.process.wait().await.is_ok_and(|status| status.success())
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }
    /// The API with the bootstrap key. A path begins after `/api/v1`.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        self.call_as(API_KEY, method, path, body).await
    }
    pub async fn call_as(&self, key: &str, method: Method, path: &str, body: Option<Value>) -> Answered {
        let mut request = self.request(method, &format!("/api/v1{path}")).bearer_auth(key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answered(request).await
    }
    /// What must succeed.
    pub async fn get(&self, path: &str) -> Value {
        self.must(Method::GET, path, None).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.must(Method::POST, path, Some(body)).await
    }
    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.must(Method::PUT, path, Some(body)).await
    }
    async fn must(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self.call(method.clone(), path, body).await;
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// A batch by the Segment door.
    pub async fn collect(&self, calls: &[Value]) -> Answered {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{WRITE_KEY}:"));
        answered(self.request(Method::POST, "/v1/batch").header("authorization", format!("Basic {basic}")).json(&json!({"batch": calls}))).await
    }
    /// A batch that must be taken.
    pub async fn send(&self, calls: &[Value]) {
        let answer = self.collect(calls).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Waits until all that is in the log is in the state.
    pub async fn settled(&self) {
        eventually("the pipeline to catch up", || async {
            let system = self.get("/system").await;
            (system["lag"] == 0 && system["is_live"] == true).then_some(())
        })
        .await;
    }
    /// The rows of one SELECT.
    pub async fn query(&self, sql: &str) -> Vec<Vec<Value>> {
        let answer = self.post("/query", json!({"sql": sql})).await;
        serde_json::from_value(answer["rows"].clone()).unwrap_or_default()
    }

    /// Another command on the same folder (the process must have ended): its exit, output and complaints.
    #[expect(clippy::expect_used, reason = "a program that does not run fails the story")]
    pub async fn run(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> (bool, String, String) {
        let output = command(folder, environment).args(arguments).output().await.expect("weft runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }
}

#[expect(clippy::expect_used, reason = "no folder, no story")]
fn fresh_folder() -> TempDir {
    tempfile::Builder::new().prefix("weft-story-").tempdir().expect("a temporary folder")
}

fn command(folder: &Path, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary());
    command
        .arg("--data")
        .arg(folder)
        .env("WEFT__BOOTSTRAP__EMAIL", EMAIL)
        .env("WEFT__BOOTSTRAP__PASSWORD", PASSWORD)
        .env("WEFT__BOOTSTRAP__API_KEY", API_KEY)
        .env("WEFT__BOOTSTRAP__WRITE_KEY", WRITE_KEY)
        // The servers around a story are on this machine.
        .env("WEFT__OUTBOUND__ALLOW_PRIVATE", "127.0.0.1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    for (name, value) in environment {
        if value.is_empty() {
            command.env_remove(name);
        } else {
            command.env(name, value);
        }
    }
    command
}

/// Complaints are kept, and shown with the test's own output when it fails.
async fn listen(complaints: ChildStderr, said: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(complaints).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        eprintln!("weft: {line}");
        if let Ok(mut said) = said.lock() {
            said.push_str(&line);
            said.push('\n');
        }
    }
}

async fn left(process: Child) -> String {
    match process.wait_with_output().await {
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(e) => e.to_string(),
    }
}

async fn answered(request: RequestBuilder) -> Answered {
    match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            let text = response.text().await.unwrap_or_default();
            Answered { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
        }
        // A process that was killed answers nobody.
        Err(e) => Answered { status: 0, body: Value::String(e.to_string()) },
    }
}
