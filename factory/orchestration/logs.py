"""What a run writes to the console of its process: our lines, not Dagster's event stream."""

import logging
import sys

import dagster as dg

CONSOLE = "factory.run"


def run_loggers() -> dict[str, dg.LoggerDefinition]:
    """The loggers of every job. Whatever is said here is in the UI as well, and more of it."""
    return {"console": _console}


@dg.logger(
    config_schema={"log_level": dg.Field(str, is_required=False, default_value="INFO")},
    description="What a run says, one line each.",
)
def _console(context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.getLogger(CONSOLE)
    logger.setLevel(context.logger_config["log_level"])
    logger.propagate = False
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
    return logger
