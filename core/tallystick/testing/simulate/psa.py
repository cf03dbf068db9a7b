"""A service desk: clients, contracts and time, which people keep changing while pages are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tallystick.connector import Broken, Cursor, Pulled, Whole
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.rows import Rows
from tallystick.testing.simulate.wire import Wire

SIGNED = date(2025, 6, 1)
HOURLY = 100
CARDS = {"EUR": "hours", "CHF": "hours abroad"}
"""The rate cards of the configuration, by their currency."""
IBAN = "DE02120300000000202051"


class Psa:
    """What it has, and what of it is to be billed."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._wire = Wire(moments, "psa")
        self.rows = Rows()
        self.changes: dict[str, int] = {}
        """How often each booking was made, changed or deleted."""
        self._were: dict[str, dict[str, Any]] = {}

    def new_ref(self) -> str:
        """The ref of a further booking."""
        return f"b{len(self.changes) + 1}"

    def made_again(self) -> dict[str, Any] | None:
        """Now and then a booking that is gone, as it was: it was no slip after all."""
        there = self.rows.of("booking")
        deleted = [ref for ref in self.changes if ref not in there]
        if deleted and self._moments.chance.happens(200):
            return self._were[self._moments.chance.one_of(deleted)]
        return None

    def sell(self, client: str, fee: int, since: date, currency: str) -> None:
        """A client with a contract in `currency`: a monthly `fee`, and hours on top."""
        put = self.rows.put
        known = {"name": name_of(client), "email": f"{client}@client.example"}
        put("client", client, {**known, "payment_terms_days": 3})
        care = {"client": client, "name": "Care", "currency": currency, "starts_on": since}
        put("contract", client, care)
        for name, model, terms in (
            ("fee", "fixed", {"unit_price": str(fee)}),
            ("hours", "time_and_materials", {"rate_card": CARDS[currency]}),
        ):
            line = {"contract": client, "description": name, "model": model, "terms": terms}
            put("contract_line", f"{client}-{name}", line)

    def sign(self, client: str) -> None:
        """The client signs a mandate for direct debits."""
        signed = {"client": client, "holder": name_of(client), "signed_on": SIGNED, "iban": IBAN}
        self.rows.put("mandate", f"M{client}", signed)

    def work(self, ref: str, client: str, day: date, hours: int) -> None:
        """Time booked on `day`; a ref booked before is changed."""
        self._moments.note("psa", f"booking {ref} of {client}", f"{hours} h on {day}")
        booked = {"client": client, "contract": client, "work_date": day, "seconds": hours * 3600}
        self.rows.put("booking", ref, booked)
        self._changed(ref)

    def delete(self, ref: str) -> None:
        """A booking is deleted: it was somebody else's, or a slip."""
        self._moments.note("psa", f"booking {ref}", "is deleted")
        self._were[ref] = self.rows.of("booking")[ref]
        self.rows.take("booking", ref)
        self._changed(ref)

    def _changed(self, ref: str) -> None:
        self.changes[ref] = self.changes.get(ref, 0) + 1

    def currency_of(self, client: str) -> str:
        return str(self.rows.of("contract")[client]["currency"])

    def worth_of(self, ref: str, until: date) -> int:
        """Net in minor units of what is to be billed of one booking before `until`."""
        row = self.rows.of("booking").get(ref)
        known = row is not None and row["work_date"] < until
        return HOURLY * 100 * int(row["seconds"]) // 3600 if row is not None and known else 0

    def worth(self, client: str, until: date) -> Decimal:
        """Net of what is to be billed to `client` for service before `until`, the first of a
        month: the oracle, from nothing but the rows as they are now."""
        fee = Decimal(self.rows.of("contract_line")[f"{client}-fee"]["terms"]["unit_price"])
        since: date = self.rows.of("contract")[client]["starts_on"]
        months = (until.year - since.year) * 12 + until.month - since.month
        seconds = sum(
            int(row["seconds"])
            for row in self.rows.of("booking").values()
            if row["client"] == client and row["work_date"] < until
        )
        return fee * months + Decimal(HOURLY * seconds) / 3600

    # What the line sees of it

    def whoami(self) -> str:
        return "the service desk"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor | Whole]:
        """What changed since; of bookings everything as well, as no change tells of a deletion."""
        yield from self.rows.pages(self._moments, self._wire, record, since)
        if record == "booking":
            yield from self.rows.whole(self._moments, self._wire, record)


def name_of(client: str) -> str:
    return f"Client {client}"
