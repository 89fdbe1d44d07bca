"""All that the doctor looks at, in order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from factory.doctor.credentials import GOOGLE, credentials, uses_google
from factory.doctor.findings import Finding
from factory.doctor.local_places import local_folders, local_places
from factory.doctor.machine import machine
from factory.doctor.settings import settings
from factory.errors import FactoryError
from factory.plan import Plan
from factory.spec.project import Project


def examine(
    project: Project, plan: Plan, env: Mapping[str, str], *, offline: bool
) -> Iterator[Finding]:
    """The findings, as they come. With `offline` nobody else is asked anything."""
    root, pipelines = Path(project.factory.root), plan.pipelines
    yield from machine(local_folders(plan, root), [each.spec for each in pipelines])
    yield from settings(root, project, env)
    yield from local_places(plan, root)
    if offline:
        return
    signed = list(credentials(pipelines, env))
    yield from signed
    from factory.doctor.services import services

    yield from services(pipelines, project.factory, env)
    if any(found.subject == GOOGLE and found.level == "error" for found in signed):
        return  # it would be told of each place
    if any(uses_google(each) for each in pipelines):
        from factory.doctor.google_places import google_places

        yield from google_places(pipelines)


def repaired(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those that can be repaired after the attempt."""
    for finding in findings:
        if finding.repair is None:
            yield finding
            continue
        try:
            yield replace(finding, level="ok", said=finding.repair(), fix=None, repair=None)
        except FactoryError as error:
            yield replace(finding, level="error", said=error.message, fix=error.hint or finding.fix)
