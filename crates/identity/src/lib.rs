//! Which identifiers are the same person.
