"""Warehouses: where tables are published. One adapter a file."""
