"""A client's months billed one after the other by the real functions, each document compared with
the oracle's; then the laws that hold for all that was billed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from random import Random

from tests.billing.contract_oracle import PLACES
from tests.billing.issued import issue

from tallystick.billing.invoice.difference import Billed, difference
from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.tax.rates import Taxing
from tallystick.records import Contract

from .books import MONTHS, START, Known, first_of, taxing
from .client_oracle import Expected, Taxed, expected, taxes
from .coverage import seen
from .happenings import live
from .laws import obey
from .models import lines
from .pricing import priced, proposals


@dataclass
class Run:
    """One client's months: the documents made, and what occurred how often."""

    seed: int
    known: Known
    taxing: Taxing
    documents: list[Proposal] = field(default_factory=list)
    billed: list[Billed] = field(default_factory=list)
    before: Counter[tuple[str, str, Taxed]] = field(default_factory=Counter)

    @property
    def counts(self) -> Counter[str]:
        found = Counter(self.known.counts)
        lines = [line for one in self.documents for line in one.lines]
        found["invoices: all"] = len(self.documents)
        found["invoices: credit notes"] = sum(one.kind == "credit_note" for one in self.documents)
        found["invoices: lines"] = len(lines)
        found["invoices: lines that correct"] = sum(bool(line.corrects) for line in lines)
        billed = {(one.contract, one.line) for one in self.billed}
        return found + seen(self.known, self.taxing, billed)


class Differs(Exception):
    """An invoice that is not what the oracle says, or a law that does not hold: the seed, the
    month, and what was known."""

    def __init__(self, run: Run, month: int, why: Exception) -> None:
        story = "\n  ".join(run.known.story)
        super().__init__(
            f"seed {run.seed}, {first_of(month):%Y-%m}: {why!r}\n  {story}\n{run.known.facts}"
        )


def play(seed: int) -> Run:
    """Bill a random client month by month; raises `Differs` where anything does."""
    chance = Random(seed)
    run = Run(seed, begun(chance), taxing(chance))
    month = 0
    try:
        for month in range(MONTHS):
            live(chance, run.known, month)
            bill(run, month)
        obey(run.known, run.taxing, run.billed, chance)
    except Exception as why:
        raise Differs(run, month, why) from why
    return run


def begun(chance: Random) -> Known:
    known = Known(chance.choice(["EUR", "EUR", "JPY", "KWD"]))
    for number in range(chance.choice([1, 2, 2, 3])):
        ref = f"C{number}"
        agreed = False
        while not agreed:
            start = START + timedelta(days=chance.choice([0, 0, 14, 30, chance.randint(-40, 120)]))
            contract = Contract(
                id=ref,
                client="K",
                name=ref,
                currency=known.currency,
                starts_on=start,
                consolidation=chance.choice([None, None, "both"]),
                po_number=chance.choice([None, None, None, f"PO-{number}"]),
            )
            agreed = known.agree(contract, lines(chance, ref, start))
    return known


def bill(run: Run, month: int) -> None:
    """Issue what is left to bill at the end of the month, if it is what the oracle says."""
    until, facts = first_of(month + 1), run.known.facts
    charges = priced(facts, run.taxing, until).charges
    dues = difference(charges, run.billed, until)
    documents = proposals(dues, facts, run.taxing, until)
    should = expected(run.known, run.taxing, until)
    compare(run, documents, should)
    number = f"R{month}"
    run.billed = issue(run.billed, dues, number)
    run.before = should.due
    run.documents += documents
    assert difference(charges, run.billed, until) == [], "a second run proposes something"


def compare(run: Run, documents: Sequence[Proposal], should: Expected) -> None:
    """Every document comes to what was left to bill of its contracts, and bears its tax."""
    left = {key: minor - run.before[key] for key, minor in should.due.items()}
    left |= {key: -minor for key, minor in run.before.items() if key not in should.due}
    groups: defaultdict[str, dict[tuple[str, str, Taxed], int]] = defaultdict(dict)
    for key, minor in left.items():
        if minor:
            groups[consolidated(run.known.contracts[key[0]])][key] = minor
    for one in documents:
        assert billed_on(one) == groups.pop(one.group, {})
        taxed_right(one, run.taxing)
    assert not groups, "something is not billed"


def taxed_right(one: Proposal, taxing: Taxing) -> None:
    """Lines, taxes and sums against fractions, by what the lines' charges come to."""
    agreed = [sum(one.dues[i].charge.amount.minor for i in line.charges) for line in one.lines]
    on = [tax_on(one, line.charges[0]) for line in one.lines]
    for line, minor, tax in zip(one.lines, agreed, on, strict=True):
        percent = Fraction(tax.percent)
        exact = minor * 100 / (100 + percent) if tax.included else Fraction(minor)
        assert abs(line.net.minor - exact) < (len(line.charges) if tax.included else 1)
    found = taxes(zip(on, agreed, strict=True), taxing, PLACES[one.currency])
    should = {(tax.category, tax.percent): both for tax, both in found.items()}
    mine = {(tax.category, tax.percent): (tax.net.minor, tax.amount.minor) for tax in one.taxes}
    assert mine == should
    assert sum(line.net.minor for line in one.lines) == sum(net for net, _ in should.values())
    assert one.net.minor == sum(net for net, _ in should.values())
    assert one.gross.minor == sum(net + tax for net, tax in should.values())


def consolidated(contract: Contract) -> str:
    if contract.consolidation:
        return contract.consolidation
    return f"PO {contract.po_number}" if contract.po_number else ""


def tax_on(one: Proposal, index: int) -> Taxed:
    charge = one.dues[index].charge
    assert charge.tax_category is not None and charge.tax_percent is not None
    return Taxed(charge.tax_category, charge.tax_percent, charge.tax_included)


def billed_on(one: Proposal) -> dict[tuple[str, str, Taxed], int]:
    """Minor units by contract, line and tax, as the document's charges say."""
    found: Counter[tuple[str, str, Taxed]] = Counter()
    for index, due in enumerate(one.dues):
        found[due.charge.contract, due.charge.line, tax_on(one, index)] += due.charge.amount.minor
    return {key: minor for key, minor in found.items() if minor}
