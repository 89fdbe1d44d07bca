"""Pipelines from YAML: public datasets, checked and loaded into a warehouse every day."""

__version__ = "0.1.0"
