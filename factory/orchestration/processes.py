"""A name for a process that tells whether it is still there, also when its number is used again."""

import os
import socket
from pathlib import Path


def this_process() -> str:
    """The name of the process that asks."""
    return name_of(os.getpid())


def name_of(pid: int) -> str:
    """`host/boot/pid/start`: the process of that number, on this machine, since its last boot."""
    return f"{socket.gethostname()}/{_boot()}/{pid}/{_start(pid) or '?'}"


def is_gone(name: str) -> bool:
    """Whether the process of that name has ended. False if that cannot be known: it runs on
    another machine, or this system does not say when a process began."""
    host, _, rest = name.partition("/")
    boot, _, numbers = rest.partition("/")
    pid, _, start = numbers.partition("/")
    if host != socket.gethostname() or not pid.isdigit() or start in {"", "?"}:
        return False
    return boot != _boot() or _start(int(pid)) != start


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "?"


def _start(pid: int) -> str | None:
    """When the process began, in ticks since boot; None if it is gone, or dead and not buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *others = fields.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else others[18]
