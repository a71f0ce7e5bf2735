//! What one can do here.

pub mod run_import;
