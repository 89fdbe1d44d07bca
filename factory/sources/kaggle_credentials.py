"""Which Kaggle credential applies, and where it came from. The order is the official client's."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from factory.errors import Permanent
from factory.redact import remember

if TYPE_CHECKING:
    import requests

_TOKEN_FILES = ("access_token", "access_token.txt")


@dataclass(frozen=True, slots=True)
class Credential:
    """A way to sign in. `origin` is a place for people to look at, never the secret."""

    origin: str
    token: str | None = None
    username: str | None = None
    key: str | None = None
    file: Path | None = field(default=None, compare=False)  # None: variables lead to it

    @property
    def removal(self) -> str:
        """What to type so that it is not used any more."""
        if self.file is None:
            return f"unset {' '.join(re.findall(r'KAGGLE_[A-Z_]+', self.origin))}"
        return f"mv {self.file} {self.file}.old"

    def auth(self) -> "requests.auth.AuthBase":
        """What signs a request."""
        from requests.auth import AuthBase, HTTPBasicAuth

        if self.token is None:
            return HTTPBasicAuth(self.username or "", self.key or "")
        bearer = f"Bearer {self.token}"

        class Bearer(AuthBase):
            def __call__(self, r: "requests.PreparedRequest") -> "requests.PreparedRequest":
                r.headers["Authorization"] = bearer
                return r

        return Bearer()


def find_credential(env: Mapping[str, str]) -> Credential | None:
    """The first credential there is; None means anonymous, which is enough for public data.

    Raises Permanent if a credential file is there and cannot be read.
    """
    home = Path(env.get("HOME") or Path.home())
    credential = _token(env, home / ".kaggle") or _api_key(env, home)
    if credential is not None:
        remember(credential.token or credential.key or "")
    return credential


def _token(env: Mapping[str, str], folder: Path) -> Credential | None:
    given = env.get("KAGGLE_API_TOKEN", "").strip()
    if given and not _is_file(given):
        return Credential("KAGGLE_API_TOKEN", token=given)
    files = [Path(given)] if given else [folder / name for name in _TOKEN_FILES]
    for file in files:
        token = _read(file).strip() if file.is_file() else ""
        if token:
            origin = f"the file {file}, named by KAGGLE_API_TOKEN" if given else f"{file}"
            return Credential(origin, token=token, file=None if given else file)
    return None


def _api_key(env: Mapping[str, str], home: Path) -> Credential | None:
    username, key = env.get("KAGGLE_USERNAME", ""), env.get("KAGGLE_KEY", "")
    if username and key:
        return Credential("KAGGLE_USERNAME and KAGGLE_KEY", username=username, key=key)
    file = _config_folder(env, home) / "kaggle.json"
    if not file.is_file():
        return None
    try:
        content = json.loads(_read(file))
        return Credential(
            f"{file}",
            username=username or str(content["username"]),
            key=key or str(content["key"]),
            file=file,
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise Permanent(
            f"{file} is not a Kaggle credential: it needs the keys username and key",
            hint="download it again from Kaggle, or remove it: public data needs none",
        ) from exc


def _config_folder(env: Mapping[str, str], home: Path) -> Path:
    if env.get("KAGGLE_CONFIG_DIR"):
        return Path(env["KAGGLE_CONFIG_DIR"])
    if (home / ".kaggle").exists():
        return home / ".kaggle"
    return Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "kaggle"


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # a token may be longer than any name of a file
        return False


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as exc:
        raise Permanent(
            f"the Kaggle credential {file} cannot be read",
            hint="allow this user to read it, or remove it: public data needs none",
        ) from exc
