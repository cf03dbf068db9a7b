"""What agreements charge for: their own amount, and their additions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tallystick.connector import Broken, Pulled
from tallystick_connectwise.wire import Api

BILLABLE: Final = {"conditions": 'billCustomer="Billable"'}
"""Additions that nobody is to pay for are no lines."""


def contract_lines(api: Api) -> Iterator[Pulled | Broken]:
    """Lines of every agreement, each with its `agreement`, which says how often it is billed."""
    for row in api.rows("/finance/agreements", {}, "agreement"):
        if isinstance(row, Broken):
            yield row
            continue
        agreement = row.raw
        ref = agreement["id"]
        if agreement.get("billAmount"):
            yield Pulled(
                {
                    "id": f"agreement-{ref}",
                    "description": agreement.get("name"),
                    "quantity": 1,
                    "unitPrice": agreement["billAmount"],
                    "billCustomer": "Billable",
                    "agreement": agreement,
                },
                f"agreement {ref}",
            )
        for addition in api.rows(f"/finance/agreements/{ref}/additions", BILLABLE, "addition"):
            if isinstance(addition, Broken):
                yield addition
            else:
                yield Pulled({**addition.raw, "agreement": agreement}, addition.place)
