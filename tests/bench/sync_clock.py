"""One peer of the sync figures in a process of its own: told a phase a line, it says what it took.

Processor time is that of the peer and, where it writes to a PostgreSQL server, of the server. The
vendor's API is a process besides and counts for nobody. The peak is that of the peer, or of the
largest process that it started.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any, Final

SERVER: Final = "TALLYSTICK_BENCH_POSTMASTER"
"""The environment variable that names the process id of the PostgreSQL server."""
_WHOSE: Final = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def answer(peer: Any, place: str) -> None:
    """`elapsed s, processor s, peak MB` on stdout for every phase named on stdin: a method of
    `peer`."""
    print("ready", flush=True)
    for line in sys.stdin:
        work = getattr(peer, line.strip())
        started, used = perf_counter(), _cpu_s(place)
        work()
        elapsed_s, cpu_s = perf_counter() - started, _cpu_s(place) - used
        peak = max(one.ru_maxrss for one in map(resource.getrusage, _WHOSE)) // 1024
        print(f"{elapsed_s:.6f} {cpu_s:.6f} {peak}", flush=True)


def _cpu_s(place: str) -> float:
    """Of this process, those it waited for, and the server behind `place` with all its own."""
    spent = sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, _WHOSE))
    if "://" not in place:
        return spent
    server = os.environ[SERVER]
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    ended = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[13:15]
    return spent + sum(map(int, ended)) / _TICKS + sum(map(_on_cpu_s, (server, *children)))


def _on_cpu_s(pid: str) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        return 0.0
