"""`make sim`: random clients billed for months, every invoice against the oracle.

make sim                         50,000 invoices
make sim SEED=4711 INVOICES=1    the client of one seed again
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import Counter, defaultdict
from time import perf_counter
from traceback import format_exc
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from .billing import Differs, play


class Played(NamedTuple):
    seed: int
    counts: Counter[str]
    difference: str


def played(seed: int) -> Played:
    try:
        return Played(seed, play(seed).counts, "")
    except Differs as differs:
        return Played(seed, Counter(), f"{differs}\n{format_exc()}")


def main(first_seed: int, invoices: int) -> int:
    """Bill clients from `first_seed` on until there are so many invoices; 1 where one differs."""
    console, counts, began = Console(), Counter[str](), perf_counter()
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    with (
        multiprocessing.Pool(os.cpu_count()) as processes,
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
    ):
        task = progress.add_task("invoices", total=invoices, rate="")
        for one in processes.imap(played, range(first_seed, first_seed + invoices)):
            if one.difference:
                progress.stop()
                console.print(one.difference, markup=False, highlight=False)
                console.print(f"Again: make sim SEED={one.seed} INVOICES=1")
                return 1
            counts += one.counts
            rate = counts["invoices: all"] / (perf_counter() - began)
            at = f"seed {one.seed}, {rate:.0f} invoices/s"
            progress.update(task, completed=min(counts["invoices: all"], invoices), rate=at)
            if counts["invoices: all"] >= invoices:
                break
        processes.terminate()
    console.print(occurred(counts))
    seconds = perf_counter() - began
    console.print(f"{counts['invoices: all']:,} invoices in {seconds:.0f} s: 0 differences")
    return 0


def occurred(counts: Counter[str]) -> Table:
    """How often each model, term and convention was on an invoice, and what changed between."""
    rows: dict[str, list[str]] = defaultdict(list)
    for what, times in sorted(counts.items()):
        subject, colon, said = what.partition(": ")
        rows[subject if colon else ""].append(f"{said or what} {times:,}")
    table = Table("", "how often", title="what was billed", show_lines=True)
    for subject, said in rows.items():
        table.add_row(subject, ", ".join(said))
    return table


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
