//! Move people through a plan of waits, splits and messages.
