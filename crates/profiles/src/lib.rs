//! Traits and history of a person, folded from events.
