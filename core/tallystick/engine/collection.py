"""From `[collection]` and `[[dunning]]` to the plain values the collection policy works with."""

from __future__ import annotations

from tallystick.cash.collecting.collection import Collection
from tallystick.cash.policy.caps import Caps
from tallystick.cash.policy.decision import Terms
from tallystick.cash.policy.dunning import Step
from tallystick.cash.policy.ladder import Ladder
from tallystick.cash.policy.timing import Timing
from tallystick.cash.showing.escalations import Escalation, escalations
from tallystick.config.model import Config
from tallystick.engine.installation import Installation


def caps_of(config: Config) -> Caps:
    own = config.collection
    return Caps(own.max_invoice, own.max_run, own.max_day)


def timing_of(config: Config) -> Timing:
    own = config.collection
    return Timing(own.on, own.days, own.working, own.shift, own.minimum, own.notice_days)


def ladder_of(config: Config) -> Ladder:
    return Ladder(config.collection.retry_days, config.collection.retry_unknown_days)


def steps_of(config: Config) -> tuple[Step, ...]:
    return tuple(
        Step(one.after_days, one.fee, one.subject or "", one.text or "") for one in config.dunning
    )


def collection_of(config: Config) -> Collection:
    """The policy of one run."""
    return Collection(policy_terms(config), config.msp.zone, config.collection.set_off)


def policy_terms(config: Config) -> Terms:
    grace_days = config.collection.plan_grace_days
    return Terms(timing_of(config), ladder_of(config), caps_of(config), grace_days)


def read_escalations(installation: Installation) -> list[Escalation]:
    """The open invoices a person must see to."""
    config = installation.config
    given = (policy_terms(config), len(config.dunning), config.msp.zone)
    with installation.database.read() as connection:
        return escalations(connection, *given, installation.now(), installation.today)
