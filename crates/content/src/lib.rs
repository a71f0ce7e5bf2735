//! Templates; rendering is a pure function.
