"""Linking over what is stored: the alike are joined, doubts asked, people have the last word."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tallystick.records import Asset, Client, Record
from tallystick.store.database import Database
from tallystick.store.facts import inbound, links
from tallystick.store.facts.links import Pair
from tallystick.store.facts.schema import link
from tallystick.sync.linking import LinkReport, link_all

NOW = datetime(2026, 9, 1, tzinfo=UTC)
HOMES = {"client": "psa", "asset": "psa"}
ZEPPELIN = {"street": "1 Main St", "postcode": "62701", "city": "Springfield"}


def stored(database: Database, source: str, kind: str, *records: Record) -> None:
    with database.write() as connection:
        inbound.store_records(connection, source, kind, list(records), NOW)


def linked(database: Database) -> dict[str, tuple[str, str]]:
    with database.read() as connection:
        return {row.id: (row.home_id, row.rule) for row in connection.execute(select(link))}


def run(database: Database) -> LinkReport:
    [*_, report] = link_all(database, HOMES, [], lambda *_: None)
    return report


@pytest.fixture
def clients(database: Database) -> Database:
    stored(
        database,
        "psa",
        "client",
        Client(id="1", name="Zeppelin Logistics Ltd", **ZEPPELIN),
        *(Client(id=f"p{n}", name=f"Other {n}", postcode=f"1{n:04}") for n in range(30)),
    )
    stored(database, "rmm", "client", Client(id="Z", name="Zeppelin Logistic", **ZEPPELIN))
    return database


def test_an_alike_client_is_linked_with_the_reason(clients: Database) -> None:
    report = run(clients)
    assert (report.linked, report.questions) == (1, 0)
    home, rule = linked(clients)["Z"]
    assert home == "1"
    assert rule.startswith("alike: name is nearly the same, street is the same")
    assert run(clients).written == 0


def test_a_link_is_taken_back_and_made_again_by_people(clients: Database) -> None:
    run(clients)
    pair = Pair("client", "rmm", "Z", "psa", "1")
    for same, home in ((False, None), (True, ("1", "decided by eve"))):
        with clients.write() as connection:
            links.decide(connection, pair, "eve", NOW, same=same)
        report = run(clients)
        assert linked(clients).get("Z") == home
        assert report.questions == 0


def test_a_doubt_is_a_question_until_somebody_decides(clients: Database) -> None:
    stored(clients, "psa", "client", Client(id="2", name="Zeppelin Logistics", **ZEPPELIN))
    report = run(clients)
    assert (report.linked, report.questions) == (0, 2)
    with clients.read() as connection:
        asked = links.questions(connection)
    assert {row.home_id for row in asked} == {"1", "2"}
    with clients.write() as connection:
        links.decide(connection, Pair("client", "rmm", "Z", "psa", "2"), "eve", NOW, same=True)
    assert run(clients).questions == 0
    assert linked(clients)["Z"] == ("2", "decided by eve")


def test_devices_are_found_by_name_at_the_same_client_unless_their_serials_differ(
    clients: Database,
) -> None:
    stored(
        clients,
        "psa",
        "asset",
        Asset(id="a", name="PC-01", client="1"),
        Asset(id="b", name="PC-02", client="1", serial="SER-0001"),
        Asset(id="c", name="PC-03", client="p1"),
    )
    stored(
        clients,
        "rmm",
        "asset",
        Asset(id="A", name="pc-01", client="Z", serial="SER-7777"),
        Asset(id="B", name="pc-02", client="Z", serial="SER-0002"),
        Asset(id="C", name="pc-03", client="Z"),
    )
    run(clients)
    found = linked(clients)
    assert found["A"] == ("a", "same name at the same client")
    assert "B" not in found and "C" not in found
