"""Buckets: where landed objects are kept. One adapter a file."""
