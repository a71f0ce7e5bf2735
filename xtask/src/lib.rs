//! Checks of the house: what breaks in silence, what review does not see, and what a machine sees exactly.
//! Each prints what to do, not only what is wrong.

use std::path::{Path, PathBuf};

pub mod bans;
pub mod doors;
pub mod errors;
pub mod graph;
pub mod map;
pub mod paths;
pub mod plan;
pub mod readmes;
pub mod source;
pub mod workspace;

/// Why a check could not even look: a file that is not there, or is not what it should be.
pub type Result<T> = std::result::Result<T, String>;

/// What a check found. Remarks fail nothing.
#[derive(Debug, Default)]
pub struct Findings {
    pub wrong: Vec<String>,
    pub remarks: Vec<String>,
}

impl Findings {
    pub fn wrong(&mut self, line: impl Into<String>) {
        self.wrong.push(line.into());
    }
    pub fn remark(&mut self, line: impl Into<String>) {
        self.remarks.push(line.into());
    }
}

/// A check takes the root of the checkout.
pub type Check = fn(&Path) -> Result<Findings>;

/// All checks, in the order in which `check` runs them.
pub fn all() -> [(&'static str, Check); 7] {
    [
        ("the_house_stands_as_drawn", graph::the_house_stands_as_drawn),
        ("the_map_matches_the_land", map::the_map_matches_the_land),
        ("every_door_has_a_lock", doors::every_door_has_a_lock),
        ("every_room_has_a_readme", readmes::every_room_has_a_readme),
        ("every_error_code_is_explained", errors::every_error_code_is_explained),
        ("nobody_is_named_by_a_path", paths::nobody_is_named_by_a_path),
        ("nothing_banned_is_locked", bans::nothing_banned_is_locked),
    ]
}

/// The checkout: the folder above this one.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A file as text, or which one it was that could not be read.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}
