"""What a person sees of a project in Dagster's UI, read from the pages in a browser.

Lists are virtual there: only the rows in sight exist, so they are scrolled through.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

SPECS = "/assets/pipeline_specs"
_JOB = re.compile(r"^p\d{4,}$", re.M)
_FAILED = re.compile(r"^(pipelines_\w+)\n\1\nFailed$", re.M)  # of a row, with its hidden tip
_STEP = 600  # pixels; fewer than a page, so that no row is passed over
_LONGEST = 60_000  # milliseconds


@dataclass(frozen=True)
class Shown:
    """`summary` is what the asset of the specs says of them; `jobs` are the names that the list of
    jobs has; `messages` the text beside each failed check, by its name."""

    summary: dict[str, int]
    jobs: set[str]
    messages: dict[str, str]

    def __str__(self) -> str:
        told = ", ".join(f"{number:,} {name}" for name, number in self.summary.items())
        carets = sum("^^^" in message for message in self.messages.values())
        return (
            f"pipeline_specs says {told}; the list of jobs has {len(self.jobs):,} names; "
            f"{len(self.messages)} failed checks, {carets} with the line and the caret in sight"
        )


def read_pages(page: Page, pictures: Path | None = None) -> Shown:
    """Opens the three pages, one after the other; a picture of each goes to `pictures`."""
    page.set_default_timeout(_LONGEST)
    expect.set_options(timeout=_LONGEST)
    summary = _summary(page)
    _picture(page, pictures, "specs")
    messages = dict(_failed_checks(page))
    _picture(page, pictures, "checks")
    jobs = _jobs(page)
    _picture(page, pictures, "jobs")
    return Shown(summary, jobs, messages)


def _summary(page: Page) -> dict[str, int]:
    page.goto(f"{SPECS}?view=overview")
    found = {}
    for name in ("pipelines", "broken files"):
        row = page.get_by_role("row").filter(has=page.get_by_text(name, exact=True))
        found[name] = int(row.first.locator("td").last.inner_text())
    return found


def _failed_checks(page: Page) -> Iterator[tuple[str, str]]:
    """Each check that is red in the list, and what the page says when it is clicked."""
    page.goto(f"{SPECS}?view=checks")
    page.get_by_text("Failed", exact=True).first.wait_for()
    for name in _FAILED.findall(page.inner_text("body")):
        page.get_by_text(name, exact=True).first.click()
        file = page.get_by_text(re.compile(r"^pipelines/.*error\["))
        expect(file).to_contain_text(f"{name.split('_')[2]}.yaml")
        yield name, file.inner_text()


def _jobs(page: Page) -> set[str]:
    """The names in the list, from its top to its end."""
    page.goto("/jobs")
    page.get_by_text(_JOB).first.wait_for()
    page.mouse.move(700, 600)
    found: set[str] = set()
    without = 0
    while without < 5:  # the end is where scrolling brings nothing new
        before = len(found)
        found |= set(_JOB.findall(page.inner_text("body")))
        without = without + 1 if len(found) == before else 0
        page.mouse.wheel(0, _STEP)
        page.wait_for_timeout(200)
    return found


def _picture(page: Page, folder: Path | None, name: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")
