//! Rows in SQLite or PostgreSQL through SeaORM: migrations, unit of work, outbox.
