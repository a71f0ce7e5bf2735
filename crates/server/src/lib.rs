//! The whole house joined: the list of rooms, the list of steps, the configuration, the commands.

pub(crate) use weft_kernel as kernel;

pub mod bench;
pub mod commands;
pub mod config;
pub mod demo;
mod hall;
pub mod house;
mod lake;
mod live;
pub mod rooms;
pub mod steps;
mod tables;
