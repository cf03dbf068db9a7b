"""The books survive what cuts a write short, and notice what anybody else does to them."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tallystick.connector import Context
from tallystick.errors import Stop
from tallystick_journal.blocks import Mark, blocks_after
from tallystick_journal.session import JournalSession
from tallystick_journal.settings import JournalSettings

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)


def opened(root: Path) -> JournalSession:
    return JournalSession(JournalSettings(folder="."), Context("ledger", root, lambda: NOON))


def payment(number: int) -> dict[str, Any]:
    return {
        "id": f"p-{number}",
        "client": f"c{number % 7}",
        "invoice": f"INV-{number}",
        "paid_on": date(2026, 10, 1),
        "amount": Decimal(number),
        "currency": "EUR",
        "account": "Assets:Bank:Main",
    }


def push(session: JournalSession, *numbers: int) -> None:
    for number in numbers:
        session.push("payment", payment(number), f"key-{number}")


def booked(root: Path) -> list[int]:
    """The numbers in the books, as the text has them."""
    text = (root / "books.beancount").read_text(encoding="utf-8")
    return [int(number) for number in re.findall(r'^  key: "key-(\d+)"$', text, re.MULTILINE)]


def rendered(root: Path) -> list[int]:
    text = (root / "books.journal").read_text(encoding="utf-8")
    return [int(number) for number in re.findall(r"^  ; key: key-(\d+)$", text, re.MULTILINE)]


def test_a_tail_torn_at_any_byte_is_healed_and_nothing_is_doubled(tmp_path: Path) -> None:
    push(opened(tmp_path), 1, 2)
    books, journal = tmp_path / "books.beancount", tmp_path / "books.journal"
    two = books.read_bytes()
    push(opened(tmp_path), 3)
    three, level = books.read_bytes(), journal.read_bytes()
    for cut in range(len(two), len(three)):
        books.write_bytes(three[:cut])
        session = opened(tmp_path)
        assert books.read_bytes() == two
        assert rendered(tmp_path) == [1, 2]
        assert session.find("payment", "key-3") is None
        push(session, 2, 3)
        assert books.read_bytes() == three
        assert journal.read_bytes() == level


def test_a_file_torn_inside_its_first_remark_begins_anew(tmp_path: Path) -> None:
    opened(tmp_path)
    books = tmp_path / "books.beancount"
    whole = books.read_bytes()
    for cut in range(len(whole)):
        books.write_bytes(whole[:cut])
        opened(tmp_path)
        assert books.read_bytes() == whole


def test_a_session_heals_what_another_process_left_torn(tmp_path: Path) -> None:
    session = opened(tmp_path)
    push(session, 1)
    with (tmp_path / "books.beancount").open("ab") as file:
        file.write(b'; sealed 00000000, 300 bytes\n2026-10-01 * "Pay')
    push(session, 2)
    assert booked(tmp_path) == rendered(tmp_path) == [1, 2]
    push(opened(tmp_path), 1, 2, 3)
    assert booked(tmp_path) == rendered(tmp_path) == [1, 2, 3]


@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_a_changed_figure_stops_with_its_line(tmp_path: Path, where: str) -> None:
    push(opened(tmp_path), 11, 22, 33)
    books = tmp_path / "books.beancount"
    old = {"first": "11 EUR", "middle": "22 EUR", "last": "33 EUR"}[where].replace(" ", ".00 ")
    text = books.read_text(encoding="utf-8")
    books.write_text(text.replace(old, "99.00 EUR", 1), encoding="utf-8")
    seal = text[: text.index(old)].rindex("; sealed")
    line = text[:seal].count("\n") + 1
    with pytest.raises(Stop, match=f"The block at line {line} of .*Restore the file"):
        opened(tmp_path)


def test_entries_written_in_removed_swapped_or_resealed_by_hand_stop(tmp_path: Path) -> None:
    push(opened(tmp_path), 11, 22, 33)
    books = tmp_path / "books.beancount"
    whole = books.read_bytes()
    with books.open("rb") as file:
        ends = [block.end.offset for block in blocks_after(file.fileno(), Mark(), books)]
    first, second, third, fourth = (whole[a:b] for a, b in pairwise([0, *ends]))
    assert first + second + third + fourth == whole
    for changed in (
        whole + b'2026-10-02 * "by hand"\n',
        first + second + b"; a remark\n\n" + third + fourth,
        first + third + fourth,
        first + third + second + fourth,
        first + second + re.sub(rb", \d+ bytes", b", 999999 bytes", third) + fourth,
        first + second + third + fourth.replace(b"key-33", b"key"),
        whole.replace(b"\n", b"\r\n"),
    ):
        books.write_bytes(changed)
        with pytest.raises(Stop, match="not as it was written"):
            opened(tmp_path)
        assert books.read_bytes() == changed


@pytest.mark.parametrize("harm", ["deleted", "emptied", "torn", "behind"])
def test_the_journal_is_made_level_on_opening_and_on_the_next_push(
    tmp_path: Path, harm: str
) -> None:
    session = opened(tmp_path)
    push(session, 1)
    journal = tmp_path / "books.journal"
    behind = journal.read_bytes()
    push(session, 2)
    level = journal.read_bytes()
    push(opened(tmp_path), 3)
    last = journal.read_bytes()
    harmed = {"emptied": b"", "torn": level[:-5], "behind": behind}.get(harm)
    for heal in (lambda: opened(tmp_path), lambda: push(session, 1, 4)):
        journal.unlink() if harmed is None else journal.write_bytes(harmed)
        heal()
        assert rendered(tmp_path) == booked(tmp_path)
    assert journal.read_bytes().startswith(last[: last.rindex(b"; level")])


def test_a_full_disk_books_nothing_and_says_so(tmp_path: Path) -> None:
    session = opened(tmp_path)
    push(session, 1)
    before = (tmp_path / "books.beancount").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, hard))
    try:
        with pytest.raises(Stop, match=r"cannot be written: .* Nothing was booked\. Free space"):
            push(session, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "books.beancount").read_bytes() == before
    assert session.find("payment", "key-2") is None
    push(session, 2)
    assert booked(tmp_path) == rendered(tmp_path) == [1, 2]


def test_a_folder_that_is_a_file_stops_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(Stop, match=r"cannot be opened: .* Correct `folder`"):
        JournalSession(JournalSettings(folder="taken"), Context("ledger", tmp_path, lambda: NOON))


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_journal_books import opened, push
session = opened(Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    push(session, number)
"""


def writer(root: Path, first: int, last: int) -> subprocess.Popen[bytes]:
    """A process that opened the books, and will push `first` to before `last` when told to."""
    command = [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(root)]
    pipe = subprocess.PIPE
    process = subprocess.Popen([*command, str(first), str(last)], stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def start(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    process.stdin.flush()


def test_processes_pushing_the_same_records_book_each_once(tmp_path: Path) -> None:
    running = [writer(tmp_path, 1, 200), writer(tmp_path, 1, 200), writer(tmp_path, 100, 250)]
    for process in running:
        start(process)
    assert [process.wait() for process in running] == [0, 0, 0]
    assert sorted(booked(tmp_path)) == list(range(1, 250))
    assert rendered(tmp_path) == booked(tmp_path)


@pytest.mark.parametrize("seconds", [0.001, 0.005, 0.01, 0.02, 0.05])
def test_a_killed_writer_leaves_books_that_go_on(tmp_path: Path, seconds: float) -> None:
    process = writer(tmp_path, 1, 100_000)
    start(process)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    session = opened(tmp_path)
    done = booked(tmp_path)
    assert done == rendered(tmp_path) == list(range(1, len(done) + 1))
    push(session, *range(1, len(done) + 3))
    assert booked(tmp_path) == rendered(tmp_path) == list(range(1, len(done) + 3))


def test_an_older_copy_put_in_place_of_the_books_is_read_anew(tmp_path: Path) -> None:
    session = opened(tmp_path)
    push(session, 1)
    shutil.copy(tmp_path / "books.beancount", tmp_path / "backup")
    push(session, 2)
    shutil.copy(tmp_path / "backup", tmp_path / "books.beancount")
    assert session.find("payment", "key-2") is None
    push(session, 2)
    assert booked(tmp_path) == rendered(tmp_path) == [1, 2]
