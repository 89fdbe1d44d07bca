"""Deleting, renaming and breaking a file are three things; what files share breaks nobody."""

from pathlib import Path

import pytest

from factory.orchestration.state import State, judge, look
from tests.orchestration.projects import FACTORY, Folder

SPEC = "source: {file: incoming/people.csv}\nbucket: b-b-b\ntable: d.NAME\nschedule: '0 2 * * *'\n"
BROKEN = "source: [\n"
DEFAULTS = "bucket: shared-bucket\n"
BARE = SPEC.replace("bucket: b-b-b\n", "")


def spec(name: str, **changes: str) -> str:
    text = SPEC.replace("NAME", name)
    for old, new in changes.items():
        text = text.replace(f"{old}:", f"{new}:")
    return text


@pytest.fixture
def two(folder: Folder) -> Folder:
    """Two pipelines that have been good."""
    folder.write("pipelines/covid.yaml", spec("covid"))
    folder.write("pipelines/other.yaml", spec("other"))
    folder.state()
    return folder


def names(state: State) -> list[str]:
    return sorted(spec.name for spec in state.specs)


def broken(state: State) -> dict[str, bool]:
    """The broken files, and whether the last good text of each goes on."""
    return {each.file: each.last_good for each in state.broken}


def snapshots(folder: Folder) -> set[str]:
    home = folder.root / ".factory/specs"
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def test_a_deleted_file_takes_its_pipeline_and_its_last_good_text_along(two: Folder) -> None:
    (two.root / "pipelines/covid.yaml").unlink()
    state = two.state()
    assert (names(state), broken(state)) == (["other"], {})
    assert snapshots(two) == {"factory.yaml", "pipelines/other.yaml"}


def test_a_file_that_is_deleted_while_it_is_broken_is_gone_too(two: Folder) -> None:
    two.write("pipelines/covid.yaml", BROKEN)
    assert names(two.state()) == ["covid", "other"]
    (two.root / "pipelines/covid.yaml").unlink()
    assert (names(two.state()), broken(two.state())) == (["other"], {})
    two.write("pipelines/covid.yaml", BROKEN)
    assert broken(two.state()) == {"pipelines/covid.yaml": False}


def test_a_renamed_file_can_break_under_its_new_name(two: Folder) -> None:
    (two.root / "pipelines/covid.yaml").rename(two.root / "pipelines/corona.yaml")
    assert names(two.state()) == ["corona", "other"]
    two.write("pipelines/corona.yaml", BROKEN)
    state = two.state()
    assert names(state) == ["corona", "other"]
    assert broken(state) == {"pipelines/corona.yaml": True}


def test_a_broken_file_stays_scheduled_through_many_loads(two: Folder) -> None:
    two.write("pipelines/covid.yaml", BROKEN)
    for _ in range(3):
        schedule = two.definitions().resolve_schedule_def("covid")
        assert schedule.cron_schedule == "0 2 * * *"
    assert two.definitions().resolve_job_def("covid").run_tags["pipeline"] == "covid"


def test_a_broken_file_that_was_never_good_is_a_stub(two: Folder) -> None:
    two.write("pipelines/new.yaml", BROKEN)
    state = two.state()
    assert (names(state), broken(state)) == (["covid", "other"], {"pipelines/new.yaml": False})
    assert "Cannot run" in (two.definitions().resolve_job_def("new").description or "")


def test_looking_notes_nothing(two: Folder) -> None:
    before = snapshots(two)
    two.write("pipelines/third.yaml", spec("third"))
    (two.root / "pipelines/covid.yaml").unlink()
    assert names(look(two.root, {})) == ["other", "third"]
    assert snapshots(two) == before


@pytest.mark.parametrize("text", [BROKEN, "bucket: [a]\n", "bukket: b-b-b\n"])
def test_broken_defaults_go_on_as_they_were(folder: Folder, text: str) -> None:
    folder.write("pipelines/g/_defaults.yaml", DEFAULTS)
    folder.write("pipelines/g/covid.yaml", BARE.replace("NAME", "covid"))
    good = folder.state()
    folder.write("pipelines/g/_defaults.yaml", text)
    state = folder.state()
    assert state.specs == good.specs
    assert broken(state) == {"pipelines/g/_defaults.yaml": True}


def test_beside_broken_defaults_a_good_edit_counts(folder: Folder) -> None:
    folder.write("pipelines/g/_defaults.yaml", DEFAULTS)
    folder.write("pipelines/g/covid.yaml", BARE.replace("NAME", "covid"))
    folder.state()
    folder.write("pipelines/g/_defaults.yaml", BROKEN)
    folder.write("pipelines/g/covid.yaml", BARE.replace("NAME", "covid").replace("0 2", "30 6"))
    state = folder.state()
    assert [each.schedule and each.schedule.cron for each in state.specs] == ["30 6 * * *"]
    assert broken(state) == {"pipelines/g/_defaults.yaml": True}


def test_defaults_that_were_never_good_are_named_as_the_reason(folder: Folder) -> None:
    folder.write("pipelines/g/_defaults.yaml", BROKEN)
    folder.write("pipelines/g/covid.yaml", BARE.replace("NAME", "covid"))
    state = folder.state()
    assert broken(state) == {"pipelines/g/_defaults.yaml": False, "pipelines/g/covid.yaml": False}
    assert "_defaults.yaml line " in state.broken[1].headline
    assert "_defaults.yaml:" in state.broken[1].message


def test_defaults_that_are_no_text_go_on_as_they_were(folder: Folder) -> None:
    folder.write("pipelines/g/_defaults.yaml", DEFAULTS)
    folder.write("pipelines/g/covid.yaml", BARE.replace("NAME", "covid"))
    good = folder.state()
    (folder.root / "pipelines/g/_defaults.yaml").write_bytes(b"bucket: \xff")
    state = folder.state()
    assert state.specs == good.specs
    assert broken(state) == {"pipelines/g/_defaults.yaml": True}


def test_a_broken_project_file_does_not_lose_the_folder_that_it_named(folder: Folder) -> None:
    folder.write("factory.yaml", FACTORY + "pipelines: specs\n")
    folder.write("specs/covid.yaml", spec("covid"))
    folder.state()
    folder.write("factory.yaml", FACTORY + "pipelines: specs\ntargets: {\n")
    for _ in range(2):  # the first look must not make the second one forget
        state = folder.state()
        assert names(state) == ["covid"]
        assert broken(state) == {"factory.yaml": True}
    folder.write("specs/covid.yaml", spec("covid").replace("0 2", "30 6"))
    assert [each.schedule and each.schedule.cron for each in folder.state().specs] == ["30 6 * * *"]


def test_who_takes_the_table_of_a_broken_file_waits(two: Folder) -> None:
    """Else a good edit would be lost without a word: both write one table."""
    two.write("pipelines/covid.yaml", BROKEN)
    two.write("pipelines/other.yaml", spec("covid"))
    state = two.state()
    assert names(state) == ["covid", "other"]
    assert broken(state) == {"pipelines/covid.yaml": True, "pipelines/other.yaml": True}
    assert "covid" in state.broken[1].headline


def test_every_file_broken_at_once_goes_on(two: Folder) -> None:
    good = two.state()
    for file in good.texts:
        two.write(file, BROKEN)
    state = two.state()
    assert state.specs == good.specs
    assert broken(state) == dict.fromkeys(good.texts, True)
    assert Path(state.factory.root) == two.root
    assert judge(two.root, {}) == state


def test_a_slip_in_the_name_of_the_folder_deletes_nothing(two: Folder) -> None:
    two.write("factory.yaml", FACTORY + "pipelines: pipelins\n")
    state = two.state()
    assert (names(state), broken(state)) == (["covid", "other"], {"factory.yaml": True})
    assert "there is no folder pipelins" in state.broken[0].headline
    assert "pipelines/covid.yaml" in snapshots(two)
