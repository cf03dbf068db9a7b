"""What money that no exact rule placed may pay: candidates, each with its reasons. Pure.

Every client the payer may be, or whose invoice is named in some spelling or open by this very
amount, is asked for what the money could settle:

    the invoices named        all of them, or what there is of one
    one invoice               open by the amount, or by it and charges a bank may have kept
    several invoices          the one choice of them that sums to it; credit notes are less
    the oldest first          where the client is known and nothing fits

A candidate is applied unseen only when its score reaches the high bar, when none that places the
money otherwise comes near it, and when no other money could be meant for the same invoice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from tallystick.cash.recognising.evidence import Reason, score, strongest
from tallystick.cash.recognising.sums import sums_to
from tallystick.cash.settling.claims import Claim
from tallystick.money import Money, total

CANDIDATES_MAX = 5


@dataclass(frozen=True, slots=True)
class Bars:
    """From which score a candidate is applied, or shown to a person, and by how much the best
    must lead the next; `charges` is what banks may have kept of a payment, in major units."""

    apply: int = 85
    review: int = 40
    lead: int = 15
    charges: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Money in suspense and what is known of it: the clients its payer may be, the open numbers
    its text may mean, and those that it names, open or not."""

    amount: Money
    payer: Mapping[str, Sequence[Reason]]
    near: Mapping[str, Reason]
    named: Collection[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What each of a client's invoices would take, and why."""

    client: str
    places: tuple[tuple[str, Money], ...]
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        return score(self.reasons)

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(number for number, _ in self.places)


@dataclass
class Open:
    """The open invoices and credit notes of one currency, by number, client and amount."""

    claims: dict[str, Claim]
    by_client: dict[str, list[Claim]] = field(default_factory=dict)
    by_minor: dict[int, list[Claim]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for claim in sorted(self.claims.values(), key=lambda one: (one.due_on, one.number)):
            self.by_client.setdefault(claim.client, []).append(claim)
            self.by_minor.setdefault(claim.open.minor, []).append(claim)


SHIPPED: Final = Bars()


def candidates(waiting: Waiting, open_: Open, bars: Bars) -> list[Candidate]:
    """The best five, best first; of those that place the money alike, the best explained."""
    clients = dict.fromkeys(waiting.payer)
    numbers = [*waiting.near, *waiting.named]
    clients |= dict.fromkeys(open_.claims[one].client for one in numbers if one in open_.claims)
    clients |= dict.fromkeys(one.client for one in open_.by_minor.get(waiting.amount.minor, ()))
    found: dict[tuple[tuple[str, Money], ...], Candidate] = {}
    for client in clients:
        for one in _of_client(waiting, client, open_, bars):
            known = found.get(one.places)
            if known is None or known.score < one.score:
                found[one.places] = one
    shown = [one for one in found.values() if one.score >= bars.review]
    return sorted(shown, key=lambda one: (-one.score, sorted(one.numbers)))[:CANDIDATES_MAX]


def sure(found: Sequence[Candidate], bars: Bars) -> Candidate | None:
    """The one that may be applied unseen, of candidates in order."""
    if not found or found[0].score < bars.apply:
        return None
    if len(found) > 1 and found[0].score - found[1].score < bars.lead:
        return None
    return found[0]


def _of_client(waiting: Waiting, client: str, open_: Open, bars: Bars) -> Iterator[Candidate]:
    claims = open_.by_client.get(client, [])
    who = strongest(waiting.payer.get(client, ()))
    if not who and any(map(_certain, waiting.payer.values())):
        who = ["another_payer"]
    for chosen, why in _choices(waiting, claims, open_, bars):
        places = _spread(chosen, waiting.amount)
        told = [] if "oldest_first" in why else _numbers(waiting, chosen)
        reasons = [*who, *told, *why]
        if set(waiting.named) - {claim.number for claim in chosen}:
            reasons.append("names_another")
        yield Candidate(client, places, tuple(reasons))


def _certain(reasons: Sequence[Reason]) -> bool:
    return bool({"payer_account", "payer_name", "customer_number"} & set(reasons))


def _choices(
    waiting: Waiting, claims: Sequence[Claim], open_: Open, bars: Bars
) -> Iterator[tuple[Sequence[Claim], list[Reason]]]:
    minor = waiting.amount.minor
    kept = Money.rounded(bars.charges, waiting.amount.currency).minor
    due = [claim for claim in claims if claim.open.minor > 0]
    told = {*waiting.near, *waiting.named}
    meant = [claim for claim in due if claim.number in told]
    if meant:
        fits = sum(claim.open.minor for claim in meant) == minor
        one_takes = len(meant) == 1 or minor >= sum(claim.open.minor for claim in meant)
        if fits and len(meant) > 1:
            yield meant, ["sum_of_invoices"]
        elif one_takes and not fits:
            yield meant, ["amount_differs"]
        if len(meant) > 1:
            yield from _sums(meant, minor, len(claims))
    for claim in due:
        if claim.open.minor == minor:
            exact: list[Reason] = ["amount"]
            if len(open_.by_minor[minor]) == 1:
                exact.append("amount_of_no_other")
            yield [claim], exact
        elif 0 < claim.open.minor - minor <= kept:
            yield [claim], ["short_by_charges"]
    yield from _sums(claims, minor, len(claims))
    if due and waiting.payer:
        yield due, ["oldest_first"]


def _sums(
    claims: Sequence[Claim], minor: int, of: int
) -> Iterator[tuple[Sequence[Claim], list[Reason]]]:
    found = sums_to(claims, minor)
    for chosen in found:
        reasons: list[Reason] = ["sum_of_invoices" if len(found) == 1 else "one_of_several_sums"]
        if len(chosen) == of:
            reasons.append("everything_open")
        yield chosen, reasons


def _numbers(waiting: Waiting, chosen: Iterable[Claim]) -> list[Reason]:
    """What the text says of every one of `chosen`; nothing, if it is silent of one."""
    told: list[Reason] = []
    for claim in chosen:
        if claim.number in waiting.named:
            told.append("number")
        elif claim.number in waiting.near:
            told.append(waiting.near[claim.number])
        else:
            return []
    weakest = sorted(told, key=lambda one: score([one]))
    return weakest[:1]


def _spread(chosen: Sequence[Claim], amount: Money) -> tuple[tuple[str, Money], ...]:
    """Each of `chosen` takes what it is open by, as far as the money goes; credit notes whole."""
    left = amount - total((one.open for one in chosen if one.open.minor < 0), amount.currency)
    places: list[tuple[str, Money]] = []
    for claim in chosen:
        taken = claim.open if claim.open.minor < 0 else min(claim.open, left)
        if claim.open.minor > 0:
            left = left - taken
        if taken:
            places.append((claim.number, taken))
    return tuple(places)
