"""Every error is a sentence: what happened, to which record of which connection, what to do."""

from __future__ import annotations

import pytest

from tallystick.errors import Problem, Retry, SkipRecord, Stop, TallystickError


@pytest.mark.parametrize(
    ("subject", "sentence"),
    [
        ({}, "The hours are negative. Correct the booking."),
        (
            {"record": "booking", "ref": "4711", "connection": "psa", "place": "row 2"},
            "The hours are negative. (booking 4711, connection psa, row 2) Correct the booking.",
        ),
        ({"record": "booking"}, "The hours are negative. (booking) Correct the booking."),
        ({"ref": "4711"}, "The hours are negative. (4711) Correct the booking."),
        ({"connection": "psa"}, "The hours are negative. (connection psa) Correct the booking."),
        ({"place": "line 3"}, "The hours are negative. (line 3) Correct the booking."),
    ],
)
def test_an_error_reads_as_a_sentence(subject: dict[str, str], sentence: str) -> None:
    error = SkipRecord("The hours are negative.", do="Correct the booking.", **subject)
    assert str(error) == sentence
    for part in ("connection", "record", "ref", "place"):
        assert getattr(error, part) == subject.get(part)


@pytest.mark.parametrize("recovery", [Retry, SkipRecord, Stop])
def test_the_three_recoveries_have_one_root_and_are_not_one_another(
    recovery: type[TallystickError],
) -> None:
    error = recovery("It failed.", do="Try again.")
    assert [one for one in (Retry, SkipRecord, Stop) if isinstance(error, one)] == [recovery]
    assert isinstance(error, TallystickError)


def test_a_list_keeps_its_lines_and_what_to_do_is_the_last() -> None:
    error = Stop("Two things:\n  one\n  two\n", do="Mend them.", connection="psa")
    assert str(error) == "Two things:\n  one\n  two\nMend them."


def test_what_to_do_is_never_left_out() -> None:
    with pytest.raises(TypeError, match="do"):
        Stop("It failed.")  # type: ignore[call-arg]  # the missing argument is the point


def test_a_problem_reads_as_a_sentence() -> None:
    problem = Problem("tallystick.toml:12", "The zone is unknown.", "Name an IANA zone.")
    assert str(problem) == "tallystick.toml:12: The zone is unknown. Name an IANA zone."


def test_an_error_becomes_a_problem_at_its_own_place_if_it_knows_one() -> None:
    here = Stop("It failed.", do="Mend it.", place="row 17").as_problem("bookings.csv")
    assert here == Problem("row 17", "It failed.", "Mend it.")
    there = Stop("It failed.", do="Mend it.").as_problem("bookings.csv")
    assert there == Problem("bookings.csv", "It failed.", "Mend it.")
