"""Data quality: what is missing to tell a figure, in words beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """What the figures of a whole table rest on. Seconds, except for the counts."""

    seconds: int = 0
    without_contract_s: int = 0
    without_client_s: int = 0
    internal_s: int = 0
    without_cost_rate_s: int = 0
    technicians_without_cost_rate: int = 0
    without_exchange_rate_s: int = 0
    unpaid_s: int = 0
    unapproved_s: int = 0
    costs_without_exchange_rate: int = 0
    quarantined_bookings: int = 0
    assets_without_line: int = 0


def hours(seconds: int) -> str:
    """`5400` as `1.5 h`."""
    return f"{seconds / 3600:,.1f} h"


def notes(uncosted_s: int, unexchanged_s: int, unexchanged_costs: int) -> tuple[str, ...]:
    """Why a row's margin cannot be told."""
    found = []
    if uncosted_s:
        found.append(f"{hours(uncosted_s)} without a cost rate")
    if unexchanged_s:
        found.append(f"{hours(unexchanged_s)} without an exchange rate")
    if unexchanged_costs:
        found.append(f"{_many(unexchanged_costs, 'cost')} without an exchange rate")
    return tuple(found)


def sentences(of: Quality) -> Iterator[str]:
    """What is to be known about the figures, the heaviest first."""
    if of.without_cost_rate_s:
        who = _many(of.technicians_without_cost_rate, "technician")
        yield f"{hours(of.without_cost_rate_s)} by {who} without a cost rate cost nothing here."
    if of.without_exchange_rate_s or of.costs_without_exchange_rate:
        costs = _many(of.costs_without_exchange_rate, "cost")
        yield (
            f"{hours(of.without_exchange_rate_s)} and {costs} could not be exchanged: "
            "their rate is missing in [[exchange_rate]]."
        )
    if of.without_contract_s:
        yield f"{hours(of.without_contract_s)} belong to no contract; they are rows of their own."
    if of.without_client_s:
        yield f"{hours(of.without_client_s)} of them belong to no client either."
    if of.internal_s:
        yield f"{hours(of.internal_s)} are work for the MSP itself."
    if of.unpaid_s:
        yield f"{hours(of.unpaid_s)} are not to be billed to anybody."
    if of.unapproved_s:
        yield f"{hours(of.unapproved_s)} wait for approval in the service desk."
    if of.quarantined_bookings:
        yield f"Not in the hours: {_many(of.quarantined_bookings, 'booking')} in quarantine."
    if of.assets_without_line:
        many = _many(of.assets_without_line, "asset")
        yield f"{many} of clients that pay by the piece count on no contract line."


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
