"""Where a source may connect to: decided on the address that is really connected to.

A name is looked up once, here, and the connection goes to an address that was judged, so that a
name server which answers differently the next time gains nothing. Redirects come by here again.
"""

import socket
from dataclasses import dataclass

from factory.errors import Refused
from factory.spec.networks import NOTHING, Allowed, kind_of, literal_of

MOST_REDIRECTS = 10


class OutOfReach(Refused):
    """An address that sources may not ask, as `http.allow_private` stands."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The public internet and what is `allowed` beside it. `anywhere`: no address is judged,
    for services whose endpoint the project names."""

    allowed: Allowed = NOTHING
    anywhere: bool = False

    def addresses(self, host: str, port: int | None) -> list[str]:
        """The addresses of `host` that may be connected to, in the resolver's order.

        Raises OutOfReach if it has none of that kind, socket.gaierror if it has none at all.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        every = dict.fromkeys(str(entry[4][0]) for entry in found)
        permitted = [address for address in every if self._permits(host, address)]
        if not permitted:
            raise refusal(host, next(iter(every)))
        return permitted

    def judge_unresolved(self, host: str) -> None:
        """What can be told where a proxy looks the name up. Raises OutOfReach."""
        address = literal_of(host)
        if address is not None and not self._permits(host, address):
            raise refusal(host, address)

    def _permits(self, host: str, address: str) -> bool:
        return self.anywhere or self.allowed.permits(host, address)


PUBLIC = Reach()
EVERYWHERE = Reach(anywhere=True)


def refusal(host: str, address: str) -> OutOfReach:
    """Why `address`, found for `host`, is not asked, and how to allow it."""
    named = host if host == address else f"{host} ({address})"
    return OutOfReach(
        f"{named} is {kind_of(address)}, and sources ask only the public internet",
        hint=f"where it is meant, factory.yaml allows it: http: {{allow_private: [{address}]}}",
    )
