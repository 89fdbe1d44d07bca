"""Which network addresses lead elsewhere than to the public internet, and which a project allows.

The ranges are IANA's special-purpose registries. An IPv6 form that carries an IPv4 address
(mapped, NAT64, 6to4) counts as what it carries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_KINDS = {
    "the metadata service of a cloud": (
        "169.254.169.254 169.254.170.2 169.254.170.23 100.100.100.200 168.63.129.16 192.0.0.192 "
        "fd00:ec2::254 fd00:ec2::23 fd20:ce::254"
    ),
    "an unspecified address": "0.0.0.0/8 ::/128",
    "a loopback address": "127.0.0.0/8 ::1/128",
    "a link-local address": "169.254.0.0/16 fe80::/10",
    "a private address": (
        "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10 64:ff9b:1::/48"
    ),
    "an address inside a carrier's network": "100.64.0.0/10",
    "a multicast address": "224.0.0.0/4 ff00::/8",
    "a reserved address": (
        "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 "
        "240.0.0.0/4 2001::/23 2001:db8::/32 3fff::/20"
    ),
}
METADATA, *_, RESERVED = _KINDS
_CARRIERS = (  # networks whose addresses hold an IPv4 address, and by how many bits from the end
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
)
_GLOBAL = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What `allow_private` lists: networks, addresses among them, and names in lower case."""

    networks: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    def permits(self, host: str, address: str) -> bool:
        """Whether `address`, found for `host`, may be reached: it is public, or allowed.

        A metadata service is allowed only by its own address.
        """
        found = _parsed(address)
        kind = kind_of(address)
        if kind is None or found is None:
            return kind is None
        if kind == METADATA:
            return any(str(carried(found)) == network for network in self.networks)
        if bare(host) in self.names:
            return True
        nets = [ip_network(network) for network in self.networks]
        return any(one in net for net in nets for one in {found, carried(found)})


NOTHING = Allowed()


def allowed(entries: Iterable[str]) -> Allowed:
    """The entries of `allow_private`. One that is nothing allows nothing."""
    kept = [entry.strip() for entry in entries if fault_of(entry) is None]
    networks = tuple(entry for entry in kept if _network(entry))
    return Allowed(networks, frozenset(bare(e) for e in kept if e not in networks))


def fault_of(entry: str) -> str | None:
    """Why `entry` is neither a network, nor an address, nor a host's name; None if it is one."""
    text = entry.strip()
    if _network(text):
        return None
    if network_around(text):
        return "an address inside of a network"
    labels = bare(text).split(".")
    plain = all(part and part.replace("-", "").isalnum() and part.isascii() for part in labels)
    return None if plain and not labels[-1].isdigit() else "no network, address or host name"


def network_around(entry: str) -> str | None:
    """The network that an entry such as 10.1.2.3/8 may mean; None if it means none."""
    text = entry.strip()
    return str(ip_network(text, strict=False)) if _network(text, strict=False) else None


def kind_of(address: str) -> str | None:
    """What the address is, if the public internet does not lead to it; None if it does.

    Text that is no address at all counts as a reserved one.
    """
    found = _parsed(address)
    if found is None:
        return RESERVED
    inner = carried(found)
    for kind, networks in _kinds():
        if any(inner in network for network in networks):
            return kind
    return RESERVED if isinstance(inner, IPv6Address) and inner not in _GLOBAL else None


def literal_of(host: str) -> str | None:
    """The address that a host of a URL stands for without asking anybody; None if it is a name."""
    name = bare(host)
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    return name if _parsed(name) is not None else None


def bare(host: str) -> str:
    """A host's name or address in lower case, without brackets and the dot at the end."""
    return host.strip().strip("[]").rstrip(".").lower()


def carried(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that stands for it; else the address itself."""
    for network, shift in _CARRIERS:
        if address in network:
            return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address


@cache
def _kinds() -> tuple[tuple[str, tuple[IPv4Network | IPv6Network, ...]], ...]:
    return tuple(
        (kind, tuple(ip_network(network) for network in networks.split()))
        for kind, networks in _KINDS.items()
    )


def _parsed(text: str) -> Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _network(text: str, *, strict: bool = True) -> bool:
    try:
        ip_network(text, strict=strict)
    except ValueError:
        return False
    return True
