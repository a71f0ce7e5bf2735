//! Rules that say who belongs, and who entered or left.
