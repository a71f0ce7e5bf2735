//! One condition language for the whole house: evaluated on a person or an event, compiled to DataFusion for batch.
