"""What lines over other lines come to, from what those come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from tallystick.billing.facts import Facts
from tallystick.records import ContractLine

from .package_oracle import Entry
from .schedule_oracle import bounds, cycles, in_force, rounded, share

OVER = ("discount", "percentage", "commitment")


def named(of: Facts, line: ContractLine) -> set[str]:
    """The lines that a line stands on; `*` is all that stand on none."""
    plain = {one.id for one in of.lines if one.model not in OVER}
    found: set[str] = set()
    for name in names(line):
        found |= plain if name == "*" else {one.id for one in of.lines if name in called(one)}
    return found


def called(line: ContractLine) -> tuple[str, str]:
    """Its id, with and without its connection."""
    return line.id, line.id.partition(":")[2]


def names(line: ContractLine) -> Sequence[str]:
    found: Sequence[str] = line.terms.get("of", ["*"])
    return found


def over(
    of: Facts, line: ContractLine, found: Mapping[str, Sequence[Entry]], until: date, places: int
) -> Iterator[Entry]:
    """The entries of a line due before `until`, `found` being those of lines it stands on."""
    standing = [entry for ref in sorted(named(of, line)) for entry in found.get(ref, ())]
    if line.model == "discount" and line.terms.get("percent") is not None:
        off = Fraction(line.terms["percent"]) / 100
        for one in standing:
            if in_force(of, line, one.start) and bounds(of, line)[0] < until:
                amount = rounded(-off * Fraction(one.amount, 10**places), places)
                due_on = max(one.due_on, bounds(of, line)[0])
                yield one._replace(amount=amount, due_on=due_on)
        return
    for part, whole in cycles(of, line, until):
        if part[-1] >= until:
            continue
        due = [one for one in standing if part[0] <= one.due_on <= part[-1]]
        charged = Fraction(sum(one.amount for one in due), 10**places)
        by_days = share(line.terms.get("proration", "actual_days"), part, whole)
        amount = rounded(agreed(line, charged, by_days), places)
        for category, each in by_category(line, due, amount):
            yield Entry(each, part[-1], part[0], part[-1], category)


def agreed(line: ContractLine, charged: Fraction, by_days: Fraction) -> Fraction:
    """What the line comes to for a part of a cycle, in major units."""
    terms = {key: value for key, value in line.terms.items() if value is not None}
    if line.model == "discount":
        return -max(min(Fraction(terms["amount"]) * by_days, charged), Fraction(0))
    if line.model == "percentage":
        due = charged * Fraction(terms["percent"]) / 100
        most = Fraction(terms["maximum"]) * by_days if "maximum" in terms else due
        least = Fraction(terms["minimum"]) * by_days if "minimum" in terms else min(due, most)
        return max(min(due, most), least)
    most = Fraction(terms["cap"]) * by_days if "cap" in terms else charged
    least = Fraction(terms["minimum"]) * by_days if "minimum" in terms else min(charged, most)
    return max(min(charged, most), least) - charged


def by_category(
    line: ContractLine, due: Sequence[Entry], amount: int
) -> list[tuple[str | None, int]]:
    """An amount over the tax categories of what it stands on, in proportion to what is positive of
    them: minor unit after minor unit to the category that lacks most of its share, of two that
    lack alike to the first by name."""
    own = line.terms.get("tax_category")
    sums: dict[str, int] = {}
    for one in due:
        name = one.category or ""
        sums[name] = sums.get(name, 0) + one.amount
    bearing = {name: sums[name] for name in sorted(sums) if sums[name] > 0}
    if own or not bearing:
        return [(own, amount)]
    exact = {
        name: Fraction(abs(amount) * minor, sum(bearing.values()))
        for name, minor in bearing.items()
    }
    shares = {name: each.__floor__() for name, each in exact.items()}
    while sum(shares.values()) < abs(amount):
        lacking = max(shares, key=lambda name: exact[name] - shares[name])
        shares[lacking] += 1
    sign = -1 if amount < 0 else 1
    return [(name or None, sign * minor) for name, minor in shares.items()]
