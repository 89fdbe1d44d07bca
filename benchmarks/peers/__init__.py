"""Each file is one way from a zip to a DuckDB table, run alone: FILE ARCHIVE FOLDER.

It leaves a table `rows` in FOLDER/warehouse.duckdb; what it stores besides for keeping is in
FOLDER/landed. Beside it lie its requirements, with a version each.
"""
