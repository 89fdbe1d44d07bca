"""Text files: where rows begin, how they are written, and the rows of those that are damaged."""
