//! The gatekeeper: whom a credential belongs to, remembered for a moment.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use weft_http_kit::Caller;
use weft_meta_store::Rows;

use crate::domain::{password, secret};
use crate::kernel::{Clock, Error, Millis, Result};
use crate::store::{setup_tokens, users};

/// A positive answer may be this old. What is disabled through this process is forgotten at once; this is for other processes.
const REMEMBERED: i64 = 5 * Millis::SECOND;
const MOST_REMEMBERED: usize = 10_000;
/// A hash takes 19 MiB for a moment; more at once than this would let anybody who knocks fill the memory.
const HASHES_AT_ONCE: usize = 4;

#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The console is reached by HTTPS: the session cookie is marked `Secure`. Also marked when a proxy says so.
    pub https: bool,
    /// A proxy of ours stands in front, and the last entry of `X-Forwarded-For` is the client's address.
    pub behind_proxy: bool,
    /// This house is the demo's: the console says so.
    pub demo: bool,
}

/// Implements `Authorizer`. Cloning shares it.
#[derive(Clone)]
pub struct Access(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub rows: Rows,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    remembered: Mutex<Remembered>,
    hashing: Semaphore,
}

#[derive(Default)]
struct Remembered {
    callers: HashMap<String, (Caller, Millis)>,
    /// Grows with every forgetting, so that what was read before is not remembered after.
    generation: u64,
}

impl Access {
    pub fn new(rows: Rows, clock: Arc<dyn Clock>, settings: Settings) -> Self {
        Self(Arc::new(Inner { rows, clock, settings, remembered: Mutex::default(), hashing: Semaphore::new(HASHES_AT_ONCE) }))
    }

    /// A fresh one-time token for `POST /setup`, to be printed; none when somebody is there already. Only its hash is kept,
    /// so each start makes a new one and the one before is void.
    pub async fn setup_token(&self) -> Result<Option<String>> {
        let db = self.0.rows.connection();
        if users::any(db).await? {
            return Ok(None);
        }
        let token = secret::token();
        setup_tokens::replace(db, &secret::digest(&token), self.0.clock.now()).await?;
        Ok(Some(token))
    }

    /// Forgets whom credentials belong to: after a key, a session, a password or a role has changed.
    pub(crate) fn forget(&self) {
        let mut remembered = self.0.remembered.lock();
        remembered.generation += 1;
        remembered.callers.clear();
    }

    pub(crate) fn recall(&self, digest: &str) -> Option<Caller> {
        let now = self.0.clock.now();
        let remembered = self.0.remembered.lock();
        remembered.callers.get(digest).filter(|(_, until)| now < *until).map(|(caller, _)| caller.clone())
    }

    pub(crate) fn generation(&self) -> u64 {
        self.0.remembered.lock().generation
    }

    /// `generation` is the one before the rows were read.
    pub(crate) fn remember(&self, digest: String, caller: &Caller, generation: u64) {
        let until = self.0.clock.now().plus(REMEMBERED);
        let mut remembered = self.0.remembered.lock();
        if remembered.generation != generation {
            return;
        }
        if remembered.callers.len() >= MOST_REMEMBERED {
            remembered.callers.clear();
        }
        remembered.callers.insert(digest, (caller.clone(), until));
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        let _turn = self.0.hashing.acquire().await.map_err(Error::internal)?;
        password::hash_away(password).await
    }

    /// Takes the same time whether there is a hash or not, so that nobody learns who has an account.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let _turn = self.0.hashing.acquire().await.map_err(Error::internal)?;
        password::verify_away(password, hash).await
    }
}
