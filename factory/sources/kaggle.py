"""Datasets of Kaggle, by version number. Public ones need no account."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from factory.errors import Permanent
from factory.ports import FetchedFile, FetchRequest, SourceNotes, SourceVersion
from factory.sources.choosing import choose, local_name, safe_name, true_name
from factory.sources.downloads import Order, download
from factory.sources.kaggle_api import KaggleApi
from factory.sources.meter import Meter
from factory.sources.reach import EVERYWHERE, PUBLIC
from factory.sources.transport import Transport

if TYPE_CHECKING:
    from kagglesdk.datasets.types.dataset_api_service import ApiDataset

_PAGE = "https://www.kaggle.com/datasets"


class KaggleSource:
    """The dataset `owner/slug`: its newest version, or the pinned one.

    A version of Kaggle never changes, so an id is its number. `credentials_env` is where the
    official variables are looked up; `api_endpoint` None is Kaggle's own.
    """

    def __init__(
        self,
        reference: str,
        pinned: str | None,
        api_endpoint: str | None,
        credentials_env: Mapping[str, str],
        *,
        transport: Transport | None = None,
    ) -> None:
        if not all(part.strip() for part in reference.split("/")) or reference.count("/") != 1:
            raise Permanent(
                f'"{reference}" is not a Kaggle dataset',
                hint="write owner/name, as in the address of its page",
            )
        if pinned is not None and not pinned.isdecimal():
            raise Permanent(f'Kaggle numbers its versions; "{pinned}" is not a whole number')
        self._reference = reference
        self._pinned = int(pinned) if pinned is not None else None
        self._transport = transport or Transport(reach=EVERYWHERE if api_endpoint else PUBLIC)
        self._api = KaggleApi(reference, api_endpoint, credentials_env, self._transport)

    def version(self) -> SourceVersion:
        dataset = self._api.dataset()
        current = dataset.current_version_number
        published = {v.version_number: v.creation_date for v in dataset.versions}
        if not (current or published):
            raise Permanent(f"the Kaggle dataset {self._reference} has no published version")
        newest = current or max(published)
        number = self._pinned or newest
        if number not in (published or range(1, newest + 1)):
            raise self._no_version(number, sorted(published) or [1, newest])
        when = dataset.last_updated if number == newest else published.get(number)
        return self._describe(dataset, number, when)

    def fetch(self, version: SourceVersion, request: FetchRequest) -> Sequence[FetchedFile]:
        number = int(version.id)
        listed = {str(file.name): file.total_bytes for file in self._api.files(number)}
        chosen = choose(listed, request.patterns, f"{self._reference} {version.label}")
        meter = Meter(request.max_bytes, request.progress)
        meter.admit(f"{self._reference} {version.label}", sum(listed[name] for name in chosen))
        return [self._bring(name, number, request.into, meter) for name in chosen]

    def listing(self, version: SourceVersion) -> Mapping[str, int]:
        """The names of the version's files and their sizes in bytes, as the page shows them."""
        return {str(file.name): int(file.total_bytes) for file in self._api.files(int(version.id))}

    def notes(self) -> SourceNotes:
        """What the publisher says of the dataset and of its columns."""
        said = self._api.metadata()
        columns = {
            (str(file.name), str(column.name)): str(column.description)
            for file in said.data or ()
            for column in file.columns or ()
            if column.description
        }
        return SourceNotes(said.title or None, said.subtitle or None, columns)

    def _bring(self, name: str, number: int, into: Path, meter: Meter) -> FetchedFile:
        """One file. A big one arrives as a zip of itself, and is called what it is."""
        identity = f"kaggle:{self._reference}@{number}/{name}"
        order = Order(
            name=name,
            what="Kaggle's object store",
            identity=identity,
            address=lambda: self._api.signed_address(number, name),
            refused=lambda status: Permanent(
                f"Kaggle's object store keeps refusing {name} of {self._reference} ({status})",
                hint=f"see whether it downloads by hand: {_PAGE}/{self._reference}",
            ),
            renewable=True,
        )
        target = into / local_name(identity, name)
        arrived = download(order, target, self._transport, meter)
        called = safe_name(true_name(name, arrived.path))
        return FetchedFile(called, arrived.path, arrived.size, arrived.sha256)

    def _describe(self, dataset: "ApiDataset", number: int, when: datetime | None) -> SourceVersion:
        return SourceVersion(
            id=str(number),
            label=f"version {number}",
            published=when.replace(tzinfo=when.tzinfo or UTC) if when else None,
            licence=dataset.license_name or None,
            page=f"{_PAGE}/{self._reference}/versions/{number}",
        )

    def _no_version(self, number: int, numbers: Sequence[int]) -> Permanent:
        return Permanent(
            f"the Kaggle dataset {self._reference} has no version {number}",
            hint=f"it has versions {numbers[0]} to {numbers[-1]}; leave version out for the newest",
        )
