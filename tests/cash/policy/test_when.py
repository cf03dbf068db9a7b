"""When an invoice is debited, and when it is tried again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.windows import Window, begins_on
from tallystick.cash.policy.days import shifted
from tallystick.cash.policy.ladder import Failure, Ladder, next_try
from tallystick.cash.policy.reasons import GOCARDLESS, KNOWN, SEPA, STRIPE, reason_of, told
from tallystick.cash.policy.timing import On, Timing, debit_day, too_little
from tallystick.money import Money

DE = Window(days="mon-fri", calendar="DE", on_holidays="closed")
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("timing", "day"),
    [
        (Timing(), date(2026, 10, 15)),
        (Timing(days=-2), date(2026, 10, 13)),
        (Timing("issue", 3), date(2026, 10, 4)),
        (Timing("issue", 3, DE, "after"), date(2026, 10, 5)),
        (Timing("issue", 3, DE, "before"), date(2026, 10, 2)),
        (Timing("due", -30), date(2026, 10, 1)),
        (Timing("never"), None),
        (Timing("issue", 0, notice_days=14), date(2026, 10, 15)),
        (Timing("due", 3, notice_days=14), date(2026, 10, 18)),
        (Timing("issue", 3, DE, "before", notice_days=9), date(2026, 10, 12)),
    ],
)
def test_the_day_of_a_debit(timing: Timing, day: date | None) -> None:
    assert debit_day(date(2026, 10, 1), date(2026, 10, 15), timing) == day


def test_a_holiday_on_which_it_was_issued_is_passed_forwards() -> None:
    issued = date(2026, 10, 3)  # a Saturday, and the day of German unity
    day = debit_day(issued, issued, Timing("due", 0, DE, "before"))
    assert day == date(2026, 10, 5)


@given(
    DAYS,
    st.integers(0, 60),
    st.sampled_from(["due", "issue"]),
    st.integers(-60, 60),
    st.integers(0, 20),
)
def test_a_debit_is_on_a_working_day_and_not_before_its_notice_is_over(
    issued: date, terms: int, on: On, days: int, notice: int
) -> None:
    for shift in ("after", "before"):
        shifts = "after" if shift == "after" else "before"
        timing = Timing(on, days, DE, shifts, notice_days=notice)
        day = debit_day(issued, issued + timedelta(days=terms), timing)
        assert day is not None
        assert day >= issued + timedelta(days=notice)
        assert begins_on(DE, day)


def test_one_working_day_a_week_is_enough() -> None:
    saturdays = Window(days="sat")
    assert shifted(date(2026, 10, 5), saturdays, "after") == date(2026, 10, 10)
    assert shifted(date(2026, 10, 5), saturdays, "before") == date(2026, 10, 3)


def test_too_little_waits_until_the_client_owes_more() -> None:
    timing = Timing(minimum={"EUR": Decimal("5.00")})
    little, more = Money.exact("2.00", "EUR"), Money.exact("3.00", "EUR")
    assert too_little({"INV-1": little}, timing) == {"INV-1"}
    assert too_little({"INV-1": little, "INV-2": more}, timing) == set()
    assert too_little({"INV-1": Money.exact("2.00", "USD")}, timing) == set()


def test_the_ladder_counts_from_each_failure() -> None:
    failures = [Failure(date(2026, 10, 1), "AM04")]
    assert next_try(failures, Ladder(), Timing()).on == date(2026, 10, 4)
    failures.append(Failure(date(2026, 10, 4), "insufficient_funds"))
    assert next_try(failures, Ladder(), Timing()).on == date(2026, 10, 9)
    failures.append(Failure(date(2026, 10, 9), "AM04"))
    assert next_try(failures, Ladder(), Timing()).on == date(2026, 10, 16)
    failures.append(Failure(date(2026, 10, 16), "AM04"))
    after = next_try(failures, Ladder(), Timing())
    assert (after.on, after.why) == (None, "it was collected 4 times and came back each time")


def test_a_next_try_waits_for_a_working_day() -> None:
    failed = [Failure(date(2026, 9, 30), "AM04")]
    assert next_try(failed, Ladder(), Timing(working=DE, shift="before")).on == date(2026, 10, 5)


@given(st.sampled_from(sorted(KNOWN)), DAYS)
def test_what_is_hard_or_without_mandate_is_never_tried_again(code: str, day: date) -> None:
    ladder = Ladder(soft=(1, 2), unknown=(4,))
    again = next_try([Failure(day, code)], ladder, Timing())
    wanted = {"soft": 1, "unknown": 4}.get(reason_of(code).kind)
    assert again.on == (None if wanted is None else day + timedelta(days=wanted))
    assert told(code) in again.why


def test_no_two_sources_disagree_on_a_code() -> None:
    for code in KNOWN:
        kinds = {source[code].kind for source in (SEPA, STRIPE, GOCARDLESS) if code in source}
        assert len(kinds) == 1, code
    assert reason_of("AB99").kind == "unknown"
    assert (told("AB99"), told("")) == ("AB99", "no reason given")
