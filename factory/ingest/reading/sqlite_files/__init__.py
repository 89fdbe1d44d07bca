"""SQLite files as rows."""
