#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod chance;
mod calendar;
mod goods;
mod people;
mod visits;
mod brand;

pub use brand::{Brand, CART_REMINDED, CONVERSION_ALONE, CONVERSION_SPOKEN_TO, Message, Reaction};
pub use people::Channel;
pub use visits::Sources;
