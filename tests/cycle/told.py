"""Records as short as they can be written: client K1 with contract C1 from July 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tallystick.records import Asset, Booking, Client, Contract, ContractLine, CostRate, Ticket

OPENED = datetime(2026, 9, 1, 8, tzinfo=UTC)


def client(ref: str = "K1", **more: Any) -> Client:
    return Client(id=ref, name=more.pop("name", f"Client {ref}"), **more)


def contract(ref: str = "C1", of: str = "K1", **more: Any) -> Contract:
    plain: dict[str, Any] = {
        "name": f"Contract {ref}",
        "currency": "EUR",
        "starts_on": date(2026, 7, 1),
    }
    return Contract(id=ref, client=of, **(plain | more))


def fixed(ref: str = "L1", of: str = "C1", price: str = "100.00", **more: Any) -> ContractLine:
    return _line(ref, of, "fixed", {"unit_price": price, **more})


def hourly(ref: str = "L2", of: str = "C1", card: str = "standard") -> ContractLine:
    return _line(ref, of, "time_and_materials", {"rate_card": card})


def devices(ref: str = "L3", of: str = "C1", price: str = "10.00") -> ContractLine:
    return _line(ref, of, "per_unit", {"unit_price": price, "asset_types": ["*"]})


def prepaid(ref: str = "L4", of: str = "C1", price: str = "800.00", **more: Any) -> ContractLine:
    terms = {"quantity": "10", "unit_price": price, "rate_card": "standard", **more}
    return _line(ref, of, "prepaid", terms)


def _line(ref: str, of: str, model: str, terms: dict[str, Any]) -> ContractLine:
    return ContractLine(id=ref, contract=of, description=f"{model} {ref}", model=model, terms=terms)


def booking(ref: str, of: str | None = "K1", day: date = date(2026, 9, 10), **more: Any) -> Booking:
    plain: dict[str, Any] = {"technician": "T1", "seconds": 3600, "work_date": day}
    return Booking(id=ref, client=of, **(plain | more))


def ticket(ref: str, of: str | None = "K1", **more: Any) -> Ticket:
    return Ticket(id=ref, client=of, **({"opened_at": OPENED} | more))


def asset(ref: str, of: str | None = "S1", **more: Any) -> Asset:
    return Asset(id=ref, name=f"pc-{ref}", client=of, type="server", **more)


def cost_rate(ref: str, hourly: str = "40.00", **more: Any) -> CostRate:
    plain: dict[str, Any] = {"technician": "T1", "valid_from": date(2026, 1, 1), "currency": "EUR"}
    return CostRate(id=ref, hourly=Decimal(hourly), **(plain | more))
