"""One-off charges: when a date or a ticket makes them due, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from tallystick.billing.charges import Charge
from tallystick.billing.facts import Facts
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import price
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine

from .strategies import book

CONTRACT = Contract(
    id="C",
    client="K",
    name="C",
    currency="EUR",
    starts_on=date(2026, 7, 1),
    ends_on=date(2026, 9, 1),
)


def line(terms: dict[str, object]) -> ContractLine:
    return ContractLine(id="L", contract="C", description="Rollout", model="one_off", terms=terms)


def charges(terms: dict[str, object], until: date, **completed: date) -> tuple[Charge, ...]:
    closed = {ref.replace("__", ":"): day for ref, day in completed.items()}
    facts = Facts(CONTRACT, (line(terms),), completed=closed)
    return price(facts, until, SHIPPED, book("EUR")).charges


def test_a_ticket_is_found_by_its_ref_or_its_plain_id_and_the_exact_name_comes_first() -> None:
    terms = {"unit_price": "10", "ticket": "T1"}
    for name in ("T1", "psa__T1"):
        (found,) = charges(terms, date(2026, 8, 1), **{name: date(2026, 7, 9)})
        assert found.service.start == date(2026, 7, 9)
    (found,) = charges(terms, date(2026, 8, 1), T1=date(2026, 7, 3), psa__T1=date(2026, 7, 9))
    assert found.service.start == date(2026, 7, 3)
    assert charges(terms, date(2026, 8, 1), psa__T11=date(2026, 7, 9)) == ()


def test_a_ticket_is_named_by_all_that_stands_behind_its_connection() -> None:
    terms = {"unit_price": "10", "ticket": "web:7"}
    assert len(charges(terms, date(2026, 8, 1), psa__web__7=date(2026, 7, 9))) == 1
    assert charges({**terms, "ticket": "7"}, date(2026, 8, 1), psa__web__7=date(2026, 7, 9)) == ()


def test_it_says_what_it_was_agreed_for_and_which_milestone_it_is() -> None:
    day = date(2026, 7, 9)
    (found,) = charges({"unit_price": "10", "quantity": "2", "on": day}, date(2026, 8, 1))
    assert (found.group, found.reason) == ("Rollout", ("agreed for 2026-07-09", "2 x 10"))
    part = {"name": "design", "amount": "10", "ticket": "T1"}
    (found,) = charges({"milestones": [part]}, date(2026, 8, 1), psa__T1=day)
    assert found.group == "Rollout: design"
    assert found.reason == ("ticket T1 closed 2026-07-09", "1 x 10")


def test_what_is_due_on_the_horizon_or_outside_the_lines_days_is_not_charged() -> None:
    day = date(2026, 7, 9)
    assert charges({"unit_price": "10", "on": day}, day) == ()
    for other in (date(2026, 6, 30), date(2026, 9, 1)):
        assert charges({"unit_price": "10", "on": other}, date(2026, 12, 1)) == ()


ON = {"on": date(2026, 7, 1)}
REFUSED: list[tuple[dict[str, object], str]] = [
    ({"unit_price": "10"}, "unit_price needs a date (on) or a ticket, and not both"),
    ({"unit_price": "10", "ticket": "T", **ON}, "unit_price needs a date (on) or a ticket"),
    ({"milestones": [{"name": "a", "amount": "1"}]}, "milestone 'a' needs a date (on) or a"),
    ({"milestones": [{"name": "a", "amount": "1", **ON}] * 2}, "there are two milestones 'a'"),
    (
        {"milestones": [{"name": name, "amount": "1", **ON} for name in ("b", "a", "b", "a")]},
        "there are two milestones 'b'",
    ),
    ({"milestones": [{"name": "a", "amount": "1E99", **ON}]}, "is not a plausible figure"),
    ({"milestones": [{"name": "a", "amount": "1", **ON}], **ON}, "each milestone has its own"),
    ({"milestones": []}, "it needs either unit_price or milestones"),
    ({"unit_price": "1", "milestones": [{"name": "a", "amount": "1", **ON}], **ON}, "either"),
]


@pytest.mark.parametrize(("terms", "sentence"), REFUSED)
def test_terms_that_contradict_each_other_are_a_sentence(
    terms: dict[str, object], sentence: str
) -> None:
    with pytest.raises(SkipRecord) as refused:
        SHIPPED["one_off"].read_terms(line(terms))
    assert sentence in str(refused.value)
