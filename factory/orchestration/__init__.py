"""Plan → Dagster definitions. The only floor that knows Dagster, with the CLI and definitions."""
