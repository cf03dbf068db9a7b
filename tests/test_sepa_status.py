"""What the bank rejects before it settles is declined with the bank's reason; nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from tallystick.cash.collecting.asking import ask_again
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.round import Round
from tallystick.connector import CollectionRequest, Collector
from tallystick.errors import Stop
from tallystick.plugins import Plugins
from tallystick.store.cash.collection_schema import attempt

from .cash.world import World, copy_of, laid
from .test_sepa_files import opened, request

KEYS = ("a", "b", "c")


def report(*inside: str, original: str = "B7", group: str = "", version: int = 3) -> str:
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version:02}">'
        "<CstmrPmtStsRpt><GrpHdr><MsgId>S1</MsgId></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{original}</OrgnlMsgId>{group}</OrgnlGrpInfAndSts>"
        f"{''.join(inside)}</CstmrPmtStsRpt></Document>"
    )


def status(tag: str, code: str, reason: str = "") -> str:
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return f"<{tag}>{code}</{tag}>{why}"


def block(name: str, *debits: str, said: str = "") -> str:
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{name}</OrgnlPmtInfId>{said}"
        f"{''.join(debits)}</OrgnlPmtInfAndSts>"
    )


def debit(key: str, code: str, reason: str = "") -> str:
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId>"
        f"{status('TxSts', code, reason)}</TxInfAndSts>"
    )


def told(root: Path, *reports: str) -> list[tuple[str, str]]:
    """State and reason of a, b (in block 2) and c (in block 1) after the bank's reports."""
    session = opened(root, status_folder="in")
    requests: Sequence[CollectionRequest] = [request("a"), request("b"), request("c", first=True)]
    session.collect(requests, "B7")
    (root / "in").mkdir()
    for number, text in enumerate(reports):
        (root / "in" / f"{number}.xml").write_text(text)
    found = [session.find_attempt(key) for key in KEYS]
    return [(one.state, one.reason) for one in found if one]


ON_ITS_WAY = ("processing", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            report(block("B7-2", debit("a", "RJCT", "AC04"), debit("b", "ACSP"))),
            [("declined", "AC04"), ON_ITS_WAY, ON_ITS_WAY],
        ),
        (
            report(block("B7-2", said=status("PmtInfSts", "RJCT", "DT01")), version=10),
            [("declined", "DT01"), ("declined", "DT01"), ON_ITS_WAY],
        ),
        (
            report(group=status("GrpSts", "RJCT", "FF01")),
            [("declined", "FF01")] * 3,
        ),
        (
            report(
                block("B7-2", debit("a", "ACCP"), said=status("PmtInfSts", "RJCT")),
                group=status("GrpSts", "PART"),
            ),
            [ON_ITS_WAY, ("declined", ""), ON_ITS_WAY],
        ),
        (
            report(block("B7-2", debit("a", "PDNG")), group=status("GrpSts", "ACCP")),
            [ON_ITS_WAY] * 3,
        ),
        (report(block("B7-2", debit("a", "RJCT", "AC04")), original="B8"), [ON_ITS_WAY] * 3),
    ],
)
def test_a_report_rejects_debits_blocks_or_all(
    tmp_path: Path, text: str, expected: list[tuple[str, str]]
) -> None:
    assert told(tmp_path, text) == expected


def test_a_later_report_takes_no_rejection_back(tmp_path: Path) -> None:
    first = report(block("B7-2", debit("a", "RJCT", "AC01")))
    later = report(block("B7-2", debit("a", "ACSC")))
    assert told(tmp_path, first, later)[0] == ("declined", "AC01")


@pytest.mark.parametrize(
    "text",
    [
        "no xml at all",
        "<Document/>",
        report(original=""),
        '<!DOCTYPE d SYSTEM "http://127.0.0.1/evil.dtd">' + report(),
        '<!DOCTYPE d [<!ENTITY e "x"><!ENTITY f "&e;&e;">]>' + report(original="&f;"),
        '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + report(original="&e;"),
    ],
)
def test_what_is_no_report_stops(tmp_path: Path, text: str) -> None:
    with pytest.raises(Stop, match=r"is not a pain\.002 status report"):
        told(tmp_path, text)


def test_without_a_folder_of_reports_all_is_on_its_way(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.collect([request("a")], "B7")
    found = session.find_attempt("a")
    assert found is not None
    assert found.state == "processing"


def test_a_rejection_frees_the_invoice_before_any_statement(tmp_path: Path) -> None:
    """The connector as it is, asked by the schedule of open attempts."""

    def prepare(world: World) -> None:
        world.invoice("INV-1001", "119.00")
        world.mandate()

    collects = Plugins().connector("sepa").collects
    assert collects is not None
    with copy_of(laid(tmp_path, prepare)) as world:
        session: Collector = opened(tmp_path, status_folder="in")
        channels = {"debits": Channel(session, collects)}
        world.collect_through(channels)
        assert world.attempts() == {"INV-1001-1": "processing"}
        with world.database.read() as connection:
            [row] = connection.execute(select(attempt)).all()
        (tmp_path / "in").mkdir()
        text = report(group=status("GrpSts", "RJCT", "AC04"), original=row.batch)
        (tmp_path / "in" / "r.xml").write_text(text)
        ask_again(Round(world.database, channels, lambda: row.ask_at))
        assert world.attempts() == {"INV-1001-1": "declined"}
        assert world.column("INV-1001-1", "reason") == "AC04"
        assert world.states() == {"INV-1001": ("posted", 0)}
