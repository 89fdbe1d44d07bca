"""What Google's services refuse: whether it passes, and what to type where it does not."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from factory.errors import FactoryError, Permanent, Retryable
from factory.gcp.identity import Identity, identity, member_of

_TRANSIENT_CODES = {408, 412, 429, 500, 502, 503, 504}  # 412: somebody changed it meanwhile
_TRANSIENT_REASONS = frozenset(
    {
        "backendError",
        "internalError",
        "jobBackendError",
        "jobInternalError",
        "jobRateLimitExceeded",
        "rateLimitExceeded",
    }
)
_QUOTA = "quotaExceeded"
# quotas of this kind are full again within seconds or minutes; others last for hours or a day
_SHORT_QUOTA = re.compile(
    r"per (100 )?(second|minute)|concurrent|too many|rate limit|short.term", re.I
)
_ABORTED = re.compile(r"aborted due to concurrent (update|transaction)|could not serialize", re.I)
_REQUEST = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) \S+: ")
_PERMISSION = re.compile(r"\b((?:bigquery|storage|serviceusage)\.[a-zA-Z]+\.[a-zA-Z]+)\b")
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_BUCKET = re.compile(r"gs://([a-z0-9][\w.-]+)|/b/([a-z0-9][\w.-]+)")
_DATASET = re.compile(r"(?:[Dd]ataset|[Tt]able) ([\w-]+)[:.](\w+)")
_PROJECT = re.compile(r"[Pp]roject:? `?([a-z][\w-]{4,})|projects/([\w-]+)")
_ELSEWHERE = re.compile(r"different locations: source: ([\w-]+), destination: ([\w-]+)", re.I)
_TABLE_DENIED = re.compile(r"does not have permission to \w+ (table|dataset)", re.I)
_API = re.compile(r"\b(?P<api>(?:bigquery|storage)[\w-]*\.googleapis\.com)|(?P<bigquery>BigQuery)")
_GRANTS = {  # by permission, the longest prefix first: the role, and what it is granted on
    "bigquery.jobs": ("roles/bigquery.jobUser", "project"),
    "bigquery.datasets.create": ("roles/bigquery.user", "project"),
    "bigquery.readsessions": ("roles/bigquery.readSessionUser", "project"),
    "bigquery": ("roles/bigquery.dataEditor", "dataset"),
    "serviceusage": ("roles/serviceusage.serviceUsageConsumer", "project"),
    "storage.buckets": ("roles/storage.legacyBucketReader", "bucket"),
    "storage": ("roles/storage.objectUser", "bucket"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a call was about, as far as the caller knows; commands in hints name it."""

    project: str | None = None
    location: str | None = None  # where what is missing is to be made
    bucket: str | None = None
    dataset: str | None = None  # [project.]dataset
    only_reads: bool = False  # objects: a smaller role is enough


UNKNOWN = Setting()


def call_error(doing: str, exc: Any, setting: Setting = UNKNOWN) -> FactoryError:
    """A refused call (`google.api_core`'s GoogleAPICallError) as an error of the factory."""
    message, reason, after = plain_message(exc), reason_of(exc), _retry_after(exc)
    said = f"cannot {doing}: {message}"
    if passes(reason, message) or exc.code in _TRANSIENT_CODES or (after and reason == _QUOTA):
        return Retryable(said, retry_after=after)
    elsewhere = _ELSEWHERE.search(message)
    if elsewhere:
        return _in_two_locations(doing, elsewhere[1], elsewhere[2], setting)
    hint = _hint(f"{said} {exc.message}", reason, exc.code, setting)
    who = f"; we are {identity().named}" if exc.code in {401, 403} else ""
    return Permanent(said + who, hint=hint)


def passes(reason: str | None, message: str) -> bool:
    """Whether a refusal for that reason is likely to be over before long."""
    if reason == _QUOTA:
        return _SHORT_QUOTA.search(message) is not None
    return reason in _TRANSIENT_REASONS or _ABORTED.search(message) is not None


def reason_of(exc: Any) -> str | None:
    """The service's word for what went wrong, such as rateLimitExceeded."""
    return next((error.get("reason") for error in _errors(exc)), None)


def plain_message(exc: Any) -> str:
    """What the service said, without the request and the job's number."""
    said = next((error.get("message") for error in _errors(exc)), None)
    return str(said or _REQUEST.sub("", exc.message or str(exc))).strip().rstrip(".")


def _errors(exc: Any) -> Sequence[Mapping[str, Any]]:
    """What the answer lists. Of uploads and downloads the exception has it as one text only."""
    listed = [error for error in exc.errors if isinstance(error, dict)]
    if listed or exc.response is None:
        return listed
    try:
        found = exc.response.json()["error"]
        return [*found.get("errors", ()), {"message": found["message"]}]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def making_bucket(name: str, project: str | None, location: str | None) -> str:
    """The command that makes the bucket."""
    of_project = f" --project={project}" if project else ""
    return f"gcloud storage buckets create gs://{name}{of_project} --location={location or 'EU'}"


def making_dataset(name: str, project: str | None, location: str | None) -> str:
    """The command that makes the dataset."""
    there = f" --location={location}" if location else ""
    return f"bq{there} mk --dataset {f'{project}:' if project else ''}{name}"


def granting(role: str, member: str, *, bucket: str) -> str:
    """The command that grants a role on a bucket."""
    return (
        f"gcloud storage buckets add-iam-policy-binding gs://{bucket} "
        f"--member={member} --role={role}"
    )


def granting_on_dataset(role: str, member: str, project: str, dataset: str) -> str:
    """The command that grants a role on a dataset."""
    grant = f'GRANT `{role}` ON SCHEMA `{project}`.{dataset} TO "{member}"'
    return f"bq query --use_legacy_sql=false '{grant}'"


def _hint(said: str, reason: str | None, code: int, setting: Setting) -> str | None:
    project = setting.project or _first(_PROJECT, said) or "PROJECT"
    if reason in {"accessNotConfigured", "SERVICE_DISABLED"}:
        return f"gcloud services enable {_api_of(said)} --project={project}"
    if reason in {"billingNotEnabled", "accountDisabled"}:
        return f"gcloud billing projects link {project} --billing-account=YOUR_BILLING_ACCOUNT"
    if reason == _QUOTA:
        return _QUOTA_HINT.format(project=project)
    if code == 401:
        return identity().renewal
    if code == 403:
        return _grant(said, project, setting)
    return _making(said, project, setting) if code == 404 else None


_QUOTA_HINT = (
    "it is full for hours, or until midnight in California: the next scheduled run tries again; "
    "ask for more at https://console.cloud.google.com/iam-admin/quotas?project={project}, or "
    "run less: fewer loads of this table, or its `schedule`"
)


def _grant(said: str, project: str, setting: Setting) -> str:
    permission, who = _PERMISSION.search(said), identity()
    if permission is None and _TABLE_DENIED.search(said):  # BigQuery does not say which right
        role, place = _GRANTS["bigquery"][0], _dataset_in(said, project, setting)
        return granting_on_dataset(role, _member(said, who), *place)
    if permission is None:
        return "factory doctor, with the same --target, says which right is missing"
    role, on = next(grant for prefix, grant in _GRANTS.items() if permission[1].startswith(prefix))
    member = _member(said, who)
    if on == "bucket":
        if setting.only_reads:
            role = "roles/storage.objectViewer"
        bucket = setting.bucket or _first(_BUCKET, said) or "BUCKET"
        return f"{permission[1]} is missing: {granting(role, member, bucket=bucket)}"
    if on == "dataset":
        command = granting_on_dataset(role, member, *_dataset_in(said, project, setting))
        return f"{permission[1]} is missing: {command}"
    command = f"gcloud projects add-iam-policy-binding {project} --member={member} --role={role}"
    return f"{permission[1]} is missing: {command}"


def _member(said: str, who: Identity) -> str:
    """Whom the service names, else whom our files name."""
    named = _EMAIL.search(said)
    return member_of(named[0]) if named and who.account is None else who.member


def _dataset_in(said: str, project: str, setting: Setting) -> tuple[str, str]:
    found = _DATASET.search(said)
    if found:
        return found[1], found[2]
    owner, _, name = (setting.dataset or "DATASET").rpartition(".")
    return owner or project, name


def _making(said: str, project: str, setting: Setting) -> str | None:
    if re.search(r"not found: (dataset|table)", said, re.I):
        owner, name = _dataset_in(said, project, setting)
        command = making_dataset(name, owner, setting.location)
        return f"if the dataset is gone, run again, which makes it, or: {command}"
    bucket = setting.bucket or _first(_BUCKET, said)
    if re.search(r"bucket does not exist|not found: URI", said, re.I) and bucket:
        command = making_bucket(bucket, setting.project, setting.location)
        return f"{command}; or factory doctor --fix, with the same --target"
    return None


def _in_two_locations(doing: str, source: str, there: str, setting: Setting) -> Permanent:
    bucket = f"the bucket gs://{setting.bucket}" if setting.bucket else "the bucket"
    dataset = f"the dataset {setting.dataset}" if setting.dataset else "the dataset"
    return Permanent(
        f"cannot {doing}: {bucket} is in {source} and {dataset} in {there}, "
        "and BigQuery does not load from one to the other",
        hint=f"make another bucket and name it under `bucket`: "
        f"{making_bucket('NEW_NAME', setting.project, there)}; or set `location: {source}` in "
        "the target of factory.yaml and use another dataset",
    )


def _api_of(said: str) -> str:
    found = _API.search(said)
    return (found["api"] if found else None) or (
        "bigquery.googleapis.com" if found else "storage.googleapis.com"
    )


def _first(pattern: "re.Pattern[str]", text: str) -> str | None:
    found = pattern.search(text)
    return next((group for group in found.groups() if group), None) if found else None


def _retry_after(exc: Any) -> float | None:
    headers: Mapping[str, str] = getattr(exc.response, "headers", None) or {}
    value = headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
