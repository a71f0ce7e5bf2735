//! Configuration: a file, overridden by `WEFT__ROOM__KEY`, read once and then passed on.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use crate::kernel::Sensitive;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub server: Server,
    pub storage: Storage,
    pub bootstrap: Bootstrap,
    pub outbound: Outbound,
    /// Set by `weft demo` and by nothing else.
    #[serde(skip)]
    pub demo: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    pub listen: String,
    /// Where people reach this house; links in messages begin with it.
    pub public_url: String,
    /// A proxy in front of us tells the caller's address and speaks TLS for us.
    pub behind_proxy: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// Rows; default `sqlite:DATA/rows.db`.
    pub rows: Option<String>,
    /// The log; default `file:DATA/log`.
    pub log: Option<String>,
    /// State by key; default `file:DATA/state`.
    pub state: Option<String>,
    /// The lake; default `file:DATA/lake`.
    pub lake: Option<String>,
    /// Memory of all queries together, in megabytes.
    pub query_memory_mb: Option<usize>,
}

/// Makes the first workspace, administrator, API key and source on an empty data folder. All or none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bootstrap {
    pub email: Option<String>,
    pub password: Option<Sensitive<String>>,
    pub api_key: Option<Sensitive<String>>,
    pub write_key: Option<Sensitive<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Hosts or networks inside the house that may be called: `127.0.0.1`, `10.0.0.0/8`. Comma-separated in the environment.
    #[serde(deserialize_with = "list_or_text")]
    pub allow_private: Vec<String>,
}

/// A list in a file, a comma-separated text in the environment.
fn list_or_text<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Either::deserialize(d)? {
        Either::List(list) => list,
        Either::Text(text) => text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
    })
}

impl Default for Config {
    fn default() -> Self {
        Self { server: Server::default(), storage: Storage::default(), bootstrap: Bootstrap::default(), outbound: Outbound::default(), demo: false }
    }
}
impl Default for Server {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8080".into(), public_url: String::new(), behind_proxy: false }
    }
}

impl Config {
    /// The file, if there is one, and the environment above it. Unknown keys are refused by name.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        Self::read_with(file, None)
    }

    /// With the process's own environment, or another.
    fn read_with(file: Option<&Path>, environment: Option<HashMap<String, String>>) -> anyhow::Result<Self> {
        let mut builder = config::Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(config::File::from(file.to_path_buf()));
        }
        // Values stay texts until their key says what they are: a secret of digits is no number.
        let environment = config::Environment::with_prefix("WEFT").prefix_separator("__").separator("__").source(environment);
        let built = builder.add_source(environment).build()?;
        built.try_deserialize().map_err(|e| anyhow::anyhow!("configuration: {e}"))
    }

    pub fn rows_url(&self, data: &Path) -> String {
        self.storage.rows.clone().unwrap_or_else(|| format!("sqlite:{}", data.join("rows.db").display()))
    }
    pub fn log_url(&self, data: &Path) -> String {
        self.storage.log.clone().unwrap_or_else(|| folder(data, "log"))
    }
    pub fn state_url(&self, data: &Path) -> String {
        self.storage.state.clone().unwrap_or_else(|| folder(data, "state"))
    }
    pub fn lake_url(&self, data: &Path) -> String {
        self.storage.lake.clone().unwrap_or_else(|| folder(data, "lake"))
    }
}

fn folder(data: &Path, name: &str) -> String {
    let path: PathBuf = data.join(name);
    format!("file:{}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("weft.toml");
        std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:9\"\nlisten_to = 1\n").unwrap();
        let error = Config::read(Some(&file)).unwrap_err().to_string();
        assert!(error.contains("listen_to"), "{error}");
    }

    #[test]
    fn the_environment_is_read_as_its_keys_say() {
        let secret = "00123456789012345678901234567890";
        let environment = [
            ("WEFT__BOOTSTRAP__API_KEY", secret),
            ("WEFT__SERVER__BEHIND_PROXY", "true"),
            ("WEFT__STORAGE__QUERY_MEMORY_MB", "512"),
            ("WEFT__OUTBOUND__ALLOW_PRIVATE", "127.0.0.1, 10.0.0.0/8"),
        ];
        let config = Config::read_with(None, Some(environment.map(|(k, v)| (k.to_owned(), v.to_owned())).into())).unwrap();
        assert_eq!(config.bootstrap.api_key.map(|k| k.0), Some(secret.to_owned()));
        assert!(config.server.behind_proxy);
        assert_eq!(config.storage.query_memory_mb, Some(512));
        assert_eq!(config.outbound.allow_private, ["127.0.0.1", "10.0.0.0/8"]);
    }
}
