"""The order in which Kaggle credentials are looked for is the official client's."""

import json
from pathlib import Path

import pytest
import requests

from factory.errors import Permanent
from factory.sources.kaggle_credentials import Credential, find_credential

TOKEN = "a-token-of-some-length"
KEY = "0123456789abcdef0123"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def look(home: Path, **env: str) -> Credential | None:
    return find_credential({"HOME": str(home), **env})


def api_key(user: str = "ana") -> str:
    return json.dumps({"username": user, "key": KEY})


def test_nothing_means_anonymous(home: Path) -> None:
    assert look(home) is None
    assert look(home, KAGGLE_API_TOKEN="", KAGGLE_USERNAME="ana", KAGGLE_KEY="") is None


def test_each_place_beats_those_after_it(home: Path) -> None:
    places: list[tuple[str, Credential | None]] = [("none", look(home))]
    write(home / ".config" / "kaggle" / "kaggle.json", api_key())
    places.append(("xdg", look(home)))
    (home / ".kaggle").mkdir()
    places.append(("an empty ~/.kaggle hides XDG", look(home)))
    write(home / ".kaggle" / "kaggle.json", api_key())
    places.append(("~/.kaggle", look(home)))
    write(home / "elsewhere" / "kaggle.json", api_key())
    env = {"KAGGLE_CONFIG_DIR": str(home / "elsewhere")}
    places.append(("config dir", look(home, **env)))
    env |= {"KAGGLE_USERNAME": "ana", "KAGGLE_KEY": KEY}
    places.append(("key", look(home, **env)))
    write(home / ".kaggle" / "access_token.txt", f"{TOKEN}\n")
    places.append(("token file .txt", look(home, **env)))
    write(home / ".kaggle" / "access_token", f"{TOKEN}\n")
    places.append(("token file", look(home, **env)))
    env |= {"KAGGLE_API_TOKEN": TOKEN}
    places.append(("token", look(home, **env)))
    assert [(name, found.origin if found else None) for name, found in places] == [
        ("none", None),
        ("xdg", str(home / ".config/kaggle/kaggle.json")),
        ("an empty ~/.kaggle hides XDG", None),
        ("~/.kaggle", str(home / ".kaggle/kaggle.json")),
        ("config dir", str(home / "elsewhere/kaggle.json")),
        ("key", "KAGGLE_USERNAME and KAGGLE_KEY"),
        ("token file .txt", str(home / ".kaggle/access_token.txt")),
        ("token file", str(home / ".kaggle/access_token")),
        ("token", "KAGGLE_API_TOKEN"),
    ]


def test_the_token_variable_may_name_a_file(home: Path) -> None:
    file = write(home / "token", f" {TOKEN}\n")
    assert look(home, KAGGLE_API_TOKEN=str(file)) == Credential(
        f"the file {file}, named by KAGGLE_API_TOKEN", token=TOKEN
    )


def test_a_token_longer_than_any_file_name_is_a_token(home: Path) -> None:
    found = look(home, KAGGLE_API_TOKEN="x" * 5000)
    assert found is not None
    assert found.token == "x" * 5000


def test_an_empty_token_file_is_passed_over(home: Path) -> None:
    write(home / ".kaggle" / "access_token", "\n")
    write(home / ".kaggle" / "kaggle.json", api_key())
    found = look(home)
    assert found is not None
    assert (found.username, found.key) == ("ana", KEY)


def test_variables_go_before_the_file_one_by_one(home: Path) -> None:
    write(home / ".kaggle" / "kaggle.json", api_key("ana"))
    found = look(home, KAGGLE_USERNAME="bob")
    assert found is not None
    assert (found.username, found.key) == ("bob", KEY)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", '{"username": "ana"}'])
def test_a_spoiled_file_is_named(home: Path, text: str) -> None:
    file = write(home / ".kaggle" / "kaggle.json", text)
    with pytest.raises(Permanent, match="needs the keys username and key") as caught:
        look(home)
    assert str(file) in caught.value.message


def test_a_file_of_other_bytes_is_named(home: Path) -> None:
    file = home / ".kaggle" / "access_token"
    file.parent.mkdir()
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Permanent, match="cannot be read"):
        look(home)


@pytest.mark.parametrize(
    ("credential", "header"),
    [
        (Credential("here", token="abc"), "Bearer abc"),
        (Credential("here", username="ana", key="k"), "Basic YW5hOms="),
    ],
)
def test_requests_are_signed(credential: Credential, header: str) -> None:
    request = requests.Request("GET", "http://127.0.0.1/", auth=credential.auth()).prepare()
    assert request.headers["Authorization"] == header


def test_what_was_found_is_a_secret_from_then_on(home: Path) -> None:
    write(home / ".kaggle" / "kaggle.json", json.dumps({"username": "ana", "key": "secret-of-ana"}))
    look(home)
    assert str(Permanent("it said secret-of-ana")) == "it said ***"


def test_each_says_how_to_be_rid_of_it(home: Path) -> None:
    file = write(home / "token", TOKEN)
    found = [
        look(home, KAGGLE_API_TOKEN=TOKEN),
        look(home, KAGGLE_API_TOKEN=str(file)),
        look(home, KAGGLE_USERNAME="ana", KAGGLE_KEY="0123456789"),
    ]
    assert [one.removal for one in found if one] == [
        "unset KAGGLE_API_TOKEN", "unset KAGGLE_API_TOKEN", "unset KAGGLE_USERNAME KAGGLE_KEY",
    ]  # fmt: skip
    kept = write(home / ".kaggle" / "kaggle.json", '{"username": "ana", "key": "0123456789"}')
    stored = look(home)
    assert stored is not None
    assert stored.removal == f"mv {kept} {kept}.old"
