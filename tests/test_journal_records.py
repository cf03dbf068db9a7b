"""What is pushed into the books is what bean-check and hledger read there, whatever its text."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tallystick.connector import Context, Sink
from tallystick.errors import SkipRecord, Stop
from tallystick.plugins import Plugins
from tallystick_journal.inert import account_name, inert, link_name, original

BEAN_CHECK = Path(sys.executable).with_name("bean-check")
HLEDGER = shutil.which("hledger")
PLACES = {"EUR": 2, "JPY": 0, "KWD": 3}
NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)


def opened(root: Path) -> Sink:
    connector = Plugins().connector("journal")
    settings_ = connector.settings.model_validate({"folder": "books"})
    session = connector.open(settings_, Context("ledger", root, lambda: NOON))
    assert isinstance(session, Sink)
    return session


def text_of(root: Path, name: str) -> str:
    return (root / "books" / name).read_text(encoding="utf-8")


def judged(root: Path) -> None:
    """Both programs accept the files; without hledger a sum of our own stands in for it."""
    folder = root / "books"
    check = subprocess.run(
        [str(BEAN_CHECK), "--no-cache", str(folder / "books.beancount")],
        capture_output=True,
        text=True,
    )
    assert (check.returncode, check.stdout + check.stderr) == (0, "")
    if HLEDGER:
        command = [HLEDGER, "-f", str(folder / "books.journal"), "check", "--strict"]
        run = subprocess.run(command, capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"})
        assert (run.returncode, run.stderr) == (0, "")
    for name in ("books.beancount", "books.journal"):
        for sums in sums_per_entry(text_of(root, name)):
            assert not any(sums.values())


def sums_per_entry(text: str) -> Iterator[Mapping[str, Decimal]]:
    for block in re.split(r"\n(?=\d{4}-)", text):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for amount, currency in re.findall(
            r"^  [A-Z]\S+ +(-?[\d.]+) ([A-Z]{3})$", block, re.MULTILINE
        ):
            sums[currency] += Decimal(amount)
        yield sums


def invoice(number: str = "INV-2026-0001", **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "kind": "invoice",
        "client": "1001",
        "client_name": "Acme GmbH",
        "issued_on": date(2026, 9, 30),
        "due_on": date(2026, 10, 14),
        "currency": "EUR",
        "lines": [
            {"description": "Workplaces", "account": "Income:Fixed", "net": Decimal("90.00")},
            {"description": "Hours", "account": "Liabilities:Deferred", "net": Decimal("10.00")},
        ],
        "tax": [
            {
                "category": "standard",
                "percent": Decimal(19),
                "account": "Liabilities:Tax:Standard",
                "amount": Decimal("19.00"),
            }
        ],
        "gross": Decimal("119.00"),
    } | changes


def payment(**changes: Any) -> dict[str, Any]:
    return {
        "id": "p-1",
        "client": "1001",
        "invoice": "INV-2026-0001",
        "paid_on": date(2026, 10, 12),
        "amount": Decimal("119.00"),
        "currency": "EUR",
        "account": "Assets:Bank:Main",
    } | changes


PIECES = [
    '"', "\\", "\\n", "\n", "\r\n", "\t", ";", "|", "(", ")", "*", "!", "[2026-13-41]", "[=1]",
    "date:2026-99-99", ", date: x", ", date2:1", "\x00", "\x1b[31m", "\x85", "\u2028", "\u202e",
    "\u2066", "\u200b", "\ud800", "\ufeff", "\U000e0001", "\N{NO-BREAK SPACE}", "é", "日本",
    '\n2026-01-01 * "x"\n', "\n\n; sealed ", "\nend comment\n", "^link", "#tag", "{1.00 EUR}",
]  # fmt: skip
hostile = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(st.characters(exclude_categories=()), max_size=5)),
    max_size=6,
).map("".join)
days = st.dates(date(1970, 1, 1), date(2199, 12, 31))
accounts = st.sampled_from(
    ["Income:Fixed", "Income:Hours", "Liabilities:Tax:Standard", "Assets:Bank:Main", "Equity:X-1"]
)
optional = st.none() | hostile


@st.composite
def invoices(draw: st.DrawFn) -> dict[str, Any]:
    currency = draw(st.sampled_from(sorted(PLACES)))
    places = PLACES[currency]
    sign = draw(st.sampled_from([1, -1]))
    minor = st.integers(0, 10**11).map(lambda n: Decimal(sign * n).scaleb(-places))
    line = st.fixed_dictionaries({"description": hostile, "account": accounts, "net": minor})
    percent = st.decimals(0, 30, places=2)
    tax = st.fixed_dictionaries(
        {"category": hostile, "percent": percent, "account": accounts, "amount": minor}
    )
    lines: list[dict[str, Any]] = draw(st.lists(line, max_size=4))
    taxes: list[dict[str, Any]] = draw(st.lists(tax, max_size=2))
    return {
        "number": draw(hostile),
        "kind": "invoice" if sign > 0 else "credit_note",
        "client": draw(hostile),
        "client_name": draw(hostile),
        "issued_on": draw(days),
        "due_on": draw(st.none() | days),
        "currency": currency,
        "lines": lines,
        "tax": taxes,
        "gross": sum((row["net"] for row in lines), Decimal(0))
        + sum((row["amount"] for row in taxes), Decimal(0)),
    }


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    postings: list[dict[str, Any]] = []
    for currency in draw(st.lists(st.sampled_from(sorted(PLACES)), unique=True)):
        minors = draw(st.lists(st.integers(-(10**11), 10**11), max_size=4))
        postings.extend(
            {
                "account": draw(accounts | st.just("Assets:Receivable")),
                "amount": Decimal(minor).scaleb(-PLACES[currency]),
                "currency": currency,
                "client": draw(optional),
                "contract": draw(optional),
            }
            for minor in [*minors, -sum(minors)]
        )
    return {"id": draw(hostile), "on": draw(days), "narration": draw(hostile), "postings": postings}


payments = st.fixed_dictionaries(
    {
        "id": hostile,
        "client": hostile,
        "invoice": optional,
        "paid_on": days,
        "amount": st.decimals(-(10**9), 10**9, places=2),
        "currency": st.just("EUR"),
        "account": accounts,
    }
)
customers = st.fixed_dictionaries(
    {"id": hostile, "name": hostile, "vat_id": optional, "country": optional, "currency": optional}
)
pushes = st.lists(
    st.one_of(
        st.tuples(st.just("invoice"), invoices()),
        st.tuples(st.just("payment"), payments),
        st.tuples(st.just("entry"), entries()),
        st.tuples(st.just("customer"), customers),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda push: (push[0], push[1].get("number", push[1].get("id"))),
)


def comparable(record: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """`raw` as its readback must be: sequences of one type, an invoice with its totals."""
    said = {name: list(v) if isinstance(v, list | tuple) else v for name, v in raw.items()}
    if record == "invoice":
        said["net"] = sum(line["net"] for line in raw["lines"])
        said["tax_total"] = sum(tax["amount"] for tax in raw["tax"])
    return said


@given(batch=pushes, keys=st.lists(hostile, min_size=12, max_size=12, unique=True))
@settings(max_examples=50)
def test_any_text_reads_back_as_it_was(
    batch: list[tuple[str, dict[str, Any]]], keys: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        session = opened(root)
        for (record, raw), key in zip(batch, keys, strict=False):
            ref = session.push(record, raw, key)
            assert comparable(record, ref.readback) == comparable(record, raw)
            assert ref.id == raw.get("number", raw.get("id"))
        again = opened(root)
        for (record, raw), key in zip(batch, keys, strict=False):
            found = again.find(record, key)
            assert found is not None
            assert comparable(record, found.readback) == comparable(record, raw)


@given(batch=pushes)
# Shrinking would start both programs hundreds of times; the batch is printed as it is.
@settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_any_text_is_inert_in_both_files(batch: list[tuple[str, dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        session = opened(Path(folder))
        for number, (record, raw) in enumerate(batch):
            session.push(record, raw, str(number))
        judged(Path(folder))


def test_each_kind_of_hostile_text_is_inert_wherever_it_stands(tmp_path: Path) -> None:
    session = opened(tmp_path)
    on = NOON.date()
    for piece in PIECES:
        for text in (piece, f"x{piece}date:2026-10-01", f"{piece}; y: z"):
            sold = {"description": text, "account": "Income:Fixed", "net": Decimal(1)}
            plain = {"lines": [sold], "tax": [], "gross": Decimal(1)}
            raw = invoice(text, client=text, client_name=text, **plain)
            session.push("invoice", raw, text)
            session.push("entry", {"id": text, "on": on, "narration": text, "postings": []}, text)
            session.push("customer", {"id": text, "name": text}, text)
    judged(tmp_path)
    for name in ("books.beancount", "books.journal"):
        assert all(line.isprintable() for line in text_of(tmp_path, name).split("\n"))
    for line in text_of(tmp_path, "books.journal").split("\n"):
        if line.startswith("2026"):
            assert re.fullmatch(r"2026-09-30 \* \((invoice|entry)\) [^;|]*( \| [^;|]*)?", line)
        elif line.startswith("  "):
            assert re.fullmatch(
                r"  (  )?; [a-z_]+: [^,\[\]]*|  [A-Z][\w:-]+ {2,}-?[\d.]+ EUR", line
            )


@given(hostile)
def test_inert_text_prints_and_can_be_taken_back(text: str) -> None:
    assert inert(text).isprintable()
    assert original(inert(text)) == text


@given(hostile, hostile)
@example("a-b", "a--b")
@example("-2d-", "-")
@example("é", "-e9-")
@example("é", "_e9_")
def test_two_clients_never_share_an_account_nor_two_invoices_a_link(one: str, two: str) -> None:
    assert re.fullmatch(r"[A-Z0-9][A-Za-z0-9-]*", account_name(one))
    assert re.fullmatch(r"[A-Za-z0-9_/.-]*", link_name(one))
    if one != two:
        assert account_name(one) != account_name(two)
        assert link_name(one) != link_name(two)


def test_an_invoice_debits_the_client_and_its_payment_settles_it(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.push("invoice", invoice(), "k1")
    session.push("payment", payment(), "k2")
    judged(tmp_path)
    books = text_of(tmp_path, "books.beancount")
    legs = re.findall(r"^  (Assets:\S+|Income\S+|Liab\S+) +(\S+) EUR$", books, re.MULTILINE)
    assert legs == [
        ("Assets:Receivable:C1001", "119.00"),
        ("Income:Fixed", "-90.00"),
        ("Liabilities:Deferred", "-10.00"),
        ("Liabilities:Tax:Standard", "-19.00"),
        ("Assets:Bank:Main", "119.00"),
        ("Assets:Receivable:C1001", "-119.00"),
    ]
    assert books.count(" ^INV-2026-0001\n") == 2


def test_an_entry_on_the_receivable_moves_the_account_of_its_client(tmp_path: Path) -> None:
    legs = [
        {"account": account, "amount": Decimal(amount), "currency": "EUR", "client": client}
        for account, amount, client in [
            ("Assets:Receivable", 7, "a-b"),
            ("Assets:Receivable", 2, None),
            ("Liabilities:Deferred", -9, "a-b"),
        ]
    ]
    raw = {"id": "e", "on": NOON.date(), "narration": "Opening", "postings": legs}
    opened(tmp_path).push("entry", raw, "k")
    judged(tmp_path)
    books = text_of(tmp_path, "books.beancount")
    assert re.findall(r"^  ([A-Z]\S+) +(\S+) EUR$", books, re.MULTILINE) == [
        ("Assets:Receivable:Ca--b", "7.00"),
        ("Assets:Receivable", "2.00"),
        ("Liabilities:Deferred", "-9.00"),
    ]


def test_an_invoice_that_does_not_balance_stops_with_the_difference(tmp_path: Path) -> None:
    session = opened(tmp_path)
    with pytest.raises(Stop, match=r"0\.01 EUR is left over.*invoice INV-2026-0001") as caught:
        session.push("invoice", invoice(gross=Decimal("119.01")), "k")
    assert caught.value.connection == "ledger"
    assert session.find("invoice", "k") is None
    assert "INV" not in text_of(tmp_path, "books.beancount")


@pytest.mark.parametrize(
    ("changes", "recovery", "sentence"),
    [
        ({"amount": Decimal("1.005")}, Stop, "not an amount of whole EUR minor units"),
        ({"currency": "XXX"}, Stop, "not a currency"),
        ({"account": "Assets:bank"}, Stop, "'Assets:bank' is not an account name"),
        ({"account": 'Assets:Bank"\n'}, Stop, "is not an account name"),
        ({"account": None}, SkipRecord, "cannot be booked"),
        ({"paid_on": date(1969, 12, 31)}, SkipRecord, "the books begin on 1970-01-01"),
    ],
)
def test_what_cannot_be_booked_is_a_sentence_and_no_effect(
    tmp_path: Path, changes: dict[str, Any], recovery: type[Exception], sentence: str
) -> None:
    session = opened(tmp_path)
    before = text_of(tmp_path, "books.beancount")
    with pytest.raises(recovery, match=re.escape(sentence)):
        session.push("payment", payment(**changes), "k")
    assert text_of(tmp_path, "books.beancount") == before


def test_the_same_key_has_one_effect_and_one_number_has_one_key(tmp_path: Path) -> None:
    session = opened(tmp_path)
    first = session.push("invoice", invoice(), "k")
    size = len(text_of(tmp_path, "books.beancount"))
    assert session.push("invoice", invoice(gross=Decimal("1.00")), "k") == first
    assert opened(tmp_path).push("invoice", invoice(), "k") == first
    with pytest.raises(SkipRecord, match="already, pushed under the key k"):
        session.push("invoice", invoice(), "other")
    assert len(text_of(tmp_path, "books.beancount")) == size


def test_a_customer_pushed_again_is_noted_again_under_the_same_account(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.push("customer", {"id": "7", "name": "Old", "vat_id": "DE1"}, "k1")
    session.push("customer", {"id": "7", "name": "New", "vat_id": "DE1"}, "k2")
    judged(tmp_path)
    books = text_of(tmp_path, "books.beancount")
    assert books.count("open Assets:Receivable:C7") == 1
    assert re.findall('custom "customer" "7" "(.*)"', books) == ["Old", "New"]
    assert session.whoami().endswith("books, 0 transactions")


def test_a_receivable_of_another_name_is_booked_there_and_read_back(tmp_path: Path) -> None:
    """What `[accounts]` of the configuration calls it."""
    sink, named = opened(tmp_path), "Assets:1400-Receivables"
    billed, paid = invoice(receivable=named), payment(receivable=named)
    back = sink.push("invoice", billed, "k1").readback
    assert (back["receivable"], back["gross"]) == (named, billed["gross"])
    assert sink.push("payment", paid, "k2").readback == paid
    sink.push("customer", {"id": "1001", "name": "Acme GmbH", "receivable": named}, "k3")
    assert "Assets:Receivable" not in text_of(tmp_path, "books.beancount")
    judged(tmp_path)
