"""Writing pipeline files: a first one from a source, and into one what has drifted."""
