//! Rows into domain values and back. Nothing above knows sea-orm.
