//! Whole-house tests that read like stories.
