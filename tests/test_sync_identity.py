"""Identity: exact keys join records, shared and meaningless keys join nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tallystick.records import Asset, Client
from tallystick.records.keys import mac_key, serial_key
from tallystick.store.database import Database
from tallystick.store.facts import inbound
from tallystick.store.facts.schema import link
from tallystick.sync.identity import KEYS, Link, match
from tallystick.sync.linking import HandLink, link_all

NOW = datetime(2026, 9, 1, tzinfo=UTC)
HOMES = {"client": "psa", "asset": "rmm"}


@pytest.mark.parametrize(
    "serial",
    ["To be filled by O.E.M.", "System Serial Number", "123456", "0000000", "", "N/A", "x"],
)
def test_serials_that_vendors_leave_behind_are_no_keys(serial: str) -> None:
    assert serial_key(serial) is None


@pytest.mark.parametrize(
    "mac", ["00:00:00:00:00:00", "FF-FF-FF-FF-FF-FF", "50:50:54:50:30:30", "?"]
)
def test_pseudo_addresses_are_no_keys(mac: str) -> None:
    assert mac_key(mac) is None


def test_real_keys_are_compared_without_their_punctuation() -> None:
    assert serial_key("ab-12 34x") == serial_key("AB1234X")
    assert mac_key("00-1B-44-11-3A-B7") == mac_key("001b.4411.3ab7") == "001b44113ab7"


def test_the_stronger_key_wins_and_says_so() -> None:
    copies = [Client(id="S1", name="Acme", customer_number="1001")]
    homes = [Client(id="A", name="Acme"), Client(id="B", name="Beta", customer_number="1001")]
    links, _ = match(copies, homes, KEYS["client"])
    assert links == [Link("S1", "B", "same customer number")]


def test_a_serial_two_machines_share_joins_nobody() -> None:
    copies = [Asset(id="p1", name="pc", serial="SER-77001")]
    homes = [Asset(id=ref, name=ref, serial="SER77001") for ref in ("r1", "r2")]
    links, ambiguities = match(copies, homes, KEYS["asset"])
    assert links == []
    assert ambiguities[0].ids == ("r1", "r2")


NAMES = st.sampled_from(["Acme", "ACME ", "Beta", "Gamma  Ltd", "gamma ltd"])


@given(
    st.lists(NAMES, max_size=5).flatmap(lambda n: st.tuples(st.just(n), st.permutations(n))),
    st.lists(NAMES, max_size=5),
)
def test_links_do_not_depend_on_the_order_and_never_double(
    copies: tuple[list[str], list[str]], homes: list[str]
) -> None:
    at_home = [Client(id=f"h{i}", name=name) for i, name in enumerate(homes)]
    by_name = [Client(id=f"c{i}", name=name) for i, name in enumerate(copies[0])]
    links, _ = match(by_name, at_home, KEYS["client"])
    again, _ = match(list(reversed(by_name)), list(reversed(at_home)), KEYS["client"])
    assert set(links) == set(again)
    assert len({one.copy for one in links}) == len(links)
    assert len({one.home for one in links}) == len(links)


def test_links_are_kept_and_a_hand_made_one_outranks_the_rules(database: Database) -> None:
    with database.write() as connection:
        home = [Client(id="1", name="Acme"), Client(id="2", name="Beta")]
        copies = [Client(id="S1", name="acme"), Client(id="S2", name="Nobody")]
        inbound.store_records(connection, "psa", "client", home, NOW)
        inbound.store_records(connection, "rmm", "client", copies, NOW)
    [first] = link_all(database, HOMES, [], lambda *_: None)
    assert (first.linked, first.unlinked, first.written) == (1, ("S2",), 1)
    [again] = link_all(database, HOMES, [], lambda *_: None)
    assert again.written == 0
    [by_hand] = link_all(database, HOMES, [HandLink("client", "rmm", "S1", "2")], lambda *_: None)
    assert by_hand.written == 2
    with database.read() as connection:
        row = connection.execute(select(link)).one()
    assert (row.id, row.home_id, row.rule) == ("S1", "2", "linked by hand")


def test_a_plugin_may_decide_what_the_rules_cannot(database: Database, tmp_path: Path) -> None:
    with database.write() as connection:
        inbound.store_records(connection, "psa", "client", [Client(id="1", name="Acme")], NOW)
        inbound.store_records(connection, "rmm", "client", [Client(id="S", name="ACM")], NOW)
    [report] = link_all(database, HOMES, [], lambda candidate, known: "1")
    assert report.linked == 1
