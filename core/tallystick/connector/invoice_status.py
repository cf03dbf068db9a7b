"""How far an invoice is paid, as a service desk keeps it: a ticket of each, changed as it is paid.

A status (`invoice_status`) has the invoice's number as `id`, `client` and what the desk calls that
one as `client_id` (None where it knows none), `status` (`open`, `part_paid`, `paid`,
`written_off`), and `settled` and `open` in major units of `currency`. Its key is the number and a
version, `INV-7:3`: the ticket bears the key it was last told under.
"""

from __future__ import annotations

from typing import Final

from tallystick.connector.exchange import Raw
from tallystick.errors import SkipRecord

RECORD: Final = "invoice_status"
_SAID: Final = {"part_paid": "part paid", "written_off": "written off"}


def heading(raw: Raw) -> str:
    """`Invoice INV-7: part paid`."""
    return f"Invoice {raw['id']}: {_SAID.get(raw['status'], raw['status'])}"


def sentence(raw: Raw) -> str:
    """`Invoice INV-7: part paid; 100.00 USD settled, 19.00 open`."""
    return f"{heading(raw)}; {raw['settled']} {raw['currency']} settled, {raw['open']} open"


def keys(key: str) -> list[str]:
    """`key`, and those the same invoice may have been told under before, the newest first:
    `INV-7:3` comes after `INV-7:2` and `INV-7:1`."""
    number, _, version = key.rpartition(":")
    before = range(int(version) - 1, 0, -1) if version.isdecimal() else ()
    return [key, *(f"{number}:{n}" for n in before)]


def client_of(raw: Raw, there: str, connection: str) -> str:
    """What the desk calls the client; raises `SkipRecord` where it has no such `there`, as in
    "Redmine has no project"."""
    if raw.get("client_id") is None:
        raise SkipRecord(
            f"{there} of {raw['client']}.",
            do="Join it: `tallystick links same COPY HOME`.",
            connection=connection,
        )
    return str(raw["client_id"])
