"""Who we are to Google, and from where that comes: told without asking anybody.

Application Default Credentials are looked for where Google's library does, in its order.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
LOGIN = (
    f"run `gcloud auth application-default login`, or set {VARIABLE} "
    "to the path of a service account's key file"
)
CLOCK = "this machine's clock is wrong: timedatectl set-ntp true"
_IMPERSONATED = re.compile(r"serviceAccounts/([^:/]+)")


@dataclass(frozen=True, slots=True)
class Identity:
    """`account` is an e-mail address, None if it is not written where the credentials are;
    `origin` is the place for people to look at, None if nothing is found on this machine."""

    account: str | None
    origin: str | None
    service: bool = False  # the account of a program, with a key file of its own

    @property
    def named(self) -> str:
        """`factory@p.iam.gserviceaccount.com, from GOOGLE_APPLICATION_CREDENTIALS (/a/key.json)`"""
        return f"{self.account or 'the credentials'}, from {self.origin or 'the metadata server'}"

    @property
    def member(self) -> str:
        """How a policy of IAM writes the account; with a word to replace where it is unknown."""
        return member_of(self.account) if self.account else "user:YOUR_ACCOUNT"

    @property
    def renewal(self) -> str:
        """What brings valid credentials of this kind."""
        if self.service and self.account:
            return (
                "make a new key where the old one was deleted: gcloud iam service-accounts keys "
                f"create key.json --iam-account={self.account}; and set {VARIABLE} to its path"
            )
        if self.origin is None:
            return "look at the service account of this machine, or: " + LOGIN
        return LOGIN


def member_of(account: str) -> str:
    """An e-mail address as a policy of IAM writes it."""
    kind = "serviceAccount" if account.endswith(".gserviceaccount.com") else "user"
    return f"{kind}:{account}"


def identity() -> Identity:
    """Who we are by the files and the environment; never an error."""
    named = os.environ.get(VARIABLE)
    if named:
        return _of_file(Path(named), f"{VARIABLE} ({named})")
    login = _login_file()
    if login.is_file():
        return _of_file(login, f"gcloud's login ({login})")
    return Identity(None, None)


def _login_file() -> Path:
    folder = os.environ.get("CLOUDSDK_CONFIG") or Path.home() / ".config" / "gcloud"
    return Path(folder) / "application_default_credentials.json"


def _of_file(path: Path, origin: str) -> Identity:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        through = _IMPERSONATED.search(str(body.get("service_account_impersonation_url", "")))
        account = body.get("client_email") or (through[1] if through else None)
        service = body.get("type") == "service_account"
        return Identity(account or body.get("account") or None, origin, service)
    except (OSError, ValueError, AttributeError):
        return Identity(None, origin)
