"""Documents of issued invoices: what was fixed at issue, what is behind it, written once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.billing.documents import render_text
from tallystick.billing.einvoice import einvoice
from tallystick.billing.einvoice.profiles import XRECHNUNG
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.cycle.document import document_of, foreseen
from tallystick.cycle.documents import Formats, write_missing
from tallystick.errors import Stop
from tallystick.records import Mandate
from tallystick.store.billing.schema import invoice

from .msp import AUGUST, Msp
from .told import asset, booking, client, contract, devices, fixed, hourly, ticket

SELLER = {
    "name": "Nordlicht IT GmbH",
    "country": "DE",
    "iban": "DE89370400440532013000",
    "creditor_id": "DE98ZZZ09999999999",
}
MANDATE = Mandate(
    id="M-1",
    client="K1",
    iban="DE02120300000000202051",
    holder="Client K1",
    signed_on=date(2026, 1, 1),
)


def documents(msp: Msp) -> dict[str, InvoiceDocument]:
    with msp.database.read() as connection:
        return {row.number: document_of(connection, row, annexed=True) for row in msp.rows(invoice)}


def only(msp: Msp) -> InvoiceDocument:
    [document] = documents(msp).values()
    return document


def seller_known(msp: Msp, **more: str) -> Msp:
    msp.terms = replace(msp.terms, seller=SELLER | more)
    return msp


def test_the_client_is_written_to_in_their_language_with_their_references(msp: Msp) -> None:
    seller_known(msp).tell(
        client(language="fr-CH", buyer_reference="04011000", electronic_address="9930:X"),
        contract(po_number="PO-7"),
        contract("C2", po_number="PO-7"),
        contract("C3", po_number="PO-not-billed"),
        fixed(),
        fixed("L2", "C2"),
    )
    msp.bill()
    made = only(msp)
    assert (made.language, made.po_number, made.buyer_reference) == (
        "fr-CH",
        "PO-7",
        "04011000",
    )
    assert made.buyer.electronic_address == "9930:X"
    assert made.payment.iban == SELLER["iban"] and made.payment.mandate is None
    assert render_text(made).startswith("Nordlicht IT GmbH\nAllemagne\n")


@pytest.mark.parametrize("asked", [None, "tlh", "Deutsch"])
def test_without_a_language_we_know_it_is_our_own(msp: Msp, asked: str | None) -> None:
    msp.terms = replace(msp.terms, language="de-DE")
    msp.tell(client(language=asked), contract(), fixed())
    msp.bill()
    assert only(msp).language == "de-DE"


def test_what_is_printed_is_what_was_so_at_issue(office: Msp) -> None:
    seller_known(office).tell(client(name="Before", language="de"), MANDATE)
    office.bill()
    before = only(office)
    office.tell(
        client(name="After", language="fr", buyer_reference="new"),
        contract(po_number="PO-late"),
        Mandate(**{**_fields(MANDATE), "revoked_on": date(2026, 10, 1)}),
    )
    seller_known(office, name="Another GmbH")
    assert only(office) == before
    assert before.buyer.name == "Before"
    assert before.payment.mandate == "M-1"


def _fields(mandate: Mandate) -> dict[str, object]:
    return {name: getattr(mandate, name) for name in mandate.__struct_fields__}


def test_a_mandate_that_ends_before_the_debit_is_not_announced(office: Msp) -> None:
    office.tell(Mandate(**{**_fields(MANDATE), "revoked_on": date(2026, 10, 15)}))
    office.bill()
    assert only(office).due_on == date(2026, 10, 15)
    assert only(office).payment.mandate is None


def test_francs_are_not_debited(msp: Msp) -> None:
    msp.tell(client(), contract(currency="CHF"), fixed(), MANDATE)
    msp.bill()
    assert only(msp).payment.mandate is None


def test_what_an_e_invoice_lacks_holds_the_proposal_until_it_is_there(msp: Msp) -> None:
    seller_known(msp, vat_id="DE123456789")
    msp.terms = replace(msp.terms, einvoices=[XRECHNUNG])
    msp.tell(client(country="DE", buyer_reference="0401"), contract(po_number="PO-7"), fixed())
    [before] = msp.propose().proposed
    [held] = before.holds
    assert held.code == "einvoice_incomplete"
    assert "the client's city and postcode (BR-DE-8, 9)" in held.what
    assert "the seller's contact and phone" in held.what and "way to pay" not in held.what
    assert msp.approve().approved == []

    known = {"contact": "Kim", "phone": "+49 40 1", "email": "b@msp.example", "city": "Hamburg"}
    seller_known(msp, vat_id="DE123456789", postcode="20457", **known)
    given = {"city": "Kiel", "postcode": "24103", "email": "k1@kiel.example"}
    msp.tell(client(country="DE", buyer_reference="0401", **given))
    [after] = msp.propose().proposed
    assert after.holds == () and after.content_hash == before.content_hash
    msp.approve()
    msp.issue()
    made = only(msp)
    assert einvoice(made, XRECHNUNG).number == made.number
    [row] = msp.rows(invoice)
    seen = foreseen(after, row.parties, row.issued_on, row.due_on)
    assert replace(seen, number=made.number) == made


def test_a_correction_names_its_invoice_and_the_day(office: Msp) -> None:
    office.bill(AUGUST)
    office.tell(fixed(price="90.00"))
    office.bill()
    first, second = documents(office).values()
    assert first.corrects == ()
    assert second.corrects == ((first.number, first.issued_on),)
    assert f"corrects {first.number} of 1 Oct 2026" in render_text(second)


def test_the_annex_has_the_bookings_tickets_and_devices_behind_each_line(office: Msp) -> None:
    office.terms = replace(office.terms, detailed=True)
    office.tell(
        asset("A1", of="K1"),
        devices(),
        ticket("T7", title="Printer"),
        booking("1", ticket="T7", note="New\ttoner", seconds=5400),
        booking("2", work_type="remote", day=date(2026, 9, 11)),
        source="psa",
    )
    office.tell(asset("A1", of="S1"), source="rmm")
    office.link("S1", "K1")
    office.bill()
    made = only(office)
    texts = {position: line.text for position, line in enumerate(made.lines, 1)}
    worked = [one for one in made.annex if one.kind == "booking"]
    assert [(one.on, one.ref, one.what, one.quantity) for one in worked] == [
        (date(2026, 9, 10), "T7", "New\ttoner", Decimal("1.5")),
        (date(2026, 9, 11), "2", "remote", Decimal(1)),
    ]
    assert all("time_and_materials" in texts[one.line] for one in worked)
    for position, line in enumerate(made.lines, 1):
        behind = [one.amount for one in made.annex if one.line == position and one.amount]
        assert not behind or sum(one.minor for one in behind) == line.net.minor
    assert [one.line for one in made.annex] == sorted(one.line for one in made.annex)
    assert "pc-A1" in "".join(one.what for one in made.annex if one.kind == "asset")
    assert "T1" not in render_text(made), "technicians stay inside"


def test_documents_are_written_once_and_whole(office: Msp, tmp_path: Path) -> None:
    office.bill()
    folder = tmp_path / "invoices"
    calls: list[int] = []
    formats: Formats = {
        "txt": lambda document: document.number.encode(),
        "pdf": lambda document: _broken(),
    }
    with pytest.raises(Stop, match="no ink"):
        write_missing(office.database, folder, formats, calls.append)
    assert [path.name for path in folder.iterdir()] == ["INV-2026-0001.txt"]
    formats = {"txt": lambda document: b"changed", "pdf": lambda document: b"%PDF"}
    assert write_missing(office.database, folder, formats, calls.append).written == 1
    assert write_missing(office.database, folder, formats, calls.append).written == 0
    assert (folder / "INV-2026-0001.txt").read_bytes() == b"INV-2026-0001"
    assert calls == [1]


def _broken() -> bytes:
    raise Stop("There is no ink.", do="Buy some.")


def test_hours_and_fees_of_a_client_stay_theirs(msp: Msp) -> None:
    for ref in ("K1", "K2"):
        msp.tell(client(ref), contract(f"C{ref}", ref), hourly(f"L{ref}", f"C{ref}"))
        msp.tell(booking(ref, ref, note=f"for {ref}"))
    msp.bill()
    notes = {made.buyer.name: [one.what for one in made.annex] for made in documents(msp).values()}
    assert notes == {"Client K1": ["for K1"], "Client K2": ["for K2"]}
