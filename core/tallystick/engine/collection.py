"""From `[collection]` and `[[dunning]]` to the plain values the collection policy works with."""

from __future__ import annotations

from tallystick.cash.collection import Collection
from tallystick.cash.policy.caps import Caps
from tallystick.cash.policy.decision import Terms
from tallystick.cash.policy.dunning import Step
from tallystick.cash.policy.ladder import Ladder
from tallystick.cash.policy.timing import Timing
from tallystick.config.model import Config


def caps_of(config: Config) -> Caps:
    own = config.collection
    return Caps(own.max_invoice, own.max_run, own.max_day)


def timing_of(config: Config) -> Timing:
    own = config.collection
    return Timing(own.on, own.days, own.working, own.shift, own.minimum)


def ladder_of(config: Config) -> Ladder:
    return Ladder(config.collection.retry_days, config.collection.retry_unknown_days)


def steps_of(config: Config) -> tuple[Step, ...]:
    return tuple(
        Step(one.after_days, one.fee, one.subject or "", one.text or "") for one in config.dunning
    )


def collection_of(config: Config) -> Collection:
    """The policy of one run."""
    own = config.collection
    terms = Terms(timing_of(config), ladder_of(config), caps_of(config), own.plan_grace_days)
    return Collection(terms, config.msp.zone, own.set_off)
