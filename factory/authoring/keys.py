"""The checks that a new file begins with: what is likely to hold tomorrow, too."""

import re
from collections.abc import Iterator, Sequence

from factory.authoring.profile import Profile
from factory.authoring.yaml_text import comment, inline

_ID = re.compile(r"(^|_)(id|uuid|guid|key|pk|code|sku|isbn|iata|icao|iso\d?)$|^(id|uuid)_")
_KEY_TYPES = {"STRING", "INT64"}
_MOST_NAMED = 12  # columns in a suggestion


def check_lines(profiles: Sequence[Profile], rows: int | None) -> Iterator[str]:
    """The lines below `checks:`, without indentation."""
    least = 1 if rows is None or rows else 0
    remark = "add max_change: 20% to refuse a load that suddenly has fewer rows"
    yield f"- row_count: {inline({'min': least})}  {comment(remark)}"
    keys = sorted((p for p in profiles if _is_key(p)), key=_likeliness)
    if keys:
        named = _ID.search(keys[0].column.name) is not None
        check = f"- unique: {inline([keys[0].column.name])}"
        remark = "a likely key: no value occurs twice" + ("" if named else ", so far")
        yield f"{check}  {comment(remark)}" if named else comment(f"{check}   {remark}")
    complete = [p.column.name for p in profiles if p.complete]
    if complete:
        shown = inline(complete[:_MOST_NAMED])
        yield f"# - not_null: {shown}"
        yield comment(
            f"  (each of the {rows:,} rows has a value there; say so where it must stay so)"
        )


def _is_key(profile: Profile) -> bool:
    return profile.unique and profile.complete and profile.type in _KEY_TYPES


def _likeliness(profile: Profile) -> tuple[bool, bool]:
    """Smaller is likelier; of equals the first column is."""
    name = profile.column.name
    return (name not in {"id", "uuid"}, _ID.search(name) is None)
