"""Workbooks as rows."""
