"""Parquet files as rows."""
