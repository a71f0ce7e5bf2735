//! Imports that run in the background, each in a folder of its own, and go on after a restart.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use weft_context_kit::Parts;

use crate::kernel::{Actor, Error, Result, Scope, SourceId, WorkspaceId};
use crate::operations::run_import::{Afterwards, Cancel, ImportJob, Progress, Summary, run};
use crate::store::{self, CANCELLED, Counts, DONE, Ending, FAILED, Model};

/// What the hall decides.
#[derive(Clone)]
pub struct Settings {
    /// Takes uploaded files, until they are imported, and files of rejected rows.
    pub folder: PathBuf,
    pub after: Arc<dyn Afterwards>,
    /// The source that imported events come from, per workspace.
    pub source: Arc<dyn Fn(WorkspaceId) -> SourceId + Send + Sync>,
    /// An upload may have so many bytes.
    pub most_bytes: u64,
    /// So many imports run at once; the others wait.
    pub at_once: usize,
}

/// The imports of this process. Cloning shares them.
#[derive(Clone)]
pub struct Imports {
    pub(crate) parts: Parts,
    pub(crate) settings: Settings,
    running: Arc<std::sync::Mutex<HashMap<String, Running>>>,
    turns: Arc<Semaphore>,
    tasks: TaskTracker,
    stopping: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Running {
    cancel: Cancel,
    progress: Option<Progress>,
}

impl Imports {
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let turns = Arc::new(Semaphore::new(settings.at_once.max(1)));
        Self { parts, settings, running: Arc::default(), turns, tasks: TaskTracker::new(), stopping: Arc::default() }
    }

    /// The folder of one import.
    pub fn folder(&self, id: &str) -> PathBuf {
        self.settings.folder.join(id)
    }

    /// Once the tables are there: goes on with the imports that were running when the house was left,
    /// and clears away uploads that never became imports.
    pub async fn start(&self) -> Result<()> {
        let left = store::running(&self.parts.rows).await?;
        for row in left {
            self.spawn(row);
        }
        let uploads = self.settings.folder.join(UPLOADS);
        match std::fs::remove_dir_all(&uploads) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    /// Lets each import finish the batch at hand and stops it there; the next start goes on with it.
    pub async fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        for running in self.lock().values() {
            running.cancel.cancel();
        }
        self.idle().await;
    }

    /// Waits until nothing is running.
    pub async fn idle(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }

    pub fn spawn(&self, row: Model) {
        let cancel = Cancel::default();
        self.lock().insert(row.id.clone(), Running { cancel: cancel.clone(), progress: None });
        let imports = self.clone();
        self.tasks.spawn(async move {
            let id = row.id.clone();
            if let Err(error) = imports.run(row, cancel).await {
                tracing::error!(import = %id, %error, "an import's ending could not be written; it goes on at the next start");
            }
            imports.lock().remove(&id);
        });
    }

    /// Tells an import to stop. `false`: it is not running here.
    pub fn cancel(&self, id: &str) -> bool {
        let running = self.lock();
        running.get(id).map(|r| r.cancel.cancel()).is_some()
    }

    /// How far it is, while it runs.
    pub fn progress(&self, id: &str) -> Option<Progress> {
        self.lock().get(id)?.progress
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Running>> {
        // A panic while the map was held cannot have left it half changed.
        self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn run(&self, row: Model, cancel: Cancel) -> Result<()> {
        let Ok(_turn) = self.turns.acquire().await else { return Ok(()) };
        let workspace = WorkspaceId(u32::try_from(row.workspace).unwrap_or_default());
        let folder = self.folder(&row.id);
        let file = folder.join(&row.stored_as);
        let job = ImportJob {
            workspace,
            source: (self.settings.source)(workspace),
            file: file.clone(),
            mapping: row.mapping.0.clone(),
            folder: folder.clone(),
            cancel: cancel.clone(),
        };
        let (shown, id) = (self.running.clone(), row.id.clone());
        let progress = move |p: Progress| {
            let mut running = shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(running) = running.get_mut(&id) {
                running.progress = Some(p);
            }
        };
        let result = run(job, self.parts.door.clone(), self.settings.after.clone(), progress).await;
        let unfinished = result.as_ref().map_or(cancel.is_cancelled(), |summary| !summary.finished);
        if unfinished && self.stopping.load(Ordering::SeqCst) {
            return Ok(());
        }
        let scope = Scope { workspace, actor: Actor::System };
        store::finish(&self.parts.rows, &scope, self.parts.clock.now(), &row.id, ending(result, self.progress(&row.id))).await?;
        clear(&folder, &file)
    }
}

/// Uploads lie here until they are known to be imports.
pub const UPLOADS: &str = ".uploads";

fn ending(result: Result<Summary>, progress: Option<Progress>) -> Ending {
    match result {
        Ok(summary) => Ending {
            state: if summary.finished { DONE } else { CANCELLED },
            counts: Counts {
                rows: summary.rows,
                total_rows: progress.and_then(|p| p.total_rows),
                accepted: summary.accepted,
                rejected: summary.rejected,
                skipped: summary.skipped,
                events: summary.events,
                people_created: summary.people_created,
            },
            rejected_file: summary.rejected_file.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned())),
            notes: summary.notes,
            error: None,
        },
        Err(error) if error.code == "connectors.cancelled" => failed(CANCELLED, progress, None),
        Err(error) => failed(FAILED, progress, Some(error)),
    }
}

fn failed(state: &'static str, progress: Option<Progress>, error: Option<Error>) -> Ending {
    Ending { state, counts: progress.map(counts_of).unwrap_or_default(), notes: Vec::new(), rejected_file: None, error }
}

pub fn counts_of(p: Progress) -> Counts {
    Counts { rows: p.rows, total_rows: p.total_rows, accepted: p.accepted, rejected: p.rejected, skipped: p.skipped, events: p.events, people_created: 0 }
}

/// The upload is personal data that is no longer needed; the rejected rows stay for whoever mends them.
fn clear(folder: &Path, file: &Path) -> Result<()> {
    for path in std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path == file || name.ends_with(".checkpoint.json") {
            std::fs::remove_file(&path)?;
        }
    }
    // Fails when rejected rows are left in it, and then it shall stay.
    let _ = std::fs::remove_dir(folder);
    Ok(())
}

