//! Configuration: a file, overridden by `WEFT__ROOM__KEY`, read once and then passed on.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::kernel::Sensitive;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub server: Server,
    pub storage: Storage,
    pub bootstrap: Bootstrap,
    pub outbound: Outbound,
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
    pub allow_private: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self { server: Server::default(), storage: Storage::default(), bootstrap: Bootstrap::default(), outbound: Outbound::default() }
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
        let mut builder = config::Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(config::File::from(file.to_path_buf()));
        }
        let environment =
            config::Environment::with_prefix("WEFT").prefix_separator("__").separator("__").try_parsing(true).list_separator(",").with_list_parse_key("outbound.allow_private");
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
}
