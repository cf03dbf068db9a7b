"""`python -m tests.e2e.record_tryton`: what the real Tryton answers, to be played back in
tests/tryton, where there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from tests.tryton import scenario

from tallystick.connector import Context
from tallystick.transport.client import Way
from tallystick_tryton.session import TrytonSession
from tallystick_tryton.settings import TrytonSettings

from . import real_tryton

PLACE = real_tryton.REPOSITORY / "tests" / "tryton"
KNOWN = {
    "company.company": ("party.name", "currency.code"),
    "currency.currency": ("code",),
    "account.account": ("code", "name", "party_required", "type.receivable", "closed", "company"),
    "account.tax": ("name", "type", "rate", "invoice_account", "credit_note_account", "company"),
    "account.journal": ("code",),
    "account.period": ("start_date", "end_date", "state", "type", "company"),
    "account.invoice.payment.method": ("name", "debit_account", "credit_account", "company"),
    "country.country": ("code",),
}
CODES = ("1.2.1", "1.1.1", "1.1.3", "1.1.4", "2.2.2", "2.2.3", "4.2.2")
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


class Recorder(httpx.BaseTransport):
    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.heard: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = self._inner.handle_request(request)
        body = answer.read()
        told = json.loads(body) if body else None
        if isinstance(told, dict) and "view" in (told.get("result") or {}):
            told["result"]["view"] = {"state": told["result"]["view"].get("state")}
        if isinstance(told, dict) and "error" in told:
            told["error"][1] = [*told["error"][1][:2], None]
        self.heard.append({**asked(request), "status": answer.status_code, "answer": told})
        return answer


def asked(request: httpx.Request) -> dict[str, Any]:
    """A request as the tape has it."""
    sent = json.loads(request.content) if request.content else None
    query = str(request.url.query, "ascii")
    return {"method": request.method, "path": request.url.path, "query": query, "sent": sent}


@contextmanager
def session(url: str, transport: httpx.BaseTransport) -> Iterator[TrytonSession]:
    settings = TrytonSettings.model_validate(scenario.settings(url))
    with TemporaryDirectory() as folder:
        way = Way("books", Path(folder), allow_private=True, transport=transport)
        yield TrytonSession(settings, Context("books", Path(folder), lambda: NOW, way.open))


def main() -> None:
    with TemporaryDirectory() as folder, real_tryton.running(Path(folder)) as tryton:
        known = {name: tryton.ask(name, [], *fields) for name, fields in KNOWN.items()}
        known["party.party"] = [{"id": 1, "name": "Nordlicht IT", "code": "1"}]
        accounts = known["account.account"]
        known["account.account"] = [one for one in accounts if one["code"] in CODES]
        periods = known["account.period"]
        known["account.period"] = [one for one in periods if one["start_date"]["year"] == NOW.year]
        recorder = Recorder()
        with session(tryton.url, recorder) as opened:
            lines = list(scenario.told(opened))
    _write("known.json", known)
    _write("tape.json", recorder.heard)
    (PLACE / "told.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write(name: str, rows: Any) -> None:
    pairs = rows.items() if isinstance(rows, dict) else None
    if pairs is None:
        text = "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in rows) + "\n]\n"
    else:
        held = (f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in pairs)
        text = "{\n" + ",\n".join(held) + "\n}\n"
    (PLACE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
