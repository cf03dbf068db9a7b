"""A service desk: clients, contracts and time, which people keep changing while pages are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import Retry
from tallystick.testing.simulate.chance import Chance
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.wire import Wire

PAGE = 4
IBAN = "DE02120300000000202051"
STARTS = date(2026, 1, 1)
HOURLY = 100
CARD = "hours"
FEES = (100, 250, 480)


class Psa:
    """Rows by kind and id, each with the number of its last change, by which they are paged."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._wire = Wire(moments, "psa")
        self._changes = 0
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}

    def put(self, kind: str, ref: str, **fields: Any) -> None:
        """Create or change one row."""
        self._put(kind, ref, fields)

    def _put(self, kind: str, ref: str, fields: Mapping[str, Any]) -> None:
        self._changes += 1
        row = self.rows.setdefault(kind, {}).get(ref, {"id": ref})
        self.rows[kind][ref] = {**row, **fields} | {"version": self._changes}

    def begin_with(self, rows: Mapping[str, Mapping[str, dict[str, Any]]]) -> None:
        """Have these rows as they are."""
        self.rows = {kind: dict(found) for kind, found in rows.items()}
        self._changes = max(row["version"] for found in rows.values() for row in found.values())

    def sell_to(self, chance: Chance) -> None:
        """One client, or two or three."""
        for number in range(chance.weighted({1: 3, 2: 3, 3: 1})):
            debited = "sepa_debit" if chance.happens(700) else None
            self.sell(str(1001 + number), chance.one_of(FEES), debited)

    def sell(self, client: str, fee: int, mandate: str | None) -> None:
        """A client with a contract: a monthly `fee` in euro, hours on top; debited or not."""
        self.put("client", client, name=f"Client {client}", payment_terms_days=7)
        self.put("contract", client, client=client, name="Care", currency="EUR", starts_on=STARTS)
        for name, model, terms in (
            ("fee", "fixed", {"unit_price": str(fee)}),
            ("hours", "time_and_materials", {"rate_card": CARD}),
        ):
            line = {"contract": client, "description": name, "model": model, "terms": terms}
            self._put("contract_line", f"{client}-{name}", line)
        if mandate:
            signed = {"client": client, "holder": f"Client {client}", "signed_on": STARTS}
            self._put("mandate", f"M{client}", {**signed, "scheme": mandate, "iban": IBAN})

    def work(self, ref: str, client: str, day: date, hours: int) -> None:
        """Time booked on `day`; a ref booked before is changed."""
        self._moments.note("psa", f"booking {ref} of {client}", f"{hours} h on {day}")
        booked = {"client": client, "contract": client, "work_date": day, "seconds": hours * 3600}
        self._put("booking", ref, booked)

    def worth(self, client: str, until: date) -> Decimal:
        """Net of what is to be billed to `client` for service before `until`, the first of a
        month: the oracle, from nothing but the rows as they are now."""
        fee = Decimal(self.rows["contract_line"][f"{client}-fee"]["terms"]["unit_price"])
        months = (until.year - STARTS.year) * 12 + until.month - STARTS.month
        seconds = sum(
            row["seconds"]
            for row in self.rows.get("booking", {}).values()
            if row["client"] == client and row["work_date"] < until
        )
        return fee * months + Decimal(HOURLY * int(seconds)) / 3600

    # What the line sees of it

    def whoami(self) -> str:
        return "the service desk"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        """Pages in the order of their last change; a page may break off half way."""
        at = int(since or 0)
        while True:
            page = self._wire.call(f"list {record} after {at}", partial(self._page, record, at))
            for number, row in enumerate(page):
                if self._moments.chance.happens(self._moments.weather.partial):
                    self._moments.note(self._moments.workers.now, "psa", f"page cut at {number}")
                    raise Retry("The page broke off.", do="Try again later.")
                yield Pulled(dict(row), f"{record} {row['id']}")
            if not page:
                return
            at = page[-1]["version"]
            yield Cursor(str(at))

    def _page(self, record: str, after: int) -> list[dict[str, Any]]:
        rows = [row for row in self.rows.get(record, {}).values() if row["version"] > after]
        return sorted(rows, key=lambda row: int(row["version"]))[:PAGE]
