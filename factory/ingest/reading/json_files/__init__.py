"""Files of JSON as rows."""
