"""The last good text of every spec, kept in `.factory/specs/` in case the next save is broken."""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_HALF = ".half"  # of a file that a process, maybe another one, is writing
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Texts by file name, relative to the project. A folder that cannot be written is no error:
    then there is no last good text, and a broken file loses its pipeline."""

    root: str

    def get(self, file: str) -> str | None:
        """The last good text of `file`; None if there is none."""
        try:
            return self._path(file).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None

    def keep(self, texts: Mapping[str, str]) -> None:
        """Note these texts as good."""
        for file, text in texts.items():
            if self.get(file) != text:
                self._write(file, text)

    def forget_all_but(self, files: Iterable[str]) -> None:
        """A deleted spec must not come back when its name is used again."""
        home, kept = self._home, {self._path(file) for file in files}
        for path in list(home.rglob("*")) if home.is_dir() else []:
            if path.is_file() and path not in kept and path.suffix != _HALF:
                path.unlink(missing_ok=True)

    @property
    def _home(self) -> Path:
        return Path(self.root, ".factory", "specs")

    def _path(self, file: str) -> Path:
        path = (self._home / file).resolve()
        if not path.is_relative_to(self._home.resolve()):
            raise ValueError(f"{file} lies outside the project")
        return path

    def _write(self, file: str, text: str) -> None:
        try:
            path = self._path(file)
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_name(f"{path.name}.{os.getpid()}{_HALF}")
            half.write_text(text, encoding="utf-8")
            half.replace(path)
        except (OSError, ValueError) as exc:
            _log.warning("cannot keep the last good text of %s: %s", file, exc)
