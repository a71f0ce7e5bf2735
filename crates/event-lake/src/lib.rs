//! Delta Lake tables, so that Spark, Trino, DuckDB, StarRocks and others read them too.
