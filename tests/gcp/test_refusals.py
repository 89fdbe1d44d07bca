"""What we make of Google's own words: real clients, and a proxy that answers as Google does."""

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from factory.buckets.gcs import GcsBucket
from factory.errors import FactoryError, Permanent, Retryable
from factory.gcp.identity import identity
from factory.ports import FetchRequest
from factory.sources.gcs import GcsSource
from factory.warehouses.bigquery import BigQueryWarehouse
from tests.standins.proxy import Wire
from tests.standins.tokens import PROJECT, TokenServer
from tests.warehouses.rig import Rig

US = f"factory@{PROJECT}.iam.gserviceaccount.com"
SECRET = "0123456789-private-9876543210"
MEMBER = f"serviceAccount:{US}"


def quiet(*_: object) -> None:
    """Nobody watches."""


def caught(act: Callable[[], object]) -> FactoryError:
    with pytest.raises(FactoryError) as raised:
        act()
    return raised.value


# ---- Cloud Storage ---------------------------------------------------------------------------


@pytest.fixture
def bucket(gcs_wire: Wire, gcs_bucket_name: str) -> GcsBucket:
    return GcsBucket(gcs_bucket_name, PROJECT, gcs_wire.url, "US")


def no_access(right: str) -> str:
    return (
        f"{US} does not have {right} access to the Google Cloud Storage object. "
        f"Permission '{right}' denied on resource (or it may not exist)."
    )


def test_a_right_on_a_bucket_comes_with_its_role_our_account_and_the_command(
    bucket: GcsBucket, gcs_wire: Wire, gcs_bucket_name: str
) -> None:
    gcs_wire.deny("POST", "/upload/", 403, "forbidden", no_access("storage.objects.create"))
    error = caught(lambda: bucket.put("raw/a", b"x", quiet))
    assert isinstance(error, Permanent)
    assert f"cannot write gs://{gcs_bucket_name}/raw/a: {US} does not have" in error.message
    assert f"we are {US}, from GOOGLE_APPLICATION_CREDENTIALS (/" in error.message
    assert error.hint == (
        "storage.objects.create is missing: gcloud storage buckets add-iam-policy-binding "
        f"gs://{gcs_bucket_name} --member={MEMBER} --role=roles/storage.objectUser"
    )


def test_a_source_asks_for_no_more_than_reading(
    gcs_wire: Wire, gcs_bucket_name: str, tmp_path: Path
) -> None:
    gcs_wire.deny("GET", "/o", 403, "forbidden", no_access("storage.objects.list"))
    source = GcsSource(f"{gcs_bucket_name}/a.csv", PROJECT, gcs_wire.url)
    assert str(caught(source.version).hint).endswith("--role=roles/storage.objectViewer")


def test_an_object_that_we_may_list_and_not_read(
    gcs_wire: Wire, gcs_bucket_name: str, tmp_path: Path
) -> None:
    GcsBucket(gcs_bucket_name, PROJECT, gcs_wire.url).put("a.csv", b"a\n1\n", quiet)
    source = GcsSource(f"{gcs_bucket_name}/a.csv", PROJECT, gcs_wire.url)
    version = source.version()
    gcs_wire.deny("GET", "/download/", 403, "forbidden", no_access("storage.objects.get"))
    error = caught(lambda: source.fetch(version, FetchRequest((), tmp_path, None, quiet)))
    assert f"as {US}" in error.message
    assert f"--member={MEMBER} --role=roles/storage.objectViewer" in str(error.hint)


def test_a_missing_bucket_is_made_where_the_warehouse_is(gcs_endpoint: str) -> None:
    error = caught(lambda: GcsBucket("nobody", PROJECT, gcs_endpoint, "US").read("a"))
    assert error.message == "the bucket gs://nobody does not exist"
    assert error.hint == (
        f"gcloud storage buckets create gs://nobody --project={PROJECT} --location=US; "
        "or factory doctor --fix, with the same --target"
    )


def test_refused_credentials_are_named_by_their_place(bucket: GcsBucket, gcs_wire: Wire) -> None:
    gcs_wire.deny("GET", "/o", 401, "authError", "Invalid Credentials")
    error = caught(lambda: bucket.read("a"))
    assert isinstance(error, Permanent)
    assert f"Invalid Credentials; we are {US}, from GOOGLE_APPLICATION_CREDENTIALS" in error.message
    assert f"keys create key.json --iam-account={US}" in str(error.hint)


def test_a_closed_billing_account_is_told_with_the_project(
    bucket: GcsBucket, gcs_wire: Wire
) -> None:
    said = "The billing account for the owning project is disabled in state absent"
    gcs_wire.deny("GET", "/o", 403, "accountDisabled", said)
    assert f"gcloud billing projects link {PROJECT}" in str(caught(lambda: bucket.read("a")).hint)


# ---- who we are ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("Invalid JWT Signature.", "gcloud iam service-accounts keys create"),
        (
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
            "timeframe. Check your iat and exp values in the JWT claim.",
            "timedatectl set-ntp true",
        ),
    ],
)
def test_a_refused_key_is_named_with_what_renews_it(
    gcs_endpoint: str, google_credentials: TokenServer, said: str, hint: str
) -> None:
    google_credentials.refuse = said
    try:
        error = caught(lambda: GcsBucket("b", PROJECT, gcs_endpoint).read("a"))
    finally:
        google_credentials.refuse = None
    assert isinstance(error, Permanent)
    assert f"Google refused {US}, from GOOGLE_APPLICATION_CREDENTIALS (/" in error.message
    assert said[:20] in error.message
    assert hint in str(error.hint)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, "<html><title>Error 502 (Server Error)!!1</title>"),
        (504, "<html><head><title>504 Gateway Time-out</title></head>"),
        (502, '{"error": {"code": 502, "message": "Bad Gateway", "status": "UNAVAILABLE"}}'),
        (503, "<html>busy"),
        (200, "<html>Welcome to the hotel"),
    ],
)
def test_a_token_service_that_fails_refuses_nobody(
    gcs_endpoint: str,
    google_credentials: TokenServer,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: str,
) -> None:
    monkeypatch.setattr(google_credentials, "broken", (status, body))
    error = caught(lambda: GcsBucket("b", PROJECT, gcs_endpoint).read("a"))
    assert isinstance(error, Retryable)
    assert "Google's token service did not answer" in error.message


@pytest.mark.parametrize("content", [None, "no JSON", '{"type": "nonsense"}'])
def test_a_file_that_is_no_credential_is_named(
    gcs_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    error = caught(lambda: GcsBucket("b", PROJECT, gcs_endpoint).read("a"))
    assert f"from GOOGLE_APPLICATION_CREDENTIALS ({file}) cannot be used" in error.message
    assert "gcloud auth application-default login" in str(error.hint)
    assert "cannot be used: (" not in error.message  # a sentence, and no tuple of Python's


def test_a_key_file_that_is_broken_shows_nothing_of_its_key(
    gcs_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = f'{{"type": "service_account", "client_email": "{US}", "token_uri": "http://x"'
    for rest in (f', "private_key": "{SECRET}"}}', f', "key": "{SECRET}"}}', f' "{SECRET}'):
        (tmp_path / "key.json").write_text(body + rest)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
        error = caught(lambda: GcsBucket("b", PROJECT, gcs_endpoint).read("a"))
        told = "".join(traceback.format_exception(error))
        assert "cannot be used" in told
        assert SECRET not in told


def test_every_kind_of_credential_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    assert identity().named == "the credentials, from the metadata server"
    login = tmp_path / "application_default_credentials.json"
    login.write_text('{"type": "authorized_user", "refresh_token": "x"}')
    assert (identity().origin, identity().member) == (
        f"gcloud's login ({login})", "user:YOUR_ACCOUNT",
    )  # fmt: skip
    through = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{US}:generate"
    login.write_text(f'{{"service_account_impersonation_url": "{through}"}}')
    assert identity().member == MEMBER


# ---- BigQuery --------------------------------------------------------------------------------


@pytest.fixture
def rig(bigquery_wire: Wire, gcs_endpoint: str, gcs_bucket_name: str, dataset_name: str) -> Rig:
    bucket = GcsBucket(gcs_bucket_name, PROJECT, gcs_endpoint)
    return Rig(BigQueryWarehouse(PROJECT, "EU", bigquery_wire.url), bucket, dataset_name)


def staged(rig: Rig) -> FactoryError:
    return caught(lambda: rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]}))


@pytest.mark.parametrize(
    ("asked", "said", "command"),
    [
        (
            ("POST", "/jobs"),
            f"Access Denied: Project {PROJECT}1: User does not have bigquery.jobs.create "
            f"permission in project {PROJECT}1.",
            f"gcloud projects add-iam-policy-binding {PROJECT} --member={MEMBER} "
            "--role=roles/bigquery.jobUser",
        ),
        (
            ("POST", "/datasets"),
            "Access Denied: Project proj: User does not have bigquery.datasets.create permission "
            "in project proj.",
            f"gcloud projects add-iam-policy-binding {PROJECT} --member={MEMBER} "
            "--role=roles/bigquery.user",
        ),
        (
            ("GET", "/datasets/"),
            "Access Denied: Dataset other:d: Permission bigquery.datasets.get denied on dataset "
            "other:d (or it may not exist).",
            "bq query --use_legacy_sql=false "
            f"'GRANT `roles/bigquery.dataEditor` ON SCHEMA `other`.d TO \"{MEMBER}\"'",
        ),
    ],
)  # fmt: skip
def test_a_right_in_bigquery_comes_with_the_command_that_grants_it(
    rig: Rig, bigquery_wire: Wire, asked: tuple[str, str], said: str, command: str
) -> None:
    bigquery_wire.deny(*asked, 403, "accessDenied", said)
    error = staged(rig)
    assert isinstance(error, Permanent)
    assert f"we are {US}" in error.message
    assert str(error.hint).endswith(f" is missing: {command}")


def test_a_refusal_that_names_no_right_comes_with_the_role_on_the_dataset(
    rig: Rig, bigquery_wire: Wire
) -> None:
    said = (
        "Access Denied: Table proj:d.t: User does not have permission to query table proj:d.t, or "
        "perhaps it does not exist."
    )
    bigquery_wire.deny("POST", "/jobs", 403, "accessDenied", said)
    assert staged(rig).hint == (
        "bq query --use_legacy_sql=false "
        f"'GRANT `roles/bigquery.dataEditor` ON SCHEMA `proj`.d TO \"{MEMBER}\"'"
    )


def test_a_bucket_elsewhere_is_told_with_both_places(
    rig: Rig, bigquery_wire: Wire, gcs_bucket_name: str
) -> None:
    said = "Cannot read and write in different locations: source: US, destination: EU"
    bigquery_wire.deny("POST", "/jobs", 400, "invalid", said)
    error = staged(rig)
    assert isinstance(error, Permanent)
    assert (
        f"the bucket gs://{gcs_bucket_name} is in US and the dataset {PROJECT}.{rig.dataset} in EU"
    ) in error.message
    assert f"buckets create gs://NEW_NAME --project={PROJECT} --location=EU" in str(error.hint)


DAILY = (
    "Quota exceeded: Your table exceeded quota for imports or query appends per table. For more "
    "information, see https://cloud.google.com/bigquery/docs/troubleshoot-quotas"
)
SHORT = "Quota exceeded: Your project exceeded quota for jobs per minute."


@pytest.mark.parametrize(
    ("said", "headers", "kind"),
    [(DAILY, {}, Permanent), (SHORT, {}, Retryable), (DAILY, {"Retry-After": "90"}, Retryable)],
)
def test_a_quota_passes_if_it_is_a_short_one_or_the_service_says_when(
    rig: Rig,
    bigquery_wire: Wire,
    said: str,
    headers: dict[str, str],
    kind: type[FactoryError],
) -> None:
    fault = bigquery_wire.deny("POST", "/jobs", 403, "quotaExceeded", said)
    fault.headers = headers
    error = staged(rig)
    assert type(error) is kind
    assert said[:40] in error.message
    assert fault.broken == 1  # the client does not insist
    if isinstance(error, Retryable):
        assert error.retry_after == (90 if headers else None)
    else:
        assert f"iam-admin/quotas?project={PROJECT}" in str(error.hint)


def test_an_api_that_is_switched_off_is_switched_on_by_a_command(
    rig: Rig, bigquery_wire: Wire
) -> None:
    said = (
        "BigQuery API has not been used in project 1234567 before or it is disabled. Enable it by "
        "visiting https://console.developers.google.com/apis/api/bigquery.googleapis.com then retry"
    )
    bigquery_wire.deny("GET", "/datasets/", 403, "accessNotConfigured", said)
    command = f"gcloud services enable bigquery.googleapis.com --project={PROJECT}"
    assert staged(rig).hint == command


def test_a_dataset_that_vanished_is_made_by_a_command(rig: Rig, bigquery_wire: Wire) -> None:
    said = f"Not found: Dataset {PROJECT}:{rig.dataset}"
    bigquery_wire.deny("POST", "/jobs", 404, "notFound", said)
    error = staged(rig)
    assert isinstance(error, Permanent)
    assert f"bq --location=EU mk --dataset {PROJECT}:{rig.dataset}" in str(error.hint)
