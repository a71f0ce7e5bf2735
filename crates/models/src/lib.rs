#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

pub mod domain;
