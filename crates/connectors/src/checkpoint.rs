//! How far an import has come, beside its file of rejected rows, so that a killed one goes on where it was.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::kernel::time::as_number;
use crate::kernel::{Millis, Result};

/// What has been made true. Outcomes come in the same order each time the same file is read with the same mapping,
/// so their number says where to go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Outcomes that are done with.
    pub outcomes: u64,
    /// Length of the file of rejected rows.
    pub rejected_bytes: u64,
    pub accepted: u64,
    pub rejected: u64,
    pub skipped: u64,
    pub events: u64,
    /// Log position after the last event.
    pub end_position: u64,
    pub people_before: u64,
    /// When the import began; its events are received then.
    #[serde(with = "as_number")]
    pub started_at: Millis,
}

/// The files of one import, named by what it is: the same file with the same mapping is the same import.
#[derive(Clone, Debug)]
pub struct Place {
    pub rejected: PathBuf,
    checkpoint: PathBuf,
}

impl Place {
    pub fn new(folder: &Path, key: &str) -> Self {
        Self { rejected: folder.join(format!("{key}.rejected.csv")), checkpoint: folder.join(format!("{key}.checkpoint.json")) }
    }

    /// The checkpoint of an interrupted import. One that cannot be read is none: starting again is safe.
    pub fn load(&self) -> Option<Checkpoint> {
        serde_json::from_slice(&std::fs::read(&self.checkpoint).ok()?).ok()
    }

    pub fn save(&self, checkpoint: &Checkpoint) -> Result<()> {
        let draft = self.checkpoint.with_extension("draft");
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(checkpoint)?)?;
        file.sync_data()?;
        std::fs::rename(&draft, &self.checkpoint)?;
        Ok(())
    }

    pub fn remove(&self) -> Result<()> {
        match std::fs::remove_file(&self.checkpoint) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_and_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path(), "imp_1");
        assert_eq!(place.load(), None);
        let checkpoint = Checkpoint { outcomes: 7, started_at: Millis(5), ..Checkpoint::default() };
        place.save(&checkpoint).unwrap();
        assert_eq!(place.load(), Some(checkpoint));
        std::fs::write(folder.path().join("imp_1.checkpoint.json"), "{").unwrap();
        assert_eq!(place.load(), None);
        place.remove().unwrap();
        place.remove().unwrap();
        assert_eq!(place.load(), None);
    }
}
