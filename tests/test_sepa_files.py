"""Every file validates, adds up, and collects each request once."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no type hints
from pydantic import ValidationError

from tallystick.connector import CollectionRequest, Collector, Context
from tallystick.errors import SkipRecord, Stop
from tallystick.money import Money
from tallystick.plugins import Plugins
from tallystick_sepa.characters import sepa_text
from tallystick_sepa.identifiers import is_creditor_id, is_iban

SPECS = Path(__file__).resolve().parents[1].parent / "shared" / "specs" / "sepa"
NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
VERSIONS = ["pain.008.001.08", "pain.008.001.02", "pain.008.001.09", "pain.008.001.10"]
CREDITOR = {
    "folder": "out",
    "creditor_name": "Nördlicht IT & Söhne GmbH",
    "creditor_iban": "DE89 3704 0044 0532 0130 00",
    "creditor_id": "DE98ZZZ09999999999",
}
IBANS = ["DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606"]


def opened(root: Path, clock: Callable[[], datetime] = lambda: NOON, **changes: Any) -> Collector:
    connector = Plugins().connector("sepa")
    chosen = connector.settings.model_validate(CREDITOR | changes)
    session = connector.open(chosen, Context("debits", root, clock))
    assert isinstance(session, Collector)
    return session


def request(key: str = "INV-1-a", **changes: Any) -> CollectionRequest:
    plain = CollectionRequest(
        key=key,
        amount=Money.exact("119.00", "EUR"),
        due_on=date(2026, 10, 14),
        invoice="INV-2026-0001",
        payer="Acme GmbH",
        mandate="M-1001",
        iban=IBANS[0],
        bic=None,
        signed_on=date(2024, 1, 15),
        first=False,
        remittance="Invoice INV-2026-0001",
    )
    return replace(plain, **changes)


@cache
def schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SPECS / f"{version}.xsd"))


def read(path: Path, version: str = VERSIONS[0]) -> etree._Element:
    document = etree.parse(path)
    schema(version).assertValid(document)
    for element in document.iter():
        element.tag = etree.QName(element).localname
    return document.getroot()


def said(element: etree._Element, path: str) -> list[str]:
    return [found.text or "" for found in element.iterfind(path)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scheme", ["CORE", "B2B"])
@pytest.mark.parametrize("bic", [None, "COBADEFFXXX"])
def test_a_file_says_who_pays_what_to_whom_and_when(
    tmp_path: Path, version: str, scheme: str, bic: str | None
) -> None:
    session = opened(tmp_path, version=version, scheme=scheme, creditor_bic=bic)
    attempts = session.collect(
        [
            request("a", first=True, bic=bic),
            request("b", amount=Money(1, "EUR"), due_on=date(2026, 10, 17)),
            request("c", remittance="", iban=IBANS[1]),
        ],
        "B7",
    )
    assert [(a.key, a.state) for a in attempts] == [(key, "processing") for key in "abc"]
    root = read(tmp_path / "out" / "pain.008-B7.xml", version)
    assert {a.vendor_ref for a in attempts} == {
        f"{block}/{key}"
        for one in root.findall("CstmrDrctDbtInitn/PmtInf")
        for block in said(one, "PmtInfId")
        for key in said(one, "DrctDbtTxInf/PmtId/EndToEndId")
    }
    header = "CstmrDrctDbtInitn/GrpHdr/"
    assert said(root, header + "*")[:4] == ["B7", "2026-09-30T12:00:00Z", "3", "238.01"]
    blocks = root.findall("CstmrDrctDbtInitn/PmtInf")
    assert [
        [
            *said(block, "PmtInfId"),
            *said(block, "ReqdColltnDt"),
            *said(block, "PmtTpInf/SeqTp"),
            *said(block, "NbOfTxs"),
            *said(block, "CtrlSum"),
            *said(block, "DrctDbtTxInf/PmtId/EndToEndId"),
        ]
        for block in blocks
    ] == [
        ["B7-1", "2026-10-14", "FRST", "1", "119.00", "a"],
        ["B7-2", "2026-10-14", "RCUR", "1", "119.00", "c"],
        ["B7-3", "2026-10-19", "RCUR", "1", "0.01", "b"],
    ]
    for block in blocks:
        assert said(block, "PmtTpInf/LclInstrm/Cd") == [scheme]
        assert said(block, "Cdtr/Nm") == ["Noerdlicht IT + Soehne GmbH"]
        assert said(block, "CdtrAcct/Id/IBAN") == ["DE89370400440532013000"]
        assert said(block, "CdtrSchmeId/Id/PrvtId/Othr/Id") == ["DE98ZZZ09999999999"]
        assert said(block, "DrctDbtTxInf/DrctDbtTx/MndtRltdInf/MndtId") == ["M-1001"]
        assert said(block, "DrctDbtTxInf/DrctDbtTx/MndtRltdInf/DtOfSgntr") == ["2024-01-15"]
    assert said(blocks[1], "DrctDbtTxInf/DbtrAcct/Id/IBAN") == [IBANS[1]]
    assert blocks[1].find("DrctDbtTxInf/RmtInf") is None
    bank = "BIC" if version == VERSIONS[1] else "BICFI"
    ids = said(blocks[0], f"CdtrAgt/FinInstnId/{bank}" if bic else "CdtrAgt/FinInstnId/Othr/Id")
    assert ids == [bic or "NOTPROVIDED"]


def test_the_longest_batch_key_still_tells_its_blocks_apart(tmp_path: Path) -> None:
    key = "0123456789-ABCDEFGHIJ-KLMNOPQRS-TUV"
    opened(tmp_path).collect([request("a", first=True), request("b")], key)
    root = read(tmp_path / "out" / f"pain.008-{key}.xml")
    assert said(root, ".//PmtInfId") == [f"{key[2:]}-1", f"{key[2:]}-2"]


keys = st.text("ABCXYZabcxyz0189-", min_size=1, max_size=35)
requests = st.builds(
    request,
    key=keys,
    amount=st.integers(1, 99_999_999_999).map(lambda minor: Money(minor, "EUR")),
    due_on=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    payer=st.text().map(lambda name: "Ö" + name),
    mandate=st.from_regex(r"[A-Za-z0-9+?:().,'-]{1,35}", fullmatch=True),
    iban=st.sampled_from([*IBANS, "de89 3704 0044 0532 0130 00"]),
    bic=st.sampled_from([None, "COBADEFF", "COBADEFFXXX"]),
    signed_on=st.dates(date(2009, 1, 1), date(2026, 9, 30)),
    first=st.booleans(),
    remittance=st.text(max_size=300),
)


@given(
    batch=st.lists(requests, min_size=1, max_size=12, unique_by=lambda r: r.key),
    key=keys,
    version=st.sampled_from(VERSIONS),
)
@settings(max_examples=60)
def test_any_batch_validates_and_its_sums_are_exact(
    batch: Sequence[CollectionRequest], key: str, version: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        opened(Path(folder), version=version).collect(batch, key)
        root = read(Path(folder) / "out" / f"pain.008-{key}.xml", version)
        collected = {
            (debit.findtext("PmtId/EndToEndId"), Decimal(debit.findtext("InstdAmt")))
            for debit in root.iter("DrctDbtTxInf")
        }
        assert collected == {(r.key, r.amount.amount) for r in batch}
        for block in [root.find("CstmrDrctDbtInitn/GrpHdr"), *root.iter("PmtInf")]:
            scope = block if block.tag == "PmtInf" else root
            amounts = [Decimal(amount) for amount in said(scope, ".//InstdAmt")]
            assert block.findtext("NbOfTxs") == str(len(amounts))
            assert block.findtext("CtrlSum") == f"{sum(amounts):.2f}"
        texts = said(root, ".//Nm") + said(root, ".//Ustrd")
        assert all(re.fullmatch(r"[A-Za-z0-9/?:().,'+ -]+", text) for text in texts)
        assert len({e.text for e in root.iter("PmtInfId")}) == len(root.findall(".//PmtInf"))
        again = opened(Path(folder))
        assert all(again.find_attempt(r.key) is not None for r in batch)


@given(st.text(), st.integers(1, 140))
@example("cut after a space", 4)
def test_sepa_text_is_short_plain_and_settled(text: str, length_max: int) -> None:
    spelled = sepa_text(text, length_max)
    assert re.fullmatch(r"[A-Za-z0-9/?:().,'+ -]*", spelled)
    assert len(spelled) <= length_max
    assert spelled == spelled.strip()
    assert sepa_text(spelled, length_max) == spelled


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("Müller & Söhne", "Mueller + Soehne"),
        ("Mu\u0308ller", "Mueller"),  # the same name, decomposed
        ("Straße ÄÖÜ", "Strasse AeOeUe"),
        ("Café Ångström, Łódź", "Cafe Angstroem, Lodz"),
        ("a\n\tb  c", "a b c"),
        ("10 € <script>_@", "10 EUR .script..."),
        ("日本", ".."),
    ],
)
def test_names_are_spelled_as_a_bank_clerk_would(text: str, spelled: str) -> None:
    assert sepa_text(text, 70) == spelled


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": Money(100, "CHF")}, "a SEPA debit is in EUR, and this is 1.00 CHF"),
        ({"amount": Money(0, "EUR")}, "0.00 EUR is not between 0.01 and"),
        ({"amount": Money(-100, "EUR")}, "-1.00 EUR is not between"),
        ({"amount": Money(10**11, "EUR")}, "1,000,000,000.00 EUR is not between"),
        ({"iban": "DE89370400440532013001"}, "the payer's IBAN DE89...3001 do not fit"),
        ({"iban": ""}, "the payer's IBAN"),
        ({"bic": "NOBANK"}, "'NOBANK' is not a BIC"),
        ({"mandate": "M_1"}, "the mandate reference 'M_1' has characters"),
        ({"mandate": "/M"}, "the mandate reference '/M'"),
        ({"payer": "\u202e日本"}, "has no letter SEPA can carry"),
        ({"key": "a b"}, "the key 'a b' is not 1 to 35"),
        ({"key": "k" * 36}, "is not 1 to 35"),
        ({"key": "good"}, "its key comes twice"),
    ],
)
def test_a_request_no_bank_would_take_is_named_before_anything_is_written(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    bad = replace(request(invoice="INV-2026-0666"), **changes)
    with pytest.raises(SkipRecord, match=re.escape(sentence)) as caught:
        opened(tmp_path).collect([request("good"), bad], "B1")
    assert str(caught.value).startswith("Invoice INV-2026-0666 cannot be collected: ")
    assert (caught.value.ref, caught.value.connection) == (bad.key, "debits")
    assert not bad.iban or bad.iban not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"creditor_iban": "DE89370400440532013001"}, "It is not an IBAN"),
        ({"creditor_bic": "XX"}, "It is not a BIC"),
        ({"creditor_id": "DE99ZZZ09999999999"}, "It is not a SEPA creditor identifier"),
        ({"creditor_id": "DE98ZZZ"}, "It is not a SEPA creditor identifier"),
        ({"creditor_name": "日本"}, "It has no letter"),
        ({"scheme": "COR1"}, "'CORE' or 'B2B'"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        opened(tmp_path, **changes)


@pytest.mark.parametrize("iban", IBANS)
def test_the_check_digits_of_an_iban_catch_a_wrong_character(iban: str) -> None:
    assert is_iban(iban)
    for at, char in enumerate(iban):
        for other in set("0123456789") - {char}:
            assert not is_iban(iban[:at] + other + iban[at + 1 :])


def test_the_check_digits_of_a_creditor_identifier_leave_out_its_business_code() -> None:
    fitting = [n for n in range(100) if is_creditor_id(f"DE{n:02}ZZZ09999999999")]
    assert fitting == [98]
    assert is_creditor_id("DE98ABC09999999999")
    assert not is_creditor_id("DE98ZZZ09999999991")


def test_the_same_batch_key_writes_once_and_answers_the_same(tmp_path: Path) -> None:
    first = opened(tmp_path).collect([request("a"), request("b")], "B1")
    path = tmp_path / "out" / "pain.008-B1.xml"
    body, written_ns = path.read_bytes(), path.stat().st_mtime_ns
    later = opened(tmp_path, lambda: datetime(2027, 1, 1, tzinfo=UTC))
    assert later.collect([request("b"), request("c"), request("a")], "B1") == first
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (body, written_ns)
    assert later.find_attempt("c") is None
    assert later.find_attempt("a") == first[0]


def test_a_request_of_an_earlier_file_is_not_collected_by_a_later_one(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.collect([request("a")], "B1")
    attempts = session.collect([request("a"), request("b")], "B2")
    assert [attempt.vendor_ref for attempt in attempts] == ["B1-1/a", "B2-1/b"]
    root = read(tmp_path / "out" / "pain.008-B2.xml")
    assert said(root, ".//EndToEndId") == ["b"]
    assert [a.vendor_ref for a in session.collect([request("a")], "B3")] == ["B1-1/a"]
    assert not (tmp_path / "out" / "pain.008-B3.xml").exists()


def test_a_file_moved_below_once_sent_is_still_known(tmp_path: Path) -> None:
    opened(tmp_path).collect([request("a")], "B1")
    (tmp_path / "out" / "sent").mkdir()
    (tmp_path / "out" / "pain.008-B1.xml").rename(tmp_path / "out" / "sent" / "pain.008-B1.xml")
    session = opened(tmp_path)
    assert session.find_attempt("a") == session.collect([request("a")], "B1")[0]
    assert not (tmp_path / "out" / "pain.008-B1.xml").exists()


def test_a_crash_before_the_move_leaves_no_file_and_the_next_call_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            opened(tmp_path).collect([request("a")], "B1")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["pain.008-B1.part"]
    session = opened(tmp_path)
    assert session.find_attempt("a") is None
    session.collect([request("a")], "B1")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["pain.008-B1.xml"]
    read(tmp_path / "out" / "pain.008-B1.xml")


def test_two_sessions_at_once_collect_a_request_once(tmp_path: Path) -> None:
    """The clock is read between looking and writing; there the other session tries the same."""
    other = threading.Thread(target=lambda: opened(tmp_path).collect([request("a")], "B2"))

    def now() -> datetime:
        other.start()
        other.join(timeout=0.5)
        return NOON

    opened(tmp_path, now).collect([request("a")], "B1")
    other.join()
    assert [path.name for path in (tmp_path / "out").glob("*.xml")] == ["pain.008-B1.xml"]


MESSAGE = "<a><CstmrDrctDbtInitn><GrpHdr><MsgId>B</MsgId></GrpHdr></CstmrDrctDbtInitn></a>"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<Document/>",
        f"<!DOCTYPE a>{MESSAGE}".encode(),
    ],
)
def test_a_file_nobody_can_read_stops_rather_than_collect_twice(
    tmp_path: Path, body: bytes
) -> None:
    session = opened(tmp_path)
    (tmp_path / "out" / "pain.008-B1.xml").write_bytes(body)
    with pytest.raises(Stop, match=r"pain\.008-B1\.xml is not a pain\.008 message.*Restore it"):
        session.collect([request("a")], "B2")


@pytest.mark.parametrize("key", ["", "../x", "a b", "k" * 36])
def test_a_batch_key_that_is_no_file_name_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(Stop, match=r"The batch key .* is not 1 to 35"):
        opened(tmp_path).collect([request("a")], key)


def test_nothing_to_collect_writes_nothing(tmp_path: Path) -> None:
    session = opened(tmp_path)
    assert session.collect([], "B1") == []
    assert list((tmp_path / "out").iterdir()) == []
    assert session.whoami() == (
        f"pain.008.001.08 CORE files in {tmp_path / 'out'} "
        "for Noerdlicht IT + Soehne GmbH (DE98ZZZ09999999999)"
    )


@pytest.mark.parametrize(
    ("first", "one_off", "said_as"),
    [(True, False, "FRST"), (False, False, "RCUR"), (True, True, "OOFF")],
)
def test_a_debit_says_its_place_among_the_uses_of_its_mandate(
    tmp_path: Path, first: bool, one_off: bool, said_as: str
) -> None:
    opened(tmp_path).collect([request("a", first=first, one_off=one_off)], "B7")
    root = read(tmp_path / "out" / "pain.008-B7.xml")
    assert said(root, ".//SeqTp") == [said_as]
