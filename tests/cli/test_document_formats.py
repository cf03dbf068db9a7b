"""The formats of documents, asked for in tallystick.toml."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from .conftest import Run

APPROVED = ("sync", "bill propose 2026-09", "bill approve 2026-09 --as kim")


def ask_for(folder: Path, **keys: str) -> None:
    path = folder / "tallystick.toml"
    text = path.read_text(encoding="utf-8").partition("\n[documents]")[0]
    lines = [f"{name} = {value}" for name, value in keys.items()]
    path.write_text("\n".join([text, "[documents]", *lines, ""]), encoding="utf-8")


def issued(run: Run, folder: Path) -> int:
    return len(json.loads(run("bill", "--json", at=folder).out))


def test_every_format_is_written_and_only_what_is_missing_later(run: Run, own: Path) -> None:
    ask_for(own, formats='["txt", "pdf", "xlsx"]', language='"de"', annex="true")
    for words in (*APPROVED, "bill issue 2026-09"):
        assert run(*words.split(), at=own).code in (0, 1), words
    made = sorted(path.suffix for path in (own / "invoices").iterdir())
    assert made == [".pdf"] * 3 + [".txt"] * 3 + [".xlsx"] * 3
    assert "RECHNUNG" in next((own / "invoices").glob("*.txt")).read_text(encoding="utf-8")
    [pdf, *_] = (own / "invoices").glob("*.pdf")
    before = pdf.read_bytes()
    pdf.unlink()
    run("bill", "issue", "2026-09", at=own)
    assert pdf.read_bytes() == before


@pytest.mark.parametrize(
    ("keys", "without", "told"),
    [
        ({"formats": '["pdf"]'}, "typst", r'pip install "tallystick\[pdf\]"'),
        ({"formats": '["xlsx"]'}, "xlsxwriter", r'pip install "tallystick\[xlsx\]"'),
        ({"formats": '["pdf"]', "template": '"gone.typ"'}, "", r"gone\.typ, which does not exist"),
        ({"formats": '["pdf"]', "fonts": '"gone"'}, "", r"gone, which does not exist"),
    ],
)
def test_nothing_is_issued_whose_documents_cannot_be_made(
    keys: dict[str, str],
    without: str,
    told: str,
    run: Run,
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for words in APPROVED:
        run(*words.split(), at=own)
    ask_for(own, **keys)
    if without:
        monkeypatch.setitem(sys.modules, without, None)
    done = run("bill", "issue", "2026-09", at=own)
    assert done.code == 1
    assert re.search(told, " ".join(done.err.split()))
    assert issued(run, own) == 0


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"formats": '["pfd"]'}, "no format of documents"),
        ({"template": '"clasic"'}, "no layout"),
        ({"language": '"tlh"'}, "cannot be written in"),
        ({"template": '"../mine.typ"'}, "`..`"),
        ({"fonts": '"../fonts"'}, "`..`"),
    ],
)
def test_a_wrong_word_is_refused(keys: dict[str, str], told: str, run: Run, own: Path) -> None:
    ask_for(own, **keys)
    done = run("check", at=own)
    assert done.code == 1
    assert told in " ".join((done.out + done.err).split())
