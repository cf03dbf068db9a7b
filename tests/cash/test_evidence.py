"""What texts, names and sums say, each by itself."""

from __future__ import annotations

import itertools
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from tallystick.cash.recognising.creditor_reference import creditor_reference, grouped
from tallystick.cash.recognising.payers import Payers, bare_name
from tallystick.cash.recognising.spelling import Spellings, one_slip
from tallystick.cash.recognising.sums import sums_to
from tallystick.cash.settling.claims import Claim
from tallystick.cash.settling.numbers import Numbers
from tallystick.money import Money

NUMBERS = ["INV-2026-0417", "INV-2026-0533", "RE/2026/77"]


@pytest.mark.parametrize(
    ("body", "reference"),
    [("539007547034", "RF18539007547034"), ("2348231", "RF712348231")],
)
def test_check_digits_are_those_others_print(body: str, reference: str) -> None:
    """Examples of ISO 11649 as published by banks."""
    assert creditor_reference(body) == reference


def test_a_creditor_reference_names_its_invoice_and_a_mistyped_one_none() -> None:
    numbers = Numbers(["20260417", "20260418", "INV-2026-0417"])
    for number in ("20260417", "INV-2026-0417"):
        printed = grouped(str(creditor_reference(number)))
        for text in (printed, printed.replace(" ", ""), f"danke {printed.lower()} ok"):
            assert numbers.named_in(text) == [number]
    wrong = str(creditor_reference("20260417")).replace("417", "418")
    assert numbers.named_in(wrong) == []
    assert numbers.named_in(f"20260418, not {wrong}") == ["20260418"]


@given(st.text("0123456789ABC", min_size=4, max_size=20), st.data())
def test_no_single_slip_in_a_creditor_reference_names_an_invoice(
    number: str, data: st.DataObject
) -> None:
    """A letter for a digit counts for two of them, and passes as one of 97 references would."""
    reference = str(creditor_reference(number))
    at = data.draw(st.integers(4, len(reference) - 1))
    alike = "0123456789" if reference[at].isdigit() else "ABC"
    char = data.draw(st.sampled_from(alike))
    slipped = reference[:at] + char + reference[at + 1 :]
    meant = slipped[4:]
    assert Numbers([meant]).named_in(slipped) == ([meant] if slipped == reference else [])


@given(st.text("AB01", max_size=7), st.text("AB01", max_size=7))
def test_one_slip_is_a_distance_of_one(one: str, other: str) -> None:
    assert one_slip(one, other) == (OSA.distance(one, other) == 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Rechnung 2026-0417", "number_without_prefix"),
        ("Rg 20260417 vom 3.10.", "number_without_prefix"),
        ("INV-2026-O417", "number_mistyped"),
        ("INV 2026 4017", "number_mistyped"),
        ("INV-2026-417", "number_mistyped"),
        ("Rechnung 0417", "number_ending"),
        ("INV-2026-0999", None),
        ("Miete 417 Euro", None),
    ],
)
def test_a_number_is_known_by_what_is_left_of_it(text: str, reason: str | None) -> None:
    found = Spellings(NUMBERS).near_in(text, [])
    assert found == ({"INV-2026-0417": reason} if reason else {})


def test_what_two_numbers_share_tells_neither() -> None:
    spellings = Spellings(["INV-2026-0417", "INV-2026-0418", "INV-2025-0417"])
    assert spellings.near_in("INV-2026-0419", []) == {
        "INV-2026-0417": "number_mistyped_of_several",
        "INV-2026-0418": "number_mistyped_of_several",
    }
    assert spellings.near_in("nr 0417", []) == {}
    # What is named rightly is no slip of its neighbours.
    assert spellings.near_in("INV-2026-0417", ["INV-2026-0417"]) == {}


def test_a_name_is_one_in_every_spelling() -> None:
    spelled = ["Müller & Söhne GmbH", "MUELLER UND SOEHNE GMBH", "Söhne, Müller"]
    assert {bare_name(name) for name in spelled} == {"MUELLER SOEHNE"}
    assert bare_name("GmbH & Co. KG") == "CO GMBH KG"
    assert bare_name("...") == ""


def test_a_payer_is_told_by_account_name_and_customer_number() -> None:
    acme, twins = frozenset({"psa:1"}), frozenset({"psa:2", "psa:3"})
    payers = Payers(
        {"DE01": acme, "DE02": twins},
        {"ACME": acme, "NORDLICHT SERVICE": twins, "BAKERY HUBER": frozenset({"psa:4"})},
        {"K-10417": "psa:1"},
    )
    assert payers.told_by("DE01", "Acme GmbH", "") == {"psa:1": ["payer_account", "payer_name"]}
    assert payers.told_by("DE02", "", "") == {one: ["account_of_several"] for one in twins}
    assert payers.told_by(None, "Nordlicht Service", "Kd K10417") == {
        **{one: ["name_of_several"] for one in twins},
        "psa:1": ["customer_number"],
    }
    assert payers.told_by(None, "Bakery Hubert", "") == {"psa:4": ["name_alike"]}
    assert payers.told_by(None, "Bakery Meyer", "") == {}


def claims(*minors: int) -> list[Claim]:
    zero = Money.zero("EUR")
    return [
        Claim(f"INV-{at}", "psa:1", Money(minor, "EUR"), zero, date(2026, 10, 1))
        for at, minor in enumerate(minors)
    ]


@given(st.lists(st.integers(-9, 30).filter(bool), max_size=9), st.integers(1, 60))
def test_sums_are_those_of_trying_all(minors: list[int], minor: int) -> None:
    every = claims(*minors)
    wanted = {
        frozenset(claim.number for claim in chosen)
        for size in range(2, len(every) + 1)
        for chosen in itertools.combinations(every, size)
        if sum(claim.open.minor for claim in chosen) == minor and (size <= 8 or size == len(every))
    }
    found = [
        frozenset(claim.number for claim in chosen) for chosen in sums_to(every, minor, most=1000)
    ]
    assert len(found) == len(set(found))
    assert set(found) == wanted


def test_a_client_with_many_invoices_costs_no_time() -> None:
    draw = random.Random(7)
    every = claims(*(draw.randrange(5_000, 200_000) for _ in range(18)))
    whole = sum(claim.open.minor for claim in every)
    assert sums_to(every, whole) == [tuple(sorted(every, key=lambda one: -one.open.minor))]
    assert sums_to(claims(*[100] * 19), 300) == []
