"""What is agreed anew with a client, also for the time that was billed already."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from msgspec.structs import replace

from tallystick.records import Contract, ContractLine

from .books import Known, first_of, some_day
from .models import MODELS, line
from .recurring import CATEGORIES, price

Agreed = tuple[Contract, list[ContractLine]]


def started(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    return replace(one, starts_on=one.starts_on + timedelta(days=chance.randint(-40, 40))), lines


def ended(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    return replace(one, ends_on=some_day(chance, month) + timedelta(days=20)), lines


def cancelled(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    notice = chance.choice([None, 14, 30, 90])
    return replace(one, cancelled_on=some_day(chance, month), notice_days=notice), lines


def renewed(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    return replace(one, ends_on=None, cancelled_on=None, notice_days=None), lines


def paused(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    since = some_day(chance, month)
    until = since + timedelta(days=chance.randint(1, 50))
    return replace(one, terms={"pauses": [{"since": since, "until": until}]}), lines


def with_terms(lines: list[ContractLine], index: int, **terms: Any) -> list[ContractLine]:
    changed = replace(lines[index], terms={**lines[index].terms, **terms})
    return [*lines[:index], changed, *lines[index + 1 :]]


def repriced(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    dear = [index for index, each in enumerate(lines) if "unit_price" in each.terms]
    if not dear:
        return one, lines
    return one, with_terms(lines, chance.choice(dear), unit_price=price(chance))


def retaxed(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    category = chance.choice(CATEGORIES) or "standard"
    return one, with_terms(lines, chance.randrange(len(lines)), tax_category=category)


def added(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    ref = f"psa:{one.id}-N{month}"
    new = line(chance, ref, one.id, one.starts_on, MODELS)
    kept = [each for each in lines if each.id != ref]
    return one, [*kept, replace(new, starts_on=max(one.starts_on, some_day(chance, month)))]


def dropped(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    return one, [each for each in lines if each is not lines[-1]] or lines


def line_ended(chance: Random, one: Contract, lines: list[ContractLine], month: int) -> Agreed:
    index = chance.randrange(len(lines))
    lines[index] = replace(lines[index], ends_on=some_day(chance, month) + timedelta(days=15))
    return one, lines


CHANGES = {
    "start moved": started,
    "contract ended": ended,
    "notice given": cancelled,
    "contract renewed": renewed,
    "contract paused": paused,
    "price changed": repriced,
    "tax category changed": retaxed,
    "line added": added,
    "line removed": dropped,
    "line ended": line_ended,
}


def agree_anew(chance: Random, known: Known, month: int) -> None:
    """One change of a contract or a line, as people make them: late, and of what was billed."""
    ref = chance.choice(list(known.contracts))
    contract, lines = known.contracts[ref], list(known.lines[ref])
    kind = chance.choice(list(CHANGES))
    known.log(f"{first_of(month):%Y-%m}: {kind} ({ref})")
    known.occurred(f"changes: {kind}")
    known.agree(*CHANGES[kind](chance, contract, lines, month))
