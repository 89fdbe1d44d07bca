"""Measures what the documents promise: `python -m benchmarks.<name>` prints the figures."""
