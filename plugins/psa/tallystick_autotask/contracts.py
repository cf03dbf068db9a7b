"""What contracts are agreed in and what they charge for: services and bundles, and how many of them
from when on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from tallystick.connector import Broken, Pulled, Raw
from tallystick_autotask.labels import Labels
from tallystick_autotask.wire import Api

_CODE: Final = re.compile(r"^[A-Z]{3}$").match
_DAY: Final = 10


class Sold(NamedTuple):
    """Of which entity something sold is, of which its numbers are, and which field joins them."""

    name: str
    entity: str
    units: str
    by: str


SOLD: Final = (
    Sold("service", "ContractServices", "ContractServiceUnits", "contractServiceID"),
    Sold(
        "bundle", "ContractServiceBundles", "ContractServiceBundleUnits", "contractServiceBundleID"
    ),
)


def contracts(api: Api, labels: Labels, internal: str) -> Iterator[Pulled | Broken]:
    """Every contract, with the `currency` its company is billed in."""
    by_company = _foreign(api)
    for row in api.rows("Contracts", "contract"):
        if isinstance(row, Broken):
            yield row
            continue
        currency = by_company.get(row.raw.get("companyID"), internal)
        yield labels.beside(Pulled({**row.raw, "currency": currency}, row.place), "Contracts")


def _foreign(api: Api) -> dict[Any, str | None]:
    """The currency of companies that are not billed in the internal one; None where its code is not
    told, as a guess would be billed."""
    currencies = {
        row.raw["id"]: row.raw
        for row in api.rows("Currencies", "currency")
        if isinstance(row, Pulled)
    }
    fields = ("id", "currencyID")
    return {
        row.raw["id"]: _code(currencies[row.raw["currencyID"]])
        for row in api.rows("Companies", "company", fields=fields)
        if isinstance(row, Pulled)
        and row.raw.get("currencyID") in currencies
        and not currencies[row.raw["currencyID"]].get("isInternalCurrency")
    }


def _code(currency: Raw) -> str | None:
    told = (currency.get("name"), currency.get("description"))
    return next((one for one in told if isinstance(one, str) and _CODE(one)), None)


def contract_lines(api: Api, labels: Labels) -> Iterator[Pulled | Broken]:
    """A line for each service and bundle of a contract, with its `contract`, the number of units
    there are from its first day on, and a step for each day the number changed."""
    by_id = {
        row.raw["id"]: labels.beside(row, "Contracts").raw
        for row in api.rows("Contracts", "contract")
        if isinstance(row, Pulled)
    }
    for sold in SOLD:
        units = _units(api, sold)
        for row in api.rows(sold.entity, sold.name):
            if isinstance(row, Broken):
                yield row
            else:
                yield _line(labels.beside(row, sold.entity), sold, units, by_id)


def _line(
    row: Pulled, sold: Sold, units: Mapping[Any, list[Raw]], by_id: Mapping[Any, Raw]
) -> Pulled | Broken:
    contract, own = by_id.get(row.raw.get("contractID")), units.get(row.raw["id"], [])
    if contract is None or not contract["labels"].get("contractPeriodType"):
        return _unusable(row, "Its contract, or how often that is billed, is not told.")
    try:
        numbers = sorted((str(one["startDate"])[:_DAY], int(one["units"])) for one in own)
    except (KeyError, TypeError, ValueError):
        return _unusable(row, "One of its numbers of units has no first day, or is no number.")
    if not numbers:
        return _unusable(row, "No number of units is told for any period.")
    first, *later = _steps(dict(numbers))
    raw = row.raw
    described = (raw.get("invoiceDescription"), raw.get("internalDescription"))
    return Pulled(
        {
            **raw,
            "id": f"{sold.name}-{raw['id']}",
            "description": next(filter(None, (*described, *raw["labels"].values())), None),
            "contract": {"id": contract["id"], "labels": contract["labels"]},
            "startsOn": first["since"],
            "quantity": first["quantity"],
            "steps": later,
        },
        row.place,
    )


def _steps(numbers: Mapping[str, int]) -> list[dict[str, Any]]:
    """The days on which there were others than the day before."""
    steps: list[dict[str, Any]] = []
    for day, number in numbers.items():
        if not steps or number != steps[-1]["quantity"]:
            steps.append({"since": day, "quantity": number})
    return steps


def _units(api: Api, sold: Sold) -> Mapping[Any, list[Raw]]:
    """How many there were in each period, by what was sold."""
    fields = ("id", sold.by, "startDate", "units")
    found: defaultdict[Any, list[Raw]] = defaultdict(list)
    for row in api.rows(sold.units, "unit", fields=fields):
        found[row.raw.get(sold.by)].append(row.raw)
    return found


def _unusable(row: Pulled, what: str) -> Broken:
    return Broken(row.place, what, "See the contract in Autotask.", row.raw)
