//! The tracking plan and duplicates: validate, drop, quarantine, report.
