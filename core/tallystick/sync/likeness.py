"""Likeness: how probable it is that two clients, told differently, are the same one. Pure.

Each field that both tell adds evidence: log2 of how often it comes out so for one client told twice
(m) over how often for two different ones (u). How often by chance is counted in the data at hand,
so that agreeing on `Smith` says less than on `Zeppelin`. The sum, over the odds that any two are
one, is the probability. Source: Fellegi and Sunter, A Theory for Record Linkage, JASA 64 (1969).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

from tallystick.records import Client
from tallystick.sync.fields import FIELDS, Field
from tallystick.sync.names import company, mail_domain, plain, street, tax_number

CROWD: Final = 200
"""A word that more clients of one side share finds no pairs by itself."""
UNSEEN: Final = 100
"""So many further clients, all different, are thought of: eleven say little about chance."""
PICKED: Final = 20_000
"""So many pairs picked at random tell how values compare by chance."""
BITS_MAX: Final = 60.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """`copy` is `home` with this `probability`, for these `reasons`; both are external ids.
    `named` alike: neighbours share all the rest."""

    copy: str
    home: str
    probability: float
    reasons: tuple[str, ...]
    named: bool


def contradiction(one: Client, other: Client) -> str | None:
    """What says that two clients are not the same, whatever is alike."""
    mine, theirs = tax_number(one.vat_id), tax_number(other.vat_id)
    if mine and theirs and mine != theirs:
        return f"VAT ids {one.vat_id} and {other.vat_id} differ"
    if one.country and other.country and plain(one.country) != plain(other.country):
        return f"{one.country} is not {other.country}"
    return None


def likenesses(
    copies: Sequence[Client], homes: Sequence[Client], wanted: Iterable[Client]
) -> Iterator[Likeness]:
    """Every pair of one of the `wanted` copies and a home client that have something in common;
    all `copies` and `homes` say what is common by chance."""
    told = [_Told(field, copies, homes) for field in FIELDS]
    prior = -log2(max(1, len(copies), len(homes)))
    for copy, home in _pairs(list(wanted), homes):
        bits, reasons = prior, []
        for one in told:
            evidence = one.evidence(copy.id, home.id)
            if evidence is not None:
                bits += evidence[0]
                reasons.append(evidence[1])
        if against := contradiction(copy, home):
            bits = -BITS_MAX
            reasons.append(against)
        bounded = max(-BITS_MAX, min(BITS_MAX, bits))
        named = "name differs" not in reasons
        yield Likeness(copy.id, home.id, 1 / (1 + 2**-bounded), tuple(reasons), named)


class _Told:
    """One field as both sides tell it, and how its values compare by chance."""

    def __init__(self, field: Field, copies: Sequence[Client], homes: Sequence[Client]) -> None:
        self._field = field
        self._copies = {one.id: field.of(one) for one in copies}
        self._homes = {one.id: field.of(one) for one in homes}
        self._often = Counter(self._homes.values())
        self._chances = self._picked()

    def _picked(self) -> list[float]:
        """How often two different clients compare at each level: every copy is laid beside some
        homes, always the same; beside all of them, the one it is most like may be itself."""
        homes = [value for value in self._homes.values() if value]
        steps = max(1, min(len(homes), PICKED // max(1, len(self._copies))))
        counts = [*([0.5] * (len(self._field.levels) - 1)), float(UNSEEN)]
        for at, value in enumerate(filter(None, self._copies.values())):
            others = (
                homes[(at * 7 + step * 13 + 1) % len(homes)]
                for step in range(steps if homes else 0)
            )
            found = sorted(self._field.compare(value, other) for other in others)
            for level in found[1:] if steps == len(homes) else found:
                counts[level] += 1
        return [count / sum(counts) for count in counts]

    def evidence(self, copy: str, home: str) -> tuple[float, str] | None:
        """Bits for or against, and in words; None where one side tells nothing."""
        mine, theirs = self._copies[copy], self._homes[home]
        if not mine or not theirs:
            return None
        at = self._field.compare(mine, theirs)
        level, chance = self._field.levels[at], self._chances[at]
        if at == 0:
            chance = self._often[theirs] / (len(self._homes) + UNSEEN)
        return log2(level.share / chance), f"{self._field.name} {level.said}"


def _pairs(copies: Sequence[Client], homes: Sequence[Client]) -> Iterator[tuple[Client, Client]]:
    """The pairs that have a word of their names, a place or a domain in common, each once."""
    at_home = {one.id: one for one in homes}
    of_homes = _blocks(homes)
    found: dict[str, set[str]] = defaultdict(set)
    for word, refs in _blocks(copies).items():
        others = of_homes.get(word, ())
        if len(refs) <= CROWD and len(others) <= CROWD:
            for ref in refs:
                found[ref].update(others)
    for copy in copies:
        for ref in sorted(found[copy.id]):
            yield copy, at_home[ref]


def _blocks(clients: Iterable[Client]) -> Mapping[str, set[str]]:
    blocks: dict[str, set[str]] = defaultdict(set)
    for one in clients:
        words = company(one.name).split()
        keys = {*(("word", word) for word in words)}
        keys |= {("start", word[:4] + other[:1]) for word in words for other in words}
        keys.add(("postcode", plain(one.postcode or "")))
        keys.add(("street", street(one.street or "")))
        keys.add(("domain", mail_domain(one.email, one.domain) or ""))
        for key in keys:
            if key[1]:
                blocks[" ".join(key)].add(one.id)
    return blocks
