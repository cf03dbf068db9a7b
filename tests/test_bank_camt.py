"""What becomes of reversals, returns, batches, pending entries and hostile XML in camt files."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.connector import Broken, Pulled
from tallystick.errors import SkipRecord
from tallystick_bank import camt
from tallystick_bank.settings import BankSettings

OWN = "DE02120300000000202051"
PAYER = "DE75512108001245126199"


def details(amount: str = "", side: str = "", end_to_end: str = "", extra: str = "") -> str:
    indicator = f"<CdtDbtInd>{side}</CdtDbtInd>" if side else ""
    own = f'<Amt Ccy="EUR">{amount}</Amt>{indicator}' if amount else ""
    reference = f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>" if end_to_end else ""
    return f"<TxDtls>{reference}{own}{extra}</TxDtls>"


def entry(
    amount: str, side: str = "CRDT", inside: str = "", *, ref: str = "", status: str = "BOOK",
    reversal: str = "", day: str = "2026-03-02", currency: str = "EUR",
) -> str:  # fmt: skip
    rvsl = f"<RvslInd>{reversal}</RvslInd>" if reversal else ""
    servicer = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{rvsl}'
        f"<Sts>{status}</Sts><BookgDt><Dt>{day}</Dt></BookgDt>{servicer}<BkTxCd/>"
        f"<NtryDtls>{inside}</NtryDtls></Ntry>"
    )


def balance(code: str, amount: str) -> str:
    side = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{amount.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        "<Dt><Dt>2026-03-02</Dt></Dt></Bal>"
    )


def statement(*entries: str, opening: str = "", closing: str = "", account: str = OWN) -> str:
    ends = balance("OPBD", opening) + balance("CLBD", closing) if opening else ""
    return (
        f"<Stmt><Id>S1</Id><Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
        f"{ends}{''.join(entries)}</Stmt>"
    )


def document(*statements: str, prolog: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr/>{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()


def notification(*entries: str) -> bytes:
    return document(statement(*entries)).replace(b"Stmt>", b"Ntfctn>")


def read(content: bytes, **settings: Any) -> list[Pulled | Broken]:
    return list(camt.read(io.BytesIO(content), "f.xml", BankSettings(folder=".", **settings)))


def raws(content: bytes, **settings: Any) -> list[dict[str, Any]]:
    rows = read(content, **settings)
    assert all(isinstance(row, Pulled) for row in rows), rows
    return [dict(row.raw) for row in rows]


PARTIES = (
    f"<RltdPties><Dbtr><Pty><Nm>Acme</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{PAYER}</IBAN></Id>"
    f"</DbtrAcct><Cdtr><Nm>Nordlicht</Nm></Cdtr><CdtrAcct><Id><IBAN>{OWN}</IBAN></Id></CdtrAcct>"
    "</RltdPties>"
)
RETURN = "<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>"


def test_a_credit_transfer_becomes_one_record() -> None:
    words = (
        "<RmtInf><Ustrd>Invoice</Ustrd><Ustrd>INV-2026-0007</Ustrd>"
        "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
    )
    inside = details(end_to_end="E-1", extra=PARTIES + words)
    (raw,) = raws(document(statement(entry("119.00", inside=inside, ref="B1"))))
    assert raw.pop("id").startswith("2026-03-02-")
    assert raw == {
        "version": 1,
        "updated_at": None,
        "account": OWN,
        "booked_on": date(2026, 3, 2),
        "amount": Decimal("119.00"),
        "currency": "EUR",
        "charges": None,
        "paid_amount": None,
        "paid_currency": None,
        "bank_reference": "B1",
        "end_to_end_id": "E-1",
        "returned": False,
        "return_reason": None,
        "batch": None,
        "payout": None,
        "counterparty": "Acme",
        "counterparty_iban": PAYER,
        "remittance": "Invoice INV-2026-0007 RF18539007547034",
    }


def test_a_returned_debit_names_its_collection_its_reason_and_its_payer() -> None:
    inside = details(end_to_end="TS-1", extra=PARTIES + RETURN)
    (raw,) = raws(document(statement(entry("119.00", "DBIT", inside))))
    assert raw["amount"] == Decimal("-119.00")
    assert (raw["returned"], raw["return_reason"]) == (True, "MD06")
    assert (raw["end_to_end_id"], raw["counterparty"]) == ("TS-1", "Acme")


@pytest.mark.parametrize("written", ["NOTPROVIDED", "NONREF", " notprovided "])
def test_a_reference_that_says_there_is_none_is_none(written: str) -> None:
    (raw,) = raws(document(statement(entry("1", inside=details(end_to_end=written)))))
    assert raw["end_to_end_id"] is None


class TestReversals:
    """A credit of 100 is undone. Only the balances tell how this bank writes that."""

    def rows(self, side: str, closing: str, **settings: Any) -> list[dict[str, Any]]:
        undone = entry("100.00", side, details(extra=PARTIES), reversal="true")
        return raws(document(statement(undone, opening="500.00", closing=closing)), **settings)

    @pytest.mark.parametrize("side", ["DBIT", "CRDT"])
    def test_a_reversed_credit_takes_the_money_away_however_it_is_indicated(
        self, side: str
    ) -> None:
        (raw,) = self.rows(side, "400.00")
        assert raw["amount"] == Decimal("-100.00")
        assert raw["counterparty"] == "Acme"

    @pytest.mark.parametrize("side", ["DBIT", "CRDT"])
    def test_a_reversed_debit_brings_the_money_back(self, side: str) -> None:
        (raw,) = self.rows(side, "600.00")
        assert raw["amount"] == Decimal("100.00")

    def test_a_declared_reading_that_does_not_tie_out_rejects_the_file(self) -> None:
        with pytest.raises(SkipRecord, match=r"the difference is 200\.00"):
            self.rows("DBIT", "600.00", reversals="direction")

    def test_without_balances_a_reversal_waits_for_proof(self) -> None:
        undone = entry("100.00", "DBIT", reversal="true")
        kept, held = read(notification(entry("7.00"), undone))
        assert isinstance(kept, Pulled)
        assert isinstance(held, Broken)
        assert "no balances in the file prove" in held.what
        assert "reversals" in held.do

    @pytest.mark.parametrize(
        ("declared", "amount"), [("direction", "-100.00"), ("original", "100.00")]
    )
    def test_without_balances_the_declared_reading_holds(self, declared: str, amount: str) -> None:
        content = notification(entry("100.00", "DBIT", reversal="1"))
        (raw,) = raws(content, reversals=declared)
        assert raw["amount"] == Decimal(amount)

    def test_reversals_that_cancel_prove_nothing(self) -> None:
        both = [entry("9.00", side, reversal="true") for side in ("CRDT", "DBIT")]
        rows = read(document(statement(*both, opening="1.00", closing="1.00")))
        assert [type(row) for row in rows] == [Broken, Broken]


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
def test_what_is_not_booked_never_settles_nor_counts(status: str) -> None:
    inside = [entry("5.00"), entry("70.00", status=status)]
    content = document(statement(*inside, opening="1.00", closing="6.00"))
    assert [raw["amount"] for raw in raws(content)] == [Decimal("5.00")]


def test_a_missing_status_is_set_aside_not_left_out() -> None:
    (row,) = read(document(statement(entry("5.00", status=""))))
    assert isinstance(row, Broken)
    assert "status" in row.what


class TestTyingOut:
    def test_a_difference_rejects_the_whole_file_and_is_named(self) -> None:
        fine = statement(entry("5.00"), opening="1.00", closing="6.00")
        wrong = statement(entry("5.00"), opening="6.00", closing="11.01")
        with pytest.raises(SkipRecord, match=r"opening 6\.00 plus booked entries 5\.00.*0\.01"):
            read(document(fine, wrong))

    def test_overdrawn_balances_are_negative(self) -> None:
        content = document(statement(entry("5.00", "DBIT"), opening="-1.00", closing="-6.00"))
        assert raws(content)[0]["amount"] == Decimal("-5.00")

    def test_the_previous_closing_is_an_opening(self) -> None:
        content = document(statement(entry("5.00"), opening="1.00", closing="7.00"))
        with pytest.raises(SkipRecord, match=r"1\.00"):
            read(content.replace(b"OPBD", b"PRCD"))

    def test_an_entry_in_another_currency_cannot_be_added(self) -> None:
        foreign = entry("5.00", currency="USD")
        with pytest.raises(SkipRecord, match="mixes EUR and USD"):
            read(document(statement(foreign, opening="1.00", closing="6.00")))

    def test_a_page_of_several_is_not_held_against_the_whole_statement(self) -> None:
        page = "<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>"
        content = document(statement(entry("5.00"), opening="1.00", closing="99.00"))
        assert len(raws(content.replace(b"<Id>S1</Id>", b"<Id>S1</Id>" + page.encode()))) == 1


class TestBatches:
    def split(self, *amounts: str, whole: str = "30.00") -> list[dict[str, Any]]:
        inside = "".join(
            details(amount, end_to_end=f"E{number}") for number, amount in enumerate(amounts)
        )
        batch = "<Btch><PmtInfId>P-1</PmtInfId></Btch>"
        return raws(document(statement(entry(whole, inside=batch + inside, ref="B1"))))

    def test_details_that_add_up_become_transactions(self) -> None:
        rows = self.split("10.00", "20.00")
        assert [(row["end_to_end_id"], row["amount"], row["batch"]) for row in rows] == [
            ("E0", Decimal("10.00"), None),
            ("E1", Decimal("20.00"), None),
        ]
        assert len({row["id"] for row in rows}) == 2

    @pytest.mark.parametrize("amounts", [("10.00", "20.01"), ("10.00", ""), ()])
    def test_otherwise_the_batch_stays_one(self, amounts: tuple[str, ...]) -> None:
        (row,) = self.split(*amounts)
        assert (row["amount"], row["batch"]) == (Decimal("30.00"), "P-1")
        assert row["end_to_end_id"] is None

    def test_a_batch_net_of_its_returns_follows_the_details_own_directions(self) -> None:
        inside = details("40.00", "CRDT") + details("10.00", "DBIT", extra=RETURN)
        rows = raws(document(statement(entry("30.00", inside=inside))))
        assert [row["amount"] for row in rows] == [Decimal("40.00"), Decimal("-10.00")]
        assert [row["returned"] for row in rows] == [False, True]

    def test_one_detail_of_twenty_does_not_speak_for_the_batch(self) -> None:
        batch = "<Btch><MsgId>M-1</MsgId><NbOfTxs>20</NbOfTxs></Btch>"
        content = document(statement(entry("9.00", inside=batch + details(end_to_end="E"))))
        (row,) = raws(content)
        assert (row["end_to_end_id"], row["batch"]) == (None, "M-1")

    def test_a_batch_shown_whole_and_in_details_ends_as_its_details(self) -> None:
        """Whichever file comes first: upsert by id, the higher version stands."""
        inside = details("10.00", end_to_end="E0") + details("20.00", end_to_end="E1")
        shown_whole = raws(document(statement(entry("30.00", ref="B1"))))
        in_details = raws(notification(entry("30.00", inside=inside, ref="B1")))
        for order in (shown_whole + in_details, in_details + shown_whole):
            stored: dict[str, dict[str, Any]] = {}
            for raw in order:
                known = stored.get(raw["id"])
                if known is None or raw["version"] >= known["version"]:
                    stored[raw["id"]] = raw
            assert sorted(raw["amount"] for raw in stored.values()) == [10, 20]


class TestIdentity:
    def ids(self, content: bytes) -> list[str]:
        return [raw["id"] for raw in raws(content)]

    def test_overlapping_statements_and_a_notification_agree(self) -> None:
        first, second = entry("5.00", ref="B1"), entry("5.00", ref="B2", day="2026-03-03")
        both = self.ids(document(statement(first, second)))
        assert self.ids(document(statement(second), statement(first))) == both[::-1]
        assert self.ids(notification(second)) == both[1:]

    def test_a_repeated_end_to_end_id_is_told_apart_by_the_banks_reference(self) -> None:
        inside = details(end_to_end="SAME")
        content = document(
            statement(
                entry("5.00", inside=inside, ref="B1"), entry("5.00", inside=inside, ref="B2")
            )
        )
        assert len(set(self.ids(content))) == 2

    def test_equal_bookings_are_numbered_day_by_day(self) -> None:
        days = [entry("5.00"), entry("5.00", day="2026-03-03")]
        both = self.ids(document(statement(*days)))
        assert self.ids(document(statement(days[1]))) == both[1:]

    def test_equal_bookings_without_a_reference_are_numbered(self) -> None:
        twice = self.ids(document(statement(entry("5.00"), entry("5.00"))))
        assert len(set(twice)) == 2
        assert self.ids(document(statement(entry("5.00")))) == twice[:1]

    @pytest.mark.parametrize(
        "other",
        [entry("5.01", ref="B"), entry("5.00", ref="C"), entry("5.00", ref="B", day="2026-03-03")],
    )
    def test_a_reference_used_again_is_another_booking(self, other: str) -> None:
        assert self.ids(document(statement(entry("5.00", ref="B")))) != self.ids(
            document(statement(other))
        )

    def test_trailing_zeros_change_nothing(self) -> None:
        assert self.ids(document(statement(entry("5")))) == self.ids(
            document(statement(entry("5.00000")))
        )


def test_an_amount_finer_than_the_currency_is_set_aside_alone() -> None:
    broken, fine = read(document(statement(entry("8.855"), entry("8.85000"))))
    assert isinstance(broken, Broken)
    assert "8.855 is not an amount of whole EUR minor units" in broken.what
    assert isinstance(fine, Pulled)
    assert fine.raw["amount"] == Decimal("8.85")


@pytest.mark.parametrize("amount", ["", "NaN", "1e3", "1_000", "-5.00", "\u0665", "1,00", "0x10"])
def test_what_is_no_amount_is_set_aside(amount: str) -> None:
    (row,) = read(document(statement(entry(amount))))
    assert isinstance(row, Broken)


def test_another_account_is_set_aside_statement_by_statement() -> None:
    content = document(statement(entry("1.00"), account=PAYER), statement(entry("2.00")))
    other, mine = read(content, account="DE02 1203 0000 0000 2020 51")
    assert isinstance(other, Broken)
    assert PAYER in other.what
    assert isinstance(mine, Pulled)
    assert mine.raw["amount"] == Decimal("2.00")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "doctype": lambda: document(prolog="<!DOCTYPE Document>"),
    "external": lambda: document(prolog='<!DOCTYPE Document SYSTEM "file:///etc/passwd">'),
    "bomb": lambda: document(
        statement(entry("1.00")),
        prolog='<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    ).replace(b"S1", b"&c;"),
    "parameter entity": lambda: document(
        prolog='<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>'
    ),
    "file entity": lambda: document(
        statement(entry("1.00")), prolog='<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    ).replace(b"S1", b"&x;"),
    "utf-16": lambda: (
        document(prolog="<!DOCTYPE Document>").decode().replace("UTF-8", "UTF-16").encode("utf-16")
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_any_dtd_is_refused(name: str) -> None:
    with pytest.raises(SkipRecord, match="declares a document type"):
        read(HOSTILE[name]())


@pytest.mark.parametrize(
    "content",
    [
        b"<",
        b"<Document>",
        document(statement(entry("1.00")))[:-40],
        document(statement(entry("1.00"))).replace(b"S1", b"&unknown;"),
        document(statement(entry("1.00"))).replace(b"UTF-8", b"klingon"),
        document(statement(entry("1.00"))).replace(b"S1", b"\xff\xfe"),
        document(statement(entry("1.00"))).replace(b"S1", b"\x00"),
    ],
)
def test_broken_xml_yields_nothing(content: bytes) -> None:
    with pytest.raises(SkipRecord, match="not well-formed"):
        read(content)


def test_entries_leave_memory_as_they_are_read() -> None:
    """Ten times the entries must not need ten times the memory."""

    def peak_bytes(count: int) -> int:
        content = io.BytesIO(document(statement(*[entry("5.00", inside=details("5.00"))] * count)))
        tracemalloc.start()
        for _ in camt.read(content, "f.xml", BankSettings(folder=".")):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(5_000) < 2 * peak_bytes(500)


minor = st.integers(min_value=0, max_value=10**12)


@st.composite
def batches(draw: st.DrawFn) -> tuple[str, int, list[int]]:
    """An entry, what it moves in cents, and the parts it must fall into."""
    parts = draw(st.lists(minor, min_size=1, max_size=4))
    credit = draw(st.booleans())
    sign = 1 if credit else -1
    inside = "".join(details(str(Decimal(part).scaleb(-2))) for part in parts)
    reference = draw(st.sampled_from(["", "R1", "R2"]))
    whole = str(Decimal(sum(parts)).scaleb(-2))
    node = entry(whole, "CRDT" if credit else "DBIT", inside, ref=reference)
    return node, sign * sum(parts), [sign * part for part in parts]


@given(st.lists(batches(), max_size=8), st.integers(min_value=-(10**12), max_value=10**12))
def test_every_cent_of_a_statement_arrives_once(
    entries: list[tuple[str, int, list[int]]], opening: int
) -> None:
    """Law: the records are the parts, distinct by id, and sum to closing - opening."""
    closing = opening + sum(moved for _, moved, _ in entries)
    ends = {
        "opening": f"{Decimal(opening).scaleb(-2):f}",
        "closing": f"{Decimal(closing).scaleb(-2):f}",
    }
    content = document(statement(*(node for node, _, _ in entries), **ends))
    found = raws(content)
    assert [int(raw["amount"] * 100) for raw in found] == [
        part for _, _, parts in entries for part in parts
    ]
    assert len({raw["id"] for raw in found}) == len(found)
    assert found == raws(content)


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=2000))
def test_no_bytes_raise_anything_but_a_sentence(noise: bytes, at: int) -> None:
    whole = document(statement(entry("5.00"), opening="1.00", closing="6.00"))
    for content in (noise, whole[:at] + noise + whole[at:], whole[:at] + noise):
        with suppress(SkipRecord):
            read(content)
