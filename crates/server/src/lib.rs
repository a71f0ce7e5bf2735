//! The whole house joined.
