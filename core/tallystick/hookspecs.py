"""Every hook, in three shapes: collect, decide, tell. A value is never threaded through hooks.

A hook exists for what core cannot know: who is there, and who wants to be told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from tallystick.billing.charges import ChargeModel
    from tallystick.billing.invoice.proposal import Objection, Proposal
    from tallystick.billing.tax.rates import TaxLine
    from tallystick.connector import Connector
    from tallystick.mapping.converters import Converter
    from tallystick.records import Client

hookspec = pluggy.HookspecMarker("tallystick")
hookimpl = pluggy.HookimplMarker("tallystick")


@hookspec
def tallystick_connectors() -> Iterable[Connector[Any]]:
    """Collect: the connectors this package brings."""
    raise AssertionError("a hook specification is not called")


@hookspec
def tallystick_charge_models() -> Iterable[ChargeModel]:
    """Collect: further ways to price a contract line."""
    raise AssertionError("a hook specification is not called")


@hookspec
def tallystick_converters() -> Iterable[Converter]:
    """Collect: further two-way value converters for mapping files."""
    raise AssertionError("a hook specification is not called")


@hookspec
def tallystick_review_proposal(proposal: Proposal) -> Iterable[Objection]:
    """Collect: reasons why this proposal may not go out unseen."""
    raise AssertionError("a hook specification is not called")


@hookspec(firstresult=True)
def tallystick_match_client(candidate: Client, known: dict[str, Client]) -> str | None:
    """Decide: the key in `known` of the home client that `candidate` is, or None to pass."""
    raise AssertionError("a hook specification is not called")


@hookspec(firstresult=True)
def tallystick_tax(proposal: Proposal) -> Iterable[TaxLine] | None:
    """Decide: the tax of this proposal in place of the table's, or None to leave it to that."""
    raise AssertionError("a hook specification is not called")


@hookspec
def tallystick_invoice_issued(number: str, client: str, gross: str, currency: str) -> None:
    """Tell, after commit: an invoice or credit note has its number."""


@hookspec
def tallystick_payment_settled(invoice: str, amount: str, currency: str) -> None:
    """Tell, after commit: the bank shows money for this invoice."""


@hookspec
def tallystick_payment_failed(invoice: str, amount: str, currency: str, reason: str) -> None:
    """Tell, after commit: a collection was declined or came back."""


@hookspec
def tallystick_run_finished(command: str, report: dict[str, Any]) -> None:
    """Tell, after commit: a command that changes something has ended, with its counts."""
