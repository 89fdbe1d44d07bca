"""What counts as the public internet, and what a project may allow beside it."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.spec.networks import METADATA, RESERVED, allowed, fault_of, kind_of, literal_of

V4 = st.ip_addresses(v=4).map(str)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "a loopback address"),
        ("127.255.255.254", "a loopback address"),
        ("::1", "a loopback address"),
        ("0.0.0.0", "an unspecified address"),
        ("::", "an unspecified address"),
        ("10.0.0.1", "a private address"),
        ("172.31.255.255", "a private address"),
        ("192.168.1.1", "a private address"),
        ("fd12:3456::1", "a private address"),
        ("fec0::1", "a private address"),
        ("169.254.0.1", "a link-local address"),
        ("fe80::1%eth0", "a link-local address"),
        ("169.254.169.254", METADATA),
        ("100.100.100.200", METADATA),
        ("168.63.129.16", METADATA),
        ("fd00:ec2::254", METADATA),
        ("100.64.0.1", "an address inside a carrier's network"),
        ("224.0.0.1", "a multicast address"),
        ("ff02::1", "a multicast address"),
        ("255.255.255.255", RESERVED),
        ("192.0.2.1", RESERVED),
        ("2001:db8::1", RESERVED),
        ("2001::1", RESERVED),  # Teredo
        ("::7f00:1", RESERVED),  # IPv4-compatible
        ("4000::1", RESERVED),
        ("not an address", RESERVED),
    ],
)
def test_what_is_not_public_has_a_name(address: str, kind: str) -> None:
    assert kind_of(address) == kind


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"])
def test_the_public_internet_is_open(address: str) -> None:
    assert kind_of(address) is None


@given(V4)
def test_an_ipv4_address_is_the_same_in_every_ipv6_dress(address: str) -> None:
    number = int(IPv4Address(address))
    dresses = (
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address((0x64FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | number << 80 | 1),
    )
    assert {kind_of(str(dress)) for dress in dresses} == {kind_of(address)}


@given(V4, st.text(alphabet="abc.", min_size=1, max_size=8))
def test_with_nothing_allowed_exactly_the_public_is_permitted(address: str, host: str) -> None:
    assert allowed([]).permits(host, address) == (kind_of(address) is None)


def test_a_network_an_address_and_a_name_may_be_allowed() -> None:
    some = allowed(["10.1.0.0/16", "192.168.0.7", "Files.Example.Internal", "fd00::/8"])
    assert some.permits("x", "10.1.2.3")
    assert some.permits("x", "::ffff:10.1.2.3")
    assert some.permits("x", "192.168.0.7")
    assert some.permits("x", "fd00::5")
    assert some.permits("files.example.internal.", "10.9.9.9")
    assert not some.permits("x", "10.2.0.1")
    assert not some.permits("x", "192.168.0.8")
    assert not some.permits("evil.files.example.internal", "10.9.9.9")


def test_a_metadata_service_is_allowed_only_by_its_own_address() -> None:
    wide = allowed(["0.0.0.0/0", "169.254.0.0/16", "metadata.google.internal"])
    assert not wide.permits("metadata.google.internal", "169.254.169.254")
    assert not wide.permits("x", "::ffff:169.254.169.254")
    assert wide.permits("x", "169.254.1.1")
    assert allowed(["169.254.169.254"]).permits("x", "169.254.169.254")


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "10.1.2.3/8", "nas local", "", "10.0.0", "a..b"])
def test_an_entry_that_is_nothing_allows_nothing(entry: str) -> None:
    assert fault_of(entry) is not None
    assert allowed([entry]) == allowed([])


@given(st.text(max_size=20), V4)
def test_no_entry_opens_more_than_it_says(entry: str, address: str) -> None:
    if allowed([entry]).networks == ():
        assert allowed([entry]).permits("h.example", address) == (
            kind_of(address) is None or entry.strip().lower().rstrip(".") == "h.example"
        )


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("a.LOCALHOST.", "127.0.0.1"), ("[::1]", "::1"), ("x.org", None)],
)
def test_some_hosts_need_no_name_server(host: str, address: str | None) -> None:
    assert literal_of(host) == address
