"""Collection and settlement, each with what the installation brings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from tallystick.cash.collecting import collect as collecting
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.requests import Plan
from tallystick.cash.settling import settle as settling
from tallystick.connector import Collector
from tallystick.engine.collection import collection_of
from tallystick.engine.installation import Installation
from tallystick.engine.progress import Progress
from tallystick.engine.terms import bars, exchange_rates
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.cash import settlements

CollectReport = collecting.CollectReport
SettleReport = settling.SettleReport


def collect(installation: Installation, progress: Progress) -> CollectReport:
    """Ask every payer with a mandate for what their posted invoices leave open."""
    policy = collection_of(installation.config)
    with progress.step("collect") as more:
        report = collecting.collect(
            installation.database,
            channels(installation),
            installation.homes,
            installation.now,
            installation.today,
            more,
            policy.open,
            installation.several,
            lambda name: kept_channel(installation, name),
        )
    report.held += policy.problems
    report.waiting += policy.waiting
    report.set_off += policy.credited.set_off
    report.overpaid += policy.credited.overpaid
    tell_failed(installation, report.declined)
    return report


def intend(installation: Installation) -> Plan:
    """Decide what to collect and commit it, each batch due to be sent at once by whoever advances
    what is unfinished."""
    policy = collection_of(installation.config)
    plan, _ = collecting.intend(
        installation.database,
        channels(installation),
        installation.homes,
        installation.now(),
        installation.today,
        policy.open,
        timedelta(0),
    )
    plan.held += policy.problems
    return plan


def channels(installation: Installation) -> dict[str, Channel]:
    """Every way the installation collects, by connection."""
    sessions = installation.sessions_of(Collector)
    return {name: _channel(installation, name, session) for name, session in sessions}


def kept_channel(installation: Installation, name: str) -> Channel:
    """The way connection `name` collects, as this thread knows it; raises `Stop` when there is no
    such connection any more."""
    if name not in installation.config.connection:
        raise Stop(
            f"Something was sent to connection {name}, and it cannot be asked any more.",
            do="Put it back into tallystick.toml.",
        )
    session = installation.kept_session(name)
    if not isinstance(session, Collector):
        raise Stop(f"Connection {name} does not collect.", do="Correct its `connector`.")
    return _channel(installation, name, session)


def _channel(installation: Installation, name: str, session: Collector) -> Channel:
    connector = installation.connector(name)
    if connector.collects is None:
        raise Stop(
            f"The connector {connector.name!r} collects and does not say how.",
            do="Its descriptor needs `collects`.",
            connection=name,
        )
    return Channel(session, connector.collects, "mandate" in connector.reads)


def providers(installation: Installation) -> dict[str, frozenset[str]]:
    """The connections whose account is at a payment provider - they collect, and tell what moved -
    with the names a bank may call them by."""
    found: dict[str, frozenset[str]] = {}
    for name in installation.config.connection:
        connector = installation.connector(name)
        if connector.collects is not None and "bank_transaction" in connector.reads:
            found[name] = frozenset({connector.name})
    return found


def settle(installation: Installation, progress: Progress) -> SettleReport:
    """Settle invoices from the bank's movements, and tell the plugins what was paid or came
    back."""
    with installation.database.read() as connection:
        banks = settlements.banks(connection)
    with progress.step("settle") as more:
        report = settling.settle(
            installation.database,
            banks,
            installation.today,
            installation.now,
            more,
            exchange_rates(installation.config),
            bars(installation.config),
            installation.config.cash.small_difference,
            providers(installation),
        )
    for invoice, amount in report.settled:
        installation.plugins.tell(
            "tallystick_payment_settled",
            invoice=invoice,
            amount=str(amount.amount),
            currency=amount.currency,
        )
    tell_failed(installation, report.returned)
    return report


def tell_failed(installation: Installation, failed: Iterable[tuple[str, Money, str]]) -> None:
    """Tell the plugins of collections that were declined or came back."""
    for invoice, amount, reason in failed:
        installation.plugins.tell(
            "tallystick_payment_failed",
            invoice=invoice,
            amount=str(amount.amount),
            currency=amount.currency,
            reason=reason,
        )
