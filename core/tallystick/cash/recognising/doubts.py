"""A named invoice is not paid unseen by somebody else's money. Pure.

A slip in a number can make it another invoice's, so what a payment names is held against who paid
and how much. The money waits for a person

    payer_differs    where the account or the name is known as another client's, or the amount is
                     not what is open and the name is not known to be the client's
    other_amount     where it is not what is open, and just what another invoice is over that
                     nobody has begun to pay: of theirs, or of anybody where no payer is told
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from tallystick.cash.recognising.payers import Payers
from tallystick.cash.settling.claims import Application, Claim
from tallystick.money import Money, total


def doubted(
    payer: tuple[str | None, str | None],
    applications: Sequence[Application],
    told: Collection[str],
    claims: Mapping[str, Claim],
    payers: Payers,
    others_open: Callable[[str | None, Money], Collection[str]],
) -> list[Application]:
    """`applications` of what a `payer` (account and name) paid; or all of their money in suspense
    where payer or amount does not fit. `told` are the numbers it names, `claims` the invoices as
    they are without them; `others_open` names those of a client, or of anybody, that nobody has
    begun to pay and that are over an amount."""
    named = [one for one in applications if one.rule == "remittance" and one.kind == "payment"]
    if not named:
        return list(applications)
    clients = {claims[str(one.invoice)].client for one in named}
    exact = len(named) == len(applications) and all(
        one.amount == claims[str(one.invoice)].open for one in named
    )
    whole = total((one.amount for one in applications), applications[0].amount.currency)
    if not fits(payer, clients, payers, exact=exact):
        return [Application("suspense", whole, "payer_differs")]
    whose: Collection[str | None] = clients if any(payer) else [None]
    if not exact and any(set(others_open(client, whole)) - set(told) for client in whose):
        return [Application("suspense", whole, "other_amount")]
    return list(applications)


def fits(
    payer: tuple[str | None, str | None], clients: set[str], payers: Payers, *, exact: bool
) -> bool:
    """Whether the payer may well be one of `clients`, paying just what is open or not."""
    account, name = payer
    by_account = payers.accounts.get(account or "", frozenset())
    same, alike = payers.by_name(name or "")
    if by_account & clients or same & clients:
        return True
    if by_account or same:
        return False
    return exact or not any(payer) or bool(alike & clients) or not payers.names_of(clients)
