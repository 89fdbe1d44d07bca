"""What a person sees in Dagster's UI, in a real browser. Screenshots are in pytest's tmp folder."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from factory.orchestration.running import run_pipeline
from factory.spec.project import load_project
from tests.e2e.dagster_dev import PEOPLE, Dev, dagster_dev, make_project

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
NIGHTLY = PEOPLE.replace("* * * * *", "0 2 * * *")
SHAPE = """{
  assetNodes { assetKey { path } groupName opVersion kinds dependencyKeys { path } }
  repositoryOrError(repositorySelector: {
    repositoryName: "__repository__", repositoryLocationName: "factory"
  }) { ... on Repository { jobs { name } sensors { name } schedules { name } } }
}"""

pytestmark = pytest.mark.timeout(280)


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """One good pipeline that has run once by `factory run`, and one broken file."""
    root = make_project(tmp_path_factory.mktemp("ui") / "project")
    (root / "pipelines/people.yaml").write_text(NIGHTLY)
    (root / "pipelines/vaccines.yaml").write_text("source: {kagle: a/b}\nbucket: b-b-b\n")
    project = load_project(root, os.environ)
    target = project.factory.target(None)
    assert target is not None
    assert run_pipeline(project, target, "people").success
    with dagster_dev(root) as dev:
        yield dev


@pytest.fixture(scope="module")
def browser_page(dev: Dev) -> Iterator[Page]:
    chromium = shutil.which("chromium")
    assert chromium, "no chromium here: python -m tests.e2e.install brings it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        page = browser.new_page(viewport={"width": 1500, "height": 950}, base_url=dev.url)
        page.set_default_timeout(30_000)
        expect.set_options(timeout=30_000)
        yield page
        browser.close()


@pytest.fixture
def page(browser_page: Page, tmp_path: Path) -> Iterator[Page]:
    yield browser_page
    browser_page.screenshot(path=tmp_path / "screen.png")


def test_the_lineage_runs_from_the_source_to_the_table(page: Page) -> None:
    page.goto("/assets/registry/people?view=lineage&lineageScope=neighbors&lineageDepth=5")
    for node in ("people.csv", "File", "Parquet", "DuckDB"):
        expect(page.get_by_text(node, exact=True).first).to_be_visible()


def test_the_table_shows_its_columns_and_its_place_in_the_yaml(page: Page) -> None:
    page.goto("/assets/registry/people?view=overview")
    for text in ("Age in years", "INT64", "non-nullable", "registry.people"):
        expect(page.get_by_text(text, exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name="pipelines/people.yaml:4")).to_be_visible()
    expect(page.get_by_text("Row count").first).to_be_visible()


def test_the_checks_of_the_spec_are_asset_checks(page: Page) -> None:
    page.goto("/assets/registry/people?view=checks")
    for name in ("not_null_age", "range_age"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.get_by_text("Passed", exact=True)).to_be_visible()


def test_a_broken_file_is_red_and_its_message_is_there_at_once(page: Page, dev: Dev) -> None:
    dev.wait_for(lambda: told_of_broken_files(dev), 90, "report of the sensor")
    page.goto("/assets/pipeline_specs?view=checks")
    expect(page.get_by_text("Failed", exact=True).first).to_be_visible()
    expect(page.get_by_text('^^^^^ did you mean "kaggle"?').first).to_be_visible()


def test_a_run_of_the_cli_is_in_the_history_and_can_be_run_again(page: Page, dev: Dev) -> None:
    runs = dev.ask("{ runsOrError { ... on Runs { results { id } } } }")["runsOrError"]["results"]
    page.goto(f"/runs/{runs[-1]['id']}")
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Re-execute all")).to_be_enabled()


def test_editing_the_schedule_changes_the_schedule_and_nothing_else(page: Page, dev: Dev) -> None:
    page.goto("/automation")
    expect(page.get_by_text("Scheduled At 02:00 AM UTC")).to_be_visible()
    before = dev.ask(SHAPE)
    (dev.root / "pipelines/people.yaml").write_text(NIGHTLY.replace("0 2 * * *", "30 5 * * *"))
    page.goto("/asset-groups")
    page.get_by_role("button", name="Reload definitions").click()
    expect(page.get_by_text("Definitions reloaded")).to_be_visible()
    page.goto("/automation")
    expect(page.get_by_text("Scheduled At 05:30 AM UTC")).to_be_visible()
    assert dev.ask(SHAPE) == before


def told_of_broken_files(dev: Dev) -> bool:
    answer = dev.ask(
        '{ assetNodeOrError(assetKey: {path: ["pipeline_specs"]}) { ... on AssetNode {'
        " assetChecksOrError { ... on AssetChecks {"
        " checks { executionForLatestMaterialization { status } } } } } } }"
    )
    checks = answer["assetNodeOrError"]["assetChecksOrError"]["checks"]
    return any(check["executionForLatestMaterialization"] for check in checks)
