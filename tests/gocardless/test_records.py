"""Customers and mandates as our own records."""

from __future__ import annotations

from datetime import date

import msgspec

from tallystick.connector import Broken, Pulled, Sink, Source
from tallystick.records import Client, Mandate
from tallystick_gocardless.session import GoCardlessSession

from .fake import World


def mandates(session: GoCardlessSession) -> dict[str, Mandate]:
    rows = [row for row in session.pull("mandate", None) if isinstance(row, Pulled)]
    return {one.id: one for one in (msgspec.convert(row.raw, Mandate) for row in rows)}


def test_a_customer_is_a_client(session: GoCardlessSession, world: World) -> None:
    assert isinstance(session, Source)
    world.add("customers", id="CU002", given_name="Ada", family_name="Byron")
    rows = [row.raw for row in session.pull("client", None) if isinstance(row, Pulled)]
    person, company = [msgspec.convert(row, Client) for row in rows]
    assert (person.id, person.name) == ("CU002", "Ada Byron")
    assert company == Client(
        id="CU001",
        name="Harbour Ltd",
        email="ap@harbour.example",
        street="1 Quay",
        city="Hull",
        postcode="HU1",
        country="GB",
    )


def test_a_mandate_says_whose_it_is_and_how_it_is_debited(
    session: GoCardlessSession, world: World
) -> None:
    links = {"customer": "CU001", "creditor": "CR001"}
    for scheme in ("sepa_core", "ach", "pad"):
        world.add("mandates", id=f"MD-{scheme}", scheme=scheme, status="active", links=links)
    found = mandates(session)
    assert found["MD001"] == Mandate(
        id="MD001",
        client="CU001",
        payer="CU001",
        scheme="bacs_debit",
        holder="Harbour Ltd",
        signed_on=date(2026, 7, 1),
    )
    schemes = [found[f"MD-{one}"].scheme for one in ("sepa_core", "ach", "pad")]
    assert schemes == ["sepa_debit", "ach_debit", "other_debit"]


def test_a_mandate_that_ended_is_revoked_from_the_day_of_its_event(
    session: GoCardlessSession, world: World
) -> None:
    for status in ("cancelled", "failed", "expired", "active", "pending_submission"):
        links = {"customer": "CU001", "creditor": "CR001"}
        world.add("mandates", id=f"MD-{status}", scheme="bacs", status=status, links=links)
    world.add(
        "events",
        id="EV1",
        action="cancelled",
        resource_type="mandates",
        links={"mandate": "MD-cancelled"},
        created_at="2026-07-05T01:00:00.000Z",
    )
    revoked = {one.id: one.revoked_on for one in mandates(session).values()}
    assert revoked["MD-cancelled"] == date(2026, 7, 5)
    assert revoked["MD-failed"] == revoked["MD-expired"] == date(2026, 7, 1)
    assert revoked["MD-active"] is revoked["MD-pending_submission"] is None


def test_a_scheme_nobody_knows_is_set_aside(session: GoCardlessSession, world: World) -> None:
    links = {"customer": "CU001", "creditor": "CR001"}
    world.add("mandates", id="MD002", scheme="moon", status="active", links=links)
    (broken,) = [row for row in session.pull("mandate", None) if isinstance(row, Broken)]
    assert "moon" in broken.what and broken.place == "mandate MD002"


def test_pages_are_read_to_the_end_through_faults(session: GoCardlessSession, world: World) -> None:
    world.page_max = 10
    for number in range(2, 48):
        world.add("customers", id=f"CU{number:03}", company_name=f"Client {number}")
    world.faults.extend(["busy", "", "cut", "fails", "", "unseen", "lost"])
    rows = [row.raw["id"] for row in session.pull("client", None) if isinstance(row, Pulled)]
    assert rows == [f"CU{number:03}" for number in range(47, 0, -1)]


def test_a_client_becomes_one_customer_and_stays_it(
    session: GoCardlessSession, world: World
) -> None:
    assert isinstance(session, Sink)
    world.faults.extend(["", "lost"])
    raw = {"name": "Anchor Ltd", "email": "ap@anchor.example"}
    first = session.push("client", raw, "psa:7")
    again = session.push("client", {**raw, "email": "new@anchor.example"}, "psa:7")
    found = session.find("client", "psa:7")
    assert first.id == again.id == "CU002" and found == again
    assert again.readback["email"] == "new@anchor.example"
    assert session.find("client", "psa:8") is None
    assert world.counted("customers") == 2
