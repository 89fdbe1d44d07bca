"""Projects of any size, some of their files broken."""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
SPEC = """\
description: Rows of number {n}.
source: {{http: "https://example.org/{n}.csv"}}
bucket: some-bucket
table: d{g}.t{n}
columns:
  - {{name: id, type: INT64, nullable: false, description: The key}}
  - {{name: name, type: STRING}}
  - {{name: day, type: DATE}}
checks:
  - row_count: {{min: 1}}
  - unique: [id]
schedule: "{minute} {hour} 1 1 *"
"""


def write_project(root: Path, count: int, broken: int = 0) -> Path:
    """A project of `count` pipelines in groups of a hundred, `broken` of them with a typo."""
    root.mkdir(parents=True, exist_ok=True)
    for name in ("factory.yaml", "dagster.yaml", "workspace.yaml"):
        shutil.copy(REPOSITORY / name, root / name)
    bad = {number * count // broken for number in range(broken)} if broken else set()
    for number in range(count):
        text = spec(number)
        file = root / f"pipelines/g{number // 100}/p{number:04}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("bucket:", "bukket:") if number in bad else text)
    return root


def spec(number: int, minute: int | None = None) -> str:
    """The text of one pipeline; `minute` is that of its schedule."""
    at = number % 60 if minute is None else minute
    return SPEC.format(n=number, g=number // 100, minute=at, hour=number % 24)
