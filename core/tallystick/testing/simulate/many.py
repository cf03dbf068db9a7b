"""Many seeds in as many processes as there are processors, until one does not hold."""

from __future__ import annotations

import multiprocessing
import os
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tallystick.testing.simulate.play import Played, simulate

CHUNK = 8


def play_many(first: int, seeds: int) -> Played | None:
    """Play `seeds` schedules from `first` on; the first that does not hold, None when all do."""
    console, began, events, done = Console(), perf_counter(), 0, 0
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    with (
        multiprocessing.Pool(os.cpu_count()) as processes,
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
    ):
        task = progress.add_task("schedules", total=seeds, rate="")
        for one in processes.imap(simulate, range(first, first + seeds), chunksize=CHUNK):
            if one.broken:
                processes.terminate()
                return one
            events, done = events + one.events, done + 1
            rate = f"{done / (perf_counter() - began):.0f} schedules/s"
            progress.update(task, completed=done, rate=rate)
    seconds = perf_counter() - began
    console.print(
        f"{seeds:,} schedules, {events:,} events in {seconds:.0f} s: no double charge, no double "
        "invoice, no lost payment; everything settled or waits with a reason"
    )
    return None
