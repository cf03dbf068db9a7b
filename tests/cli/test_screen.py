"""What people see: tables that fit, amounts in one piece, and a quiet stderr."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tallystick.cli.layout import fit
from tallystick.cli.names import ClientNames
from tallystick.errors import Stop
from tallystick.money import Money

Run = Callable[..., Any]
PROGRAM = Path(sys.executable).with_name("tallystick")


def drawn(
    title: str,
    names: list[str],
    rows: list[list[object]],
    width: int,
    spare: tuple[str, ...] = (),
) -> list[str]:
    console = Console(width=width, file=StringIO(), highlight=False)
    console.print(fit(title, names, rows, width, spare))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), max_size=60)
amounts = st.builds(Money, st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "CHF"]))
tables = st.integers(1, 4).flatmap(
    lambda count: st.lists(
        st.tuples(texts, amounts, *([texts] * count)).map(list), min_size=1, max_size=5
    )
)


@given(tables, st.integers(40, 160))
def test_a_table_never_leaves_the_screen_and_never_breaks_an_amount(
    rows: list[list[object]], width: int
) -> None:
    names = ["what", "amount", *(f"text {n}" for n in range(len(rows[0]) - 2))]
    lines = drawn("Table", names, rows, width)
    assert max(map(cell_len, lines)) <= width
    shown = "\n".join(lines)
    for row in rows:
        assert isinstance(row[1], Money)
        assert f"{row[1].amount:,}" in shown


def test_one_currency_is_named_once_and_two_are_named_each_time() -> None:
    euros = [["a", Money(100, "EUR")], ["b", Money(250, "EUR")]]
    assert drawn("Due", ["", "gross"], euros, 80)[0].rstrip() == "Due, in EUR"
    assert not any("1.00 EUR" in line for line in drawn("Due", ["", "gross"], euros, 80))
    mixed = [*euros, ["c", Money(100, "CHF")]]
    lines = drawn("Due", ["", "gross"], mixed, 80)
    assert lines[0].rstrip() == "Due"
    assert any("1.00 CHF" in line for line in lines)


def test_a_table_that_cannot_fit_becomes_blocks() -> None:
    row: list[object] = ["x" * 20, "why " * 20, "how " * 20, Money(100, "EUR")]
    lines = drawn("Wide", ["place", "what", "do", "amount"], [row], 50)
    assert [line.split()[0] for line in lines if line and line[0] != " "] == [
        "Wide,",
        "place",
        "what",
        "do",
        "amount",
    ]


def test_a_column_to_spare_goes_before_the_table_becomes_blocks() -> None:
    names = ["", "revenue", "hours", "margin", "per hour", "trend"]
    figures = [Money(1_234_567, "EUR"), "1483:45", Money(-98_765, "EUR"), Decimal("92.33"), "▁▄▅"]
    row: list[object] = ["Alsterblick Steuerberatung PartG mbB", *figures]
    narrow = drawn("Profit", names, [row], 52, spare=("trend",))
    assert any(set(line) == {"─"} for line in narrow)
    assert not any("trend" in line for line in narrow)
    assert any("12,345.67" in line and "92.33" in line for line in narrow)
    wide = drawn("Profit", names, [row], 70, spare=("trend",))
    assert any("trend" in line for line in wide)


def on_a_terminal(columns: int, *words: str, at: Path) -> list[str]:
    """The lines a command leaves on a terminal so wide."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.chdir(at)
        environment = {**os.environ, "TERM": "xterm"}
        for name in ("COLUMNS", "NO_COLOR", "TALLYSTICK_CONFIG"):
            environment.pop(name, None)
        os.execve(PROGRAM, [str(PROGRAM), *words], environment)
    drawn = b""
    while True:
        try:
            drawn += (read := os.read(terminal, 1 << 16))
        except OSError:
            break
        if not read:
            break
    os.waitpid(child, 0)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn.decode())
    return text.replace("\r\n", "\n").splitlines()


@pytest.mark.e2e
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("words", ["bill", "cash", "profit 2026-Q3", "status"])
def test_on_a_real_terminal(columns: int, words: str, finished: Path) -> None:
    lines = on_a_terminal(columns, *words.split(), at=finished)
    assert max(map(len, lines)) <= columns
    broken = [line for line in lines if re.search(r"\d[.,]$|\d,\d{1,2}$|\d (EU|CH|E|C)$", line)]
    assert broken == []
    if words == "bill":
        whole = r"INV-2026-\d{4} .+ 2026-0[789] +[\d,]+\.\d\d (EUR|CHF)  paid"
        issued = len(list((finished / "invoices").glob("*.txt")))
        assert sum(bool(re.match(whole, line)) for line in lines) == issued > 30


@pytest.mark.e2e
def test_without_a_terminal_stderr_stays_quiet(quarter: Path) -> None:
    (quarter / "exports" / "psa" / "customers.csv").touch()
    done = subprocess.run(
        [PROGRAM, "run", "2026-09"], cwd=quarter, capture_output=True, text=True, check=True
    )
    long_steps = r".+: [\d,]+ in \d+ s"  # on a machine with much else to do
    assert all(re.fullmatch(long_steps, line) for line in done.stderr.splitlines())
    assert "\x1b" not in done.stdout


@pytest.mark.e2e
def _minds_the_keyboard() -> None:
    """A shell has what it runs in the background, such as this suite, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_ctrl_c_is_answered_with_a_sentence(tmp_path: Path) -> None:
    command = [str(PROGRAM), "demo", str(tmp_path / "quarter")]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_minds_the_keyboard,
    ) as running:
        assert running.stderr is not None
        assert b"exports arrive" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        said = running.stderr.read().decode()
    assert running.returncode == 130
    assert "What was committed stays" in said
    assert "Traceback" not in said


def test_the_demo_tells_its_months_and_what_to_try(run: Run, finished: Path) -> None:
    done = run("demo", str(finished), at=finished.parent)
    assert "2026-10: the last bank statement arrives" in done.err
    assert not any(line == "" for line in done.err.splitlines())
    tried = re.findall(
        r"^  \S*tallystick (explain \w+ \S+|status|profit \S+ --by \w+) +#", done.out, re.MULTILINE
    )
    assert len(tried) == 5
    [returned] = {words.split()[-1] for words in tried if words.startswith("explain invoice")}
    with closing(sqlite3.connect(finished / "tallystick.db")) as database:
        query = "SELECT DISTINCT invoice FROM settlement WHERE kind = 'return'"
        assert database.execute(query).fetchall() == [(returned,)]
    for words in tried:
        assert run(*words.split(), at=finished).code == 0
    assert "nothing changed" in done.out


class TestClients:
    names = ClientNames({"psa:1": "Hansa GmbH", "psa:2": "Nord AG", "psa:3": "Nord & Süd AG"})

    @pytest.mark.parametrize("text", ["psa:2", "2", "Nord AG", "nord ag"])
    def test_a_client_is_found_by_id_or_name(self, text: str) -> None:
        assert self.names.find(text) == "psa:2"

    def test_part_of_a_name_is_enough_where_it_is_one_clients(self) -> None:
        assert self.names.find("hansa") == "psa:1"

    @pytest.mark.parametrize(
        ("text", "what"), [("nord", "could be"), ("Hansaa GmbH", "Did you mean 'Hansa GmbH'?")]
    )
    def test_a_guess_is_never_taken(self, text: str, what: str) -> None:
        with pytest.raises(Stop, match=re.escape(what)):
            self.names.find(text)
