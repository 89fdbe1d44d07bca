"""The tags of a run that mean something here."""

from collections.abc import Mapping

import dagster as dg

from factory.errors import Permanent

PIPELINE = "pipeline"  # dagster.yaml allows one run at a time for each value
SAMPLE = "factory/sample"  # rows a table that are made up in place of the source
REPLAY = "factory/replay"  # a landed version that is loaded in place of the source's newest
HOLD = "factory/hold"  # with it: the version that is held back from now on
MAX_RUNTIME = "dagster/max_runtime"
ALERTED = "factory/alerted"  # the run's id, and the events of it that people were told of
WILL_RETRY = "dagster/will_retry"
SCHEDULE = "dagster/schedule_name"
SCHEDULED_TIME = ".dagster/scheduled_execution_time"
PROCESS = "factory/process"  # the run's id, and the name of the process that runs it
ROOT_RUN = "dagster/root_run_id"


def sample_rows(tags: Mapping[str, str]) -> int | None:
    """How many rows the run makes up; None for a run on real data."""
    asked = tags.get(SAMPLE)
    if asked is None:
        return None
    if not asked.isdigit() or int(asked) < 1:
        raise Permanent(
            f'the run tag {SAMPLE} is "{asked}"', hint="give it a whole number of rows, e.g. 500"
        )
    return int(asked)


def first_run(run: dg.DagsterRun) -> str:
    """The id of the run that this one re-executes, or its own."""
    return run.tags.get(ROOT_RUN, run.run_id)
