"""bad-network, private-address: what http sources may reach, as far as the files alone tell."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from factory.spec.document import Candidate, Document
from factory.spec.networks import Allowed, fault_of, kind_of, literal_of, network_around
from factory.spec.nodes import ScalarNode, text_at, texts_at
from factory.spec.problems import Problem


def entries(document: Document) -> Iterator[Problem]:
    """Each entry of `http.allow_private` is a network, an address or a name."""
    if document.schema != "factory":
        return
    for node in texts_at(document.tree, "http", "allow_private"):
        fault = fault_of(str(node.value)) if "${" not in str(node.value) else None
        if fault is not None:
            message = f'sources cannot be allowed to reach "{node.value}"'
            near = network_around(str(node.value))
            help_text = f"write {near}" if near else "for example 10.0.0.0/8"
            yield Problem("bad-network", message, node.mark, fault, help=help_text)


def addresses(candidates: Sequence[Candidate], allowed: Allowed) -> Iterator[Problem]:
    """No source is at a literal address that is not allowed. Names are looked up by a run."""
    for candidate in candidates:
        document = candidate.document
        node = text_at(document.tree, "source", "http") if document is not None else None
        if node is not None:
            yield from _address(node, str(node.value), allowed)


def _address(node: ScalarNode, text: str, allowed: Allowed) -> Iterator[Problem]:
    host = _host(text)
    address = literal_of(host)
    if address is None or allowed.permits(host, address):
        return
    start = text.find(host)
    message = f"{host} is {kind_of(address)}, and sources ask only the public internet"
    mark = node.part(start, start + len(host)) if start >= 0 else node.mark
    note = f"factory.yaml allows it, where it is meant: http: {{allow_private: [{host}]}}"
    yield Problem("private-address", message, mark, notes=(note,))


def _host(text: str) -> str:
    """The host of an address; empty where a variable is a part of it, or it is no address."""
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return ""
    return "" if "$" in host else host
