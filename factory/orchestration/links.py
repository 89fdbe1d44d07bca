"""Links to where the data is, for people: the Google Cloud console. Local targets have none."""

from urllib.parse import quote, urlencode

from factory.plan import PipelinePlan, TablePlan

_CONSOLE = "https://console.cloud.google.com"


def bucket_link(pipeline: PipelinePlan, folder: str) -> str | None:
    """The folder of a landed version in the console."""
    target = pipeline.target.bucket
    if target.type != "gcs" or target.api_endpoint:
        return None
    return f"{_CONSOLE}/storage/browser/{quote(pipeline.spec.bucket.name)}/{quote(folder)}"


def table_link(pipeline: PipelinePlan, table: TablePlan) -> str | None:
    """The table in BigQuery's console."""
    target = pipeline.target.warehouse
    project = table.id.project or target.project
    if target.type != "bigquery" or target.api_endpoint or not project:
        return None
    place = {"p": project, "d": table.id.dataset, "t": table.id.table, "page": "table"}
    return f"{_CONSOLE}/bigquery?{urlencode(place)}"
