"""Clients and their mandates: read whole once, then by what changed; ours are found again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from tallystick.connector import Broken, Cursor, Pulled, Whole
from tallystick.errors import Retry, Stop
from tallystick.records import Client, Mandate
from tallystick_stripe.customers import Customers
from tallystick_stripe.session import StripeSession

from .conftest import Clock
from .server import FakeStripe
from .world import World


def pulled(session: StripeSession, record: str, since: str | None = None) -> tuple[list, str]:
    kind = {"client": Client, "mandate": Mandate}[record]
    items = list(session.pull(record, since))
    records = [kind(**item.raw) for item in items if isinstance(item, Pulled)]
    [token] = [item.token for item in items if isinstance(item, Cursor)]
    return records, token


def test_every_method_we_collect_from_is_a_mandate(session: StripeSession, world: World) -> None:
    ours = world.customer(name="Contoso", metadata={"tallystick_client": "psa:1001"})["id"]
    other = world.customer(email="ap@fabrikam.example")["id"]
    card = world.method(ours, name="Ada Lovelace")["id"]
    debit = world.method(other, kind="us_bank_account", name="")["id"]
    mandates, _ = pulled(session, "mandate")
    assert {one.id: one for one in mandates} == {
        card: Mandate(
            id=card,
            client="psa:1001",
            scheme="card",
            payer=ours,
            holder="Ada Lovelace",
            signed_on=date(2026, 11, 2),
            expires_on=date(2031, 1, 1),
        ),
        debit: Mandate(
            id=debit,
            client=other,
            scheme="ach_debit",
            payer=other,
            holder="ap@fabrikam.example",
            signed_on=date(2026, 11, 2),
        ),
    }
    clients, _ = pulled(session, "client")
    assert {(one.id, one.name, one.email) for one in clients} == {
        (ours, "Contoso", None),
        (other, "ap@fabrikam.example", "ap@fabrikam.example"),
    }


def test_afterwards_only_what_changed_is_asked_for(
    session: StripeSession, world: World, fake: FakeStripe, clock: Clock
) -> None:
    customer = world.customer(name="Contoso")["id"]
    kept, gone = world.method(customer), world.method(customer)
    clock.pass_(minutes=10)
    token = pulled(session, "mandate")[1]
    clock.pass_(hours=1)
    before = len(fake.requests)
    assert pulled(session, "mandate", token)[0] == []
    assert len(fake.requests) - before == 1
    world.detach(gone)
    new = world.method(customer, kind="sepa_debit")
    changed, _ = pulled(session, "mandate", token)
    assert {one.id: one.revoked_on for one in changed} == {
        gone["id"]: date(2026, 11, 2),
        new["id"]: None,
    }
    assert kept["id"] not in {one.id for one in changed}


def test_a_longer_pause_than_events_are_kept_reads_everything_again(
    session: StripeSession, world: World, clock: Clock
) -> None:
    method = world.method(world.customer(name="Contoso")["id"])
    token = pulled(session, "mandate")[1]
    clock.pass_(days=30)
    assert [one.id for one in pulled(session, "mandate", token)[0]] == [method["id"]]
    whole = [isinstance(one, Whole) for one in session.pull("mandate", token)]
    assert whole == [False, True, False]  # what is not among these is gone
    assert not any(isinstance(one, Whole) for one in session.pull("mandate", _now(clock)))


def _now(clock: Clock) -> str:
    return json.dumps({"until": clock.seconds()})


def test_a_client_is_one_customer_however_often_it_is_pushed(
    session: StripeSession, world: World, fake: FakeStripe
) -> None:
    assert session.find("client", "psa:1001") is None
    fake.faults.extend(["lost"] * 5)
    with pytest.raises(Retry):
        session.push("client", {"name": "Contoso", "email": "ap@contoso.example"}, "psa:1001")
    fake.faults.extend([""] + ["lost"] * 5)
    with pytest.raises(Retry):
        session.push("client", {"name": "Contoso", "email": "ap@contoso.example"}, "psa:1001")
    ref = session.push("client", {"name": "Contoso AG"}, "psa:1001")
    [customer] = world.store["customer"].values()
    assert ref == session.find("client", "psa:1001")
    assert (ref.id, ref.readback["name"]) == (customer["id"], "Contoso AG")
    assert customer["metadata"] == {"tallystick_client": "psa:1001"}


def test_an_event_that_shows_late_is_not_missed(
    session: StripeSession, world: World, clock: Clock
) -> None:
    customer = world.customer(name="Contoso")["id"]
    clock.pass_(hours=1)
    token = pulled(session, "mandate")[1]
    clock.pass_(minutes=-4)
    late = world.method(customer)
    clock.pass_(minutes=4)
    assert [one.id for one in pulled(session, "mandate", token)[0]] == [late["id"]]


def test_two_processes_at_once_make_one_customer(
    open_session: Callable[..., StripeSession], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Customers, "_search", lambda *_: None)  # neither sees the other's yet
    for _ in range(2):
        open_session().push("client", {"name": "Contoso"}, "psa:1001")
    assert len(world.store["customer"]) == 1


@pytest.mark.parametrize("kind", ["client", "mandate"])
def test_one_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(
    session: StripeSession, world: World, fake: FakeStripe, kind: str
) -> None:
    first, second = world.customer(name="Contoso"), world.customer(name="Fabrikam")
    world.method(first["id"])
    good, bad = world.method(second["id"]), {"client": second, "mandate": None}[kind]
    bad = bad or world.method(second["id"])
    bad.update(created="yesterday", metadata=7)
    items = list(session.pull(kind, None))
    assert [item.place.split()[-1] for item in items if isinstance(item, Broken)] == [bad["id"]]
    assert len([item for item in items if isinstance(item, Pulled)]) == 1 + (kind == "mandate")
    assert good["customer"] == second["id"]
    assert not any(isinstance(item, Whole) for item in items)
    fake.violations.clear()


def test_what_stripe_has_nothing_of_stops(session: StripeSession) -> None:
    with pytest.raises(Stop, match="no ticket"):
        list(session.pull("ticket", None))
    with pytest.raises(Stop, match="no invoice"):
        session.push("invoice", {}, "K")
