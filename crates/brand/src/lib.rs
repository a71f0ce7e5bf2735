//! A simulated retail brand that lives through the front door.
