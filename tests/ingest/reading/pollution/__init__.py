"""Tables, each spoilt in one way, and how much of them our reader gives back.

    python -m tests.ingest.reading.pollution                  by the careful reader alone
    python -m tests.ingest.reading.pollution --whole          from the file to typed Parquet

A kind of damage is tried at all its places: rows, cells, separators, encodings. The figures are
those of the literature on reading CSV: precision, recall and F1 of header names, of whole
records and of single cells against the clean table, and whether the file loads at all.
"""
