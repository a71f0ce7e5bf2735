#![doc = include_str!("../README.md")]

mod weft;

pub use weft::{API_KEY, Answered, EMAIL, PASSWORD, WRITE_KEY, Weft, binary, data_set, eventually, missing, repository};
